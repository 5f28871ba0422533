/* Commands about agents. A token is "cd1." and, in base64url, the server's CURVE public key (pinned by the agent) and a
 * CURVE secret key that is good for one enrolment; the journal holds only the public half of the latter. */
#include "daemon/catalog/agents.h"

#include "base/file.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/rows.h"
#include "daemon/command/catalog.h"
#include "formats/csv.h"
#include "formats/value.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"

#include <sodium.h>
#include <stdio.h>

enum {
    TOKEN_DAYS = 7, /* default of --days */
    Z85_TEXT = 40,
    TOKEN_BYTES = 2 * AGENT_KEY_SIZE,
    TOKEN_TEXT = sodium_base64_ENCODED_LEN(TOKEN_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
};

/* ZeroMQ's spelling of keys: five letters are four bytes (rfc.zeromq.org/spec/32). */
static bool z85_decode(str s, uint8_t out[static AGENT_KEY_SIZE]) {
    static const char letters[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
    uint64_t v = 0;
    if (s.n != Z85_TEXT) return false;
    for (size_t i = 0; i < Z85_TEXT; i++) {
        const char *at = s.p[i] ? strchr(letters, s.p[i]) : NULL;
        if (at == NULL) return false;
        v = v * 85 + (uint64_t)(at - letters);
        if (i % 5 != 4) continue;
        if (v > UINT32_MAX) return false;
        put_be32(out + i / 5 * 4, (uint32_t)v);
        v = 0;
    }
    return true;
}

typedef struct enrolment {
    char server_z85[Z85_TEXT + 1];
    uint8_t server[AGENT_KEY_SIZE];
    int64_t expires_ms;
    bool create_unknown, onboard;
    str replaces;
} enrolment;

static bool server_key(const char *dir, enrolment *out, err *e) {
    char path[PATH_SIZE];
    AUTO(buf) b = {0};
    TRY(path_join(path, sizeof path, dir, "server.pub", e));
    TRY(file_read(path, 1024, &b, e));
    str z = str_trim(buf_str(&b));
    if (!z85_decode(z, out->server)) return err_set(e, ERR_CONFIG, "%s: not a CURVE key (40 letters of Z85)", path);
    (void)str_copy_z(z, out->server_z85, sizeof out->server_z85);
    return true;
}

static bool read_options(call *c, enrolment *out, err *e) {
    str days = call_option(c, "days"), replaces = call_option(c, "replace");
    int64_t n = TOKEN_DAYS;
    bool exact = true;
    if (days.p && (!dec_parse(days, 0, &n, &exact) || !exact || n < 1 || n > LIMIT_TOKEN_DAYS))
        return err_set(e, ERR_USAGE, "agent enroll: --days '%.*s': wanted 1 … %d", STR_ARG(str_take(days, 20)),
                       LIMIT_TOKEN_DAYS);
    out->expires_ms = c->now_ms + n * 86400000;
    out->create_unknown = call_flag(c, "create-unknown");
    out->onboard = call_flag(c, "onboard");
    out->replaces = replaces.p ? replaces : STR("");
    return server_key(c->data_dir, out, e);
}

static bool add_row(call *c, catalog_table table, const str *cells, err *e) {
    Entry__Catalog m = ENTRY__CATALOG__INIT;
    AUTO(buf) b = {0};
    catalog_cells_put(&b, table, cells);
    ProtobufCBinaryData row = {b.n, (uint8_t *)b.p};
    m.table = (char *)(uintptr_t)catalog_tables[table].name;
    m.row = &row;
    m.n_row = 1;
    m.source = (char *)(uintptr_t) "agent enroll";
    return command_append(c, KIND_CATALOG, &m.base, e);
}

/* With the right to create what is unknown, the partner itself may be new: a distributor, to be completed later. */
static bool ensure_partner(call *c, const enrolment *w, str id, err *e) {
    str cells[CATALOG_COLUMNS_MAX] = {{0}};
    partner p;
    if (partner_by_id(c->t, id, &p) && !p.ended) return authz(c, "write", p.no, e);
    if (!w->create_unknown)
        return err_set(e, ERR_NOT_FOUND,
                       "partner '%.*s': unknown; import it first (channelctl partner import FILE.csv)",
                       STR_ARG(str_take(id, 60)));
    TRY(authz(c, "write", 0, e));
    if (!catalog_id_ok(id))
        return err_set(e, ERR_USAGE, "agent enroll: an id is one line of at most %d bytes", LIMIT_ID);
    cells[PARTNER_ID] = id;
    cells[PARTNER_KIND] = str_of(partner_kind_name(PARTNER_DISTRIBUTOR));
    return add_row(c, CATALOG_PARTNER, cells, e);
}

/* A row without live date: what it sends is history until one is set. One that has a row keeps it. */
static bool begin_onboarding(call *c, str id, err *e) {
    str cells[CATALOG_COLUMNS_MAX] = {{0}};
    catalog_row row;
    if (catalog_get(c->t, CATALOG_ONBOARDING, &id, &row) && !(row.flags & ROW_ENDED)) return true;
    cells[ONBOARDING_PARTNER] = id;
    return add_row(c, CATALOG_ONBOARDING, cells, e);
}

static bool make_token(call *c, const enrolment *w, str id, char token[static TOKEN_TEXT + 4], err *e) {
    uint8_t both[TOKEN_BYTES], public_key[AGENT_KEY_SIZE];
    Entry__AgentToken m = ENTRY__AGENT_TOKEN__INIT;
    ASSERT(sodium_init() >= 0);
    TRY(ensure_partner(c, w, id, e));
    if (w->onboard) TRY(begin_onboarding(c, id, e));
    memcpy(both, w->server, AGENT_KEY_SIZE);
    randombytes_buf(both + AGENT_KEY_SIZE, AGENT_KEY_SIZE);
    ASSERT(crypto_scalarmult_base(public_key, both + AGENT_KEY_SIZE) == 0);
    memcpy(token, "cd1.", 4);
    (void)sodium_bin2base64(token + 4, TOKEN_TEXT, both, sizeof both, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(both, sizeof both);
    m.partner = (char *)(uintptr_t)arena_str(c->a, id).p;
    m.key = (ProtobufCBinaryData){sizeof public_key, public_key};
    m.create_unknown = w->create_unknown;
    m.expires_ms = w->expires_ms;
    m.replaces = (char *)(uintptr_t)(w->replaces.n ? arena_str(c->a, w->replaces).p : "");
    return command_append(c, KIND_AGENT_TOKEN, &m.base, e);
}

static void put_text(json *j, const char *name, str text) {
    json_key(j, name);
    if (text.n) json_str(j, text);
    else
        json_none(j);
}

static bool enroll_one(call *c, const enrolment *w, str id, json *(*begin)(call *), err *e) {
    AUTO(buf) expires = {0};
    char token[TOKEN_TEXT + 4];
    TRY(make_token(c, w, id, token, e));
    time_put(&expires, w->expires_ms, c->zone_min);
    json *j = begin(c);
    json_key(j, "token");
    json_z(j, token);
    json_key(j, "partner");
    json_str(j, id);
    json_key(j, "expires");
    json_str(j, buf_str(&expires));
    json_key(j, "server_key");
    json_z(j, w->server_z85);
    partner p;
    put_text(j, "name", partner_by_id(c->t, id, &p) ? p.name : STR(""));
    answer_row_end(c);
    sodium_memzero(token, sizeof token);
    return true;
}

/* Partners named in a CSV file with the column `partner`. */
static bool enroll_rows(call *c, const enrolment *w, csv *file, const char *name, err *e) {
    table_row row;
    TRY(csv_next(file, &row, e));
    if (row.no == 0 || row.cells != 1 || !str_ieq(str_trim(cell_clean(row.cell[0])), STR("partner")))
        return err_set(e, ERR_DATA, "%s: wanted one column, 'partner', named in the first row", name);
    for (size_t n = 0; n <= LIMIT_ENTRY_ROWS; n++) {
        TRY(csv_next(file, &row, e));
        if (row.no == 0) return true;
        str id = arena_str(c->a, str_trim(cell_clean(row.cell[0])));
        if (!enroll_one(c, w, id, answer_row, e)) return err_wrap(e, "%s row %llu", name, (unsigned long long)row.no);
    }
    return err_set(e, ERR_DATA, "%s: more than %d partners; cut the file in two", name, LIMIT_ENTRY_ROWS);
}

static bool enroll_file(call *c, const enrolment *w, err *e) {
    static const char *const columns[] = {"token", "partner", "expires", "server_key", "name"};
    char name[LIMIT_FILE_NAME + 1];
    attachment file = call_file(c, 0);
    csv rows = {0};
    (void)str_copy_z(file.name, name, sizeof name);
    answer_list(c, columns, ARRAY_LEN(columns));
    bool ok = csv_open(&rows, file.bytes, e) ? enroll_rows(c, w, &rows, name, e) : err_wrap(e, "%s", name);
    csv_close(&rows);
    return ok;
}

bool cmd_agent_enroll(call *c, err *e) {
    enrolment w = {.expires_ms = 0};
    bool many = call_option(c, "from").p != NULL;
    if (many == (call_arg_count(c) > 0))
        return err_set(e, ERR_USAGE, "agent enroll: wants one PARTNER, or --from FILE.csv");
    if (many && call_option(c, "replace").p) return err_set(e, ERR_USAGE, "agent enroll: --replace is for one partner");
    TRY(read_options(c, &w, e));
    answer_secret(c);
    return many ? enroll_file(c, &w, e) : enroll_one(c, &w, call_arg(c, 0), answer_show, e);
}

static void put_time(call *c, json *j, const char *name, int64_t ms) {
    AUTO(buf) b = {0};
    json_key(j, name);
    if (ms) time_put(&b, ms, c->zone_min);
    if (ms) json_str(j, buf_str(&b));
    else
        json_none(j);
}

static const char *const agent_columns[] = {"agent",          "partner",  "state",   "last_contact", "last_committed",
                                            "waiting",        "lag_s",    "version", "host",         "enrolled",
                                            "create_unknown", "replaces", "why"};

/* lag_s: how long the oldest batch that the centre does not have had been waiting at the last contact. */
static void put_agent(call *c, json *j, const agent *a) {
    contact seen = {.heard_ms = 0, .version = a->version, .host = a->host};
    bool known = contact_get(c->t, a->id, &seen);
    int64_t lag_ms = seen.oldest_ms ? seen.heard_ms - seen.oldest_ms : 0;
    put_text(j, "agent", a->id);
    put_text(j, "partner", partner_id(c->t, a->partner));
    json_key(j, "state");
    json_z(j, agent_state_name(a->state));
    put_time(c, j, "last_contact", seen.heard_ms);
    put_time(c, j, "last_committed", seen.committed_ms);
    json_key(j, "waiting");
    if (known) json_uint(j, seen.waiting);
    else
        json_none(j);
    json_key(j, "lag_s");
    if (known) json_int(j, lag_ms > 0 ? lag_ms / 1000 : 0);
    else
        json_none(j);
    put_text(j, "version", seen.version.n ? seen.version : a->version);
    put_text(j, "host", seen.host.n ? seen.host : a->host);
    put_time(c, j, "enrolled", a->enrolled_ms);
    json_key(j, "create_unknown");
    json_bool(j, a->create_unknown);
    put_text(j, "replaces", a->replaces);
    put_text(j, "why", a->why);
}

bool cmd_agent_list(call *c, err *e) {
    agent a;
    err denied;
    str only = call_option(c, "partner");
    (void)e;
    answer_list(c, agent_columns, ARRAY_LEN(agent_columns));
    AUTO(kv_cursor) all = kv_from(c->t, TABLE_AGENT, STR(""), STR_NONE);
    while (!answer_failed(c) && kv_next(&all)) {
        if (!agent_decode(all.key, all.val, &a) || !authz(c, "read", a.partner, &denied)) continue;
        if (only.p && !str_eq(only, partner_id(c->t, a.partner))) continue;
        put_agent(c, answer_row(c), &a);
        answer_row_end(c);
    }
    return true;
}

static bool agent_of_call(call *c, const char *verb, agent *a, err *e) {
    str id = call_arg(c, 0);
    if (!agent_get(c->t, id, a))
        return err_set(e, ERR_NOT_FOUND, "agent '%.*s': unknown (channelctl agent list shows all)",
                       STR_ARG(str_take(id, 60)));
    return authz(c, verb, a->partner, e);
}

bool cmd_agent_show(call *c, err *e) {
    agent a;
    TRY(agent_of_call(c, "read", &a, e));
    put_agent(c, answer_show(c), &a);
    answer_show_end(c);
    return true;
}

static bool change_state(call *c, bool released, err *e) {
    Entry__AgentRevoked m = ENTRY__AGENT_REVOKED__INIT;
    agent a;
    str reason = call_option(c, "reason");
    TRY(agent_of_call(c, "write", &a, e));
    m.agent = (char *)(uintptr_t)arena_str(c->a, call_arg(c, 0)).p;
    m.reason = (char *)(uintptr_t)(reason.n ? arena_str(c->a, reason).p : "");
    m.released = released;
    return command_append(c, KIND_AGENT_REVOKED, &m.base, e);
}

bool cmd_agent_revoke(call *c, err *e) {
    TRY(change_state(c, false, e));
    answer_message(c, "agent '%.*s' is revoked; its link is cut", STR_ARG(call_arg(c, 0)));
    return true;
}

bool cmd_agent_release(call *c, err *e) {
    TRY(change_state(c, true, e));
    answer_message(c, "agent '%.*s' may send again", STR_ARG(call_arg(c, 0)));
    return true;
}
