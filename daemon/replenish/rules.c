#include "daemon/replenish/rules.h"

#include "daemon/catalog/cell.h"
#include "daemon/catalog/scope.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "proto/limits.h"

enum { SILENCE_DAYS = 14, TOLERANCE_PPM = 100000 };

/* ---- the file */

static bool read_list(const node *v, const char *what, arena *a, str *out, err *e) {
    AUTO(buf) b = {0};
    if (node_null(v)) return true;
    if (v->kind == NODE_TEXT) return *out = cell_list(v->text, a), true;
    TRY(node_is(v, NODE_LIST, what, e));
    for (const node *x = v->first; x; x = x->next) {
        TRY(node_is(x, NODE_TEXT, what, e));
        buf_add(&b, x->text);
        buf_byte(&b, ';');
    }
    *out = cell_list(arena_str(a, buf_str(&b)), a);
    return true;
}

static bool read_text_of(const node *v, const char *what, size_t most, str *out, err *e) {
    if (node_null(v)) return true;
    TRY(node_is(v, NODE_TEXT, what, e));
    if (v->text.n > most) return node_wanted(v, what, "a shorter text", e);
    *out = v->text;
    return true;
}

bool stock_rule_parse(str yaml, arena *a, stock_rule *out, err *e) {
    static const char *const own[] = {"name", "title", "products", "partners", "silence_days", "tolerance", "budget"};
    const node *root;
    int64_t silence = SILENCE_DAYS;
    *out = (stock_rule){.title = STR(""),
                        .products = STR(""),
                        .partners = STR(""),
                        .policy = replenish_policy_usual(),
                        .tolerance = TOLERANCE_PPM,
                        .budget = NUM_NONE};
    TRY(yaml_read(yaml, a, &root, e));
    TRY(replenish_policy_read(root, own, ARRAY_LEN(own), &out->policy, e));
    TRY(read_text_of(node_get(root, "name"), "name", LIMIT_ID, &out->name, e));
    if (!catalog_id_ok(out->name))
        return err_set(e, ERR_CONFIG, "line 1: name: of at most %d bytes is wanted", LIMIT_ID);
    TRY(read_text_of(node_get(root, "title"), "title", LIMIT_NAME, &out->title, e));
    TRY(read_list(node_get(root, "products"), "products", a, &out->products, e));
    TRY(read_list(node_get(root, "partners"), "partners", a, &out->partners, e));
    const node *days = node_get(root, "silence_days"), *share = node_get(root, "tolerance"),
               *budget = node_get(root, "budget");
    if (!node_null(days)) TRY(node_int(days, "silence_days", 0, LIMIT_SILENCE_DAYS, &silence, e));
    if (!node_null(share)) TRY(node_number(share, "tolerance", RATE_SCALE, 0, &out->tolerance, e));
    if (out->tolerance > LIMIT_TOLERANCE_PPM) return node_wanted(share, "tolerance", "a share from 0 to 1", e);
    if (!node_null(budget)) TRY(node_number(budget, "budget", MICRO_SCALE, 0, &out->budget, e));
    out->silence_days = (unsigned)silence;
    return true;
}

/* ---- revisions */

static key key_of(str name, uint32_t revision) {
    key k = {.n = 0};
    key_textz(&k, name);
    key_u32(&k, revision);
    return k;
}

static bool decode(str stored_key, str val, stock_rule_revision *out) {
    reader k = reader_of(stored_key), r = reader_of(val);
    *out = (stock_rule_revision){.name = read_textz(&k)};
    out->revision = read_be32(&k);
    out->entry = read_be64(&r);
    out->time_ms = (int64_t)read_be64(&r);
    out->withdrawn = read_byte(&r) != 0;
    str *texts[] = {&out->by, &out->reason, &out->yaml};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = read_text(&r);
    return !k.bad && !r.bad;
}

bool stock_rule_get(txn *t, str name, uint32_t revision, stock_rule_revision *out) {
    str val;
    if (!catalog_id_ok(name)) return false;
    key k = key_of(name, revision);
    if (!kv_get(t, TABLE_STOCK_RULE, key_str(&k), &val) || !decode(key_str(&k), val, out)) return false;
    out->name = name;
    return true;
}

