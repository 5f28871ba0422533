/* agent_fixture — what the agent's tests share: a folder that goes away, small docsets, a spool with files in it. */
#ifndef TESTS_UNIT_AGENT_FIXTURE_H
#define TESTS_UNIT_AGENT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/spool.h"
#include "base/file.h"
#include "proto/batch.h"
#include "tests/unit/temp_dir.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SUCCEEDS(call)                                                                                                 \
    do {                                                                                                               \
        err why_ = {0};                                                                                                \
        err *e = &why_;                                                                                                \
        if (!(call)) fail_msg("%s: %s", #call, why_.text);                                                             \
    } while (0)

#define FAILS(expected, call)                                                                                          \
    do {                                                                                                               \
        err why_ = {0};                                                                                                \
        err *e = &why_;                                                                                                \
        assert_false(call);                                                                                            \
        if (why_.code != (expected)) fail_msg("%s: got '%s'", #call, why_.text);                                       \
    } while (0)

typedef struct folder {
    char path[TEMP_DIR];
} folder;

static inline folder folder_make(void) {
    folder f;
    assert_true(temp_dir_make(f.path));
    return f;
}

static inline void folder_auto(folder *f) {
    (void)temp_dir_remove(f->path);
}

static inline const char *folder_in(const folder *f, const char *name, char out[static PATH_SIZE]) {
    SUCCEEDS(path_join(out, PATH_SIZE, f->path, name, e));
    return out;
}

/* A finished docset: one sale document of `lines` lines; `tag` makes its content and number its own. */
static inline void small_docset(docset *d, const char *tag, size_t lines) {
    docset_init(d);
    d->file_name = str_of(tag);
    d->charset = STR("utf-8");
    d->dialect = STR("csv");
    d->mapping = STR("canonical");
    d->size = lines * 10;
    memset(d->sha256, tag[0], sizeof d->sha256);
    for (size_t i = 0; i < lines; i++) {
        doc_line *l = docset_line(d);
        char sku[32];
        (void)snprintf(sku, sizeof sku, "P%zu", i % 50);
        l->text[T_SKU] = words_add(&d->words, str_of(sku));
        l->number[N_ROW] = (int64_t)i + 2;
        l->number[N_DATE] = 20000;
        l->number[N_QUANTITY] = 1000 + (int64_t)i;
        doc_head h = {.type = TYPE_SALE};
        for (int t = 0; t < DOC_TEXT_COUNT; t++) h.text[t] = WORD_NONE;
        h.text[D_NUMBER] = words_add(&d->words, str_of(tag));
        docset_place(d, &h, STR(""));
    }
    docset_finish(d);
}

static inline upload spool_one(spool *s, const char *tag, size_t lines, int64_t now_ms) {
    AUTO(docset) d = {0};
    upload u, how = {.spooled_ms = now_ms};
    small_docset(&d, tag, lines);
    SUCCEEDS(spool_add(s, &d, &how, &u, e));
    return u;
}

static inline spool *spool_in(const folder *f, uint64_t quota) {
    char dir[PATH_SIZE];
    spool *s = NULL;
    SUCCEEDS(spool_open(folder_in(f, "spool", dir), &(spool_options){.quota = quota}, &s, e));
    return s;
}

/* A receipt of `lines` lines, all committed. */
static inline Wire__Receipt receipt_of(uint64_t seq, uint64_t lines) {
    Wire__Receipt r = WIRE__RECEIPT__INIT;
    r.seq = seq;
    r.lines = r.committed = lines;
    return r;
}

#endif
