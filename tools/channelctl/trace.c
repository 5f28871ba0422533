#include "tools/channelctl/trace.h"

#include "daemon/trace/case_row.h"
#include "daemon/trace/gather.h"
#include "tools/channelctl/trace_files.h"
#include <inttypes.h>
#include <stdlib.h>

/* ---- rules */

static bool read_rules(client *c, trace_rules *r, err *e) {
    bool given;
    str list = args_option(c->args, "rule", &given), one;
    trace_rules_default(r);
    while (str_split(&list, ',', &one)) {
        size_t at = str_find(one, STR("="));
        if (at == SIZE_MAX)
            return err_set(e, ERR_USAGE, "--rule: '%.*s', wanted NAME=NUMBER", STR_ARG(str_take(one, 60)));
        TRY(trace_rules_set(r, str_trim(str_take(one, at)), str_trim(str_skip(one, at + 1)), e));
    }
    return true;
}

static bool read_as_of(client *c, day_t *out, err *e) {
    bool given;
    str day = args_option(c->args, "as-of", &given);
    *out = DAY_MAX;
    return !given || day_parse(day, out) || err_set(e, ERR_USAGE, "--as-of: wanted a day like 2026-06-30");
}

/* ---- cases as `case list` writes them */

static str evidence_text(arena *a, const trace_signal *s) {
    AUTO(buf) b = {0};
    for (size_t i = 0; i < s->evidences; i++) {
        if (i) buf_addz(&b, "; ");
        buf_add(&b, s->evidence[i]);
    }
    return arena_str(a, buf_str(&b));
}

static void put_case(const trace_world *w, const trace_result *r, const trace_case *x, arena *a, buf *out) {
    char destination[8] = "";
    case_row_signal *told = ARENA_NEW(a, case_row_signal, x->signals + 1);
    str *skus = ARENA_NEW(a, str, x->products + 1);
    for (size_t i = 0; i < x->products; i++) skus[i] = w->product[x->product[i]].sku;
    for (size_t i = 0; i < x->signals; i++) {
        const trace_signal *s = &r->signal[x->signal[i]];
        told[i] = (case_row_signal){trace_kind_name(s->kind), s->time, evidence_text(a, s)};
    }
    if (x->destination) (void)snprintf(destination, sizeof destination, "%06d", x->destination % 1000000);
    const case_row row = {.id = x->id,
                          .partner = w->partner[x->partner].id,
                          .destination = str_of(destination),
                          .state = STR("alert"),
                          .skus = skus,
                          .sku_count = x->products,
                          .score = x->score,
                          .opened_ms = x->opened,
                          .first_event_ms = x->first_event,
                          .quantity = x->quantity,
                          .signal = told,
                          .signals = x->signals};
    json j = json_into(out);
    json_open_object(&j);
    case_row_put(&j, &row, w->zone);
    json_end_object(&j);
    buf_byte(out, '\n');
}

static bool show_cases(client *c, const trace_world *w, const trace_result *r, const trace_cases *cases, err *e) {
    AUTO(call_out) head = {0};
    render to;
    call_out_init(&head);
    head.form = ANSWER_LIST;
    head.columns = case_row_column_count;
    for (size_t i = 0; i < case_row_column_count; i++) head.column[i] = str_of(case_row_columns[i]);
    TRY(render_begin(&to, c->as, &head, c->output, e));
    bool ok = true;
    for (size_t i = 0; ok && i < cases->n; i++) {
        AUTO(arena) a = {0};
        AUTO(buf) row = {0};
        arena_init(&a, SIZE_MAX); /* bounded by the case */
        put_case(w, r, &cases->one[i], &a, &row);
        ok = render_rows(&to, buf_str(&row), e);
    }
    err why;
    return render_end(&to, ok ? e : &why) && ok;
}

/* What was learned from the files as a whole, on stderr: the cases rest on it. */
static void say_learned(const trace_world *w, const trace_result *r) {
    (void)fprintf(stderr, "%zu lines, %zu sightings; %zu signals, %" PRIu64 " streams tested\n", w->lines, w->sightings,
                  r->signals, r->tested);
    for (size_t i = 0; i < r->learneds; i++) {
        const trace_learned *l = &r->learned[i];
        (void)fprintf(stderr, "%s%s %" PRId64 " (%" PRIu64 " of %" PRIu64 ")", i ? ", " : "learned: ", l->what,
                      l->value, l->seen, l->of);
    }
    (void)fputs(r->learneds ? "\n" : "", stderr);
}

bool client_trace_try(client *c, err *e) {
    AUTO(trace_files) f = {.lines = 0};
    AUTO(arena) a = {0};
    trace_rules rules;
    trace_result found;
    trace_cases cases;
    day_t as_of;
    bool given;
    char dir[PATH_SIZE];
    str world = args_option(c->args, "world", &given);
    if (!given || world.n == 0 || world.n >= sizeof dir)
        return err_set(e, ERR_USAGE, "trace try: --world DIR is missing");
    TRY(read_rules(c, &rules, e) && read_as_of(c, &as_of, e));
    TRY(trace_files_read(&f, str_copy_z(world, dir, sizeof dir), as_of, e));
    arena_init(&a, SIZE_MAX); /* bounded by the files */
    trace_judge(&f.world, &rules, &a, &found);
    trace_gather(&f.world, &rules, &found, NULL, 0, &a, &cases);
    say_learned(&f.world, &found);
    c->status = f.problems ? err_exit_status(ERR_DIFFERS) : 0;
    return show_cases(c, &f.world, &found, &cases, e);
}
