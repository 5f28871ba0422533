#include "daemon/command/command.h"

#include "base/num.h"
#include "daemon/catalog/agents.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/settings.h"
#include "daemon/catalog/waiting.h"
#include "daemon/command/reports.h"
#include "daemon/command/storage.h"
#include "daemon/store/keys.h"
#include "proto/digest.h"
#include "proto/limits.h"
#include <inttypes.h>
#include <stdio.h>

/* status — one object that says what is red, and why; nothing that asks for no decision. */

enum { WARN_PERCENT = 80, READER_LAG_MAX = 10000, SCRATCH_BYTES = 64 * 1024 };

/* Reasons whose lines are not in the books; the others wait only to be judged better. */
static const waiting_reason unposted[] = {WAIT_PRODUCT, WAIT_UNIT, WAIT_PARTNER, WAIT_PLACE, WAIT_DATE, WAIT_OTHER};

typedef struct report {
    call *c;
    int64_t now_ms;
    buf checks, late, quarantine; /* rows of the three arrays */
    json check_rows, late_rows, quarantine_rows;
    size_t red;
} report;

static void open_rows(json *j, buf *b) {
    *j = json_into(b);
    json_open_array(j);
}

static void check(report *r, const char *name, bool red, str found, str limit, const char *hint) {
    json *j = &r->check_rows;
    r->red += red;
    json_open_object(j);
    json_key(j, "check"), json_z(j, name);
    json_key(j, "state"), json_z(j, red ? "red" : "ok");
    json_key(j, "found"), json_str(j, found);
    json_key(j, "limit"), json_str(j, limit);
    json_key(j, "hint"), json_z(j, red ? hint : NULL);
    json_end_object(j);
}

static void put_time(const report *r, json *j, int64_t ms) {
    AUTO(buf) text = {0};
    if (ms == 0) {
        json_none(j);
        return;
    }
    time_put(&text, ms, r->c->zone_min);
    json_str(j, buf_str(&text));
}

/* "3 d 4 h": the two greatest units. */
static void put_age(buf *out, int64_t ms) {
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "min"}, {1000, "s"}};
    int parts = 0;
    for (size_t i = 0; i < ARRAY_LEN(units) && parts < 2; i++) {
        if (ms < units[i].ms && (parts || i + 1 < ARRAY_LEN(units))) continue;
        buf_printf(out, "%s%" PRId64 " %s", parts++ ? " " : "", ms / units[i].ms, units[i].name);
        ms %= units[i].ms;
    }
}

static str age(report *r, int64_t ms) {
    AUTO(buf) text = {0};
    put_age(&text, ms > 0 ? ms : 0);
    return arena_str(r->c->a, buf_str(&text));
}

/* ---- agents */

static const char *behind(const report *r, const agent *a, const contact *c, int64_t late_ms) {
    int64_t heard_ms = c->heard_ms > a->enrolled_ms ? c->heard_ms : a->enrolled_ms;
    if (a->state == AGENT_HELD) return "held";
    if (a->state != AGENT_ACTIVE) return NULL;
    if (c->waiting && c->oldest_ms && r->now_ms - c->oldest_ms > late_ms) return "waits for a commit";
    return r->now_ms - heard_ms > late_ms ? "silent" : NULL;
}

static void put_late(report *r, const agent *a, const contact *c, const char *why) {
    json *j = &r->late_rows;
    json_open_object(j);
    json_key(j, "agent"), json_str(j, a->id);
    json_key(j, "why"), json_z(j, why);
    json_key(j, "last_contact"), put_time(r, j, c->heard_ms);
    json_key(j, "last_committed"), put_time(r, j, c->committed_ms);
    json_key(j, "waiting"), json_uint(j, c->waiting);
    json_end_object(j);
}

