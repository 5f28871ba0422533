#include "daemon/catalog/product.h"
#include "daemon/ledger/coded.h"
#include "daemon/ledger/missing.h"
#include "daemon/ledger/plan.h"
#include "daemon/ledger/problems.h"
#include "daemon/ledger/reports.h"

/* The words of a source as this reporter means them. */
static lookup *words_of(plan *p, source *s, uint32_t reporter) {
    if (s->words.b != &s->b || s->words.reporter != reporter)
        lookup_begin(&s->words, p->t, &s->memo, &s->b, reporter, s->create, &p->made);
    return &s->words;
}

static str kept_text(arena *a, str s) {
    return s.n ? arena_str(a, s) : STR("");
}

/* Does a lot that the line names go to a partner who answers for it? */
static bool hands_on(const posted *r) {
    return r->kind == FLOW_SELL_IN || r->kind == FLOW_GIFT_IN || (r->counterparty && r->kind != FLOW_RECEIPT);
}

/* Rows posted of document `doc` whose lines name codes, or a lot that is handed on. */
static void note_codes(plan *p, doc_work *w, const batch *b, uint32_t doc, const posting *now, uint32_t from_row,
                       uint32_t from_line) {
    const text_column *codes = &b->line_text[T_CODES], *lots = &b->line_text[T_BATCH];
    coded_document *x = &w->coded;
    if (codes->words == 0 && lots->words == 0) return;
    for (uint32_t i = from_row; i < now->rows; i++) {
        const posted *r = &now->row[i];
        uint32_t at = b->doc_first[doc] + r->line - from_line;
        str code = column_text(codes, at), lot = hands_on(r) ? column_text(lots, at) : STR("");
        if (code.n + lot.n == 0) continue;
        arena *a = &coded_of(p->r)->a;
        if (a->used > LIMIT_CODED_BYTES) {
            problem_at(p->r, b, at, "codes", STR(""), "fewer codes in one document",
                       "the codes of this line and those after it are not followed; send the document in pieces");
            return;
        }
        x->row = arena_grown(a, x->row, x->rows, &x->cap, sizeof *x->row);
        x->row[x->rows++] = (coded_row){*r, kept_text(a, code), kept_text(a, lot)};
    }
}

/* Judge a content from its first part to its last. */
static bool judge_content(plan *p, doc_work *w, uint32_t index, err *e) {
    const content *c = &w->d.content[index];
    builder x;
    bool ok = true;
    builder_begin(&x, p->a, p->r, index, c->lines);
    judge g = {.rules = &p->rules, .type = w->d.type, .nil = w->d.flags & DOC_NIL, .x = &x};
    for (uint32_t i = 0; ok && i < c->refs; i++) {
        source *s = plan_source(p, c->ref[i].entry, e);
        ok = s != NULL;
        if (!ok) break;
        uint32_t rows = x.p.rows, lines = x.lines;
        g.l = words_of(p, s, w->d.partner);
        judge_document(&g, c->ref[i].doc);
        note_codes(p, w, &s->b, c->ref[i].doc, &x.p, rows, lines);
    }
    w->now = builder_done(&x);
    w->has = true;
    builder_end(&x);
    return ok;
}

static bool same_figures(const document *d, int was, int holds) {
    return was >= 0 && holds >= 0 && memcmp(d->content[was].digest, d->content[holds].digest, DIGEST_SIZE) == 0;
}

/* The order in which counts were submitted decides which of a day counts; it is in their rows. */
static bool must_move(const doc_work *w, int was, int holds) {
    if (w->again || !same_figures(&w->d, was, holds)) return true;
    return w->d.type == TYPE_STOCK && was != holds;
}

