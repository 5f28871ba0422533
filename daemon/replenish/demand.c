#include "daemon/replenish/demand.h"

#include <math.h>
#include <stdlib.h>

enum {
    BEGUN = 1,
    OUT = 2,   /* the stock was 0 when last heard of */
    PLAIN = 4, /* the last day counts and came without a stock: more of it may be added */
    DAY_LAST = UINT16_MAX
};

static const double OFF_SEASON = 0.25;

double demand_bucket_days(bucket_kind kind) {
    return kind == BUCKET_DAY ? 1 : kind == BUCKET_WEEK ? 7 : 30.4375;
}

/* ---- buckets close */

/* `off` days of it do not count. With less than half of its days it says little: then only more than was expected is news. */
static void close_bucket(demand_state *s, bucket_kind kind, const season_profile *season, int32_t bucket,
                         unsigned off) {
    double days = bucket_days(kind, bucket), on = days - off, sold = s->open > 0 ? (double)s->open / 1000 : 0;
    double factor = season_bucket(season, kind, bucket);
    s->open = 0;
    if (factor < OFF_SEASON) return; /* divided by so little it would be noise */
    if (2 * on < days) {
        forecast_view view;
        forecast_look(&s->f, false, 0, &view, NULL, NULL, NULL);
        if (s->f.n == 0 || sold / factor <= view.level) return;
        on = days;
    }
    forecast_observe(&s->f, sold * days / on / factor);
}

/* Buckets without a sale say something where one was to be expected: not out of the season. */
static unsigned idle_between(const season_profile *season, bucket_kind kind, int32_t from, int32_t to) {
    unsigned n = season ? 0 : (unsigned)(to - from);
    for (int32_t b = from; season && b < to; b++) n += season_bucket(season, kind, b) >= OFF_SEASON;
    return n;
}

/* The days after the last one up to `day` (not of it): on when there was stock. Buckets in between close. */
static void pass_time(demand_state *s, bucket_kind kind, const season_profile *season, day_t day) {
    int32_t from = bucket_of(kind, s->last_day), to = bucket_of(kind, day);
    bool out = s->flags & OUT;
    day_t last = s->last_day;
    if (from == to) {
        s->off = (uint8_t)(s->off + (out ? day - last - 1 : 0));
        return;
    }
    unsigned rest = out ? (unsigned)(bucket_first(kind, from + 1) - last - 1) : 0;
    close_bucket(s, kind, season, from, s->off + rest);
    if (!out && to - from > 1 && s->f.n > 0) forecast_idle(&s->f, idle_between(season, kind, from + 1, to));
    s->off = (uint8_t)(out ? day - bucket_first(kind, to) : 0);
}

/* ---- one day */

static double expected_of_a_day(const demand_state *s, bucket_kind kind, const season_profile *season, day_t day) {
    forecast_view view;
    forecast_look(&s->f, false, 0, &view, NULL, NULL, NULL);
    double factor = season ? season_at(season, day) : 1;
    return view.level * factor / demand_bucket_days(kind);
}

typedef enum counts { COUNTS, LEFT_OUT } counts;

static counts day_counts(const demand_state *s, const demand_rules *rules, const season_profile *season,
                         const demand_day *d) {
    if (d->promotion && !rules->promotions_count) return LEFT_OUT;
    if (d->stock == NUM_NONE || d->stock > 0) return COUNTS;
    if (d->sold <= 0) return LEFT_OUT;
    /* sold out in the course of the day: at least that much was wanted */
    return s->f.hits == 0 || (double)d->sold / 1000 >= expected_of_a_day(s, rules->bucket, season, d->day) ? COUNTS
                                                                                                           : LEFT_OUT;
}

static bool plain(const demand_day *d) {
    return d->stock == NUM_NONE && !d->promotion;
}

