/* The EDIFACT format: charset, interchanges (UNB … UNZ), groups, messages (UNH … UNT) and their counts. What a message
 * says is read by the reader of its type. */
#include "formats/edifact.h"
#include "formats/formats.h"
#include <errno.h>
#include <iconv.h>
#include <stdio.h>

/* Where an interchange or message stands that is being read. */
typedef struct envelope {
    str reference; /* in docset.text */
    uint64_t first, parts;
    bool open;
} envelope;

typedef struct edifact {
    docset *out;
    const mapping *m;
    envelope interchange, message;
    uint64_t groups;
    bool test, reading; /* the interchange is marked as a test; the open message is one of ours */
    slsrpt report;
    size_t read;       /* messages */
    err first_refusal; /* of a whole message: the file's error when nothing else was read */
    edi_segment segment;
} edifact;

/* --- charset: what is valid UTF-8 is that, whatever UNB says; else what UNB says; else GB18030 --- */

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

static bool convert(str bytes, const char *charset, buf *out, err *e) {
    iconv_t cd = iconv_open("UTF-8", charset);
    if (cd == (iconv_t)-1) return err_set(e, ERR_INTERNAL, "charset %s is not installed", charset);
    char *in = (char *)(uintptr_t)bytes.p, chunk[4096];
    size_t left = bytes.n, made = 0;
    bool ok = true;
    while (left > 0 && ok) {
        char *to = chunk;
        size_t room = sizeof chunk;
        made = iconv(cd, &in, &left, &to, &room);
        ok = made != (size_t)-1 || errno == E2BIG;
        buf_add(out, str_from(chunk, sizeof chunk - room));
    }
    iconv_close(cd);
    return ok ||
           err_set(e, ERR_DATA, "byte %zu: neither UTF-8 nor %s; save the file as UTF-8", bytes.n - left + 1, charset);
}

static bool as_utf8(str bytes, buf *room, str *text, str *charset, err *e) {
    *text = bytes;
    *charset = STR("utf-8");
    if (utf8_valid(bytes)) return true;
    *charset = str_of(charset_of(edi_repertoire(bytes)));
    TRY(convert(bytes, charset->p, room, e));
    *text = buf_str(room);
    return true;
}

/* --- envelopes --- */

static void problem_at(edifact *x, str column, str found, const char *wanted, const char *hint) {
    docset_problem(x->out, 0, x->segment.no, column, found, str_of(wanted), str_of(hint));
}

static void open_envelope(edifact *x, envelope *v, str reference) {
    *v = (envelope){.reference = arena_str(&x->out->text, reference), .first = x->segment.no, .open = true};
}

/* Count and reference of a closing segment against what was seen. */
static void close_envelope(edifact *x, envelope *v, uint64_t counted) {
    char wanted[96];
    int64_t stated;
    str count = edi_value(&x->segment, 1, 0), reference = edi_value(&x->segment, 2, 0);
    if (!v->open) {
        problem_at(x, x->segment.tag, reference, "its opening segment", "the file is read on");
        return;
    }
    v->open = false;
    if (!dec_parse(count, 0, &stated, NULL) || (uint64_t)stated != counted) {
        snprintf(wanted, sizeof wanted, "%llu, as counted here", (unsigned long long)counted);
        problem_at(x, x->segment.tag, count, wanted,
                   "what is there was read; ask the sender whether something is missing");
    }
    if (str_eq(reference, v->reference)) return;
    snprintf(wanted, sizeof wanted, "reference %.*s", STR_ARG(str_take(v->reference, 70)));
    problem_at(x, x->segment.tag, reference, wanted, "what is there was read; ask the sender to mend the reference");
}

static void end_message(edifact *x) {
    if (x->reading) slsrpt_end(&x->report);
    x->reading = false;
}

static void missing(edifact *x, envelope *v, const char *tag) {
    if (!v->open) return;
    problem_at(x, str_of(tag), x->segment.tag, "the segment that closes what is open",
               "the file may be cut off; what is there was read");
    v->open = false;
}

