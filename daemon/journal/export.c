#include "daemon/journal/export.h"

#include "daemon/catalog/catalog.h"
#include "daemon/catalog/settings.h"
#include "proto/batch.h"
#include "proto/code.h"
#include "proto/frame.h"
#include "proto/journal.pb-c.h"

enum { BODY_BYTES = 4 * LIMIT_FRAME_BYTES, SLICE_ENTRIES = 512 };

static void put_hex(json *j, const uint8_t *p, size_t n) {
    AUTO(buf) b = {0};
    hex_put(&b, p, n);
    json_str(j, buf_str(&b));
}

static void put_text(json *j, const char *name, str s) {
    json_key(j, name);
    if (s.n) json_str(j, s);
    else
        json_none(j);
}

static void put_message(json *j, const ProtobufCMessage *m);

static size_t width_of(const ProtobufCFieldDescriptor *f) {
    switch (f->type) {
    case PROTOBUF_C_TYPE_STRING: return sizeof(char *);
    case PROTOBUF_C_TYPE_BYTES: return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_MESSAGE: return sizeof(ProtobufCMessage *);
    case PROTOBUF_C_TYPE_BOOL: return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64: return sizeof(uint64_t);
    default: return sizeof(uint32_t);
    }
}

static void put_value(json *j, ProtobufCType type, const void *at) {
    switch (type) {
    case PROTOBUF_C_TYPE_STRING: json_z(j, *(const char *const *)at); break;
    case PROTOBUF_C_TYPE_BYTES: {
        const ProtobufCBinaryData *b = at;
        put_hex(j, b->data, b->len);
        break;
    }
    case PROTOBUF_C_TYPE_MESSAGE: put_message(j, *(const ProtobufCMessage *const *)at); break;
    case PROTOBUF_C_TYPE_BOOL: json_bool(j, *(const protobuf_c_boolean *)at); break;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64: json_uint(j, *(const uint64_t *)at); break;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64: json_int(j, *(const int64_t *)at); break;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32: json_int(j, *(const int32_t *)at); break;
    default: json_uint(j, *(const uint32_t *)at); break;
    }
}

static void put_code(json *j, str stored) {
    AUTO(buf) b = {0};
    code_key k;
    if (code_key_of(stored, &k)) code_text(&k, &b);
    json_str(j, buf_str(&b));
}

/* Keys of codes, as people write codes: lists of them, each with its length, and single ones. */
static bool put_codes(json *j, const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, const void *at) {
    static const struct {
        const ProtobufCMessageDescriptor *of;
        const char *field;
        bool list;
    } fields[] = {
        {&entry__codes__descriptor, "code", true},          {&entry__codes__descriptor, "container", true},
        {&entry__code_state__descriptor, "code", true},     {&entry__epcis_event__descriptor, "code", true},
        {&entry__epcis_event__descriptor, "parent", false}, {&entry__epcis_quantity__descriptor, "code", false},
        {&entry__scan__descriptor, "code", false}};
    const ProtobufCBinaryData *b = at;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (m->descriptor != fields[i].of || !str_is(str_of(f->name), fields[i].field)) continue;
        reader r = reader_of(str_from(b->data, b->len));
        if (!fields[i].list) put_code(j, str_from(b->data, b->len));
        else {
            json_open_array(j);
            while (!reader_done(&r)) put_code(j, read_text(&r));
            json_end_array(j);
        }
        return true;
    }
    return false;
}

/* Any message of journal.proto by its descriptor; bytes are hex. */
static void put_message(json *j, const ProtobufCMessage *m) {
    json_open_object(j);
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];
        const char *at = (const char *)m + f->offset;
        json_key(j, f->name);
        if (f->type == PROTOBUF_C_TYPE_BYTES && f->label != PROTOBUF_C_LABEL_REPEATED && put_codes(j, m, f, at))
            continue;
        if (f->label != PROTOBUF_C_LABEL_REPEATED) {
            put_value(j, f->type, at);
            continue;
        }
        size_t n = *(const size_t *)((const char *)m + f->quantifier_offset);
        const char *list = *(const char *const *)at;
        json_open_array(j);
        for (size_t k = 0; k < n; k++) put_value(j, f->type, list + k * width_of(f));
        json_end_array(j);
    }
    json_end_object(j);
}

static void put_row(json *j, const catalog_fact *fact, ProtobufCBinaryData row) {
    reader r = reader_of(str_from(row.data, row.len));
    json_open_object(j);
    for (size_t c = 0; c < fact->column_count && !reader_done(&r); c++) {
        str cell = read_text(&r);
        if (cell.n == 0) continue;
        json_key(j, fact->columns[c].name);
        json_str(j, cell);
    }
    json_end_object(j);
}

