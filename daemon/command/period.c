#include "daemon/command/period.h"

#include "daemon/catalog/calendar.h"
#include "daemon/command/cells.h"
#include "daemon/command/reports.h"
#include "daemon/ledger/members.h"

bool option_period(call *c, day_span *out, err *e) {
    fiscal_calendar calendar;
    day_t today = day_at(c->now_ms, c->zone_min);
    calendar_load(c->t, c->a, &calendar);
    day_span month = span_at(&calendar, SPAN_MONTH, today);
    bool days = call_option(c, "from").p || call_option(c, "to").p;
    return option_span(c, days ? (day_span){month.from, today} : span_at(&calendar, SPAN_MONTH, month.from - 1), out,
                       e);
}

bool option_answering(call *c, uint32_t **out, size_t *n, err *e) {
    AUTO(facts) f = {0};
    uint32_t only;
    err unused;
    TRY(option_partner(c, &only, e));
    facts_init(&f, c->t);
    if (only) {
        *out = ARENA_NEW(c->a, uint32_t, 1);
        ASSERT(*out != NULL);
        **out = partner_fact_of(&f, only)->reporter;
        *n = 1;
        return authz(c, "read", **out, e);
    }
    size_t all = members_answering(&f, c->a, out);
    *n = 0;
    for (size_t i = 0; i < all; i++)
        if (authz(c, "read", (*out)[i], &unused)) (*out)[(*n)++] = (*out)[i];
    return true;
}
