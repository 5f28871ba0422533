/* alias copy: what one partner's words for goods mean, taken over for others whose files are of the same make. */
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/rows.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/ledger/contents.h"
#include "daemon/ledger/uploads.h"
#include "daemon/store/keys.h"

enum { UPLOADS_SEEN = 32, TARGETS = 256 }; /* newest uploads of a partner whose make is looked at */

/* Makes of a partner's newest files: what their header rows are, as its agents told. */
typedef struct makes_of {
    uint64_t upload[UPLOADS_SEEN];
    size_t uploads;
    str make[UPLOADS_SEEN];
    size_t makes;
} makes_of;

static void note_upload(makes_of *m, uint64_t no) {
    m->upload[m->uploads++ % UPLOADS_SEEN] = no;
}

static bool read_make(call *c, uint64_t upload_no, makes_of *m, err *e) {
    AUTO(arena) a = {0};
    batch b;
    arena_init(&a, LIMIT_DECODE_BYTES + 2 * LIMIT_FRAME_BYTES);
    const Entry__Upload *body = contents_upload(c->t, upload_no, &a, e);
    if (body == NULL) return false;
    TRY(batch_decode(str_from(body->frame.data, body->frame.len), &a, &b, e));
    for (size_t i = 0; i < m->makes; i++)
        if (str_eq(m->make[i], b.make)) return true;
    if (b.make.n) m->make[m->makes++] = arena_str(c->a, b.make);
    return true;
}

static bool read_makes(call *c, uint32_t of, makes_of *m, err *e) {
    AUTO(kv_cursor) walk = kv_from(c->t, TABLE_UPLOAD, STR(""), STR_NONE);
    *m = (makes_of){.uploads = 0};
    while (kv_next(&walk)) {
        upload u;
        if (upload_decode(get_be64(walk.key.p), walk.val, &u) && u.partner == of && !u.withdrawn) note_upload(m, u.no);
    }
    for (size_t i = 0; i < m->uploads && i < UPLOADS_SEEN; i++) TRY(read_make(c, m->upload[i], m, e));
    return true;
}

static bool share_a_make(const makes_of *a, const makes_of *b) {
    for (size_t i = 0; i < a->makes; i++)
        for (size_t k = 0; k < b->makes; k++)
            if (str_eq(a->make[i], b->make[k])) return true;
    return false;
}

static void put_row(call *c, str to, const catalog_row *alias, const char *result, const char *why) {
    json *j = answer_row(c);
    cell_text(j, "partner", to);
    cell_text(j, "kind", alias ? alias->cell[ALIAS_KIND] : STR(""));
    cell_text(j, "alias", alias ? alias->cell[ALIAS_ALIAS] : STR(""));
    cell_text(j, "id", alias ? alias->cell[ALIAS_ID] : STR(""));
    cell_text(j, "result", str_of(result));
    cell_text(j, "why", str_of(why));
    answer_row_end(c);
}

static bool has_own(call *c, str owner, const catalog_row *alias) {
    str cells[] = {owner, alias->cell[ALIAS_KIND], alias->cell[ALIAS_ALIAS]};
    catalog_row row;
    AUTO(catalog_walk) w = catalog_rows(c->t, CATALOG_ALIAS, cells, ARRAY_LEN(cells));
    return catalog_next(&w, &row);
}

static void copy_rows(call *c, str from, str to, import *in, bool dry, arena *a) {
    catalog_row row;
    AUTO(catalog_walk) w = catalog_rows(c->t, CATALOG_ALIAS, &from, 1);
    while (catalog_next(&w, &row)) {
        if (!str_is(row.cell[ALIAS_KIND], "product") && !str_is(row.cell[ALIAS_KIND], "unit")) continue;
        if (has_own(c, to, &row)) {
            put_row(c, to, &row, "skipped", "has an alias of its own for that word");
            continue;
        }
        str *cells = import_row(in, 0);
        for (size_t i = 0; i < catalog_tables[CATALOG_ALIAS].column_count; i++) cells[i] = arena_str(a, row.cell[i]);
        cells[ALIAS_OWNER] = to;
        put_row(c, to, &row, dry ? "would be copied" : "copied", "");
    }
}

static bool copy_to(call *c, const partner *from, const makes_of *theirs, str id, import *in, arena *a, err *e) {
    partner to;
    makes_of own;
    if (!partner_by_id(c->t, id, &to))
        return err_set(e, ERR_NOT_FOUND, "unknown partner '%.*s'", STR_ARG(str_take(id, LIMIT_ID)));
    if (to.no == from->no) return err_set(e, ERR_USAGE, "--to: '%.*s' is the one that is copied", STR_ARG(id));
    TRY(authz(c, "write", to.no, e));
    TRY(read_makes(c, to.no, &own, e));
    str owner = arena_str(a, to.id);
    if (own.uploads == 0) put_row(c, owner, NULL, "skipped", "sent no file yet");
    else if (!share_a_make(theirs, &own))
        put_row(c, owner, NULL, "skipped", "its files have other headers");
    else
        copy_rows(c, arena_str(a, from->id), owner, in, call_flag(c, "dry-run"), a);
    return true;
}

static bool copy_all(call *c, const partner *from, import *in, arena *a, err *e) {
    makes_of theirs;
    str rest = call_option(c, "to"), id;
    TRY(read_makes(c, from->no, &theirs, e));
    for (size_t n = 0; str_split(&rest, ',', &id); n++) {
        if (n == TARGETS) return err_set(e, ERR_USAGE, "--to: at most %d partners", TARGETS);
        TRY(copy_to(c, from, &theirs, str_trim(id), in, a, e));
    }
    if (in->rows == 0 || call_flag(c, "dry-run")) return true;
    take_how how = {.name = "alias", .source = STR("alias copy"), .quiet = true};
    TRY(catalog_take(c, in, 1, &how, a, e));
    answer_status(c, STATUS_CHANGED);
    return true;
}

bool cmd_alias_copy(call *c, err *e) {
    static const char *const columns[] = {"partner", "kind", "alias", "id", "result", "why"};
    AUTO(arena) a = {0};
    AUTO(import) in = {.table = CATALOG_ALIAS};
    partner from;
    str id = call_option(c, "from");
    if (!partner_by_id(c->t, id, &from))
        return err_set(e, ERR_NOT_FOUND, "unknown partner '%.*s'", STR_ARG(str_take(id, LIMIT_ID)));
    TRY(authz(c, "read", from.no, e));
    arena_init(&a, IMPORT_BYTES);
    for (size_t i = 0; i < CATALOG_COLUMNS_MAX; i++) in.given[i] = true;
    answer_list(c, columns, ARRAY_LEN(columns));
    return copy_all(c, &from, &in, &a, e);
}
