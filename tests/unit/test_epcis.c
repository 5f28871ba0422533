/* links: formats proto base */
#include "base/file.h"
#include "formats/epcis.h"
#include "proto/code.h"
#include "proto/limits.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { HASHES = 64 };

typedef struct seen {
    uint8_t hash[HASHES][32];
    size_t n, faults;
    char fault[300];
    Entry__EpcisEvent last; /* numbers only: its texts are gone */
    char step[64];
} seen;

static bool take(void *arg, uint64_t no, const Entry__EpcisEvent *x, err *e) {
    seen *s = arg;
    (void)e;
    assert_true(no >= 1 && x->hash.len == 32);
    if (s->n < HASHES) memcpy(s->hash[s->n], x->hash.data, 32);
    s->n++;
    s->last = *x;
    (void)snprintf(s->step, sizeof s->step, "%s", x->step);
    return true;
}

static void fault(void *arg, const epcis_fault *f) {
    seen *s = arg;
    s->faults++;
    (void)snprintf(s->fault, sizeof s->fault, "%llu %s '%.*s': %s", (unsigned long long)f->event, f->column,
                   STR_ARG(str_take(f->found, 40)), f->wanted);
}

static bool read_text_of(str text, seen *s, err *e) {
    *s = (seen){.n = 0};
    epcis_taker how = {s, take, fault};
    return epcis_read(text, &how, e);
}

/* ---- samples of others */

static bool sample(const char *name, buf *out) {
    const char *shared = getenv("CHANNELD_SHARED");
    char path[600];
    err e;
    (void)snprintf(path, sizeof path, "%s/data/epcis_gs1/%s", shared ? shared : "../shared", name);
    if (file_read(path, LIMIT_FILE_BYTES, out, &e)) return true;
    print_message("skipped: %s is not there\n", path);
    return false;
}

/* Files that hold the same events, in the same order. */
static const char *const twins[][5] = {
    {"eventhash/epcisDocWithShippingAndTransportingEvent.jsonld",
     "eventhash/epcisDocWithShippingAndTransportingEvent.xml"},
    {"gs1json/Example_9.6.1-ObjectEvent.jsonld", "gs1xml/Example_9.6.1-ObjectEvent-2020_06_18a.xml",
     "gs1json/EPCISQueryDocument.jsonld"},
    {"gs1json/Example-TransactionEvents-2020_07_03y.jsonld", "gs1xml/Example-TransactionEvent-2020_07_03y.xml"},
    {"gs1json/Example_9.6.3-AggregationEvent.jsonld", "openepcis20/AggregationEvent.json",
     "openepcis20/AggregationEvent.xml"},
    {"openepcis20/ObjectEvent.json", "openepcis20/ObjectEvent.xml"},
    {"openepcis20/TransactionEvent.json", "openepcis20/TransactionEvent.xml"},
};

static void test_twins(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(twins); i++) {
        seen first, other;
        for (size_t k = 0; k < 5 && twins[i][k]; k++) {
            AUTO(buf) text = {0};
            err e = {0};
            seen *s = k ? &other : &first;
            if (!sample(twins[i][k], &text)) skip();
            if (!read_text_of(buf_str(&text), s, &e) || s->faults) fail_msg("%s: %s%s", twins[i][k], e.text, s->fault);
            assert_true(s->n > 0);
            if (k == 0) continue;
            if (other.n != first.n || memcmp(other.hash, first.hash, first.n * 32) != 0)
                fail_msg("%s reads otherwise than %s (%zu, %zu events)", twins[i][k], twins[i][0], other.n, first.n);
        }
    }
}

