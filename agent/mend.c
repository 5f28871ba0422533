/* mend — a corrected sheet comes back: its rows are read as rows of the file they came from, and their documents are sent
 * again as they were last sent, with just those rows exchanged. */
#include "agent/mend.h"

#include "agent/mend_sheet.h"
#include "agent/usual.h"
#include "formats/sheet.h"
#include "proto/digest.h"
#include <inttypes.h>
#include <stdlib.h>

/* ---- read as the file was read ---- */

typedef struct replay {
    const corrected *c;
    size_t first, end, at; /* rows of the sheet being read */
} replay;

static bool replay_next(void *self, table_row *row, err *e) {
    replay *p = self;
    (void)e;
    *row = (table_row){0};
    if (p->at == p->end) return true;
    const kept_row *k = &p->c->row[p->at++];
    *row = (table_row){.no = k->no, .cell = k->cell, .cells = k->cells};
    return true;
}

static void replay_rewind(void *self) {
    replay *p = self;
    p->at = p->first;
}

static bool replay_sheet(void *self, table_rows *rows, bool *more, err *e) {
    replay *p = self;
    (void)e;
    *more = p->end < p->c->rows;
    if (!*more) return true;
    uint32_t sheet = p->c->row[p->end].sheet;
    p->first = p->at = p->end;
    while (p->end < p->c->rows && p->c->row[p->end].sheet == sheet) p->end++;
    *rows = (table_rows){.self = p, .next = replay_next, .rewind = replay_rewind, .sheet = sheet};
    if (sheet < LIMIT_SHEETS) rows->sheet_name = p->c->name[sheet];
    return true;
}

static bool read_rows(const home *h, const corrected *c, const upload *u, docset *out, err *e) {
    AUTO(dialect) how = {0};
    uint8_t key[KEY_SIZE];
    replay p = {.c = c};
    source in = {.name = u->name};
    TRY(dialect_of(h->dir, c->signature, &how, e));
    out->file_name = arena_str(&out->text, str_of(u->name));
    if (home_privacy_key(h->dir, key))
        out->privacy_key = (const uint8_t *)arena_str(&out->text, str_from(key, sizeof key)).p;
    TRY(sheets_read(&(sheet_source){&p, replay_sheet}, &in, how.mapped ? &how.m : NULL, out, e));
    docset_finish(out);
    return true;
}

/* ---- the documents as they were last sent ---- */

typedef struct base_doc {
    size_t set, doc; /* which docset, which document of it */
    bool touched;    /* one of the rows is in it */
    bool changed;
} base_doc;

typedef struct base {
    docset *set; /* the upload and what mended it since */
    uint64_t *upload;
    size_t sets;
    map index; /* document key → base + 1 */
    base_doc *doc;
    size_t docs, cap;
    arena keys;
    uint8_t sha256[32]; /* of the file */
} base;

static void base_auto(base *b) {
    for (size_t i = 0; i < b->sets; i++) docset_free(&b->set[i]);
    free(b->set);
    free(b->upload);
    free(b->doc);
    map_free(&b->index);
    arena_free(&b->keys);
}

static base_doc *base_find(const base *b, const uint8_t k[static DOCUMENT_KEY]) {
    const uint64_t *at = map_find(&b->index, str_from(k, DOCUMENT_KEY));
    return at ? &b->doc[*at - 1] : NULL;
}

static void base_put(base *b, const uint8_t k[static DOCUMENT_KEY], base_doc d) {
    uint64_t *at = map_at(&b->index, arena_str(&b->keys, str_from(k, DOCUMENT_KEY)), NULL);
    if (*at) {
        b->doc[*at - 1] = d;
        return;
    }
    if (b->docs == b->cap) {
        b->cap = b->cap ? 2 * b->cap : 64;
        b->doc = reallocarray(b->doc, b->cap, sizeof *b->doc);
        ASSERT(b->doc != NULL);
    }
    b->doc[b->docs++] = d;
    *at = b->docs;
}

typedef struct kin {
    base *b;
    uint64_t upload;
    upload *list;
    size_t n;
} kin;

/* The file itself and every sheet that mended it, oldest first. */
static bool is_kin(void *arg, const upload *u) {
    kin *k = arg;
    if (u->id != k->upload && u->origin != k->upload) return true;
    k->list = reallocarray(k->list, k->n + 1, sizeof *k->list);
    ASSERT(k->list != NULL);
    k->list[k->n++] = *u;
    return true;
}

