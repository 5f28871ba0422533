/* case evaluate: cases beside the truth, where it is known (channel-sim world writes it).
 *
 *   precision  cases whose partner, one of whose skus and whose destination meet a row, opened not before its first_event
 *   recall     rows with an evidence_day that were met within DELAY_DAYS of it
 *   from_first rows that were met within DELAY_DAYS of their first goods, whether anything was to be seen or not
 *   week N     rows with an evidence_day met by the end of the N-th week after it
 *
 * With Wilson's bounds of 95 %. A case is of class coded_or_reported when a code, or a line of its own, is in its evidence; a row
 * when its goods are coded or (column reported) its files say where they went. */
#include "base/map.h"
#include "daemon/command/file_table.h"
#include "maths/evidence.h"
#include "tools/channelctl/trace.h"

#include <jansson.h>
#include <stdlib.h>

enum { DELAY_DAYS = 14, ZONE = 8 * 60, STYLES_MOST = 32, WEEKS = 8, STYLE_BYTES = 40 };
#define DAY_MS INT64_C(86400000)
#define NEVER  INT64_MAX

typedef enum row_class { CLASS_ALL, CLASS_STRONG, CLASS_WEAK, CLASS_COUNT } row_class;
static const char *const class_names[CLASS_COUNT] = {"all", "coded_or_reported", "scans_or_volumes"};

typedef struct truth_row {
    str partner, sku, destination, style;
    int64_t first, evidence; /* NEVER: none */
    bool strong;
    int64_t met; /* when the first right case opened; NEVER */
    size_t next; /* of the same partner and destination: index + 1 */
} truth_row;

typedef struct share_of {
    uint64_t right, all;
} share_of;

typedef struct evaluation {
    arena a;
    truth_row *row;
    size_t rows, cap;
    map index; /* partner and destination → first row + 1 */
    share_of precision[CLASS_COUNT];
    err why;
} evaluation;

/* ---- the truth */

enum { T_PARTNER_, T_SKU_, T_DESTINATION, T_FIRST, T_LAST, T_EVIDENCE, T_STYLE, T_CODED, T_QUANTITY, T_REPORTED };
static const file_column columns[] = {
    {"partner", true},      {"sku", true},   {"destination", true}, {"first_event", true}, {"last_event", false},
    {"evidence_day", true}, {"style", true}, {"coded", true},       {"quantity", false},   {"reported", false}};

static bool read_moment(const file_line *l, size_t at, int64_t *out, err *e) {
    *out = NEVER;
    return l->cell[at].n == 0 || time_parse(l->cell[at], ZONE, out) || file_cell_wrong(l, at, "a day or a time", e);
}

static bool is_yes(str s) {
    return str_ieq(s, STR("Y")) || str_ieq(s, STR("yes")) || str_ieq(s, STR("true")) || str_is(s, "1");
}

/* "330000", "33", 330100 → its province. */
static str province(arena *a, str s) {
    return s.n < 2 ? STR("") : arena_str(a, str_take(s, 2));
}

static str index_key(arena *a, str partner_id, str destination) {
    AUTO(buf) b = {0};
    buf_text(&b, partner_id);
    buf_text(&b, destination);
    return arena_str(a, buf_str(&b));
}

static bool take_row(evaluation *x, const file_line *l, err *e) {
    truth_row r = {.met = NEVER};
    TRY(read_moment(l, T_FIRST, &r.first, e) && read_moment(l, T_EVIDENCE, &r.evidence, e));
    if (r.first == NEVER) return file_cell_wrong(l, T_FIRST, "a day or a time", e);
    r.partner = arena_str(&x->a, l->cell[T_PARTNER_]);
    r.sku = arena_str(&x->a, l->cell[T_SKU_]);
    r.destination = province(&x->a, l->cell[T_DESTINATION]);
    r.style = arena_str(&x->a, str_take(l->cell[T_STYLE], STYLE_BYTES));
    r.strong = is_yes(l->cell[T_CODED]) || is_yes(l->cell[T_REPORTED]);
    x->row = arena_grown(&x->a, x->row, x->rows, &x->cap, sizeof *x->row);
    uint64_t *at = map_at(&x->index, index_key(&x->a, r.partner, r.destination), NULL);
    r.next = (size_t)*at;
    x->row[x->rows++] = r;
    *at = x->rows;
    return true;
}

