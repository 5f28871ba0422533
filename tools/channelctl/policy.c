#include "tools/channelctl/policy.h"

#include "daemon/rebate/evaluate.h"
#include "daemon/rebate/lint.h"
#include "tools/channelctl/policy_files.h"
#include <inttypes.h>

static bool read_policy(client *c, policy *p, err *e) {
    AUTO(buf) text = {0};
    char name[256];
    bool given;
    return policy_file(c, "f", &text, name, &given, e) &&
           (policy_parse(buf_str(&text), p, e) || err_wrap(e, "%s", name));
}

/* ---- what is said beside the lines */

static const char *const note_words[] = {
    [NOTE_NO_STAGE] = "was sold before the product's first stage and belongs to none",
    [NOTE_NO_AMOUNT] = "has no amount and counts as 0.00",
    [NOTE_NO_TAX] = "has no tax rate and is taken as it stands",
    [NOTE_NO_PRICE] = "has no price that value_at asks for and counts as 0.00",
    [NOTE_NO_COUNT] = "waits: no later count bears it out",
    [NOTE_UNVERIFIED] = "was reported sold beyond what went between the counts and waits for the next",
    [NOTE_SHELF] = "only filled the shelf and moves to the next period",
    [NOTE_HELD] = "is held and does not count",
    [NOTE_CARRIED] = "is below the minimum payout and is carried on",
    [NOTE_REBATED] = "was paid out of the rebate account and does not count",
};

static void say_note(const policy *p, const rebate_world *w, const rebate_note *n) {
    AUTO(buf) b = {0};
    buf_printf(&b, "%.*s", STR_ARG(w->partner[n->partner].id));
    if (n->no) {
        buf_printf(&b, ", row %u, ", n->no);
        day_put(&b, n->day);
    } else {
        buf_addz(&b, ", ");
        period_put(&b, p->period, n->period);
    }
    if (n->product != REBATE_NONE) buf_printf(&b, ", %.*s", STR_ARG(w->product[n->product].sku));
    buf_addz(&b, ": ");
    if (n->kind != NOTE_CARRIED) dec_put(&b, n->quantity, QUANTITY_SCALE, 0), buf_addz(&b, " units ");
    if (n->no || n->kind == NOTE_CARRIED) dec_put(&b, n->amount, 2, 2), buf_byte(&b, ' ');
    buf_addz(&b, note_words[n->kind]);
    (void)fprintf(stderr, "%s\n", buf_z(&b));
}

static void say_notes(const policy *p, const rebate_world *w, const rebate_result *r) {
    size_t said = 0;
    for (const rebate_note *n = r->note; n; n = n->next, said++) say_note(p, w, n);
    if (said < r->notes) (void)fprintf(stderr, "and %zu more\n", r->notes - said);
}

static void say_budget(const policy *p, const rebate_result *r) {
    AUTO(buf) b = {0};
    int64_t all = 0;
    for (const rebate_line *l = r->first; l; l = l->next) all += l->amount;
    if (p->budget == NUM_NONE || all <= p->budget) return;
    dec_put(&b, all, 2, 2);
    buf_addz(&b, " in all is above the budget of ");
    dec_put(&b, p->budget, 2, 2);
    (void)fprintf(stderr, "%s\n", buf_z(&b));
}

/* ---- lines */

static void trace_json(json *j, const policy *p, const rebate_world *w, const rebate_line *l) {
    unsigned scale = policy_measure_scale(p), least = p->measure == MEASURE_AMOUNT ? 2 : 0;
    json_key(j, "trace");
    json_open_array(j);
    for (size_t i = 0; i < l->traces; i++) {
        const rebate_trace *t = &l->trace[i];
        AUTO(buf) day = {0};
        day_put(&day, t->day);
        json_open_object(j);
        json_key(j, "sku"), json_str(j, t->product == REBATE_NONE ? STR("") : w->product[t->product].sku);
        json_key(j, "date"), json_str(j, buf_str(&day));
        json_key(j, "document"), json_str(j, t->document == REBATE_NONE ? STR("") : w->document[t->document]);
        json_key(j, "basis"), json_dec(j, t->basis, scale, least);
        json_key(j, "amount"), json_dec(j, t->amount, 2, 2);
        json_end_object(j);
    }
    json_end_array(j);
}