static bool put_catalog(json *j, const entry *en, arena *a, err *e) {
    const Entry__Catalog *m =
        (const void *)message_unpack(&entry__catalog__descriptor, en->body, LIMIT_ENTRY_ROWS, a, e);
    catalog_table table;
    if (m == NULL) return false;
    json_open_object(j);
    put_text(j, "table", str_of(m->table));
    put_text(j, "source", str_of(m->source));
    json_key(j, "remove");
    json_bool(j, m->remove);
    json_key(j, "rows");
    json_open_array(j);
    if (catalog_table_parse(str_of(m->table), &table))
        for (size_t i = 0; i < m->n_row; i++) put_row(j, &catalog_tables[table], m->row[i]);
    json_end_array(j);
    json_end_object(j);
    return true;
}

static void put_lines(json *j, const batch *b, uint32_t doc) {
    json_key(j, "lines");
    json_open_array(j);
    for (uint32_t row = b->doc_first[doc]; row < b->doc_first[doc + 1]; row++) {
        int64_t number[LINE_NUMBER_COUNT];
        str text[LINE_TEXT_COUNT];
        for (size_t c = 0; c < LINE_NUMBER_COUNT; c++) number[c] = column_number(b->line_number[c], row);
        for (size_t c = 0; c < LINE_TEXT_COUNT; c++) text[c] = column_text(&b->line_text[c], row);
        line_json(j, number, text);
    }
    json_end_array(j);
}

static void put_document(json *j, const batch *b, uint32_t doc, str partner_id, arena *scratch) {
    uint8_t digest[DIGEST_SIZE];
    AUTO(buf) day = {0};
    int64_t date = column_number(b->doc_number[D_DATE], doc), part = column_number(b->doc_number[D_PART], doc);
    str named = column_text(&b->doc_text[D_PARTNER], doc);
    json_open_object(j);
    put_text(j, "partner", named.n ? named : partner_id);
    put_text(j, "type", column_text(&b->doc_text[D_TYPE], doc));
    put_text(j, "number", column_text(&b->doc_text[D_NUMBER], doc));
    if (date == NUM_NONE && b->doc_first[doc] < b->doc_first[doc + 1])
        date = column_number(b->line_number[N_DATE], b->doc_first[doc]);
    if (date != NUM_NONE) day_put(&day, (day_t)date);
    put_text(j, "date", buf_str(&day));
    put_text(j, "version", column_text(&b->doc_text[D_VERSION], doc));
    batch_document_digest(b, doc, scratch, digest);
    json_key(j, "digest");
    put_hex(j, digest, sizeof digest);
    put_text(j, "file", b->file_name);
    json_key(j, "file_sha256");
    put_hex(j, b->sha256, 32);
    if (part != NUM_NONE) {
        json_key(j, "part");
        json_int(j, part);
        json_key(j, "parts");
        json_int(j, column_number(b->doc_number[D_PARTS], doc));
    }
    put_lines(j, b, doc);
    json_end_object(j);
}

static bool put_documents(json *j, const entry *en, arena *a, err *e) {
    const Entry__Upload *m = (const void *)message_unpack(&entry__upload__descriptor, en->body, LIMIT_REPEATED, a, e);
    batch b;
    if (m == NULL || !batch_decode(str_from(m->frame.data, m->frame.len), a, &b, e)) return false;
    if (b.docs != 1) json_open_array(j);
    for (uint32_t doc = 0; doc < b.docs; doc++) put_document(j, &b, doc, str_of(m->partner), a);
    if (b.docs != 1) json_end_array(j);
    return true;
}

