#include "daemon/command/onboard.h"

#include "base/map.h"
#include "base/num.h"
#include "daemon/catalog/agents.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/settings.h"
#include "daemon/catalog/waiting.h"
#include "daemon/journal/journal.h"
#include "daemon/ledger/document.h"
#include "daemon/ledger/flow.h"
#include "daemon/ledger/stock.h"
#include "daemon/ledger/uploads.h"
#include "proto/frame.h"
#include "proto/limits.h"
#include "proto/wire.pb-c.h"

enum { BELOW_MAX = 4096, SCRATCH_BYTES = 256 * 1024 * 1024 };

static const char *const names[ONBOARD_STATE_COUNT] = {
#define X(state, name) name,
    ONBOARD_STATES(X)
#undef X
};

const char *onboard_state_name(onboard_state s) {
    return names[s];
}

bool onboard_state_parse(str s, onboard_state *out) {
    for (*out = ONBOARD_LISTED; *out < ONBOARD_STATE_COUNT; ++*out)
        if (str_is(s, names[*out])) return true;
    return false;
}

typedef struct finder {
    txn *t;
    arena *a;
    day_t today;
    onboard *way;
    size_t ways;
    map index; /* partner number → way */
} finder;

static onboard *way_of(finder *f, uint32_t no) {
    uint8_t raw[4];
    put_be32(raw, no);
    const uint64_t *at = map_find(&f->index, str_from(raw, sizeof raw));
    return at ? &f->way[*at] : NULL;
}

static void earlier(int64_t *ms, int64_t found) {
    if (found && (*ms == 0 || found < *ms)) *ms = found;
}

static int64_t entry_ms(txn *t, uint64_t seq) {
    entry en;
    return journal_get(t, seq, &en) ? en.time_ms : 0;
}

static void read_waived(onboard *o) {
    str rest = o->decided.skipped, word;
    onboard_state s;
    while (str_split(&rest, ';', &word))
        if (onboard_state_parse(str_trim(word), &s)) o->waived |= 1U << s;
}

static void add_way(finder *f, uint32_t no, size_t *cap) {
    partner p;
    uint8_t raw[4];
    if (!partner_by_no(f->t, no, &p) || p.ended) return;
    f->way = arena_grown(f->a, f->way, f->ways, cap, sizeof *f->way);
    put_be32(raw, no);
    *map_at(&f->index, arena_str(f->a, str_from(raw, sizeof raw)), NULL) = f->ways;
    onboard *o = &f->way[f->ways++];
    *o = (onboard){.no = no, .kind = p.kind, .id = arena_str(f->a, p.id), .name = arena_str(f->a, p.name)};
    onboarding_of(f->t, no, &o->decided);
    o->decided.skipped = arena_str(f->a, o->decided.skipped);
    o->decided.note = arena_str(f->a, o->decided.note);
    read_waived(o);
}

static void list_partners(finder *f, uint32_t only) {
    size_t cap = 0;
    catalog_row row;
    if (only) {
        add_way(f, only, &cap);
        return;
    }
    AUTO(catalog_walk) w = catalog_rows(f->t, CATALOG_PARTNER, NULL, 0);
    while (catalog_next(&w, &row)) add_way(f, row.no, &cap);
}

/* ---- invited, enrolled, first file */

static void look_at_tokens(finder *f) {
    agent_token token;
    AUTO(kv_cursor) c = kv_from(f->t, TABLE_AGENT_KEY, STR(""), STR_NONE);
    while (kv_next(&c)) {
        onboard *o = agent_token_decode(c.val, &token) ? way_of(f, token.partner) : NULL;
        if (o == NULL) continue;
        earlier(&o->reached_ms[ONBOARD_INVITED], entry_ms(f->t, token.entry));
        if (token.expires_ms > o->token_ends_ms) o->token_ends_ms = token.expires_ms;
    }
}

static bool accepted_entry(str stored, uint64_t *seq) {
    AUTO(arena) a = {0};
    err unused;
    arena_init(&a, LIMIT_DECODE_BYTES);
    const Wire__Receipt *r = (const void *)message_unpack(&wire__receipt__descriptor, str_skip(stored, DIGEST_SIZE),
                                                          LIMIT_REPEATED, &a, &unused);
    if (r == NULL || r->status != RECEIPT_ACCEPTED) return false;
    *seq = r->entry;
    return true;
}

/* The first batch that was accepted of each of its spools. */
static void look_at_receipts(finder *f, str agent_id, onboard *o) {
    key prefix = {.n = 0};
    key_textz(&prefix, agent_id);
    key start = prefix;
    for (;;) {
        AUTO(kv_cursor) c = kv_from(f->t, TABLE_RECEIPT, key_str(&prefix), key_str(&start));
        uint64_t seq, epoch = 0;
        bool found = false;
        while (!found && kv_next(&c)) {
            if (c.key.n != prefix.n + 16) continue; /* its upload state */
            epoch = get_be64(c.key.p + prefix.n);
            found = accepted_entry(c.val, &seq);
        }
        if (!found) return;
        earlier(&o->reached_ms[ONBOARD_FIRST_FILE], entry_ms(f->t, seq));
        if (epoch == UINT64_MAX) return;
        start = prefix;
        key_u64(&start, epoch + 1);
    }
}

