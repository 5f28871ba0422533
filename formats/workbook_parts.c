#include "formats/workbook_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH_ROOM = 512, RELATIONS = 4 * LIMIT_SHEETS, NAMES_ROOM = 4 * 1024 * 1024, TAIL_ROOM = 66000 };

/* ---- the archive ---- */

static uint64_t little_endian(const char *p, size_t n) {
    uint64_t v = 0;
    while (n-- > 0) v = v << 8 | (uint8_t)p[n];
    return v;
}

/* A directory of millions of entries would cost memory before anything else is looked at. */
static bool too_many_parts(str tail) {
    for (size_t at = str_find(tail, str_from("PK\6\6", 4)); at != SIZE_MAX;) {
        str record = str_skip(tail, at);
        if (record.n >= 40 && little_endian(record.p + 32, 8) > LIMIT_WORKBOOK_PARTS) return true;
        size_t further = str_find(str_skip(record, 4), str_from("PK\6\6", 4));
        at = further == SIZE_MAX ? SIZE_MAX : at + 4 + further;
    }
    return false;
}

/* Of a file under a handle of its own: libzip closes what it is given. */
static zip_source_t *archive_of(const source *in, zip_error_t *why) {
    if (in->file == NULL) return zip_source_buffer_create(in->bytes.p, in->bytes.n, 0, why);
    int fd = fcntl(fileno(in->file), F_DUPFD_CLOEXEC, 0);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "rb");
    zip_source_t *from = file ? zip_source_filep_create(file, 0, -1, why) : NULL;
    if (file == NULL) zip_error_set(why, ZIP_ER_OPEN, errno);
    if (from == NULL && file) (void)fclose(file);
    if (file == NULL && fd >= 0) (void)close(fd);
    return from;
}

static bool open_archive(workbook_parts *p, const source *in, err *e) {
    AUTO(buf) tail = {0};
    TRY(source_tail(in, TAIL_ROOM, &tail, e));
    if (too_many_parts(buf_str(&tail)))
        return err_set(e, ERR_DATA, "an archive of more than %d files; wanted a workbook", LIMIT_WORKBOOK_PARTS);
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *from = archive_of(in, &why);
    p->zip = from ? zip_open_from_source(from, ZIP_RDONLY, &why) : NULL;
    if (p->zip == NULL) {
        err_set(e, ERR_DATA, "not a whole archive (%s); the file is cut off or damaged: send it again",
                zip_error_strerror(&why));
        zip_source_free(from);
    }
    zip_error_fini(&why);
    if (p->zip == NULL) return false;
    return zip_get_num_entries(p->zip, 0) <= LIMIT_WORKBOOK_PARTS ||
           err_set(e, ERR_DATA, "an archive of more than %d files; wanted a workbook", LIMIT_WORKBOOK_PARTS);
}

static bool holds(const workbook_parts *p, const char *path) {
    return zip_name_locate(p->zip, path, ZIP_FL_NOCASE) >= 0;
}

/* What an archive without a workbook is instead. */
static bool not_a_workbook(const workbook_parts *p, err *e) {
    static const struct {
        const char *path, *what;
    } others[] = {
        {"xl/workbook.bin", "a binary workbook (XLSB); save it as XLSX"},
        {"content.xml", "an OpenDocument file; save it as XLSX"},
        {"word/document.xml", "a Word document; wanted the sheet itself, as XLSX or CSV"},
        {"ppt/presentation.xml", "a presentation; wanted the sheet itself, as XLSX or CSV"},
    };
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (holds(p, others[i].path)) return err_set(e, ERR_DATA, "%s", others[i].what);
    return err_set(e, ERR_DATA, "a ZIP archive without a workbook; unpack it and send the files inside");
}

/* ---- relations between parts ---- */

typedef struct relation {
    str id, type, path;
} relation;

typedef struct reading {
    part_user user;
    workbook_parts *p;
    str base; /* folder of the part whose relations are read, with its '/' */
    relation rel[RELATIONS];
    size_t rels;
    buf hidden;
    /* shared texts */
    buf text;
    bool in_text, phonetic;
    /* styles */
    struct {
        unsigned id;
        cell_style style;
    } * formats;
    size_t format_count, format_cap;
    bool in_cell_formats;
} reading;

