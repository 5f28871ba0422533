#include "daemon/command/cells.h"
#include "daemon/command/customers.h"

#include "daemon/catalog/partner.h"
#include "daemon/catalog/waiting.h"
#include "daemon/ledger/contents.h"
#include "daemon/ledger/facts.h"
#include "daemon/ledger/live.h"
#include "daemon/ledger/posting.h"
#include "daemon/ledger/uploads.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

/* What stands of a document now. */
static const char *state_of(const document *d, const posting *p) {
    int holds = document_holds(d);
    if (holds < 0) return d->pending.parts ? "incomplete" : "withdrawn";
    if (d->content[holds].lines == 0) return "cancelled";
    if (p->quarantine) return "quarantine";
    return d->flags & DOC_NIL ? "nil" : "posted";
}

static void put_head(call *c, json *j, const document *d, const posting *p) {
    int holds = document_holds(d);
    const content *now = holds < 0 ? NULL : &d->content[holds];
    cell_id(j, "id", d->no);
    cell_text(j, "partner", partner_id(c->t, d->partner));
    cell_text(j, "type", str_of(doc_type_name(d->type)));
    cell_text(j, "number", d->number);
    cell_text(j, "stream", d->stream);
    cell_text(j, "place", d->place);
    put_day_cell(j, "date", d->date);
    cell_text(j, "version", now ? now->version : STR(""));
    cell_count(j, "line_count", now ? now->lines : 0);
    cell_count(j, "posted", p->posted);
    cell_count(j, "quarantined", p->quarantine);
    cell_count(j, "contents", d->contents);
    cell_id(j, "upload", now ? now->upload : d->pending.upload);
    cell_text(j, "state", str_of(state_of(d, p)));
    json_key(j, "history"), json_bool(j, ledger_is_history(c->t, d->partner, d->date));
}

typedef struct choice {
    uint32_t partner;
    day_t from, to;
    str number, type;
} choice;

static bool list_one(call *c, const choice *w, uint64_t no, err *e) {
    AUTO(arena) a = {0};
    document d;
    posting p = {0};
    arena_init(&a, SIZE_MAX);
    if (!document_get(c->t, no, &a, &d)) return txn_ok(c->t, e);
    if (d.date < w->from || d.date > w->to) return true;
    if (w->number.p && !str_eq(w->number, d.number)) return true;
    if (w->type.p && !str_is(w->type, doc_type_name(d.type))) return true;
    (void)posting_get(c->t, no, &a, &p);
    put_head(c, answer_row(c), &d, &p);
    answer_row_end(c);
    return txn_ok(c->t, e);
}

