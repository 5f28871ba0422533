#include "formats/privacy.h"

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

/* ---- county ---- */

static const char street_letters[] = "路街道巷弄号镇乡村栋幢楼室";
static const char region_letters[] = "省市区县州旗盟";
/* Words that end in a letter of regions and are none: 小区, 超市. */
static const char no_region_before[] = "小园社厂校片超夜菜";
static const char provinces[] =
    "北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 "
    "广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门";

/* Cities and counties that hold a letter of streets, as they are written without their last letter. */
static const char short_names[] =
    "镇江 景德镇 新乡 萍乡 "
    "丰镇 北镇 固镇 天镇 清镇 镇原 镇坪 镇宁 镇安 镇巴 镇平 镇康 镇沅 镇海 镇赉 镇远 镇雄 "
    "东乡 乡城 乡宁 内乡 宁乡 安乡 平乡 柏乡 桐乡 武乡 湘乡 肥乡 西乡 西乡塘 金乡 "
    "上街 路北 路南 路桥 让胡路 二道 二道江 滴道 通道 道外 道孚 道真 道里 "
    "周村 孟村 马村 岳阳楼 石楼 钟楼 鼓楼";

typedef struct letter {
    uint32_t cp;
    size_t end; /* behind it */
} letter;

enum { ADDRESS_LETTERS = 256, AUTONOMOUS_LETTERS = 8 };

static bool one_of(const char *list, uint32_t cp) {
    char text[4];
    return cp >= 0x80 && str_has(str_of(list), str_from(text, utf8_put(cp, text)));
}

static bool is_region(const letter *l, size_t i, size_t n) {
    bool doubtful = l[i].cp == 0x533a || l[i].cp == 0x5e02; /* 区, 市; 榆社县 is a county */
    if (!one_of(region_letters, l[i].cp)) return false;
    if (doubtful && i > 0 && one_of(no_region_before, l[i - 1].cp)) return false;
    return i + 1 >= n || l[i + 1].cp != 0x573a; /* 市场 */
}

static bool is_digit(uint32_t cp) {
    return cp >= '0' && cp <= '9';
}

/* 东乡族自治县, 道真仡佬族苗族自治县: the letter belongs to the name of an autonomous county. */
static bool is_autonomous(const letter *l, size_t i, size_t n) {
    for (size_t k = i + 1; k + 1 < n && k <= i + AUTONOMOUS_LETTERS; k++) {
        if (l[k].cp == 0x81ea && l[k + 1].cp == 0x6cbb) return true; /* 自治 */
        if (is_digit(l[k].cp) || one_of(street_letters, l[k].cp)) return false;
    }
    return false;
}

/* 路桥区, 新乡市, 道外区: the letter belongs to a region's name when that name ends within two letters. */
static bool is_street(const letter *l, size_t i, size_t n) {
    if (is_digit(l[i].cp)) return true;
    if (!one_of(street_letters, l[i].cp)) return false;
    for (size_t k = i + 1; k < n && k <= i + 2 && !is_digit(l[k].cp); k++)
        if (is_region(l, k, n)) return false;
    return !is_autonomous(l, i, n);
}

static str province_of(str text) {
    str rest = str_of(provinces);
    for (str name; str_split(&rest, ' ', &name);)
        if (str_starts(text, name)) return str_take(text, name.n);
    return STR("");
}

static bool is_short_name(str text) {
    str rest = str_of(short_names);
    for (str name; str_split(&rest, ' ', &name);)
        if (str_eq(text, name)) return true;
    return false;
}

static bool is_plain_code(str text) {
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] >= 0x80 || text.p[i] == ' ') return false;
    return true;
}

/* The text behind a label: "收货地址：江苏省…" begins with 江苏. */
static str without_label(str text) {
    static const str marks[] = {{":", 1}, {"\xef\xbc\x9a", 3}};
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        size_t at = str_find(text, marks[i]);
        if (at != SIZE_MAX) return str_trim(str_skip(text, at + marks[i].n));
    }
    return text;
}

static str county_of(str address) {
    letter l[ADDRESS_LETTERS];
    size_t n = 0, kept = 0, street = 0;
    str text = without_label(address);
    if (is_plain_code(text)) return text;
    for (const char *p = text.p, *end = p + text.n; p < end && n < ADDRESS_LETTERS; n++) {
        l[n].cp = half_width(utf8_next(&p, end));
        l[n].end = (size_t)(p - text.p);
    }
    for (; street < n && !is_street(l, street, n); street++)
        if (is_region(l, street, n)) kept = l[street].end;
    if (street == n || is_short_name(str_skip(text, kept ? kept : province_of(text).n))) return text;
    return kept ? str_take(text, kept) : province_of(text);
}

str privacy_apply(privacy_rule rule, field f, str text, const uint8_t *key, buf *room) {
    switch (rule) {
    case PRIVACY_COUNTY: return county_of(text);
    case PRIVACY_HASH: return key ? hashed(f, text, key, room) : STR("");
    case PRIVACY_DROP: return STR("");
    default: return text;
    }
}