bool stock_rule_latest(txn *t, str name, stock_rule_revision *out) {
    if (!catalog_id_ok(name)) return false;
    key k = key_of(name, UINT32_MAX);
    AUTO(kv_cursor) c = kv_back(t, TABLE_STOCK_RULE, STR(""), key_str(&k));
    stock_rule_revision found;
    if (!kv_next(&c) || !decode(c.key, c.val, &found) || !str_eq(found.name, name)) return false;
    *out = found;
    return true;
}

bool stock_rule_next(txn *t, str after, stock_rule_revision *out) {
    key from = key_of(after, UINT32_MAX);
    AUTO(kv_cursor) c = kv_from(t, TABLE_STOCK_RULE, STR(""), key_str(&from));
    return kv_next(&c) && decode(c.key, c.val, out) && stock_rule_latest(t, out->name, out);
}

bool stock_rules_load(txn *t, arena *a, stock_rules *out, err *e) {
    stock_rule_revision r;
    size_t cap = 0;
    *out = (stock_rules){.n = 0};
    for (str after = STR(""); stock_rule_next(t, after, &r); after = r.name) {
        if (r.withdrawn) continue;
        out->v = arena_grown(a, out->v, out->n, &cap, sizeof *out->v);
        TRY(stock_rule_parse(r.yaml, a, &out->v[out->n], e) || err_wrap(e, "policy '%.*s'", STR_ARG(r.name)));
        out->n++;
    }
    return txn_ok(t, e);
}

const stock_rule *stock_rules_for(txn *t, const stock_rules *r, uint32_t partner_no, const product *p) {
    const stock_rule *best = NULL;
    unsigned rank = 0;
    for (size_t i = 0; i < r->n; i++) {
        unsigned by_product = scope_product(r->v[i].products, p);
        unsigned by_partner = by_product ? scope_partner(t, r->v[i].partners, partner_no) : 0;
        unsigned now = by_partner ? by_product * 4 + by_partner : 0;
        if (now > rank) rank = now, best = &r->v[i];
    }
    return best;
}

/* ---- apply */

bool replenish_rule(txn *t, const entry *en, const Entry__StockRule *m, apply_result *r, err *e) {
    AUTO(buf) b = {0};
    stock_rule_revision before = {0};
    str name = str_of(m->name);
    if (!catalog_id_ok(name) || strlen(m->yaml) > LIMIT_STOCK_RULE_BYTES || strlen(m->reason) > LIMIT_TEXT)
        return err_set(e, ERR_DATA, "replenishment policy: at most %d bytes, its reason at most %d",
                       LIMIT_STOCK_RULE_BYTES, LIMIT_TEXT);
    bool known = stock_rule_latest(t, name, &before);
    if (m->revision != before.revision + 1)
        return err_set(e, ERR_CONFLICT, "policy '%s': revision %u is in force, this was made for revision %u", m->name,
                       (unsigned)before.revision, (unsigned)m->revision - 1);
    if (m->withdrawn && !known) return err_set(e, ERR_NOT_FOUND, "policy '%s': there is none", m->name);
    key k = key_of(name, m->revision);
    buf_be64(&b, en->seq);
    buf_be64(&b, (uint64_t)en->time_ms);
    buf_byte(&b, (char)m->withdrawn);
    const str texts[] = {en->actor, str_of(m->reason), str_of(m->yaml)};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(&b, texts[i]);
    kv_put(t, TABLE_STOCK_RULE, key_str(&k), buf_str(&b));
    r->number = m->revision;
    return txn_ok(t, e);
}

bool stock_rule_content(uint32_t table, str stored_key, str val, buf *out) {
    stock_rule_revision x;
    if (table != TABLE_STOCK_RULE || !decode(stored_key, val, &x)) return false;
    buf_be32(out, x.revision);
    buf_byte(out, (char)x.withdrawn);
    const str texts[] = {x.name, x.by, x.reason, x.yaml};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) buf_text(out, texts[i]);
    return true;
}
