#include "base/num.h"
#include "daemon/ledger/duties.h"
#include "daemon/ledger/reports.h"

enum { USUAL_MONTHS = 3, USUAL_BACK = 12 };

/* One partner of the figure. */
typedef struct member {
    const report_asker *q;
    uint32_t no;
    doc_type type;
    duties all;
    day_t first; /* day ever reported, DAY_MAX: none */
    uint32_t ended, in, nil;
    uint64_t lines; /* of all periods looked at */
} member;

static day_t first_day(const report_asker *q, uint32_t no, doc_type type) {
    AUTO(kv_cursor) c = report_rows(q->t, no, type, false, DAY_MIN);
    report_row row;
    return report_next(&c, &row) ? row.day : DAY_MAX;
}

static void look_at(member *m, day_span span, day_t from) {
    report_found f;
    if (span.to < m->q->today) {
        report_find(m->q, m->no, m->type, span, &f);
        m->ended++;
        m->in += f.in;
        m->nil += f.nil;
    } else { /* not over yet: what there is so far */
        if (span.from < from) span.from = from;
        report_find(m->q, m->no, m->type, span, &f);
        m->nil += f.nil && m->ended == 0;
    }
    m->lines += f.lines;
}

/* Periods by duty that overlap from … to. */
static void look_at_owed(member *m, day_t from, day_t to) {
    for (day_t d = from; d < to + REPORT_SPAN_MAX; d++) {
        const duty *row;
        day_span span;
        if (duty_ends(&m->all, m->q->calendar, m->type, d, &span, &row) && span.from <= to) look_at(m, span, from);
    }
}

/* Without duty: fiscal months from the first day ever reported. */
static void look_at_months(member *m, day_t from, day_t to) {
    if (from < m->first) from = m->first;
    while (from <= to) {
        day_span span = span_at(m->q->calendar, SPAN_MONTH, from);
        look_at(m, span, from);
        from = span.to + 1;
    }
}

static int64_t usual_of(const report_asker *q, uint32_t no, day_t before) {
    int32_t month = fiscal_month_of(q->calendar, before);
    int64_t sum = 0, n = 0;
    for (int back = 1; back <= USUAL_BACK && n < USUAL_MONTHS; back++) {
        report_found f;
        day_span span = {fiscal_month_first(q->calendar, month - back),
                         fiscal_month_first(q->calendar, month - back + 1) - 1};
        report_find(q, no, TYPE_SALE, span, &f);
        if (!f.in || f.lines == 0 || !add_i64(sum, f.amount, &sum)) continue;
        n++;
    }
    if (n == 0 || sum <= 0 || !mul_div(sum, 1, n, &sum)) return 0;
    return sum;
}

static bool is_freed(const member *m, day_t day) {
    for (size_t i = 0; i < m->all.n; i++)
        if (m->all.row[i].type == m->type && m->all.row[i].never && day >= m->all.row[i].from)
            return duty_on(&m->all, m->type, day) == NULL;
    return false;
}

static bool owes(const member *m) {
    for (size_t i = 0; i < m->all.n; i++)
        if (m->all.row[i].type == m->type) return true;
    return false;
}

static void count(member *m, day_t from, day_t to, coverage *out, __int128 *covered, __int128 *usual) {
    if (from == DAY_MIN) from = m->first <= to ? m->first : to;
    if (owes(m)) look_at_owed(m, from, to);
    else
        look_at_months(m, from, to);
    bool empty = m->ended == 0 && m->lines == 0 && m->nil == 0;
    out->partners++;
    if (empty || m->in < m->ended) {
        out->missing++;
        out->in_part += m->in > 0;
    } else if (m->lines == 0)
        out->nil++;
    else
        out->reported++;
    int64_t amount = usual_of(m->q, m->no, to);
    *usual += amount;
    *covered += m->ended ? (__int128)amount * m->in * pow10_i64(RATE_SCALE) / m->ended
                         : (__int128)amount * !empty * pow10_i64(RATE_SCALE);
}

void coverage_of(const report_asker *q, doc_type type, day_t from, day_t to, coverage *out) {
    AUTO(arena) a = {0};
    __int128 covered = 0, usual = 0;
    arena_init(&a, SIZE_MAX);
    *out = (coverage){.share = NUM_NONE};
    if (to > q->today) to = q->today;
    if (from > to) from = to;
    for (uint32_t no = 0; (no = report_partner_next(q->t, no)) != 0;) {
        member m = {.q = q, .no = no, .type = type};
        arena_reset(&a);
        duties_of(q->t, no, &a, &m.all);
        if (is_freed(&m, to)) continue;
        m.first = first_day(q, no, type);
        count(&m, from, to, out, &covered, &usual);
    }
    out->usual_amount = usual > INT64_MAX ? INT64_MAX : (int64_t)usual;
    if (usual > 0) out->share = (int64_t)((covered + usual / 2) / usual);
}

void coverage_put(const coverage *c, buf *out) {
    buf_printf(out, "%u of %u partners", c->reported + c->nil, c->partners);
    if (c->share != NUM_NONE) {
        int64_t tenths = (c->share + 500) / 1000;
        buf_printf(out, ", %lld.%lld %% of the usual amount", (long long)(tenths / 10), (long long)(tenths % 10));
    }
    if (c->nil == 0 && c->missing == 0) return;
    buf_printf(out, " (%u nil, %u missing", c->nil, c->missing);
    if (c->in_part) buf_printf(out, ", %u of them in part", c->in_part);
    buf_byte(out, ')');
}
