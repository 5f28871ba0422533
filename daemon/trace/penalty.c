#include "daemon/trace/penalty.h"

#include "base/num.h"
#include "formats/yaml.h"
#include "proto/limits.h"

enum { TREE_BYTES = 4 * 1024 * 1024, RATE_MOST = 10000000 };

void penalty_schedule_auto(penalty_schedule *p) {
    arena_free(&p->a);
}

/* ---- words */

static bool read_text_of(const node *v, const char *what, str *out, err *e) {
    if (v == NULL) return true;
    if (v->kind != NODE_TEXT || v->text.n == 0 || v->text.n > LIMIT_ID) return node_wanted(v, what, "a short text", e);
    *out = v->text;
    return true;
}

/* "50%" or "0.5", up to 1000 %. */
static bool read_rate(const node *v, const char *what, int64_t *out, err *e) {
    bool exact;
    if (v == NULL) return true;
    bool percent = v->kind == NODE_TEXT && str_ends(v->text, STR("%"));
    str digits = v->kind == NODE_TEXT ? str_take(v->text, v->text.n - percent) : STR("");
    if (!dec_parse(digits, percent ? RATE_SCALE - 2 : RATE_SCALE, out, &exact) || !exact || *out < 0 ||
        *out > RATE_MOST)
        return node_wanted(v, what, "a rate like \"50%\", at most \"1000%\"", e);
    return true;
}

static bool read_money(const node *v, uint32_t currency, const char *what, int64_t *out, err *e) {
    char code[4];
    bool exact;
    if (v == NULL) return true;
    unsigned scale = currency_scale(currency_text(currency, code));
    if (v->kind != NODE_TEXT || !dec_parse(v->text, scale, out, &exact) || !exact || *out < 0 || *out > LIMIT_WALLET)
        return node_wanted(v, what, "an amount like \"500.00\"", e);
    return true;
}

static bool read_day_of(const node *v, const char *what, day_t *out, err *e) {
    return v == NULL || (v->kind == NODE_TEXT && day_parse(v->text, out)) ||
           node_wanted(v, what, "a date like 2026-01-31", e);
}

static bool read_flag(const node *v, const char *what, bool *out, err *e) {
    if (v == NULL) return true;
    *out = v->kind == NODE_TEXT && str_is(v->text, "true");
    return *out || (v->kind == NODE_TEXT && str_is(v->text, "false")) || node_wanted(v, what, "true or false", e);
}

static bool read_count(const node *v, const char *what, int64_t min, int64_t max, uint32_t *out, err *e) {
    int64_t n = *out;
    if (v == NULL) return true;
    TRY(node_int(v, what, min, max, &n, e));
    *out = (uint32_t)n;
    return true;
}

/* ---- the schedule */

static bool read_offence(const node *v, uint32_t currency, penalty_offence *out, err *e) {
    static const char *const keys[] = {"rate",     "lump",       "deposit", "at_least", "at_most",
                                       "buy_back", "exemptions", "clause",  "warning"};
    *out = (penalty_offence){.at_least = NUM_NONE, .at_most = NUM_NONE};
    TRY(node_is(v, NODE_MAP, "an offence", e) && node_keys(v, keys, ARRAY_LEN(keys), "an offence", e));
    TRY(read_rate(node_get(v, "rate"), "rate", &out->rate, e));
    TRY(read_rate(node_get(v, "buy_back"), "buy_back", &out->buy_back, e));
    TRY(read_money(node_get(v, "lump"), currency, "lump", &out->lump, e));
    TRY(read_money(node_get(v, "deposit"), currency, "deposit", &out->deposit, e));
    TRY(read_money(node_get(v, "at_least"), currency, "at_least", &out->at_least, e));
    TRY(read_money(node_get(v, "at_most"), currency, "at_most", &out->at_most, e));
    TRY(read_count(node_get(v, "exemptions"), "exemptions", 0, 3650, &out->exemptions, e));
    TRY(read_text_of(node_get(v, "clause"), "clause", &out->clause, e));
    TRY(read_flag(node_get(v, "warning"), "warning", &out->warning, e));
    bool costs = out->rate || out->lump || out->deposit || out->buy_back || out->at_least > 0;
    if (out->warning && costs) return node_wanted(v, "an offence", "a warning, or what it costs", e);
    if (out->at_least != NUM_NONE && out->at_most != NUM_NONE && out->at_least > out->at_most)
        return node_wanted(node_get(v, "at_most"), "at_most", "no less than at_least", e);
    return true;
}

static bool read_offences(const node *v, penalty_schedule *out, err *e) {
    if (v == NULL || v->kind != NODE_LIST || v->count == 0 || v->count > PENALTY_OFFENCES)
        return err_set(e, ERR_CONFIG, "offences: wanted a list of 1 to %d, the first offence first", PENALTY_OFFENCES);
    for (const node *n = v->first; n; n = n->next)
        TRY(read_offence(n, out->currency, &out->offence[out->offences++], e));
    return true;
}

