#include "daemon/command/call.h"

#include "proto/admin.pb-c.h"
#include "proto/frame.h"
#include <stdarg.h>
#include <stdio.h>

enum {
    COLUMN_TEXT_BYTES = 64 * 1024,
    RESPONSE_BYTES = 128 * 1024 * 1024, /* decoded piece: a show may be one long row */
};

void call_out_init(call_out *o) {
    *o = (call_out){0};
    arena_init(&o->text, COLUMN_TEXT_BYTES);
}

void call_out_free(call_out *o) {
    arena_free(&o->text);
    buf_free(&o->message);
    buf_free(&o->rows);
    buf_free(&o->opened);
}

void call_out_auto(call_out *o) {
    call_out_free(o);
}

static void hand_on(call_out *o, size_t n) {
    if (n == 0 || o->sink == NULL || o->failed) return;
    o->failed = !o->sink(o->arg, str_take(buf_str(&o->rows), n), &o->why);
    memmove(o->rows.p, o->rows.p + n, o->rows.n - n);
    o->rows.n -= n;
}

bool call_out_flush(call_out *o, err *e) {
    hand_on(o, o->rows.n);
    if (o->failed) *e = o->why;
    return !o->failed;
}

void answer_list(call *c, const char *const *columns, size_t n) {
    call_out *o = c->out;
    ASSERT(n <= ARRAY_LEN(o->column));
    o->form = ANSWER_LIST;
    o->columns = n;
    for (size_t i = 0; i < n; i++) o->column[i] = arena_str(&o->text, str_of(columns[i]));
}

json *answer_row(call *c) {
    c->out->row_at = c->out->rows.n;
    c->json = json_into(&c->out->rows);
    json_open_object(&c->json);
    return &c->json;
}

void answer_row_end(call *c) {
    call_out *o = c->out;
    json_end_object(&c->json);
    ASSERT(c->json.depth == 0);
    buf_byte(&o->rows, '\n');
    o->row_count++;
    o->bytes += o->rows.n - o->row_at;
    if (o->failed) buf_clear(&o->rows);
    if (o->rows.n >= LIMIT_CHUNK_BYTES) hand_on(o, o->rows.n);
}

json *answer_show(call *c) {
    c->out->form = ANSWER_SHOW;
    return answer_row(c);
}

void answer_show_end(call *c) {
    answer_row_end(c);
}

void answer_message(call *c, const char *fmt, ...) {
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    buf_clear(&c->out->message);
    buf_addz(&c->out->message, text);
}

bool answer_failed(const call *c) {
    return c->out->failed;
}

void answer_secret(call *c) {
    c->out->secret = true;
}

void answer_status(call *c, int status) {
    c->out->status = status;
}

static ProtobufCBinaryData bytes_of(str s) {
    return (ProtobufCBinaryData){s.n, (uint8_t *)(uintptr_t)s.p};
}

void answer_pack(const call_out *o, const err *failure, const call_world *w, str rows, bool more, buf *out) {
    Admin__Head head = ADMIN__HEAD__INIT;
    Admin__Response response = ADMIN__RESPONSE__INIT;
    char *columns[LIMIT_REPEATED];
    for (size_t i = 0; i < o->columns; i++) columns[i] = (char *)(uintptr_t)o->column[i].p;
    buf message = {0};
    buf_add(&message, buf_str(&o->message));
    head.form = o->form;
    head.n_column = o->columns;
    head.column = columns;
    head.message = (char *)(uintptr_t)buf_z(&message);
    head.row_count = o->row_count;
    head.status = (uint32_t)o->status;
    head.time_ms = w->now_ms;
    head.simulated = w->facts != NULL && w->facts->simulated;
    head.version = (char *)(uintptr_t)CHANNELD_VERSION;
    if (failure != NULL) {
        head.status = (uint32_t)err_exit_status(failure->code);
        head.error = (char *)(uintptr_t)err_name(failure->code);
        head.error_text = (char *)(uintptr_t)failure->text;
    }
    response.head = &head;
    response.rows = bytes_of(rows);
    response.more = more;
    message_pack(out, &response.base);
    buf_free(&message);
}

static bool take_head(const Admin__Head *head, call_out *out, err *e) {
    out->form = head->form <= ANSWER_SHOW ? (answer_form)head->form : ANSWER_MESSAGE;
    out->columns = head->n_column;
    for (size_t i = 0; i < head->n_column; i++) out->column[i] = arena_str(&out->text, str_of(head->column[i]));
    buf_addz(&out->message, head->message);
    out->row_count = head->row_count;
    out->status = (int)head->status;
    out->time_ms = head->time_ms;
    out->simulated = head->simulated;
    return head->error[0] == '\0' || err_set(e, err_from_name(head->error), "%s", head->error_text);
}

bool answer_unpack(str bytes, call_out *out, bool *more, err *e) {
    arena a;
    arena_init(&a, RESPONSE_BYTES);
    Admin__Response *r = (void *)message_unpack(&admin__response__descriptor, bytes, ARRAY_LEN(out->column), &a, e);
    bool ok = r != NULL;
    if (ok) {
        *more = r->more;
        buf_add(&out->rows, str_from(r->rows.data, r->rows.len));
        ok = r->head == NULL || take_head(r->head, out, e);
    }
    arena_free(&a);
    return ok;
}
