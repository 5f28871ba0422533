#include "daemon/rebate/mechanism.h"

static const mechanism_kind *const kinds[] = {
    &mechanism_flat,
    &mechanism_bands,
    &mechanism_growth,
    &mechanism_target,
    &mechanism_mix,
    &mechanism_breadth,
    &mechanism_early_payment,
    &mechanism_price_protection,
    &mechanism_ship_and_debit,
    &mechanism_activity,
    &mechanism_personal,
    &mechanism_none,
};
enum { KEYS_MAX = 16 };

static bool find_kind(const node *v, const mechanism_kind **out, err *e) {
    const char *known[ARRAY_LEN(kinds) + 1] = {0};
    const node *name = node_get(v, "mechanism");
    unsigned no;
    if (name == NULL) return err_set(e, ERR_CONFIG, "line %u: wanted mechanism: NAME", v->line);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) known[i] = kinds[i]->name;
    TRY(node_choice(name, "mechanism", known, &no, e));
    *out = kinds[no];
    return true;
}

bool mechanism_read(policy *p, const node *v, mechanism *out, err *e) {
    const char *keys[KEYS_MAX] = {"mechanism"};
    TRY(node_is(v, NODE_MAP, "a mechanism", e) && find_kind(v, &out->kind, e));
    for (size_t i = 0; i < out->kind->key_count; i++) keys[i + 1] = out->kind->keys[i];
    TRY(node_keys(v, keys, out->kind->key_count + 1, out->kind->name, e));
    out->line = v->line;
    out->no = (unsigned)p->mechanisms++;
    out->baseline = out->impute = out->budget = NUM_NONE;
    return out->kind->read == NULL || out->kind->read(p, v, out, e);
}

const mechanism_kind mechanism_none = {.name = "none"};
