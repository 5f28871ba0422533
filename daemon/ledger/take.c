#include "daemon/catalog/partner.h"
#include "daemon/ledger/contents.h"
#include "daemon/ledger/plan.h"
#include "daemon/ledger/problems.h"
#include "proto/content.h"

enum { PARTS_MAX = LIMIT_REPEATED };

/* One document of the batch while it is looked at. */
typedef struct incoming {
    plan *p;
    const batch *b;
    uint32_t doc, first, lines; /* its number, first line and lines in the batch */
    uint32_t part, parts;       /* 1 of 1: whole */
    str version;
    document head;
} incoming;

static uint32_t first_row(const incoming *in) {
    return in->lines ? in->first : NO_ROW;
}

void plan_take(plan *p, taken x) {
    p->taken = arena_grown(p->a, p->taken, p->takens, &p->taken_cap, sizeof *p->taken);
    p->taken[p->takens++] = x;
}

/* A document that cannot be taken; the others of the batch go on. */
static void refuse(const incoming *in, const char *column, str found, const char *wanted, const char *hint) {
    apply_result *r = in->p->r;
    r->documents++;
    r->lines += in->lines;
    r->refused += in->lines;
    problem_at(r, in->b, first_row(in), column, found, wanted, "%s", hint);
}

/* Who reports: the agent's partner, unless the document names another that may be named; of a person's file that says
 * nothing, the manufacturer. 0: refused. */
static uint32_t reporter_of(const incoming *in, uint32_t own, bool of_agent) {
    str named = column_text(&in->b->doc_text[D_PARTNER], in->doc);
    partner other;
    if (named.n == 0 && own) return own;
    if (named.n == 0 && !of_agent && partner_manufacturer(in->p->t, &other)) return other.no;
    if (named.n == 0) {
        refuse(in, "partner", named, "the id of the reporting partner", "state it in a column partner or by --partner");
        return 0;
    }
    if (!partner_by_id(in->p->t, named, &other)) {
        refuse(in, "partner", named, "the id of a partner", "add the partner to the catalogue and send the file again");
        return 0;
    }
    if (of_agent && !partner_within(in->p->t, other.no, own)) {
        refuse(in, "partner", named, "the agent's own partner or one below it", "enrol an agent for that partner");
        return 0;
    }
    return other.no;
}

static bool read_head(incoming *in, uint32_t own, bool of_agent) {
    const batch *b = in->b;
    document *d = &in->head;
    int64_t part = column_number(b->doc_number[D_PART], in->doc),
            parts = column_number(b->doc_number[D_PARTS], in->doc),
            flags = column_number(b->doc_number[D_FLAGS], in->doc),
            date = column_number(b->doc_number[D_DATE], in->doc);
    in->first = b->doc_first[in->doc];
    in->lines = b->doc_first[in->doc + 1] - in->first;
    in->version = column_text(&b->doc_text[D_VERSION], in->doc);
    in->part = part == NUM_NONE ? 1 : (uint32_t)part;
    in->parts = parts == NUM_NONE ? 1 : (uint32_t)parts;
    *d = (document){.type = batch_doc_type(b, in->doc),
                    .flags = flags == NUM_NONE ? 0 : (uint32_t)flags & ~(uint32_t)DOC_CANCEL,
                    .stream = column_text(&b->doc_text[D_STREAM], in->doc),
                    .number = column_text(&b->doc_text[D_NUMBER], in->doc),
                    .place = in->lines ? column_text(&b->line_text[T_PLACE], in->first) : STR("")};
    if (date == NUM_NONE && in->lines) date = column_number(b->line_number[N_DATE], in->first);
    d->date = date == NUM_NONE ? 0 : (day_t)date;
    d->partner = reporter_of(in, own, of_agent);
    if (d->partner == 0) return false;
    if (in->part >= 1 && in->part <= in->parts && in->parts <= PARTS_MAX) return true;
    refuse(in, "part", STR(""), "a part of a document that fits", "split the document");
    return false;
}

/* Digest of a content in several parts: all of them are looked at together. */
static bool digest_parts(incoming *in, const content_ref *ref, uint32_t refs, uint8_t out[static DIGEST_SIZE], err *e) {
    AUTO(arena) a = {0};
    plan *p = in->p;
    arena_init(&a, (size_t)(refs + 1) * (LIMIT_DECODE_BYTES + LIMIT_FRAME_BYTES));
    lines_view *view = ARENA_NEW(&a, lines_view, refs);
    batch *b = ARENA_NEW(&a, batch, refs);
    ASSERT(view != NULL && b != NULL);
    for (uint32_t i = 0; i < refs; i++) {
        if (ref[i].entry == p->en->seq) {
            view[i] = batch_lines(in->b, ref[i].doc);
            continue;
        }
        const Entry__Upload *body = contents_upload(p->t, ref[i].entry, &a, e);
        if (body == NULL) return false;
        TRY(batch_decode(str_from(body->frame.data, body->frame.len), &a, &b[i], e));
        view[i] = batch_lines(&b[i], ref[i].doc);
    }
    content_digest(in->head.type, false, view, refs, &a, out);
    return true;
}

static bool same_content(const content *c, const uint8_t *digest, str version) {
    return memcmp(c->digest, digest, DIGEST_SIZE) == 0 && version_cmp(version, c->version) <= 0;
}

