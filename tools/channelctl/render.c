#include "tools/channelctl/render.h"

#include <errno.h>
#include <stdlib.h>

extern const render_form table_form, json_form, csv_form, xlsx_form;

static const render_form *const forms[] = {
    [RENDER_TABLE] = &table_form,
    [RENDER_JSON] = &json_form,
    [RENDER_CSV] = &csv_form,
    [RENDER_XLSX] = &xlsx_form,
};

bool render_parse(str name, render_as *out) {
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (str_is(name, forms[i]->name)) {
            *out = (render_as)i;
            return true;
        }
    return false;
}

bool render_begin(render *r, render_as as, const call_out *head, const char *file, err *e) {
    *r = (render){.out = stdout, .form = head->form, .columns = head->columns, .as = forms[as]};
    for (size_t i = 0; i < r->columns; i++) r->column[i] = strdup(head->column[i].p);
    if (file != NULL) r->out = fopen(file, "wb");
    if (r->out == NULL) return err_set(e, ERR_INTERNAL, "%s: %s", file, strerror(errno));
    if (r->as->begin(r)) return true;
    *e = r->why;
    return false;
}

bool render_rows(render *r, str bytes, err *e) {
    str line;
    buf_add(&r->rest, bytes);
    str rest = buf_str(&r->rest);
    for (size_t end; (end = str_find(rest, STR("\n"))) != SIZE_MAX; rest = str_skip(rest, end + 1)) {
        line = str_take(rest, end);
        if (!r->as->row(r, line)) {
            *e = r->why;
            return false;
        }
        r->rows++;
    }
    size_t left = rest.n;
    if (left) memmove(r->rest.p, r->rest.p + (r->rest.n - left), left);
    r->rest.n = left;
    return true;
}

bool render_end(render *r, err *e) {
    bool ok = r->as->end(r);
    if (ok && (fflush(r->out) != 0 || ferror(r->out)))
        ok = err_set(&r->why, ERR_INTERNAL, "cannot write: %s", strerror(errno));
    if (r->out != stdout && fclose(r->out) != 0 && ok)
        ok = err_set(&r->why, ERR_INTERNAL, "cannot write: %s", strerror(errno));
    for (size_t i = 0; i < r->columns; i++) free((void *)(uintptr_t)r->column[i]);
    buf_free(&r->rest);
    if (!ok) *e = r->why;
    return ok;
}

void render_note(str text) {
    if (text.n) (void)fprintf(stderr, "%.*s\n", STR_ARG(text));
}

void render_message(render_as as, const char *text) {
    if (as != RENDER_JSON) {
        if (text[0]) (void)puts(text);
        return;
    }
    AUTO(buf) out = {0};
    json j = json_into(&out);
    json_open_object(&j);
    json_key(&j, "message");
    json_z(&j, text);
    json_end_object(&j);
    (void)puts(buf_z(&out));
}

json_t *render_row(render *r, str line) {
    json_error_t why;
    json_t *row = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, &why);
    if (row == NULL || !json_is_object(row)) {
        err_set(&r->why, ERR_INTERNAL, "a row of the answer cannot be read: %s", row ? "no object" : why.text);
        json_decref(row);
        return NULL;
    }
    return row;
}
