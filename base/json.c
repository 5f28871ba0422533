#include "base/json.h"

#include "base/num.h"

json json_into(buf *out) {
    return (json){.out = out};
}

static void lead(json *j) {
    if (!j->keyed && (j->started >> j->depth & 1u)) buf_byte(j->out, ',');
    j->started |= 1u << j->depth;
    j->keyed = false;
}

static void open_level(json *j, char c) {
    lead(j);
    buf_byte(j->out, c);
    ASSERT(j->depth < 31);
    j->depth++;
    j->started &= ~(1u << j->depth);
}

static void close_level(json *j, char c) {
    ASSERT(j->depth > 0);
    j->depth--;
    buf_byte(j->out, c);
}

void json_open_object(json *j) {
    open_level(j, '{');
}

void json_open_array(json *j) {
    open_level(j, '[');
}

void json_end_object(json *j) {
    close_level(j, '}');
}

void json_end_array(json *j) {
    close_level(j, ']');
}

static void put_escaped(buf *b, unsigned char c) {
    static const char short_form[] = {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    if (c == '"' || c == '\\') {
        buf_byte(b, '\\');
        buf_byte(b, (char)c);
    } else if (c < sizeof short_form && short_form[c]) {
        buf_byte(b, '\\');
        buf_byte(b, short_form[c]);
    } else {
        buf_printf(b, "\\u%04x", c);
    }
}

static void put_text(buf *b, str s) {
    buf_byte(b, '"');
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) continue;
        buf_add(b, (str){s.p + from, i - from});
        put_escaped(b, c);
        from = i + 1;
    }
    if (s.n > from) buf_add(b, (str){s.p + from, s.n - from});
    buf_byte(b, '"');
}

/* What is not UTF-8 becomes U+FFFD byte by byte, so that the output always is. */
static void put_repaired(buf *b, str s) {
    buf fixed = {0};
    while (s.n) {
        size_t n = 1;
        while (n < 4 && n < s.n && !utf8_valid(str_take(s, n))) n++;
        if (utf8_valid(str_take(s, n))) buf_add(&fixed, str_take(s, n));
        else
            buf_add(&fixed, STR("\xef\xbf\xbd")), n = 1;
        s = str_skip(s, n);
    }
    put_text(b, buf_str(&fixed));
    buf_free(&fixed);
}

void json_key(json *j, const char *key) {
    lead(j);
    put_text(j->out, str_of(key));
    buf_byte(j->out, ':');
    j->keyed = true;
}

void json_str(json *j, str s) {
    lead(j);
    if (utf8_valid(s)) put_text(j->out, s);
    else
        put_repaired(j->out, s);
}

void json_z(json *j, const char *z) {
    if (z) json_str(j, str_of(z));
    else
        json_none(j);
}

void json_int(json *j, int64_t v) {
    lead(j);
    buf_printf(j->out, "%lld", (long long)v);
}

void json_uint(json *j, uint64_t v) {
    lead(j);
    buf_printf(j->out, "%llu", (unsigned long long)v);
}

void json_bool(json *j, bool v) {
    lead(j);
    buf_addz(j->out, v ? "true" : "false");
}

void json_none(json *j) {
    lead(j);
    buf_addz(j->out, "null");
}

void json_dec(json *j, int64_t v, unsigned scale, unsigned min_decimals) {
    if (v == NUM_NONE) {
        json_none(j);
        return;
    }
    lead(j);
    buf_byte(j->out, '"');
    dec_put(j->out, v, scale, min_decimals);
    buf_byte(j->out, '"');
}

void json_raw(json *j, str s) {
    lead(j);
    buf_add(j->out, s);
}
