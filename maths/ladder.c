#include "maths/ladder.h"

size_t ladder_reach(const wide *from, size_t n, wide value, bool above) {
    size_t reached = LADDER_NONE;
    for (size_t i = 0; i < n; i++)
        if (value > from[i] || (!above && value == from[i])) reached = i;
    return reached;
}

wide ladder_slice(const wide *from, size_t n, size_t i, wide value) {
    wide top = i + 1 < n && from[i + 1] < value ? from[i + 1] : value;
    return top > from[i] ? top - from[i] : 0;
}
