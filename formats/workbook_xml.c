#include "formats/workbook_parts.h"

const char *part_name(const char *qualified) {
    const char *colon = strrchr(qualified, ':');
    return colon ? colon + 1 : qualified;
}

const char *part_attribute(const char **attributes, const char *name) {
    for (; attributes[0]; attributes += 2)
        if (strcmp(part_name(attributes[0]), name) == 0) return attributes[1];
    return NULL;
}

void part_refuse(part_user *user, const char *why) {
    if (user->refused == NULL) user->refused = why;
    (void)XML_StopParser(user->parser, XML_FALSE);
}

static void XMLCALL refuse_dtd(void *user, const char *name, const char *system, const char *public, int subset) {
    (void)name, (void)system, (void)public, (void)subset;
    part_refuse(user, "holds a DTD, which no spreadsheet writes; it is refused: save the file in Excel or WPS again");
}

void part_parser(part_user *user) {
    user->parser = XML_ParserCreate(NULL);
    ASSERT(user->parser != NULL);
    user->refused = NULL;
    XML_SetUserData(user->parser, user);
    XML_SetStartDoctypeDeclHandler(user->parser, refuse_dtd);
}

void part_parser_free(part_user *user) {
    if (user->parser) XML_ParserFree(user->parser);
    user->parser = NULL;
}

bool part_failed(const part_user *user, str path, err *e) {
    if (user->refused) return err_set(e, ERR_DATA, "%.*s %s", STR_ARG(path), user->refused);
    return err_set(e, ERR_DATA, "%.*s line %lu: %s; the workbook is damaged: save it again", STR_ARG(path),
                   (unsigned long)XML_GetCurrentLineNumber(user->parser),
                   XML_ErrorString(XML_GetErrorCode(user->parser)));
}

bool part_open(workbook_parts *p, str path, zip_file_t **out, err *e) {
    char name[512];
    *out = path.n < sizeof name ? zip_fopen(p->zip, str_copy_z(path, name, sizeof name), ZIP_FL_NOCASE) : NULL;
    if (*out) return true;
    int code = zip_error_code_zip(zip_get_error(p->zip));
    if (code == ZIP_ER_NOPASSWD || code == ZIP_ER_ENCRNOTSUPP)
        return err_set(e, ERR_DATA, "the archive is protected by a password; save it without one");
    if (code == ZIP_ER_NOENT)
        return err_set(e, ERR_DATA, "no %.*s inside; the workbook is damaged: save it again", STR_ARG(path));
    return err_set(e, ERR_DATA, "%.*s cannot be unpacked (%s); save the workbook again", STR_ARG(path),
                   zip_strerror(p->zip));
}

bool part_read(workbook_parts *p, str path, zip_file_t *file, void *to, size_t *n, err *e) {
    zip_int64_t got = zip_fread(file, to, PART_CHUNK);
    if (got < 0)
        return err_set(e, ERR_DATA, "%.*s cannot be unpacked (%s); the file is cut off or damaged: send it again",
                       STR_ARG(path), zip_file_strerror(file));
    *n = (size_t)got;
    p->inflated += *n;
    return p->inflated <= (uint64_t)LIMIT_WORKBOOK_MIB << 20 ||
           err_set(e, ERR_DATA, "unpacks to more than %d MiB; save it as CSV or split it", LIMIT_WORKBOOK_MIB);
}

static bool parse_file(workbook_parts *p, str path, zip_file_t *file, part_user *user, err *e) {
    for (size_t n = 1; n > 0;) {
        void *chunk = XML_GetBuffer(user->parser, PART_CHUNK);
        ASSERT(chunk != NULL);
        TRY(part_read(p, path, file, chunk, &n, e));
        if (XML_ParseBuffer(user->parser, (int)n, n == 0) != XML_STATUS_OK) return part_failed(user, path, e);
    }
    return true;
}

bool part_parse(workbook_parts *p, str path, part_user *user, err *e) {
    zip_file_t *file;
    TRY(part_open(p, path, &file, e));
    bool ok = parse_file(p, path, file, user, e);
    (void)zip_fclose(file);
    return ok;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "_x000D_" at s: its value, -1 when it is none. */
static int escape_at(str s) {
    if (s.n < 7 || s.p[0] != '_' || s.p[1] != 'x' || s.p[6] != '_') return -1;
    int v = 0;
    for (size_t k = 2; k < 6; k++) {
        int d = hex_digit(s.p[k]);
        if (d < 0) return -1;
        v = v * 16 + d;
    }
    return v;
}

/* Only control characters and the mark itself are written so; a control character ends as a blank. */
size_t part_unescape(char *text, size_t n) {
    size_t to = 0;
    for (size_t i = 0; i < n;) {
        int v = escape_at(str_from(text + i, n - i));
        bool escape = v >= 0 && v < 0x80;
        text[to++] = !escape ? text[i] : v < 0x20 ? ' ' : (char)v;
        i += escape ? 7 : 1;
    }
    return to;
}
