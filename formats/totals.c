#include "formats/totals.h"

void tally_add(tally *t, int64_t v) {
    t->part += v;
    t->page += v;
    t->all += v;
    t->any = true;
}

static bool near(__int128 sum, int64_t stated, int64_t slack) {
    __int128 d = sum - stated;
    return d <= slack && -d <= slack;
}

bool tally_agrees(const tally *t, total_word word, int64_t stated, int64_t slack, int64_t *nearest) {
    if (word == TOTAL_RUNNING) return true;
    if (near(t->part, stated, slack) || near(t->page, stated, slack) || near(t->all, stated, slack)) return true;
    __int128 sum = word == TOTAL_SUB ? t->part : t->all;
    *nearest = sum > INT64_MAX ? INT64_MAX : sum < -INT64_MAX ? -INT64_MAX : (int64_t)sum;
    return false;
}

void tally_close(tally *t, total_word word) {
    if (word == TOTAL_RUNNING) return;
    t->part = 0;
    if (word == TOTAL_GRAND) t->page = 0;
}
