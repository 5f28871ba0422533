#include "daemon/insight/todo.h"

#include <stdlib.h>

enum { SOON_DAYS = 2 };

const todo_fact todo_facts[TODO_KIND_COUNT] = {
#define X(kind, name, roles, days, command, en, zh) [kind] = {name, roles, days, command, en, zh},
    TODO_KINDS(X)
#undef X
};

bool todo_is_for(todo_kind k, uint32_t role) {
    uint32_t roles = todo_facts[k].roles;
    return role == TODO_ADMIN ? (roles & ~(uint32_t)TODO_PARTNER) != 0 : (roles & role) != 0;
}

void todo_init(todo *t) {
    for (todo_kind k = 0; k < TODO_KIND_COUNT; k++)
        t->row[k] = (todo_row){.kind = k, .oldest = DAY_MAX, .due = DAY_MAX, .urgent = DAY_MAX, .amount = NUM_NONE};
}

void todo_add(todo *t, todo_kind k, uint64_t count, day_t since, day_t due, int64_t amount) {
    todo_row *r = &t->row[k];
    day_t urgent = due != DAY_MAX ? due : since != DAY_MAX ? since + todo_facts[k].days : DAY_MAX;
    r->count += count;
    if (since < r->oldest) r->oldest = since;
    if (due < r->due) r->due = due;
    if (urgent < r->urgent) r->urgent = urgent;
    if (amount == NUM_NONE) return;
    if (r->amount == NUM_NONE) r->amount = 0;
    if (!add_i64(r->amount, amount, &r->amount)) r->amount = amount < 0 ? -INT64_MAX : INT64_MAX;
}

static int by_urgency(const void *x, const void *y) {
    const todo_row *a = *(const todo_row *const *)x, *b = *(const todo_row *const *)y;
    if (a->urgent != b->urgent) return a->urgent < b->urgent ? -1 : 1;
    return (a->kind > b->kind) - (a->kind < b->kind);
}

size_t todo_sorted(const todo *t, const todo_row *out[static TODO_KIND_COUNT]) {
    size_t n = 0;
    for (todo_kind k = 0; k < TODO_KIND_COUNT; k++)
        if (t->row[k].count) out[n++] = &t->row[k];
    qsort(out, n, sizeof *out, by_urgency);
    return n;
}

const char *todo_urgency(const todo_row *r, day_t today) {
    if (r->urgent < today) return "overdue";
    if (r->urgent == today) return "today";
    return r->urgent <= today + SOON_DAYS ? "soon" : "open";
}
