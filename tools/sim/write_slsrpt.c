/* EDIFACT SLSRPT D.96A (EANCOM): an interchange a file, a message a document. */
#include "tools/sim/dialects.h"
#include <stdarg.h>
#include <stdio.h>

typedef struct edi_out {
    buf *out;
    unsigned segments; /* of the open message */
    bool items_first;
} edi_out;

static void segment(edi_out *o, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void segment(edi_out *o, const char *fmt, ...) {
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    buf_printf(o->out, "%s'\n", text);
    o->segments++;
}

static void put_day(edi_out *o, const char *qualifier, day_t day) {
    civil c = civil_of(day);
    segment(o, "DTM+%s:%04d%02u%02u:102", qualifier, c.year, c.month, c.day);
}

static void put_place(edi_out *o, const sim_file *f, const sim_telling *t, uint32_t place) {
    if (place == NO_PLACE) return;
    segment(o, "LOC+162+%s::9", f->partner->place[place].gln);
    put_day(o, "356", t->doc->day);
}

static void put_item(edi_out *o, const sim_file *f, const sim_line *l, size_t no) {
    segment(o, "LIN+%zu++%s:EN", no, product_of(f, l)->gtin);
}

static void put_figures(edi_out *o, const sim_file *f, const sim_line *l) {
    AUTO(buf) price = {0}, amount = {0};
    if (f->type == TYPE_STOCK) {
        segment(o, "QTY+145:%lld:PCE", (long long)l->quantity);
        return;
    }
    put_money(&price, l->price);
    put_money(&amount, l->amount);
    segment(o, "MOA+203:%s", buf_z(&amount));
    if (!l->gift && !l->total) segment(o, "PRI+NTP:%s::RTP", buf_z(&price));
    if (o->items_first && l->quantity < 0) {
        segment(o, "QTY+61:%lld:PCE", (long long)-l->quantity);
    } else {
        segment(o, "QTY+153:%lld:PCE", (long long)l->quantity);
    }
}

/* Place by place, or item by item with its places below. */
static void put_lines(edi_out *o, const sim_file *f, const sim_telling *t) {
    size_t no = 0;
    for (size_t i = 0; o->items_first && i < t->content->count; i++) {
        const sim_line *l = told_line(f, t, i);
        put_item(o, f, l, ++no);
        put_place(o, f, t, l->place);
        put_figures(o, f, l);
    }
    if (o->items_first) return;
    for (uint32_t place = 0; place <= f->partner->places; place++) {
        uint32_t wanted = place < f->partner->places ? place : NO_PLACE;
        bool opened = false;
        for (size_t i = 0; i < t->content->count; i++) {
            const sim_line *l = told_line(f, t, i);
            if (l->place != wanted) continue;
            if (!opened) put_place(o, f, t, wanted);
            opened = true;
            put_item(o, f, l, ++no);
            put_figures(o, f, l);
        }
    }
}

static void put_message(edi_out *o, const sim_file *f, const sim_telling *t, size_t no) {
    o->segments = 0;
    segment(o, "UNH+%zu+SLSRPT:D:96A:UN:EAN004", no);
    segment(o, "BGM+73E+%s+%s", t->doc->number, t->corrects ? "5" : "9");
    put_day(o, "137", t->doc->day);
    segment(o, "NAD+SE+%s::9", f->partner->gln);
    segment(o, "NAD+SU+%s::9", f->w->maker_gln);
    segment(o, "CUX+2:CNY:10");
    put_lines(o, f, t);
    segment(o, "UNT+%u+%zu", o->segments + 1, no);
}

static void write_interchange(const sim_file *f, buf *out, bool items_first) {
    edi_out o = {.out = out, .items_first = items_first};
    civil c = civil_of(f->last);
    segment(&o, "UNA:+.? ");
    segment(&o, "UNB+UNOA:2+%s:14+%s:14+%02d%02u%02u:2200+%d", f->partner->gln, f->w->maker_gln, c.year % 100, c.month,
            c.day, (int)f->first);
    for (size_t k = 0; k < f->count; k++) put_message(&o, f, &f->told[k], k + 1);
    segment(&o, "UNZ+%zu+%d", f->count, (int)f->first);
}

bool write_slsrpt(const sim_file *f, buf *out, err *e) {
    (void)e;
    write_interchange(f, out, false);
    return true;
}

bool write_slsrpt_items(const sim_file *f, buf *out, err *e) {
    (void)e;
    write_interchange(f, out, true);
    return true;
}
