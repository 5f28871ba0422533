#include "formats/formats.h"

#include "base/csv_put.h"

/* ---- JSON ---- */

static void skipped_json(json *j, const docset *s) {
    json_key(j, "skipped");
    json_open_array(j);
    for (size_t i = 0; i < s->skipped_count; i++) {
        json_open_object(j);
        if (s->skipped[i].sheet) json_key(j, "sheet"), json_uint(j, s->skipped[i].sheet);
        json_key(j, "row");
        json_uint(j, s->skipped[i].row);
        json_key(j, "why");
        json_str(j, s->skipped[i].why);
        json_end_object(j);
    }
    json_end_array(j);
}

static void text_json(json *j, const char *key, str v) {
    json_key(j, key);
    json_str(j, v);
}

static void problems_json(json *j, const docset *s) {
    json_key(j, "problems");
    json_open_array(j);
    for (size_t i = 0; i < s->problem_count; i++) {
        const problem *p = &s->problems[i];
        json_open_object(j);
        text_json(j, "file", p->file);
        if (p->sheet) json_key(j, "sheet"), json_uint(j, p->sheet);
        json_key(j, "row");
        json_uint(j, p->row);
        text_json(j, "column", p->column);
        text_json(j, "found", p->found);
        text_json(j, "wanted", p->wanted);
        text_json(j, "hint", p->hint);
        json_end_object(j);
    }
    json_end_array(j);
}

void formats_try_json(json *j, const docset *s) {
    json_open_object(j);
    text_json(j, "charset", s->charset);
    text_json(j, "dialect", s->dialect);
    text_json(j, "mapping", s->mapping);
    json_key(j, "documents");
    json_open_array(j);
    for (size_t d = 0; d < s->docs; d++) docset_json(j, s, d);
    json_end_array(j);
    skipped_json(j, s);
    problems_json(j, s);
    json_key(j, "skipped_total");
    json_uint(j, s->skipped_total);
    json_key(j, "problems_total");
    json_uint(j, s->problems_total);
    json_key(j, "refused");
    json_uint(j, s->refused);
    json_end_object(j);
}

/* ---- CSV ---- */

static const field csv_columns[] = {
    FIELD_D_PARTNER,       FIELD_D_TYPE,
    FIELD_D_NUMBER,        FIELD_T_LINE,
    FIELD_N_DATE,          FIELD_T_SKU,
    FIELD_N_QUANTITY,      FIELD_T_UNIT,
    FIELD_N_UNIT_PRICE,    FIELD_N_AMOUNT,
    FIELD_T_CURRENCY,      FIELD_T_CUSTOMER,
    FIELD_T_PLACE,         FIELD_T_SHIP_TO,
    FIELD_T_COUNTERPARTY,  FIELD_T_REFERENCE,
    FIELD_T_BATCH,         FIELD_T_CODES,
    FIELD_D_VERSION,       FIELD_T_COMPANY,
    FIELD_T_GIFT,          FIELD_T_REASON,
    FIELD_N_TAX_RATE,      FIELD_T_TAX_BASIS,
    FIELD_N_DISCOUNT,      FIELD_T_CHANNEL,
    FIELD_D_STREAM,        FIELD_T_NAME,
    FIELD_T_SPEC,          FIELD_T_CUSTOMER_NAME,
    FIELD_T_CUSTOMER_KIND, FIELD_T_CUSTOMER_REGION,
    FIELD_T_PHONE,         FIELD_T_PAID_BY_REBATE,
};
_Static_assert(ARRAY_LEN(csv_columns) == FIELD_COUNT - 3,
               "every field but row, sheet and brand is a column of the canonical CSV");

static void csv_field(buf *out, const docset *s, const doc_head *h, const doc_line *line, field f) {
    if (f == FIELD_N_DATE) {
        day_put(out, line ? (day_t)line->number[N_DATE] : h->date);
    } else if (!field_is_line_text(f) && !field_is_number(f)) {
        csv_put(out, words_get(&s->words, h->text[field_doc_text(f)]));
    } else if (line && field_is_line_text(f)) {
        csv_put(out, words_get(&s->words, line->text[f]));
    } else if (line && line->number[field_number(f)] != NUM_NONE) {
        dec_put(out, line->number[field_number(f)], (unsigned)line_number_facts[field_number(f)].scale, 0);
    }
}

static void csv_row(buf *out, const docset *s, const doc_head *h, const doc_line *line) {
    for (size_t i = 0; i < ARRAY_LEN(csv_columns); i++) {
        if (i) buf_byte(out, ',');
        csv_field(out, s, h, line, csv_columns[i]);
    }
    buf_byte(out, '\n');
}

void formats_try_csv(buf *out, const docset *s) {
    for (size_t i = 0; i < ARRAY_LEN(csv_columns); i++)
        buf_printf(out, "%s%s", i ? "," : "", field_name(csv_columns[i]));
    buf_byte(out, '\n');
    for (size_t d = 0, line = 0; d < s->docs; d++) {
        if (s->doc[d].lines == 0) csv_row(out, s, &s->doc[d], NULL);
        for (size_t i = 0; i < s->doc[d].lines; i++) {
            doc_line l = docset_at(s, line++);
            csv_row(out, s, &s->doc[d], &l);
        }
    }
}
