#include "daemon/service/http_view.h"

#include "base/csv_put.h"
#include "base/file.h"
#include "base/num.h"
#include "daemon/command/answer_form.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };

/* ---- parameters */

static const char *const names[] = {"o", "q", "filter", "sort", "page", "per_page", "bom"};

bool view_takes(str name) {
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_is(name, names[i])) return true;
    return false;
}

static bool read_form(str value, list_view *out, err *e) {
    static const char *const forms[] = {"json", "csv", "xlsx"};
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (str_is(value, forms[i])) {
            out->form = (view_form)i;
            return true;
        }
    return err_set(e, ERR_USAGE, "o '%.*s': wanted json, csv or xlsx", STR_ARG(str_take(value, 20)));
}

/* "state=open", "state!=open", "name~清泉", "amount>=100", "day<=2026-06-30" */
static bool read_filter(str value, list_view *out, err *e) {
    static const struct {
        const char *text;
        unsigned how;
    } signs[] = {{"!=", IS_NOT}, {">=", LEAST}, {"<=", MOST}, {"=", IS}, {"~", HAS}};
    if (out->filters == ARRAY_LEN(out->filter))
        return err_set(e, ERR_USAGE, "more than %d filters", LIMIT_HTTP_FILTERS);
    size_t n = 0;
    while (n < value.n && !memchr("!=<>~", value.p[n], 5)) n++;
    str rest = str_skip(value, n);
    for (size_t i = 0; n && i < ARRAY_LEN(signs); i++) {
        if (!str_starts(rest, str_of(signs[i].text))) continue;
        out->filter[out->filters].column = str_take(value, n);
        out->filter[out->filters].wanted = str_skip(rest, strlen(signs[i].text));
        out->filter[out->filters].how = signs[i].how;
        out->filters++;
        return true;
    }
    return err_set(e, ERR_USAGE,
                   "filter '%.*s': wanted COLUMN=VALUE, !=, ~ (has), >= or <=", STR_ARG(str_take(value, 60)));
}

static bool read_count(str name, str value, uint64_t most, uint64_t *out, err *e) {
    int64_t n = 0;
    bool exact = false;
    if (dec_parse(value, 0, &n, &exact) && exact && n >= 1 && (uint64_t)n <= most) {
        *out = (uint64_t)n;
        return true;
    }
    return err_set(e, ERR_USAGE, "%.*s '%.*s': wanted a whole number from 1 to %llu", STR_ARG(name),
                   STR_ARG(str_take(value, 20)), (unsigned long long)most);
}

static bool read_sort(str value, list_view *out) {
    out->down = str_starts(value, STR("-"));
    out->sort = str_skip(value, out->down);
    return true;
}

static bool read_one(const http_param *p, list_view *out, err *e) {
    if (str_is(p->name, "o")) return read_form(p->value, out, e);
    if (str_is(p->name, "filter")) return read_filter(p->value, out, e);
    if (str_is(p->name, "sort")) return read_sort(p->value, out);
    if (str_is(p->name, "page")) return read_count(p->name, p->value, UINT32_MAX, &out->page, e);
    if (str_is(p->name, "per_page")) return read_count(p->name, p->value, LIMIT_HTTP_PAGE, &out->per_page, e);
    if (str_is(p->name, "q")) out->q = p->value;
    if (str_is(p->name, "bom")) out->bom = str_is(p->value, "1");
    return true;
}

bool view_read(const request *r, list_view *out, err *e) {
    *out = (list_view){.per_page = 100};
    for (size_t i = 0; i < r->params; i++)
        if (view_takes(r->param[i].name)) TRY(read_one(&r->param[i], out, e));
    return true;
}

/* ---- choosing rows */

typedef struct chosen {
    str line, key;
    size_t no;
} chosen;

typedef struct choice {
    const list_view *v;
    arena a;
    chosen *row;
    size_t n, cap;
} choice;

static int compare(str a, str b) {
    if (is_plain_number(a) && is_plain_number(b)) {
        double x = strtod(a.p, NULL), y = strtod(b.p, NULL); /* for the eye's order only */
        return x < y ? -1 : x > y;
    }
    return str_cmp(a, b);
}