bool demand_post(demand_state *s, const demand_rules *rules, const season_profile *season, const demand_day *posted) {
    demand_day d = *posted;
    if (d.bulk) d.sold = 0; /* what else was sold that day counts, and that is nothing */
    if (d.day < 0 || d.day > DAY_LAST) return false;
    if (s->flags & BEGUN && d.day <= s->last_day) {
        if (d.day < s->last_day || !(s->flags & PLAIN) || !plain(&d)) return false;
        s->open += d.sold;
        return true;
    }
    if (s->flags & BEGUN) pass_time(s, rules->bucket, season, d.day);
    else
        s->off = (uint8_t)(d.day - bucket_first(rules->bucket, bucket_of(rules->bucket, d.day)));
    counts c = day_counts(s, rules, season, &d);
    s->last_day = (uint16_t)d.day;
    s->off = (uint8_t)(s->off + (c == LEFT_OUT));
    s->open += c == COUNTS ? d.sold : 0;
    bool out = d.stock != NUM_NONE ? d.stock <= 0 : (s->flags & OUT) && d.sold <= 0;
    s->flags = (uint8_t)(BEGUN | (out ? OUT : 0) | (plain(&d) && c == COUNTS ? PLAIN : 0));
    return true;
}

/* ---- all days */

static int by_day(const void *a, const void *b) {
    const demand_day *x = a, *y = b;
    return x->day < y->day ? -1 : x->day > y->day;
}

/* Rows of one day as one. What is a one-off does not count, the rest of its day does. */
static size_t merge(demand_day *day, size_t n, demand_notes *notes) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        demand_day d = day[i];
        notes->bulks += d.bulk;
        if (d.bulk) d.sold = 0, d.bulk = false;
        if (kept == 0 || day[kept - 1].day != d.day) {
            day[kept++] = d;
            continue;
        }
        demand_day *same = &day[kept - 1];
        same->sold += d.sold;
        same->promotion = same->promotion || d.promotion;
        if (d.stock != NUM_NONE) same->stock = d.stock;
    }
    return kept;
}

void demand_rebuild(demand_state *s, const demand_rules *rules, const season_profile *season, demand_day *day, size_t n,
                    demand_notes *notes) {
    demand_notes seen = {0};
    *s = (demand_state){.open = 0};
    /* rows of one day are merged in their own order, so the sort must keep it */
    for (size_t i = 1; i < n; i++)
        if (by_day(&day[i - 1], &day[i]) > 0) {
            qsort(day, n, sizeof *day, by_day); /* glibc's merges: equal days stay in order */
            break;
        }
    n = merge(day, n, &seen);
    for (size_t i = 0; i < n; i++) {
        seen.days++;
        seen.promoted += day[i].promotion;
        seen.out += day[i].stock != NUM_NONE && day[i].stock <= 0;
        if (s->flags & OUT) seen.out += (uint32_t)(day[i].day - s->last_day - 1); /* it stayed so */
        (void)demand_post(s, rules, season, &day[i]);
    }
    seen.bulks += s->f.cut / 2;
    if (notes) *notes = seen;
}

/* ---- looking ahead */

/* A series younger than a bucket: the days it has. */
static void begin_with_what_there_is(const demand_state *s, bucket_kind kind, const season_profile *season,
                                     forecast_state *f) {
    int32_t bucket = bucket_of(kind, s->last_day);
    double on = (double)(s->last_day - bucket_first(kind, bucket) + 1) - s->off;
    if (!(s->flags & BEGUN) || on <= 0 || s->open <= 0) return;
    forecast_observe(f, (double)s->open / 1000 * bucket_days(kind, bucket) / on / season_bucket(season, kind, bucket));
}