static bool load_base(spool *s, const upload *u, base *b, err *e) {
    kin k = {.upload = u->id};
    memcpy(b->sha256, u->sha256, sizeof b->sha256);
    arena_init(&b->keys, SIZE_MAX);
    bool ok = spool_uploads(s, is_kin, &k, e);
    b->set = calloc(k.n + 1, sizeof *b->set);
    b->upload = calloc(k.n + 1, sizeof *b->upload);
    ASSERT(b->set != NULL && b->upload != NULL);
    for (size_t i = 0; ok && i < k.n; i++) {
        docset *d = &b->set[b->sets];
        docset_init(d);
        b->upload[b->sets++] = k.list[i].id;
        ok = mend_docset_of(s, &k.list[i], d, e);
        for (size_t doc = 0; ok && doc < d->docs; doc++) {
            uint8_t key[DOCUMENT_KEY];
            document_key_of(d, doc, key);
            base_put(b, key, (base_doc){.set = i, .doc = doc});
        }
    }
    free(k.list);
    return ok;
}

/* Another file may have sent the document since: its rows are others. */
static bool still_ours(spool *s, const base *b, const docset *d, size_t doc, err *e) {
    uint8_t key[DOCUMENT_KEY];
    known_document last;
    upload u;
    document_key_of(d, doc, key);
    if (!known_find(s, key, &last, e)) return e->code == ERR_OK;
    for (size_t i = 0; i < b->sets; i++)
        if (b->upload[i] == last.upload) return true;
    if (!spool_upload(s, last.upload, &u, e)) return e->code == ERR_NOT_FOUND;
    if (memcmp(u.sha256, b->sha256, sizeof u.sha256) == 0) return true;
    str number = words_get(&d->words, d->doc[doc].text[D_NUMBER]);
    return err_set(e, ERR_DATA,
                   "document '%.*s' was sent again since by '%s' (upload %" PRIu64
                   "): its rows are no longer those of this sheet; take the sheet of that upload, or mend the file "
                   "and push it whole",
                   STR_ARG(number), u.name, u.id);
}

/* ---- the exchange ---- */

/* A line of the sheet by the place it has in the file. */
typedef struct placed {
    uint64_t place; /* sheet and row */
    size_t line;
} placed;

typedef struct exchange {
    base b;
    const docset *now; /* what the sheet says */
    placed *place;     /* of its lines, sorted */
    docset *out;
} exchange;

static uint32_t sheet_of(const doc_line *l) {
    return l->number[N_SHEET] == NUM_NONE ? 0 : (uint32_t)l->number[N_SHEET];
}

static uint64_t place_of(const doc_line *l) {
    return (uint64_t)sheet_of(l) << 48 | (uint64_t)l->number[N_ROW];
}

static int by_place(const void *x, const void *y) {
    const placed *a = x, *b = y;
    if (a->place != b->place) return a->place > b->place ? 1 : -1;
    return (a->line > b->line) - (a->line < b->line);
}

/* What the sheet says of this row as far as it could be read: a row of months may be several lines. */
static const placed *exchanged(const exchange *x, const doc_line *l, size_t *n) {
    uint64_t place = place_of(l);
    size_t low = 0, high = x->now->lines;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (x->place[mid].place < place) low = mid + 1;
        else
            high = mid;
    }
    for (*n = 0; low + *n < x->now->lines && x->place[low + *n].place == place;) ++*n;
    return x->place + low;
}

static bool is_exchanged(const exchange *x, const doc_line *l) {
    size_t n;
    (void)exchanged(x, l, &n);
    return n > 0;
}

static void sort_places(exchange *x) {
    x->place = calloc(x->now->lines + 1, sizeof *x->place);
    ASSERT(x->place != NULL);
    for (size_t i = 0; i < x->now->lines; i++) {
        doc_line l = docset_at(x->now, i);
        x->place[i] = (placed){place_of(&l), i};
    }
    qsort(x->place, x->now->lines, sizeof *x->place, by_place);
}

static bool same_line(const docset *a, const doc_line *x, const docset *b, const doc_line *y) {
    for (size_t i = 0; i < LINE_NUMBER_COUNT; i++)
        if (x->number[i] != y->number[i]) return false;
    for (size_t i = 0; i < LINE_TEXT_COUNT; i++)
        if (!str_eq(words_get(&a->words, x->text[i]), words_get(&b->words, y->text[i]))) return false;
    return true;
}

