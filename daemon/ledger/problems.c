#include "daemon/ledger/problems.h"

#include "proto/wire.pb-c.h"
#include <stdarg.h>
#include <stdio.h>

/* Whole letters only: the text goes over the wire as UTF-8. */
static char *kept(arena *a, str s) {
    str cut = str_take(s, LIMIT_TEXT);
    while (cut.n && cut.n < s.n && ((unsigned char)s.p[cut.n] & 0xc0) == 0x80) cut.n--;
    str copy = arena_str(a, cut.p ? cut : STR(""));
    ASSERT(copy.p != NULL);
    return (char *)(uintptr_t)copy.p;
}

void problem_at(apply_result *r, const batch *b, uint32_t row, const char *column, str found, const char *wanted,
                const char *hint, ...) {
    char text[2 * LIMIT_TEXT];
    va_list ap;
    if (r->problem_count++ >= LIMIT_PROBLEMS) return;
    va_start(ap, hint);
    (void)vsnprintf(text, sizeof text, hint, ap);
    va_end(ap);
    if (r->problems_kept == 0) r->problems = ARENA_NEW(r->a, struct Wire__Problem *, LIMIT_PROBLEMS);
    Wire__Problem *p = arena_alloc(r->a, sizeof *p);
    ASSERT(r->problems != NULL && p != NULL);
    wire__problem__init(p);
    if (b && row != NO_ROW) {
        int64_t at = column_number(b->line_number[N_ROW], row), sheet = column_number(b->line_number[N_SHEET], row);
        p->row = at == NUM_NONE ? 0 : (uint64_t)at;
        p->sheet = sheet == NUM_NONE ? 0 : (uint32_t)sheet;
    }
    p->column = kept(r->a, str_of(column));
    p->found = kept(r->a, found);
    p->wanted = kept(r->a, str_of(wanted));
    p->hint = kept(r->a, str_of(text));
    r->problems[r->problems_kept++] = p;
}

void problem_wait(apply_result *r, const batch *b, uint32_t row, uint8_t reason) {
    int64_t at = column_number(b->line_number[N_ROW], row), sheet = column_number(b->line_number[N_SHEET], row);
    if (at == NUM_NONE || r->waits_kept == LIMIT_BATCH_LINES) return;
    if (r->waits_kept == 0) r->waits = ARENA_NEW(r->a, struct wait_row, LIMIT_BATCH_LINES);
    ASSERT(r->waits != NULL);
    r->waits[r->waits_kept++] = (struct wait_row){(uint64_t)at, sheet == NUM_NONE ? 0 : (uint32_t)sheet, reason};
}
