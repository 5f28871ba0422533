/* check — how a file is read, and what it adds up to; nothing is sent and nothing is kept. */
#include "agent/commands.h"
#include "agent/dialect.h"
#include "agent/result.h"
#include "agent/submit.h"
#include "agent/usual.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "formats/clerk.h"
#include "formats/formats.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { PROBLEMS_SHOWN = 10, SKIPPED_SHOWN = 5 };

/* Quantities add up within one type and unit, amounts within one currency. */
typedef struct check_sum {
    doc_type type;
    uint32_t unit, currency;
    uint64_t lines, valued; /* valued: lines that state an amount, or a price */
    __int128 quantity, amount;
    day_sums before; /* the same type and unit in the span before, as this home sent it */
} check_sum;

typedef struct checked {
    docset d;
    check_sum *sum;
    size_t sums, cap;
    int64_t from, to; /* NUM_NONE: no line */
    bool known;       /* a home was given: `before` and `doubts` are worked out */
    day_t before_from, before_to;
    doubts doubts;
    bool zh;
} checked;

static check_sum *sum_of(checked *k, doc_type type, uint32_t unit, uint32_t currency) {
    for (size_t i = 0; i < k->sums; i++) {
        check_sum *s = &k->sum[i];
        if (s->type == type && s->unit == unit && s->currency == currency) return s;
    }
    if (k->sums == k->cap) {
        k->cap = k->cap ? 2 * k->cap : 8;
        k->sum = realloc(k->sum, k->cap * sizeof *k->sum);
        ASSERT(k->sum != NULL);
    }
    k->sum[k->sums] = (check_sum){.type = type, .unit = unit, .currency = currency};
    return &k->sum[k->sums++];
}

static void add_up(checked *k) {
    k->from = k->to = NUM_NONE;
    for (size_t i = 0; i < k->d.lines; i++) {
        doc_line l = docset_at(&k->d, i);
        check_sum *s = sum_of(k, k->d.doc[l.doc].type, l.text[T_UNIT], l.text[T_CURRENCY]);
        int64_t date = l.number[N_DATE], quantity = l.number[N_QUANTITY], amount = doubt_amount(&l);
        s->lines++;
        s->valued += amount != NUM_NONE;
        if (quantity != NUM_NONE) s->quantity += quantity;
        if (amount != NUM_NONE) s->amount += amount;
        if (date == NUM_NONE) continue;
        if (k->from == NUM_NONE || date < k->from) k->from = date;
        if (k->to == NUM_NONE || date > k->to) k->to = date;
    }
}

/* A sum of very many greatest lines is beyond 64 bits: said, not wrapped. */
static void sum_put(buf *b, __int128 v, unsigned scale) {
    if (v > INT64_MAX || v <= INT64_MIN) buf_addz(b, "too big");
    else
        dec_put(b, (int64_t)v, scale, scale == MICRO_SCALE ? 2 : 0);
}

static void json_text(json *j, const char *key, str s) {
    json_key(j, key);
    if (s.n) json_str(j, s);
    else
        json_none(j);
}

static void json_day(json *j, const char *key, int64_t day) {
    AUTO(buf) b = {0};
    if (day != NUM_NONE) day_put(&b, (day_t)day);
    json_text(j, key, buf_str(&b));
}

static void before_json(json *j, const checked *k, const check_sum *s) {
    AUTO(buf) b = {0};
    json_key(j, "before");
    json_open_object(j);
    json_day(j, "from", k->before_from);
    json_day(j, "to", k->before_to);
    json_key(j, "lines"), json_uint(j, s->before.lines);
    sum_put(&b, s->before.quantity, QUANTITY_SCALE);
    json_text(j, "quantity", buf_str(&b));
    buf_clear(&b);
    if (s->before.amount) sum_put(&b, s->before.amount, MICRO_SCALE);
    json_text(j, "amount", buf_str(&b));
    json_end_object(j);
}

static void sums_json(json *j, checked *k) {
    AUTO(buf) b = {0};
    json_key(j, "sums");
    json_open_array(j);
    for (size_t i = 0; i < k->sums; i++) {
        const check_sum *s = &k->sum[i];
        json_open_object(j);
        json_text(j, "type", str_of(doc_type_name(s->type)));
        json_text(j, "unit", words_get(&k->d.words, s->unit));
        json_text(j, "currency", words_get(&k->d.words, s->currency));
        json_key(j, "lines"), json_uint(j, s->lines);
        buf_clear(&b);
        sum_put(&b, s->quantity, QUANTITY_SCALE);
        json_text(j, "quantity", buf_str(&b));
        buf_clear(&b);
        if (s->valued) sum_put(&b, s->amount, MICRO_SCALE);
        json_text(j, "amount", buf_str(&b));
        json_key(j, "valued"), json_uint(j, s->valued);
        if (k->known) before_json(j, k, s);
        json_end_object(j);
    }
    json_end_array(j);
}

