/* quarantine — the command: rows that wait or were refused, in the file's own columns. */
#include "agent/commands.h"
#include "agent/home.h"
#include "agent/mend.h"
#include "agent/submit.h"
#include "base/num.h"
#include <inttypes.h>
#include <stdio.h>

typedef struct choice {
    spool *s;
    const char *file; /* NULL: the newest with such rows */
    upload found;
    bool any;
    err why;
} choice;

static bool has_rows(choice *c, const upload *u, bool *yes) {
    upload_sum sum;
    if (!spool_sum(c->s, u, &sum, NULL, NULL, &c->why)) return false;
    *yes = sum.quarantined + sum.refused > 0;
    return true;
}

static bool consider(void *arg, const upload *u) {
    choice *c = arg;
    bool yes = false;
    if (c->file && strcmp(c->file, u->name) != 0) return true;
    if (!has_rows(c, u, &yes)) return false;
    if (yes || c->file) {
        c->found = *u;
        c->any = true;
    }
    return true;
}

/* By its id, by the newest file of that name, else the newest upload that has such rows. */
static bool choose(const call *c, spool *s, upload *out, bool *any, err *e) {
    const char *word = c->words.word_count ? c->words.words[0] : NULL;
    char title[LIMIT_FILE_NAME + 1];
    int64_t id;
    *any = true;
    if (word && dec_parse(str_of(word), 0, &id, NULL) && id > 0) return spool_upload(s, (uint64_t)id, out, e);
    choice w = {.s = s, .why.code = ERR_OK};
    if (word) file_title(word, title, sizeof title), w.file = title;
    TRY(spool_uploads(s, consider, &w, e));
    if (w.why.code != ERR_OK) return *e = w.why, false;
    *any = w.any;
    *out = w.found;
    return w.any || word == NULL ||
           err_set(e, ERR_NOT_FOUND, "no file '%s' was sent from here; 'uploads' lists them", word);
}

static bool perform(const call *c, spool *s, const char *path, err *e) {
    upload u;
    size_t rows = 0;
    bool any, zh = cli_zh(&c->words);
    TRY(choose(c, s, &u, &any, e));
    if (any) TRY(mend_write(c->home, s, &u, path, zh, &rows, e));
    if (rows == 0) return puts(zh ? "没有要改的行" : "no row waits to be mended") >= 0;
    if (zh)
        printf("%s：%s（上传 %" PRIu64 "）要改的 %zu 行；改好后：channel-agent --home %s push %s\n", path, u.name, u.id,
               rows, c->home, path);
    else
        printf("%s: %zu rows of %s (upload %" PRIu64 "); mend them, then: channel-agent --home %s push %s\n", path,
               rows, u.name, u.id, c->home, path);
    return true;
}

bool command_quarantine(const call *c, int *status, err *e) {
    const char *path = cli_value(&c->words, "output");
    spool_options how = {.read_only = true};
    char dir[PATH_SIZE];
    spool *s;
    home h;
    *status = 0;
    if (path == NULL || c->words.word_count > 1)
        return err_set(e, ERR_USAGE, "quarantine wants [UPLOAD|FILE] -o FILE.xlsx (or FILE.csv)");
    TRY(home_load(c->home, &h, e));
    home_close(&h);
    TRY(path_join(dir, sizeof dir, c->home, "spool", e));
    TRY(spool_open(dir, &how, &s, e));
    bool ok = perform(c, s, path, e);
    spool_close(s);
    return ok;
}