static bool settle(plan *p, doc_work *w, err *e) {
    document *d = &w->d;
    int was = (int)d->posted - 1, holds = document_holds(d);
    bool empty = holds < 0 || d->content[holds].lines == 0;
    if (was < 0 && empty) return true;
    if (!must_move(w, was, holds)) return d->posted = (uint32_t)holds + 1, true;
    w->had = d->no && posting_get(p->t, d->no, p->a, &w->old);
    TRY(txn_ok(p->t, e));
    if (!empty) TRY(judge_content(p, w, (uint32_t)holds, e));
    for (uint32_t i = 0; i < w->old.rows; i++) flow_changes_add(&p->flows, &w->old.row[i], -1, p->a);
    for (uint32_t i = 0; i < w->now.rows; i++) flow_changes_add(&p->flows, &w->now.row[i], 1, p->a);
    if (!same_figures(d, was, holds)) p->r->superseded += w->old.posted;
    d->posted = empty ? 0 : (uint32_t)holds + 1;
    w->settled = w->changed = true;
    return true;
}

/* A day sent again takes the place of the day before; what went with it is said. */
static void tell_missing(plan *p, const taken *x) {
    const doc_work *w = x->work;
    uint32_t product_no = 0;
    if (w->d.number.n || !w->had || w->d.flags & DOC_ADD) return;
    uint32_t gone = missing_rows(&w->old, &w->now, p->a, &product_no);
    if (gone == 0) return;
    AUTO(buf) day = {0};
    day_put(&day, w->d.date);
    problem_at(p->r, &p->now.b, x->row, "sku", product_no ? product_sku(p->t, product_no) : STR(""),
               "the lines sent before, or a number on each document",
               "%u lines that %s had before are not in this file and were taken out; if both files stand, say "
               "no_number: add in the mapping",
               gone, buf_z(&day));
}

/* A nil report of days that have lines: kept, but the lines count. */
static void tell_contradiction(plan *p, const taken *x) {
    const document *d = &x->work->d;
    const posting *now = &x->work->now;
    report_row row;
    if (!(d->flags & DOC_NIL) || now->days == 0) return;
    AUTO(kv_cursor) c = report_rows(p->t, d->partner, d->type, false, now->day[0].day);
    if (!report_next(&c, &row) || row.day > now->day[now->days - 1].day) return;
    AUTO(buf) day = {0};
    day_put(&day, row.day);
    buf_printf(&day, " (document %llu)", (unsigned long long)row.document);
    problem_at(p->r, &p->now.b, x->row, "date", buf_str(&day), "days without lines",
               "that day has lines: they count, the nil report does not; withdraw the one that is wrong");
}

/* Lines of a content that came: posted now, or not the ones that hold. */
static void count_taken(plan *p, taken *x) {
    apply_result *r = p->r;
    const document *d = &x->work->d;
    if (x->what == OUTCOME_PART || x->what == OUTCOME_REVERSED) return;
    r->documents++;
    r->lines += x->lines;
    if (x->content >= 0 && x->content == document_holds(d) && (x->work->settled || x->lines == 0)) {
        r->committed += x->work->now.posted;
        r->quarantined += x->work->now.quarantine;
        tell_missing(p, x);
        tell_contradiction(p, x);
        return;
    }
    r->duplicate += x->lines;
    if (x->content < 0 || same_figures(d, x->content, document_holds(d))) {
        x->what = OUTCOME_DUPLICATE;
        return;
    }
    x->what = OUTCOME_OLDER;
    problem_at(r, &p->now.b, x->row, "version", d->content[x->content].version, "the version that holds",
               "document '%.*s': a later version or content holds, these lines were kept but not posted",
               STR_ARG(d->number));
}

bool plan_settle(plan *p, err *e) {
    for (size_t i = 0; i < p->works; i++) TRY(settle(p, p->work[i], e));
    for (size_t i = 0; i < p->takens; i++) count_taken(p, &p->taken[i]);
    for (size_t i = 0; i < p->works; i++) {
        const doc_work *w = p->work[i];
        if (p->takens || !w->settled) continue; /* withdrawn, or judged again */
        p->r->documents++;
        p->r->lines += w->now.posted + w->now.quarantine;
        p->r->committed += w->now.posted;
        p->r->quarantined += w->now.quarantine;
    }
    return flow_changes_check(&p->flows, p->t, p->a, e);
}
