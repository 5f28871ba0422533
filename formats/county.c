#include "formats/county.h"

#include "base/buf.h"
#include "formats/region_names.h"
#include "formats/value.h"

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

/* Those that bear one name. */
typedef struct namesakes {
    const region_named *one;
    size_t n; /* 0: not known */
} namesakes;

enum { ADDRESS_LETTERS = 256, AUTONOMOUS_LETTERS = 12, NAME_LETTERS = 16, SHORT_LETTERS = 5 };

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

/* ---- names of the tree: does what is named lie in what was named before? ---- */

/* A city and a province of one name (北京市) hold what either holds. */
static bool is_within(int32_t code, int32_t outer) {
    int32_t step = outer % 10000 == 0 ? 10000 : outer % 100 == 0 ? 100 : 1;
    return code / step == outer / step;
}

static bool lies_in(namesakes inner, namesakes outer) {
    if (outer.n == 0) return true;
    for (size_t i = 0; i < inner.n; i++)
        for (size_t k = 0; k < outer.n; k++)
            if (is_within(inner.one[i].code, outer.one[k].code)) return true;
    return false;
}

static namesakes named(str name) {
    namesakes found;
    found.n = region_names_find(name, &found.one);
    return found;
}

typedef struct walk {
    str text;
    letter l[ADDRESS_LETTERS];
    size_t n;
} walk;

static size_t begins(const walk *w, size_t i) {
    return i ? w->l[i - 1].end : 0;
}

/* The longest whole name that stands at letter i: its letters, 0 none. */
static size_t whole_name_at(const walk *w, size_t i, namesakes *out) {
    size_t most = w->n - i < NAME_LETTERS ? w->n - i : NAME_LETTERS, from = begins(w, i);
    for (size_t k = most; k >= 2; k--) {
        *out = named(str_from(w->text.p + from, w->l[i + k - 1].end - from));
        if (out->n) return k;
    }
    return 0;
}

/* A province or city written without its last letter, lying in what was stated. */
static size_t short_name_at(const walk *w, size_t i, namesakes stated, namesakes *out) {
    static const char *const ends[] = {"省", "市", "自治区"};
    size_t most = w->n - i < SHORT_LETTERS ? w->n - i : SHORT_LETTERS, from = begins(w, i);
    for (size_t k = most; k >= 2; k--)
        for (size_t x = 0; x < ARRAY_LEN(ends); x++) {
            AUTO(buf) whole = {0};
            buf_add(&whole, str_from(w->text.p + from, w->l[i + k - 1].end - from));
            buf_addz(&whole, ends[x]);
            *out = named(buf_str(&whole));
            if (out->n && out->one[0].code % 100 == 0 && lies_in(*out, stated)) return k;
        }
    return 0;
}

/* What was understood of the letters before `kept`, and whether something there lies elsewhere. */
typedef struct stated_place {
    namesakes last;
    size_t end;   /* letter behind it */
    size_t at;    /* letter up to which the text was read */
    bool foreign; /* what follows the last place is known, and lies elsewhere */
} stated_place;

static stated_place read_places(const walk *w, size_t kept) {
    stated_place s = {.last = {NULL, 0}};
    while (s.at < w->n && w->l[s.at].end <= kept) {
        namesakes next;
        size_t letters = whole_name_at(w, s.at, &next);
        if (letters && w->l[s.at + letters - 1].end > kept) letters = 0;
        if (letters && !lies_in(next, s.last)) {
            s.foreign = true;
            return s;
        }
        if (letters == 0) letters = short_name_at(w, s.at, s.last, &next);
        if (letters) {
            s.last = next;
            s.end = s.at += letters;
            continue;
        }
        while (s.at < w->n && w->l[s.at].end <= kept && !is_region(w->l, s.at, w->n)) s.at++;
        s.at++;
    }
    return s;
}

/* 绿园区, 下花园区, 西沙群岛: counties that the letters alone do not tell. The bytes up to the end of one that follows. */
static size_t county_after(const walk *w, const stated_place *s, size_t kept) {
    namesakes next;
    size_t i = 0, letters;
    while (i < w->n && w->l[i].end <= kept) i++;
    if (kept == 0 && s->end) i = s->end;
    letters = i < w->n ? whole_name_at(w, i, &next) : 0;
    if (letters == 0 || next.one[0].code % 100 == 0 || !lies_in(next, s->last)) return kept;
    return w->l[i + letters - 1].end;
}

static str cut(const walk *w, size_t kept, bool whole) {
    stated_place s = read_places(w, whole ? w->text.n : kept ? kept : province_of(w->text).n);
    if (s.foreign) return str_take(w->text, begins(w, s.end));
    if (whole) return w->text;
    if (kept == 0) s.end += s.end ? short_name_at(w, s.end, s.last, &(namesakes){0}) : 0;
    kept = county_after(w, &s, kept);
    return kept ? str_take(w->text, kept) : province_of(w->text);
}

str county_of(str address) {
    walk w = {.text = without_label(address)};
    size_t kept = 0, street = 0;
    if (is_plain_code(w.text)) return w.text;
    for (const char *p = w.text.p, *end = p + w.text.n; p < end && w.n < ADDRESS_LETTERS; w.n++) {
        w.l[w.n].cp = half_width(utf8_next(&p, end));
        w.l[w.n].end = (size_t)(p - w.text.p);
    }
    for (; street < w.n && !is_street(w.l, street, w.n); street++)
        if (is_region(w.l, street, w.n)) kept = w.l[street].end;
    bool whole = street == w.n || is_short_name(str_skip(w.text, kept ? kept : province_of(w.text).n));
    return cut(&w, kept, whole);
}
