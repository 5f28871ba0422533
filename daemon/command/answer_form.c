#include "daemon/command/answer_form.h"

#include "base/csv_put.h"

static void put_members(const json_t *object, buf *out) {
    const char *key;
    json_t *v;
    bool first = true;
    json_object_foreach((json_t *)(uintptr_t)object, key, v) {
        if (!first) buf_byte(out, ' ');
        first = false;
        buf_printf(out, "%s=", key);
        answer_cell(v, out);
    }
}

void answer_cell(const json_t *v, buf *out) {
    switch (json_typeof(v)) {
    case JSON_STRING: buf_add(out, str_from(json_string_value(v), json_string_length(v))); break;
    case JSON_INTEGER: buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(v)); break;
    case JSON_REAL: buf_printf(out, "%.12g", json_real_value(v)); break;
    case JSON_TRUE: buf_addz(out, "true"); break;
    case JSON_FALSE: buf_addz(out, "false"); break;
    case JSON_NULL: break;
    case JSON_OBJECT: put_members(v, out); break;
    case JSON_ARRAY:
        for (size_t i = 0; i < json_array_size(v); i++) {
            if (i) buf_addz(out, "; ");
            answer_cell(json_array_get(v, i), out);
        }
        break;
    }
}

bool answer_is_figure(const char *column) {
    static const char *const figures[] = {
        "quantity", "amount", "price",     "unit_price", "list_price",   "floor_price",   "tax_rate",    "discount",
        "factor",   "lines",  "documents", "committed",  "duplicate",    "superseded",    "quarantined", "refused",
        "entries",  "value",  "count",     "waiting",    "lag_s",        "rows",          "series",      "smape",
        "mase",     "rmsse",  "pinball",   "bias",       "safety_stock", "reorder_point", "order_up_to", "position"};
    for (size_t i = 0; i < ARRAY_LEN(figures); i++)
        if (strcmp(column, figures[i]) == 0) return true;
    return false;
}

void answer_csv_head(const char *const *columns, size_t n, buf *out) {
    for (size_t i = 0; i < n; i++) {
        if (i) buf_byte(out, ',');
        csv_put(out, str_of(columns[i]));
    }
    buf_addz(out, "\r\n");
}

static void add(const json_t *v, bool first, buf *out) {
    AUTO(buf) cell = {0};
    if (v) answer_cell(v, &cell);
    if (!first) buf_byte(out, ',');
    csv_put(out, buf_str(&cell));
}

void answer_csv_row(const json_t *row, const char *const *columns, size_t n, buf *out) {
    for (size_t i = 0; i < n; i++) add(json_object_get(row, columns[i]), i == 0, out);
    buf_addz(out, "\r\n");
}

void answer_csv_show(const json_t *object, buf *out) {
    AUTO(buf) values = {0};
    const char *key;
    json_t *v;
    bool first = true;
    json_object_foreach((json_t *)(uintptr_t)object, key, v) {
        if (json_is_array(v) || json_is_object(v)) continue;
        if (!first) buf_byte(out, ',');
        csv_put(out, str_of(key));
        add(v, first, &values);
        first = false;
    }
    buf_addz(out, "\r\n");
    buf_add(out, buf_str(&values));
    buf_addz(out, "\r\n");
}
