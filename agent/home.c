#include "agent/home.h"

#include "base/num.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

enum { Z85_SIZE = 41, CONF_BYTES = 64 * 1024 };
enum { DEFAULT_MAX_AGE_H = 24, DEFAULT_QUOTA_MB = 2048 };
static const int64_t hour_ms = 3600 * 1000;

/* ---- agent.conf */

typedef enum conf_kind { CONF_TEXT, CONF_HOURS, CONF_MEGABYTES } conf_kind;

static const struct conf_key {
    const char *name;
    conf_kind kind;
    size_t offset, size; /* size: of a text */
    int64_t low, high;
} conf_keys[] = {
    {"server", CONF_TEXT, offsetof(home, endpoint), sizeof((home *)0)->endpoint, 0, 0},
    {"partner", CONF_TEXT, offsetof(home, partner), sizeof((home *)0)->partner, 0, 0},
    {"agent", CONF_TEXT, offsetof(home, agent), sizeof((home *)0)->agent, 0, 0},
    {"max_age_hours", CONF_HOURS, offsetof(home, max_age_ms), 0, 1, 24 * 366},
    {"spool_quota_mb", CONF_MEGABYTES, offsetof(home, spool_quota), 0, 1, 1024 * 1024},
};

static const struct conf_key *conf_key_of(str name) {
    for (size_t i = 0; i < ARRAY_LEN(conf_keys); i++)
        if (str_is(name, conf_keys[i].name)) return &conf_keys[i];
    return NULL;
}

static bool conf_set(home *h, const struct conf_key *k, str value, unsigned line, err *e) {
    void *at = (char *)h + k->offset;
    int64_t v;
    if (k->kind == CONF_TEXT) {
        if (value.n >= k->size || !text_clean(value))
            return err_set(e, ERR_CONFIG, "line %u: %s: at most %zu bytes of text", line, k->name, k->size - 1);
        (void)str_copy_z(value, at, k->size);
        return true;
    }
    if (!dec_parse(value, 0, &v, NULL) || v < k->low || v > k->high)
        return err_set(e, ERR_CONFIG, "line %u: %s = '%.*s': wanted a number from %lld to %lld", line, k->name,
                       STR_ARG(str_take(value, 40)), (long long)k->low, (long long)k->high);
    if (k->kind == CONF_HOURS) *(int64_t *)at = v * hour_ms;
    else
        *(uint64_t *)at = (uint64_t)v << 20;
    return true;
}

bool home_conf_parse(str text, home *h, err *e) {
    str line, rest = text;
    h->max_age_ms = DEFAULT_MAX_AGE_H * hour_ms;
    h->spool_quota = (uint64_t)DEFAULT_QUOTA_MB << 20;
    for (unsigned no = 1; str_split(&rest, '\n', &line); no++) {
        str name, value = str_trim(line);
        if (value.n == 0 || value.p[0] == '#') continue;
        size_t eq = str_find(value, STR("="));
        if (eq == SIZE_MAX) return err_set(e, ERR_CONFIG, "line %u: wanted 'key = value'", no);
        name = str_trim(str_take(value, eq));
        const struct conf_key *k = conf_key_of(name);
        if (k == NULL) return err_set(e, ERR_CONFIG, "line %u: unknown key '%.*s'", no, STR_ARG(str_take(name, 40)));
        TRY(conf_set(h, k, str_trim(str_skip(value, eq + 1)), no, e));
    }
    return true;
}

static bool conf_load(const char *dir, home *h, err *e) {
    char path[PATH_SIZE];
    AUTO(buf) text = {0};
    TRY(path_join(path, sizeof path, dir, "agent.conf", e));
    if (file_exists(path)) TRY(file_read(path, CONF_BYTES, &text, e));
    return home_conf_parse(buf_str(&text), h, e) || err_wrap(e, "%s", path);
}

/* Settings that people wrote stay; what enrolment says is said anew. */
static bool conf_save(const char *dir, const home_identity *id, err *e) {
    char path[PATH_SIZE];
    AUTO(buf) old = {0};
    AUTO(buf) made = {0};
    TRY(path_join(path, sizeof path, dir, "agent.conf", e));
    if (file_exists(path)) TRY(file_read(path, CONF_BYTES, &old, e));
    buf_printf(&made, "server = %s\npartner = %s\nagent = %s\n", id->endpoint, id->partner, id->agent);
    str line, rest = buf_str(&old);
    while (str_split(&rest, '\n', &line)) {
        str name = str_trim(str_take(line, str_find(line, STR("=")) == SIZE_MAX ? 0 : str_find(line, STR("="))));
        bool ours = str_is(name, "server") || str_is(name, "partner") || str_is(name, "agent");
        if (ours || str_trim(line).n == 0) continue;
        buf_add(&made, line);
        buf_byte(&made, '\n');
    }
    return file_write(path, buf_str(&made), 0600, e);
}

/* ---- keys */

bool key_load(const char *path, uint8_t out[static KEY_SIZE], err *e) {
    AUTO(buf) text = {0};
    struct stat st;
    if (stat(path, &st) == 0 && (st.st_mode & 077) != 0)
        return err_set(e, ERR_CONFIG, "%s: others can read it (chmod 600 %s)", path, path);
    TRY(file_read(path, 256, &text, e));
    str z = str_trim(buf_str(&text));
    char copy[Z85_SIZE];
    if (z.n != Z85_SIZE - 1 || zmq_z85_decode(out, str_copy_z(z, copy, sizeof copy)) == NULL)
        return err_set(e, ERR_CONFIG, "%s: not a key (wanted 40 characters of Z85)", path);
    return true;
}