static bool read_truth(client *c, evaluation *x, err *e) {
    AUTO(buf) bytes = {0};
    AUTO(file_table) rows = {.n = 0};
    bool given;
    str path = args_option(c->args, "truth", &given);
    if (!given) return err_set(e, ERR_USAGE, "case evaluate: --truth FILE is missing");
    TRY(client_read_file(path, &bytes, e));
    attachment file = {base_name(path), buf_str(&bytes)};
    TRY(file_table_open(&rows, &file, columns, ARRAY_LEN(columns), e));
    for (;;) {
        file_line l;
        TRY(file_table_next(&rows, &l, e));
        if (l.no == 0) return true;
        TRY(take_row(x, &l, e));
    }
}

/* ---- cases */

static str text_of(const json_t *o, const char *key) {
    const json_t *v = json_object_get(o, key);
    return json_is_string(v) ? str_from(json_string_value(v), json_string_length(v)) : STR("");
}

static bool has_sku(const json_t *o, str sku) {
    const json_t *list = json_object_get(o, "skus");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (str_is(sku, json_string_value(json_array_get(list, i)))) return true;
    return false;
}

static row_class class_of(const json_t *o) {
    static const char *const kinds[] = {"ship_to",        "customer_region", "code_sold",   "code_trade",
                                        "code_inspected", "code_online",     "other_seller"};
    const json_t *list = json_object_get(o, "signals");
    for (size_t i = 0; i < json_array_size(list); i++)
        for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
            if (str_is(text_of(json_array_get(list, i), "kind"), kinds[k])) return CLASS_STRONG;
    return CLASS_WEAK;
}

static bool take_case(evaluation *x, const json_t *o, err *e) {
    int64_t opened;
    bool right = false;
    str when = text_of(o, "opened");
    if (!json_is_object(o) || !time_parse(when, ZONE, &opened))
        return err_set(e, ERR_DATA,
                       "a case has no time in opened: wanted what trace try or case list write with -o json");
    AUTO(arena) a = {0};
    arena_init(&a, SIZE_MAX);
    str k = index_key(&a, text_of(o, "partner"), province(&a, text_of(o, "destination")));
    const uint64_t *at = map_find(&x->index, k);
    for (size_t i = at ? (size_t)*at : 0; i; i = x->row[i - 1].next) {
        truth_row *r = &x->row[i - 1];
        if (opened < r->first || !has_sku(o, r->sku)) continue;
        right = true;
        if (opened < r->met) r->met = opened;
    }
    row_class of = class_of(o);
    x->precision[CLASS_ALL].all++, x->precision[of].all++;
    x->precision[CLASS_ALL].right += right, x->precision[of].right += right;
    return true;
}

static bool read_cases(evaluation *x, str bytes, err *e) {
    json_error_t why;
    json_t *list = json_loadb(bytes.p, bytes.n, 0, &why);
    if (!json_is_array(list)) {
        json_decref(list);
        return err_set(e, ERR_DATA, "--cases: wanted the array that trace try or case list write with -o json");
    }
    bool ok = true;
    for (size_t i = 0; ok && i < json_array_size(list); i++) ok = take_case(x, json_array_get(list, i), e);
    json_decref(list);
    return ok;
}

static bool no_head(void *arg, const call_out *head, err *e) {
    (void)arg, (void)head, (void)e;
    return true;
}

/* The daemon's list comes as an object a line. */
static bool take_rows(void *arg, str bytes, err *e) {
    evaluation *x = arg;
    str line;
    while (str_split(&bytes, '\n', &line)) {
        json_error_t why;
        if (line.n == 0) continue;
        json_t *o = json_loadb(line.p, line.n, 0, &why);
        bool ok = o ? take_case(x, o, e) : err_set(e, ERR_INTERNAL, "the answer cannot be read: %s", why.text);
        json_decref(o);
        TRY(ok);
    }
    return true;
}

static bool find_cases(client *c, evaluation *x, err *e) {
    AUTO(buf) bytes = {0};
    bool given;
    int status;
    str path = args_option(c->args, "cases", &given);
    if (given) return client_read_file(path, &bytes, e) && read_cases(x, buf_str(&bytes), e);
    const str asked[] = {STR("case"), STR("list")};
    const answer_sink sink = {.head = no_head, .rows = take_rows, .arg = x};
    return remote_call(c, asked, ARRAY_LEN(asked), (call_file_list){NULL, 0}, &sink, &status, e);
}

/* ---- shares */