static const char *const columns[] = {"partner",      "policy",         "period", "stage", "mechanism",
                                      "basis_amount", "basis_quantity", "band",   "amount"};

static void line_json(buf *out, const policy *p, const rebate_world *w, const rebate_line *l) {
    AUTO(buf) period = {0};
    json j = json_into(out);
    period_put(&period, p->period, l->period);
    json_open_object(&j);
    json_key(&j, "partner"), json_str(&j, w->partner[l->partner].id);
    json_key(&j, "policy"), json_str(&j, p->name);
    json_key(&j, "period"), json_str(&j, buf_str(&period));
    json_key(&j, "stage"), json_z(&j, policy_stage_name(l->stage));
    json_key(&j, "mechanism"), json_z(&j, l->mechanism);
    json_key(&j, "basis_amount"), json_dec(&j, l->basis_amount, 2, 2);
    json_key(&j, "basis_quantity"), json_dec(&j, l->basis_quantity, QUANTITY_SCALE, 0);
    json_key(&j, "band");
    if (l->band.p) json_str(&j, l->band);
    else
        json_none(&j);
    json_key(&j, "amount"), json_dec(&j, l->amount, 2, 2);
    trace_json(&j, p, w, l);
    json_end_object(&j);
    buf_byte(out, '\n');
}

static bool show_lines(client *c, const policy *p, const rebate_world *w, const rebate_result *r, err *e) {
    AUTO(call_out) head = {0};
    render to;
    call_out_init(&head);
    head.form = ANSWER_LIST;
    head.columns = ARRAY_LEN(columns);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) head.column[i] = str_of(columns[i]);
    TRY(render_begin(&to, c->as, &head, c->output, e));
    bool ok = true;
    for (const rebate_line *l = r->first; ok && l; l = l->next) {
        AUTO(buf) row = {0};
        line_json(&row, p, w, l);
        ok = render_rows(&to, buf_str(&row), e);
    }
    err why;
    return render_end(&to, ok ? e : &why) && ok;
}

bool client_policy_try(client *c, err *e) {
    AUTO(policy_world) w = {0};
    AUTO(policy) p = {0};
    AUTO(arena) room = {0};
    rebate_result r;
    TRY(read_policy(c, &p, e) && policy_files_read(c, &w, e));
    arena_init(&room, SIZE_MAX); /* grows with the rows of files that are bounded */
    TRY(rebate_evaluate(&p, &w.world, (rebate_options){.trace = true}, &room, &r, e));
    say_notes(&p, &w.world, &r);
    say_budget(&p, &r);
    return show_lines(c, &p, &w.world, &r, e);
}

/* ---- lint */

static bool show_findings(client *c, const lint_result *r, err *e) {
    AUTO(call_out) head = {0};
    AUTO(buf) rows = {0};
    render to;
    call_out_init(&head);
    head.form = ANSWER_LIST;
    head.columns = 3;
    head.column[0] = STR("line"), head.column[1] = STR("finding"), head.column[2] = STR("text");
    TRY(render_begin(&to, c->as, &head, c->output, e));
    for (size_t i = 0; i < r->n; i++) {
        json j = json_into(&rows);
        json_open_object(&j);
        json_key(&j, "line");
        if (r->v[i].line) json_uint(&j, r->v[i].line);
        else
            json_none(&j);
        json_key(&j, "finding"), json_z(&j, r->v[i].code);
        json_key(&j, "text"), json_str(&j, r->v[i].text);
        json_end_object(&j);
        buf_byte(&rows, '\n');
    }
    bool ok = render_rows(&to, buf_str(&rows), e);
    err why;
    return render_end(&to, ok ? e : &why) && ok;
}

bool client_policy_lint(client *c, err *e) {
    AUTO(policy_world) w = {0};
    AUTO(policy) p = {0};
    AUTO(arena) room = {0};
    lint_result r;
    TRY(read_policy(c, &p, e) && policy_files_read(c, &w, e));
    arena_init(&room, SIZE_MAX); /* bounded by the policy's size */
    TRY(policy_lint(&p, &w.world, &room, &r, e));
    c->status = r.n ? err_exit_status(ERR_DIFFERS) : 0;
    return show_findings(c, &r, e);
}
