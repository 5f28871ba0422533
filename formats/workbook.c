#include "formats/workbook.h"

#include "formats/workbook_parts.h"
#include <stdlib.h>

enum { SHOWN_FORMULA = 80 };

typedef enum cell_type { CELL_NUMBER, CELL_SHARED, CELL_TEXT, CELL_INLINE, CELL_ERROR, CELL_BOOL, CELL_DATE } cell_type;

/* The cell being read. */
typedef struct cell_facts {
    size_t column;
    cell_type type;
    size_t style;
    buf value, formula;
    bool in_value, in_formula, phonetic, has_formula;
} cell_facts;

struct workbook {
    part_user user; /* first: handlers get it */
    workbook_parts parts;
    size_t sheet;
    zip_file_t *file;
    merges merges;
    sheet_row row;
    cell_facts cell;
    uint64_t next_row;
    size_t next_column;
    bool row_done, ended;
};

/* Column 54 and row 12 of "BC12"; 0: not stated. */
static void cell_place(const char *ref, size_t *column, uint64_t *row) {
    size_t c = 0;
    for (; *ref >= 'A' && *ref <= 'Z'; ref++) c = c < 100000 ? c * 26 + (size_t)(*ref - 'A' + 1) : c;
    *column = c;
    *row = strtoull(ref, NULL, 10);
}

/* ---- a cell ---- */

static cell_type type_of(const char *t) {
    static const struct {
        const char *name;
        cell_type type;
    } types[] = {{"n", CELL_NUMBER}, {"s", CELL_SHARED}, {"str", CELL_TEXT}, {"inlineStr", CELL_INLINE},
                 {"e", CELL_ERROR},  {"b", CELL_BOOL},   {"d", CELL_DATE}};
    for (size_t i = 0; t && i < ARRAY_LEN(types); i++)
        if (strcmp(t, types[i].name) == 0) return types[i].type;
    return CELL_NUMBER;
}

static void begin_row(workbook *w, const char **at) {
    const char *r = part_attribute(at, "r");
    uint64_t no = r ? strtoull(r, NULL, 10) : 0;
    if (no < w->next_row || no > UINT32_MAX) no = w->next_row; /* not stated, or running backwards */
    w->next_row = no + 1;
    w->next_column = 0;
    sheet_row_begin(&w->row, no);
}

static void begin_cell(workbook *w, const char **at) {
    const char *ref = part_attribute(at, "r"), *style = part_attribute(at, "s");
    size_t column = 0;
    uint64_t row;
    if (ref) cell_place(ref, &column, &row);
    cell_facts *c = &w->cell;
    c->column = column ? column - 1 : w->next_column;
    w->next_column = c->column + 1;
    c->style = style ? strtoul(style, NULL, 10) : SIZE_MAX;
    c->type = type_of(part_attribute(at, "t"));
    c->has_formula = false;
    buf_clear(&c->value);
    buf_clear(&c->formula);
}

static void put_number(workbook *w, const char *text) {
    const cell_facts *c = &w->cell;
    AUTO(buf) out = {0};
    char *end;
    double v = strtod(text, &end);
    bool is_word = false;
    if (*end == '\0') {
        cell_style style = c->style < w->parts.styles ? w->parts.style[c->style] : STYLE_PLAIN;
        is_word = cell_number_put(&out, v, style, w->parts.date1904);
    } else {
        buf_addz(&out, text);
    }
    sheet_row_put(&w->row, c->column, buf_str(&out), is_word);
}

static void put_formula(workbook *w) {
    AUTO(buf) out = {0};
    str formula = str_take(buf_str(&w->cell.formula), SHOWN_FORMULA);
    while (formula.n && !utf8_valid(formula)) formula.n--;
    buf_byte(&out, '=');
    buf_add(&out, formula);
    sheet_row_put(&w->row, w->cell.column, buf_str(&out), false);
}

static void put_shared(workbook *w, const char *number) {
    char *end;
    size_t i = strtoull(number, &end, 10);
    if (*number == '\0') return;
    if (*end != '\0' || i >= w->parts.shared.n)
        return part_refuse(&w->user, "names a text that is not there; the workbook is damaged: save it again");
    sheet_row_put(&w->row, w->cell.column, shared_texts_get(&w->parts.shared, i), true);
}