bool cmd_document_list(call *c, err *e) {
    static const char *const columns[] = {"id",          "partner",  "type",    "number",     "stream",
                                          "place",       "date",     "version", "line_count", "posted",
                                          "quarantined", "contents", "upload",  "state",      "history"};
    choice w = {.number = call_option(c, "number"), .type = call_option(c, "type")};
    key prefix = {.n = 0};
    TRY(call_day(c, "from", DAY_MIN, &w.from, e));
    TRY(call_day(c, "to", DAY_MAX, &w.to, e));
    TRY(option_partner(c, &w.partner, e));
    if (w.partner) key_u32(&prefix, w.partner);
    TRY(authz(c, "read", w.partner, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    AUTO(kv_cursor) walk = kv_from(c->t, TABLE_DOCUMENT, key_str(&prefix), STR_NONE);
    while (kv_next(&walk) && !answer_failed(c)) TRY(list_one(c, &w, get_be64(walk.val.p), e));
    return true;
}

static void put_content(call *c, json *j, const document *d, uint32_t i) {
    const content *x = &d->content[i];
    AUTO(buf) hex = {0};
    upload u = {0};
    bool known = upload_get(c->t, x->upload, &u);
    hex_put(&hex, x->digest, DIGEST_SIZE);
    json_open_object(j);
    cell_text(j, "version", x->version);
    cell_count(j, "lines", x->lines);
    cell_text(j, "state",
              x->withdrawn                  ? STR("withdrawn")
              : (int)i == document_holds(d) ? STR("holds")
                                            : STR("replaced"));
    cell_text(j, "cause", x->refs ? STR("") : STR("missing from a file that is the whole truth for its span"));
    cell_id(j, "upload", x->upload);
    cell_text(j, "file", known ? u.file : STR(""));
    cell_text(j, "agent", known ? u.agent : STR(""));
    cell_text(j, "actor", known ? u.actor : STR(""));
    cell_time(j, "time", u.time_ms, c->zone_min);
    cell_id(j, "entry", x->refs ? x->ref[x->refs - 1].entry : 0);
    cell_text(j, "digest", buf_str(&hex));
    json_end_object(j);
}

/* Lines of the content as they were sent, each with what it posted. */
typedef struct line_writer {
    call *c;
    json *j;
    const posting *p;
    facts *f;
    uint32_t next; /* row of the posting that may be the line's */
} line_writer;

static void put_stated(json *j, const batch *b, uint32_t row) {
    for (size_t k = 0; k < LINE_TEXT_COUNT; k++) {
        str s = column_text(&b->line_text[k], row);
        if (s.n) cell_text(j, line_text_facts[k].name, s);
    }
    for (size_t k = 0; k < LINE_NUMBER_COUNT; k++) {
        int64_t v = column_number(b->line_number[k], row);
        const column_fact *fact = &line_number_facts[k];
        if (v == NUM_NONE || k == N_ROW) continue;
        if (fact->scale == -1) put_day_cell(j, fact->name, (day_t)v);
        else if (fact->scale < 0)
            cell_count(j, fact->name, (uint64_t)v);
        else
            json_key(j, fact->name), json_dec(j, v, (unsigned)fact->scale, 0);
    }
}

static void put_posted(line_writer *w, const posted *x) {
    static const char *const sources[] = {"unknown", "stated", "customer", "assumed"};
    cell_text(w->j, "posted_kind", str_of(flow_kind_name((flow_kind)x->kind)));
    cell_text(w->j, "posted_partner", partner_fact_of(w->f, x->partner)->id);
    cell_text(w->j, "posted_product", product_fact_of(w->f, x->product)->sku);
    cell_quantity(w->j, "posted_quantity", x->quantity);
    cell_amount(w->j, x->amount, x->currency, "posted_amount", "posted_currency");
    cell_text(w->j, "region", region_text(w->f, x->region, REGION_LEVEL_NONE, false));
    cell_text(w->j, "region_source", str_of(sources[x->source % ARRAY_LEN(sources)]));
}

static void put_waits(line_writer *w, uint32_t line) {
    for (uint32_t i = 0; i < w->p->waits; i++) {
        const waiting *x = &w->p->wait[i];
        for (uint32_t k = 0; k < x->lines; k++) {
            if (x->line[k] != line) continue;
            cell_text(w->j, x->soft ? "noted" : "waits_for", str_of(waiting_name((waiting_reason)x->reason)));
            if (x->soft) return;
            cell_text(w->j, "word", x->word);
            return;
        }
    }
}

static bool put_line(void *arg, const batch *b, uint32_t row, uint32_t line, err *e) {
    line_writer *w = arg;
    int64_t at = column_number(b->line_number[N_ROW], row);
    (void)e;
    json_open_object(w->j);
    cell_count(w->j, "row", at == NUM_NONE ? 0 : (uint64_t)at);
    put_stated(w->j, b, row);
    while (w->next < w->p->rows && w->p->row[w->next].line < line) w->next++;
    if (w->next < w->p->rows && w->p->row[w->next].line == line) put_posted(w, &w->p->row[w->next]);
    put_waits(w, line);
    json_end_object(w->j);
    return true;
}

static bool put_lines(call *c, json *j, const document *d, const posting *p, err *e) {
    int holds = document_holds(d);
    facts f;
    if (holds < 0) return true;
    facts_init(&f, c->t);
    line_writer w = {.c = c, .j = j, .p = p, .f = &f};
    const content *x = &d->content[d->posted ? p->content : (uint32_t)holds];
    bool ok = contents_walk(c->t, x, put_line, &w, e);
    facts_free(&f);
    return ok;
}

static bool count_customer(void *arg, const batch *b, uint32_t row, uint32_t line, err *e) {
    words *w = arg;
    str name = column_text(&b->line_text[T_CUSTOMER], row);
    (void)line;
    (void)e;
    if (name.n) (void)words_add(w, name);
    return true;
}

/* Customers stand in its lines as they were sent. */
static bool note_customers(call *c, const document *d, const posting *p, err *e) {
    AUTO(words) named = {0};
    int holds = document_holds(d);
    if (holds < 0) return true;
    words_init(&named, SIZE_MAX); /* of one document */
    TRY(contents_walk(c->t, &d->content[d->posted ? p->content : (uint32_t)holds], count_customer, &named, e));
    return call_opened(c, partner_id(c->t, d->partner), named.n, e);
}

bool cmd_document_show(call *c, err *e) {
    int64_t no;
    document d;
    posting p = {0};
    str arg = call_arg(c, 0);
    if (!dec_parse(arg, 0, &no, NULL) || no <= 0 || !document_get(c->t, (uint64_t)no, c->a, &d))
        return authz(c, "read", 0, e) && err_set(e, ERR_NOT_FOUND, "no document '%.*s' (document list shows their ids)",
                                                 STR_ARG(str_take(arg, 40)));
    TRY(authz(c, "read", d.partner, e));
    (void)posting_get(c->t, d.no, c->a, &p);
    TRY(note_customers(c, &d, &p, e));
    json *j = answer_show(c);
    put_head(c, j, &d, &p);
    json_key(j, "seen");
    json_open_array(j);
    for (uint32_t i = 0; i < d.contents; i++) put_content(c, j, &d, i);
    json_end_array(j);
    json_key(j, "lines");
    json_open_array(j);
    TRY(put_lines(c, j, &d, &p, e));
    json_end_array(j);
    answer_show_end(c);
    return true;
}
