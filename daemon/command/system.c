#include "daemon/command/command.h"

#include "base/num.h"
#include <inttypes.h>
#include <stdio.h>

bool cmd_ping(call *c, err *e) {
    uint64_t seq;
    int64_t time_ms;
    uint8_t head[DIGEST_SIZE];
    AUTO(buf) when = {0};
    if (c->facts == NULL) return err_set(e, ERR_UNAVAILABLE, "%s: no daemon answers there", c->data_dir);
    journal_head(c->t, &seq, &time_ms, head);
    time_put(&when, c->now_ms, c->zone_min);
    answer_message(c, "ready, %" PRIu64 " entries, %s%s", seq, buf_z(&when),
                   c->facts->simulated ? " (simulated clock)" : "");
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

/* Said by `channelctl backup` when the copy has been verified and named. */
bool cmd_backup_note(call *c, err *e) {
    int64_t entries;
    char text[24];
    if (!dec_parse(call_arg(c, 0), 0, &entries, NULL) || entries < 1)
        return err_set(e, ERR_USAGE, "backup note: '%.*s' is not an entry's number",
                       STR_ARG(str_take(call_arg(c, 0), 40)));
    (void)snprintf(text, sizeof text, "%" PRId64, c->now_ms);
    store_set_meta(c->t, "last_backup", str_of(text));
    answer_message(c, "noted");
    return true;
}
