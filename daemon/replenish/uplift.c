#include "daemon/replenish/uplift.h"

#include <math.h>

static const double Z95 = 1.959963984540054;

static void end_span(uplift_span *s, double variance) {
    s->more = s->sold - s->baseline;
    s->low = s->more - Z95 * sqrt(variance);
    s->high = s->more + Z95 * sqrt(variance);
}

/* What a base unit usually costs; without earlier sales nobody knows. */
static double usual_price(const uplift_series *x) {
    return x->before > 0 ? x->before_amount / x->before : NAN;
}

static void add_gains(const uplift_series *x, uplift_result *out) {
    double usual = usual_price(x), net = x->sold - x->baseline + x->after_sold - x->after_baseline;
    out->cost += x->cost;
    out->consumers += usual * x->sold - x->amount + x->given * usual;
    out->partners += x->amount - x->dealer * (x->sold + x->given) + x->cost - (usual - x->dealer) * x->baseline;
    out->manufacturer += net * (x->dealer - x->ex_works) - x->cost;
}

void uplift_sum(const uplift_series *v, size_t n, uplift_result *out) {
    double during = 0, after = 0;
    *out = (uplift_result){.series = (unsigned)n};
    for (size_t i = 0; i < n; i++) {
        const uplift_series *x = &v[i];
        if (!x->judged) continue;
        out->judged++;
        out->during.baseline += x->baseline;
        out->during.sold += x->sold;
        out->after.baseline += x->after_baseline;
        out->after.sold += x->after_sold;
        during += x->sigma * x->sigma;
        after += x->after_sigma * x->after_sigma;
        add_gains(x, out);
    }
    end_span(&out->during, during);
    end_span(&out->after, after);
    out->net = out->during.more + out->after.more;
    out->net_low = out->net - Z95 * sqrt(during + after);
    out->net_high = out->net + Z95 * sqrt(during + after);
}

double uplift_break_even(double margin, double cost) {
    if (isnan(margin) || isnan(cost) || cost < 0 || margin <= cost) return NAN;
    return cost / (margin - cost);
}