static void end_cell(workbook *w) {
    cell_facts *c = &w->cell;
    const char *value = buf_z(&c->value);
    switch (c->type) {
    case CELL_SHARED: put_shared(w, value); break;
    case CELL_TEXT:
    case CELL_INLINE:
    case CELL_ERROR:
        if (c->value.n) c->value.n = part_unescape(c->value.p, c->value.n);
        sheet_row_put(&w->row, c->column, buf_str(&c->value), true);
        break;
    case CELL_BOOL: sheet_row_put(&w->row, c->column, value[0] == '1' ? STR("TRUE") : STR("FALSE"), true); break;
    case CELL_DATE: sheet_row_put(&w->row, c->column, str_take(buf_str(&c->value), 10), true); break;
    case CELL_NUMBER:
        if (value[0]) put_number(w, value);
        else if (c->has_formula)
            put_formula(w);
        break;
    }
}

/* ---- the sheet's XML ---- */

static void XMLCALL sheet_start(void *user, const char *name, const char **at) {
    workbook *w = user;
    name = part_name(name);
    if (strcmp(name, "c") == 0) begin_cell(w, at);
    else if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0)
        w->cell.in_value = !w->cell.phonetic;
    else if (strcmp(name, "row") == 0)
        begin_row(w, at);
    else if (strcmp(name, "f") == 0)
        w->cell.in_formula = w->cell.has_formula = true;
    else if (strcmp(name, "rPh") == 0)
        w->cell.phonetic = true;
}

/* A value longer than any cell may be is kept long enough to be known as such. */
static void XMLCALL sheet_text(void *user, const char *s, int n) {
    workbook *w = user;
    buf *to = w->cell.in_value ? &w->cell.value : w->cell.in_formula ? &w->cell.formula : NULL;
    if (to && to->n <= 8 * LIMIT_CELL) buf_add(to, str_from(s, (size_t)n));
}

static void XMLCALL sheet_end(void *user, const char *name) {
    workbook *w = user;
    name = part_name(name);
    if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0) w->cell.in_value = false;
    else if (strcmp(name, "c") == 0)
        end_cell(w);
    else if (strcmp(name, "f") == 0)
        w->cell.in_formula = false;
    else if (strcmp(name, "rPh") == 0)
        w->cell.phonetic = false;
    if (strcmp(name, "row") != 0 || w->user.refused) return;
    w->row_done = true;
    (void)XML_StopParser(w->user.parser, XML_TRUE);
}

/* ---- merged areas: they stand behind the rows, so they are looked for first; most sheets have none ---- */

typedef struct merge_reading {
    part_user user;
    merges *merges;
    bool ok;
    err why;
} merge_reading;

static void XMLCALL merge_start(void *user, const char *name, const char **at) {
    merge_reading *r = user;
    if (strcmp(part_name(name), "mergeCell") != 0 || !r->ok) return;
    const char *ref = part_attribute(at, "ref"), *colon = ref ? strchr(ref, ':') : NULL;
    size_t column, last_column;
    uint64_t row, last_row;
    if (colon == NULL) return;
    cell_place(ref, &column, &row);
    cell_place(colon + 1, &last_column, &last_row);
    if (column == 0 || last_column == 0 || last_column > UINT32_MAX) return;
    merged_area area = {row, last_row, (uint32_t)column - 1, (uint32_t)last_column - 1};
    r->ok = merges_add(r->merges, area, &r->why);
    if (!r->ok) part_refuse(&r->user, "has too many merged areas");
}

/* Is the word in the part at all? Inflating costs a tenth of parsing. */
static bool part_mentions(workbook *w, str path, str word, bool *found, err *e) {
    char chunk[PART_CHUNK + 32];
    zip_file_t *file;
    size_t kept = 0, n = 1;
    *found = false;
    TRY(part_open(&w->parts, path, &file, e));
    bool ok = true;
    while (ok && n > 0 && !*found) {
        ok = part_read(&w->parts, path, file, chunk + kept, &n, e);
        if (!ok) break;
        size_t all = kept + n;
        *found = str_has(str_from(chunk, all), word);
        kept = all < word.n ? all : word.n - 1;
        memmove(chunk, chunk + all - kept, kept);
    }
    (void)zip_fclose(file);
    return ok;
}