static void look_at_agents(report *r) {
    call *c = r->c;
    int64_t late_ms = c->facts ? (int64_t)c->facts->late_ms : INT64_MAX;
    size_t late = 0, all = 0;
    AUTO(kv_cursor) at = kv_from(c->t, TABLE_AGENT, STR(""), STR_NONE);
    while (kv_next(&at)) {
        agent a;
        contact seen = {0};
        if (!agent_decode(at.key, at.val, &a)) continue;
        (void)contact_get(c->t, a.id, &seen);
        const char *why = behind(r, &a, &seen, late_ms);
        all++;
        late += why != NULL;
        if (why) put_late(r, &a, &seen, why);
    }
    char found[80];
    (void)snprintf(found, sizeof found, "%zu of %zu behind", late, all);
    check(r, "agents", late > 0, str_of(found), c->facts ? age(r, late_ms) : STR(""),
          "see `agent list`; a held agent needs `agent enroll PARTNER --replace AGENT`");
}

/* ---- quarantine, by amount as stated */

static void look_at_reason(report *r, waiting_reason reason, uint64_t *lines, int64_t *amount) {
    uint8_t prefix = (uint8_t)reason;
    AUTO(kv_cursor) at = kv_from(r->c->t, TABLE_WAITING, str_from(&prefix, 1), STR_NONE);
    *lines = 0;
    *amount = 0;
    while (kv_next(&at)) {
        reader in = reader_of(at.val);
        uint64_t n = read_varint(&in);
        (void)read_varint(&in);
        int64_t a = read_zigzag(&in);
        if (in.bad) continue;
        *lines += n;
        if (a != NUM_NONE && !add_i64(*amount, a < 0 ? -a : a, amount)) *amount = INT64_MAX;
    }
}

static void look_at_quarantine(report *r) {
    uint64_t all = 0;
    int64_t total = 0;
    json *j = &r->quarantine_rows;
    for (size_t i = 0; i < ARRAY_LEN(unposted); i++) {
        uint64_t lines;
        int64_t amount;
        look_at_reason(r, unposted[i], &lines, &amount);
        if (lines == 0) continue;
        all += lines;
        if (!add_i64(total, amount, &total)) total = INT64_MAX;
        json_open_object(j);
        json_key(j, "reason"), json_z(j, waiting_name(unposted[i]));
        json_key(j, "lines"), json_uint(j, lines);
        json_key(j, "amount"), json_dec(j, amount, MICRO_SCALE, 2);
        json_end_object(j);
    }
    AUTO(buf) found = {0};
    buf_printf(&found, "%" PRIu64 " lines", all);
    if (all) buf_addz(&found, ", "), dec_put(&found, total, MICRO_SCALE, 2);
    check(r, "quarantine", all > 0, buf_str(&found), STR("none"), "see `quarantine list`: import the missing aliases");
}

/* ---- reports that did not come: the partners' turn, so never red */

static void look_at_reports(report *r) {
    uint32_t partners;
    char found[64] = "none missing";
    uint64_t missing = missing_reports(r->c, r->now_ms, &partners);
    if (missing) (void)snprintf(found, sizeof found, "%" PRIu64 " missing, of %" PRIu32 " partners", missing, partners);
    check(r, "reports", false, str_of(found), STR(""), "");
}

/* ---- the machine */

static str percent(report *r, uint64_t part, uint64_t whole) {
    char text[64];
    (void)snprintf(text, sizeof text, "%" PRIu64 " %% of %" PRIu64 " MiB", whole ? part * 100 / whole : 0, whole >> 20);
    return arena_str(r->c->a, str_of(text));
}

static bool look_at_storage(report *r, err *e) {
    call *c = r->c;
    storage s;
    kv_stats k;
    char lag[64];
    TRY(storage_look(c->db, c->data_dir, &s, e) && kv_stat(c->db, &k, e));
    check(r, "map", s.map_used / WARN_PERCENT >= s.map_size / 100, percent(r, s.map_used, s.map_size), STR("80 %"),
          "raise store.map_size; uploads stop at 95 %");
    uint64_t used = s.disk_size - s.disk_free;
    check(r, "disk", used / 90 >= s.disk_size / 100, percent(r, used, s.disk_size), STR("90 %"),
          "free room; uploads stop at 95 %");
    (void)snprintf(lag, sizeof lag, "%" PRIu64 " transactions behind", k.oldest_reader_lag);
    check(r, "oldest reader", k.oldest_reader_lag > READER_LAG_MAX, str_of(lag), STR("10000"),
          "a question runs too long and makes the file grow: find and stop it");
    return true;
}

