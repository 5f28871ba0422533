#include "daemon/catalog/promotion.h"

#include "proto/limits.h"

const str promotion_rule_wanted = {
    "a rule like 10送1, 10+1, buy 10 get 1, 10箱送1瓶 P9, 特价 8.50 or special 96/箱",
    sizeof "a rule like 10送1, 10+1, buy 10 get 1, 10箱送1瓶 P9, 特价 8.50 or special 96/箱" - 1};

/* One of some words at the front of *s, in either case; what follows loses its blanks. */
static bool word_of(str *s, const char *const *spelled, size_t n) {
    for (size_t i = 0; i < n; i++) {
        str w = str_of(spelled[i]);
        if (s->n < w.n || !str_ieq(str_take(*s, w.n), w)) continue;
        *s = str_trim(str_skip(*s, w.n));
        return true;
    }
    return false;
}

/* Digits and one point at the front of *s, above 0. */
static bool number(str *s, unsigned scale, int64_t *out) {
    size_t n = 0;
    bool exact;
    while (n < s->n && ((s->p[n] >= '0' && s->p[n] <= '9') || s->p[n] == '.')) n++;
    str digits = str_take(*s, n);
    *s = str_skip(*s, n);
    return dec_parse(digits, scale, out, &exact) && exact && *out > 0 &&
           *out <= (scale == MICRO_SCALE ? LIMIT_AMOUNT : LIMIT_QUANTITY);
}

static const char *const marks[] = {"搭赠", "送", "赠", "+", "get"};

/* Where the mark between what is bought and what is given begins. */
static size_t mark_at(str s) {
    for (size_t i = 0; i < s.n; i++) {
        str rest = str_skip(s, i);
        if (word_of(&rest, marks, ARRAY_LEN(marks))) return i;
    }
    return SIZE_MAX;
}

static bool buy_get(str s, promotion_rule *out) {
    static const char *const buy[] = {"buy", "买", "满"};
    *out = (promotion_rule){.kind = PROMOTION_BUY_GET};
    (void)word_of(&s, buy, ARRAY_LEN(buy));
    if (!number(&s, QUANTITY_SCALE, &out->buy)) return false;
    size_t at = mark_at(s), end = 0;
    if (at == SIZE_MAX) return false;
    out->buy_unit = str_trim(str_take(s, at));
    s = str_skip(s, at);
    (void)word_of(&s, marks, ARRAY_LEN(marks));
    if (!number(&s, QUANTITY_SCALE, &out->get)) return false;
    while (end < s.n && s.p[end] != ' ') end++;
    out->get_unit = str_take(s, end);
    out->gift = str_trim(str_skip(s, end));
    if (str_ieq(out->gift, STR("free"))) out->gift = STR("");
    return out->buy_unit.n <= LIMIT_ID && out->get_unit.n <= LIMIT_ID && out->gift.n <= LIMIT_ID;
}

static bool special(str s, promotion_rule *out) {
    static const char *const special_words[] = {"special price", "special", "特价"},
                             *const signs[] = {"¥", "￥", ":", "："}, *const money[] = {"元"}, *const per[] = {"/"};
    *out = (promotion_rule){.kind = PROMOTION_SPECIAL};
    if (!word_of(&s, special_words, ARRAY_LEN(special_words))) return false;
    (void)word_of(&s, signs, ARRAY_LEN(signs));
    if (!number(&s, MICRO_SCALE, &out->price)) return false;
    (void)word_of(&s, money, ARRAY_LEN(money));
    if (word_of(&s, per, ARRAY_LEN(per))) out->price_unit = s;
    else if (s.n)
        return false;
    return out->price_unit.n <= LIMIT_ID;
}

bool promotion_rule_parse(str s, promotion_rule *out) {
    s = str_trim(s);
    return special(s, out) || buy_get(s, out);
}
