#include "daemon/catalog/persons.h"

#include "daemon/command/catalog.h"
#include "proto/limits.h"

static bool person_id(call *c, str *id, err *e) {
    *id = call_arg(c, 0);
    return catalog_id_ok(*id) ||
           err_set(e, ERR_USAGE, "%s: an id is one line of at most %d bytes", c->command->name, LIMIT_ID);
}

/* The option when given, else what is stored. */
static char *field(call *c, const char *option, const char *stored) {
    str s = call_option(c, option);
    return (char *)(uintptr_t)(s.p == NULL ? stored : s.n ? arena_str(c->a, s).p : "");
}

static Entry__PersonData *stored_data(call *c, str id, buf *plain) {
    err none;
    Entry__PersonData *d = NULL;
    if (person_open(c->t, id, plain, &none)) d = entry__person_data__unpack(NULL, plain->n, (const uint8_t *)plain->p);
    return d;
}

bool cmd_person_set(call *c, err *e) {
    AUTO(buf) plain = {0};
    AUTO(buf) nonce = {0};
    AUTO(buf) sealed = {0};
    Entry__PersonData data = ENTRY__PERSON_DATA__INIT;
    Entry__Person m = ENTRY__PERSON__INIT;
    partner p;
    str id;
    TRY(person_id(c, &id, e));
    Entry__PersonData *old = stored_data(c, id, &plain);
    data.name = field(c, "name", old ? old->name : "");
    data.phone = field(c, "phone", old ? old->phone : "");
    data.partner = field(c, "partner", old ? old->partner : "");
    data.note = field(c, "note", old ? old->note : "");
    bool known = data.partner[0] == 0 || partner_by_id(c->t, str_of(data.partner), &p);
    bool ok = known || err_set(e, ERR_NOT_FOUND, "partner '%s': unknown", data.partner);
    ok = ok && authz(c, "write", data.partner[0] ? p.no : 0, e);
    size_t size = entry__person_data__get_packed_size(&data);
    if (ok && size > LIMIT_PERSON) ok = err_set(e, ERR_DATA, "person: at most %d bytes in all", LIMIT_PERSON);
    if (ok) person_seal(c->t, id, &data, &nonce, &sealed);
    if (old) entry__person_data__free_unpacked(old, NULL);
    TRY(ok);
    m.id = (char *)(uintptr_t)arena_str(c->a, id).p;
    m.nonce = (ProtobufCBinaryData){nonce.n, (uint8_t *)nonce.p};
    m.sealed = (ProtobufCBinaryData){sealed.n, (uint8_t *)sealed.p};
    TRY(command_append(c, KIND_PERSON, &m.base, e));
    answer_message(c, "person '%.*s' is kept, sealed", STR_ARG(id));
    return true;
}

static void put_person(json *j, str id, const Entry__PersonData *d) {
    const struct {
        const char *name, *value;
    } fields[] = {{"name", d->name}, {"phone", d->phone}, {"partner", d->partner}, {"note", d->note}};
    json_key(j, "id");
    json_str(j, id);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        json_key(j, fields[i].name);
        json_z(j, fields[i].value[0] ? fields[i].value : NULL);
    }
}

bool cmd_person_show(call *c, err *e) {
    AUTO(buf) plain = {0};
    partner p = {.no = 0};
    str id;
    TRY(person_id(c, &id, e));
    TRY(person_open(c->t, id, &plain, e));
    Entry__PersonData *d = entry__person_data__unpack(NULL, plain.n, (const uint8_t *)plain.p);
    if (d == NULL) return err_set(e, ERR_INTERNAL, "person '%.*s': cannot be decoded", STR_ARG(id));
    if (d->partner[0]) (void)partner_by_id(c->t, str_of(d->partner), &p);
    bool ok = authz(c, "read", p.no, e);
    if (ok) {
        put_person(answer_show(c), id, d);
        answer_show_end(c);
    }
    entry__person_data__free_unpacked(d, NULL);
    return ok;
}

bool cmd_person_erase(call *c, err *e) {
    Entry__Person m = ENTRY__PERSON__INIT;
    str id;
    TRY(authz(c, "write", 0, e));
    TRY(person_id(c, &id, e));
    m.id = (char *)(uintptr_t)arena_str(c->a, id).p;
    TRY(command_append(c, KIND_PERSON, &m.base, e));
    bool had = person_forget(c->t, id);
    answer_message(c,
                   had ? "person '%.*s' is erased: the key is gone, backups made before still hold it"
                       : "person '%.*s' was erased before",
                   STR_ARG(id));
    return true;
}
