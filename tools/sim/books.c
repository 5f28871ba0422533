#include "tools/sim/books.h"
#include "base/json.h"
#include <stdio.h>

/* --- the catalogue --- */

static void put_partners(world *w, buf *b) {
    buf_addz(b, "id,name,kind,tier,parent,region\n");
    buf_printf(b, "%s,本厂,manufacturer,,,%s\n", w->maker, sim_cities[0].code);
    for (size_t i = 0; i < w->partners; i++) {
        const sim_partner *p = &w->partner[i];
        buf_printf(b, "%s,%s,%s,%s,%s,%s\n", p->id, p->name, p->kind, p->tier, p->parent, p->city->code);
        for (size_t k = 0; k < p->places; k++)
            if (p->place[k].known)
                buf_printf(b, "%s,%s,terminal,,%s,%s\n", p->place[k].id, p->place[k].name, p->id,
                           p->place[k].district->code);
    }
}

static void put_products(world *w, buf *b) {
    buf_addz(b, "sku,gtin,name,brand,category,base_unit,units,list_price,floor_price,tax_rate\n");
    for (size_t i = 0; i < w->products; i++) {
        const sim_product *p = &w->product[i];
        buf_printf(b, "%s,%s,%s,%s,%s,%s,箱=%lld,", p->sku, p->gtin, p->name, p->brand, p->category, p->base_unit,
                   (long long)p->case_size);
        put_money(b, p->list_price);
        buf_byte(b, ',');
        put_money(b, p->floor_price);
        buf_addz(b, ",13%\n");
    }
}

/* Each product stands in one stage when the world begins and enters the next in its middle. */
static void put_stages(world *w, buf *b) {
    static const char *const stages[] = {"introduction", "growth", "maturity", "decline"};
    buf_addz(b, "sku,stage,from\n");
    for (size_t i = 0; i < w->products; i++) {
        size_t now = i % ARRAY_LEN(stages);
        buf_printf(b, "%s,%s,", w->product[i].sku, stages[now]);
        day_put(b, w->knobs.from - 365);
        buf_byte(b, '\n');
        if (now + 1 == ARRAY_LEN(stages)) continue;
        buf_printf(b, "%s,%s,", w->product[i].sku, stages[now + 1]);
        day_put(b, w->knobs.from + (day_t)(w->knobs.days / 2));
        buf_byte(b, '\n');
    }
}

static void put_territories(world *w, buf *b) {
    buf_addz(b, "partner,region,products,from,to\n");
    for (size_t i = 0; i < w->partners; i++) {
        buf_printf(b, "%s,%s,*,", w->partner[i].id, w->partner[i].city->code);
        day_put(b, w->knobs.from - 365);
        buf_addz(b, ",\n");
    }
}

/* What partners write instead of our ids: GLNs and names of their shops, own codes and names of products, 件 for 箱. */
static void put_aliases(world *w, buf *b) {
    buf_addz(b, "owner,kind,alias,id\n*,unit,件,箱\n");
    buf_printf(b, "*,partner,%s,%s\n", w->maker_gln, w->maker);
    for (size_t i = 0; i < w->partners; i++) {
        const sim_partner *p = &w->partner[i];
        buf_printf(b, "*,partner,%s,%s\n", p->gln, p->id);
        for (size_t k = 0; k < p->places; k++) {
            if (!p->place[k].known) continue;
            buf_printf(b, "%s,partner,%s,%s\n", p->id, p->place[k].gln, p->place[k].id);
            buf_printf(b, "%s,partner,%s,%s\n", p->id, p->place[k].name, p->place[k].id);
        }
        for (size_t k = 0; k < w->products; k++) {
            buf_printf(b, "%s,product,%s,%s\n", p->id, own_code(w, p, k), w->product[k].sku);
            buf_printf(b, "%s,product,%s,%s\n", p->id, own_name(w, k), w->product[k].sku);
        }
    }
}

static void put_areas(world *w, buf *b) {
    (void)w;
    buf_addz(b, "area,name,region\n");
    for (size_t i = 0; i < sim_city_count; i++)
        buf_printf(b, "%s,%s,%s\n", sim_cities[i].area, sim_cities[i].area_name, sim_cities[i].code);
}

static void put_prices(world *w, buf *b) {
    static const struct {
        const char *kind;
        int64_t per_cent;
    } kinds[] = {{"ex_works", 65}, {"dealer", 70}, {"wholesale", 85}, {"retail", 100}, {"floor", 75}};
    buf_addz(b, "sku,kind,from,to,amount,tax_basis\n");
    for (size_t i = 0; i < w->products; i++) {
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
            buf_printf(b, "%s,%s,", w->product[i].sku, kinds[k].kind);
            day_put(b, w->knobs.from - 365);
            buf_addz(b, ",,");
            put_money(b, w->product[i].list_price * kinds[k].per_cent / 100);
            buf_addz(b, ",incl\n");
        }
    }
}

