/* customer list, merge, access; how the others open a partner's customers. */
#include "daemon/command/customers.h"

#include "daemon/catalog/access.h"
#include "daemon/catalog/columns.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/region.h"
#include "daemon/command/catalog.h"
#include "daemon/command/cells.h"
#include "daemon/store/keys.h"
#include "formats/value.h"

enum { CUSTOMERS_BYTES = 1 << 30 };

/* ---- opening */

static bool is_mark(uint32_t cp) {
    return cp <= ' ' || cp == 0xfeff || cp == 0xb7 || (cp >= 0x3001 && cp <= 0x3011) ||
           (cp < 0x80 && strchr("()[]{}-_/.,;:!?\"'#+|&*~", (int)cp) != NULL);
}

str name_plain(str name, arena *a) {
    static const char *const forms[] = {"有限责任公司", "股份有限公司", "有限公司", "个体工商户"};
    AUTO(buf) b = {0};
    for (const char *p = name.p, *end = name.p + name.n; name.n && p < end;) {
        char letter[4];
        uint32_t cp = half_width(utf8_next(&p, end));
        if (is_mark(cp)) continue;
        if (cp >= 'A' && cp <= 'Z') cp += 32;
        buf_add(&b, str_from(letter, utf8_put(cp, letter)));
    }
    str plain = buf_str(&b);
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (plain.n > strlen(forms[i]) && str_ends(plain, str_of(forms[i]))) plain.n -= strlen(forms[i]);
    return arena_str(a, plain);
}

static void see(call *c, uint32_t partner_no, const customer *x, arena *a, customer_face *out) {
    day_t today = day_at(c->now_ms, c->zone_min);
    str region = x->card.fact[CUSTOMER_REGION], name = x->card.fact[CUSTOMER_NAME];
    *out = (customer_face){.c = x, .name = name.n ? name : x->word};
    out->plain = name_plain(out->name, a);
    if (region.n && !resolve_region(c->t, partner_no, region, today, &out->county)) out->county = 0;
    if (!resolve_partner(c->t, partner_no, x->word, ON_DAY(today), false, &out->is)) out->is = 0;
}

static bool open_one(call *c, uint32_t partner_no, customer_list_fn fn, void *arg, err *e) {
    AUTO(arena) a = {0};
    customer *row;
    customer_list l = {.partner = partner_no};
    arena_init(&a, CUSTOMERS_BYTES);
    l.id = arena_str(&a, partner_id(c->t, partner_no));
    TRY(authz(c, "read", partner_no, e));
    TRY(customers_of(c->t, partner_no, &a, &row, &l.n, e));
    if (l.n == 0) return true;
    l.face = ARENA_NEW(&a, customer_face, l.n);
    for (size_t i = 0; i < l.n; i++) see(c, partner_no, &row[i], &a, &l.face[i]);
    TRY(fn(c, &l, &a, arg, e));
    return call_opened(c, l.id, l.n, e);
}

static uint32_t next_with_customers(txn *t, uint64_t from) {
    key k = {.n = 0};
    if (from > UINT32_MAX) return 0;
    key_u32(&k, (uint32_t)from);
    kv_cursor c = kv_from(t, TABLE_CUSTOMER, STR(""), key_str(&k));
    uint32_t no = kv_next(&c) ? get_be32(c.key.p) : 0;
    kv_end(&c);
    return no;
}

bool customers_open(call *c, customer_list_fn fn, void *arg, err *e) {
    uint32_t only;
    TRY(option_partner(c, &only, e));
    TRY(authz(c, "read", only, e));
    if (only) return open_one(c, only, fn, arg, e);
    for (uint64_t no = 0; (no = next_with_customers(c->t, no)) != 0; no++) TRY(open_one(c, (uint32_t)no, fn, arg, e));
    return true;
}

/* ---- list */

void put_customer_sums(json *j, const customer *c, const char *lines, const char *amount, const char *currency) {
    cell_count(j, lines, c->lines);
    cell_amount(j, c->mixed || c->currency == 0 ? NUM_NONE : c->amount, c->mixed ? 0 : c->currency, amount, currency);
}

str county_code(txn *t, uint32_t region_no) {
    return region_no ? region_code(t, region_no) : STR("");
}

/* What was posted for a customer and for those merged with it. */
static customer with_merged(const customer_list *l, const customer *kept) {
    customer sum = *kept;
    for (size_t i = 0; i < l->n; i++) {
        const customer *x = l->face[i].c;
        if (x == kept || x->lines == 0 || !str_eq(x->kept, kept->word)) continue;
        if (sum.lines == 0 || x->first < sum.first) sum.first = x->first;
        if (sum.lines == 0 || x->last > sum.last) sum.last = x->last;
        sum.lines += x->lines;
        if (x->currency == 0) continue;
        sum.mixed = sum.mixed || x->mixed || (sum.currency && sum.currency != x->currency) ||
                    !add_i64(sum.amount, x->amount, &sum.amount);
        sum.currency = x->currency;
    }
    return sum;
}

