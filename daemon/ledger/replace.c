/* replace — a file that is the whole truth for a span (全量覆盖): with its last batch, what it no longer has of that
 * span is reversed. A reversal is a content without lines and without a place in any batch; its upload is its cause,
 * so withdrawing the upload brings the document back. */
#include "daemon/ledger/plan.h"
#include "daemon/ledger/problems.h"
#include "daemon/store/store.h"
#include "proto/content.h"
#include "proto/wire.pb-c.h"

/* What the file speaks of. */
typedef struct scope {
    uint32_t partner;
    doc_type type;
    str stream;
} scope;

typedef struct replacing {
    plan *p;
    arena scratch; /* one document at a time */
    scope *scope;
    size_t scopes, scope_cap;
    uint64_t *missing; /* document numbers */
    size_t missings, missing_cap;
    uint64_t lines;
} replacing;

void plan_begin_replacement(plan *p, str who) {
    uint64_t id = p->now.b.replace.id;
    p->replaces = id != 0 && upload_replacement(p->t, who, id) == 0;
}

static bool in_scope(const replacing *x, const document *d) {
    for (size_t i = 0; i < x->scopes; i++)
        if (x->scope[i].partner == d->partner && x->scope[i].type == d->type && str_eq(x->scope[i].stream, d->stream))
            return true;
    return false;
}

static void add_scope(replacing *x, const document *d) {
    if (in_scope(x, d)) return;
    x->scope = arena_grown(x->p->a, x->scope, x->scopes, &x->scope_cap, sizeof *x->scope);
    x->scope[x->scopes++] = (scope){d->partner, d->type, d->stream.n ? arena_str(x->p->a, d->stream) : STR("")};
}

/* Documents that earlier batches of the file brought, and those of this one. */
static void find_scopes(replacing *x) {
    plan *p = x->p;
    key prefix = {.n = 0};
    key_u64(&prefix, p->up.no);
    for (size_t i = 0; i < p->takens; i++) {
        p->taken[i].work->named = true;
        add_scope(x, &p->taken[i].work->d);
    }
    for (kv_cursor c = kv_from(p->t, TABLE_UPLOAD_DOCUMENT, key_str(&prefix), STR_NONE); kv_next(&c);) {
        document d;
        arena_reset(&x->scratch);
        if (document_get(p->t, get_be64(c.key.p + 8), &x->scratch, &d)) add_scope(x, &d);
    }
}

/* Does the file have it? */
static bool named(const replacing *x, const document *d) {
    plan *p = x->p;
    key k = {.n = 0}, by = document_key(d);
    str val;
    const uint64_t *at = map_find(&p->index, key_str(&by));
    key_u64(&k, p->up.no);
    key_u64(&k, d->no);
    return (at && p->work[*at]->named) || kv_get(p->t, TABLE_UPLOAD_DOCUMENT, key_str(&k), &val);
}

/* The date of the content that holds: a corrected document may have moved. */
static bool date_now(plan *p, const document *d, const content *c, day_t *out, err *e) {
    *out = d->date;
    if (d->contents == 1 || c->refs == 0) return true;
    source *s = plan_source(p, c->ref[0].entry, e);
    if (s == NULL) return false;
    int64_t date = column_number(s->b.doc_number[D_DATE], c->ref[0].doc);
    if (date == NUM_NONE) date = column_number(s->b.line_number[N_DATE], s->b.doc_first[c->ref[0].doc]);
    *out = (day_t)date;
    return true;
}

static bool look_at(replacing *x, uint64_t no, err *e) {
    plan *p = x->p;
    const replace_span *r = &p->now.b.replace;
    document d;
    day_t date;
    arena_reset(&x->scratch);
    if (!document_get(p->t, no, &x->scratch, &d)) return txn_ok(p->t, e);
    int holds = document_holds(&d);
    if (holds < 0 || d.content[holds].lines == 0 || !in_scope(x, &d) || named(x, &d)) return true;
    TRY(date_now(p, &d, &d.content[holds], &date, e));
    if (date < r->from || date > r->to) return true;
    for (size_t i = x->missings; i-- > 0;)
        if (x->missing[i] == no) return true; /* found by another of its dates */
    x->missing = arena_grown(p->a, x->missing, x->missings, &x->missing_cap, sizeof *x->missing);
    x->missing[x->missings++] = no;
    x->lines += d.content[holds].lines;
    return true;
}

static bool within_bounds(const replacing *x) {
    return x->missings <= LIMIT_REPLACE_DOCUMENTS && x->lines <= LIMIT_REPLACE_LINES;
}

