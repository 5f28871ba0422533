#include "formats/privacy.h"

#include "formats/county.h"
#include "formats/value.h"
#include "proto/digest.h"
#include <sodium.h>

enum { HASH_BYTES = 16, MOBILE_DIGITS = 11 };

bool privacy_changes(field f) {
    switch (f) {
    case FIELD_T_CUSTOMER:
    case FIELD_T_CUSTOMER_NAME:
    case FIELD_T_CUSTOMER_REGION:
    case FIELD_T_PHONE:
    case FIELD_T_PLACE:
    case FIELD_T_SHIP_TO:
    case FIELD_T_NAME:
    case FIELD_T_REASON: return true;
    default: return false;
    }
}

privacy_rule privacy_of(const mapping *m, field f) {
    if (m && m->privacy[f]) return m->privacy[f];
    if (f == FIELD_T_PHONE) return PRIVACY_HASH;
    return f == FIELD_T_SHIP_TO || f == FIELD_T_CUSTOMER_REGION ? PRIVACY_COUNTY : PRIVACY_SEND;
}

/* ---- hash ---- */

static void normalise(str text, buf *out) {
    const char *p = text.p, *end = p + text.n;
    while (p < end) {
        char letter[4];
        uint32_t cp = half_width(utf8_next(&p, end));
        if (cp <= ' ' || cp == 0xfeff) continue;
        if (cp >= 'A' && cp <= 'Z') cp += 32;
        buf_add(out, str_from(letter, utf8_put(cp, letter)));
    }
}

/* Digits alone; 86 before a whole number is the country. */
static str phone_digits(str text, buf *room) {
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] >= '0' && text.p[i] <= '9') buf_byte(room, text.p[i]);
    str digits = buf_str(room);
    if (str_starts(digits, STR("00"))) digits = str_skip(digits, 2);
    bool country = str_starts(digits, STR("86")) && digits.n >= MOBILE_DIGITS + 1;
    return country ? str_skip(digits, 2) : digits;
}

static str hashed(field f, str text, const uint8_t *key, buf *room) {
    AUTO(buf) plain = {0};
    AUTO(buf) digits = {0};
    uint8_t hash[HASH_BYTES];
    crypto_generichash_state st;
    normalise(text, &plain);
    str said = f == FIELD_T_PHONE ? phone_digits(buf_str(&plain), &digits) : buf_str(&plain);
    str name = str_of(field_name(f));
    if (said.n == 0) return STR("");
    (void)crypto_generichash_init(&st, key, PRIVACY_KEY_SIZE, sizeof hash);
    (void)crypto_generichash_update(&st, (const uint8_t *)name.p, name.n);
    (void)crypto_generichash_update(&st, (const uint8_t *)":", 1);
    (void)crypto_generichash_update(&st, (const uint8_t *)said.p, said.n);
    (void)crypto_generichash_final(&st, hash, sizeof hash);
    buf_clear(room);
    buf_addz(room, "h:");
    hex_put(room, hash, sizeof hash);
    return buf_str(room);
}

str privacy_apply(privacy_rule rule, field f, str text, const uint8_t *key, buf *room) {
    switch (rule) {
    case PRIVACY_COUNTY: return county_of(text);
    case PRIVACY_HASH: return key ? hashed(f, text, key, room) : STR("");
    case PRIVACY_DROP: return STR("");
    default: return text;
    }
}
