#include "daemon/trace/case_row.h"

#include "base/calendar.h"

const char *const case_row_columns[] = {"id",    "partner", "skus",        "destination", "state",
                                        "score", "opened",  "first_event", "quantity",    "signals"};
const size_t case_row_column_count = ARRAY_LEN(case_row_columns);

static void put_text(json *j, const char *name, str s) {
    json_key(j, name);
    json_str(j, s.p ? s : STR(""));
}

static void put_time(json *j, const char *name, int64_t ms, int zone_min) {
    AUTO(buf) b = {0};
    time_put(&b, ms, zone_min);
    put_text(j, name, buf_str(&b));
}

void case_row_put(json *j, const case_row *c, int zone_min) {
    put_text(j, "id", c->id);
    put_text(j, "partner", c->partner);
    json_key(j, "skus");
    json_open_array(j);
    for (size_t i = 0; i < c->sku_count; i++) json_str(j, c->skus[i]);
    json_end_array(j);
    put_text(j, "destination", c->destination);
    put_text(j, "state", c->state);
    json_key(j, "score");
    json_dec(j, c->score, 1, 1);
    put_time(j, "opened", c->opened_ms, zone_min);
    put_time(j, "first_event", c->first_event_ms, zone_min);
    json_key(j, "quantity");
    json_dec(j, c->quantity, QUANTITY_SCALE, 0);
    json_key(j, "signals");
    json_open_array(j);
    for (size_t i = 0; i < c->signals; i++) {
        const case_row_signal *s = &c->signal[i];
        json_open_object(j);
        json_key(j, "kind");
        json_z(j, s->kind);
        put_time(j, "time", s->time_ms, zone_min);
        put_text(j, "evidence", s->evidence);
        json_end_object(j);
    }
    json_end_array(j);
}

static str joined(str lines, bool whole, arena *a) {
    AUTO(buf) b = {0};
    str one;
    while (str_split(&lines, '\n', &one)) {
        if (b.n) buf_addz(&b, "; ");
        buf_add(&b, whole ? one : str_take(one, str_find(one, STR(EVIDENCE_UNDISCLOSED))));
    }
    return arena_str(a, buf_str(&b));
}

str evidence_line(str lines, arena *a) {
    return joined(lines, true, a);
}

str evidence_told(str lines, arena *a) {
    return joined(lines, false, a);
}
