#include "daemon/insight/reach.h"

#include "daemon/ledger/duties.h"
#include "daemon/ledger/reports.h"

static bool reported(txn *t, uint32_t partner_no, doc_type type, day_t until) {
    for (int nil = 0; nil < 2; nil++) {
        report_row row;
        kv_cursor c = report_rows(t, partner_no, type, nil != 0, until);
        bool any = report_next(&c, &row);
        kv_end(&c);
        if (any) return true;
    }
    return false;
}

static bool meant(txn *t, const figure_scope *s, uint32_t partner_no) {
    partner p;
    if (s->by_partner) {
        for (size_t i = 0; i < s->partners; i++)
            if (s->partner[i] == partner_no) return true;
        return false;
    }
    if (s->provinces == 0) return true;
    uint32_t at = partner_by_no(t, partner_no, &p) ? region_at_level(t, p.region, REGION_PROVINCE) : 0;
    for (size_t i = 0; i < s->provinces; i++)
        if (s->province[i] == at) return true;
    return false;
}

void reach_of(txn *t, const figure_scope *s, doc_type type, day_t until, reach *out) {
    *out = (reach){.partners = 0};
    for (uint32_t no = 0; (no = report_partner_next(t, no)) != 0;) {
        if (!meant(t, s, no)) continue;
        out->partners++;
        out->reported += reported(t, no, type, until);
    }
}
