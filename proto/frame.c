#include "proto/frame.h"

#include "proto/limits.h"

enum { DEPTH_MAX = 3, FIELDS_MAX = 32 };

bool frame_open(str frame, frame_type *type, str *payload, err *e) {
    static const uint8_t known[256] = {
#define X(t, no, message) [no] = 1,
        FRAME_TYPES(X)
#undef X
    };
    const uint8_t *p = (const uint8_t *)frame.p;
    if (frame.n > LIMIT_FRAME_BYTES) return err_set(e, ERR_DATA, "frame of %zu bytes refused", frame.n);
    if (frame.n < FRAME_HEADER || p[0] != FRAME_MAGIC) return err_set(e, ERR_DATA, "not a frame of this protocol");
    if (p[1] != FRAME_PROTO) return err_set(e, ERR_DATA, "protocol %u is not spoken here, only %d", p[1], FRAME_PROTO);
    if (!known[p[2]]) return err_set(e, ERR_DATA, "unknown message type %u", p[2]);
    *type = (frame_type)p[2];
    *payload = str_skip(frame, FRAME_HEADER);
    return true;
}

void frame_put_header(buf *out, frame_type type) {
    const char header[FRAME_HEADER] = {FRAME_MAGIC, FRAME_PROTO, (char)type};
    buf_add(out, str_from(header, sizeof header));
}

void frame_put(buf *out, frame_type type, const ProtobufCMessage *m) {
    frame_put_header(out, type);
    message_pack(out, m);
}

void message_pack(buf *out, const ProtobufCMessage *m) {
    size_t n = protobuf_c_message_get_packed_size(m);
    buf_reserve(out, n + 1); /* an empty message, too, wants a place to write to */
    out->n += protobuf_c_message_pack(m, (uint8_t *)out->p + out->n);
}

/* What may be seen on the way through a message, before anything is allocated for it. */
typedef struct scan {
    size_t repeated_max, unknown;
    err *e;
} scan;

static bool refuse(const scan *s, const char *what, const char *why) {
    return err_set(s->e, ERR_DATA, "message refused: %s: %s", what, why);
}

static unsigned wire_type(ProtobufCType t) {
    switch (t) {
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT: return PROTOBUF_C_WIRE_TYPE_32BIT;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE: return PROTOBUF_C_WIRE_TYPE_64BIT;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE: return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    default: return PROTOBUF_C_WIRE_TYPE_VARINT;
    }
}

/* Step over one value; for length-prefixed ones *bytes is what stands in it. */
static bool skip_value(reader *r, unsigned wire, str *bytes) {
    switch (wire) {
    case PROTOBUF_C_WIRE_TYPE_VARINT: (void)read_varint(r); break;
    case PROTOBUF_C_WIRE_TYPE_64BIT: (void)read_bytes(r, 8); break;
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED: *bytes = read_text(r); break;
    case PROTOBUF_C_WIRE_TYPE_32BIT: (void)read_bytes(r, 4); break;
    default: r->bad = true;
    }
    return !r->bad;
}

/* Elements of a packed field. */
static size_t packed_count(str s, unsigned wire) {
    size_t n = 0;
    if (wire == PROTOBUF_C_WIRE_TYPE_64BIT) return (s.n + 7) / 8;
    if (wire == PROTOBUF_C_WIRE_TYPE_32BIT) return (s.n + 3) / 4;
    for (size_t i = 0; i < s.n; i++) n += (unsigned char)s.p[i] < 0x80;
    return n;
}

static bool scan_message(scan *s, const ProtobufCMessageDescriptor *d, str bytes, unsigned depth);

static bool scan_field(scan *s, const ProtobufCFieldDescriptor *f, unsigned wire, str bytes, unsigned depth,
                       size_t *count) {
    bool repeated = f->label == PROTOBUF_C_LABEL_REPEATED;
    bool packed = repeated && wire == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED && wire_type(f->type) != wire;
    if (!packed && wire != wire_type(f->type)) return refuse(s, f->name, "another type is wanted");
    *count += packed ? packed_count(bytes, wire_type(f->type)) : 1;
    if (!repeated && *count > 1) return refuse(s, f->name, "stands twice");
    if (*count > s->repeated_max && repeated) return refuse(s, f->name, "too many elements");
    if (f->type == PROTOBUF_C_TYPE_STRING && !(utf8_valid(bytes) && text_clean(bytes)))
        return refuse(s, f->name, "not UTF-8, or a control character");
    return f->type != PROTOBUF_C_TYPE_MESSAGE || scan_message(s, f->descriptor, bytes, depth + 1);
}

static bool scan_message(scan *s, const ProtobufCMessageDescriptor *d, str bytes, unsigned depth) {
    size_t counts[FIELDS_MAX] = {0};
    reader r = reader_of(bytes);
    ASSERT(d->n_fields <= FIELDS_MAX);
    if (depth > DEPTH_MAX) return refuse(s, d->name, "nested too deep");
    while (!reader_done(&r)) {
        uint64_t tag = read_varint(&r);
        str value = STR_NONE;
        if (tag >> 3 == 0 || tag > UINT32_MAX || !skip_value(&r, tag & 7, &value)) break;
        const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(d, (unsigned)(tag >> 3));
        if (f == NULL && ++s->unknown > LIMIT_UNKNOWN_FIELDS) return refuse(s, d->name, "too many unknown fields");
        if (f) TRY(scan_field(s, f, tag & 7, value, depth, &counts[f - d->fields]));
    }
    return reader_done(&r) && !r.bad ? true : refuse(s, d->name, "malformed");
}

static void *from_arena(void *a, size_t n) {
    return arena_alloc(a, n);
}

static void to_arena(void *a, void *p) {
    (void)a;
    (void)p;
}

ProtobufCMessage *message_unpack(const ProtobufCMessageDescriptor *d, str bytes, size_t repeated_max, arena *a,
                                 err *e) {
    scan s = {.repeated_max = repeated_max, .e = e};
    ProtobufCAllocator allocator = {.alloc = from_arena, .free = to_arena, .allocator_data = a};
    if (!scan_message(&s, d, bytes, 1)) return NULL;
    const uint8_t *p = (const uint8_t *)(bytes.p ? bytes.p : "");
    ProtobufCMessage *m = protobuf_c_message_unpack(d, &allocator, bytes.n, p);
    if (m == NULL) (void)err_set(e, ERR_DATA, "message refused: %s: malformed, or it takes too much memory", d->name);
    return m;
}
