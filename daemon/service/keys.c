#include "daemon/service/keys.h"

#include "base/file.h"
#include <zmq.h>

static bool read_key(const char *path, char out[static Z85_KEY], err *e) {
    AUTO(buf) text = {0};
    uint8_t raw[32];
    TRY(file_read(path, 256, &text, e));
    str key = str_trim(buf_str(&text));
    if (key.n != Z85_KEY - 1 || zmq_z85_decode(raw, str_copy_z(key, out, Z85_KEY)) == NULL)
        return err_set(e, ERR_CONFIG, "%s: not a CURVE key (40 letters of Z85)", path);
    return true;
}

static bool write_key(const char *path, const char *key, err *e) {
    char line[Z85_KEY + 1];
    memcpy(line, key, Z85_KEY - 1);
    line[Z85_KEY - 1] = '\n';
    return file_write(path, str_from(line, Z85_KEY), 0600, e);
}

bool keys_load(const char *dir, server_keys *out, err *e) {
    char secret[PATH_SIZE], public_key[PATH_SIZE];
    TRY(path_join(secret, sizeof secret, dir, "server.secret", e));
    TRY(path_join(public_key, sizeof public_key, dir, "server.pub", e));
    if (!file_exists(secret)) {
        if (zmq_curve_keypair(out->public_key, out->secret) != 0)
            return err_set(e, ERR_INTERNAL, "this libzmq has no CURVE");
        TRY(write_key(public_key, out->public_key, e));
        return write_key(secret, out->secret, e); /* last: its presence says both are there */
    }
    TRY(read_key(secret, out->secret, e));
    TRY(read_key(public_key, out->public_key, e));
    char derived[Z85_KEY];
    if (zmq_curve_public(derived, out->secret) != 0 || strcmp(derived, out->public_key) != 0)
        return err_set(e, ERR_CONFIG, "%s does not belong to %s", public_key, secret);
    return true;
}
