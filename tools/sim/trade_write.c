/* The files that would arrive, and the truth. */
#include "base/csv_put.h"
#include "base/file.h"
#include "base/map.h"
#include "base/num.h"
#include "tools/sim/files.h"
#include "tools/sim/trade.h"
#include <stdlib.h>

static void cell(buf *b, const char *z, char after) {
    csv_put(b, str_of(z ? z : ""));
    buf_byte(b, after);
}

static void put_partners(const trade *t, buf *b) {
    buf_addz(b, "id,name,kind,tier,parent,region\nMFG,本厂,manufacturer,,,420100\n");
    for (size_t i = 0; i < t->partners; i++) {
        const trade_partner_of *p = &t->partner[i];
        const char *kind = p->chain ? "retailer" : p->sub ? "sub_distributor" : "distributor";
        buf_printf(b, "%s,%s,%s,,%s,%s\n", p->id, p->name, kind, p->parent ? p->parent->id : "",
                   trade_provinces[p->home.province].city[p->home.city].code);
        for (size_t k = 0; p->chain && k < p->shops; k++)
            buf_printf(b, "%s,%s,terminal,,%s,%s\n", p->shop[k].id, p->shop[k].name, p->id,
                       trade_provinces[p->shop[k].at.province].city[p->shop[k].at.city].code);
    }
}

static void put_products(const trade *t, buf *b) {
    buf_addz(b, "sku,gtin,name,brand,category,base_unit,units,list_price,floor_price,tax_rate\n");
    for (size_t i = 0; i < t->products; i++) {
        const trade_product_of *p = &t->product[i];
        buf_printf(b, "%s,%s,%s,%s,%s,瓶,箱=%lld,", p->sku, p->gtin, p->name, p->brand, p->category,
                   (long long)p->pack);
        dec_put(b, p->list, 2, 2);
        buf_addz(b, ",,13%\n");
    }
}

static void put_stages(const trade *t, buf *b) {
    buf_addz(b, "sku,stage,from\n");
    for (size_t i = 0; i < t->products; i++) {
        buf_printf(b, "%s,maturity,", t->product[i].sku);
        day_put(b, t->knobs.from - 400);
        buf_byte(b, '\n');
    }
}

static void put_territories(const trade *t, buf *b) {
    buf_addz(b, "partner,region,products,from,to\n");
    for (size_t i = 0; i < t->partners; i++) {
        const trade_partner_of *p = &t->partner[i];
        for (size_t k = 0; k < (p->towns ? p->towns : 1); k++) {
            const char *code = p->towns ? trade_provinces[p->town[k].province].city[p->town[k].city].code
                                        : trade_provinces[p->home.province].code;
            if (k && p->town[1].city == p->town[0].city) continue;
            buf_printf(b, "%s,%s,,", p->id, code);
            day_put(b, t->knobs.from - 100);
            buf_addz(b, ",\n");
        }
    }
}

static void put_exemptions(const trade *t, buf *b) {
    buf_addz(b, "partner,region,products,from,to,reference,customer,quantity\n");
    for (size_t i = 0; i < t->partners; i++) {
        const trade_partner_of *p = &t->partner[i];
        if (!p->declared) continue;
        buf_printf(b, "%s,%s,%s,", p->id, trade_provinces[p->declared_province].code,
                   t->product[p->stock[0].product].sku);
        day_put(b, trade_day(t, p->declared_from, 0));
        buf_byte(b, ',');
        day_put(b, trade_day(t, p->declared_to, 7));
        buf_printf(b, ",YD%zu,,\n", i);
    }
}

static void put_prices(const trade *t, buf *b) {
    buf_addz(b, "sku,kind,from,to,amount,tax_basis\n");
    for (size_t i = 0; i < t->products; i++) {
        buf_printf(b, "%s,floor,", t->product[i].sku);
        day_put(b, t->knobs.from - 100);
        buf_addz(b, ",,");
        dec_put(b, t->product[i].floor, 2, 2);
        buf_addz(b, ",incl\n");
    }
}

static void put_code_rows(trade *t, buf *b) {
    buf_addz(b, "code,parent,sku,batch,from,to\n");
    for (uint32_t i = 1; i < t->codes; i++) {
        const trade_product_of *p = &t->product[t->code[i].product];
        unsigned long long first = t->code[i].first;
        buf_printf(b, "(01)0%s,%s,%s,,%llu,%llu\n", p->gtin, trade_carton_code(t, i), p->sku, first,
                   first + (unsigned long long)p->pack - 1);
    }
}