static void problems_of(const checked *k, result *r) {
    const docset *d = &k->d;
    char file[LIMIT_FILE_NAME + 1];
    result_init(r);
    r->zh = k->zh;
    if (k->known) result_add_doubts(r, str_copy_z(d->file_name, file, sizeof file), &k->doubts);
    r->files = 1;
    r->documents = d->docs;
    r->lines = d->lines + d->refused;
    r->refused = d->refused;
    r->problem = d->problems;
    r->problems = d->problem_count;
    r->problem_total = d->problems_total;
}

/* The problems are the docset's own. */
static void problems_end(result *r) {
    r->problem = NULL;
    result_auto(r);
}

static void check_json(buf *out, checked *k) {
    json j = json_into(out);
    result r = {0};
    problems_of(k, &r);
    json_open_object(&j);
    json_text(&j, "file", k->d.file_name);
    json_text(&j, "charset", k->d.charset);
    json_text(&j, "dialect", k->d.dialect);
    json_text(&j, "mapping", k->d.mapping);
    json_day(&j, "from", k->from);
    json_day(&j, "to", k->to);
    json_key(&j, "skipped"), json_uint(&j, k->d.skipped_total);
    sums_json(&j, k);
    json_key(&j, "result");
    result_json(&j, &r);
    json_end_object(&j);
    buf_byte(out, '\n');
    problems_end(&r);
}

/* Of a line: its amount, how many lines have one where not all do, or that there is none. */
static void amount_text(buf *out, const checked *k, __int128 amount, uint64_t valued, uint64_t lines, str currency) {
    if (valued == 0) {
        buf_addz(out, k->zh ? "，没有金额" : ", no amount");
        return;
    }
    buf_addz(out, k->zh ? "，金额 " : ", amount ");
    sum_put(out, amount, MICRO_SCALE);
    if (currency.n) buf_printf(out, " %.*s", STR_ARG(currency));
    if (valued < lines) buf_printf(out, k->zh ? "（%" PRIu64 " 行有金额）" : " (of %" PRIu64 " lines)", valued);
}

static void before_text(buf *out, const checked *k, const check_sum *s) {
    const day_sums *was = &s->before;
    buf_addz(out, k->zh ? "             上一期 " : "             before, ");
    day_put(out, k->before_from);
    buf_addz(out, k->zh ? " 至 " : " to ");
    day_put(out, k->before_to);
    buf_printf(out, k->zh ? "：%" PRIu64 " 行，数量 " : ": %" PRIu64 " lines, quantity ", was->lines);
    sum_put(out, was->quantity, QUANTITY_SCALE);
    amount_text(out, k, was->amount, was->amount ? was->lines : 0, was->lines, STR(""));
    buf_byte(out, '\n');
}

static void sum_text(buf *out, const checked *k, const check_sum *s) {
    char room[64];
    str unit = words_get(&k->d.words, s->unit);
    if (unit.n == 0) unit = k->zh ? STR("（基本单位）") : STR("base units");
    str type = clerk_text(k->zh, str_of(doc_type_name(s->type)), room, sizeof room);
    buf_printf(out, k->zh ? "  %.*s%*s %8" PRIu64 " 行，数量 " : "  %.*s%*s %8" PRIu64 " lines, quantity ",
               STR_ARG(type), (int)(k->zh ? 0 : 10 - type.n), "", s->lines);
    sum_put(out, s->quantity, QUANTITY_SCALE);
    buf_printf(out, " %.*s", STR_ARG(unit));
    amount_text(out, k, s->amount, s->valued, s->lines, words_get(&k->d.words, s->currency));
    buf_byte(out, '\n');
    if (k->known) before_text(out, k, s);
}

/* Row 0 is the file itself: said of all its rows. */
static void skipped_text(buf *out, const skipped_row *s, bool zh) {
    char room[LIMIT_TEXT + 1];
    if (s->row) buf_printf(out, zh ? "  第 %" PRIu64 " 行没有读：" : "  row %" PRIu64 " skipped: ", s->row);
    else
        buf_addz(out, "  ");
    buf_add(out, clerk_text(zh, s->why, room, sizeof room));
    buf_byte(out, '\n');
}

