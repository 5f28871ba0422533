/* home — the folder of one agent: who it is and where its centre is.
 *   agent.secret   its CURVE secret key, Z85, 0600            agent.conf   key = value, one a line
 *   server.pub     the centre's public key, Z85, 0600: pinned; being there means "enrolled"
 *   privacy.key    with which phones are hashed, Z85, 0600
 *   spool/  inbox/  archive/YYYY-MM/  reports/  mappings/      lock, run.sock: one process a home */
#ifndef AGENT_HOME_H
#define AGENT_HOME_H

#include "base/err.h"
#include "base/file.h"
#include "proto/limits.h"

enum { KEY_SIZE = 32 };

typedef struct home {
    char dir[PATH_SIZE];
    int lock_fd; /* -1: not held */
    uint8_t secret[KEY_SIZE], public_key[KEY_SIZE], server[KEY_SIZE];
    char endpoint[256]; /* tcp://HOST:PORT */
    char partner[LIMIT_ID + 1], agent[LIMIT_ID + 1];
    int64_t max_age_ms;   /* status turns red when nothing was committed for so long while something waits */
    uint64_t spool_quota; /* bytes */
} home;

/** Read keys and agent.conf. ERR_CONFIG when not enrolled, or when a line of agent.conf is wrong ("line N: …"). */
MUST_USE bool home_load(const char *dir, home *out, err *e);
/** Parse agent.conf alone into *h. */
MUST_USE bool home_conf_parse(str text, home *h, err *e);
/** Make the folder and its rooms; existing ones are fine. */
MUST_USE bool home_prepare(const char *dir, err *e);
/** Be the only process that writes here. ERR_CONFLICT when another one is. Let go by home_close or the process's end.
 */
MUST_USE bool home_lock(home *h, err *e);
void home_close(home *h);
/** DIR/name. */
MUST_USE bool home_path(const home *h, const char *name, char out[static PATH_SIZE], err *e);

/* keys */

/** Z85 text of a key file, which nobody else may be able to read. ERR_NOT_FOUND when absent. */
MUST_USE bool key_load(const char *path, uint8_t out[static KEY_SIZE], err *e);
MUST_USE bool key_save(const char *path, const uint8_t key[static KEY_SIZE], err *e);
void key_public(const uint8_t secret[static KEY_SIZE], uint8_t out[static KEY_SIZE]);

/** The deployment's privacy key, DIR/privacy.key. False: this home has none, and what must be hashed is dropped. */
bool home_privacy_key(const char *dir, uint8_t out[static KEY_SIZE]);
MUST_USE bool home_keep_privacy_key(const char *dir, const uint8_t key[static KEY_SIZE], err *e);

/* what enrolment leaves behind */

typedef struct home_identity {
    const char *endpoint, *partner, *agent;
    const uint8_t *server; /* KEY_SIZE bytes */
} home_identity;
/** Where the key of an enrolment under way lives: agent.secret in a new home, agent.secret.new in an enrolled one. The
 *  key is made when there is none, so an interrupted enrolment asks again with the same one. */
MUST_USE bool home_pending_key(const char *dir, uint8_t secret[static KEY_SIZE], err *e);
/** Enrolled: agent.conf (other settings in it are kept), the key, and last server.pub. */
MUST_USE bool home_enrolled(const char *dir, const home_identity *id, err *e);

/** The folder names below DIR that are enrolled homes, in order; count in *n; free with homes_free. */
MUST_USE bool homes_list(const char *dir, char ***out, size_t *n, err *e);
void homes_free(char **list, size_t n);

#endif
