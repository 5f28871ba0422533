/* hold — what of a partner is looked at by somebody and must not be taken for granted meanwhile: a case of diverted goods, an
 * inspection. Who judges writes holds, who pays reads them; neither sees the other.
 *
 *   hold   partner u32, source, 0, line u32     state u8, product u32, quantity i64, amount i64, from i32, until i32,
 *                                               entry u64, then texts: document, why
 *
 * A source ("case/12") has its lines as they stand now: writing it again replaces them all, without lines it is released. An
 * open line says that nothing is decided; an upheld one that it was decided against the partner, and it stays. Quantities
 * are base units in thousandths, amounts minor units of the configured currency. */
#ifndef LEDGER_HOLD_H
#define LEDGER_HOLD_H

#include "base/arena.h"
#include "base/calendar.h"
#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

/* Numbers are stored. */
typedef enum hold_state { HOLD_OPEN = 1, HOLD_UPHELD } hold_state;
const char *hold_state_name(hold_state s); /* "open", "upheld" */
bool hold_state_parse(str s, hold_state *out);

typedef struct hold {
    uint32_t partner;
    str source;
    uint32_t line; /* from 1 */
    hold_state state;
    uint32_t product;         /* 0: all */
    str document;             /* number of the partner's document that is meant; "": any */
    int64_t quantity, amount; /* NUM_NONE: all that flowed on these days; of money: none */
    day_t from, until;        /* business days of the flows meant, both included */
    str why;
    uint64_t entry; /* when read */
} hold;

/** ERR_DATA: no source, no state, no days, figures out of bounds. Reads nothing. */
MUST_USE bool hold_check(const hold *h, size_t n, err *e);
/** The lines of a source at a partner from now on; n 0: released. They passed hold_check(). */
void hold_put(txn *t, uint64_t seq, uint32_t partner_no, str source, const hold *line, size_t n);
/** Holds of a partner (0: of all) by partner, source, line; in `a`, texts copied. */
size_t holds_of(txn *t, uint32_t partner_no, arena *a, hold **out);
/** Is anything of the partner held and not decided yet? *source (may be NULL; borrowed from t): the first. */
bool hold_is_open(txn *t, uint32_t partner_no, str *source);

/** KIND_HOLD: a source written by hand. ERR_NOT_FOUND (partner, product), ERR_DATA. */
MUST_USE bool ledger_hold(txn *t, const entry *en, const Entry__Hold *m, apply_result *r, err *e);
/** What a record says, for `journal verify` (ledger/content.h). */
bool hold_content(txn *t, str stored_key, str val, buf *out);

#endif