static void test_all_samples(void **state) {
    static const char *const folders[] = {"dpp", "eventhash", "gs1json", "gs1xml", "openepcis12", "openepcis20"};
    const char *shared = getenv("CHANNELD_SHARED");
    char path[600];
    size_t files = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        (void)snprintf(path, sizeof path, "%s/data/epcis_gs1/%s", shared ? shared : "../shared", folders[i]);
        DIR *d = opendir(path);
        if (d == NULL) {
            print_message("skipped: %s is not there\n", path);
            skip();
        }
        for (struct dirent *f; (f = readdir(d)) != NULL;) {
            AUTO(buf) text = {0};
            seen s;
            err e = {0};
            if (f->d_name[0] == '.') continue;
            (void)snprintf(path, sizeof path, "%s/%s", folders[i], f->d_name);
            if (!sample(path, &text)) skip();
            bool master_data = str_has(buf_str(&text), STR("MasterDataDocument"));
            if (!read_text_of(buf_str(&text), &s, &e) || s.faults || (s.n == 0) != master_data)
                fail_msg("%s: %zu events, %s%s", path, s.n, e.text, s.fault);
            files++;
        }
        (void)closedir(d);
    }
    assert_true(files > 20);
}

/* ---- one event, spelt */

#define HEAD                                                                                                           \
    "{\"@context\":[\"x\",{\"ex\":\"http://ns.example.com/e/"                                                          \
    "\"}],\"type\":\"EPCISDocument\",\"epcisBody\":{\"eventList\":["
#define TAIL "]}}"
#define XML                                                                                                            \
    "<e:EPCISDocument xmlns:e='urn:epcglobal:epcis:xsd:1' xmlns:ex='http://ns.example.com/e'><EPCISBody><EventList>"
#define END "</EventList></EPCISBody></e:EPCISDocument>"

static const char *const same[] = {
    HEAD "{\"type\":\"ObjectEvent\",\"eventTime\":\"2026-03-01T08:00:00+08:00\",\"eventTimeZoneOffset\":\"+08:00\","
         "\"epcList\":[\"urn:epc:id:sgtin:0614141.107346.2017\",\"urn:epc:id:sgtin:0614141.107346.2018\"],\"action\":"
         "\"OBSERVE\","
         "\"bizStep\":\"shipping\",\"readPoint\":{\"id\":\"urn:epc:id:sgln:0614141.07346.0\"},\"ex:a\":{\"ex:b\":1.50,"
         "\"ex:c\":\"x\"}}" TAIL,
    HEAD "{\"eventID\":\"urn:uuid:1\",\"ex:a\":{\"ex:c\":\"x\",\"ex:b\":1.5},\"action\":\"OBSERVE\",\"bizStep\":"
         "\"https://ref.gs1.org/cbv/BizStep-shipping\","
         "\"recordTime\":\"2026-03-02T00:00:00Z\",\"epcList\":[\"https://id.gs1.org/01/10614141073464/21/2018\","
         "\"https://x.cn/y/01/10614141073464/21/"
         "2017\"],\"eventTimeZoneOffset\":\"+08:00\",\"eventTime\":\"2026-03-01T00:00:00.000Z\","
         "\"readPoint\":{\"id\":\"https://id.gs1.org/414/0614141073467\"},\"isA\":\"ObjectEvent\"}" TAIL,
    XML "<ObjectEvent><eventTime>2026-03-01T00:00:00Z</eventTime><baseExtension><eventID>urn:uuid:2</eventID></"
        "baseExtension>"
        "<eventTimeZoneOffset>+08:00</eventTimeZoneOffset><bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep>"
        "<action>OBSERVE</action><epcList><epc>(01)10614141073464(21)2017</"
        "epc><epc>urn:epc:id:sgtin:0614141.107346.2018</epc>"
        "</epcList><extension><ex:a><ex:b>1.5</ex:b><ex:c> x </ex:c></ex:a></extension>"
        "<readPoint><id>urn:epc:id:sgln:0614141.07346.0</id></readPoint></ObjectEvent>" END,
    HEAD
    "{\"type\":\"ObjectEvent\",\"eventTime\":\"2026-03-01T08:00:00\",\"eventTimeZoneOffset\":\"+0800\","
    "\"epcList\":[\"urn:epc:id:sgtin:0614141.107346.2017\",\"urn:epc:id:sgtin:0614141.107346.2018\"],\"action\":"
    "\"OBSERVE\",\"bizStep\":\"shipping\",\"readPoint\":\"urn:epc:id:sgln:0614141.07346.0\",\"ex:a\":{\"ex:b\":1.5,"
    "\"ex:c\":\"x\"}}" TAIL,
};

