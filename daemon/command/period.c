#include "daemon/command/period.h"

#include "daemon/catalog/calendar.h"
#include "daemon/command/cells.h"
#include "daemon/command/reports.h"
#include "daemon/ledger/balance.h"
#include "daemon/ledger/facts.h"

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
    uint32_t only;
    err unused;
    facts f;
    size_t all, kept = 0;
    TRY(option_partner(c, &only, e));
    if (only) {
        facts_init(&f, c->t);
        only = partner_fact_of(&f, only)->reporter;
        facts_free(&f);
        TRY(authz(c, "read", only, e));
        *out = ARENA_NEW(c->a, uint32_t, 1);
        ASSERT(*out != NULL);
        **out = only;
        *n = 1;
        return true;
    }
    all = balance_partners(c->t, c->a, out);
    for (size_t i = 0; i < all; i++)
        if (authz(c, "read", (*out)[i], &unused)) (*out)[kept++] = (*out)[i];
    *n = kept;
    return true;
}
