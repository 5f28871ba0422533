#include "formats/region_names.h"

/* By the bytes of the name, then by code. */
static const region_named names[] = {
#include "places.inc"
};

static int compared(const region_named *x, str name) {
    size_t n = strlen(x->name);
    int order = memcmp(x->name, name.p, n < name.n ? n : name.n);
    return order ? order : (n > name.n) - (n < name.n);
}

size_t region_names_find(str name, const region_named **first) {
    size_t low = 0, high = ARRAY_LEN(names), n = 0;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (compared(&names[mid], name) < 0) low = mid + 1;
        else
            high = mid;
    }
    while (low + n < ARRAY_LEN(names) && compared(&names[low + n], name) == 0) n++;
    *first = &names[low];
    return n;
}