static void look_at_agents(finder *f) {
    agent g;
    AUTO(kv_cursor) c = kv_from(f->t, TABLE_AGENT, STR(""), STR_NONE);
    while (kv_next(&c)) {
        onboard *o = agent_decode(c.key, c.val, &g) ? way_of(f, g.partner) : NULL;
        if (o == NULL) continue;
        earlier(&o->reached_ms[ONBOARD_ENROLLED], g.enrolled_ms);
        look_at_receipts(f, g.id, o);
    }
}

/* Files that a person or a partner above brought: the first of its documents that was seen. */
static void look_at_documents(finder *f, onboard *o) {
    AUTO(arena) a = {0};
    key prefix = {.n = 0};
    uint64_t first = 0;
    document d;
    upload u;
    key_u32(&prefix, o->no);
    AUTO(kv_cursor) c = kv_from(f->t, TABLE_DOCUMENT, key_str(&prefix), STR_NONE);
    while (kv_next(&c)) {
        uint64_t no = get_be64(c.val.p);
        if (first == 0 || no < first) first = no;
    }
    arena_init(&a, SCRATCH_BYTES);
    if (first && document_get(f->t, first, &a, &d) && d.contents && upload_get(f->t, d.content[0].upload, &u))
        o->reached_ms[ONBOARD_FIRST_FILE] = u.time_ms;
}

/* ---- mapped */

static bool waits_hard(waiting_reason r) {
    return r == WAIT_PRODUCT || r == WAIT_UNIT || r == WAIT_PARTNER || r == WAIT_PLACE || r == WAIT_DATE ||
           r == WAIT_OTHER;
}

static void add_amount(int64_t *sum, int64_t v) {
    if (v == NUM_NONE) return;
    if (!add_i64(*sum, v < 0 ? -v : v, sum)) *sum = INT64_MAX;
}

/* Rows of one word and partner stand together. */
static void look_at_waiting(finder *f) {
    AUTO(buf) last = {0};
    AUTO(kv_cursor) c = kv_from(f->t, TABLE_WAITING, STR(""), STR_NONE);
    while (kv_next(&c)) {
        reader k = reader_of(c.key), v = reader_of(c.val);
        waiting_reason reason = (waiting_reason)read_byte(&k);
        (void)read_textz(&k);
        onboard *o = waits_hard(reason) ? way_of(f, read_be32(&k)) : NULL;
        if (o == NULL || k.bad || read_be64(&k) == 0) continue;
        str word = str_take(c.key, c.key.n - 8);
        o->words += !str_eq(word, buf_str(&last));
        buf_clear(&last);
        buf_add(&last, word);
        o->waiting_lines += read_varint(&v);
        (void)read_varint(&v);
        add_amount(&o->waiting, read_zigzag(&v));
    }
}

/* What the manufacturer tells of a partner says nothing about that partner's words. */
static bool own_flow(flow_kind k) {
    return k != FLOW_SELL_IN && k != FLOW_GIFT_IN && k != FLOW_RETURN_OUT && k != FLOW_PAYMENT;
}

static void look_at_flows(finder *f, uint32_t no, onboard *o) {
    key prefix = {.n = 0};
    char text[4];
    key_u32(&prefix, no);
    AUTO(kv_cursor) c = kv_from(f->t, TABLE_FLOW_MONTH, key_str(&prefix), STR_NONE);
    while (kv_next(&c)) {
        if (!own_flow(flow_month_parse(c.key).kind)) continue;
        for (size_t i = 0; i < flow_sum_count(c.val); i++) {
            flow_sum s = flow_sum_at(c.val, i);
            int64_t micro;
            o->posted_lines += s.lines;
            if (s.unpriced < s.lines &&
                rescale(s.amount, currency_scale(currency_text(s.currency, text)), MICRO_SCALE, &micro))
                add_amount(&o->posted, micro);
        }
    }
}

static int64_t last_alias_ms(txn *t, str owner) {
    uint64_t last = 0;
    catalog_row row;
    AUTO(catalog_walk) w = catalog_rows(t, CATALOG_ALIAS, &owner, 1);
    while (catalog_next(&w, &row))
        if (row.entry > last) last = row.entry;
    return last ? entry_ms(t, last) : 0;
}

int64_t onboard_share(const onboard *o) {
    bool amounts = o->posted > 0 || o->waiting > 0;
    int64_t known = amounts ? o->posted : (int64_t)o->posted_lines, share;
    int64_t waiting_part = amounts ? o->waiting : (int64_t)o->waiting_lines, all;
    if (!add_i64(known, waiting_part, &all)) all = INT64_MAX;
    if (!o->looked || all == 0 || !mul_div(known, 1000000, all, &share)) return NUM_NONE;
    return share == 1000000 && waiting_part ? share - 1 : share; /* all is only said of all */
}

