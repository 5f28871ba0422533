#include "daemon/catalog/scope.h"

#include "daemon/catalog/partner.h"

unsigned scope_product(str list, const product *x) {
    unsigned best = list.n == 0;
    str piece;
    while (str_split(&list, ';', &piece)) {
        unsigned now = 0;
        if (str_eq(piece, x->sku)) now = 3;
        else if (str_starts(piece, STR("brand:")))
            now = str_eq(str_skip(piece, strlen("brand:")), x->brand) ? 2 : 0;
        else if (str_starts(piece, STR("category:")))
            now = str_eq(str_skip(piece, strlen("category:")), x->category) ? 2 : 0;
        if (now > best) best = now;
    }
    return best;
}

unsigned scope_partner(txn *t, str list, uint32_t partner_no) {
    uint32_t chain[PARTNER_DEPTH_MAX];
    size_t n = partner_chain(t, partner_no, chain);
    unsigned best = list.n == 0;
    partner own = {.tier = STR("")};
    str piece;
    (void)partner_by_no(t, partner_no, &own);
    while (str_split(&list, ';', &piece)) {
        for (size_t i = 0; i < n; i++)
            if (str_eq(piece, partner_id(t, chain[i]))) return 3;
        if (str_starts(piece, STR("tier:")) && str_eq(str_skip(piece, strlen("tier:")), own.tier)) best = 2;
    }
    return best;
}