static int by_time(const void *x, const void *y) {
    const trade_scan *a = x, *b = y;
    return (a->time > b->time) - (a->time < b->time);
}

static void put_scans(trade *t, buf *b) {
    buf_addz(b, "time,code,kind,region,lat,lon,place,by,sku,price\n");
    if (t->scans) qsort(t->scan, t->scans, sizeof *t->scan, by_time);
    for (size_t i = 0; i < t->scans; i++) {
        const trade_scan *s = &t->scan[i];
        time_put(b, s->time, 8 * 60);
        buf_byte(b, ',');
        cell(b, s->code, ',');
        buf_printf(b, "%s,%s,,,%s,%s,%s,", s->kind, s->region, s->place, s->by,
                   s->product == SIZE_MAX ? "" : t->product[s->product].sku);
        if (s->price >= 0) dec_put(b, s->price, 2, 2);
        buf_byte(b, '\n');
    }
}

/* ---- documents */

static void put_quantity(const trade *t, const trade_row *r, buf *b) {
    (void)t;
    buf_printf(b, "%lld", (long long)r->quantity);
}

static int64_t price_of(const trade *t, const trade_row *r) {
    return r->bottles ? r->price : r->price * t->product[r->product].pack;
}

static void put_date(const trade *t, const trade_row *r, buf *b) {
    (void)t;
    day_put(b, r->day);
}
static void put_sku(const trade *t, const trade_row *r, buf *b) {
    buf_addz(b, t->product[r->product].sku);
}
static void put_unit(const trade *t, const trade_row *r, buf *b) {
    (void)t;
    buf_addz(b, r->bottles ? "瓶" : "箱");
}
static void put_price(const trade *t, const trade_row *r, buf *b) {
    if (r->price >= 0) dec_put(b, price_of(t, r), 2, 2);
}
static void put_amount(const trade *t, const trade_row *r, buf *b) {
    if (r->price >= 0) dec_put(b, price_of(t, r) * r->quantity, 2, 2);
}
static void put_gift(const trade *t, const trade_row *r, buf *b) {
    (void)t;
    if (r->gift) buf_byte(b, 'Y');
}
static void put_type(const trade *t, const trade_row *r, buf *b) {
    (void)t;
    buf_addz(b, doc_type_name(r->type));
}
static void put_partner(const trade *t, const trade_row *r, buf *b) {
    (void)t;
    buf_addz(b, r->reporter ? r->reporter : "");
}
#define TEXT_COLUMN(name)                                                                                              \
    static void put_##name(const trade *t, const trade_row *r, buf *b) {                                               \
        (void)t;                                                                                                       \
        csv_put(b, str_of(r->name ? r->name : ""));                                                                    \
    }
TEXT_COLUMN(number)
TEXT_COLUMN(counterparty)
TEXT_COLUMN(customer)
TEXT_COLUMN(ship_to)
TEXT_COLUMN(customer_region)
TEXT_COLUMN(codes)
TEXT_COLUMN(batch)

static const struct column {
    const char *name;
    void (*put)(const trade *t, const trade_row *r, buf *b);
} columns[] = {{"partner", put_partner},
               {"type", put_type},
               {"number", put_number},
               {"date", put_date},
               {"sku", put_sku},
               {"quantity", put_quantity},
               {"unit", put_unit},
               {"unit_price", put_price},
               {"amount", put_amount},
               {"counterparty", put_counterparty},
               {"customer", put_customer},
               {"ship_to", put_ship_to},
               {"customer_region", put_customer_region},
               {"codes", put_codes},
               {"batch", put_batch},
               {"gift", put_gift}};

static void put_row(const trade *t, const trade_row *r, buf *b) {
    bool begun = false;
    for (size_t i = 0; i < ARRAY_LEN(t->habits.order); i++) {
        if (t->habits.order[i] >= ARRAY_LEN(columns)) continue;
        if (begun) buf_byte(b, ',');
        if (r) columns[t->habits.order[i]].put(t, r, b);
        else
            buf_addz(b, columns[t->habits.order[i]].name);
        begun = true;
    }
    buf_byte(b, '\n');
}

