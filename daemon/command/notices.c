/* Messages for partners: what waits for their agents, what they have, what was not sent and why. */
#include "daemon/outbox/outbox.h"

#include "daemon/catalog/partner.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/store/store.h"
#include "proto/journal.pb-c.h"
#include "proto/limits.h"

static bool of_partner(const call *c) {
    return (c->who.role & ROLES_PARTNER) != 0;
}

static void put_notice(call *c, const notice *n) {
    entry en;
    json *j = answer_row(c);
    cell_id(j, "id", n->number);
    cell_text(j, "partner", partner_id(c->t, n->partner));
    put_day_cell(j, "day", n->day);
    cell_text(j, "kind", n->kind);
    cell_text(j, "subject", n->subject);
    cell_text(j, "state", str_of(notice_state_name(n->state)));
    if (journal_get(c->t, n->entry, &en)) cell_time(j, "posted", en.time_ms, c->zone_min);
    else
        cell_text(j, "posted", STR(""));
    if (n->read && journal_get(c->t, n->read, &en)) cell_time(j, "read", en.time_ms, c->zone_min);
    else
        cell_text(j, "read", STR(""));
    cell_text(j, "zh", n->zh);
    cell_text(j, "en", n->en);
    answer_row_end(c);
}

bool cmd_notice_list(call *c, err *e) {
    static const char *const columns[] = {"id",    "partner", "day",  "kind", "subject",
                                          "state", "posted",  "read", "zh",   "en"};
    uint32_t only;
    notice n;
    err denied;
    TRY(option_partner(c, &only, e));
    if (only || of_partner(c)) TRY(authz(c, "read", only, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    key prefix = {.n = 0};
    if (only) key_u32(&prefix, only);
    AUTO(kv_cursor) walk = kv_from(c->t, TABLE_NOTICE, key_str(&prefix), STR_NONE);
    while (kv_next(&walk) && !answer_failed(c)) {
        if (!notice_decode(walk.key, walk.val, &n) || !authz(c, "read", n.partner, &denied)) continue;
        bool sent = n.state == NOTICE_NEW || n.state == NOTICE_READ;
        if (of_partner(c) && !sent) continue; /* what was not sent is nobody's business there */
        if (n.state != NOTICE_READ || call_flag(c, "all")) put_notice(c, &n);
    }
    return true;
}

static size_t unread(call *c, uint32_t partner_no, const uint64_t *number, size_t numbers) {
    key prefix = outbox_key(partner_no);
    size_t found = 0;
    notice n;
    AUTO(kv_cursor) walk = kv_from(c->t, TABLE_NOTICE, key_str(&prefix), STR_NONE);
    while (kv_next(&walk)) {
        bool meant = numbers == 0;
        if (!notice_decode(walk.key, walk.val, &n) || n.state != NOTICE_NEW) continue;
        for (size_t i = 0; i < numbers && !meant; i++) meant = number[i] == n.number;
        found += meant;
    }
    return found;
}

static bool read_numbers(call *c, uint64_t *out, err *e) {
    for (size_t i = 0; i < call_arg_count(c); i++) {
        int64_t no;
        bool exact;
        if (!dec_parse(call_arg(c, i), 0, &no, &exact) || !exact || no <= 0)
            return err_set(e, ERR_USAGE, "notice read: '%.*s' is no id (notice list shows them)",
                           STR_ARG(str_take(call_arg(c, i), 40)));
        out[i] = (uint64_t)no;
    }
    return true;
}

bool cmd_notice_read(call *c, err *e) {
    Entry__NoticesRead m = ENTRY__NOTICES_READ__INIT;
    uint64_t number[LIMIT_ARGS];
    uint32_t no;
    TRY(option_partner(c, &no, e));
    if (no == 0) return err_set(e, ERR_USAGE, "notice read: whose? --partner ID");
    TRY(authz(c, "write", no, e));
    TRY(read_numbers(c, number, e));
    size_t n = unread(c, no, number, call_arg_count(c));
    if (n) {
        m.partner = (char *)(uintptr_t)arena_str(c->a, partner_id(c->t, no)).p;
        m.number = number;
        m.n_number = call_arg_count(c);
        TRY(command_append(c, KIND_NOTICE_READ, &m.base, e));
    }
    answer_message(c, "%zu messages noted as read", n);
    return true;
}
