#include "daemon/ledger/kinds.h"

static const struct {
    const char *name;
    stock_effect effect;
} facts[FLOW_KIND_END] = {
#define X(kind, no, name, effect) [kind] = {name, effect},
    FLOW_KINDS(X)
#undef X
};

const char *flow_kind_name(flow_kind k) {
    return facts[k].name;
}

bool flow_kind_parse(str s, flow_kind *out) {
    for (flow_kind k = FLOW_SELL_IN; k < FLOW_KIND_END; k++)
        if (str_is(s, facts[k].name)) return *out = k, true;
    return false;
}

stock_effect flow_stock_effect(flow_kind k) {
    return facts[k].effect;
}