/* Of this document: is the line there as it stands? */
static bool has_line(const docset *d, size_t doc, const docset *of, const doc_line *l) {
    size_t first = docset_first(d, doc);
    for (size_t i = first; i < first + d->doc[doc].lines; i++) {
        doc_line have = docset_at(d, i);
        if (same_line(d, &have, of, l)) return true;
    }
    return false;
}

static uint32_t word_copy(docset *to, const docset *from, uint32_t word) {
    return word == WORD_NONE ? WORD_NONE : words_add(&to->words, words_get(&from->words, word));
}

static void copy_line(exchange *x, const docset *from, const doc_line *l, const doc_head *h, size_t no) {
    uint8_t extra[8];
    doc_line *to = docset_line(x->out);
    put_be64(extra, no);
    memcpy(to->number, l->number, sizeof to->number);
    for (size_t i = 0; i < LINE_TEXT_COUNT; i++) to->text[i] = word_copy(x->out, from, l->text[i]);
    docset_place(x->out, h, str_from(extra, sizeof extra));
}

/* All lines of a document of the sheet. */
static void copy_lines(exchange *x, size_t doc, const doc_head *h, size_t no) {
    size_t at = docset_first(x->now, doc);
    for (size_t i = at; i < at + x->now->doc[doc].lines; i++) {
        doc_line l = docset_at(x->now, i);
        copy_line(x, x->now, &l, h, no);
    }
}

static doc_head copy_head(exchange *x, const docset *from, size_t doc) {
    doc_head h = from->doc[doc];
    for (size_t i = 0; i < DOC_TEXT_COUNT; i++) h.text[i] = word_copy(x->out, from, h.text[i]);
    h.lines = 0;
    return h;
}

/* A document as it was, without the rows that were exchanged, with those of the sheet. */
static void send_document(exchange *x, const base_doc *d, const uint8_t key[static DOCUMENT_KEY], size_t no) {
    const docset *was = &x->b.set[d->set];
    doc_head h = copy_head(x, was, d->doc);
    size_t first = docset_first(was, d->doc), before = x->out->lines;
    day_t date = was->doc[d->doc].date;
    h.flags &= ~(uint32_t)DOC_CANCEL;
    for (size_t i = first; i < first + was->doc[d->doc].lines; i++) {
        doc_line l = docset_at(was, i);
        if (!is_exchanged(x, &l)) copy_line(x, was, &l, &h, no);
    }
    for (size_t doc = 0; doc < x->now->docs; doc++) {
        uint8_t k[DOCUMENT_KEY];
        document_key_of(x->now, doc, k);
        if (memcmp(k, key, sizeof k) == 0) copy_lines(x, doc, &h, no);
    }
    if (x->out->lines == before) docset_cancel(x->out, &h, date);
}

/* A document that only the mended rows speak of. */
static void send_new(exchange *x, size_t doc, size_t no) {
    doc_head h = copy_head(x, x->now, doc);
    copy_lines(x, doc, &h, no);
}

/* Which documents have the rows now, and which say something else after the exchange. */
static void mark_documents(exchange *x) {
    for (size_t i = 0; i < x->b.docs; i++) {
        base_doc *d = &x->b.doc[i];
        const docset *was = &x->b.set[d->set];
        size_t first = docset_first(was, d->doc);
        for (size_t k = first; k < first + was->doc[d->doc].lines; k++) {
            doc_line l = docset_at(was, k);
            size_t n;
            const placed *by = exchanged(x, &l, &n);
            if (n == 0) continue;
            d->touched = true;
            bool still = false;
            for (size_t m = 0; m < n && !still; m++) {
                doc_line now = docset_at(x->now, by[m].line);
                still = same_line(was, &l, x->now, &now);
            }
            d->changed |= !still;
        }
    }
    for (size_t doc = 0; doc < x->now->docs; doc++) {
        uint8_t key[DOCUMENT_KEY];
        document_key_of(x->now, doc, key);
        base_doc *d = base_find(&x->b, key);
        if (d == NULL) continue;
        d->touched = true;
        size_t at = docset_first(x->now, doc);
        for (size_t i = at; i < at + x->now->doc[doc].lines; i++) {
            doc_line l = docset_at(x->now, i);
            d->changed |= !has_line(&x->b.set[d->set], d->doc, x->now, &l);
        }
    }
}

