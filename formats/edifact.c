/* The EDIFACT format: charset, interchanges (UNB … UNZ), groups, messages (UNH … UNT) and their counts. What a message
 * says is read by the reader of its type. */
#include "formats/edifact.h"
#include "formats/envelope.h"
#include "formats/formats.h"
#include <stdio.h>

#define READABLE "SLSRPT, INVRPT, DESADV or RECADV"

static const struct message_row {
    const char *type, *dialect;
    const edi_reading *reading;
} message_rows[] = {
    {"SLSRPT", "edifact-slsrpt", &edi_slsrpt},
    {"INVRPT", "edifact-invrpt", &edi_invrpt},
    {"DESADV", "edifact-desadv", &edi_desadv},
    {"RECADV", "edifact-recadv", &edi_recadv},
};

typedef struct edifact {
    docset *out;
    const mapping *m;
    envelope interchange, message;
    uint64_t groups;
    bool test;                     /* the interchange is marked as one */
    const struct message_row *row; /* of the open message, NULL: none of ours */
    edi_message open;
    uint32_t read;     /* messages */
    map numbers;       /* of their documents */
    err first_refusal; /* of a whole message: the file's error when nothing else was read */
    edi_segment segment;
} edifact;

static const char *charset_of(str repertoire) {
    static const char *const names[][2] = {
        {"UNOC", "iso-8859-1"}, {"UNOD", "iso-8859-2"}, {"UNOE", "iso-8859-5"},
        {"UNOF", "iso-8859-7"}, {"UNOG", "iso-8859-3"}, {"UNOH", "iso-8859-4"},
        {"UNOI", "iso-8859-6"}, {"UNOJ", "iso-8859-8"}, {"UNOK", "iso-8859-9"},
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_is(repertoire, names[i][0])) return names[i][1];
    return "gb18030";
}

static edi_place here(const edifact *x) {
    return (edi_place){x->out, x->segment.no, x->segment.tag};
}

/* --- messages --- */

static void begin_message(edifact *x, const struct message_row *row) {
    x->row = row;
    x->open = (edi_message){0};
    report_begin(&x->open.r, row->reading->said, x->out, x->m, ++x->read);
    x->open.r.numbers = &x->numbers;
    report_at(&x->open.r, x->segment.no, x->segment.tag);
    row->reading->begin(&x->open);
    if (x->read == 1) x->out->dialect = str_of(row->dialect);
}

static void end_message(edifact *x) {
    if (x->row == NULL) return;
    report_at(&x->open.r, x->segment.no, x->segment.tag);
    x->row->reading->end(&x->open);
    report_free(&x->open.r);
    buf_free(&x->open.item);
    buf_free(&x->open.package);
    map_free(&x->open.package_codes);
    x->row = NULL;
}

/* A refused message is a problem, and the file's error when no other message could be read. */
static void refuse_message(edifact *x, str found, const char *wanted, const char *why) {
    docset_problem(x->out, 0, x->segment.no, STR("UNH"), found, str_of(wanted), str_of(why));
    if (x->first_refusal.code == ERR_OK)
        err_set(&x->first_refusal, ERR_DATA, "segment %llu: %s", (unsigned long long)x->segment.no, why);
}

static const struct message_row *row_of(str type) {
    for (size_t i = 0; i < ARRAY_LEN(message_rows); i++)
        if (str_is(type, message_rows[i].type)) return &message_rows[i];
    return NULL;
}

/* --- envelopes --- */

static bool refuses_tests(const edifact *x) {
    return x->m && x->m->edifact_refuse_test;
}

static void close_message(edifact *x) {
    edi_place at = here(x);
    end_message(x);
    envelope_missing(&x->message, &at, "UNT");
}

static void on_unb(edifact *x) {
    edi_place at = here(x);
    close_message(x);
    envelope_missing(&x->interchange, &at, "UNZ");
    envelope_open(&x->interchange, &at, edi_value(&x->segment, 5, 0));
    x->groups = 0;
    x->test = str_is(edi_value(&x->segment, 11, 0), "1");
    if (x->test && !refuses_tests(x))
        envelope_problem(&at, STR("test indicator 1"), "an interchange that is no test",
                         "it was read; a mapping with edifact: {test: refuse} leaves such out");
}