static void put_day_of(json *j, const char *name, const customer *c, day_t day) {
    if (c->lines) put_day_cell(j, name, day);
    else
        cell_text(j, name, STR(""));
}

static bool list_customers(call *c, const customer_list *l, arena *a, void *arg, err *e) {
    (void)a;
    (void)arg;
    (void)e;
    for (size_t i = 0; i < l->n && !answer_failed(c); i++) {
        const customer_face *f = &l->face[i];
        bool merged = !str_eq(f->c->kept, f->c->word);
        const customer sum = merged ? (customer){.lines = 0} : with_merged(l, f->c);
        json *j = answer_row(c);
        cell_text(j, "partner", l->id);
        cell_text(j, "customer", f->c->word);
        cell_text(j, "name", f->c->card.fact[CUSTOMER_NAME]);
        cell_text(j, "kind", f->c->card.fact[CUSTOMER_KIND]);
        cell_text(j, "county", f->c->card.fact[CUSTOMER_REGION]);
        cell_text(j, "region", county_code(c->t, f->county));
        cell_text(j, "phone", f->c->card.fact[CUSTOMER_PHONE]);
        put_customer_sums(j, &sum, "lines", "amount", "currency");
        put_day_of(j, "first_date", &sum, sum.first);
        put_day_of(j, "last_date", &sum, sum.last);
        cell_text(j, "merged_into", merged ? f->c->kept : STR(""));
        cell_text(j, "id", f->is ? partner_id(c->t, f->is) : STR(""));
        answer_row_end(c);
    }
    return true;
}

bool cmd_customer_list(call *c, err *e) {
    static const char *const columns[] = {"partner",    "customer",  "name",        "kind",   "county",
                                          "region",     "phone",     "lines",       "amount", "currency",
                                          "first_date", "last_date", "merged_into", "id"};
    answer_list(c, columns, ARRAY_LEN(columns));
    return customers_open(c, list_customers, NULL, e);
}

/* ---- merge: aliases of kind merge, so that it is dated, listed, and taken back with `alias remove` */

static bool known_customer(call *c, uint32_t partner_no, str word, err *e) {
    key k = {.n = 0};
    str val;
    if (word.n && word.n <= LIMIT_TEXT) {
        key_u32(&k, partner_no);
        key_text(&k, word);
        if (kv_get(c->t, TABLE_CUSTOMER, key_str(&k), &val)) return true;
    }
    return err_set(e, ERR_NOT_FOUND, "no customer '%.*s' of that partner (customer list shows them)",
                   STR_ARG(str_take(word, 60)));
}

bool cmd_customer_merge(call *c, err *e) {
    AUTO(arena) a = {0};
    AUTO(import) in = {.table = CATALOG_ALIAS};
    uint32_t of;
    TRY(option_partner(c, &of, e));
    if (of == 0) return err_set(e, ERR_USAGE, "--partner: whose customers?");
    TRY(authz(c, "write", of, e));
    arena_init(&a, IMPORT_BYTES);
    for (size_t i = 0; i < CATALOG_COLUMNS_MAX; i++) in.given[i] = true;
    str owner = arena_str(&a, partner_id(c->t, of)), kept = call_arg(c, 0);
    TRY(known_customer(c, of, kept, e));
    kept = arena_str(&a, customer_kept(c->t, of, kept));
    for (size_t i = 1; i < call_arg_count(c); i++) {
        str other = call_arg(c, i);
        TRY(known_customer(c, of, other, e));
        if (str_eq(other, kept))
            return err_set(e, ERR_CONFLICT,
                           "'%.*s' is the one that is kept: undo that merge first (alias remove %.*s merge …)",
                           STR_ARG(other), STR_ARG(owner));
        str *cells = import_row(&in, 0);
        cells[ALIAS_OWNER] = owner;
        cells[ALIAS_KIND] = STR("merge");
        cells[ALIAS_ALIAS] = other;
        cells[ALIAS_ID] = kept;
    }
    take_how how = {.name = "alias", .source = STR("customer merge")};
    return catalog_take(c, &in, 1, &how, &a, e);
}

/* ---- who looked */

bool cmd_customer_access(call *c, err *e) {
    static const char *const columns[] = {"time", "actor", "command", "customers", "entry"};
    uint32_t of;
    access_row row;
    TRY(option_partner(c, &of, e));
    if (of == 0) return err_set(e, ERR_USAGE, "--partner: whose customers?");
    TRY(authz(c, "read", of, e));
    answer_list(c, columns, ARRAY_LEN(columns));
    AUTO(kv_cursor) walk = access_rows(c->t, of);
    while (!answer_failed(c) && access_next(&walk, &row)) {
        json *j = answer_row(c);
        cell_time(j, "time", row.time_ms, c->zone_min);
        cell_text(j, "actor", row.actor);
        cell_text(j, "command", row.what);
        cell_count(j, "customers", row.rows);
        cell_id(j, "entry", row.entry);
        answer_row_end(c);
    }
    return true;
}
