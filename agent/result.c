#include "agent/result.h"

#include "base/csv_put.h"

#include <inttypes.h>
#include <stdlib.h>

void result_init(result *r) {
    *r = (result){0};
    arena_init(&r->text, SIZE_MAX);
}

void result_auto(result *r) {
    free(r->problem);
    arena_free(&r->text);
}

static void keep(void *arg, const problem *p) {
    result *r = arg;
    if (r->problems == LIMIT_SKIPPED) return;
    if (r->problems == r->problem_cap) {
        r->problem_cap = r->problem_cap ? 2 * r->problem_cap : 16;
        r->problem = realloc(r->problem, r->problem_cap * sizeof *r->problem);
        ASSERT(r->problem != NULL);
    }
    r->problem[r->problems++] = (problem){.file = arena_str(&r->text, p->file),
                                          .sheet = p->sheet,
                                          .row = p->row,
                                          .column = arena_str(&r->text, p->column),
                                          .found = arena_str(&r->text, p->found),
                                          .wanted = arena_str(&r->text, p->wanted),
                                          .hint = arena_str(&r->text, p->hint)};
}

bool result_add(result *r, spool *s, const upload *u, err *e) {
    upload_sum sum;
    TRY(spool_sum(s, u, &sum, keep, r, e));
    r->documents += u->documents;
    r->lines += u->lines + u->refused;
    r->committed += sum.committed;
    r->duplicate += sum.duplicate;
    r->superseded += sum.superseded;
    r->quarantined += sum.quarantined;
    r->refused += sum.refused;
    r->problem_total += sum.problems;
    return true;
}

void result_add_failure(result *r, const char *file, const err *why) {
    problem p = {.file = str_of(file),
                 .found = str_of(why->text),
                 .wanted = STR("a file that can be read"),
                 .hint = STR("channel-agent check FILE shows how it is read")};
    keep(r, &p);
    r->problem_total++;
}

static void json_text(json *j, const char *key, str s) {
    json_key(j, key);
    if (s.n) json_str(j, s);
    else
        json_none(j);
}

void result_json(json *j, const result *r) {
    const struct {
        const char *key;
        uint64_t v;
    } sums[] = {{"files", r->files},
                {"documents", r->documents},
                {"lines", r->lines},
                {"committed", r->committed},
                {"duplicate", r->duplicate},
                {"superseded", r->superseded},
                {"quarantined", r->quarantined},
                {"refused", r->refused}};
    json_open_object(j);
    for (size_t i = 0; i < ARRAY_LEN(sums); i++) {
        json_key(j, sums[i].key);
        json_uint(j, sums[i].v);
    }
    json_key(j, "problems");
    json_open_array(j);
    for (size_t i = 0; i < r->problems; i++) {
        const problem *p = &r->problem[i];
        json_open_object(j);
        json_text(j, "file", p->file);
        json_key(j, "row");
        if (p->row) json_uint(j, p->row);
        else
            json_none(j);
        if (p->sheet) {
            json_key(j, "sheet");
            json_uint(j, p->sheet);
        }
        json_text(j, "column", p->column);
        json_text(j, "found", p->found);
        json_text(j, "wanted", p->wanted);
        json_text(j, "hint", p->hint);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
}

static void problem_text(buf *out, const problem *p) {
    buf_addz(out, "  ");
    buf_add(out, p->file);
    if (p->sheet) buf_printf(out, ", sheet %u", p->sheet);
    if (p->row) buf_printf(out, ", row %" PRIu64, p->row);
    if (p->column.n) buf_printf(out, ", column %.*s", STR_ARG(p->column));
    buf_printf(out, ": found '%.*s'", STR_ARG(p->found));
    if (p->wanted.n) buf_printf(out, ", wanted %.*s", STR_ARG(p->wanted));
    if (p->hint.n) buf_printf(out, " — %.*s", STR_ARG(p->hint));
    buf_byte(out, '\n');
}

void result_problems_text(buf *out, const result *r, size_t most) {
    size_t shown = r->problems < most ? r->problems : most;
    for (size_t i = 0; i < shown; i++) problem_text(out, &r->problem[i]);
    if (r->problem_total > shown) buf_printf(out, "  … %" PRIu64 " more problems\n", r->problem_total - shown);
}

void result_text(buf *out, const result *r, size_t most) {
    buf_printf(out,
               "%" PRIu64 " file%s, %" PRIu64 " documents, %" PRIu64 " lines: %" PRIu64 " committed, %" PRIu64
               " duplicate, %" PRIu64 " in quarantine, %" PRIu64 " refused",
               r->files, r->files == 1 ? "" : "s", r->documents, r->lines, r->committed, r->duplicate, r->quarantined,
               r->refused);
    if (r->superseded) buf_printf(out, " (%" PRIu64 " earlier lines superseded)", r->superseded);
    buf_byte(out, '\n');
    result_problems_text(out, r, most);
    if (r->quarantined)
        buf_addz(out, "next: quarantined rows are safe at the centre and post themselves once it knows the word; "
                      "nothing needs to be sent again\n");
    if (r->refused)
        buf_addz(out, "next: mend the refused rows in the file and push it again; the others are not counted twice\n");
}

void result_csv(buf *out, const result *r) {
    buf_addz(out, "\xEF\xBB\xBF"
                  "file,sheet,row,column,found,wanted,hint\r\n");
    for (size_t i = 0; i < r->problems; i++) {
        const problem *p = &r->problem[i];
        csv_put(out, p->file);
        buf_byte(out, ',');
        if (p->sheet) buf_printf(out, "%u", p->sheet);
        buf_byte(out, ',');
        if (p->row) buf_printf(out, "%" PRIu64, p->row);
        const str rest[] = {p->column, p->found, p->wanted, p->hint};
        for (size_t k = 0; k < ARRAY_LEN(rest); k++) {
            buf_byte(out, ',');
            csv_put(out, rest[k]);
        }
        buf_addz(out, "\r\n");
    }
}