static void on_unz(edifact *x) {
    edi_place at = here(x);
    close_message(x);
    envelope_close(&x->interchange, &at, edi_value(&x->segment, 1, 0), edi_value(&x->segment, 2, 0),
                   x->groups ? x->groups : x->interchange.parts);
}

static void on_ung(edifact *x) {
    x->groups++;
}

static void on_unh(edifact *x) {
    char why[120];
    edi_place at = here(x);
    str type = str_take(edi_value(&x->segment, 2, 0), 12);
    const struct message_row *row = row_of(type);
    close_message(x);
    x->interchange.parts++;
    envelope_open(&x->message, &at, edi_value(&x->segment, 1, 0));
    if (row == NULL) {
        snprintf(why, sizeof why, "%.*s is not read here; wanted " READABLE, STR_ARG(type));
        refuse_message(x, type, READABLE, type.n ? why : "a message without a type; wanted " READABLE);
    } else if (x->test && refuses_tests(x)) {
        refuse_message(x, STR("a test"), "no test", "a test interchange, which the mapping refuses");
    } else {
        begin_message(x, row);
    }
}

static void on_unt(edifact *x) {
    edi_place at = here(x);
    end_message(x);
    envelope_close(&x->message, &at, edi_value(&x->segment, 1, 0), edi_value(&x->segment, 2, 0),
                   x->segment.no - x->message.first + 1);
}

static const struct service_row {
    const char *tag;
    void (*run)(edifact *x);
} service_rows[] = {
    {"UNB", on_unb}, {"UNZ", on_unz}, {"UNG", on_ung}, {"UNH", on_unh}, {"UNT", on_unt},
};

static bool tag_ok(str tag) {
    for (size_t i = 0; i < tag.n; i++)
        if (!(tag.p[i] >= 'A' && tag.p[i] <= 'Z') && !(tag.p[i] >= '0' && tag.p[i] <= '9')) return false;
    return tag.n == 3;
}

static void take_segment(edifact *x) {
    edi_place at = here(x);
    if (!x->segment.ended && !str_is(x->segment.tag, "UNZ"))
        envelope_problem(&at, STR("end of file"), "the end of the segment", "the file may be cut off");
    if (!tag_ok(x->segment.tag)) {
        at.tag = STR("");
        envelope_problem(&at, str_take(x->segment.tag, 20), "a segment tag of three capital letters",
                         "the segment is left out");
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(service_rows); i++)
        if (str_is(x->segment.tag, service_rows[i].tag)) return service_rows[i].run(x);
    if (x->row == NULL) return;
    report_at(&x->open.r, x->segment.no, x->segment.tag);
    x->row->reading->segment(&x->open, &x->segment);
}

static bool read_segments(edifact *x, str text, err *e) {
    AUTO(edi_reader) r = {0};
    edi_reader_init(&r, text);
    while (edi_next(&r, &x->segment, e)) take_segment(x);
    x->segment.tag = STR(""); /* what it pointed into may be gone */
    if (e->code != ERR_OK) docset_problem(x->out, 0, r.no, STR(""), STR(""), STR("a segment"), str_of(e->text));
    close_message(x);
    edi_place at = here(x);
    envelope_missing(&x->interchange, &at, "UNZ");
    if (x->read) return true;
    if (e->code != ERR_OK) return false;
    if (x->first_refusal.code != ERR_OK) return *e = x->first_refusal, false;
    return err_set(e, ERR_DATA, "EDIFACT without a message (UNH); wanted " READABLE);
}

static int edifact_sniff(str bytes) {
    return edi_looks_like(bytes) ? 90 : 0;
}

static bool edifact_read(const source *in, const mapping *m, docset *out, err *e) {
    AUTO(buf) room = {0};
    str text, charset;
    TRY(edi_as_utf8(in->bytes, charset_of(edi_repertoire(in->bytes)), &room, &text, &charset, e));
    out->charset = arena_str(&out->text, charset);
    edifact x = {.out = out, .m = m};
    bool ok = read_segments(&x, text, e);
    map_free(&x.numbers);
    return ok;
}

const format edifact_format = {"edifact", edifact_sniff, edifact_read};
