#include "daemon/rebate/accounts.h"

#include "daemon/rebate/policy.h"
#include "daemon/store/keys.h"
#include "daemon/store/store.h"
#include "formats/yaml.h"
#include "proto/limits.h"

/* ---- the file */

static bool word_of(accounts *a, const node *row, const char *name, bool needed, str *out, err *e) {
    const node *v = node_get(row, name);
    *out = STR("");
    if (v == NULL && needed) return err_set(e, ERR_CONFIG, "line %u: %s is missing", row->line, name);
    if (v == NULL) return true;
    if (v->kind != NODE_TEXT || v->text.n == 0 || v->text.n > LIMIT_ID)
        return node_wanted(v, name, "a word of at most 64 bytes", e);
    *out = arena_str(&a->text, v->text);
    return true;
}

static bool form_ok(const node *row, str form, err *e) {
    for (payout_form f = PAYOUT_CREDIT_NOTE; f <= PAYOUT_EXPENSE; f++)
        if (form.n == 0 || str_is(form, policy_form_name(f))) return true;
    return node_wanted(node_get(row, "form"), "form", "credit_note, offset, goods, cash or expense", e);
}

static bool read_row(accounts *a, const node *v, err *e) {
    static const char *const keys[] = {"kind", "form", "policy", "company", "debit", "credit"};
    account_row *to = &a->row[a->n];
    str kind;
    TRY(node_is(v, NODE_MAP, "an account", e) && node_keys(v, keys, ARRAY_LEN(keys), "an account", e));
    TRY(word_of(a, v, "kind", true, &kind, e) && word_of(a, v, "form", false, &to->form, e));
    TRY(word_of(a, v, "policy", false, &to->policy, e) && word_of(a, v, "company", false, &to->company, e));
    TRY(word_of(a, v, "debit", true, &to->debit, e) && word_of(a, v, "credit", true, &to->credit, e));
    if (!voucher_kind_parse(kind, &to->kind))
        return node_wanted(node_get(v, "kind"), "kind", "accrual, reversal, payout or redemption", e);
    TRY(form_ok(v, to->form, e));
    for (size_t i = 0; i < a->n; i++)
        if (a->row[i].kind == to->kind && str_eq(a->row[i].form, to->form) && str_eq(a->row[i].policy, to->policy) &&
            str_eq(a->row[i].company, to->company))
            return err_set(e, ERR_CONFIG, "line %u: a second row for the same kind, form, policy and company", v->line);
    a->n++;
    return true;
}

static bool read_root(accounts *a, const node *root, err *e) {
    static const char *const keys[] = {"apiVersion", "kind", "metadata", "accounts"};
    TRY(node_is(root, NODE_MAP, "the file", e) && node_keys(root, keys, ARRAY_LEN(keys), "the file", e));
    const node *version = node_get(root, "apiVersion"), *kind = node_get(root, "kind");
    const node *list = node_get(root, "accounts");
    if (version && !(version->kind == NODE_TEXT && str_is(version->text, "channeld/v1")))
        return node_wanted(version, "apiVersion", "channeld/v1", e);
    if (kind && !(kind->kind == NODE_TEXT && str_is(kind->text, "VoucherAccounts")))
        return node_wanted(kind, "kind", "VoucherAccounts", e);
    if (list == NULL || list->count == 0) return err_set(e, ERR_CONFIG, "line 1: accounts: at least one row");
    TRY(node_is(list, NODE_LIST, "accounts", e));
    if (list->count > ACCOUNTS_ROWS)
        return err_set(e, ERR_CONFIG, "line %u: accounts: more than %d rows", list->line, ACCOUNTS_ROWS);
    a->row = ARENA_NEW(&a->text, account_row, list->count);
    ASSERT(a->row != NULL);
    for (const node *v = list->first; v; v = v->next) TRY(read_row(a, v, e));
    return true;
}

bool accounts_parse(str yaml, accounts *out, err *e) {
    AUTO(arena) room = {0};
    const node *root;
    *out = (accounts){.n = 0};
    arena_init(&out->text, SIZE_MAX);
    arena_init(&room, SIZE_MAX);
    if (yaml.n > ACCOUNTS_BYTES) return err_set(e, ERR_CONFIG, "more than %d bytes of accounts", ACCOUNTS_BYTES);
    return yaml_read(yaml, &room, &root, e) && read_root(out, root, e);
}

void accounts_auto(accounts *a) {
    arena_free(&a->text);
}

/* ---- which row */

static bool fits(str wanted, str is) {
    return wanted.n == 0 || str_eq(wanted, is);
}

static int weight(const account_row *r) {
    return (r->policy.n > 0) * 4 + (r->company.n > 0) * 2 + (r->form.n > 0);
}

const account_row *accounts_find(const accounts *a, voucher_kind kind, str form, str policy_name, str company) {
    const account_row *best = NULL;
    for (size_t i = 0; i < a->n; i++) {
        const account_row *r = &a->row[i];
        if (r->kind != kind || !fits(r->form, form) || !fits(r->policy, policy_name) || !fits(r->company, company))
            continue;
        if (best == NULL || weight(r) > weight(best)) best = r;
    }
    return best;
}

/* ---- revisions */

bool accounts_get(txn *t, uint32_t revision, str *yaml, uint32_t *number) {
    key k = {.n = 0};
    AUTO(kv_cursor) c = kv_back(t, TABLE_ACCOUNTS, STR(""), STR_NONE);
    if (!kv_next(&c) || c.key.n != 4) return false;
    *number = revision ? revision : get_be32(c.key.p);
    str val;
    key_u32(&k, *number);
    if (!kv_get(t, TABLE_ACCOUNTS, key_str(&k), &val)) return false;
    reader r = reader_of(val);
    (void)read_be64(&r);
    (void)read_be64(&r);
    (void)read_text(&r);
    *yaml = read_text(&r);
    return !r.bad;
}

uint32_t accounts_put(txn *t, const entry *en, str yaml) {
    AUTO(buf) b = {0};
    key k = {.n = 0};
    uint32_t no = (uint32_t)store_next(t, "accounts");
    key_u32(&k, no);
    buf_be64(&b, en->seq);
    buf_be64(&b, (uint64_t)en->time_ms);
    buf_text(&b, en->actor);
    buf_text(&b, yaml);
    kv_put(t, TABLE_ACCOUNTS, key_str(&k), buf_str(&b));
    return no;
}
