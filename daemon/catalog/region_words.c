#include "daemon/catalog/region_words.h"

enum { LETTER = 3, SHORTEST = 2 * LETTER }; /* bytes: names of regions are Chinese */

static const char *const endings[] = {
    "特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "林区", "新区", "省", "市", "盟", "旗", "区", "县",
};

/* Peoples of whom an autonomous region bears the name; 蒙古 and others also stand without 族. */
static const char *const peoples[] = {
    "蒙古族",   "回族",     "藏族",     "维吾尔族", "苗族",     "彝族",     "壮族",     "布依族", "朝鲜族",
    "满族",     "侗族",     "瑶族",     "白族",     "土家族",   "哈尼族",   "哈萨克族", "傣族",   "黎族",
    "傈僳族",   "佤族",     "畲族",     "拉祜族",   "水族",     "东乡族",   "纳西族",   "景颇族", "柯尔克孜族",
    "土族",     "达斡尔族", "仫佬族",   "羌族",     "布朗族",   "撒拉族",   "毛南族",   "仡佬族", "锡伯族",
    "阿昌族",   "普米族",   "塔吉克族", "怒族",     "鄂温克族", "德昂族",   "保安族",   "裕固族", "独龙族",
    "鄂伦春族", "各族",     "维吾尔",   "蒙古",     "哈萨克",   "柯尔克孜", "塔吉克",   "锡伯",
};

static str without(str name, const char *end) {
    str tail = str_of(end);
    return str_ends(name, tail) && name.n >= tail.n + SHORTEST ? str_take(name, name.n - tail.n) : name;
}

static str without_peoples(str name) {
    for (size_t i = 0; i < ARRAY_LEN(peoples); i++) {
        str shorter = without(name, peoples[i]);
        if (shorter.n == name.n) continue;
        name = shorter;
        i = SIZE_MAX; /* another people may stand before: once more from the first */
    }
    return name;
}

str region_short_name(str name) {
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        str shorter = without(name, endings[i]);
        if (shorter.n == name.n) continue;
        return str_starts(str_of(endings[i]), STR("自治")) ? without_peoples(shorter) : shorter;
    }
    return name;
}

bool region_code_pad(str word, char out[static 6]) {
    if (word.n != 2 && word.n != 4 && word.n != 6) return false;
    memset(out, '0', 6);
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] < '0' || word.p[i] > '9') return false;
        out[i] = word.p[i];
    }
    return true;
}

size_t region_letter(str s) {
    const char *p = s.p;
    (void)utf8_next(&p, s.p + s.n);
    return (size_t)(p - s.p);
}

bool region_street_follows(str rest) {
    static const char *const turns[] = {"东", "西", "南", "北", "中", "大", "一", "二", "三", "四", "支"};
    static const char *const streets[] = {"路", "街", "道", "巷", "弄"};
    for (size_t i = 0; i < ARRAY_LEN(turns); i++)
        if (str_starts(rest, str_of(turns[i]))) {
            rest = str_skip(rest, LETTER);
            break;
        }
    for (size_t i = 0; i < ARRAY_LEN(streets); i++)
        if (str_starts(rest, str_of(streets[i]))) return true;
    return false;
}
