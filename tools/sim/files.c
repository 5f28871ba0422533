#include "tools/sim/files.h"
#include "base/file.h"
#include <errno.h>
#include <stdio.h>

static const struct {
    doc_type type;
    const char *word;
} reported_types[] = {{TYPE_SALE, "sales"}, {TYPE_RECEIPT, "receipts"}, {TYPE_STOCK, "stock"}};

bool file_put(const char *dir, const char *name, str bytes, err *e) {
    char path[PATH_SIZE];
    TRY(path_join(path, sizeof path, dir, name, e));
    FILE *f = fopen(path, "wbx");
    if (f == NULL) return err_set(e, ERR_CONFLICT, "%s: %s", path, strerror(errno));
    bool ok = fwrite(bytes.p, 1, bytes.n, f) == bytes.n;
    ok = fclose(f) == 0 && ok;
    return ok || err_set(e, ERR_INTERNAL, "%s: %s", path, strerror(errno));
}

/* One partner's folder being filled. */
typedef struct folder {
    world *w;
    sim_plan *plan;
    const sim_partner *partner;
    const char *dir;
    rng rng;
    buf told; /* sim_telling: the file being put together */
} folder;

typedef struct period {
    day_t first, last;
} period;

static period period_of(const sim_dialect *d, day_t day) {
    int32_t month = month_of(day), january = month - (int32_t)civil_of(day).month + 1;
    if (d->period == A_MONTH) return (period){month_first(month), month_first(month + 1) - 1};
    if (d->period == A_YEAR) return (period){month_first(january), month_first(january + 12) - 1};
    return (period){day, day};
}

static const char *type_word(doc_type type) {
    size_t i = 0;
    while (reported_types[i].type != type) i++;
    return reported_types[i].word;
}

/* "sales-2026-05-03.csv"; a month's file ends with the month, a year's with the year. */
static void put_name(const sim_dialect *d, const char *word, period p, const char *end, buf *name) {
    buf_clear(name);
    buf_printf(name, "%s-", word);
    if (d->period == A_DAY) day_put(name, p.first);
    if (d->period == A_MONTH) month_put(name, month_of(p.first));
    if (d->period == A_YEAR) buf_printf(name, "%04d", civil_of(p.first).year);
    buf_printf(name, "%s.%s", end, d->extension);
}

static bool put_file(folder *f, const sim_dialect *d, doc_type type, const char *word, period p, const char *end,
                     err *e) {
    AUTO(buf) bytes = {0}, name = {0};
    if (f->told.n == 0) return true;
    sim_file file = {f->w,
                     d,
                     f->partner,
                     type,
                     p.first,
                     p.last,
                     (const sim_telling *)(const void *)f->told.p,
                     f->told.n / sizeof(sim_telling)};
    bool ok = d->write(&file, &bytes, e);
    buf_clear(&f->told);
    TRY(ok);
    put_name(d, word, p, end, &name);
    TRY(file_put(f->dir, buf_z(&name), buf_str(&bytes), e));
    f->plan->files[f->partner->index]++;
    if ((int64_t)rng_below(&f->rng, 100) >= f->plan->duplicates) return true;
    AUTO(buf) copy = {0};
    buf_printf(&copy, "%s-copy", end);
    put_name(d, word, p, buf_z(&copy), &name);
    f->plan->files[f->partner->index]++;
    f->plan->doubles++;
    return file_put(f->dir, buf_z(&name), buf_str(&bytes), e);
}

static void tell(folder *f, const sim_document *d, const sim_content *content, bool corrects) {
    sim_telling t = {d, content, corrects};
    buf_add(&f->told, str_from(&t, sizeof t));
}

typedef enum pass { AS_FIRST_TOLD, WITH_VERSION, LATER } pass;

/* Every document is told once; those told wrong come again, with a version where the dialect can say so. */
static bool takes(const sim_document *d, const sim_dialect *dialect, pass which) {
    if (which == AS_FIRST_TOLD) return true;
    if (d->correction == CORRECT_AT_ONCE) return false;
    bool by_version = d->correction == CORRECTED_BY_VERSION && dialect->versions;
    return by_version == (which == WITH_VERSION);
}

/* A correction with a version may come first, so its name sorts before; one without comes in the next period. */
static bool put_pass(folder *f, const sim_dialect *dialect, doc_type type, pass which, period p, err *e) {
    const char *word = which == WITH_VERSION ? "correction" : type_word(type);
    if (which == LATER) p = period_of(dialect, p.last + 1);
    return put_file(f, dialect, type, word, p, which == LATER ? "-correction" : "", e);
}

static bool write_pass(folder *f, const sim_dialect *dialect, doc_type type, pass which, size_t from, size_t to,
                       err *e) {
    period open = {0, 0};
    for (size_t i = from; i < to; i++) {
        const sim_document *d = &f->w->doc[i];
        if (d->type != type || !takes(d, dialect, which)) continue;
        period p = period_of(dialect, d->day);
        if (p.first != open.first) TRY(put_pass(f, dialect, type, which, open, e));
        open = p;
        bool wrong = which == AS_FIRST_TOLD && d->correction != CORRECT_AT_ONCE;
        tell(f, d, wrong ? &d->wrong : &d->right, which == WITH_VERSION);
    }
    return put_pass(f, dialect, type, which, open, e);
}

static bool write_folder(folder *f, size_t from, size_t to, err *e) {
    const sim_dialect *own = dialect_of(f->plan, f->partner);
    for (size_t i = 0; i < ARRAY_LEN(reported_types); i++) {
        doc_type type = reported_types[i].type;
        const sim_dialect *d = own->carries & 1u << type ? own : &sim_dialects[0];
        for (pass which = AS_FIRST_TOLD; which <= LATER; which++) TRY(write_pass(f, d, type, which, from, to, e));
    }
    return true;
}

bool files_write(world *w, sim_plan *plan, const char *dir, err *e) {
    AUTO(buf) told = {0};
    size_t from = 0;
    plan->files = ARENA_NEW(&w->text, size_t, w->partners);
    for (size_t i = 0; i < w->partners; i++) {
        char path[PATH_SIZE];
        size_t to = from;
        while (to < w->docs && w->doc[to].partner == &w->partner[i]) to++;
        snprintf(path, sizeof path, "%s/partners/%s", dir, w->partner[i].id);
        TRY(file_mkdirs(path, 0755, e));
        folder f = {w, plan, &w->partner[i], path, {(uint64_t)w->knobs.seed * 1000003 + i}, told};
        bool ok = write_folder(&f, from, to, e);
        told = f.told; /* it may have moved */
        TRY(ok);
        from = to;
    }
    return true;
}
