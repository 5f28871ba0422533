/* The X12 format: interchanges (ISA … IEA), groups (GS … GE), transaction sets (ST … SE) and their counts. What a set
 * says is read by the reader of its kind. */
#include "formats/x12.h"
#include "formats/envelope.h"
#include "formats/formats.h"
#include <stdio.h>

#define READABLE "867, 852, 846 or 856"

static const struct set_row {
    const char *set, *dialect;
    const x12_reading *reading;
} set_rows[] = {
    {"867", "x12-867", &x12_867},
    {"852", "x12-852", &x12_852},
    {"846", "x12-846", &x12_846},
    {"856", "x12-856", &x12_856},
};

/* What else trading partners send, by name. */
static const struct other_row {
    const char *set, *name;
} other_rows[] = {
    {"810", "an invoice"},
    {"820", "a payment order"},
    {"824", "an application advice"},
    {"832", "a price catalogue"},
    {"844", "a chargeback claim"},
    {"845", "a price authorisation"},
    {"849", "a response to a chargeback claim"},
    {"850", "a purchase order"},
    {"855", "a purchase order acknowledgement"},
    {"857", "a shipment and billing notice"},
    {"860", "a purchase order change"},
    {"861", "a receiving advice"},
    {"865", "an acknowledgement of an order change"},
    {"940", "a warehouse shipping order"},
    {"945", "a warehouse shipping advice"},
    {"997", "an acknowledgement"},
    {"999", "an acknowledgement"},
};

typedef struct x12 {
    docset *out;
    const mapping *m;
    envelope interchange, group, set;
    bool test;                 /* the interchange is marked as one */
    const struct set_row *row; /* of the open set, NULL: none of ours */
    x12_message open;
    uint32_t read;     /* sets */
    map numbers;       /* of their documents */
    err first_refusal; /* of a whole set: the file's error when nothing else was read */
    x12_segment segment;
} x12;

static edi_place here(const x12 *x) {
    return (edi_place){x->out, x->segment.no, x->segment.tag};
}

/* --- sets --- */

static void begin_set(x12 *x, const struct set_row *row) {
    x12_message *m = &x->open;
    x->row = row;
    *m = (x12_message){.unit = WORD_NONE, .price_unit = WORD_NONE};
    report_begin(&m->r, row->reading->said, x->out, x->m, ++x->read);
    m->r.numbers = &x->numbers;
    facts_clear(&m->at[SET_LEVEL]);
    if (x->read == 1) x->out->dialect = str_of(row->dialect);
}

static void end_set(x12 *x) {
    x12_message *m = &x->open;
    if (x->row == NULL) return;
    report_at(&m->r, x->segment.no, x->segment.tag);
    x->row->reading->end(m);
    report_free(&m->r);
    buf_free(&m->codes);
    for (size_t i = 0; i < X12_DEPTH; i++) buf_free(&m->node[i].codes);
    x->row = NULL;
}

/* A refused set is a problem, and the file's error when no other set could be read. */
static void refuse_set(x12 *x, str found, const char *wanted, const char *why) {
    docset_problem(x->out, 0, x->segment.no, STR("ST"), found, str_of(wanted), str_of(why));
    if (x->first_refusal.code == ERR_OK)
        err_set(&x->first_refusal, ERR_DATA, "segment %llu: %s", (unsigned long long)x->segment.no, why);
}

static const struct set_row *row_of(str set) {
    for (size_t i = 0; i < ARRAY_LEN(set_rows); i++)
        if (str_is(set, set_rows[i].set)) return &set_rows[i];
    return NULL;
}

static const char *name_of(str set) {
    for (size_t i = 0; i < ARRAY_LEN(other_rows); i++)
        if (str_is(set, other_rows[i].set)) return other_rows[i].name;
    return "no report of goods";
}

/* --- envelopes --- */

static void close_set(x12 *x) {
    edi_place at = here(x);
    end_set(x);
    envelope_missing(&x->set, &at, "SE");
}

static void close_group(x12 *x) {
    edi_place at = here(x);
    close_set(x);
    envelope_missing(&x->group, &at, "GE");
}

static bool refuses_tests(const x12 *x) {
    return x->m && x->m->edifact_refuse_test;
}

static void on_isa(x12 *x) {
    edi_place at = here(x);
    close_group(x);
    envelope_missing(&x->interchange, &at, "IEA");
    envelope_open(&x->interchange, &at, x12_value(&x->segment, 13));
    x->test = str_is(x12_value(&x->segment, 15), "T");
    if (x->test && !refuses_tests(x))
        envelope_problem(&at, STR("usage indicator T"), "an interchange that is no test",
                         "it was read; a mapping with edifact: {test: refuse} leaves such out");
}