static bool passes(const list_view *v, size_t i, const json_t *row) {
    AUTO(buf) cell = {0};
    char name[LIMIT_ID + 1];
    const json_t *value = json_object_get(row, str_copy_z(v->filter[i].column, name, sizeof name));
    if (value) answer_cell(value, &cell);
    (void)buf_z(&cell);
    str has = buf_str(&cell), wanted = v->filter[i].wanted;
    switch (v->filter[i].how) {
    case IS: return str_eq(has, wanted);
    case IS_NOT: return !str_eq(has, wanted);
    case HAS: return str_has(has, wanted);
    case LEAST: return has.n && compare(has, wanted) >= 0;
    case MOST: return has.n && compare(has, wanted) <= 0;
    }
    return false;
}

static bool has_text(const json_t *row, str q) {
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)(uintptr_t)row, key, v) {
        AUTO(buf) cell = {0};
        answer_cell(v, &cell);
        if (str_has(buf_str(&cell), q)) return true;
    }
    return false;
}

static bool wanted_row(const list_view *v, const json_t *row) {
    for (size_t i = 0; i < v->filters; i++)
        if (!passes(v, i, row)) return false;
    return v->q.n == 0 || has_text(row, v->q);
}

static void choose(choice *c, str line, const json_t *row) {
    AUTO(buf) cell = {0};
    char name[LIMIT_ID + 1];
    const json_t *value = c->v->sort.n ? json_object_get(row, str_copy_z(c->v->sort, name, sizeof name)) : NULL;
    if (value) answer_cell(value, &cell);
    c->row = arena_grown(&c->a, c->row, c->n, &c->cap, sizeof *c->row);
    c->row[c->n] = (chosen){line, arena_str(&c->a, buf_str(&cell)), c->n};
    c->n++;
}

/* What is empty comes last, whichever way. */
static int by_key(const void *a, const void *b, void *arg) {
    const chosen *x = a, *y = b;
    const list_view *v = arg;
    if ((x->key.n == 0) != (y->key.n == 0)) return x->key.n == 0 ? 1 : -1;
    int order = compare(x->key, y->key);
    if (order == 0) return x->no < y->no ? -1 : 1;
    return v->down ? -order : order;
}

static json_t *parse(str line, err *e) {
    json_error_t why;
    json_t *row = json_loadb(line.p, line.n, 0, &why);
    if (row == NULL) err_set(e, ERR_INTERNAL, "a row of the answer cannot be read: %s", why.text);
    return row;
}

static bool next_line(str *rest, str *line) {
    size_t end = str_find(*rest, STR("\n"));
    if (end == SIZE_MAX) return false;
    *line = str_take(*rest, end);
    *rest = str_skip(*rest, end + 1);
    return true;
}

static bool choose_all(choice *c, str rows, err *e) {
    const list_view *v = c->v;
    bool look = v->filters || v->q.n || v->sort.n;
    for (str line; next_line(&rows, &line);) {
        json_t *row = look ? parse(line, e) : NULL;
        if (look && row == NULL) return false;
        if (!look || wanted_row(v, row)) choose(c, line, row);
        json_decref(row);
    }
    if (v->sort.n && c->n) qsort_r(c->row, c->n, sizeof *c->row, by_key, (void *)(uintptr_t)v);
    return true;
}

static bool has_column(const answer *in, str name) {
    for (size_t i = 0; i < in->head.columns; i++)
        if (str_eq(in->head.column[i], name)) return true;
    return false;
}

static bool columns_known(const answer *in, const list_view *v, err *e) {
    str unknown = v->sort.n && !has_column(in, v->sort) ? v->sort : STR_NONE;
    for (size_t i = 0; i < v->filters; i++)
        if (!has_column(in, v->filter[i].column)) unknown = v->filter[i].column;
    return unknown.p == NULL ||
           err_set(e, ERR_USAGE, "'%.*s' is no column of this list", STR_ARG(str_take(unknown, 60)));
}

/* ---- writing */

typedef struct sending {
    const answer *in;
    const char *column[LIMIT_REPEATED];
    answer *out;
    buf text;
    uint64_t rows;
    answer_book *book;
} sending;

static bool flush(sending *s, bool all, err *e) {
    if (!all && s->text.n < PIECE) return true;
    bool ok = answer_take(s->out, buf_str(&s->text), e);
    buf_clear(&s->text);
    return ok;
}