static void check_text(buf *out, checked *k) {
    const docset *d = &k->d;
    result r = {0};
    problems_of(k, &r);
    buf_printf(out, k->zh ? "%.*s：%.*s，%.*s%s%.*s\n" : "%.*s: %.*s, %.*s%s%.*s\n", STR_ARG(d->file_name),
               STR_ARG(d->charset), STR_ARG(d->dialect), d->mapping.n ? k->zh ? "，映射 " : ", mapping " : "",
               STR_ARG(d->mapping));
    buf_printf(out,
               k->zh ? "%zu 张单据，%zu 行，退回 %zu 行，说明 %zu 条\n"
                     : "%zu documents, %zu lines, %zu rows refused, %zu notes\n",
               d->docs, d->lines, d->refused, d->skipped_total);
    if (k->from != NUM_NONE) {
        day_put(out, (day_t)k->from);
        buf_addz(out, k->zh ? " 至 " : " to ");
        day_put(out, (day_t)k->to);
        buf_byte(out, '\n');
    }
    for (size_t i = 0; i < k->sums; i++) sum_text(out, k, &k->sum[i]);
    for (size_t i = 0; i < d->skipped_count && i < SKIPPED_SHOWN; i++) skipped_text(out, &d->skipped[i], k->zh);
    result_problems_text(out, &r, PROBLEMS_SHOWN);
    result_doubts_text(out, &r, PROBLEMS_SHOWN);
    problems_end(&r);
}

/* The whole month before a whole month, else as many days before. */
static void span_before(checked *k) {
    day_t from = (day_t)k->from, to = (day_t)k->to;
    bool month = month_of(from) == month_of(to) && to - from >= 20;
    k->before_from = month ? month_first(month_of(from) - 1) : from - (to - from + 1);
    k->before_to = month ? month_first(month_of(from)) - 1 : from - 1;
}

/* What this home is known for; nothing when it has not sent anything yet. */
static bool compare(const char *home_dir, str titles, checked *k, err *e) {
    char dir[PATH_SIZE];
    spool_options how = {.read_only = true};
    spool *s;
    if (home_dir == NULL || k->from == NUM_NONE) return true;
    TRY(path_join(dir, sizeof dir, home_dir, "spool", e));
    if (!file_exists(dir)) return true;
    if (!spool_open(dir, &how, &s, e)) return e->code == ERR_NOT_FOUND; /* nothing was sent yet */
    span_before(k);
    bool ok = submit_doubts(home_dir, s, &k->d, titles, DAY_MAX, DAY_MIN, wall_ms(), &k->doubts, e);
    for (size_t i = 0; ok && i < k->sums; i++)
        ok = usual_sums(s, k->sum[i].type, words_get(&k->d.words, k->sum[i].unit), k->before_from, k->before_to,
                        &k->sum[i].before, e);
    k->known = ok;
    spool_close(s);
    return ok;
}

static bool read_one(const char *home_dir, const char *path, const char *mapping_path, checked *k, err *e) {
    AUTO(source_file) file = {0};
    AUTO(dialect) how = {0};
    char title[LIMIT_FILE_NAME + 1];
    file_title(path, title, sizeof title);
    TRY(source_open(&file, path, title, LIMIT_FILE_BYTES, e));
    TRY(dialect_find(home_dir, mapping_path, &file.in, &how, e));
    uint8_t key[KEY_SIZE];
    if (home_dir && home_privacy_key(home_dir, key))
        k->d.privacy_key = (const uint8_t *)arena_str(&k->d.text, str_from(key, sizeof key)).p;
    TRY(formats_read(&file.in, how.mapped ? &how.m : NULL, &k->d, e));
    add_up(k);
    AUTO(buf) titles = {0};
    formats_head(&file.in, &titles);
    source_close(&file);
    return compare(home_dir, buf_str(&titles), k, e);
}

bool command_check(const call *c, int *status, err *e) {
    cli_form form;
    AUTO(buf) out = {0};
    TRY(cli_output(&c->words, &form, e));
    if (c->words.word_count != 1) return err_set(e, ERR_USAGE, "check wants one FILE");
    checked k = {.zh = cli_zh(&c->words)};
    docset_init(&k.d);
    doubts_init(&k.doubts);
    bool ok = read_one(c->home, c->words.words[0], cli_value(&c->words, "mapping"), &k, e);
    if (ok && form == FORM_JSON) check_json(&out, &k);
    else if (ok)
        check_text(&out, &k);
    *status = err_exit_status(!ok || (k.d.lines == 0 && k.d.refused) ? ERR_DATA : k.d.refused ? ERR_DIFFERS : ERR_OK);
    docset_free(&k.d);
    doubts_auto(&k.doubts);
    free(k.sum);
    return ok && cli_print(buf_str(&out), e);
}
