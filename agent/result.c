#include "agent/result.h"

#include "agent/held.h"
#include "base/csv_put.h"
#include "formats/clerk.h"

#include <inttypes.h>
#include <stdlib.h>

void result_init(result *r) {
    *r = (result){0};
    arena_init(&r->text, SIZE_MAX);
}

void result_auto(result *r) {
    free(r->problem);
    free(r->doubt);
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

static void keep_reversed(void *arg, const Wire__Receipt *w) {
    result *r = arg;
    for (size_t i = 0; i < w->n_reversed && r->reversed_kept < LIMIT_REVERSED_SHOWN; i++) {
        const Wire__Reversed *from = w->reversed[i];
        r->reversed[r->reversed_kept++] =
            (struct result_reversed){arena_str(&r->text, str_of(from->type)), arena_str(&r->text, str_of(from->number)),
                                     arena_str(&r->text, str_of(from->place)), from->date, from->lines};
    }
}

bool result_add(result *r, spool *s, const upload *u, err *e) {
    upload_sum sum;
    TRY(spool_sum(s, u, &sum, keep, r, e));
    if (sum.reversed_documents) TRY(spool_receipts(s, u, keep_reversed, r, e));
    r->reversed_documents += sum.reversed_documents;
    r->reversed_lines += sum.reversed_lines;
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
    char room[2048];
    bool mapping = why->code == ERR_CONFIG;
    problem p = {.file = str_of(file),
                 .found = clerk_text(r->zh, str_of(why->text), room, sizeof room),
                 .wanted = mapping ? STR("a mapping that can be read") : STR("a file that can be read"),
                 .hint = mapping ? STR("correct the mapping; the file is as it was")
                                 : STR("channel-agent check FILE shows how it is read")};
    keep(r, &p);
    r->problem_total++;
}

static void json_text(json *j, const char *key, str s) {
    json_key(j, key);
    if (s.n) json_str(j, s);
    else
        json_none(j);
}

void result_add_doubts(result *r, const char *file, const doubts *found) {
    str name = arena_str(&r->text, str_of(file));
    r->doubt_total += found->total;
    for (size_t i = 0; i < found->n; i++) {
        if (r->doubts == r->doubt_cap) {
            r->doubt_cap = r->doubt_cap ? 2 * r->doubt_cap : 16;
            r->doubt = reallocarray(r->doubt, r->doubt_cap, sizeof *r->doubt);
            ASSERT(r->doubt != NULL);
        }
        doubt d = found->one[i];
        d.column = arena_str(&r->text, d.column);
        d.found = arena_str(&r->text, d.found);
        d.usual = arena_str(&r->text, d.usual);
        r->doubt[r->doubts++] = (struct result_doubt){name, d};
    }
}

static void json_row(json *j, uint64_t row) {
    json_key(j, "row");
    if (row) json_uint(j, row);
    else
        json_none(j);
}

static void doubts_json(json *j, const result *r) {
    json_key(j, "doubts");
    json_open_array(j);
    for (size_t i = 0; i < r->doubts; i++) {
        char room[1024];
        const doubt *d = &r->doubt[i].d;
        json_open_object(j);
        json_text(j, "file", r->doubt[i].file);
        json_row(j, d->row);
        if (d->sheet) json_key(j, "sheet"), json_uint(j, d->sheet);
        json_text(j, "column", d->column);
        json_text(j, "found", d->found);
        json_text(j, "usual", d->usual);
        json_text(j, "rule", str_of(doubt_rule_name(d->rule)));
        json_text(j, "hint", clerk_text(r->zh, str_of(doubt_rule_hint(d->rule)), room, sizeof room));
        json_end_object(j);
    }
    json_end_array(j);
}

static void reversed_json(json *j, const result *r) {
    json_key(j, "reversed");
    json_open_object(j);
    json_key(j, "documents"), json_uint(j, r->reversed_documents);
    json_key(j, "lines"), json_uint(j, r->reversed_lines);
    json_key(j, "list");
    json_open_array(j);
    for (size_t i = 0; i < r->reversed_kept; i++) {
        AUTO(buf) day = {0};
        day_put(&day, r->reversed[i].date);
        json_open_object(j);
        json_text(j, "type", r->reversed[i].type);
        json_text(j, "number", r->reversed[i].number);
        json_text(j, "place", r->reversed[i].place);
        json_text(j, "date", buf_str(&day));
        json_key(j, "lines"), json_uint(j, r->reversed[i].lines);
        json_end_object(j);
    }
    json_end_array(j);
    json_end_object(j);
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
    json_key(j, "held"), json_uint(j, r->held);
    if (r->reversed_documents) reversed_json(j, r);
    doubts_json(j, r);
    json_key(j, "problems");
    json_open_array(j);
    for (size_t i = 0; i < r->problems; i++) {
        const problem *p = &r->problem[i];
        json_open_object(j);
        json_text(j, "file", p->file);
        json_row(j, p->row);
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

static void problem_text(buf *out, const problem *p, bool zh) {
    char want[1024], what[1024];
    str wanted = clerk_text(zh, p->wanted, want, sizeof want), hint = clerk_text(zh, p->hint, what, sizeof what);
    buf_addz(out, "  ");
    buf_add(out, p->file);
    if (p->sheet) buf_printf(out, zh ? "，第 %u 张表" : ", sheet %u", p->sheet);
    if (p->row) buf_printf(out, zh ? "，第 %" PRIu64 " 行" : ", row %" PRIu64, p->row);
    if (p->column.n) buf_printf(out, zh ? "，%.*s" : ", column %.*s", STR_ARG(clerk_column(zh, p->column)));
    buf_printf(out, zh ? "：写的是“%.*s”" : ": found '%.*s'", STR_ARG(p->found));
    if (wanted.n) buf_printf(out, zh ? "，应该是%.*s" : ", wanted %.*s", STR_ARG(wanted));
    if (hint.n) buf_printf(out, " — %.*s", STR_ARG(hint));
    buf_byte(out, '\n');
}

void result_problems_text(buf *out, const result *r, size_t most) {
    size_t shown = r->problems < most ? r->problems : most;
    for (size_t i = 0; i < shown; i++) problem_text(out, &r->problem[i], r->zh);
    if (r->problem_total > shown)
        buf_printf(out, r->zh ? "  … 还有 %" PRIu64 " 处\n" : "  … %" PRIu64 " more problems\n",
                   r->problem_total - shown);
}

/* One file after the other. */
void result_doubts_text(buf *out, const result *r, size_t most) {
    if (r->doubt_total == 0) return;
    buf_addz(out, r->zh ? "有疑问：\n" : "doubtful:\n");
    for (size_t i = 0; i < r->doubts && i < most; i++) {
        doubts one = {.one = &r->doubt[i].d, .n = 1, .total = 1};
        char file[LIMIT_FILE_NAME + 1];
        doubts_text(out, str_copy_z(r->doubt[i].file, file, sizeof file), &one, 1, r->zh);
    }
    size_t shown = r->doubts < most ? r->doubts : most;
    if (r->doubt_total > shown)
        buf_printf(out, r->zh ? "  … 还有 %" PRIu64 " 处\n" : "  … %" PRIu64 " more doubts\n", r->doubt_total - shown);
    if (r->held)
        buf_addz(out,
                 r->zh ? "没有发出的文件：channel-agent held list；确认：held confirm 文件名；不发：held drop 文件名\n"
                       : "next: a file held is sent by 'channel-agent held confirm FILE', given up by 'held drop "
                         "FILE'; 'held list' shows them\n");
}

static void reversed_text(buf *out, const result *r) {
    buf_printf(out,
               r->zh ? "新文件里没有、已冲销：%" PRIu64 " 张单据，%" PRIu64 " 行\n"
                     : "missing in this file and reversed: %" PRIu64 " documents, %" PRIu64 " lines\n",
               r->reversed_documents, r->reversed_lines);
    for (size_t i = 0; i < r->reversed_kept; i++) {
        const struct result_reversed *x = &r->reversed[i];
        buf_printf(out, "  %.*s %.*s%.*s ", STR_ARG(x->type), STR_ARG(x->number), STR_ARG(x->place));
        day_put(out, x->date);
        buf_printf(out, r->zh ? "，%" PRIu64 " 行\n" : ", %" PRIu64 " lines\n", x->lines);
    }
    if (r->reversed_documents > r->reversed_kept)
        buf_printf(out, r->zh ? "  … 还有 %" PRIu64 " 张\n" : "  … %" PRIu64 " more\n",
                   r->reversed_documents - r->reversed_kept);
}

static void sums_text(buf *out, const result *r) {
    const char *line = r->zh ? "%" PRIu64 " 个文件%s，%" PRIu64 " 张单据，%" PRIu64 " 行：入账 %" PRIu64
                               "，重复 %" PRIu64 "，待对照 %" PRIu64 "，退回 %" PRIu64
                             : "%" PRIu64 " file%s, %" PRIu64 " documents, %" PRIu64 " lines: %" PRIu64
                               " committed, %" PRIu64 " duplicate, %" PRIu64 " in quarantine, %" PRIu64 " refused";
    buf_printf(out, line, r->files, r->zh || r->files == 1 ? "" : "s", r->documents, r->lines, r->committed,
               r->duplicate, r->quarantined, r->refused);
    if (r->superseded)
        buf_printf(out, r->zh ? "（替换了以前的 %" PRIu64 " 行）" : " (%" PRIu64 " earlier lines superseded)",
                   r->superseded);
    buf_byte(out, '\n');
}

void result_text(buf *out, const result *r, size_t most) {
    sums_text(out, r);
    if (r->reversed_documents) reversed_text(out, r);
    result_problems_text(out, r, most);
    if (r->quarantined)
        buf_addz(
            out,
            r->zh ? "待对照的行在厂家那里，对上后自动入账，不用再发；写错了的：channel-agent quarantine -o 待改.xlsx\n"
                  : "next: quarantined rows are safe at the centre and post themselves once it knows the word; "
                    "nothing needs to be sent again\n");
    if (r->refused)
        buf_addz(out, r->zh ? "退回的行：channel-agent quarantine -o 待改.xlsx，改好后再发；其余的不会重复计算\n"
                            : "next: mend the refused rows in the file and push it again, or get them as a sheet by "
                              "'channel-agent quarantine -o FILE.xlsx'; the others are not counted twice\n");
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
