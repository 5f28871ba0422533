#include "daemon/replenish/trial_rule.h"

#include "base/num.h"
#include "maths/student.h"

#include <math.h>

static const char *const names[TRIAL_RESULT_COUNT][LANGUAGES] = {
#define X(result, no, name, zh) [no] = {name, zh},
    TRIAL_RESULTS(X)
#undef X
};

const char *trial_result_name(trial_result r, language l) {
    return names[r][l];
}

bool trial_result_parse(str s, trial_result *out) {
    for (*out = TRIAL_DROP; *out < TRIAL_RESULT_COUNT; ++*out)
        if (str_is(s, names[*out][LANGUAGE_EN])) return true;
    return false;
}

/* ---- who is like whom */

typedef struct distance {
    bool far, other;
    double ratio;
    uint32_t partner;
} distance;

static bool nearer(const distance *a, const distance *b) {
    if (a->far != b->far) return b->far;
    if (a->other != b->other) return b->other;
    if (a->ratio != b->ratio) return a->ratio < b->ratio;
    return a->partner < b->partner;
}

trial_candidate *trial_match(const trial_candidate *of, trial_candidate *from, size_t n) {
    trial_candidate *best = NULL;
    distance least = {.far = true};
    for (size_t i = 0; i < n; i++) {
        if (from[i].taken || from[i].partner == of->partner) continue;
        distance d = {from[i].region != of->region || of->region == 0, !str_eq(from[i].class, of->class),
                      fabs(log((fmax(from[i].prior, 0) + 1) / (fmax(of->prior, 0) + 1))), from[i].partner};
        if (best == NULL || nearer(&d, &least)) best = &from[i], least = d;
    }
    if (best) best->taken = true;
    return best;
}

/* ---- measures */

static bool repeats(const trial_terminal *x) {
    return x->weeks_selling >= 2 && 2 * x->weeks_selling >= x->weeks;
}

static void put_lift(const trial_terminal *v, size_t n, uint32_t region, trial_figures *out) {
    double mean = 0, squares = 0;
    out->lift = out->lift_low = out->lift_high = NAN;
    for (size_t i = 0; i < n; i++) {
        const trial_terminal *x = &v[i];
        if (!x->matched || (region && x->region != region)) continue;
        double d = (x->during - x->before) - (x->match_during - x->match_before), off = d - mean;
        mean += off / ++out->pairs;
        squares += off * (d - mean);
    }
    if (out->pairs < 2) return;
    double half = student_half_width(0.95, out->pairs - 1) * sqrt(squares / (out->pairs - 1) / out->pairs);
    out->lift = mean;
    out->lift_low = mean - half;
    out->lift_high = mean + half;
}

void trial_measure(const trial_terminal *v, size_t n, uint32_t region, double weeks, double target,
                   trial_figures *out) {
    double sold = 0;
    unsigned selling = 0, repeating = 0;
    int64_t days = 0, days_out = 0;
    *out = (trial_figures){.weeks = weeks, .target = target, .repeat = -1, .out = -1};
    for (size_t i = 0; i < n; i++) {
        if (region && v[i].region != region) continue;
        out->terminals++;
        sold += v[i].sold;
        selling += v[i].sold > 0;
        repeating += v[i].sold > 0 && repeats(&v[i]);
        days += v[i].days;
        days_out += v[i].days_out;
    }
    if (out->terminals && weeks > 0) out->rate = sold / out->terminals / weeks;
    if (out->terminals) out->selling = (double)selling / out->terminals;
    if (selling) out->repeat = (double)repeating / selling;
    if (days > 0) out->out = (double)days_out / (double)days;
    put_lift(v, n, region, out);
}

static bool takes_from_ours(const trial_figures *f) {
    return f->pairs >= 2 && f->lift_high < 0;
}

bool trial_passes(const trial_figures *f) {
    return f->selling >= TRIAL_SELLING && f->repeat >= TRIAL_REPEAT && f->rate >= f->target && !takes_from_ours(f);
}

/* Regions of enough terminals, each once, that pass; *failed: how many do not. */
static size_t passing(const trial_terminal *v, size_t n, double weeks, double target, uint32_t *out, size_t *failed) {
    size_t found = 0;
    *failed = 0;
    for (size_t i = 0; i < n; i++) {
        bool seen = v[i].region == 0;
        trial_figures f;
        for (size_t k = 0; k < i && !seen; k++) seen = v[k].region == v[i].region;
        if (seen) continue;
        trial_measure(v, n, v[i].region, weeks, target, &f);
        if (f.terminals < TRIAL_TERMINALS_LEAST) continue;
        if (!trial_passes(&f)) ++*failed;
        else if (found < TRIAL_REGIONS)
            out[found++] = v[i].region;
    }
    return found;
}

static trial_result why_not(const trial_figures *f) {
    bool sells = f->selling >= TRIAL_SELLING, returns = f->repeat >= TRIAL_REPEAT;
    if (!sells && !returns) return TRIAL_DROP;
    if (!returns || takes_from_ours(f)) return TRIAL_PRODUCT;
    return TRIAL_MARKETING;
}

void trial_judge(const trial_terminal *v, size_t n, double weeks, double target, trial_verdict *out) {
    size_t failed;
    *out = (trial_verdict){.result = TRIAL_OPEN};
    trial_measure(v, n, 0, weeks, target, &out->all);
    if (n < TRIAL_TERMINALS_LEAST || weeks < TRIAL_WEEKS_LEAST) return;
    out->regions = passing(v, n, weeks, target, out->region, &failed);
    bool all = trial_passes(&out->all);
    if (all && failed == 0) out->result = TRIAL_ROLL_OUT;
    else if (out->regions)
        out->result = TRIAL_CERTAIN;
    else
        out->result = all ? TRIAL_ROLL_OUT : why_not(&out->all);
    if (out->result != TRIAL_CERTAIN) out->regions = 0;
}

/* ---- words */

static void put(buf *out, const char *before, double v, unsigned decimals, const char *after) {
    buf_addz(out, before);
    dec_put(out, llround(v * (double)pow10_i64(decimals)), decimals, 0);
    buf_addz(out, after);
}

void trial_why(const trial_figures *f, language l, buf *out) {
    bool zh = l == LANGUAGE_ZH;
    buf_printf(out, zh ? "%u家门店" : "%u terminals, ", f->terminals);
    put(out, zh ? "，" : "", f->weeks, 1, zh ? "周" : " weeks");
    put(out, zh ? "，每店每周售" : ": ", f->rate, 2, zh ? "" : " sold a week and terminal");
    if (f->target > 0) put(out, zh ? "（目标" : " (target ", f->target, 2, zh ? "）" : ")");
    put(out, zh ? "，动销门店" : ", ", f->selling * 100, 0, zh ? "%" : " % of them sell it");
    if (f->repeat >= 0) put(out, zh ? "，复购" : ", ", f->repeat * 100, 0, zh ? "%" : " % of these again and again");
    if (f->out >= 0) put(out, zh ? "，缺货天数" : ", ", f->out * 100, 0, zh ? "%" : " % of the days out of stock");
    if (f->pairs >= 2) {
        put(out, zh ? "，品类净增每店每周" : ", the category ", f->lift, 2, zh ? "（" : " a week up (");
        put(out, "", f->lift_low, 2, zh ? "至" : " to ");
        put(out, "", f->lift_high, 2, zh ? "，95%）" : " at 95 %)");
    }
    buf_addz(out, zh ? "。" : ".");
}
