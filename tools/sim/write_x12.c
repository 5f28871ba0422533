/* X12 004010: an 867 (product transfer and resale report) with a set a document, an 852 (product activity) with a set a
 * file. */
#include "tools/sim/dialects.h"
#include <stdarg.h>
#include <stdio.h>

typedef struct x12_out {
    buf *out;
    unsigned segments; /* of the open set */
    size_t items;
} x12_out;

static void segment(x12_out *o, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void segment(x12_out *o, const char *fmt, ...) {
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    buf_printf(o->out, "%s~\n", text);
    o->segments++;
}

typedef struct day_text {
    char ccyymmdd[16];
} day_text;

static day_text day_of_x12(day_t day) {
    day_text t;
    civil c = civil_of(day);
    (void)snprintf(t.ccyymmdd, sizeof t.ccyymmdd, "%04d%02u%02u", c.year % 10000, c.month, c.day);
    return t;
}

static void open_interchange(x12_out *o, const sim_file *f, const char *group) {
    day_text day = day_of_x12(f->last);
    segment(o, "ISA*00*          *00*          *UL*%-15.15s*UL*%-15.15s*%s*2200*U*00401*%09d*0*P*>", f->partner->gln,
            f->w->maker_gln, day.ccyymmdd + 2, (int)f->first);
    segment(o, "GS*%s*%s*%s*%s*2200*%d*X*004010", group, f->partner->gln, f->w->maker_gln, day.ccyymmdd, (int)f->first);
}

static void close_interchange(x12_out *o, const sim_file *f, size_t sets) {
    segment(o, "GE*%zu*%d", sets, (int)f->first);
    segment(o, "IEA*1*%09d", (int)f->first);
}

static void open_set(x12_out *o, const char *set, size_t no) {
    o->segments = 0;
    o->items = 0;
    segment(o, "ST*%s*%04zu", set, no);
}

static void close_set(x12_out *o, size_t no) {
    segment(o, "CTT*%zu", o->items);
    segment(o, "SE*%u*%04zu", o->segments + 1, no);
}

/* --- 867 --- */

static void put_transfer(x12_out *o, const sim_file *f, const sim_line *l) {
    AUTO(buf) price = {0}, amount = {0};
    const sim_place *place = place_of(f, l);
    int64_t pieces = l->quantity < 0 ? -l->quantity : l->quantity;
    put_money(&price, l->price);
    put_money(&amount, l->amount < 0 ? -l->amount : l->amount);
    segment(o, "PTD*%s", l->gift ? "SM" : l->quantity < 0 ? "RU" : "SS");
    if (place) {
        segment(o, "N1*SN*%s*UL*%s", place->known ? place->name : "", place->gln);
        segment(o, "N4*%s****CO*%s", place->district->name, place->district->code);
    }
    segment(o, "QTY*32*%lld*EA", (long long)pieces);
    segment(o, "LIN*%zu*EN*%s", ++o->items, product_of(f, l)->gtin);
    if (!l->total) segment(o, "UIT*EA*%s*NT", buf_z(&price));
    segment(o, "AMT*1*%s", buf_z(&amount));
}

static void put_resale(x12_out *o, const sim_file *f, const sim_telling *t, size_t no) {
    day_text day = day_of_x12(t->doc->day);
    open_set(o, "867", no);
    segment(o, "BPT*%s*%s*%s*02", t->corrects ? "05" : "00", t->doc->number, day.ccyymmdd);
    segment(o, "CUR*SE*CNY");
    segment(o, "DTM*091*%s", day.ccyymmdd);
    segment(o, "N1*DB**UL*%s", f->partner->gln);
    segment(o, "N1*MF**UL*%s", f->w->maker_gln);
    for (size_t i = 0; i < t->content->count; i++) put_transfer(o, f, told_line(f, t, i));
    close_set(o, no);
}

bool write_867(const sim_file *f, buf *out, err *e) {
    (void)e;
    x12_out o = {.out = out};
    open_interchange(&o, f, "PT");
    for (size_t k = 0; k < f->count; k++) put_resale(&o, f, &f->told[k], k + 1);
    close_interchange(&o, f, f->count);
    return true;
}

/* --- 852 --- */

static void put_activity(x12_out *o, const sim_file *f, const sim_line *l) {
    AUTO(buf) price = {0}, amount = {0};
    int64_t pieces = l->quantity < 0 ? -l->quantity : l->quantity;
    if (!l->total) put_money(&price, l->price);
    put_money(&amount, l->amount < 0 ? -l->amount : l->amount);
    segment(o, "LIN*%zu*EN*%s", ++o->items, product_of(f, l)->gtin);
    if (f->type == TYPE_STOCK) return segment(o, "ZA*QA*%lld*EA", (long long)l->quantity);
    segment(o, "CTP**RES*%s*****%s", buf_z(&price), buf_z(&amount));
    segment(o, "ZA*%s*%lld*EA", l->quantity < 0 ? "QU" : "QS", (long long)pieces);
}

/* Location by location; what belongs to none comes first. */
static void put_places(x12_out *o, const sim_file *f) {
    for (uint32_t at = 0; at <= f->partner->places; at++) {
        uint32_t wanted = at ? at - 1 : NO_PLACE;
        bool opened = false;
        for (size_t k = 0; k < f->count; k++) {
            for (size_t i = 0; i < f->told[k].content->count; i++) {
                const sim_line *l = told_line(f, &f->told[k], i);
                if (l->place != wanted) continue;
                if (!opened && at) segment(o, "N1*RL**UL*%s", f->partner->place[wanted].gln);
                opened = true;
                put_activity(o, f, l);
            }
        }
    }
}

bool write_852(const sim_file *f, buf *out, err *e) {
    (void)e;
    x12_out o = {.out = out};
    day_text day = day_of_x12(f->last);
    open_interchange(&o, f, "PD");
    open_set(&o, "852", 1);
    segment(&o, "XQ*H*%s*%s", day.ccyymmdd, day.ccyymmdd);
    segment(&o, "CUR*SE*CNY");
    put_places(&o, f);
    close_set(&o, 1);
    close_interchange(&o, f, 1);
    return true;
}