/* A refused message is a problem, and the file's error when no other message could be read. */
static void refuse_message(edifact *x, str found, const char *wanted, const char *why) {
    problem_at(x, STR("UNH"), found, wanted, why);
    if (x->first_refusal.code == ERR_OK)
        err_set(&x->first_refusal, ERR_DATA, "segment %llu: %s", (unsigned long long)x->segment.no, why);
}

static bool refuses_tests(const edifact *x) {
    return x->m && x->m->edifact_refuse_test;
}

static void on_unb(edifact *x) {
    end_message(x);
    missing(x, &x->message, "UNT");
    missing(x, &x->interchange, "UNZ");
    open_envelope(x, &x->interchange, edi_value(&x->segment, 5, 0));
    x->groups = 0;
    x->test = str_is(edi_value(&x->segment, 11, 0), "1");
    if (x->test && !refuses_tests(x))
        problem_at(x, STR("UNB"), STR("test indicator 1"), "an interchange that is no test",
                   "it was read; a mapping with edifact: {test: refuse} leaves such out");
}

static void on_unz(edifact *x) {
    end_message(x);
    missing(x, &x->message, "UNT");
    close_envelope(x, &x->interchange, x->groups ? x->groups : x->interchange.parts);
}

static void on_ung(edifact *x) {
    x->groups++;
}

static void on_unh(edifact *x) {
    char why[120];
    str type = str_take(edi_value(&x->segment, 2, 0), 12);
    end_message(x);
    missing(x, &x->message, "UNT");
    x->interchange.parts++;
    open_envelope(x, &x->message, edi_value(&x->segment, 1, 0));
    if (!str_is(type, "SLSRPT")) {
        snprintf(why, sizeof why, "%.*s is not read here; wanted SLSRPT", STR_ARG(type));
        refuse_message(x, type, "SLSRPT", type.n ? why : "a message without a type; wanted SLSRPT");
        return;
    }
    if (x->test && refuses_tests(x)) {
        refuse_message(x, STR("a test"), "no test", "a test interchange, which the mapping refuses");
        return;
    }
    slsrpt_begin(&x->report, x->out, x->m);
    x->reading = true;
    x->read++;
}

static void on_unt(edifact *x) {
    end_message(x);
    close_envelope(x, &x->message, x->segment.no - x->message.first + 1);
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
    if (!x->segment.ended && !str_is(x->segment.tag, "UNZ"))
        problem_at(x, x->segment.tag, STR("end of file"), "the end of the segment", "the file may be cut off");
    if (!tag_ok(x->segment.tag)) {
        problem_at(x, STR(""), str_take(x->segment.tag, 20), "a segment tag of three capital letters",
                   "the segment is left out");
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(service_rows); i++) {
        if (!str_is(x->segment.tag, service_rows[i].tag)) continue;
        service_rows[i].run(x);
        return;
    }
    if (x->reading) slsrpt_segment(&x->report, &x->segment);
}

static bool read_segments(edifact *x, str text, err *e) {
    AUTO(edi_reader) r;
    edi_reader_init(&r, text);
    while (edi_next(&r, &x->segment, e)) take_segment(x);
    if (e->code != ERR_OK) docset_problem(x->out, 0, r.no, STR(""), STR(""), STR("a segment"), str_of(e->text));
    end_message(x);
    missing(x, &x->message, "UNT");
    missing(x, &x->interchange, "UNZ");
    if (x->read) return true;
    if (e->code != ERR_OK) return false;
    if (x->first_refusal.code != ERR_OK) return *e = x->first_refusal, false;
    return err_set(e, ERR_DATA, "EDIFACT without a message (UNH); wanted SLSRPT");
}

static int edifact_sniff(str bytes) {
    return edi_looks_like(bytes) ? 90 : 0;
}

static bool edifact_read(const source *in, const mapping *m, docset *out, err *e) {
    AUTO(buf) room = {0};
    str text, charset;
    TRY(as_utf8(in->bytes, &room, &text, &charset, e));
    out->charset = arena_str(&out->text, charset);
    edifact x = {.out = out, .m = m};
    return read_segments(&x, text, e);
}

const format edifact_format = {"edifact-slsrpt", edifact_sniff, edifact_read};