void demand_look(const demand_state *s, const demand_rules *rules, const season_profile *season, day_t from,
                 unsigned buckets, bool declining, demand_forecast *out) {
    demand_state now = *s;
    if (buckets > FORECAST_MAX) buckets = FORECAST_MAX;
    out->bucket = rules->bucket, out->first = bucket_of(rules->bucket, from), out->n = buckets;
    if (now.flags & BEGUN && out->first > bucket_of(rules->bucket, now.last_day))
        pass_time(&now, rules->bucket, season, from);
    if (now.f.n == 0) begin_with_what_there_is(s, rules->bucket, season, &now.f);
    forecast_look(&now.f, declining, buckets, &out->view, out->mean, out->lower, out->upper);
    for (unsigned i = 0; season && i < buckets; i++) {
        double factor = season_bucket(season, rules->bucket, out->first + (int32_t)i);
        out->mean[i] *= factor, out->lower[i] *= factor, out->upper[i] *= factor;
    }
}

void demand_ramp(const double *like, size_t n, unsigned age, double share, const demand_rules *rules, day_t from,
                 unsigned buckets, demand_forecast *out) {
    if (buckets > FORECAST_MAX) buckets = FORECAST_MAX;
    out->bucket = rules->bucket, out->first = bucket_of(rules->bucket, from), out->n = buckets;
    out->view = (forecast_view){
        .method = METHOD_RAMP, .class = n ? CLASS_SMOOTH : CLASS_NONE, .alpha = 0.3, .low = -1.28, .high = 1.28};
    for (unsigned i = 0; i < buckets; i++) {
        size_t at = age + i < n ? age + i : n ? n - 1 : 0; /* beyond its history it stays where it ended */
        double mean = n ? like[at] * share : 0;
        out->mean[i] = mean, out->lower[i] = fmax(mean * (1 - 1.28 * NEW_CV), 0),
        out->upper[i] = mean * (1 + 1.28 * NEW_CV);
    }
    out->view.level = buckets ? out->mean[0] : 0;
    out->view.sigma = NEW_CV * out->view.level;
}

size_t demand_buckets(const demand_day *day, size_t n, bucket_kind kind, day_t until, double *out, size_t most) {
    int32_t first = n ? bucket_of(kind, day[0].day) : 0, end = bucket_of(kind, until);
    size_t buckets = n && end > first ? (size_t)(end - first) : 0;
    if (buckets > most) buckets = most;
    for (size_t i = 0; i < buckets; i++) out[i] = 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = (size_t)(bucket_of(kind, day[i].day) - first);
        if (at < buckets && day[i].sold > 0) out[at] += (double)day[i].sold / 1000;
    }
    return buckets;
}

static double mean_of(const demand_forecast *f, int32_t bucket) {
    if (f->n == 0) return f->view.level;
    int32_t at = bucket - f->first;
    return f->mean[at < 0 ? 0 : at < (int32_t)f->n ? at : (int32_t)f->n - 1];
}

/* What a bucket's demand is divided by for one day of it, before that day's own factor. */
static double whole_of(const demand_forecast *f, const season_profile *season, int32_t bucket) {
    double days = bucket_days(f->bucket, bucket);
    return season ? fmax(days * season_bucket(season, f->bucket, bucket), 1e-9) : days;
}

double demand_over(const demand_forecast *f, const season_profile *season, day_t from, double days) {
    double sum = 0, whole = 1;
    if (f->bucket == BUCKET_DAY || (season && season->flat)) season = NULL;
    for (day_t d = from; days > 0; days -= 1, d++) {
        int32_t bucket = bucket_of(f->bucket, d);
        if (d == from || d == bucket_first(f->bucket, bucket)) whole = whole_of(f, season, bucket);
        sum += mean_of(f, bucket) * (season ? season_at(season, d) : 1) / whole * fmin(days, 1);
    }
    return sum;
}

double demand_sigma(const demand_forecast *f, double days, double expected) {
    double buckets = days / demand_bucket_days(f->bucket), level = f->view.level * buckets;
    double height = level > 0 ? fmin(fmax(expected / level, 0.2), 5) : 1;
    return forecast_sigma(&f->view, buckets) * height;
}