/* ---- opening stock */

static void look_at_stock(finder *f, uint32_t no, onboard *o) {
    AUTO(arena) a = {0};
    stock_count first;
    arena_init(&a, SCRATCH_BYTES);
    if (stock_first(f->t, no, &a, &first)) earlier(&o->reached_ms[ONBOARD_OPENING], entry_ms(f->t, first.entry));
}

/* What waits and what is posted stands at the partner and at its places; a partner below that reports is its own. */
static void look_at_books(finder *f, onboard *o) {
    o->looked = true;
    uint32_t *below = ARENA_NEW(f->a, uint32_t, BELOW_MAX);
    size_t n = partner_below(f->t, o->no, below, BELOW_MAX);
    if (o->reached_ms[ONBOARD_FIRST_FILE] == 0) look_at_documents(f, o);
    look_at_flows(f, o->no, o);
    look_at_stock(f, o->no, o);
    for (size_t i = 0; i < n; i++) {
        partner p;
        if (!partner_by_no(f->t, below[i], &p) || partner_reports(f->t, &p)) continue;
        look_at_flows(f, below[i], o);
        look_at_stock(f, below[i], o);
    }
    int64_t share = onboard_share(o), first = o->reached_ms[ONBOARD_FIRST_FILE];
    if (first == 0 || share == NUM_NONE || share < ONBOARD_MAPPED_SHARE) return;
    int64_t alias_ms = last_alias_ms(f->t, o->id);
    o->reached_ms[ONBOARD_MAPPED] = alias_ms > first ? alias_ms : first;
}

/* ---- the state */

bool onboard_counts(const onboard *o, onboard_state s, day_t today) {
    if (s == ONBOARD_LISTED || o->waived >> s & 1) return true;
    if (s == ONBOARD_LIVE) return o->decided.row && o->decided.live <= today;
    return o->reached_ms[s] != 0;
}

onboard_state onboard_next(const onboard *o, day_t today) {
    onboard_state s = ONBOARD_LISTED;
    while (s < ONBOARD_STATE_COUNT && onboard_counts(o, s, today)) s++;
    return s;
}

size_t onboard_all(txn *t, uint32_t only, day_t today, arena *a, onboard **out) {
    finder f = {.t = t, .a = a, .today = today};
    list_partners(&f, only);
    look_at_tokens(&f);
    look_at_agents(&f);
    look_at_waiting(&f);
    for (size_t i = 0; i < f.ways; i++) {
        onboard *o = &f.way[i];
        bool live = onboard_counts(o, ONBOARD_LIVE, today);
        if (!live || only) look_at_books(&f, o);
        o->state = live ? ONBOARD_LIVE : (onboard_state)(onboard_next(o, today) - 1);
    }
    map_free(&f.index);
    *out = f.way;
    return f.ways;
}

/* ---- what stands in the way */

static void missing_words(txn *t, const onboard *o, buf *out) {
    int64_t share = onboard_share(o);
    buf_printf(out, "%llu words wait, %llu lines", (unsigned long long)o->words, (unsigned long long)o->waiting_lines);
    if (o->waiting) {
        buf_addz(out, ", ");
        buf_add(out, setting_text(t, SETTING_CURRENCY));
        buf_byte(out, ' ');
        dec_put(out, o->waiting, MICRO_SCALE, 2);
    }
    if (share != NUM_NONE) {
        buf_addz(out, " (");
        dec_put(out, share / 1000, 1, 1);
        buf_addz(out, " % known)");
    }
    buf_printf(out, ": quarantine list --partner %.*s", STR_ARG(o->id));
}

void onboard_missing(txn *t, const onboard *o, onboard_state next, int64_t now_ms, int zone_min, buf *out) {
    switch (next) {
    case ONBOARD_INVITED:
        buf_printf(out, "no token yet: agent enroll %.*s, or partner onboard letters", STR_ARG(o->id));
        return;
    case ONBOARD_ENROLLED:
        buf_addz(out,
                 o->token_ends_ms && o->token_ends_ms <= now_ms ? "the token ended on " : "the token is good until ");
        time_put(out, o->token_ends_ms, zone_min);
        if (o->token_ends_ms <= now_ms) buf_printf(out, ": agent enroll %.*s", STR_ARG(o->id));
        else
            buf_addz(out, " and was not used: call them");
        return;
    case ONBOARD_FIRST_FILE: buf_addz(out, "no file yet: call them"); return;
    case ONBOARD_MAPPED: missing_words(t, o, out); return;
    case ONBOARD_OPENING:
        buf_addz(out, "no stock yet: opening import --kind stock, or a stock file of the partner");
        return;
    case ONBOARD_LIVE:
        if (o->decided.row && o->decided.live != DAY_MAX) buf_addz(out, "goes live on "), day_put(out, o->decided.live);
        else
            buf_printf(out, "nothing: partner onboard advance %.*s", STR_ARG(o->id));
        return;
    default: return;
    }
}
