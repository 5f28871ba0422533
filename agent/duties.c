#include "agent/duties.h"

#include <inttypes.h>
#include <jansson.h>

bool duties_ask(const home *h, asked *out) {
    static const char *const words[] = {"report", "status"};
    err e;
    return ask(h, words, ARRAY_LEN(words), DUTIES_TIMEOUT_MS, out, &e) && out->form == ASKED_LIST;
}

static const char *text_at(const json_t *row, const char *name) {
    const char *s = json_string_value(json_object_get(row, name));
    return s ? s : "";
}

typedef void (*duty_fn)(void *arg, const json_t *row);

/* Rows of a state; of what is not due yet only those that come first. */
static void each(const asked *a, const char *state, bool first_due, duty_fn fn, void *arg) {
    char due[11] = "";
    for (int pass = first_due ? 0 : 1; pass < 2; pass++)
        for (str rest = buf_str(&a->rows), line; asked_row(&rest, &line);) {
            json_t *row = json_loadb(line.p, line.n, 0, NULL);
            const char *at = text_at(row, "due");
            if (strcmp(text_at(row, "state"), state) == 0) {
                if (pass == 0 && (due[0] == '\0' || strcmp(at, due) < 0)) (void)str_copy_z(str_of(at), due, sizeof due);
                if (pass == 1 && (!first_due || strcmp(at, due) == 0)) fn(arg, row);
            }
            json_decref(row);
        }
}

static void put_object(void *arg, const json_t *row) {
    json *j = arg;
    json_open_object(j);
    for (size_t i = 0; i < 3; i++) {
        static const char *const names[] = {"type", "period", "due"};
        json_key(j, names[i]), json_z(j, text_at(row, names[i]));
    }
    json_key(j, "days_late"), json_int(j, json_integer_value(json_object_get(row, "days_late")));
    json_end_object(j);
}

static void put_list(json *j, const char *name, const asked *a, bool known, const char *state, bool first_due) {
    json_key(j, name);
    if (!known) {
        json_none(j);
        return;
    }
    json_open_array(j);
    each(a, state, first_due, put_object, j);
    json_end_array(j);
}

void duties_json(json *j, const asked *a, bool known) {
    put_list(j, "missing", a, known, "missing", false);
    put_list(j, "due_next", a, known, "not_due", true);
}

static void put_missing(void *arg, const json_t *row) {
    buf_printf(arg, "%-16s%s of %s, due %s (%" PRId64 " days ago)\n", "missing", text_at(row, "type"),
               text_at(row, "period"), text_at(row, "due"),
               (int64_t)json_integer_value(json_object_get(row, "days_late")));
}

static void put_next(void *arg, const json_t *row) {
    buf_printf(arg, "%-16s%s of %s by %s\n", "due next", text_at(row, "type"), text_at(row, "period"),
               text_at(row, "due"));
}

void duties_text(buf *out, const asked *a, bool known) {
    if (!known) return;
    each(a, "missing", false, put_missing, out);
    each(a, "not_due", true, put_next, out);
}