static void look_at_backup(report *r) {
    call *c = r->c;
    str stored;
    int64_t at_ms = 0;
    int64_t late_ms = c->facts ? (int64_t)c->facts->backup_late_ms : INT64_MAX;
    bool any = store_meta(c->t, "last_backup", &stored) && dec_parse(stored, 0, &at_ms, NULL);
    entry first;
    if (!any && journal_get(c->t, 1, &first)) at_ms = first.time_ms; /* a new folder has as long */
    AUTO(buf) found = {0};
    if (any) time_put(&found, at_ms, c->zone_min);
    else
        buf_addz(&found, "none yet");
    check(r, "last backup", r->now_ms - at_ms > late_ms, buf_str(&found), c->facts ? age(r, late_ms) : STR(""),
          "run `channelctl backup DIR` to another disk");
}

static void look_at_poison(report *r) {
    char found[64];
    size_t n = storage_held(r->c->data_dir);
    (void)snprintf(found, sizeof found, "%zu batches held", n);
    check(r, "poison", n > 0, str_of(found), STR("none"),
          "a batch stopped the daemon twice: keep the file for us, ask the partner to send it anew");
}

/* ---- what is not sent out */

static void put_mode(report *r, json *j) {
    catalog_row row;
    json_key(j, "mode"), json_str(j, setting_text(r->c->t, SETTING_MODE));
    json_key(j, "shadow_partners");
    json_open_array(j);
    AUTO(catalog_walk) w = catalog_rows(r->c->t, CATALOG_ONBOARDING, NULL, 0);
    while (catalog_next(&w, &row))
        if (str_is(row.cell[ONBOARDING_MODE], "shadow")) json_str(j, row.cell[ONBOARDING_PARTNER]);
    json_end_array(j);
}

/* ---- the object */

static void put_report(report *r) {
    call *c = r->c;
    uint64_t entries;
    int64_t time_ms;
    uint8_t head[DIGEST_SIZE];
    AUTO(buf) hex = {0};
    journal_head(c->t, &entries, &time_ms, head);
    hex_put(&hex, head, sizeof head);
    json *j = answer_show(c);
    json_key(j, "ok"), json_bool(j, r->red == 0);
    json_key(j, "time"), put_time(r, j, r->now_ms);
    json_key(j, "simulated"), json_bool(j, c->facts && c->facts->simulated);
    json_key(j, "version"), json_z(j, CHANNELD_VERSION);
    put_mode(r, j);
    json_key(j, "entries"), json_uint(j, entries);
    json_key(j, "last_entry"), put_time(r, j, time_ms);
    json_key(j, "head"), json_str(j, buf_str(&hex));
    if (c->facts) {
        json_key(j, "started"), put_time(r, j, c->facts->started_ms);
        json_key(j, "links"), json_uint(j, c->facts->links);
        json_key(j, "uploads"), json_z(j, c->facts->storage_full ? "stopped: storage is full" : "open");
    }
    json_key(j, "checks"), json_raw(j, buf_str(&r->checks));
    json_key(j, "behind"), json_raw(j, buf_str(&r->late));
    json_key(j, "quarantine"), json_raw(j, buf_str(&r->quarantine));
    answer_show_end(c);
}

bool cmd_status(call *c, err *e) {
    report r = {.c = c, .now_ms = c->now_ms};
    uint64_t entries;
    uint8_t head[DIGEST_SIZE];
    if (c->facts == NULL) journal_head(c->t, &entries, &r.now_ms, head); /* as of its last moment */
    open_rows(&r.check_rows, &r.checks);
    open_rows(&r.late_rows, &r.late);
    open_rows(&r.quarantine_rows, &r.quarantine);
    look_at_agents(&r);
    look_at_quarantine(&r);
    look_at_reports(&r);
    bool ok = look_at_storage(&r, e);
    look_at_backup(&r);
    look_at_poison(&r);
    json_end_array(&r.check_rows);
    json_end_array(&r.late_rows);
    json_end_array(&r.quarantine_rows);
    if (ok) put_report(&r);
    if (r.red) answer_status(c, err_exit_status(ERR_DIFFERS));
    buf_free(&r.checks);
    buf_free(&r.late);
    buf_free(&r.quarantine);
    return ok;
}