/* Lists of one, with and without brackets; letters of Chinese files. */
static const char *const pairs[][2] = {
    {HEAD "{\"type\":\"ObjectEvent\",\"eventTime\":\"2026-03-01T00:00:00Z\",\"action\":\"ADD\",\"epcList\":\"U1\","
          "\"sourceList\":{\"type\":\"location\",\"source\":\"urn:x:1\"}}" TAIL,
     HEAD "{\"type\":\"ObjectEvent\",\"eventTime\":\"2026-03-01T00:00:00Z\",\"action\":\"ADD\",\"epcList\":[\"U1\"],"
          "\"sourceList\":[{\"type\":\"location\",\"source\":\"urn:x:1\"}]}" TAIL},
    {"<?xml version='1.0' encoding='GBK'?>" XML
     "<ObjectEvent><eventTime>2026-03-01T00:00:00Z</eventTime><action>ADD</action><ex:n>\xd6\xd0\xce\xc4</ex:n>"
     "</ObjectEvent>" END,
     "<?xml version='1.0'?>" XML
     "<ObjectEvent><eventTime>2026-03-01T00:00:00Z</eventTime><action>ADD</action><ex:n>\u4e2d\u6587"
     "</ex:n></ObjectEvent>" END},
    {"<?xml version=\"1.0\" encoding=\"gb2312\" ?>" XML
     "<ObjectEvent><eventTime>2026-03-01T00:00:00Z</eventTime><action>ADD</action></ObjectEvent>" END,
     XML "<ObjectEvent><eventTime>2026-03-01T00:00:00Z</eventTime><action>ADD</action></ObjectEvent>" END},
};

static void test_pairs(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        seen one, other;
        err e = {0};
        for (size_t k = 0; k < 2; k++)
            if (!read_text_of(str_of(pairs[i][k]), k ? &other : &one, &e)) fail_msg("pair %zu, %zu: %s", i, k, e.text);
        assert_int_equal(one.n, 1);
        assert_int_equal(one.faults, 0);
        assert_int_equal(one.last.code.len, other.last.code.len);
        if (memcmp(one.hash[0], other.hash[0], 32) != 0) fail_msg("pair %zu: two events", i);
    }
}

static void test_one_event(void **state) {
    seen first, other;
    err e = {0};
    (void)state;
    assert_true(read_text_of(str_of(same[0]), &first, &e));
    for (size_t i = 1; i < ARRAY_LEN(same); i++) {
        if (!read_text_of(str_of(same[i]), &other, &e) || other.faults) fail_msg("%zu: %s%s", i, e.text, other.fault);
        assert_int_equal(other.n, 1);
        assert_string_equal(other.step, "shipping");
        if (memcmp(first.hash[0], other.hash[0], 32) != 0) fail_msg("spelling %zu is another event", i);
    }
}

/* Each differs from the first in one thing that matters. */
static void test_other_events(void **state) {
    static const struct {
        const char *from, *to;
    } changes[] = {
        {"2017", "2019"}, {"OBSERVE", "ADD"},     {"shipping", "receiving"}, {"T08:00:00+", "T08:00:01+"},
        {"1.50", "1.51"}, {"07346.0", "07346.1"}, {"ex:c", "ex:d"},          {"ObjectEvent", "TransactionEvent"}};
    seen first, other;
    err e = {0};
    (void)state;
    assert_true(read_text_of(str_of(same[0]), &first, &e));
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        AUTO(buf) b = {0};
        str s = str_of(same[0]);
        size_t at = str_find(s, str_of(changes[i].from));
        assert_true(at != SIZE_MAX);
        buf_add(&b, str_take(s, at));
        buf_addz(&b, changes[i].to);
        buf_add(&b, str_skip(s, at + strlen(changes[i].from)));
        if (!read_text_of(buf_str(&b), &other, &e) || other.faults) fail_msg("%zu: %s%s", i, e.text, other.fault);
        if (memcmp(first.hash[0], other.hash[0], 32) == 0) fail_msg("change %zu is not seen", i);
    }
}

