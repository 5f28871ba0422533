/* What every step of a case shares: its text, its files, its notices, and whose it is. */
#include "base/num.h"
#include "daemon/catalog/partner.h"
#include "daemon/command/cases.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/command/period.h"
#include "daemon/trace/papers.h"
#include "proto/limits.h"

#include <sodium.h>

static char *z(str s) {
    return (char *)(uintptr_t)(s.n ? s.p : "");
}

bool case_text(call *c, const char *option, bool needed, char **out, err *e) {
    str text = str_trim(call_option(c, option));
    if (text.n > LIMIT_CASE_TEXT || (needed && text.n == 0))
        return err_set(e, ERR_USAGE, "--%s: say it in at most %d bytes", option, LIMIT_CASE_TEXT);
    if (!text_clean(text) || !utf8_valid(text)) return err_set(e, ERR_USAGE, "--%s: plain text is wanted", option);
    *out = z(arena_str(c->a, text));
    return true;
}

/* ---- files */

/* The partner who asks; staff: 0. */
static bool option_own(call *c, uint32_t *out, err *e) {
    *out = 0;
    return !by_partner(c) || (option_partner(c, out, e) && authz(c, "write", *out, e));
}

bool paper_keep(call *c, str name, str content, uint8_t *digest, err *e) {
    Entry__Paper m = ENTRY__PAPER__INIT;
    int64_t day_ms = INT64_C(86400000);
    uint32_t partner_no = 0;
    paper known;
    TRY(option_own(c, &partner_no, e));
    digest_of(content, digest);
    if (paper_get(c->t, digest, &known)) return true;
    if (partner_no && paper_too_many(c->t, partner_no, c->now_ms - day_ms))
        return err_set(e, ERR_DATA, "at most %d files in a day", LIMIT_PAPERS_DAY);
    m.partner = z(arena_str(c->a, partner_id(c->t, partner_no)));
    m.name = z(arena_str(c->a, str_take(name, LIMIT_FILE_NAME)));
    m.content = (ProtobufCBinaryData){content.n, (uint8_t *)(uintptr_t)content.p};
    return command_append(c, KIND_PAPER, &m.base, e);
}

static bool hex_digest(str hex, uint8_t *out) {
    static const char digits[] = "0123456789abcdef";
    if (hex.n != 2 * DIGEST_SIZE) return false;
    for (size_t i = 0; i < hex.n; i++) {
        const char *at = memchr(digits, hex.p[i], 16);
        if (at == NULL) return false;
        unsigned v = (unsigned)(at - digits);
        out[i / 2] = (uint8_t)(i % 2 ? (unsigned)out[i / 2] << 4 | v : v);
    }
    return true;
}

/* Whoever names a file has it: a partner its own, staff any. */
bool paper_named(call *c, str hex, uint8_t *digest, err *e) {
    uint32_t own = 0;
    paper known;
    TRY(option_own(c, &own, e));
    bool there = hex_digest(str_trim(hex), digest) && paper_get(c->t, digest, &known);
    return (there && (own == 0 || known.partner == own)) ||
           err_set(e, ERR_NOT_FOUND, "no file '%.*s' is kept (paper add)", STR_ARG(str_take(hex, 64)));
}

bool case_papers(call *c, ProtobufCBinaryData **out, size_t *n, err *e) {
    str list = call_option(c, "attached"), piece;
    *out = ARENA_NEW(c->a, ProtobufCBinaryData, LIMIT_CASE_PAPERS);
    ASSERT(*out != NULL);
    for (size_t i = 0; i < call_file_count(c) && *n < LIMIT_CASE_PAPERS; i++) {
        uint8_t *digest = arena_alloc(c->a, DIGEST_SIZE);
        attachment file = call_file(c, i);
        TRY(paper_keep(c, file.name, file.bytes, digest, e));
        (*out)[(*n)++] = (ProtobufCBinaryData){DIGEST_SIZE, digest};
    }
    while (list.p && str_split(&list, ',', &piece)) {
        uint8_t *digest = arena_alloc(c->a, DIGEST_SIZE);
        if (*n == LIMIT_CASE_PAPERS) break;
        TRY(paper_named(c, piece, digest, e));
        (*out)[(*n)++] = (ProtobufCBinaryData){DIGEST_SIZE, digest};
    }
    return (call_file_count(c) <= LIMIT_CASE_PAPERS && !list.n) ||
           err_set(e, ERR_USAGE, "at most %d files", LIMIT_CASE_PAPERS);
}

bool paper_piece_of_call(call *c, uint32_t partner_no, uint8_t *digest, buf *whole, err *e) {
    attachment file = call_file(c, 0);
    int64_t size = 0, from = 0;
    if (!hex_digest(call_option(c, "digest"), digest) || !dec_parse(call_option(c, "size"), 0, &size, NULL) ||
        !dec_parse(call_option(c, "at"), 0, &from, NULL) || size < 0 || from < 0 || size > UINT32_MAX ||
        from > UINT32_MAX)
        return err_set(e, ERR_USAGE, "%s: a piece comes with --digest, --size and --at", c->command->name);
    const paper_piece piece = {partner_no, (uint32_t)size, (uint32_t)from, digest, c->now_ms, file.bytes};
    return paper_take(c->t, &piece, whole, e);
}

