#include "daemon/command/cells.h"

#include "daemon/catalog/catalog.h"
#include "proto/limits.h"

void cell_text(json *j, const char *name, str s) {
    json_key(j, name);
    if (s.n) json_str(j, s);
    else
        json_none(j);
}

void cell_count(json *j, const char *name, uint64_t n) {
    json_key(j, name);
    json_uint(j, n);
}

void cell_id(json *j, const char *name, uint64_t no) {
    AUTO(buf) b = {0};
    if (no) buf_printf(&b, "%llu", (unsigned long long)no);
    cell_text(j, name, buf_str(&b));
}

void put_day_cell(json *j, const char *name, day_t day) {
    AUTO(buf) b = {0};
    day_put(&b, day);
    cell_text(j, name, buf_str(&b));
}

void cell_time(json *j, const char *name, int64_t ms, int zone_min) {
    AUTO(buf) b = {0};
    time_put(&b, ms, zone_min);
    cell_text(j, name, buf_str(&b));
}

void cell_quantity(json *j, const char *name, int64_t v) {
    json_key(j, name);
    json_dec(j, v, QUANTITY_SCALE, 0);
}

void cell_amount(json *j, int64_t v, uint32_t currency, const char *amount, const char *code) {
    char text[4];
    str name = currency_text(currency, text);
    json_key(j, amount);
    json_dec(j, v, currency_scale(name), currency_scale(name));
    cell_text(j, code, name);
}

bool option_partner(call *c, uint32_t *out, err *e) {
    str id = call_option(c, "partner");
    partner p;
    *out = 0;
    if (id.p == NULL && (c->who.role & ROLES_PARTNER)) id = c->who.scope; /* of several it must name one */
    if (id.p == NULL) return true;
    if (!partner_by_id(c->t, id, &p))
        return authz(c, "read", 0, e) &&
               err_set(e, ERR_NOT_FOUND, "unknown partner '%.*s'", STR_ARG(str_take(id, LIMIT_ID)));
    *out = p.no;
    return true;
}
