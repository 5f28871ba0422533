#include "tools/channelctl/client.h"

#include "base/file.h"
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char socket_name[] = "/admin.sock";

const char *client_endpoint(const client *c) {
    static char at[PATH_SIZE + 32];
    if (c->server != NULL) return c->server;
    const char *dir = c->data ? c->data : getenv("CHANNELD_DIR"), *server = getenv("CHANNELCTL_SERVER");
    if (c->data == NULL && server && *server) return server;
    if (dir == NULL || *dir == '\0') return NULL;
    (void)snprintf(at, sizeof at, "ipc://%s%s", dir, socket_name);
    return at;
}

const char *client_folder(const client *c) {
    static char dir[PATH_SIZE];
    if (c->data != NULL) return c->data;
    const char *at = client_endpoint(c);
    size_t scheme = strlen("ipc://"), tail = strlen(socket_name);
    if (at == NULL || strncmp(at, "ipc://", scheme) != 0 || strlen(at) < scheme + tail) return NULL;
    str path = str_skip(str_of(at), scheme);
    if (!str_ends(path, str_of(socket_name)) || path.n - tail >= sizeof dir) return NULL;
    return str_copy_z(str_take(path, path.n - tail), dir, sizeof dir);
}

bool client_alive(const char *endpoint) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (strncmp(endpoint, "ipc://", 6) != 0) return true;
    if (strlen(endpoint + 6) >= sizeof to.sun_path) return false;
    memcpy(to.sun_path, endpoint + 6, strlen(endpoint + 6) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool alive = fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
    if (fd >= 0) (void)close(fd);
    return alive;
}

bool client_open_folder(const client *c, kv **out, err *e) {
    const char *dir = client_folder(c);
    if (dir == NULL)
        return err_set(e, ERR_USAGE, "%s: works on the daemon's folder: give --data DIR", c->command->name);
    return store_open(dir, 0, true, out, e);
}
