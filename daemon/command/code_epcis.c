/* EPCIS files → entries of events. */
#include "daemon/command/code_import.h"
#include "daemon/trace/events.h"
#include "formats/epcis.h"
#include "proto/frame.h"
#include "proto/limits.h"

enum { CHUNK_BYTES = LIMIT_EVENT_BYTES, CHUNK_ARENA = 64 * 1024 * 1024 };

typedef struct taker {
    call *c;
    code_sums *s;
    str file, feed;
    arena a;
    Entry__EpcisEvent **event;
    size_t n, bytes;
} taker;

static void chunk_begin(taker *w) {
    arena_init(&w->a, CHUNK_ARENA);
    w->event = ARENA_NEW(&w->a, Entry__EpcisEvent *, LIMIT_ENTRY_ROWS);
    ASSERT(w->event != NULL);
    w->n = w->bytes = 0;
}

static bool flush(taker *w, err *e) {
    Entry__Events m = ENTRY__EVENTS__INIT;
    AUTO(arena) a = {0};
    apply_result did = {.a = &a};
    if (w->n == 0) return true;
    arena_init(&a, CHUNK_ARENA);
    m.event = w->event, m.n_event = w->n;
    m.partner = (char *)(uintptr_t)(w->feed.n ? arena_str(&w->a, w->feed).p : "");
    m.file = (char *)(uintptr_t)arena_str(&w->a, w->file).p;
    command_entry what = {KIND_EVENTS, w->c->now_ms, call_actor(w->c), &m.base};
    TRY(journal_append(w->c->t, &what, &did, NULL, e));
    w->s->events += did.number;
    w->s->repeated += did.duplicate;
    arena_free(&w->a);
    chunk_begin(w);
    return true;
}

static bool has_feed(const trace_event *x, str feed) {
    str rest = x->feed, one;
    if (feed.n == 0) return x->by_manufacturer;
    while (str_split(&rest, ';', &one))
        if (str_eq(one, feed)) return true;
    return false;
}

/* Known already, from this feed: nothing would change. */
static bool is_known(taker *w, const Entry__EpcisEvent *x) {
    AUTO(arena) a = {0};
    trace_event known;
    uint8_t id[EVENT_KEY];
    arena_init(&a, CHUNK_ARENA);
    memcpy(id, x->hash.data, EVENT_KEY);
    return event_by_key(w->c->t, id, &a, &known) && (x->error ? known.error : known.seen) && has_feed(&known, w->feed);
}

static bool take(void *arg, uint64_t no, const Entry__EpcisEvent *x, err *e) {
    taker *w = arg;
    AUTO(buf) packed = {0};
    (void)no;
    if (is_known(w, x)) {
        w->s->repeated++;
        return true;
    }
    message_pack(&packed, &x->base);
    str kept = arena_str(&w->a, buf_str(&packed));
    Entry__EpcisEvent *copy =
        (void *)message_unpack(&entry__epcis_event__descriptor, kept, LIMIT_EVENT_CODES, &w->a, e);
    if (copy == NULL) return false;
    w->event[w->n++] = copy;
    w->bytes += packed.n;
    return (w->n < LIMIT_ENTRY_ROWS && w->bytes < CHUNK_BYTES) || flush(w, e);
}

static void fault(void *arg, const epcis_fault *f) {
    taker *w = arg;
    problems_add(&w->s->p, true, w->file, f->event, f->column, f->found, str_of(f->wanted), f->hint);
}

bool code_import_epcis(call *c, const attachment *file, str feed, code_sums *s, err *e) {
    taker w = {.c = c, .s = s, .file = file->name, .feed = feed};
    epcis_taker how = {&w, take, fault};
    chunk_begin(&w);
    bool ok = (epcis_read(file->bytes, &how, e) && flush(&w, e)) || err_wrap(e, "%.*s", STR_ARG(file->name));
    arena_free(&w.a);
    return ok;
}