static bool put_body(json *j, const entry *en, arena *a, err *e) {
    const ProtobufCMessageDescriptor *d = NULL;
    switch (en->kind) {
    case KIND_DOCUMENT: return put_documents(j, en, a, e);
    case KIND_CATALOG: return put_catalog(j, en, a, e);
    case KIND_GENESIS: d = &entry__genesis__descriptor; break;
    case KIND_UPLOAD_REFUSED: d = &entry__upload_refused__descriptor; break;
    case KIND_SETTING: d = &entry__setting__descriptor; break;
    case KIND_USER_ACCESS: d = &entry__user_access__descriptor; break;
    case KIND_TOKEN: d = &entry__token__descriptor; break;
    case KIND_USER: d = &entry__user__descriptor; break;
    case KIND_AGENT_TOKEN: d = &entry__agent_token__descriptor; break;
    case KIND_AGENT_ENROLLED: d = &entry__agent_enrolled__descriptor; break;
    case KIND_AGENT_REVOKED: d = &entry__agent_revoked__descriptor; break;
    case KIND_WITHDRAW: d = &entry__withdraw__descriptor; break;
    case KIND_REPOST: d = &entry__repost__descriptor; break;
    case KIND_PERSON: d = &entry__person__descriptor; break;
    case KIND_NOTICE: d = &entry__notices__descriptor; break;
    case KIND_NOTICE_READ: d = &entry__notices_read__descriptor; break;
    case KIND_PROPOSAL: d = &entry__proposal__descriptor; break;
    case KIND_DECISION: d = &entry__decision__descriptor; break;
    case KIND_WALLET: d = &entry__wallet__descriptor; break;
    case KIND_POLICY: d = &entry__policy__descriptor; break;
    case KIND_ACCRUAL: d = &entry__accrual__descriptor; break;
    case KIND_PERIOD: d = &entry__period__descriptor; break;
    case KIND_SETTLEMENT: d = &entry__settlement__descriptor; break;
    case KIND_HOLD: d = &entry__hold__descriptor; break;
    case KIND_PAYOUT: d = &entry__payout__descriptor; break;
    case KIND_PAYOUT_STEP: d = &entry__payout_step__descriptor; break;
    case KIND_VOUCHERS: d = &entry__vouchers__descriptor; break;
    case KIND_STEP: d = &entry__step__descriptor; break;
    case KIND_SIGNALS: d = &entry__signals__descriptor; break;
    case KIND_CASE_STEP: d = &entry__case_step__descriptor; break;
    case KIND_CLAIM: d = &entry__claim__descriptor; break;
    case KIND_PAPER: d = &entry__paper__descriptor; break;
    case KIND_PENALTY: d = &entry__penalty_schedule__descriptor; break;
    case KIND_TRACE_RULE: d = &entry__trace_rule__descriptor; break;
    case KIND_HOOK: d = &entry__hook__descriptor; break;
    case KIND_INSPECTION: d = &entry__inspection__descriptor; break;
    case KIND_CODES: d = &entry__codes__descriptor; break;
    case KIND_CODE_STATE: d = &entry__code_state__descriptor; break;
    case KIND_EVENTS: d = &entry__events__descriptor; break;
    case KIND_SCANS: d = &entry__scans__descriptor; break;
    case KIND_ACCESS: d = &entry__access__descriptor; break;
    case KIND_STOCK_RULE: d = &entry__stock_rule__descriptor; break;
    case KIND_SUGGEST: d = &entry__suggest__descriptor; break;
    case KIND_SEASONS: d = &entry__seasons__descriptor; break;
    case KIND_ORDER: d = &entry__order__descriptor; break;
    case KIND_ORDER_STEP: d = &entry__order_step__descriptor; break;
    case KIND_OVERSTOCK: d = &entry__overstock__descriptor; break;
    case KIND_TRANSFER: d = &entry__transfers__descriptor; break;
    case KIND_TRANSFER_STEP: d = &entry__transfer_step__descriptor; break;
    case KIND_TRIAL: d = &entry__trial__descriptor; break;
    case KIND_TRIAL_END: d = &entry__trial_end__descriptor; break;
    case KIND_CLOCK: d = &entry__clock__descriptor; break;
    default: return err_set(e, ERR_DATA, "unknown kind of entry %u", en->kind);
    }
    const ProtobufCMessage *m = message_unpack(d, en->body, LIMIT_ENTRY_ROWS, a, e);
    if (m) put_message(j, m);
    return m != NULL;
}

bool entry_json(json *j, const entry *en, int zone_min, err *e) {
    AUTO(arena) a = {0};
    AUTO(buf) time = {0};
    arena_init(&a, BODY_BYTES + 2 * LIMIT_DECODE_BYTES);
    time_put(&time, en->time_ms, zone_min);
    json_open_object(j);
    json_key(j, "seq");
    json_uint(j, en->seq);
    put_text(j, "time", buf_str(&time));
    put_text(j, "actor", en->actor);
    json_key(j, "kind");
    json_z(j, entry_kind_name(en->kind));
    json_key(j, "prev");
    put_hex(j, en->prev, DIGEST_SIZE);
    json_key(j, "hash");
    put_hex(j, en->hash, DIGEST_SIZE);
    json_key(j, "body");
    if (!put_body(j, en, &a, e)) return err_wrap(e, "entry %llu", (unsigned long long)en->seq);
    json_end_object(j);
    return true;
}

bool journal_export(kv *db, uint64_t from, uint64_t to, export_fn fn, void *arg, err *e) {
    AUTO(txn) *t = NULL;
    AUTO(buf) line = {0};
    entry en;
    TRY(txn_begin(db, TXN_READ, &t, e));
    int zone = (int)setting_number(t, SETTING_ZONE);
    for (uint64_t seq = from ? from : 1; (to == 0 || seq <= to) && journal_get(t, seq, &en); seq++) {
        buf_clear(&line);
        json j = json_into(&line);
        TRY(entry_json(&j, &en, zone, e));
        buf_byte(&line, '\n');
        TRY(fn(arg, buf_str(&line), e));
        if (seq % SLICE_ENTRIES == 0) TRY(txn_renew(t, e));
    }
    return txn_ok(t, e);
}