static void test_error_declaration(void **state) {
    AUTO(buf) b = {0};
    seen first, other;
    err e = {0};
    str s = str_of(same[0]);
    size_t at = str_find(s, STR("\"type\":\"ObjectEvent\""));
    (void)state;
    buf_add(&b, str_take(s, at));
    buf_addz(&b, "\"errorDeclaration\":{\"declarationTime\":\"2026-03-05T00:00:00Z\",\"reason\":\"incorrect_data\"},");
    buf_add(&b, str_skip(s, at));
    assert_true(read_text_of(s, &first, &e) && read_text_of(buf_str(&b), &other, &e));
    assert_true(!first.last.error && other.last.error);
    assert_memory_equal(first.hash[0], other.hash[0], 32);
}

/* ---- what cannot be read */

static const struct broken {
    const char *text;
    size_t events, faults;
    bool ok;
} broken[] = {
    {"<!DOCTYPE x [<!ENTITY a 'aaaa'>]>" XML END, 0, 0, false},
    {XML "<ObjectEvent>", 0, 0, false},
    {XML "<ObjectEvent><eventTime>soon</eventTime><action>ADD</action></ObjectEvent>" END, 0, 1, true},
    {XML "<ObjectEvent><eventTime>2026-03-01T00:00:00Z</eventTime><action>MOVE</action></ObjectEvent>" END, 0, 1, true},
    {XML "<AggregationEvent><eventTime>2026-03-01T00:00:00Z</eventTime><action>ADD</action></AggregationEvent>" END, 0,
     1, true},
    {XML "<ObjectEvent><eventTime>2026-03-01T00:00:00Z</eventTime><action>ADD</"
         "action><epcList><epc>urn:epc:id:sgtin:1</epc>"
         "</epcList></ObjectEvent><ObjectEvent><eventTime>2026-03-01T00:00:00Z</eventTime><action>ADD</action></"
         "ObjectEvent>" END,
     1, 1, true},
    {XML END, 0, 0, true},
    {HEAD TAIL, 0, 0, true},
    {HEAD "{\"type\":\"ObjectEvent\"", 0, 0, false},
    {HEAD "{\"type\":\"Banana\"}" TAIL, 0, 0, false},
    {HEAD "{\"type\":\"ObjectEvent\",\"eventTime\":\"2026-03-01T00:00:00Z\",\"action\":\"ADD\",}" TAIL, 0, 0, false},
    {HEAD "{\"type\":\"ObjectEvent\",\"eventTime\":\"2026-03-01T00:00:00Z\",\"action\":\"ADD\"} {}" TAIL, 0, 0, false},
    {"{\"type\":\"ObjectEvent\",\"eventTime\":\"2026-03-01T00:00:00Z\",\"action\":\"ADD\"}", 1, 0, true},
    {"[{\"type\":\"ObjectEvent\",\"eventTime\":\"2026-03-01T00:00:00Z\",\"action\":\"ADD\"}]", 1, 0, true},
    {"{\"a\":\"\\ud800\"}", 0, 0, false},
    {"[[", 0, 0, false},
    {"nothing", 0, 0, false},
    {"<html><body/></html>", 0, 0, false},
    {"<x:EPCISMasterDataDocument xmlns:x='urn:epcglobal:epcis-masterdata:xsd:2'/>", 0, 0, true},
    {HEAD "{\"type\":\"ObjectEvent\",\"eventTime\":\"2026-03-01T00:00:00\",\"action\":\"ADD\"}" TAIL, 0, 1, true},
};

static void test_broken(void **state) {
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        seen s;
        err e = {0};
        bool ok = read_text_of(str_of(broken[i].text), &s, &e);
        if (ok != broken[i].ok || (ok && (s.n != broken[i].events || s.faults != broken[i].faults)))
            fail_msg("%zu: %d, %zu events, %zu faults: %s%s", i, ok, s.n, s.faults, e.text, s.fault);
        if (!ok) assert_int_equal(e.code, ERR_DATA);
    }
}

