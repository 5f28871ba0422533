/* sent, uploads — what left this home, and what became of it. */
#include "agent/commands.h"
#include "agent/home.h"
#include "agent/report.h"
#include "base/calendar.h"
#include "base/csv_put.h"
#include "base/num.h"
#include "proto/batch.h"
#include "proto/digest.h"
#include <inttypes.h>
#include <unistd.h>

/* ---- the spool, read-only */

static bool open_view(const call *c, spool **out, err *e) {
    home h;
    char dir[PATH_SIZE];
    spool_options how = {.read_only = true};
    TRY(home_load(c->home, &h, e));
    home_close(&h);
    TRY(path_join(dir, sizeof dir, c->home, "spool", e));
    return spool_open(dir, &how, out, e);
}

/* ---- the list */

typedef struct listing {
    spool *view;
    cli_form form;
    json json;
    buf out;
    err why;
    bool ok;
} listing;

static const char *state_of(const upload *u, const upload_sum *sum, const spool_state *now) {
    if (sum->held) return "held";
    if (upload_done(u, now)) return "done";
    return u->first_seq <= now->acked_seq ? "partly committed" : "waiting";
}

static void list_json(listing *l, const upload *u, const upload_sum *sum, str time) {
    const struct {
        const char *key;
        uint64_t v;
    } numbers[] = {{"documents", u->documents},     {"lines", u->lines + u->refused},
                   {"committed", sum->committed},   {"duplicate", sum->duplicate},
                   {"superseded", sum->superseded}, {"quarantined", sum->quarantined},
                   {"refused", sum->refused},       {"size", u->size}};
    AUTO(buf) text = {0};
    json *j = &l->json;
    buf_printf(&text, "%" PRIu64, u->id);
    json_open_object(j);
    json_key(j, "id"), json_str(j, buf_str(&text));
    json_key(j, "time"), json_str(j, time);
    json_key(j, "file"), json_z(j, u->name);
    buf_clear(&text);
    hex_put(&text, u->sha256, sizeof u->sha256);
    json_key(j, "file_sha256"), json_str(j, buf_str(&text));
    json_key(j, "state"), json_z(j, state_of(u, sum, spool_now(l->view)));
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) json_key(j, numbers[i].key), json_uint(j, numbers[i].v);
    json_key(j, "dialect"), json_z(j, u->dialect);
    json_key(j, "mapping"), json_z(j, u->mapping[0] ? u->mapping : NULL);
    json_end_object(j);
}

static bool list_one(void *arg, const upload *u) {
    listing *l = arg;
    upload_sum sum;
    AUTO(buf) time = {0};
    l->ok = spool_sum(l->view, u, &sum, NULL, NULL, &l->why);
    if (!l->ok) return false;
    time_put(&time, u->spooled_ms, local_zone(u->spooled_ms));
    if (l->form == FORM_JSON) {
        list_json(l, u, &sum, buf_str(&time));
        return true;
    }
    const char *state = state_of(u, &sum, spool_now(l->view));
    const char *line = l->form == FORM_CSV
                           ? "%" PRIu64 ",%.*s,%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ","
                           : "%-5" PRIu64 " %-25.*s %-16s %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %10" PRIu64
                             " %7" PRIu64 "  ";
    buf_printf(&l->out, line, u->id, STR_ARG(buf_str(&time)), state, u->lines + u->refused, sum.committed,
               sum.duplicate, sum.quarantined, sum.refused);
    if (l->form == FORM_CSV) csv_put(&l->out, str_of(u->name));
    else
        buf_addz(&l->out, u->name);
    buf_byte(&l->out, '\n');
    return true;
}

bool command_uploads(const call *c, int *status, err *e) {
    listing l = {.ok = true};
    *status = 0;
    TRY(cli_output(&c->words, &l.form, e));
    TRY(open_view(c, &l.view, e));
    l.json = json_into(&l.out);
    if (l.form == FORM_JSON) json_open_array(&l.json);
    if (l.form == FORM_CSV) buf_addz(&l.out, "id,time,state,lines,committed,duplicate,quarantined,refused,file\n");
    if (l.form == FORM_TABLE)
        buf_printf(&l.out, "%-5s %-25s %-16s %9s %9s %9s %10s %7s  %s\n", "id", "time", "state", "lines", "committed",
                   "duplicate", "quarantine", "refused", "file");
    bool ok = spool_uploads(l.view, list_one, &l, e);
    if (ok && !l.ok) ok = err_wrap(&l.why, "uploads") || (*e = l.why, false);
    if (l.form == FORM_JSON) json_end_array(&l.json), buf_byte(&l.out, '\n');
    ok = ok && cli_print(buf_str(&l.out), e);
    buf_free(&l.out);
    spool_close(l.view);
    return ok;
}

/* ---- one upload, as it left */

static void line_of(const batch *b, uint32_t row, int64_t number[LINE_NUMBER_COUNT], str text[LINE_TEXT_COUNT]) {
    for (int i = 0; i < LINE_NUMBER_COUNT; i++) number[i] = column_number(b->line_number[i], row);
    for (int i = 0; i < LINE_TEXT_COUNT; i++) text[i] = column_text(&b->line_text[i], row);
}