bool key_save(const char *path, const uint8_t key[static KEY_SIZE], err *e) {
    char text[Z85_SIZE + 1];
    ASSERT(zmq_z85_encode(text, key, KEY_SIZE) != NULL);
    text[Z85_SIZE - 1] = '\n';
    bool ok = file_write(path, str_from(text, Z85_SIZE), 0600, e);
    sodium_memzero(text, sizeof text);
    return ok;
}

void key_public(const uint8_t secret[static KEY_SIZE], uint8_t out[static KEY_SIZE]) {
    ASSERT(crypto_scalarmult_base(out, secret) == 0);
}

bool home_privacy_key(const char *dir, uint8_t out[static KEY_SIZE]) {
    char path[PATH_SIZE];
    err none;
    return path_join(path, sizeof path, dir, "privacy.key", &none) && file_exists(path) && key_load(path, out, &none);
}

bool home_keep_privacy_key(const char *dir, const uint8_t key[static KEY_SIZE], err *e) {
    char path[PATH_SIZE];
    TRY(path_join(path, sizeof path, dir, "privacy.key", e));
    return key_save(path, key, e);
}

static bool enrolled(const char *dir) {
    char path[PATH_SIZE];
    err e;
    return path_join(path, sizeof path, dir, "server.pub", &e) && file_exists(path);
}

static bool pending_path(const char *dir, char out[static PATH_SIZE], err *e) {
    return path_join(out, PATH_SIZE, dir, enrolled(dir) ? "agent.secret.new" : "agent.secret", e);
}

bool home_pending_key(const char *dir, uint8_t secret[static KEY_SIZE], err *e) {
    char path[PATH_SIZE];
    TRY(pending_path(dir, path, e));
    if (file_exists(path)) return key_load(path, secret, e);
    randombytes_buf(secret, KEY_SIZE);
    return key_save(path, secret, e);
}

bool home_enrolled(const char *dir, const home_identity *id, err *e) {
    char pending[PATH_SIZE], final[PATH_SIZE], server[PATH_SIZE];
    TRY(pending_path(dir, pending, e));
    TRY(path_join(final, sizeof final, dir, "agent.secret", e));
    TRY(path_join(server, sizeof server, dir, "server.pub", e));
    TRY(conf_save(dir, id, e));
    if (strcmp(pending, final) != 0) {
        if (rename(pending, final) != 0)
            return err_set(e, ERR_INTERNAL, "%s: cannot rename to %s: %s", pending, final, strerror(errno));
        TRY(file_sync_dir(dir, e));
    }
    return key_save(server, id->server, e);
}

/* ---- the folder */

bool home_path(const home *h, const char *name, char out[static PATH_SIZE], err *e) {
    return path_join(out, PATH_SIZE, h->dir, name, e);
}

bool home_load(const char *dir, home *out, err *e) {
    home h = {.lock_fd = -1};
    char path[PATH_SIZE];
    if (!enrolled(dir))
        return err_set(e, ERR_CONFIG, "%s: not enrolled (channel-agent --home %s enroll --server … --token …)", dir,
                       dir);
    (void)str_copy_z(str_of(dir), h.dir, sizeof h.dir);
    TRY(conf_load(dir, &h, e));
    TRY(home_path(&h, "agent.secret", path, e) && key_load(path, h.secret, e));
    TRY(home_path(&h, "server.pub", path, e) && key_load(path, h.server, e));
    if (h.endpoint[0] == '\0') return err_set(e, ERR_CONFIG, "%s/agent.conf: no server", dir);
    key_public(h.secret, h.public_key);
    *out = h;
    return true;
}

bool home_prepare(const char *dir, err *e) {
    static const char *const rooms[] = {"spool", "inbox", "archive", "reports", "mappings"};
    char path[PATH_SIZE];
    TRY(file_mkdirs(dir, 0700, e));
    for (size_t i = 0; i < ARRAY_LEN(rooms); i++) {
        TRY(path_join(path, sizeof path, dir, rooms[i], e));
        TRY(file_mkdirs(path, 0700, e));
    }
    return true;
}

bool home_lock(home *h, err *e) {
    char path[PATH_SIZE];
    TRY(home_path(h, "lock", path, e));
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return err_set(e, ERR_INTERNAL, "%s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int why = errno;
        (void)close(fd);
        return err_set(e, why == EWOULDBLOCK ? ERR_CONFLICT : ERR_INTERNAL, "%s: another process works in this home",
                       h->dir);
    }
    h->lock_fd = fd;
    return true;
}

void home_close(home *h) {
    if (h->lock_fd >= 0) (void)close(h->lock_fd);
    h->lock_fd = -1;
    sodium_memzero(h->secret, sizeof h->secret);
}

static int is_home(const struct dirent *d) {
    return d->d_name[0] != '.';
}

bool homes_list(const char *dir, char ***out, size_t *n, err *e) {
    struct dirent **found;
    char path[PATH_SIZE];
    int count = scandir(dir, &found, is_home, alphasort);
    if (count < 0) return err_set(e, ERR_NOT_FOUND, "%s: %s", dir, strerror(errno));
    char **list = calloc((size_t)count + 1, sizeof *list);
    ASSERT(list != NULL);
    *n = 0;
    for (int i = 0; i < count; i++) {
        if (path_join(path, sizeof path, dir, found[i]->d_name, e) && enrolled(path)) list[(*n)++] = strdup(path);
        free(found[i]);
    }
    free(found);
    *out = list;
    if (*n) return true;
    homes_free(list, 0);
    return err_set(e, ERR_CONFIG, "%s: no enrolled home in it", dir);
}

void homes_free(char **list, size_t n) {
    for (size_t i = 0; i < n; i++) free(list[i]);
    free(list);
}
