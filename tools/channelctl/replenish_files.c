#include "tools/channelctl/replenish_files.h"

#include "daemon/command/file_table.h"
#include "formats/value.h"
#include <inttypes.h>
#include <stdlib.h>

void try_files_auto(try_files *t) {
    arena_free(&t->text);
}

/* ---- demand, a row a day */

enum { H_SERIES, H_DATE, H_QUANTITY, H_STOCK, H_PRICE, H_PROMOTION, H_BULK, H_COLUMNS };
static const file_column columns[H_COLUMNS] = {{"series", true}, {"date", true},   {"quantity", true},
                                               {"stock", false}, {"price", false}, {"promotion", false},
                                               {"bulk", false}};

typedef struct row {
    uint32_t series;
    demand_day day;
    int64_t price;
    size_t no; /* rows of one day stay in the order of the file */
} row;

static bool cell_quantity(const file_line *l, size_t at, int64_t least, int64_t *out, err *e) {
    if (dec_parse(l->cell[at], QUANTITY_SCALE, out, NULL) && *out >= least && *out <= LIMIT_QUANTITY) return true;
    return file_cell_wrong(l, at, least < 0 ? "a number like 12 or 12.5" : "a number from 0 on", e);
}

static bool cell_mark(const file_line *l, size_t at) {
    static const char *const none[] = {"", "0", "no", "n", "false", "否", "无"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (str_ieq(l->cell[at], str_of(none[i]))) return false;
    return true;
}

static bool read_row(const file_line *l, row *out, err *e) {
    const char *wanted, *hint;
    bool only;
    date_rule rule = {.serials = false};
    *out = (row){.day = {.stock = NUM_NONE}, .price = NUM_NONE};
    if (l->cell[H_SERIES].n == 0) return file_cell_wrong(l, H_SERIES, "a name", e);
    if (!date_read(l->cell[H_DATE], &rule, &out->day.day, &only, &wanted, &hint) || out->day.day < 0 ||
        out->day.day > UINT16_MAX)
        return file_cell_wrong(l, H_DATE, "a date (2026-01-31)", e);
    TRY(cell_quantity(l, H_QUANTITY, -LIMIT_QUANTITY, &out->day.sold, e));
    if (l->cell[H_STOCK].n) TRY(cell_quantity(l, H_STOCK, -LIMIT_QUANTITY, &out->day.stock, e));
    if (l->cell[H_PRICE].n &&
        !(dec_parse(l->cell[H_PRICE], MICRO_SCALE, &out->price, NULL) && out->price >= 0 && out->price <= LIMIT_AMOUNT))
        return file_cell_wrong(l, H_PRICE, "a price from 0 on", e);
    out->day.promotion = cell_mark(l, H_PROMOTION), out->day.bulk = cell_mark(l, H_BULK);
    return true;
}

static try_series *series_of(try_files *t, map *names, str name) {
    const uint64_t *at = map_find(names, name);
    if (at) return &t->v[*at];
    t->v = arena_grown(&t->text, t->v, t->n, &t->cap, sizeof *t->v);
    t->v[t->n] = (try_series){.name = arena_str(&t->text, name),
                              .price = NUM_NONE,
                              .remaining = NUM_NONE,
                              .trial_left = NUM_NONE,
                              .ends = DAY_MAX,
                              .analogue_share = 1};
    *map_at(names, t->v[t->n].name, NULL) = t->n;
    return &t->v[t->n++];
}

static int by_series(const void *a, const void *b) {
    const row *x = a, *y = b;
    if (x->series != y->series) return x->series < y->series ? -1 : 1;
    if (x->day.day != y->day.day) return x->day.day < y->day.day ? -1 : 1;
    return x->no < y->no ? -1 : x->no > y->no;
}

static void hand_out(try_files *t, row *v, size_t n) {
    demand_day *day = ARENA_NEW(&t->text, demand_day, n + 1);
    day_t *dates = ARENA_NEW(&t->text, day_t, n + 1);
    series_days *days = ARENA_NEW(&t->text, series_days, t->n + 1);
    qsort(v, n, sizeof *v, by_series);
    for (size_t i = 0; i < n; i++) {
        try_series *s = &t->v[v[i].series];
        series_days *d = &days[v[i].series];
        day[i] = v[i].day, dates[i] = v[i].day.day;
        if (s->n++ == 0) s->day = &day[i];
        if (d->n++ == 0) d->day = &dates[i];
        if (v[i].price != NUM_NONE) s->price = v[i].price;
        if (dates[i] >= t->today) t->today = dates[i] + 1;
    }
    t->step = series_step_of(days, t->n);
    for (size_t i = 0; i < t->n; i++) { /* the last count stands until another day */
        int64_t stock = t->v[i].n ? t->v[i].day[t->v[i].n - 1].stock : NUM_NONE;
        t->v[i].counted = stock != NUM_NONE;
        t->v[i].position.on_hand = stock != NUM_NONE && stock > 0 ? stock : 0;
    }
}

static bool read_history(const attachment *file, try_files *t, map *names, err *e) {
    AUTO(file_table) table = {0};
    row *v = NULL;
    size_t n = 0, cap = 0;
    TRY(file_table_open(&table, file, columns, H_COLUMNS, e));
    for (;;) {
        file_line l;
        row r;
        TRY(file_table_next(&table, &l, e));
        if (l.no == 0) break;
        TRY(read_row(&l, &r, e));
        r.series = (uint32_t)(series_of(t, names, l.cell[H_SERIES]) - t->v), r.no = n;
        if (t->n > TRY_SERIES || n == TRY_ROWS)
            return err_set(e, ERR_DATA, "%s row %" PRIu64 ": more than %d series or %d rows", l.file, l.no, TRY_SERIES,
                           TRY_ROWS);
        v = arena_grown(&t->text, v, n, &cap, sizeof *v);
        v[n++] = r;
    }
    if (n == 0) return err_set(e, ERR_DATA, "%s: no rows", table.rows.name);
    hand_out(t, v, n);
    /* whole weeks and months are over: today is the first day after them */
    if (t->step.days != 1) {
        bucket_kind kind = t->step.months ? BUCKET_MONTH : BUCKET_WEEK;
        t->today = bucket_first(kind, bucket_of(kind, t->today - 1) + 1);
    }
    return true;
}

/* ---- the policy */

/* Figures of the position: one for all series, or a map by series. */
static const struct {
    const char *key;
    size_t at;
} positions[] = {
    {"on_hand", offsetof(replenish_position, on_hand)},
    {"on_order", offsetof(replenish_position, on_order)},
    {"in_transit", offsetof(replenish_position, in_transit)},
    {"back_orders", offsetof(replenish_position, back_orders)},
    {"reserved", offsetof(replenish_position, reserved)},
};

static bool position_figure(const node *v, const char *what, try_series *s, size_t at, err *e) {
    int64_t *place = (int64_t *)(void *)((char *)&s->position + positions[at].at);
    int64_t least = at == 0 ? -LIMIT_QUANTITY : 0;
    TRY(node_number(v, what, QUANTITY_SCALE, least, place, e));
    if (*place > LIMIT_QUANTITY) return node_wanted(v, what, "a quantity that can be", e);
    if (at == 0) s->counted = true;
    return true;
}

static try_series *named(try_files *t, const map *names, const node *v, const char *what, err *e) {
    const uint64_t *at = map_find(names, v->key);
    if (at) return &t->v[*at];
    (void)err_set(e, ERR_CONFIG, "line %u: %s: the history has no series '%.*s'", v->line, what,
                  STR_ARG(str_take(v->key, 60)));
    return NULL;
}

static bool read_positions(const node *root, try_files *t, const map *names, err *e) {
    for (size_t i = 0; i < ARRAY_LEN(positions); i++) {
        const node *v = node_get(root, positions[i].key);
        if (node_null(v)) continue;
        if (v->kind == NODE_TEXT)
            for (size_t k = 0; k < t->n; k++) TRY(position_figure(v, positions[i].key, &t->v[k], i, e));
        else
            TRY(node_is(v, NODE_MAP, positions[i].key, e));
        for (const node *s = v->kind == NODE_MAP ? v->first : NULL; s; s = s->next) {
            try_series *of = named(t, names, s, positions[i].key, e);
            TRY(of && position_figure(s, positions[i].key, of, i, e));
        }
    }
    return true;
}

static bool read_stage(const node *v, try_series *s, err *e) {
    static const char *const stages[] = {"introduction", "growth", "maturity", "decline", NULL};
    const node *at = node_get(v, "stage"), *left = node_get(v, "remaining"), *ends = node_get(v, "ends");
    const node *trial = node_get(v, "trial_left"), *like = node_get(v, "analogue"),
               *share = node_get(v, "analogue_share");
    unsigned no = 0;
    if (at) {
        TRY(node_choice(at, "stage", stages, &no, e));
        s->stage = (stage)(no + STAGE_INTRODUCTION);
    }
    if (!node_null(left)) TRY(node_number(left, "remaining", QUANTITY_SCALE, 0, &s->remaining, e));
    if (!node_null(trial)) TRY(node_number(trial, "trial_left", QUANTITY_SCALE, 0, &s->trial_left, e));
    if (!node_null(ends)) TRY(node_day(ends, "ends", &s->ends, e));
    return node_null(share) || (like && node_real(share, "analogue_share", 0, 1e6, &s->analogue_share, e)) ||
           (like == NULL && err_set(e, ERR_CONFIG, "line %u: analogue_share without analogue", share->line));
}

/* A word, kept; absent: the empty one. */
static bool read_word(const node *v, const char *what, try_files *t, str *out, err *e) {
    *out = STR("");
    if (node_null(v)) return true;
    TRY(node_is(v, NODE_TEXT, what, e));
    *out = arena_str(&t->text, v->text);
    return true;
}

static const char *const of_series[] = {"group",      "stage",       "remaining", "trial_left",
                                        "ends",       "analogue",    "on_hand",   "on_order",
                                        "in_transit", "back_orders", "reserved",  "analogue_share"};
static const char *const of_file[] = {"on_hand", "on_order", "in_transit", "back_orders", "reserved",
                                      "series",  "today",    "budget",     "language"};

static bool read_series(const node *v, try_files *t, try_series *s, err *e) {
    TRY(replenish_policy_read(v, of_series, ARRAY_LEN(of_series), &s->policy, e) && read_stage(v, s, e));
    TRY(read_word(node_get(v, "group"), "group", t, &s->group, e));
    TRY(read_word(node_get(v, "analogue"), "analogue", t, &s->analogue, e));
    for (size_t i = 0; i < ARRAY_LEN(positions); i++) {
        const node *figure = node_get(v, positions[i].key);
        if (!node_null(figure)) TRY(position_figure(figure, positions[i].key, s, i, e));
    }
    return true;
}

static bool read_rest(const node *root, try_files *t, err *e) {
    static const char *const languages[] = {"en", "zh", NULL};
    const node *today = node_get(root, "today"), *budget = node_get(root, "budget"), *l = node_get(root, "language");
    unsigned at = 0;
    if (!node_null(today)) TRY(node_day(today, "today", &t->today, e));
    if (t->today < 0 || t->today > UINT16_MAX) return node_wanted(today, "today", "a day from 1970 to 2149", e);
    if (!node_null(budget)) TRY(node_number(budget, "budget", MICRO_SCALE, 0, &t->budget, e));
    if (l) TRY(node_choice(l, "language", languages, &at, e));
    t->language = (language)at;
    return true;
}

static bool read_root(const node *root, try_files *t, const map *names, err *e) {
    replenish_policy usual = replenish_policy_usual();
    const node *each = node_get(root, "series");
    /* the buckets of the file, unless the policy says otherwise: days as weeks once there are enough */
    usual.demand.bucket = t->step.months ? BUCKET_MONTH : BUCKET_WEEK;
    TRY(replenish_policy_read(root, of_file, ARRAY_LEN(of_file), &usual, e));
    for (size_t i = 0; i < t->n; i++) {
        try_series *s = &t->v[i];
        s->policy = usual, s->group = STR("");
        if (t->step.days == 1 && node_get(root, "bucket") == NULL && s->n && t->today - s->day[0].day < DAYS_OF_WEEKS)
            s->policy.demand.bucket = BUCKET_DAY;
    }
    TRY(read_positions(root, t, names, e) && read_rest(root, t, e));
    if (each) TRY(node_is(each, NODE_MAP, "series", e));
    for (const node *v = each ? each->first : NULL; v; v = v->next) {
        try_series *s = named(t, names, v, "series", e);
        TRY(s && read_series(v, t, s, e));
    }
    for (size_t i = 0; i < t->n; i++) t->v[i].position.unknown = !t->v[i].counted;
    return true;
}

bool try_files_read(const attachment *history, const attachment *params, try_files *out, err *e) {
    AUTO(map) names = {0};
    AUTO(arena) room = {0};
    const node *root = NULL;
    arena_init(&out->text, SIZE_MAX); /* grows with the files, which are bounded */
    arena_init(&room, SIZE_MAX);
    out->budget = NUM_NONE;
    TRY(read_history(history, out, &names, e));
    static const node empty = {.kind = NODE_MAP, .line = 1};
    if (params->bytes.p == NULL) return read_root(&empty, out, &names, e);
    return (yaml_read(params->bytes, &room, &root, e) && read_root(root, out, &names, e)) ||
           err_wrap(e, "%.*s", STR_ARG(params->name));
}
