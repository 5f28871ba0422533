#include "daemon/catalog/centres.h"

#include "daemon/catalog/region.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static const struct centre {
    int32_t code, lat, lon;
} centres[] = {
#include "centres.inc"
};

static const double degree_km = 111.195; /* of latitude: 6371 km × π / 180 */

uint32_t region_nearest(txn *t, int32_t lat, int32_t lon) {
    double best = (double)CENTRE_KM * CENTRE_KM, across = cos(lat * 1e-6 * 0.017453292519943295);
    const struct centre *nearest = NULL;
    for (size_t i = 0; i < ARRAY_LEN(centres); i++) {
        double north = (centres[i].lat - (double)lat) * 1e-6 * degree_km;
        double east = (centres[i].lon - (double)lon) * 1e-6 * degree_km * across;
        double far = north * north + east * east;
        if (far >= best) continue;
        best = far;
        nearest = &centres[i];
    }
    char code[16];
    if (nearest == NULL) return 0;
    (void)snprintf(code, sizeof code, "%06" PRId32, nearest->code);
    return region_by_code(t, str_of(code));
}

static const struct centre *centre_of(str code) {
    char text[16];
    for (size_t i = 0; i < ARRAY_LEN(centres); i++) {
        (void)snprintf(text, sizeof text, "%06" PRId32, centres[i].code);
        if (str_is(code, text)) return &centres[i];
    }
    return NULL;
}

bool region_centre(txn *t, uint32_t region, int32_t *lat, int32_t *lon) {
    for (int up = 0; region && up < REGION_DEPTH_MAX; up++, region = region_parent(t, region)) {
        const struct centre *c = centre_of(region_code(t, region));
        if (c == NULL) continue;
        *lat = c->lat;
        *lon = c->lon;
        return true;
    }
    return false;
}