static void put_share(buf *out, const char *what, const char *of, share_of s) {
    json j = json_into(out);
    share_bounds b = wilson((double)s.right, (double)s.all, 1.959963984540054);
    const double v[] = {s.all ? (double)s.right / (double)s.all : 0, b.low, b.high};
    static const char *const names[] = {"share", "low", "high"};
    json_open_object(&j);
    json_key(&j, "what"), json_z(&j, what);
    json_key(&j, "of"), json_z(&j, of);
    json_key(&j, "right"), json_uint(&j, s.right);
    json_key(&j, "all"), json_uint(&j, s.all);
    for (size_t i = 0; i < ARRAY_LEN(v); i++) {
        json_key(&j, names[i]);
        if (s.all) json_dec(&j, (int64_t)(v[i] * 10000 + 0.5), 4, 4);
        else
            json_none(&j);
    }
    json_end_object(&j);
    buf_byte(out, '\n');
}

typedef bool (*row_fn)(const truth_row *r, const void *arg);

static bool of_class(const truth_row *r, const void *arg) {
    row_class c = *(const row_class *)arg;
    return c == CLASS_ALL || r->strong == (c == CLASS_STRONG);
}

static bool of_style(const truth_row *r, const void *arg) {
    return str_is(r->style, arg);
}

/* Rows met within `days` of their evidence day, or of their first goods. */
static share_of met_within(const evaluation *x, int64_t days, bool from_first, row_fn wanted, const void *arg) {
    share_of s = {0, 0};
    for (size_t i = 0; i < x->rows; i++) {
        const truth_row *r = &x->row[i];
        int64_t from = from_first ? r->first : r->evidence;
        if (!wanted(r, arg) || from == NEVER) continue;
        s.all++;
        s.right += r->met != NEVER && r->met < from + (days + 1) * DAY_MS;
    }
    return s;
}

static void put_styles(const evaluation *x, buf *out) {
    char styles[STYLES_MOST][STYLE_BYTES + 1];
    size_t n = 0;
    for (size_t i = 0; i < x->rows && n < STYLES_MOST; i++) {
        size_t k = 0;
        while (k < n && !str_is(x->row[i].style, styles[k])) k++;
        if (k == n) (void)str_copy_z(x->row[i].style, styles[n++], sizeof *styles);
    }
    for (size_t k = 0; k < n; k++) {
        put_share(out, "recall", styles[k], met_within(x, DELAY_DAYS, false, of_style, styles[k]));
        put_share(out, "from_first", styles[k], met_within(x, DELAY_DAYS, true, of_style, styles[k]));
    }
}

static void put_all(const evaluation *x, buf *out) {
    for (row_class c = CLASS_ALL; c < CLASS_COUNT; c++) put_share(out, "precision", class_names[c], x->precision[c]);
    for (row_class c = CLASS_ALL; c < CLASS_COUNT; c++)
        put_share(out, "recall", class_names[c], met_within(x, DELAY_DAYS, false, of_class, &c));
    for (row_class c = CLASS_ALL; c < CLASS_COUNT; c++)
        put_share(out, "from_first", class_names[c], met_within(x, DELAY_DAYS, true, of_class, &c));
    put_styles(x, out);
    for (int64_t week = 0; week <= WEEKS; week++) {
        char name[16];
        const row_class all = CLASS_ALL;
        (void)snprintf(name, sizeof name, "week %d", (int)week);
        put_share(out, "delay", name, met_within(x, week * 7, false, of_class, &all));
    }
}

static bool show(client *c, str rows, err *e) {
    static const char *const names[] = {"what", "of", "right", "all", "share", "low", "high"};
    AUTO(call_out) head = {0};
    render to;
    call_out_init(&head);
    head.form = ANSWER_LIST;
    head.columns = ARRAY_LEN(names);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) head.column[i] = str_of(names[i]);
    TRY(render_begin(&to, c->as, &head, c->output, e));
    bool ok = render_rows(&to, rows, e);
    err why;
    return render_end(&to, ok ? e : &why) && ok;
}

bool client_case_evaluate(client *c, err *e) {
    AUTO(buf) out = {0};
    evaluation x = {.rows = 0};
    arena_init(&x.a, SIZE_MAX); /* bounded by the files */
    bool ok = read_truth(c, &x, e) && find_cases(c, &x, e);
    if (ok) put_all(&x, &out), ok = show(c, buf_str(&out), e);
    map_free(&x.index);
    arena_free(&x.a);
    return ok;
}