static void put_many(buf *b, const char *open, size_t n) {
    for (size_t i = 0; i < n; i++) buf_addz(b, open);
}

static void test_bounds(void **state) {
    (void)state;
    for (int markup = 0; markup < 2; markup++) {
        AUTO(buf) deep = {0};
        seen s;
        err e = {0};
        buf_addz(&deep, markup ? XML : HEAD);
        put_many(&deep, markup ? "<a>" : "{\"a\":", LIMIT_EPCIS_DEPTH + 8);
        assert_false(read_text_of(buf_str(&deep), &s, &e));
        assert_true(strstr(e.text, "deep") != NULL);
    }
    for (size_t more = 0; more < 2; more++) {
        AUTO(buf) b = {0};
        seen s;
        err e = {0};
        buf_addz(&b, HEAD
                 "{\"type\":\"ObjectEvent\",\"eventTime\":\"2026-03-01T00:00:00Z\",\"action\":\"ADD\",\"epcList\":[");
        for (size_t i = 0; i < LIMIT_EVENT_CODES + more; i++) buf_printf(&b, "%s\"U%zu\"", i ? "," : "", i);
        buf_addz(&b, "]}" TAIL);
        assert_true(read_text_of(buf_str(&b), &s, &e));
        assert_int_equal(s.n, 1 - more);
        assert_int_equal(s.faults, more);
    }
    AUTO(buf) large = {0};
    seen s;
    err e = {0};
    buf_addz(&large, HEAD "{\"type\":\"ObjectEvent\",\"x:y\":\"");
    put_many(&large, "0123456789abcdef", 64 * LIMIT_EVENT_BYTES / 16);
    buf_addz(&large, "\"},{\"type\":\"ObjectEvent\",\"eventTime\":\"2026-03-01T00:00:00Z\",\"action\":\"ADD\"}" TAIL);
    assert_true(read_text_of(buf_str(&large), &s, &e));
    assert_true(s.faults == 1 && s.n == 1);
}

/* What an agent's inbox takes for events and what it does not. */
static void test_named(void **state) {
    (void)state;
    static const struct {
        const char *head;
        size_t n; /* 0: up to its end */
        bool is;
    } cases[] = {
        {"<?xml version=\"1.0\"?><epcis:EPCISDocument>", 0, true},
        {"\xef\xbb\xbf<EPCISDocument/>", 0, true},
        {"{\"@context\":[\"https://ref.gs1.org/standards/epcis/2.0.0/\"]}", 0, true},
        {"\xff\xfe<\0E\0P\0C\0I\0S\0", 14, true},
        {"<html><table><tr><td>\u5355\u53f7</td>", 0, false},
        {"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">", 0, false},
        {"<x>e p c i s epci</x>", 0, false},
        {"type,number,date,epcis", 0, false},
        {"", 0, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        str head = cases[i].n ? str_from(cases[i].head, cases[i].n) : str_of(cases[i].head);
        if (epcis_named(head) != cases[i].is) fail_msg("case %zu", i);
    }
}

static void test_words(void **state) {
    static const char *const shipping[] = {"shipping", "urn:epcglobal:cbv:bizstep:shipping", "cbv:BizStep-shipping",
                                           "https://ref.gs1.org/cbv/BizStep-shipping", " shipping "};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(shipping); i++) assert_true(str_is(epcis_word(str_of(shipping[i])), "shipping"));
    assert_true(str_is(epcis_word(STR("urn:epcglobal:cbv:disp:in_transit")), "in_transit"));
    assert_true(str_is(epcis_word(STR("urn:example:step:x")), "urn:example:step:x"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twins),  cmocka_unit_test(test_all_samples),  cmocka_unit_test(test_one_event),
        cmocka_unit_test(test_pairs),  cmocka_unit_test(test_other_events), cmocka_unit_test(test_error_declaration),
        cmocka_unit_test(test_broken), cmocka_unit_test(test_bounds),       cmocka_unit_test(test_named),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