static bool find_merges(workbook *w, str path, err *e) {
    bool any;
    merges_clear(&w->merges);
    TRY(part_mentions(w, path, STR("mergeCell "), &any, e));
    if (!any) return true;
    merge_reading r = {.merges = &w->merges, .ok = true};
    part_parser(&r.user);
    XML_SetStartElementHandler(r.user.parser, merge_start);
    bool ok = part_parse(&w->parts, path, &r.user, e);
    part_parser_free(&r.user);
    if (!r.ok) *e = r.why;
    return ok;
}

/* ---- rows ---- */

static void close_sheet(workbook *w) {
    part_parser_free(&w->user);
    if (w->file) (void)zip_fclose(w->file);
    w->file = NULL;
}

static void rewind_sheet(void *self) {
    workbook *w = self;
    close_sheet(w);
    merges_begin(&w->merges);
    w->ended = w->row_done = false;
    w->cell.in_value = w->cell.in_formula = w->cell.phonetic = false;
    w->next_row = 1;
}

static bool begin_sheet(workbook *w, str path, err *e) {
    TRY(part_open(&w->parts, path, &w->file, e));
    part_parser(&w->user);
    XML_SetElementHandler(w->user.parser, sheet_start, sheet_end);
    XML_SetCharacterDataHandler(w->user.parser, sheet_text);
    return true;
}

/* Parse until a row is complete or the sheet ends. */
static bool parse_row(workbook *w, str path, err *e) {
    XML_ParsingStatus status;
    w->row_done = false;
    XML_GetParsingStatus(w->user.parser, &status);
    if (status.parsing == XML_SUSPENDED) {
        if (XML_ResumeParser(w->user.parser) == XML_STATUS_ERROR) return part_failed(&w->user, path, e);
        XML_GetParsingStatus(w->user.parser, &status);
        w->ended = status.parsing == XML_FINISHED;
    }
    while (!w->row_done && !w->ended) {
        size_t n;
        void *chunk = XML_GetBuffer(w->user.parser, PART_CHUNK);
        ASSERT(chunk != NULL);
        TRY(part_read(&w->parts, path, w->file, chunk, &n, e));
        if (XML_ParseBuffer(w->user.parser, (int)n, n == 0) == XML_STATUS_ERROR) return part_failed(&w->user, path, e);
        w->ended = n == 0 && !w->row_done;
    }
    return true;
}

static bool next_row(void *self, table_row *row, err *e) {
    workbook *w = self;
    str path = w->parts.sheet[w->sheet].path;
    *row = (table_row){0};
    if (w->file == NULL) TRY(begin_sheet(w, path, e));
    while (!w->ended) {
        TRY(parse_row(w, path, e));
        if (!w->row_done) break;
        TRY(merges_fill(&w->merges, &w->row, e));
        if (sheet_row_blank(&w->row)) continue;
        *row = sheet_row_view(&w->row);
        break;
    }
    return true;
}

bool workbook_rows(workbook *w, size_t sheet, table_rows *rows, err *e) {
    const sheet_part *s = &w->parts.sheet[sheet];
    w->sheet = sheet;
    TRY(find_merges(w, s->path, e));
    rewind_sheet(w);
    *rows = (table_rows){.self = w,
                         .next = next_row,
                         .rewind = rewind_sheet,
                         .sheet = (uint32_t)sheet + 1,
                         .sheet_name = s->name,
                         .date1904 = w->parts.date1904};
    return true;
}

/* ---- the whole ---- */

bool workbook_open(const source *in, workbook **out, err *e) {
    workbook *w = calloc(1, sizeof *w);
    ASSERT(w != NULL);
    sheet_row_init(&w->row);
    *out = w;
    if (parts_open(&w->parts, in, e)) return true;
    workbook_free(w);
    *out = NULL;
    return false;
}

void workbook_free(workbook *w) {
    if (w == NULL) return;
    close_sheet(w);
    parts_close(&w->parts);
    merges_free(&w->merges);
    sheet_row_free(&w->row);
    buf_free(&w->cell.value);
    buf_free(&w->cell.formula);
    free(w);
}

void workbook_auto(workbook **w) {
    workbook_free(*w);
}

size_t workbook_sheets(const workbook *w) {
    return w->parts.sheets;
}

str workbook_hidden(const workbook *w) {
    return w->parts.hidden;
}
