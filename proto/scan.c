#include "proto/scan.h"

const char *scan_kind_name(scan_kind k) {
    static const char *const names[SCAN_KIND_COUNT] = {"consumer", "terminal", "dealer", "inspector", "online"};
    return (unsigned)k < SCAN_KIND_COUNT ? names[k] : "";
}

bool scan_kind_parse(str s, scan_kind *out) {
    static const char *const words[SCAN_KIND_COUNT] = {"消费者", "终端", "经销商", "稽查", "线上"};
    for (scan_kind k = 0; k < SCAN_KIND_COUNT; k++)
        if (str_ieq(s, str_of(scan_kind_name(k))) || str_is(s, words[k])) return *out = k, true;
    return false;
}
