#include "daemon/ledger/duties.h"

#include "base/num.h"
#include "daemon/catalog/partner.h"
#include "daemon/ledger/live.h"
#include "daemon/ledger/reports.h"
#include "daemon/ledger/uploads.h"

const char *report_state_name(report_state s) {
    static const char *const names[] = {"not_due", "on_time", "late", "missing", "nil"};
    return names[s];
}

/* One span while it is looked at. Uploads are numbered in the order of their coming. */
typedef struct look {
    const report_asker *q;
    uint32_t partner;
    day_span span;
    bool any_day;                                             /* one line of any day is the whole report (a count) */
    uint64_t came;                                            /* first upload by which it is in, 0: none yet */
    uint64_t first[REPORT_SPAN_MAX];                          /* of each day: first upload with lines, … */
    uint64_t nil[REPORT_SPAN_MAX], last_nil[REPORT_SPAN_MAX]; /* … first and last with a nil report */
    uint64_t asked;                                           /* an upload whose time is known */
    int64_t asked_ms;
    report_found *out;
} look;

static int64_t time_of(look *l, uint64_t no) {
    upload u;
    if (no == l->asked) return l->asked_ms;
    l->asked = no;
    l->asked_ms = upload_get(l->q->t, no, &u) ? u.time_ms : 0;
    return l->asked_ms;
}

static void least(uint64_t *at, uint64_t no) {
    if (*at == 0 || no < *at) *at = no;
}

static bool after_span(look *l, uint64_t no) {
    return day_at(time_of(l, no), l->q->zone_min) > l->span.to;
}

static void count_row(look *l, const report_row *row) {
    report_found *f = l->out;
    int64_t amount = report_amount(row, l->q->currency, &f->others);
    f->lines += row->lines;
    f->waiting += row->waiting;
    if (!add_i64(f->amount, amount, &f->amount)) f->others = true;
    if (row->day > f->reached) f->reached = row->day;
    least(&l->first[row->day - l->span.from], row->upload);
    bool whole = l->any_day || row->day == l->span.to;
    if (whole || ((l->came == 0 || row->upload < l->came) && after_span(l, row->upload))) least(&l->came, row->upload);
}

/* Lines of the span, and of the next day that has any: the partner has moved on. */
static void walk_lines(look *l, doc_type type, day_t *next_day, uint64_t *next) {
    AUTO(kv_cursor) c = report_rows(l->q->t, l->partner, type, false, l->span.from);
    report_row row;
    while (report_next(&c, &row)) {
        if (row.day <= l->span.to) {
            count_row(l, &row);
            continue;
        }
        if (*next && row.day > *next_day) return;
        if (*next && row.day < *next_day) *next = 0;
        *next_day = row.day;
        least(next, row.upload);
    }
}

static void walk_nil(look *l, doc_type type) {
    AUTO(kv_cursor) c = report_rows(l->q->t, l->partner, type, true, l->span.from);
    report_row row;
    while (report_next(&c, &row) && row.day <= l->span.to) {
        day_t day = row.day - l->span.from;
        least(&l->nil[day], row.upload);
        if (row.upload > l->last_nil[day]) l->last_nil[day] = row.upload;
    }
}

/* All days without lines said to be so: known with the last of them. */
static uint64_t nil_since(const look *l) {
    uint64_t since = 0;
    for (day_t d = l->span.from; d <= l->span.to; d++) {
        uint64_t no = l->nil[d - l->span.from];
        if (no == 0) return 0;
        if (no > since) since = no;
    }
    return since;
}

static void find_contradiction(look *l) {
    for (day_t d = l->span.from; d <= l->span.to; d++) {
        uint64_t lines = l->first[d - l->span.from], nil = l->last_nil[d - l->span.from];
        if (lines == 0 || nil <= lines) continue;
        l->out->contradicted = d;
        return;
    }
}

void report_find(const report_asker *q, uint32_t partner_no, doc_type type, day_span span, report_found *out) {
    ASSERT(span.from <= span.to && span.to - span.from < REPORT_SPAN_MAX);
    look l = {.q = q, .partner = partner_no, .span = span, .any_day = type == TYPE_STOCK, .out = out};
    day_t next_day = DAY_MAX;
    uint64_t next = 0;
    *out = (report_found){.reached = DAY_MIN, .contradicted = DAY_MIN};
    walk_lines(&l, type, &next_day, &next);
    if (type == TYPE_SALE) walk_lines(&l, TYPE_RETURN, &next_day, &next);
    walk_nil(&l, type);
    find_contradiction(&l);
    if (out->lines) {
        if (next) least(&l.came, next);
        if (l.nil[span.to - span.from]) least(&l.came, l.nil[span.to - span.from]);
    } else {
        l.came = nil_since(&l);
        out->nil = l.came != 0;
    }
    out->in = l.came != 0;
    if (out->in) out->came_ms = time_of(&l, l.came);
}

static void judge(const report_asker *q, report_status *s) {
    const report_found *f = &s->found;
    day_t came = f->in ? day_at(f->came_ms, q->zone_min) : q->today;
    if (f->nil) s->state = REPORT_NIL;
    else if (f->in)
        s->state = came <= s->due ? REPORT_ON_TIME : REPORT_LATE;
    else
        s->state = q->today <= s->due ? REPORT_NOT_DUE : REPORT_MISSING;
    if (s->state != REPORT_NOT_DUE && came > s->due) s->days_late = came - s->due;
}

static const doc_type duty_types[] = {TYPE_SALE, TYPE_STOCK, TYPE_RECEIPT, TYPE_PAYMENT};

void report_each(const report_asker *q, uint32_t partner_no, doc_type type, day_t from, day_t to, report_fn fn,
                 void *arg) {
    AUTO(arena) a = {0};
    duties all;
    arena_init(&a, SIZE_MAX);
    duties_of(q->t, partner_no, &a, &all);
    day_t live = all.n ? ledger_live_from(q->t, partner_no) : DAY_MIN;
    for (size_t i = 0; i < ARRAY_LEN(duty_types) && all.n; i++) {
        if (type != DOC_TYPE_COUNT && type != duty_types[i]) continue;
        for (day_t d = from; d <= to; d++) {
            const duty *row;
            report_status s = {.partner = partner_no, .type = duty_types[i]};
            if (!duty_ends(&all, q->calendar, s.type, d, &s.span, &row)) continue;
            s.every = row->every;
            s.due = working_days_after(q->calendar, d, row->due);
            s.history = d < live;
            report_find(q, partner_no, s.type, s.span, &s.found);
            judge(q, &s);
            if (!fn(arg, &s)) return;
        }
    }
}

/* Rows of its own make a duty of what is asked of nobody else. */
static bool is_asked(txn *t, const partner *p) {
    AUTO(arena) a = {0};
    duties all;
    if (p->ended || p->kind == PARTNER_MANUFACTURER) return false;
    if (partner_reports(t, p)) return true;
    arena_init(&a, SIZE_MAX);
    duties_of(t, p->no, &a, &all);
    return all.n > 0;
}

uint32_t report_partner_next(txn *t, uint32_t after) {
    partner p;
    for (uint64_t no = (uint64_t)after + 1; no <= UINT32_MAX && partner_by_no(t, (uint32_t)no, &p); no++)
        if (is_asked(t, &p)) return (uint32_t)no;
    return 0;
}
