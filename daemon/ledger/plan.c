#include "daemon/ledger/plan.h"

#include "daemon/ledger/contents.h"
#include <inttypes.h>

enum { MEMO_BYTES = 64 * 1024 * 1024, BODY_BYTES = LIMIT_FRAME_BYTES + 4096 };

/* `body`: of an entry read back, which is unpacked beside its batch. */
static void source_init(source *s, size_t body) {
    arena_init(&s->frame, LIMIT_DECODE_BYTES + body);
    arena_init(&s->memo, MEMO_BYTES);
}

void plan_begin(plan *p, txn *t, const entry *en, apply_result *r) {
    *p = (plan){.t = t, .en = en, .r = r};
    p->a = p->made.a = &p->mem;
    arena_init(p->a, SIZE_MAX);
    source_init(&p->now, 0);
    source_init(&p->old, BODY_BYTES);
    judge_rules_load(t, en->time_ms, &p->rules);
    p->rules.company = arena_str(p->a, p->rules.company); /* the plan's puts would move it */
}

void plan_auto(plan *p) {
    map_free(&p->made.index);
    map_free(&p->index);
    arena_free(&p->now.frame);
    arena_free(&p->now.memo);
    arena_free(&p->old.frame);
    arena_free(&p->old.memo);
    arena_free(&p->mem);
}

static doc_work *add_work(plan *p, const key *k) {
    p->work = arena_grown(p->a, p->work, p->works, &p->work_cap, sizeof *p->work);
    doc_work *w = ARENA_NEW(p->a, doc_work, 1);
    ASSERT(w != NULL);
    *map_at(&p->index, arena_str(p->a, key_str(k)), NULL) = p->works;
    return p->work[p->works++] = w;
}

static doc_work *known_work(plan *p, const key *k) {
    uint64_t *at = map_find(&p->index, key_str(k));
    return at ? p->work[*at] : NULL;
}

content *plan_content(plan *p, document *d) {
    content *list = ARENA_NEW(p->a, content, d->contents + 1);
    ASSERT(list != NULL);
    if (d->contents) memcpy(list, d->content, d->contents * sizeof *list);
    d->content = list;
    return &list[d->contents];
}

doc_work *plan_document(plan *p, uint64_t no) {
    document d;
    if (!document_get(p->t, no, p->a, &d)) return NULL;
    key k = document_key(&d);
    doc_work *w = known_work(p, &k);
    if (w) return w;
    w = add_work(p, &k);
    w->d = d;
    return w;
}

static str kept(arena *a, str s) {
    return s.n ? arena_str(a, s) : STR("");
}

doc_work *plan_document_of(plan *p, const document *head) {
    key k = document_key(head);
    doc_work *w = known_work(p, &k);
    if (w) return w;
    uint64_t no = document_find(p->t, head);
    w = add_work(p, &k);
    if (no && document_get(p->t, no, p->a, &w->d)) return w;
    w->d = *head;
    w->d.stream = kept(p->a, head->stream);
    w->d.number = kept(p->a, head->number);
    w->d.place = kept(p->a, head->place);
    return w;
}

static bool open_source(source *s, uint64_t seq, const Entry__Upload *body, err *e) {
    TRY(batch_decode(str_from(body->frame.data, body->frame.len), &s->frame, &s->b, e));
    s->create = body->create_unknown;
    s->entry = seq;
    return true;
}

bool plan_open(plan *p, const Entry__Upload *body, err *e) {
    return open_source(&p->now, p->en->seq, body, e);
}

source *plan_source(plan *p, uint64_t seq, err *e) {
    source *s = &p->old;
    if (seq == p->now.entry) return &p->now;
    if (seq == s->entry) return s;
    arena_reset(&s->frame);
    arena_reset(&s->memo);
    s->entry = 0;
    s->words = (lookup){0};
    const Entry__Upload *body = contents_upload(p->t, seq, &s->frame, e);
    if (body == NULL) return NULL;
    if (open_source(s, seq, body, e)) return s;
    err_wrap(e, "journal entry %" PRIu64, seq);
    return NULL;
}
