/* Codes: what lines sold and received, what was scanned, what harmed partners report. */
#include "daemon/catalog/partner.h"
#include "daemon/store/store.h"
#include "daemon/trace/claims.h"
#include "daemon/trace/custody.h"
#include "daemon/trace/feed_parts.h"
#include "daemon/trace/sightings.h"

enum { NESTED_MOST = 16 };

static uint64_t identity_of(const code_key *k) {
    return str_hash(code_str(k)) | 1;
}

/* Units in a container, thousandths, and in all that is in it. */
static int64_t units_in(feed *f, uint32_t container, int depth) {
    contained in;
    int64_t units = 0;
    code_row r;
    for (contents c = container_contents(f->t, container); contents_next(&c, &in);) {
        if (in.to) {
            units += (int64_t)(in.to - code_value(&in.key)) * 1000;
            continue;
        }
        uint32_t inner = container_no(f->t, &in.key);
        bool whole = inner && depth < NESTED_MOST;
        units += whole ? units_in(f, inner, depth + 1) : code_get(f->t, &in.key, &r) ? 1000 : 1000;
    }
    return units;
}

/* What is known of the code as of the sighting. `before`: the document that tells it, whose own moves come later. */
static void look(feed *f, const code_key *k, uint64_t before, trace_sighting *s) {
    AUTO(arena) a = {0};
    AUTO(buf) text = {0};
    custody c;
    arena_init(&a, SIZE_MAX);
    code_text(k, &text);
    s->code = arena_str(f->a, buf_str(&text));
    s->unit = identity_of(k);
    custody_at(f->t, k, s->time, before, &a, &c);
    if (c.product) s->product = feed_product(f, c.product);
    code_kind kind = code_kind_of(k);
    bool known = c.row.body.known || c.row.container || c.moved;
    if (!known && kind == CODE_LOT) {
        uint32_t *suspect = arena_alloc(f->a, LIMIT_REPEATED * sizeof *suspect);
        s->suspect_count = (uint32_t)custody_lot(f->t, k, suspect, LIMIT_REPEATED);
        for (uint32_t i = 0; i < s->suspect_count; i++) suspect[i] = feed_partner(f, suspect[i]);
        s->suspects = suspect;
        s->flags |= SIGHT_LOT;
    } else if (!known)
        s->flags |= kind == CODE_CLASS || code_as_gtin(k) || f->uncoded ? SIGHT_BARE : SIGHT_UNKNOWN;
    if (!known) return;
    if (c.standing.is_void) s->flags |= SIGHT_VOID;
    if (c.standing.locked) s->flags |= SIGHT_LOCKED;
    s->quantity = 1000;
    if (c.row.container || kind == CODE_SSCC) {
        int64_t units = c.row.container ? units_in(f, c.row.container, 0) : 0;
        s->flags |= SIGHT_CARTON;
        if (units) s->quantity = units;
        else if (s->product != TRACE_NONE)
            s->quantity = f->w->product[s->product].carton;
    }
    code_key outer;
    if (c.outer && container_key(f->t, c.outer, &outer)) s->carton = identity_of(&outer);
    else if (s->flags & SIGHT_CARTON)
        s->carton = s->unit;
    s->holder = feed_partner(f, c.holder);
    s->moved = arena_str(f->a, feed_moved(f, c.moved));
}
