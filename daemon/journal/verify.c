#include "daemon/journal/verify.h"

#include "base/file.h"
#include "daemon/catalog/apply.h"
#include "daemon/journal/steps.h"
#include "daemon/ledger/content.h"
#include "daemon/outbox/hooks.h"
#include "daemon/outbox/outbox.h"
#include "daemon/rebate/accrual.h"
#include "daemon/rebate/activity_claim.h"
#include "daemon/rebate/closing.h"
#include "daemon/rebate/policies.h"
#include "daemon/rebate/redemption.h"
#include "daemon/rebate/statement.h"
#include "daemon/replenish/orders.h"
#include "daemon/replenish/overstock.h"
#include "daemon/replenish/rules.h"
#include "daemon/replenish/seasons.h"
#include "daemon/replenish/suggestions.h"
#include "daemon/replenish/transfers.h"
#include "daemon/replenish/trials.h"
#include "daemon/trace/cases.h"
#include "daemon/trace/claims.h"
#include "daemon/trace/content.h"
#include "daemon/trace/inspections.h"
#include "daemon/trace/papers.h"
#include "daemon/trace/penalty.h"
#include "daemon/trace/tuning.h"
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void hash_part(crypto_generichash_state *st, str s) {
    uint8_t n[8];
    put_be64(n, s.n);
    (void)crypto_generichash_update(st, n, sizeof n);
    (void)crypto_generichash_update(st, (const uint8_t *)s.p, s.n);
}