/* All documents of a reporter in the span, by the dates of their contents. */
static bool look_through(replacing *x, uint32_t partner_no, err *e) {
    const replace_span *r = &x->p->now.b.replace;
    key prefix = {.n = 0}, start = {.n = 0};
    key_u32(&prefix, partner_no);
    key_u32(&start, partner_no);
    key_day(&start, r->from);
    AUTO(kv_cursor) c = kv_from(x->p->t, TABLE_DOCUMENT_DATED, key_str(&prefix), key_str(&start));
    while (kv_next(&c) && within_bounds(x)) {
        reader at = reader_of(str_skip(c.key, 4));
        if (read_day(&at) > r->to) break;
        TRY(look_at(x, read_be64(&at), e));
    }
    return true;
}

static bool find_missing(replacing *x, err *e) {
    for (size_t i = 0; i < x->scopes; i++) {
        bool seen = false;
        for (size_t k = 0; k < i; k++) seen |= x->scope[k].partner == x->scope[i].partner;
        if (!seen) TRY(look_through(x, x->scope[i].partner, e));
    }
    return true;
}

static void show(apply_result *r, const document *d, day_t date, uint32_t lines) {
    r->reversed_documents++;
    r->reversed_lines += lines;
    if (r->reversed_kept == LIMIT_REVERSED_SHOWN) return;
    if (r->reversed_kept == 0) r->reversed = ARENA_NEW(r->a, struct Wire__Reversed *, LIMIT_REVERSED_SHOWN);
    Wire__Reversed *w = arena_alloc(r->a, sizeof *w);
    ASSERT(r->reversed != NULL && w != NULL);
    wire__reversed__init(w);
    w->type = (char *)(uintptr_t)doc_type_name(d->type);
    if (d->number.n) w->number = (char *)(uintptr_t)arena_str(r->a, d->number).p;
    if (d->place.n) w->place = (char *)(uintptr_t)arena_str(r->a, d->place).p;
    w->date = date;
    w->lines = lines;
    r->reversed[r->reversed_kept++] = w;
}

static bool reverse(replacing *x, uint64_t no, err *e) {
    plan *p = x->p;
    doc_work *w = plan_document(p, no);
    day_t date;
    TRY(w != NULL || (txn_ok(p->t, e) && err_set(e, ERR_INTERNAL, "document %llu is gone", (unsigned long long)no)));
    document *d = &w->d;
    if (d->contents == LIMIT_DOCUMENT_CONTENTS) {
        problem_at(p->r, NULL, NO_ROW, "number", d->number, "a document with at most 64 different contents",
                   "it is missing from the file but could not be reversed; cancel it, or withdraw its uploads");
        return true;
    }
    content *c = plan_content(p, d);
    const content *was = &d->content[document_holds(d)];
    TRY(date_now(p, d, was, &date, e));
    *c = (content){.version = was->version, .upload = p->up.no};
    content_digest(d->type, true, NULL, 0, p->a, c->digest);
    w->changed = true;
    show(p->r, d, date, was->lines);
    plan_take(p, (taken){w, (int32_t)d->contents++, was->lines, NO_ROW, date, OUTCOME_REVERSED});
    return true;
}

/* Every line of the file arrived and was taken: only then does what is missing say anything. */
static bool is_whole(const plan *p) {
    uint64_t lines = p->up.lines + p->r->lines;
    for (size_t i = 0; i < p->takens; i++) lines += p->taken[i].lines;
    return lines == p->now.b.file_lines && p->up.refused + p->r->refused == 0;
}

bool plan_replace(plan *p, err *e) {
    const batch *b = &p->now.b;
    if (!p->replaces || b->file_batch != b->file_batches) return true;
    p->clears = true;
    if (!is_whole(p)) {
        problem_at(
            p->r, NULL, NO_ROW, "", STR(""), "a file that was taken whole",
            "lines of it were refused, so nothing that is missing in it was reversed: mend it and push it again");
        return true;
    }
    replacing x = {.p = p};
    arena_init(&x.scratch, SIZE_MAX);
    find_scopes(&x);
    bool ok = txn_ok(p->t, e) && find_missing(&x, e);
    if (ok && !within_bounds(&x)) {
        problem_at(p->r, NULL, NO_ROW, "", STR(""), "at most 8192 missing documents with 131072 lines",
                   "more than that is missing in this file, so nothing was reversed: replace a shorter span");
        x.missings = 0;
    }
    for (size_t i = 0; ok && i < x.missings; i++) ok = reverse(&x, x.missing[i], e);
    arena_free(&x.scratch);
    return ok;
}
