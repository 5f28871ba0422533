#include "daemon/command/command.h"

#include "base/calendar.h"

bool cmd_ping(call *c, err *e) {
    (void)e;
    uint64_t seq;
    int64_t time_ms;
    uint8_t head[DIGEST_SIZE];
    journal_head(c->t, &seq, &time_ms, head);
    answer_message(c, "ready, %llu entries", (unsigned long long)seq);
    return true;
}

bool cmd_clock_set(call *c, err *e) {
    int64_t to_ms;
    str s = call_arg(c, 0);
    if (!time_parse(s, c->zone_min, &to_ms))
        return err_set(e, ERR_USAGE, "clock set: '%.*s' is not a time (like 2026-07-01T00:00:00+08:00 or 2026-07-01)",
                       STR_ARG(str_take(s, 40)));
    if (c->facts == NULL || !c->facts->simulated)
        return err_set(e, ERR_CONFLICT, "clock set: the clock is real (only --simulated-clock may be set)");
    TRY(c->door->set_clock(c->door->loop, call_actor(c), to_ms, e));
    AUTO(buf) text = {0};
    time_put(&text, to_ms, c->zone_min);
    answer_message(c, "clock is at %s", buf_z(&text));
    return true;
}