static bool put_json(sending *s, str line, err *e) {
    if (s->in->head.form == ANSWER_LIST) buf_addz(&s->text, s->rows ? ",\n" : "\n");
    buf_add(&s->text, line);
    return flush(s, false, e);
}

static bool put_row(sending *s, const list_view *v, str line, err *e) {
    if (v->form == VIEW_JSON) return put_json(s, line, e);
    json_t *row = parse(line, e);
    if (row == NULL) return false;
    bool ok = true, list = s->in->head.form == ANSWER_LIST;
    if (v->form == VIEW_XLSX) ok = answer_book_row(s->book, row, e);
    else if (list)
        answer_csv_row(row, s->column, s->in->head.columns, &s->text);
    else
        answer_csv_show(row, &s->text);
    json_decref(row);
    return ok && flush(s, false, e);
}

static bool put_rows(sending *s, const list_view *v, const choice *c, err *e) {
    uint64_t from = v->page ? (v->page - 1) * v->per_page : 0, to = v->page ? from + v->per_page : c->n;
    for (uint64_t i = from; i < to && i < c->n; i++, s->rows++) TRY(put_row(s, v, c->row[i].line, e));
    return true;
}

static void begin(sending *s, const list_view *v) {
    bool list = s->in->head.form == ANSWER_LIST;
    if (v->form == VIEW_CSV && v->bom) buf_addz(&s->text, "\xef\xbb\xbf");
    if (v->form == VIEW_CSV && list) answer_csv_head(s->column, s->in->head.columns, &s->text);
    if (v->form == VIEW_JSON && list) buf_byte(&s->text, '[');
}

static bool write_text(sending *s, const list_view *v, const choice *c, err *e) {
    begin(s, v);
    TRY(put_rows(s, v, c, e));
    if (v->form == VIEW_JSON) buf_addz(&s->text, s->in->head.form != ANSWER_LIST ? "\n" : s->rows ? "\n]\n" : "]\n");
    return flush(s, true, e);
}

/* The library writes files by name. */
static bool write_book(sending *s, const list_view *v, const choice *c, err *e) {
    char path[PATH_SIZE];
    int n = snprintf(path, sizeof path, "%s/book-XXXXXX", s->in->world.data_dir);
    int fd = n > 0 && (size_t)n < sizeof path ? mkstemp(path) : -1;
    if (fd < 0) return err_set(e, ERR_FULL, "no room for a workbook");
    s->book = answer_book_new(path, s->column, s->in->head.form == ANSWER_LIST ? s->in->head.columns : 0);
    bool ok = put_rows(s, v, c, e);
    err end_why;
    if (!answer_book_end(s->book, &end_why) && ok) *e = end_why, ok = false;
    struct stat st;
    char piece[PIECE];
    (void)close(fd);
    fd = ok ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ok = ok && fd >= 0 && fstat(fd, &st) == 0;
    for (ssize_t got; ok && (got = read(fd, piece, sizeof piece)) > 0;)
        ok = answer_take(s->out, str_from(piece, (size_t)got), e);
    if (fd >= 0) (void)close(fd);
    (void)unlink(path);
    return ok;
}

static bool all_rows(answer *in, buf *out, err *e) {
    while (in->sent < in->size) {
        AUTO(buf) piece = {0};
        if (!answer_piece(in, PIECE, &piece)) {
            *e = in->why;
            return false;
        }
        buf_add(out, buf_str(&piece));
    }
    return true;
}

bool view_render(answer *in, const list_view *v, answer *out, uint64_t *total, uint64_t *sent, err *e) {
    AUTO(buf) rows = {0};
    choice c = {.v = v};
    sending s = {.in = in, .out = out};
    TRY(columns_known(in, v, e));
    TRY(all_rows(in, &rows, e));
    for (size_t i = 0; i < in->head.columns; i++) s.column[i] = in->head.column[i].p;
    arena_init(&c.a, SIZE_MAX);
    bool ok = choose_all(&c, buf_str(&rows), e);
    ok = ok && (v->form == VIEW_XLSX ? write_book(&s, v, &c, e) : write_text(&s, v, &c, e));
    *total = c.n;
    *sent = s.rows;
    arena_free(&c.a);
    buf_free(&s.text);
    return ok;
}
