#include "agent/status.h"

#include "agent/commands.h"
#include "agent/duties.h"
#include "agent/report.h"
#include "agent/watch.h"
#include "base/calendar.h"
#include "base/clock.h"
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>

static uint64_t count_inbox(const home *h) {
    char inbox[PATH_SIZE];
    err e;
    uint64_t n = 0;
    DIR *d = home_path(h, "inbox", inbox, &e) ? opendir(inbox) : NULL;
    if (d == NULL) return 0;
    for (struct dirent *at; (at = readdir(d)) != NULL;) n += !watch_ignores(at->d_name);
    (void)closedir(d);
    return n;
}

static bool look(const home *h, standing *s, err *e) {
    char dir[PATH_SIZE];
    spool *view;
    spool_options how = {.read_only = true};
    TRY(home_path(h, "spool", dir, e));
    if (!spool_open(dir, &how, &view, e)) return e->code == ERR_NOT_FOUND; /* nothing was ever pushed */
    s->spool = *spool_now(view);
    bool ok = spool_oldest(view, &s->oldest_ms, e);
    spool_close(view);
    return ok;
}

bool standing_of(const home *h, int64_t now_ms, int64_t max_age_ms, standing *out, err *e) {
    standing s = {0};
    TRY(look(h, &s, e));
    s.waiting_batches = s.spool.last_seq - s.spool.acked_seq;
    s.waiting_bytes = s.spool.last_end - s.spool.acked_end;
    s.kept_bytes = s.spool.last_end - s.spool.first_end;
    s.inbox_files = count_inbox(h);
    /* after a quiet week the first batch has not waited for a week */
    int64_t since_ms = s.oldest_ms > s.spool.commit_ms ? s.oldest_ms : s.spool.commit_ms;
    if (s.spool.trouble != TROUBLE_NONE)
        (void)snprintf(s.why, sizeof s.why, "%s: %s", s.spool.trouble == TROUBLE_HELD ? "held" : "refused",
                       s.spool.trouble_text);
    else if (s.waiting_batches && now_ms - since_ms > max_age_ms)
        (void)snprintf(s.why, sizeof s.why, "nothing committed for %" PRId64 " h while %" PRIu64 " batches wait",
                       (now_ms - since_ms) / 3600000, s.waiting_batches);
    *out = s;
    return true;
}

static void json_time(json *j, const char *key, int64_t ms) {
    AUTO(buf) text = {0};
    json_key(j, key);
    if (ms == 0) return json_none(j);
    time_put(&text, ms, local_zone(ms));
    json_str(j, buf_str(&text));
}

void standing_json(json *j, const home *h, const standing *s, int64_t now_ms) {
    const struct {
        const char *key;
        uint64_t v;
    } numbers[] = {{"waiting", s->waiting_batches},
                   {"waiting_bytes", s->waiting_bytes},
                   {"spool_bytes", s->kept_bytes},
                   {"spool_quota", h->spool_quota},
                   {"inbox_files", s->inbox_files},
                   {"last_batch", s->spool.last_seq},
                   {"last_committed_batch", s->spool.acked_seq}};
    json_key(j, "home"), json_z(j, h->dir);
    json_key(j, "partner"), json_z(j, h->partner);
    json_key(j, "server"), json_z(j, h->endpoint);
    json_time(j, "now", now_ms);
    json_time(j, "last_contact", s->spool.contact_ms);
    json_time(j, "last_committed", s->spool.commit_ms);
    json_time(j, "oldest_waiting", s->oldest_ms);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) json_key(j, numbers[i].key), json_uint(j, numbers[i].v);
    json_key(j, "ok"), json_bool(j, s->why[0] == '\0');
    json_key(j, "why"), json_z(j, s->why[0] ? s->why : NULL);
}

static void time_line(buf *out, const char *name, int64_t ms, int64_t now_ms) {
    buf_printf(out, "%-16s", name);
    if (ms == 0) return buf_addz(out, "never\n");
    time_put(out, ms, local_zone(ms));
    buf_printf(out, " (%" PRId64 " min ago)\n", (now_ms - ms) / 60000);
}

void standing_text(buf *out, const home *h, const standing *s, int64_t now_ms) {
    buf_printf(out, "%-16s%s at %s\n", "partner", h->partner, h->endpoint);
    time_line(out, "last contact", s->spool.contact_ms, now_ms);
    time_line(out, "last committed", s->spool.commit_ms, now_ms);
    buf_printf(out, "%-16s%" PRIu64 " batches, %" PRIu64 " KiB\n", "waiting", s->waiting_batches,
               (s->waiting_bytes + 1023) / 1024);
    if (s->oldest_ms) time_line(out, "oldest waiting", s->oldest_ms, now_ms);
    buf_printf(out, "%-16s%" PRIu64 " of %" PRIu64 " MiB\n", "spool", s->kept_bytes >> 20, h->spool_quota >> 20);
    buf_printf(out, "%-16s%" PRIu64 " files\n", "inbox", s->inbox_files);
    buf_printf(out, "%-16s%s\n", "state", s->why[0] ? s->why : "ok");
}

static void put_json(buf *out, const home *h, const standing *s, int64_t now_ms, const asked *duties, bool known) {
    json j = json_into(out);
    json_open_object(&j);
    standing_json(&j, h, s, now_ms);
    duties_json(&j, duties, known);
    json_end_object(&j);
    buf_byte(out, '\n');
}

bool command_status(const call *c, int *status, err *e) {
    home h;
    standing s;
    cli_form form;
    int64_t max_age_ms, now_ms = wall_ms();
    AUTO(buf) out = {0};
    AUTO(asked) duties = {0};
    TRY(cli_output(&c->words, &form, e));
    TRY(home_load(c->home, &h, e));
    TRY(cli_seconds(&c->words, "max-age", h.max_age_ms, &max_age_ms, e));
    TRY(standing_of(&h, now_ms, max_age_ms, &s, e));
    bool known = duties_ask(&h, &duties);
    if (form == FORM_JSON) put_json(&out, &h, &s, now_ms, &duties, known);
    else {
        standing_text(&out, &h, &s, now_ms);
        duties_text(&out, &duties, known);
    }
    (void)fwrite(out.p, 1, out.n, stdout);
    home_close(&h);
    *status = err_exit_status(s.why[0] ? ERR_DIFFERS : ERR_OK);
    return true;
}