/* Where a target leads: absolute, or from the folder `base`, with its "../". */
static str resolved(reading *r, str target) {
    char path[PATH_ROOM];
    str base = r->base;
    if (target.n && target.p[0] == '/') {
        base = STR("");
        target = str_skip(target, 1);
    }
    for (bool again = true; again;) {
        again = str_starts(target, STR("./")) || str_starts(target, STR("../"));
        if (str_starts(target, STR("../"))) {
            if (base.n) base.n--;
            while (base.n && base.p[base.n - 1] != '/') base.n--;
            target = str_skip(target, 1);
        }
        if (again) target = str_skip(target, 2);
    }
    (void)snprintf(path, sizeof path, "%.*s%.*s", STR_ARG(base), STR_ARG(target));
    return arena_str(&r->p->text, str_of(path));
}

static void XMLCALL on_relation(void *user, const char *name, const char **at) {
    reading *r = user;
    const char *id = part_attribute(at, "Id"), *target = part_attribute(at, "Target"),
               *type = part_attribute(at, "Type");
    if (strcmp(part_name(name), "Relationship") != 0 || !id || !target || !type || r->rels == RELATIONS) return;
    const char *tail = strrchr(type, '/');
    r->rel[r->rels++] = (relation){arena_str(&r->p->text, str_of(id)),
                                   arena_str(&r->p->text, str_of(tail ? tail + 1 : type)), resolved(r, str_of(target))};
}

static str related(const reading *r, const char *type) {
    for (size_t i = 0; i < r->rels; i++)
        if (str_is(r->rel[i].type, type)) return r->rel[i].path;
    return STR_NONE;
}

/* ---- the workbook: its sheets ---- */

static void add_sheet(reading *r, str name, const char *id, bool visible) {
    workbook_parts *p = r->p;
    for (size_t i = 0; i < r->rels; i++) {
        if (!str_is(r->rel[i].id, id) || !str_is(r->rel[i].type, "worksheet")) continue;
        if (!visible) {
            if (r->hidden.n < LIMIT_TEXT) buf_printf(&r->hidden, "%s%.*s", r->hidden.n ? ", " : "", STR_ARG(name));
        } else if (p->sheets < LIMIT_SHEETS) {
            p->sheet[p->sheets++] = (sheet_part){arena_str(&p->text, name), r->rel[i].path};
        } else {
            part_refuse(&r->user, "has more than 256 sheets; split the workbook");
        }
        return;
    }
}

static void XMLCALL on_workbook(void *user, const char *name, const char **at) {
    reading *r = user;
    name = part_name(name);
    if (strcmp(name, "workbookPr") == 0) {
        const char *v = part_attribute(at, "date1904");
        r->p->date1904 = v && (strcmp(v, "1") == 0 || strcmp(v, "true") == 0);
    }
    if (strcmp(name, "sheet") != 0) return;
    const char *title = part_attribute(at, "name"), *id = NULL, *state = part_attribute(at, "state");
    for (const char **a = at; a[0]; a += 2) /* r:id beside sheetId */
        if (strchr(a[0], ':') && strcmp(part_name(a[0]), "id") == 0) id = a[1];
    if (id) add_sheet(r, str_take(str_of(title ? title : ""), LIMIT_NAME), id, !state || strcmp(state, "visible") == 0);
}

/* ---- shared texts ---- */

static void XMLCALL shared_start(void *user, const char *name, const char **at) {
    (void)at;
    reading *r = user;
    name = part_name(name);
    if (strcmp(name, "si") == 0) buf_clear(&r->text);
    if (strcmp(name, "rPh") == 0) r->phonetic = true;
    if (strcmp(name, "t") == 0) r->in_text = !r->phonetic;
}

/* A text longer than any cell may be is kept one byte too long, so that its cell is known to be too long. */
static void XMLCALL shared_text(void *user, const char *s, int n) {
    reading *r = user;
    if (r->in_text && r->text.n <= 8 * LIMIT_CELL) buf_add(&r->text, str_from(s, (size_t)n));
}

static void XMLCALL shared_end(void *user, const char *name) {
    reading *r = user;
    name = part_name(name);
    if (strcmp(name, "t") == 0) r->in_text = false;
    if (strcmp(name, "rPh") == 0) r->phonetic = false;
    if (strcmp(name, "si") != 0) return;
    size_t n = r->text.n ? part_unescape(r->text.p, r->text.n) : 0;
    if (!shared_texts_add(&r->p->shared, str_from(r->text.p, n < LIMIT_CELL + 1 ? n : LIMIT_CELL + 1)))
        part_refuse(&r->user, "holds more than 64 MiB of texts; save the workbook as CSV or split it");
}

/* ---- styles ---- */