/* Was this content listed before, with this version or a greater one, by an upload that stands? */
static int listed(const document *d, const uint8_t *digest, str version) {
    for (uint32_t i = 0; i < d->contents; i++)
        if (!d->content[i].withdrawn && same_content(&d->content[i], digest, version)) return (int)i;
    return -1;
}

/* Pushed with `again`, or the whole truth for its day: it becomes the newest of its version, unless it holds already. */
static bool may_hold_again(const incoming *in) {
    const replace_span *r = &in->b->replace;
    return in->b->again || (in->p->replaces && in->head.date >= r->from && in->head.date <= r->to);
}

static bool is_duplicate(const incoming *in, const document *d, const uint8_t *digest) {
    int known = listed(d, digest, in->version);
    if (known < 0) return false;
    if (!may_hold_again(in)) return true;
    int holds = document_holds(d);
    return holds >= 0 && memcmp(d->content[holds].digest, digest, DIGEST_SIZE) == 0;
}

static void add_content(incoming *in, doc_work *w, const uint8_t *digest, const content_ref *ref, uint32_t refs,
                        uint32_t lines) {
    plan *p = in->p;
    document *d = &w->d;
    content *c = plan_content(p, d);
    w->changed = true;
    *c = (content){.version = in->version.n ? arena_str(p->a, in->version) : STR(""),
                   .upload = p->up.no,
                   .lines = lines,
                   .refs = refs,
                   .ref = ARENA_NEW(p->a, content_ref, refs)};
    ASSERT(c->ref != NULL);
    memcpy(c->ref, ref, refs * sizeof *ref);
    memcpy(c->digest, digest, DIGEST_SIZE);
    plan_take(p, (taken){w, (int32_t)d->contents++, lines, first_row(in), in->head.date, OUTCOME_POSTED});
}

/* A whole content, in one batch or with its last part. */
static void take_content(incoming *in, doc_work *w, const content_ref *ref, uint32_t refs, uint32_t lines,
                         const uint8_t digest[static DIGEST_SIZE]) {
    if (is_duplicate(in, &w->d, digest)) {
        plan_take(in->p, (taken){w, -1, lines, first_row(in), in->head.date, OUTCOME_DUPLICATE});
        return;
    }
    if (w->d.contents == LIMIT_DOCUMENT_CONTENTS) {
        in->lines = lines;
        refuse(in, "number", w->d.number, "a document with at most 64 different contents",
               "give the document a new number");
        return;
    }
    add_content(in, w, digest, ref, refs, lines);
}

/* Parts come one after the other from one upload. Until the last one nothing is posted, counted or compared. */
static bool take_part(incoming *in, doc_work *w, err *e) {
    document *d = &w->d;
    plan *p = in->p;
    bool next = in->part == 1 || (d->pending.parts == in->parts && d->pending.refs + 1 == in->part &&
                                  d->pending.upload == p->up.no && str_eq(d->pending.version, in->version));
    uint32_t before = in->part == 1 ? 0 : d->pending.lines;
    if (!next || in->lines > LIMIT_DOCUMENT_LINES - before) {
        refuse(in, "part", d->number, "the next part of the document", "send the whole file again");
        return true;
    }
    content_ref *ref = ARENA_NEW(p->a, content_ref, PARTS_MAX);
    ASSERT(ref != NULL);
    if (in->part > 1) memcpy(ref, d->pending.ref, d->pending.refs * sizeof *ref);
    d->pending.ref = ref;
    d->pending.version = in->version.n ? arena_str(p->a, in->version) : STR("");
    d->pending.upload = p->up.no;
    w->changed = true;
    d->pending.parts = in->parts;
    d->pending.lines = before + in->lines;
    d->pending.ref[in->part - 1] = (content_ref){p->en->seq, in->doc};
    d->pending.refs = in->part;
    if (in->part < in->parts) {
        plan_take(p, (taken){w, -1, 0, first_row(in), in->head.date, OUTCOME_PART});
        return true;
    }
    uint8_t digest[DIGEST_SIZE];
    TRY(digest_parts(in, d->pending.ref, d->pending.refs, digest, e));
    d->pending.parts = 0;
    take_content(in, w, d->pending.ref, d->pending.refs, d->pending.lines, digest);
    return true;
}

static bool take_document(incoming *in, err *e) {
    plan *p = in->p;
    uint8_t digest[DIGEST_SIZE] = {0};
    content_ref ref = {p->en->seq, in->doc};
    if (in->parts == 1) batch_document_digest(in->b, in->doc, &p->now.memo, digest);
    else if (in->head.number.n == 0 && in->head.flags & DOC_ADD) {
        refuse(in, "number", STR(""), "a number on a document longer than a batch", "number it, or send it per day");
        return true;
    }
    document_identify(&in->head, digest, in->head.identity);
    doc_work *w = plan_document_of(p, &in->head);
    if (in->parts > 1) return take_part(in, w, e);
    take_content(in, w, &ref, 1, in->lines, digest);
    return true;
}

bool take_documents(plan *p, uint32_t reporter, bool of_agent, err *e) {
    const batch *b = &p->now.b;
    for (uint32_t doc = 0; doc < b->docs; doc++) {
        incoming in = {.p = p, .b = b, .doc = doc};
        if (!read_head(&in, reporter, of_agent)) continue;
        TRY(take_document(&in, e));
    }
    return true;
}