/* Sum of the digests of what the records say, modulo 2^256. */
static void add_content(view_digest *v, str text) {
    uint8_t d[DIGEST_SIZE];
    unsigned carry = 0;
    digest_of(text, d);
    for (size_t i = DIGEST_SIZE; i-- > 0;) {
        carry += (unsigned)v->content[i] + d[i];
        v->content[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

bool view_digest_of(txn *t, store_table table, view_digest *out, err *e) {
    AUTO(buf) text = {0};
    crypto_generichash_state st;
    *out = (view_digest){0};
    (void)crypto_generichash_init(&st, NULL, 0, DIGEST_SIZE);
    for (kv_cursor c = kv_from(t, table, STR(""), STR_NONE); kv_next(&c); out->rows++) {
        hash_part(&st, c.key);
        hash_part(&st, c.val);
        buf_clear(&text);
        if (catalog_content(t, table, c.key, c.val, &text) || outbox_content(t, table, c.key, c.val, &text) ||
            ledger_content(t, table, c.key, c.val, &text) || policy_content(t, table, c.key, c.val, &text) ||
            accrual_content(t, table, c.key, c.val, &text) || activity_content(t, table, c.key, c.val, &text) ||
            statement_content(t, table, c.key, c.val, &text) || closing_content(table, c.key, c.val, &text) ||
            cases_content(t, table, c.key, c.val, &text) || claim_content(t, table, c.key, c.val, &text) ||
            paper_content(t, table, c.key, c.val, &text) || penalty_content(t, table, c.key, c.val, &text) ||
            inspection_content(t, table, c.key, c.val, &text) || tuning_content(t, table, c.key, c.val, &text) ||
            codes_content(t, table, c.key, c.val, &text) || redemption_content(t, table, c.key, c.val, &text) ||
            hook_content(t, table, c.key, c.val, &text) || order_content(t, table, c.key, c.val, &text) ||
            suggestion_content(t, table, c.key, c.val, &text) || stock_rule_content(table, c.key, c.val, &text) ||
            season_content(table, c.key, c.val, &text) || overstock_content(t, table, c.key, c.val, &text) ||
            transfer_content(t, table, c.key, c.val, &text) || trial_content(t, table, c.key, c.val, &text))
            add_content(out, buf_str(&text));
    }
    (void)crypto_generichash_final(&st, out->exact, DIGEST_SIZE);
    return txn_ok(t, e);
}

/* A folder that goes when the work is done, whatever came of it. */
typedef struct scratch_dir {
    char path[PATH_SIZE];
} scratch_dir;

static void scratch_dir_auto(scratch_dir *d) {
    static const char *const files[] = {"data.mdb", "lock.mdb", "data.mdb.copy"};
    char path[PATH_SIZE + 32];
    if (d->path[0] == '\0') return;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", d->path, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(d->path);
}

static bool scratch_dir_make(scratch_dir *d, const char *in, err *e) {
    TRY(path_join(d->path, sizeof d->path, in, "verify-XXXXXX", e));
    if (mkdtemp(d->path)) return true;
    err_set(e, ERR_INTERNAL, "%s: cannot make a folder: %s", in, strerror(errno));
    d->path[0] = '\0';
    return false;
}

static void kv_auto(kv **db) {
    kv_close(*db);
}

static bool digest_views(kv *db, view_digest out[STORE_TABLE_COUNT], const journal_watch *w, const char *what, err *e) {
    AUTO(txn) *t = NULL;
    TRY(txn_begin(db, TXN_READ, &t, e));
    for (store_table v = 0; v < STORE_TABLE_COUNT; v++) {
        if (store_tables[v].sort != SORT_VIEW) continue;
        TRY(journal_step(w, what, v, STORE_TABLE_COUNT, e));
        TRY(view_digest_of(t, v, &out[v], e));
    }
    return true;
}

static void say(verify_report *r, const char *text) {
    if (r->why[0] == '\0') (void)snprintf(r->why, sizeof r->why, "%s", text);
    r->ok = false;
}

static void compare(verify_report *r, const view_digest *replayed) {
    char text[128];
    for (store_table v = 0; v < STORE_TABLE_COUNT; v++) {
        if (store_tables[v].sort != SORT_VIEW) continue;
        r->differs[v] = memcmp(r->view[v].exact, replayed[v].exact, DIGEST_SIZE) != 0;
        if (!r->differs[v]) continue;
        (void)snprintf(text, sizeof text, "view '%s' is not what the journal says (%llu rows, replayed %llu)",
                       store_tables[v].name, (unsigned long long)r->view[v].rows, (unsigned long long)replayed[v].rows);
        say(r, text);
    }
}

static bool read_head(kv *copy, verify_report *out, err *e) {
    AUTO(txn) *t = NULL;
    TRY(txn_begin(copy, TXN_READ, &t, e));
    journal_head(t, &out->entries, &out->time_ms, out->head);
    return txn_ok(t, e);
}

bool journal_verify(kv *db, const char *scratch, uint64_t map_size, const journal_watch *w, verify_report *out,
                    err *e) {
    AUTO(scratch_dir) copy_dir = {0};
    AUTO(scratch_dir) replay_dir = {0};
    AUTO(kv) *copy = NULL;
    AUTO(kv) *replayed = NULL;
    view_digest again[STORE_TABLE_COUNT] = {0};
    *out = (verify_report){.ok = true};
    TRY(scratch_dir_make(&copy_dir, scratch, e));
    TRY(scratch_dir_make(&replay_dir, scratch, e));
    TRY(journal_step(w, "copy", 0, 1, e));
    TRY(kv_copy(db, copy_dir.path, e));
    TRY(store_open(copy_dir.path, map_size, true, &copy, e));
    TRY(store_open(replay_dir.path, map_size, false, &replayed, e));
    TRY(read_head(copy, out, e));
    TRY(digest_views(copy, out->view, w, "read the views", e));
    err broken;
    if (!journal_replay(copy, replayed, 0, w, &broken)) {
        if (broken.code == ERR_RETRY || broken.code == ERR_FULL) return *e = broken, false;
        say(out, broken.text);
        return true;
    }
    TRY(digest_views(replayed, again, w, "read the replay", e));
    compare(out, again);
    return true;
}

static void hex(json *j, const char *name, const uint8_t *p) {
    AUTO(buf) b = {0};
    hex_put(&b, p, DIGEST_SIZE);
    json_key(j, name);
    json_str(j, buf_str(&b));
}

void verify_json(json *j, const verify_report *r, int zone_min) {
    AUTO(buf) time = {0};
    time_put(&time, r->time_ms, zone_min);
    json_open_object(j);
    json_key(j, "ok");
    json_bool(j, r->ok);
    json_key(j, "entries");
    json_uint(j, r->entries);
    hex(j, "head", r->head);
    json_key(j, "time");
    json_str(j, buf_str(&time));
    json_key(j, "why");
    json_z(j, r->why[0] ? r->why : NULL);
    json_key(j, "views");
    json_open_object(j);
    for (store_table v = 0; v < STORE_TABLE_COUNT; v++) {
        if (store_tables[v].sort != SORT_VIEW) continue;
        json_key(j, store_tables[v].name);
        json_open_object(j);
        hex(j, "content", r->view[v].content);
        hex(j, "exact", r->view[v].exact);
        json_key(j, "rows");
        json_uint(j, r->view[v].rows);
        json_key(j, "ok");
        json_bool(j, !r->differs[v]);
        json_end_object(j);
    }
    json_end_object(j);
    json_end_object(j);
}
