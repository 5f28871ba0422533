#include "tools/channelctl/calc.h"

#include "maths/calc.h"
#include <stdlib.h>

static bool list_functions(client *c, err *e) {
    AUTO(buf) rows = {0};
    AUTO(call_out) head = {0};
    render r;
    call_out_init(&head);
    head.form = ANSWER_LIST;
    head.column[0] = STR("function"), head.column[1] = STR("area"), head.column[2] = STR("input");
    head.columns = 3;
    TRY(render_begin(&r, c->as, &head, c->output, e));
    for (size_t a = 0; a < calc_area_count; a++)
        for (size_t i = 0; i < calc_areas[a]->n; i++) {
            json j = json_into(&rows);
            json_open_object(&j);
            json_key(&j, "function"), json_z(&j, calc_areas[a]->function[i].name);
            json_key(&j, "area"), json_z(&j, calc_areas[a]->name);
            json_key(&j, "input"), json_z(&j, calc_areas[a]->function[i].help);
            json_end_object(&j);
            buf_byte(&rows, '\n');
        }
    bool ok = render_rows(&r, buf_str(&rows), e);
    err why;
    return render_end(&r, ok ? e : &why) && ok;
}

static bool print_output(json_t *output, err *e) {
    json_t *all = json_pack("{s:O}", "output", output);
    char *text = json_dumps(all, 0);
    bool ok = text && puts(text) >= 0 && fflush(stdout) == 0;
    free(text);
    json_decref(all);
    return ok || err_set(e, ERR_INTERNAL, "cannot write");
}

bool client_calc(client *c, err *e) {
    AUTO(buf) bytes = {0};
    bool list;
    (void)args_option(c->args, "list", &list);
    if (list) return list_functions(c, e);
    if (c->args->positionals == 0) return err_set(e, ERR_USAGE, "calc: name a function (calc --list lists them)");
    str name = c->args->positional[0];
    const calc_function *f = calc_find(name);
    if (f == NULL)
        return err_set(e, ERR_USAGE, "calc: no function '%.*s' (calc --list lists them)", STR_ARG(str_take(name, 60)));
    TRY(client_read_file(STR("-"), &bytes, e));
    json_error_t why;
    json_t *all = json_loadb(bytes.p, bytes.n, JSON_REJECT_DUPLICATES, &why), *output = NULL;
    if (all == NULL) return err_set(e, ERR_DATA, "standard input, line %d: %s", why.line, why.text);
    json_t *input = json_object_get(all, "input");
    bool ok = json_is_object(input) || err_set(e, ERR_DATA, "standard input: wanted {\"input\": {…}}");
    ok = ok && (f->run(input, &output, e) || err_wrap(e, "%s", f->name)) && print_output(output, e);
    json_decref(output);
    json_decref(all);
    return ok;
}