/* Which file a row stands in; the names sort in the order in which the files come. */
static void file_name(const trade *t, const trade_row *r, buf *out) {
    buf_clear(out);
    if (t->habits.files == 2 && r->file_day == r->day) {
        buf_addz(out, "all.csv");
        return;
    }
    month_put(out, month_of(r->file_day));
    if (t->habits.files == 1) buf_printf(out, "-%s", r->reporter ? r->reporter : "MFG");
    if (r->file_day != r->day) buf_addz(out, "-late");
    buf_addz(out, ".csv");
}

typedef struct filed {
    const char *name;
    size_t row;
} filed;

static int by_file(const void *x, const void *y) {
    const filed *a = x, *b = y;
    int c = strcmp(a->name, b->name);
    return c ? c : (a->row > b->row) - (a->row < b->row);
}

static const char *interned(trade *t, map *names, str name) {
    uint64_t *at = map_find(names, name);
    if (at) return (const char *)(uintptr_t)*at;
    str kept = arena_str(&t->a, name);
    *map_at(names, kept, NULL) = (uintptr_t)kept.p;
    return kept.p;
}

static bool put_documents(trade *t, const char *dir, err *e) {
    AUTO(buf) name = {0};
    AUTO(map) names = {0};
    filed *list = calloc(2 * t->rows + 1, sizeof *list);
    size_t n = 0;
    ASSERT(list != NULL);
    for (size_t i = 0; i < t->rows; i++) {
        file_name(t, &t->row[i], &name);
        list[n++] = (filed){interned(t, &names, buf_str(&name)), i};
        if (!t->row[i].doubled) continue;
        buf_clear(&name);
        month_put(&name, month_of(t->row[i].file_day + 31));
        buf_addz(&name, "-again.csv");
        list[n++] = (filed){interned(t, &names, buf_str(&name)), i};
    }
    qsort(list, n, sizeof *list, by_file);
    bool ok = true;
    for (size_t i = 0; ok && i < n;) {
        AUTO(buf) b = {0};
        const char *file = list[i].name;
        put_row(t, NULL, &b);
        for (; i < n && strcmp(list[i].name, file) == 0; i++) put_row(t, &t->row[list[i].row], &b);
        ok = file_put(dir, file, buf_str(&b), e);
    }
    free(list);
    return ok;
}

static void put_day_or_none(buf *b, day_t day) {
    if (day != DAY_MIN) day_put(b, day);
    buf_byte(b, ',');
}

static void put_truth(trade *t, buf *b) {
    buf_addz(b, "partner,sku,destination,first_event,last_event,evidence_day,style,coded,quantity,reported\n");
    for (size_t i = 0; i < t->streams; i++) {
        trade_stream *s = &t->stream[i];
        const trade_product_of *p = &t->product[s->partner->stock[s->stock].product];
        if (s->cartons == 0) continue;
        buf_printf(b, "%s,%s,%s,", s->partner->id, p->sku, trade_provinces[s->to.province].code);
        put_day_or_none(b, s->first);
        put_day_or_none(b, s->last);
        put_day_or_none(b, trade_evidence(s));
        buf_printf(b, "%s,%s,%lld,%s\n", trade_style_names[s->style], p->coded && s->style != STYLE_STRIP ? "Y" : "N",
                   (long long)(s->cartons * p->pack), s->reported ? "Y" : "N");
    }
}

bool trade_write(trade *t, const char *dir, err *e) {
    char documents[PATH_SIZE];
    AUTO(buf) b = {0};
    static const struct {
        const char *name;
        void (*put)(trade *t, buf *b);
    } changing[] = {{"codes.csv", put_code_rows}, {"scans.csv", put_scans}, {"truth.csv", put_truth}};
    static const struct {
        const char *name;
        void (*put)(const trade *t, buf *b);
    } plain[] = {{"partners.csv", put_partners},       {"products.csv", put_products},     {"stages.csv", put_stages},
                 {"territories.csv", put_territories}, {"exemptions.csv", put_exemptions}, {"prices.csv", put_prices}};
    TRY(path_join(documents, sizeof documents, dir, "documents", e) && file_mkdirs(documents, 0755, e));
    for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
        buf_clear(&b);
        plain[i].put(t, &b);
        TRY(file_put(dir, plain[i].name, buf_str(&b), e));
    }
    for (size_t i = 0; i < ARRAY_LEN(changing); i++) {
        buf_clear(&b);
        changing[i].put(t, &b);
        TRY(file_put(dir, changing[i].name, buf_str(&b), e));
    }
    return put_documents(t, documents, e);
}
