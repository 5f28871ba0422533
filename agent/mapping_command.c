/* mapping — the mappings kept in a home, and copying them to other homes of this host whose files are of the same make. */
#include "agent/commands.h"
#include "agent/dialect.h"
#include "base/csv_put.h"
#include "base/json.h"
#include <stdlib.h>

/* Rows of texts in the form asked for. */
typedef struct listing {
    cli_form form;
    const char *const *column;
    size_t columns;
    buf out;
    json json;
} listing;

static void listing_begin(listing *l) {
    l->json = json_into(&l->out);
    if (l->form == FORM_JSON) json_open_array(&l->json);
    for (size_t i = 0; l->form == FORM_CSV && i < l->columns; i++)
        buf_printf(&l->out, "%s%s", l->column[i], i + 1 < l->columns ? "," : "\n");
}

static void listing_row(listing *l, const char *const *cell) {
    if (l->form == FORM_JSON) json_open_object(&l->json);
    for (size_t i = 0; i < l->columns; i++) {
        const char *end = i + 1 < l->columns ? "," : "\n";
        if (l->form == FORM_JSON) json_key(&l->json, l->column[i]), json_z(&l->json, *cell[i] ? cell[i] : NULL);
        else if (l->form == FORM_CSV)
            csv_put(&l->out, str_of(cell[i])), buf_addz(&l->out, end);
        else
            buf_printf(&l->out, "%s%s", *cell[i] ? cell[i] : "-", i + 1 < l->columns ? "  " : "\n");
    }
    if (l->form == FORM_JSON) json_end_object(&l->json);
}

static bool listing_end(listing *l, err *e) {
    if (l->form == FORM_JSON) json_end_array(&l->json), buf_byte(&l->out, '\n');
    bool ok = cli_print(buf_str(&l->out), e);
    buf_free(&l->out);
    return ok;
}

static bool list(const call *c, cli_form form, err *e) {
    static const char *const columns[] = {"make", "mapping", "file"};
    listing l = {.form = form, .column = columns, .columns = ARRAY_LEN(columns)};
    dialect_kept *kept;
    size_t n;
    TRY(dialect_list(c->home, &kept, &n, e));
    listing_begin(&l);
    for (size_t i = 0; i < n; i++)
        listing_row(&l, (const char *const[]){kept[i].signature, kept[i].name, kept[i].file});
    free(kept);
    return listing_end(&l, e);
}

static bool show(const call *c, err *e) {
    AUTO(buf) yaml = {0};
    if (c->words.word_count != 2)
        return err_set(e, ERR_USAGE, "mapping show wants one MAKE ('mapping list' shows them)");
    TRY(dialect_yaml(c->home, c->words.words[1], &yaml, e));
    return cli_print(buf_str(&yaml), e);
}

/* ---- copy */

static bool copy_to(const call *c, const char *to, const char *make, listing *l, err *e) {
    static const char *const said[] = {[COPY_DONE] = "copied",
                                       [COPY_SAME] = "has it already",
                                       [COPY_OTHER] = "skipped: keeps another mapping for that make",
                                       [COPY_UNSEEN] = "skipped: no file of that make came there"};
    bool dry = cli_value(&c->words, "dry-run") != NULL;
    dialect_copied what;
    TRY(dialect_copy(c->home, to, make, dry, &what, e));
    listing_row(l, (const char *const[]){to, make, dry && what == COPY_DONE ? "would be copied" : said[what]});
    return true;
}

/* One make, or every one that has a mapping here. */
static bool copy_makes(const call *c, const char *to, listing *l, err *e) {
    dialect_kept *kept;
    size_t n;
    bool ok = true;
    if (c->words.word_count == 2) return copy_to(c, to, c->words.words[1], l, e);
    TRY(dialect_list(c->home, &kept, &n, e));
    for (size_t i = 0; ok && i < n; i++)
        if (kept[i].name[0]) ok = copy_to(c, to, kept[i].signature, l, e);
    free(kept);
    return ok;
}

static bool is_enrolled(const char *dir, err *e) {
    home h;
    TRY(home_load(dir, &h, e));
    home_close(&h);
    return true;
}

static bool copy_to_all(const call *c, const char *dir, listing *l, err *e) {
    char **homes;
    size_t n;
    bool ok = true;
    TRY(homes_list(dir, &homes, &n, e));
    for (size_t i = 0; ok && i < n; i++)
        if (strcmp(homes[i], c->home) != 0) ok = copy_makes(c, homes[i], l, e);
    homes_free(homes, n);
    return ok;
}

static bool copy(const call *c, cli_form form, err *e) {
    static const char *const columns[] = {"home", "make", "result"};
    listing l = {.form = form, .column = columns, .columns = ARRAY_LEN(columns)};
    const char *to = cli_value(&c->words, "to"), *homes = cli_value(&c->words, "homes");
    if ((to == NULL) == (homes == NULL))
        return err_set(e, ERR_USAGE, "mapping copy wants --to HOME, or --homes DIR for every enrolled home in it");
    listing_begin(&l);
    bool ok = to ? is_enrolled(to, e) && copy_makes(c, to, &l, e) : copy_to_all(c, homes, &l, e);
    return listing_end(&l, ok ? e : &(err){0}) && ok;
}

bool command_mapping(const call *c, int *status, err *e) {
    const char *what = c->words.word_count ? c->words.words[0] : "list";
    cli_form form;
    *status = 0;
    TRY(cli_output(&c->words, &form, e));
    if (strcmp(what, "list") == 0) return list(c, form, e);
    if (strcmp(what, "show") == 0) return show(c, e);
    if (strcmp(what, "copy") == 0) return copy(c, form, e);
    return err_set(e, ERR_USAGE, "mapping %s: wanted list, show MAKE or copy [MAKE] --to HOME", what);
}
