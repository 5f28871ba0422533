#include "tools/channelctl/client.h"

#include "base/clock.h"

/* Without a daemon rows are drawn as they come; a list that ends in an error has said so on stderr. */
typedef struct drawing {
    client *c;
    call_out *out;
    render render;
    bool begun;
} drawing;

static bool draw(void *arg, str rows, err *e) {
    drawing *d = arg;
    if (!d->begun) {
        TRY(render_begin(&d->render, d->c->as, d->out, d->c->output, e));
        render_note(buf_str(&d->out->message));
    }
    d->begun = true;
    return render_rows(&d->render, rows, e);
}

static bool finish(drawing *d, err *e) {
    if (d->begun) return render_end(&d->render, e);
    if (d->out->form == ANSWER_MESSAGE) {
        AUTO(buf) text = {0};
        buf_add(&text, buf_str(&d->out->message));
        render_message(d->c->as, buf_z(&text));
        return true;
    }
    return draw(d, STR(""), e) && render_end(&d->render, e);
}

bool local_call(client *c, err *e) {
    kv *db;
    call_out out;
    bool unknown;
    TRY(client_open_folder(c, &db, e));
    call_out_init(&out);
    drawing d = {.c = c, .out = &out};
    out.sink = draw;
    out.arg = &d;
    call_world world = {db, client_folder(c), wall_ms(), NULL, NULL};
    call_request request = {
        .who = {.local_user = true, .local_name = STR("root")}, .words = c->words, .word_count = c->word_count};
    bool ok = call_run(&world, &request, &out, &unknown, e) && finish(&d, e);
    c->status = out.status;
    call_out_free(&out);
    kv_close(db);
    return ok;
}