bool books_catalogue(world *w, const char *dir, err *e) {
    static const struct {
        const char *name;
        void (*put)(world *w, buf *b);
    } tables[] = {
        {"partners.csv", put_partners}, {"products.csv", put_products},       {"stages.csv", put_stages},
        {"areas.csv", put_areas},       {"territories.csv", put_territories}, {"prices.csv", put_prices},
        {"aliases.csv", put_aliases},
    };
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        AUTO(buf) b = {0};
        tables[i].put(w, &b);
        TRY(file_put(dir, tables[i].name, buf_str(&b), e));
    }
    return true;
}

/* --- the truth --- */

enum { KIND_TOTALS = 5 };
static const char *const kinds[KIND_TOTALS] = {"sell_out", "return", "gift_out", "receipt", "count"};

typedef struct totals {
    size_t documents, lines;
    int64_t quantity[KIND_TOTALS], amount[KIND_TOTALS];
} totals;

static void count_document(totals *t, const world *w, const sim_document *d) {
    t->documents++;
    t->lines += d->right.count;
    for (size_t i = 0; i < d->right.count; i++) {
        const sim_line *l = &w->line[d->right.first + i];
        size_t kind = 0;
        while (strcmp(kinds[kind], line_kind(d, l)) != 0) kind++;
        t->quantity[kind] += l->quantity;
        t->amount[kind] += l->amount;
    }
}

static void put_truth_lines(world *w, buf *b) {
    buf_addz(b, "partner,type,number,date,sku,quantity,amount,kind,place,region\n");
    for (size_t k = 0; k < w->docs; k++) {
        const sim_document *d = &w->doc[k];
        for (size_t i = 0; i < d->right.count; i++) {
            const sim_line *l = &w->line[d->right.first + i];
            const sim_place *place = l->place == NO_PLACE ? NULL : &d->partner->place[l->place];
            buf_printf(b, "%s,%s,%s,", d->partner->id, doc_type_name(d->type), d->number);
            day_put(b, d->day);
            buf_printf(b, ",%s,%lld,", w->product[l->product].sku, (long long)l->quantity);
            if (d->type != TYPE_STOCK) put_money(b, l->amount);
            buf_printf(b, ",%s,%s,%s\n", line_kind(d, l), place ? place->id : "",
                       place ? place->district->code : d->partner->city->code);
        }
    }
}

static void put_totals(json *j, const totals *t) {
    char key[32];
    json_key(j, "documents");
    json_uint(j, t->documents);
    json_key(j, "lines");
    json_uint(j, t->lines);
    for (size_t i = 0; i < KIND_TOTALS; i++) {
        snprintf(key, sizeof key, "%s_quantity", kinds[i]);
        json_key(j, key);
        json_dec(j, t->quantity[i], 0, 0);
        if (str_is(STR("count"), kinds[i])) continue;
        snprintf(key, sizeof key, "%s_amount", kinds[i]);
        json_key(j, key);
        json_dec(j, t->amount[i], 2, 2);
    }
}

static size_t corrected_documents(const world *w) {
    size_t n = 0;
    for (size_t i = 0; i < w->docs; i++) n += w->doc[i].correction != CORRECT_AT_ONCE;
    return n;
}

static void put_partner_totals(json *j, const world *w, const sim_plan *plan) {
    size_t at = 0;
    json_key(j, "by_partner");
    json_open_array(j);
    for (size_t i = 0; i < w->partners; i++) {
        totals t = {0};
        for (; at < w->docs && w->doc[at].partner == &w->partner[i]; at++) count_document(&t, w, &w->doc[at]);
        json_open_object(j);
        json_key(j, "partner");
        json_z(j, w->partner[i].id);
        json_key(j, "dialect");
        json_z(j, dialect_of(plan, &w->partner[i])->name);
        json_key(j, "files");
        json_uint(j, plan->files[i]);
        put_totals(j, &t);
        json_end_object(j);
    }
    json_end_array(j);
}

bool books_truth(world *w, const sim_plan *plan, const char *dir, err *e) {
    AUTO(buf) lines = {0}, text = {0};
    json j = json_into(&text);
    totals all = {0};
    size_t files = 0;
    put_truth_lines(w, &lines);
    for (size_t i = 0; i < w->docs; i++) count_document(&all, w, &w->doc[i]);
    for (size_t i = 0; i < w->partners; i++) files += plan->files[i];
    json_open_object(&j);
    json_key(&j, "seed");
    json_int(&j, w->knobs.seed);
    json_key(&j, "partners");
    json_uint(&j, w->partners);
    json_key(&j, "files");
    json_uint(&j, files);
    json_key(&j, "doubled_files");
    json_uint(&j, plan->doubles);
    json_key(&j, "corrected_documents");
    json_uint(&j, corrected_documents(w));
    put_totals(&j, &all);
    put_partner_totals(&j, w, plan);
    json_end_object(&j);
    buf_byte(&text, '\n');
    TRY(file_put(dir, "truth.csv", buf_str(&lines), e));
    return file_put(dir, "truth.json", buf_str(&text), e);
}