static bool adds_up(const doc_head *h) {
    return h->text[D_NUMBER] == WORD_NONE && h->flags & DOC_ADD;
}

/* Every document is looked at before any is taken. */
static bool may_send(exchange *x, spool *s, err *e) {
    for (size_t i = 0; i < x->b.docs; i++) {
        const base_doc *d = &x->b.doc[i];
        if (!d->touched) continue;
        TRY(still_ours(s, &x->b, &x->b.set[d->set], d->doc, e));
        if (adds_up(&x->b.set[d->set].doc[d->doc]))
            return err_set(e, ERR_DATA,
                           "documents without number add up (no_number: add), so single rows cannot be exchanged: "
                           "withdraw the upload and push the mended file");
    }
    for (size_t doc = 0; doc < x->now->docs; doc++) TRY(still_ours(s, &x->b, x->now, doc, e));
    return true;
}

static void send_all(exchange *x) {
    bool changed = false;
    size_t no = 0;
    for (size_t i = 0; i < x->b.docs; i++) changed |= x->b.doc[i].changed;
    for (size_t doc = 0; doc < x->now->docs; doc++) {
        uint8_t key[DOCUMENT_KEY];
        document_key_of(x->now, doc, key);
        if (base_find(&x->b, key)) continue;
        changed = true;
        send_new(x, doc, ++no);
    }
    for (size_t i = 0; i < x->b.docs; i++) {
        const base_doc *d = &x->b.doc[i];
        uint8_t key[DOCUMENT_KEY];
        if (!d->touched || (changed && !d->changed))
            continue; /* nothing new at all: said again, counted as duplicate */
        document_key_of(&x->b.set[d->set], d->doc, key);
        send_document(x, d, key, ++no);
    }
}

static void copy_problems(exchange *x) {
    const docset *from = x->now;
    x->out->refused += from->refused;
    for (size_t i = 0; i < from->problem_count; i++) {
        const problem *p = &from->problems[i];
        size_t at = x->out->problem_count;
        docset_problem(x->out, p->sheet, p->row, p->column, p->found, p->wanted, p->hint);
        if (x->out->problem_count > at) x->out->problems[at].refused = p->refused;
    }
}

static bool find_origin(spool *s, const corrected *c, upload *u, err *e) {
    AUTO(buf) sha = {0};
    if (!spool_upload(s, c->upload, u, e)) {
        if (e->code != ERR_NOT_FOUND) return false;
        return err_set(e, ERR_DATA,
                       "the file it came from (upload %" PRIu64
                       ") is no longer kept here (%d days): mend the document in your system and push it whole",
                       c->upload, LIMIT_ACKED_DAYS);
    }
    hex_put(&sha, u->sha256, MEND_SHA_DIGITS / 2);
    return str_is(buf_str(&sha), c->sha) ||
           err_set(e, ERR_DATA, "this sheet was given out by another home; push it there");
}

bool mend_read(const home *h, spool *s, const source *in, docset *out, uint64_t *origin, err *e) {
    AUTO(corrected) c = {.out = out};
    AUTO(docset) now = {0};
    exchange x = {.now = &now, .out = out};
    upload u;
    docset_init(&now);
    TRY(corrected_read(&c, in, e) || err_wrap(e, "%s", in->name));
    TRY(find_origin(s, &c, &u, e) || err_wrap(e, "%s", in->name));
    out->file_name = arena_str(&out->text, str_of(in->name));
    out->size = source_size(in);
    TRY(source_sha256(in, out->sha256, e));
    out->dialect = arena_str(&out->text, str_of(u.dialect));
    out->charset = arena_str(&out->text, str_of(u.charset));
    out->mapping = arena_str(&out->text, str_of(u.mapping));
    out->make = arena_str(&out->text, str_of(c.signature));
    bool ok = (read_rows(h, &c, &u, &now, e) && load_base(s, &u, &x.b, e)) || err_wrap(e, "%s", in->name);
    sort_places(&x);
    if (ok) mark_documents(&x);
    ok = ok && (may_send(&x, s, e) || err_wrap(e, "%s", in->name));
    if (ok) {
        send_all(&x);
        copy_problems(&x);
        docset_finish(out);
        *origin = u.id;
    }
    base_auto(&x.b);
    free(x.place);
    return ok;
}
