/* Entries of codes, applied: lists of codes, and codes made void or locked. */
#include "daemon/trace/codes_put.h"
#include "proto/kinds.h"
#include "proto/limits.h"

enum { WRITER_BYTES = 64 * 1024 * 1024 };

/* The columns of a list of codes, checked. */
typedef struct code_list {
    const Entry__Codes *m;
    code_key *parent; /* of m->container */
    size_t parents;
} code_list;

static bool read_containers(code_list *l, arena *a, err *e) {
    reader r = reader_of(str_from(l->m->container.data, l->m->container.len));
    size_t cap = 0;
    while (!reader_done(&r)) {
        l->parent = arena_grown(a, l->parent, l->parents, &cap, sizeof *l->parent);
        if (!code_key_of(read_text(&r), &l->parent[l->parents++])) return err_set(e, ERR_DATA, "codes: no container");
    }
    return true;
}

static bool columns_ok(const code_list *l, err *e) {
    const Entry__Codes *m = l->m;
    size_t n = m->n_parent;
    if (m->n_to != n || m->n_sku != n || m->n_batch != n || n == 0 || m->n_text == 0 || m->text[0][0])
        return err_set(e, ERR_DATA, "codes: columns of different lengths");
    for (size_t i = 0; i < n; i++)
        if (m->parent[i] > l->parents || m->sku[i] >= m->n_text || m->batch[i] >= m->n_text)
            return err_set(e, ERR_DATA, "codes: row %zu names what is not there", i + 1);
    for (size_t i = 0; i < m->n_text; i++)
        if (strlen(m->text[i]) > LIMIT_ID) return err_set(e, ERR_DATA, "codes: a sku or batch is too long");
    return true;
}

static void count(apply_result *r, code_change did) {
    switch (did) {
    case CODE_NEW: r->number++; return;
    case CODE_CHANGED: r->committed++; return;
    case CODE_SAME: r->duplicate++; return;
    case CODE_REFUSED: r->refused++; return;
    }
}

static void say_row(code_writer *w, const code_list *l, size_t i, const code_key *k, const entry *en, apply_result *r) {
    const Entry__Codes *m = l->m;
    code_word said = {.dated = m->at_ms != 0, .since = m->at_ms, .now = en->time_ms};
    said.class_no = code_writer_class(w, str_of(m->text[m->sku[i]]), str_of(m->text[m->batch[i]]));
    if (m->parent[i]) {
        const code_key *in = &l->parent[m->parent[i] - 1];
        if (str_eq(code_str(in), code_str(k))) return count(r, CODE_REFUSED); /* in itself */
        said.parent = code_writer_container(w, in);
    }
    count(r, m->to[i] ? code_writer_say_range(w, k, m->to[i] - 1, &said) : code_writer_say(w, k, &said));
}

bool trace_codes(txn *t, const entry *en, const Entry__Codes *m, apply_result *r, err *e) {
    AUTO(arena) a = {0};
    AUTO(code_writer) w = {0};
    code_list l = {.m = m};
    size_t i = 0;
    arena_init(&a, WRITER_BYTES);
    code_writer_begin(&w, t, &a);
    TRY(read_containers(&l, &a, e) && columns_ok(&l, e));
    reader codes = reader_of(str_from(m->code.data, m->code.len)), again = codes;
    for (; !reader_done(&codes); i++) {
        code_key k;
        size_t prefix;
        uint64_t from;
        if (i == m->n_parent || !code_key_of(read_text(&codes), &k))
            return err_set(e, ERR_DATA, "codes: row %zu is no code", i + 1);
        if (m->to[i] && (!code_series(&k, &prefix, &from) || m->to[i] <= from))
            return err_set(e, ERR_DATA, "codes: row %zu is no range", i + 1);
    }
    if (i != m->n_parent) return err_set(e, ERR_DATA, "codes: columns of different lengths");
    for (i = 0; i < m->n_parent; i++) {
        code_key k;
        ASSERT(code_key_of(read_text(&again), &k));
        say_row(&w, &l, i, &k, en, r);
    }
    code_writer_flush(&w);
    return txn_ok(t, e);
}

bool trace_code_state(txn *t, const entry *en, const Entry__CodeState *m, apply_result *r, err *e) {
    AUTO(arena) a = {0};
    AUTO(code_writer) w = {0};
    code_key k;
    code_state s = {.act = (code_act)m->act,
                    .time_ms = en->time_ms,
                    .ref = en->seq,
                    .reason = str_of(m->reason),
                    .actor = en->actor};
    arena_init(&a, WRITER_BYTES);
    code_writer_begin(&w, t, &a);
    if (m->act < CODE_ACT_VOID || m->act > CODE_ACT_RESTORE) return err_set(e, ERR_DATA, "codes: no such act");
    for (reader c = reader_of(str_from(m->code.data, m->code.len)); !reader_done(&c);)
        if (!code_key_of(read_text(&c), &k)) return err_set(e, ERR_DATA, "codes: one cannot be read");
    for (reader c = reader_of(str_from(m->code.data, m->code.len)); !reader_done(&c); r->number++) {
        (void)code_key_of(read_text(&c), &k);
        code_writer_state(&w, &k, &s);
    }
    code_writer_flush(&w);
    return txn_ok(t, e);
}