bool cmd_paper_add(call *c, err *e) {
    AUTO(buf) whole = {0};
    AUTO(buf) hex = {0};
    uint8_t digest[DIGEST_SIZE];
    attachment file = call_file(c, 0);
    str of = call_option(c, "digest");
    if (of.p) {
        uint32_t partner_no = 0;
        TRY(option_own(c, &partner_no, e));
        TRY(paper_piece_of_call(c, partner_no, digest, &whole, e));
    } else
        buf_add(&whole, file.bytes);
    if (whole.n) TRY(paper_keep(c, file.name, buf_str(&whole), digest, e));
    hex_put(&hex, digest, DIGEST_SIZE);
    json *j = answer_show(c);
    json_key(j, "digest"), json_str(j, buf_str(&hex));
    json_key(j, "whole"), json_bool(j, whole.n > 0);
    answer_show_end(c);
    return true;
}

str paper_base64(call *c, uint64_t entry_no, err *e) {
    str bytes = paper_bytes(c->t, entry_no, c->a, e);
    size_t room = sodium_base64_ENCODED_LEN(bytes.n, sodium_base64_VARIANT_ORIGINAL);
    char *text = bytes.p ? arena_alloc(c->a, room) : NULL;
    if (text == NULL) return STR_NONE;
    return str_of(
        sodium_bin2base64(text, room, (const unsigned char *)bytes.p, bytes.n, sodium_base64_VARIANT_ORIGINAL));
}

bool cmd_paper_show(call *c, err *e) {
    uint8_t digest[DIGEST_SIZE];
    paper p;
    TRY(authz(c, "read", 0, e) && paper_named(c, call_arg(c, 0), digest, e));
    if (!paper_get(c->t, digest, &p)) return txn_ok(c->t, e);
    str name = arena_str(c->a, p.name), content = paper_base64(c, p.entry, e);
    if (content.p == NULL) return false;
    json *j = answer_show(c);
    cell_text(j, "digest", str_trim(call_arg(c, 0)));
    cell_text(j, "name", name);
    cell_count(j, "size", p.size);
    cell_time(j, "time", p.time_ms, c->zone_min);
    cell_id(j, "entry", p.entry);
    cell_text(j, "partner", partner_id(c->t, p.partner));
    cell_text(j, "content", content);
    answer_show_end(c);
    return true;
}

bool case_codes(call *c, char ***out, size_t *n, err *e) {
    str list = call_option(c, "codes"), piece;
    *out = ARENA_NEW(c->a, char *, LIMIT_CLAIM_CODES);
    ASSERT(*out != NULL);
    while (list.p && str_split(&list, ',', &piece)) {
        piece = str_trim(piece);
        if (piece.n == 0) continue;
        if (*n == LIMIT_CLAIM_CODES || piece.n > LIMIT_TEXT)
            return err_set(e, ERR_USAGE, "--codes: at most %d codes of at most %d bytes, joined by commas",
                           LIMIT_CLAIM_CODES, LIMIT_TEXT);
        (*out)[(*n)++] = z(arena_str(c->a, piece));
    }
    return true;
}

/* ---- whose it is */

bool case_may_step(call *c, const case_head *h, case_act act, err *e) {
    case_state to;
    if (!case_step(h->state, act, &to))
        return err_set(e, ERR_CONFLICT, "case %.*s is %s: it cannot be changed by %s", STR_ARG(h->id),
                       case_state_name(h->state), case_act_name(act));
    return case_may(h->state, act, c->who.role) ||
           err_set(e, ERR_DENIED, "%s: not permitted to '%.*s'", c->command->name, STR_ARG(c->who.name));
}

Entry__CaseStep case_step_body(const case_head *h, case_act act) {
    Entry__CaseStep m = ENTRY__CASE_STEP__INIT;
    m.id = z(h->id);
    m.act = act;
    return m;
}

void case_tell(call *c, Entry__CaseStep *m, uint32_t partner_no, str id, const char *zh, const char *en) {
    AUTO(buf) subject = {0};
    Entry__Notice *n = ARENA_NEW(c->a, Entry__Notice, 1);
    Entry__Notice **list = ARENA_NEW(c->a, Entry__Notice *, m->n_notice + 1);
    ASSERT(n != NULL && list != NULL);
    if (m->n_notice) memcpy(list, m->notice, m->n_notice * sizeof *list);
    entry__notice__init(n);
    buf_printf(&subject, "%.*s %s", STR_ARG(id), case_act_name((case_act)m->act));
    n->partner = z(arena_str(c->a, partner_id(c->t, partner_no)));
    n->kind = (char *)(uintptr_t) "case";
    n->subject = z(arena_str(c->a, buf_str(&subject)));
    n->day = day_at(c->now_ms, c->zone_min);
    n->zh = (char *)(uintptr_t)arena_str(c->a, str_of(zh)).p;
    n->en = (char *)(uintptr_t)arena_str(c->a, str_of(en)).p;
    list[m->n_notice++] = n;
    m->notice = list;
}