static void on_iea(x12 *x) {
    edi_place at = here(x);
    close_group(x);
    envelope_close(&x->interchange, &at, x12_value(&x->segment, 1), x12_value(&x->segment, 2), x->interchange.parts);
}

static void on_gs(x12 *x) {
    edi_place at = here(x);
    close_group(x);
    x->interchange.parts++;
    envelope_open(&x->group, &at, x12_value(&x->segment, 6));
}

static void on_ge(x12 *x) {
    edi_place at = here(x);
    close_set(x);
    envelope_close(&x->group, &at, x12_value(&x->segment, 1), x12_value(&x->segment, 2), x->group.parts);
}

static void on_st(x12 *x) {
    char why[160];
    edi_place at = here(x);
    str set = str_take(x12_value(&x->segment, 1), 12);
    const struct set_row *row = row_of(set);
    close_set(x);
    x->group.parts++;
    envelope_open(&x->set, &at, x12_value(&x->segment, 2));
    if (row == NULL) {
        snprintf(why, sizeof why, "X12 %.*s (%s) is not read here; wanted " READABLE, STR_ARG(set), name_of(set));
        refuse_set(x, set, READABLE, why);
    } else if (x->test && refuses_tests(x)) {
        refuse_set(x, STR("a test"), "no test", "a test interchange, which the mapping refuses");
    } else {
        begin_set(x, row);
    }
}

static void on_se(x12 *x) {
    edi_place at = here(x);
    end_set(x);
    envelope_close(&x->set, &at, x12_value(&x->segment, 1), x12_value(&x->segment, 2),
                   x->segment.no - x->set.first + 1);
}

static const struct service_row {
    const char *tag;
    void (*run)(x12 *x);
} service_rows[] = {
    {"ISA", on_isa}, {"IEA", on_iea}, {"GS", on_gs}, {"GE", on_ge}, {"ST", on_st}, {"SE", on_se},
};

static bool tag_ok(str tag) {
    for (size_t i = 0; i < tag.n; i++)
        if (!(tag.p[i] >= 'A' && tag.p[i] <= 'Z') && !(i > 0 && tag.p[i] >= '0' && tag.p[i] <= '9')) return false;
    return tag.n == 2 || tag.n == 3;
}

static void take_segment(x12 *x) {
    edi_place at = here(x);
    if (!x->segment.ended && !str_is(x->segment.tag, "IEA"))
        envelope_problem(&at, STR("end of file"), "the end of the segment", "the file may be cut off");
    if (!tag_ok(x->segment.tag)) {
        at.tag = STR("");
        envelope_problem(&at, str_take(x->segment.tag, 20), "a segment tag of two or three capital letters",
                         "the segment is left out");
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(service_rows); i++)
        if (str_is(x->segment.tag, service_rows[i].tag)) return service_rows[i].run(x);
    if (x->row == NULL) return;
    report_at(&x->open.r, x->segment.no, x->segment.tag);
    x->row->reading->segment(&x->open, &x->segment);
}

/* Padding that was lost moves nothing that matters here, but other readers stumble over it. */
static void note_width(x12 *x, const x12_reader *r) {
    if (!r->marks.counted || !str_is(x->segment.tag, "ISA")) return;
    edi_place at = here(x);
    envelope_problem(&at, STR(""), "ISA of 106 letters", "its separators were found by counting; the file is read");
}

static bool read_segments(x12 *x, str text, err *e) {
    AUTO(x12_reader) r = {0};
    x12_reader_init(&r, text);
    while (x12_next(&r, &x->segment, e)) {
        note_width(x, &r);
        take_segment(x);
    }
    x->segment.tag = STR(""); /* what it pointed into may be gone */
    if (e->code != ERR_OK) docset_problem(x->out, 0, r.no, STR(""), STR(""), STR("a segment"), str_of(e->text));
    close_group(x);
    edi_place at = here(x);
    envelope_missing(&x->interchange, &at, "IEA");
    if (x->read) return true;
    if (e->code != ERR_OK) return false;
    if (x->first_refusal.code != ERR_OK) return *e = x->first_refusal, false;
    return err_set(e, ERR_DATA, "X12 without a transaction set (ST); wanted " READABLE);
}

static int x12_sniff(str bytes) {
    return x12_looks_like(bytes) ? 90 : 0;
}

static bool x12_read(const source *in, const mapping *m, docset *out, err *e) {
    AUTO(buf) room = {0};
    str text, charset;
    TRY(edi_as_utf8(in->bytes, "gb18030", &room, &text, &charset, e));
    out->charset = arena_str(&out->text, charset);
    x12 x = {.out = out, .m = m};
    bool ok = read_segments(&x, text, e);
    map_free(&x.numbers);
    return ok;
}

const format x12_format = {"x12", x12_sniff, x12_read};
