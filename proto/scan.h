/* scan — kinds of sightings by scan. Numbers are stored. */
#ifndef PROTO_SCAN_H
#define PROTO_SCAN_H

#include "base/str.h"

typedef enum scan_kind {
    SCAN_CONSUMER,
    SCAN_TERMINAL,
    SCAN_DEALER,
    SCAN_INSPECTOR,
    SCAN_ONLINE,
    SCAN_KIND_COUNT
} scan_kind;

const char *scan_kind_name(scan_kind k);
bool scan_kind_parse(str s, scan_kind *out);

#endif
