#include "daemon/command/period.h"

#include "daemon/catalog/calendar.h"
#include "daemon/command/cells.h"
#include "daemon/ledger/balance.h"
#include "daemon/ledger/facts.h"

bool option_period(call *c, day_span *out, err *e) {
    str period = call_option(c, "period");
    fiscal_calendar cal;
    day_t today = day_at(c->now_ms, c->zone_min);
    bool days = call_option(c, "from").p || call_option(c, "to").p;
    calendar_load(c->t, c->a, &cal);
    if (period.p && days) return err_set(e, ERR_USAGE, "%s: --period, or --from and --to", c->command->name);
    if (period.p)
        return span_parse(&cal, str_trim(period), out) ||
               err_set(e, ERR_USAGE,
                       "%s: --period '%.*s' is none like 2026-06, 2026-Q2, 2026-W23 or 2026-06-01..2026-06-15",
                       c->command->name, STR_ARG(str_take(period, 40)));
    day_span month = span_at(&cal, SPAN_MONTH, today);
    if (!days) month = span_at(&cal, SPAN_MONTH, month.from - 1);
    TRY(call_day(c, "from", month.from, &out->from, e));
    TRY(call_day(c, "to", days ? today : month.to, &out->to, e));
    return out->from <= out->to || err_set(e, ERR_USAGE, "%s: --from lies after --to", c->command->name);
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