static void add_format(reading *r, unsigned id, str code) {
    if (r->format_count == LIMIT_NUMBER_FORMATS) return part_refuse(&r->user, "has more than 4096 number formats");
    if (r->format_count == r->format_cap) {
        r->format_cap = r->format_cap ? 2 * r->format_cap : 32;
        r->formats = reallocarray(r->formats, r->format_cap, sizeof *r->formats);
        ASSERT(r->formats != NULL);
    }
    r->formats[r->format_count].id = id;
    r->formats[r->format_count++].style = style_of_format(code);
}

static void add_style(reading *r, unsigned id) {
    workbook_parts *p = r->p;
    if (p->styles == LIMIT_STYLES) return part_refuse(&r->user, "has more than 65536 cell formats");
    cell_style style = style_of_builtin(id);
    for (size_t i = 0; i < r->format_count; i++)
        if (r->formats[i].id == id) style = r->formats[i].style;
    if (p->styles % 256 == 0) {
        p->style = realloc(p->style, p->styles + 256);
        ASSERT(p->style != NULL);
    }
    p->style[p->styles++] = style;
}

static void XMLCALL style_start(void *user, const char *name, const char **at) {
    reading *r = user;
    const char *number = part_attribute(at, "numFmtId"), *code = part_attribute(at, "formatCode");
    unsigned id = number ? (unsigned)strtoul(number, NULL, 10) : 0;
    name = part_name(name);
    if (strcmp(name, "cellXfs") == 0) r->in_cell_formats = true;
    if (strcmp(name, "numFmt") == 0 && number) add_format(r, id, str_of(code ? code : ""));
    if (strcmp(name, "xf") == 0 && r->in_cell_formats) add_style(r, id);
}

static void XMLCALL style_end(void *user, const char *name) {
    if (strcmp(part_name(name), "cellXfs") == 0) ((reading *)user)->in_cell_formats = false;
}

/* ---- all of it ---- */

static bool read_part(reading *r, str path, XML_StartElementHandler start, XML_EndElementHandler end,
                      XML_CharacterDataHandler text, err *e) {
    part_parser(&r->user);
    XML_SetElementHandler(r->user.parser, start, end);
    XML_SetCharacterDataHandler(r->user.parser, text);
    bool ok = part_parse(r->p, path, &r->user, e);
    part_parser_free(&r->user);
    return ok;
}

static bool read_relations(reading *r, str of, err *e) {
    size_t slash = of.n;
    char path[PATH_ROOM];
    while (slash > 0 && of.p[slash - 1] != '/') slash--;
    r->base = str_take(of, slash);
    r->rels = 0;
    (void)snprintf(path, sizeof path, "%.*s_rels/%.*s.rels", STR_ARG(r->base), STR_ARG(str_skip(of, slash)));
    return !holds(r->p, path) || read_part(r, str_of(path), on_relation, NULL, NULL, e);
}

static bool read_all(reading *r, err *e) {
    TRY(read_relations(r, STR(""), e));
    str workbook = related(r, "officeDocument");
    if (workbook.n == 0) workbook = STR("xl/workbook.xml");
    bool other = str_starts(workbook, STR("word/")) || str_starts(workbook, STR("ppt/"));
    if (other || !str_ends(workbook, STR(".xml")) || !holds(r->p, workbook.p)) return not_a_workbook(r->p, e);
    TRY(read_relations(r, workbook, e));
    TRY(read_part(r, workbook, on_workbook, NULL, NULL, e));
    str styles = related(r, "styles"), shared = related(r, "sharedStrings");
    if (styles.n && holds(r->p, styles.p)) TRY(read_part(r, styles, style_start, style_end, NULL, e));
    if (shared.n && holds(r->p, shared.p)) TRY(read_part(r, shared, shared_start, shared_end, shared_text, e));
    r->p->hidden = arena_str(&r->p->text, buf_str(&r->hidden));
    return true;
}

bool parts_open(workbook_parts *p, const source *in, err *e) {
    *p = (workbook_parts){0};
    arena_init(&p->text, NAMES_ROOM);
    TRY(open_archive(p, in, e));
    reading *r = calloc(1, sizeof *r);
    p->sheet = calloc(LIMIT_SHEETS, sizeof *p->sheet);
    ASSERT(r != NULL && p->sheet != NULL);
    r->p = p;
    bool ok = read_all(r, e);
    buf_free(&r->text);
    buf_free(&r->hidden);
    free(r->formats);
    free(r);
    return ok;
}

void parts_close(workbook_parts *p) {
    if (p->zip) zip_discard(p->zip);
    arena_free(&p->text);
    shared_texts_free(&p->shared);
    free(p->sheet);
    free(p->style);
    *p = (workbook_parts){0};
}