static void json_column(json *j, const char *key, str text) {
    json_key(j, key);
    if (text.n) json_str(j, text);
    else
        json_none(j);
}

static void document_json(json *j, const batch *b, uint32_t d, arena *scratch) {
    AUTO(buf) text = {0};
    uint8_t digest[32];
    int64_t number[LINE_NUMBER_COUNT], date = column_number(b->doc_number[D_DATE], d),
                                       part = column_number(b->doc_number[D_PART], d);
    str texts[LINE_TEXT_COUNT];
    json_open_object(j);
    json_column(j, "partner", column_text(&b->doc_text[D_PARTNER], d));
    json_column(j, "type", column_text(&b->doc_text[D_TYPE], d));
    json_column(j, "number", column_text(&b->doc_text[D_NUMBER], d));
    if (date != NUM_NONE) day_put(&text, (day_t)date);
    json_column(j, "date", buf_str(&text));
    json_column(j, "version", column_text(&b->doc_text[D_VERSION], d));
    if (part != NUM_NONE) json_key(j, "part"), json_int(j, part);
    buf_clear(&text);
    batch_document_digest(b, d, scratch, digest);
    hex_put(&text, digest, sizeof digest);
    json_column(j, "digest", buf_str(&text));
    json_column(j, "file", b->file_name);
    buf_clear(&text);
    hex_put(&text, b->sha256, 32);
    json_column(j, "file_sha256", buf_str(&text));
    json_key(j, "lines");
    json_open_array(j);
    for (uint32_t row = b->doc_first[d]; row < b->doc_first[d + 1]; row++) {
        line_of(b, row, number, texts);
        line_json(j, number, texts);
    }
    json_end_array(j);
    json_end_object(j);
}

static void number_cell(buf *out, line_number column, int64_t v) {
    int scale = line_number_facts[column].scale;
    if (v == NUM_NONE) return;
    if (scale == -1) day_put(out, (day_t)v);
    else
        dec_put(out, v, scale > 0 ? (unsigned)scale : 0, 0);
}

static void line_csv(buf *out, const batch *b, uint32_t d, uint32_t row) {
    int64_t number[LINE_NUMBER_COUNT];
    str texts[LINE_TEXT_COUNT];
    line_of(b, row, number, texts);
    for (int i = 0; i < DOC_TEXT_COUNT; i++) csv_put(out, column_text(&b->doc_text[i], d)), buf_byte(out, ',');
    for (int i = 0; i < LINE_NUMBER_COUNT; i++) number_cell(out, (line_number)i, number[i]), buf_byte(out, ',');
    for (int i = 0; i < LINE_TEXT_COUNT; i++) {
        if (i) buf_byte(out, ',');
        csv_put(out, texts[i]);
    }
    buf_byte(out, '\n');
}

static void csv_header(buf *out) {
    for (int i = 0; i < DOC_TEXT_COUNT; i++) buf_printf(out, "%s,", doc_text_facts[i].name);
    for (int i = 0; i < LINE_NUMBER_COUNT; i++) buf_printf(out, "%s,", line_number_facts[i].name);
    for (int i = 0; i < LINE_TEXT_COUNT; i++) buf_printf(out, "%s%s", i ? "," : "", line_text_facts[i].name);
    buf_byte(out, '\n');
}

static bool show_batch(spool *view, uint64_t seq, cli_form form, json *j, buf *out, err *e) {
    AUTO(spooled_batch) x = {0};
    TRY(spool_decode(view, seq, &x, e));
    for (uint32_t d = 0; d < x.b.docs; d++) {
        if (form == FORM_JSON) {
            document_json(j, &x.b, d, &x.a);
            continue;
        }
        for (uint32_t row = x.b.doc_first[d]; row < x.b.doc_first[d + 1]; row++) line_csv(out, &x.b, d, row);
    }
    return true;
}

static bool show(spool *view, const upload *u, cli_form form, err *e) {
    AUTO(buf) out = {0};
    json j = json_into(&out);
    if (form == FORM_JSON) json_open_array(&j);
    else
        csv_header(&out);
    for (uint64_t seq = u->first_seq; seq <= u->last_seq; seq++) {
        TRY(show_batch(view, seq, form, &j, &out, e));
        TRY(cli_print(buf_str(&out), e));
        buf_clear(&out);
    }
    if (form == FORM_JSON) json_end_array(&j), buf_byte(&out, '\n');
    return cli_print(buf_str(&out), e);
}

bool command_sent(const call *c, int *status, err *e) {
    spool *view;
    upload u;
    cli_form form;
    int64_t id;
    *status = 0;
    if (c->words.word_count == 0) return command_uploads(c, status, e);
    TRY(cli_output(&c->words, &form, e));
    if (!dec_parse(str_of(c->words.words[0]), 0, &id, NULL) || id < 1)
        return err_set(e, ERR_USAGE, "sent %s: wanted the id of an upload ('uploads' lists them)", c->words.words[0]);
    TRY(open_view(c, &view, e));
    bool ok = spool_upload(view, (uint64_t)id, &u, e) && show(view, &u, form, e);
    spool_close(view);
    return ok;
}