static bool read_compensation(const node *v, penalty_schedule *out, err *e) {
    static const char *const keys[] = {"share", "of"};
    if (v == NULL) return true;
    TRY(node_is(v, NODE_MAP, "compensation", e) && node_keys(v, keys, ARRAY_LEN(keys), "compensation", e));
    TRY(read_rate(node_get(v, "share"), "share", &out->share, e));
    const node *of = node_get(v, "of");
    out->of_goods = of && of->kind == NODE_TEXT && str_is(of->text, "goods");
    return of == NULL || out->of_goods || (of->kind == NODE_TEXT && str_is(of->text, "penalty")) ||
           node_wanted(of, "of", "penalty or goods", e);
}

static bool read_spec(const node *v, penalty_schedule *out, err *e) {
    static const char *const keys[] = {"effective", "currency", "clause",      "window_months",
                                       "price",     "offences", "compensation"};
    static const char *const span[] = {"from", "to"};
    TRY(node_is(v, NODE_MAP, "spec", e) && node_keys(v, keys, ARRAY_LEN(keys), "spec", e));
    const node *effective = node_get(v, "effective"), *priced = node_get(v, "price"),
               *currency = node_get(v, "currency");
    if (effective) TRY(node_is(effective, NODE_MAP, "effective", e) && node_keys(effective, span, 2, "effective", e));
    TRY(read_day_of(node_get(effective, "from"), "from", &out->from, e));
    TRY(read_day_of(node_get(effective, "to"), "to", &out->to, e));
    if (out->from > out->to) return node_wanted(node_get(effective, "to"), "to", "a day not before 'from'", e);
    if (currency && (currency->kind != NODE_TEXT || !currency_ok(currency->text)))
        return node_wanted(currency, "currency", "three letters like CNY", e);
    if (currency) out->currency = currency_no(currency->text);
    if (priced && (priced->kind != NODE_TEXT || !price_kind_parse(priced->text, &out->price)))
        return node_wanted(priced, "price", "ex_works, dealer, wholesale, retail or floor", e);
    TRY(read_text_of(node_get(v, "clause"), "clause", &out->clause, e));
    TRY(read_count(node_get(v, "window_months"), "window_months", 1, 120, &out->window_months, e));
    return read_offences(node_get(v, "offences"), out, e) && read_compensation(node_get(v, "compensation"), out, e);
}

bool penalty_parse(str yaml, penalty_schedule *out, err *e) {
    static const char *const keys[] = {"apiVersion", "kind", "metadata", "spec"};
    static const char *const meta[] = {"name", "title"};
    const node *root;
    *out = (penalty_schedule){.name = STR(""),
                              .clause = STR(""),
                              .from = DAY_MIN,
                              .to = DAY_MAX,
                              .currency = currency_no(STR("CNY")),
                              .window_months = 12,
                              .price = PRICE_DEALER};
    arena_init(&out->a, TREE_BYTES);
    TRY(yaml_read(yaml, &out->a, &root, e));
    TRY(node_is(root, NODE_MAP, "a schedule", e) && node_keys(root, keys, ARRAY_LEN(keys), "a schedule", e));
    const node *metadata = node_get(root, "metadata"), *spec = node_get(root, "spec");
    if (metadata) TRY(node_is(metadata, NODE_MAP, "metadata", e) && node_keys(metadata, meta, 2, "metadata", e));
    TRY(read_text_of(node_get(metadata, "name"), "name", &out->name, e));
    return spec ? read_spec(spec, out, e) : err_set(e, ERR_CONFIG, "a schedule needs 'spec'");
}

/* ---- arithmetic */

static bool share_of(int64_t v, int64_t rate, int64_t *out) {
    return mul_div(v, rate, pow10_i64(RATE_SCALE), out);
}

bool penalty_reckon(const penalty_schedule *p, uint32_t nth, int64_t goods, penalty_due *out, err *e) {
    size_t at = nth < p->offences ? nth : p->offences;
    const penalty_offence *o = &p->offence[at ? at - 1 : 0];
    int64_t rated, sum, base, share;
    *out = (penalty_due){.offence = nth, .row = o};
    if (o->warning) return true;
    bool fits = share_of(goods, o->rate, &rated) && add_i64(rated, o->lump, &sum) &&
                share_of(goods, o->buy_back, &out->buy_back);
    if (fits && o->at_least != NUM_NONE && sum < o->at_least) sum = o->at_least;
    if (fits && o->at_most != NUM_NONE && sum > o->at_most) sum = o->at_most;
    fits = fits && add_i64(sum, o->deposit, &base) && share_of(p->of_goods ? goods : base, p->share, &share) &&
           add_i64(share, out->buy_back, &out->compensation) && sum <= LIMIT_WALLET && out->buy_back <= LIMIT_WALLET &&
           out->compensation <= LIMIT_WALLET;
    if (!fits) return err_set(e, ERR_DATA, "the penalty is beyond 10^15 minor units");
    out->wallet = sum;
    out->deposit = o->deposit;
    return true;
}
