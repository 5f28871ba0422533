/* links: formats proto base */
#include "formats/epcis.h"
#include "proto/code.h"
#include "proto/frame.h"
#include "proto/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is given is an event that the journal can hold: its codes are keys, it can be packed and read back. */
static bool take(void *arg, uint64_t no, const Entry__EpcisEvent *x, err *e) {
    AUTO(buf) packed = {0};
    AUTO(arena) a = {0};
    code_key k;
    (void)arg;
    ASSERT(no > 0 && x->hash.len == 32 && x->type >= EPCIS_OBJECT && x->type <= EPCIS_QUANTITY);
    ASSERT(x->code.len <= LIMIT_EVENT_BYTES && x->n_quantity <= LIMIT_ENTRY_ROWS);
    for (reader r = reader_of(str_from(x->code.data, x->code.len)); !reader_done(&r);)
        ASSERT(code_key_of(read_text(&r), &k));
    message_pack(&packed, &x->base);
    arena_init(&a, 64 * (size_t)LIMIT_EVENT_BYTES);
    ASSERT(message_unpack(&entry__epcis_event__descriptor, buf_str(&packed), LIMIT_EVENT_CODES, &a, e));
    return true;
}

static void fault(void *arg, const epcis_fault *f) {
    (void)arg;
    ASSERT(f->event > 0 && f->wanted[0] && f->hint[0] && f->column[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    epcis_taker how = {NULL, take, fault};
    err e = {0};
    if (!epcis_read(str_from(data, size), &how, &e)) ASSERT(e.code == ERR_DATA && e.text[0]);
    return 0;
}
