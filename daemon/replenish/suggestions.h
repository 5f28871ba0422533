/* suggestions — the one standing suggestion of a partner and product, with the figures it was made of and those before
 * them. A plan journals only what changed; apply stores it and never judges again.
 *
 *   suggestion   partner u32, product u32 → state u8, entry u64, order u64, quantity i64, silent until i32, then texts:
 *                why it was refused, figures, figures before
 *
 * Open suggestions of a partner are the lines of its one order in the state `suggested` (orders.h). */
#ifndef REPLENISH_SUGGESTIONS_H
#define REPLENISH_SUGGESTIONS_H

#include "daemon/replenish/plan.h"
#include "daemon/store/apply.h"
#include "proto/journal.pb-c.h"

typedef struct suggestion {
    uint32_t partner, product;
    standing_one standing;
    uint64_t entry, order;
    str refused;         /* the partner's reason */
    str figures, before; /* figures_read(); "" none */
} suggestion;

/** Texts are borrowed. */
bool suggestion_get(txn *t, uint32_t partner_no, uint32_t product_no, suggestion *out);
bool suggestion_decode(str stored_key, str val, suggestion *out);
void suggestion_put(txn *t, const suggestion *s); /* texts not borrowed from t */

/** A suggestion's figures as bytes: estimates to the thousandth. */
void figures_put(const replenish_suggestion *s, buf *out);
bool figures_read(str bytes, replenish_suggestion *out);

/** KIND_SUGGEST. Rows whose suggestion moved since it was judged are passed over; r->lines: rows taken. */
MUST_USE bool replenish_take(txn *t, const entry *en, const Entry__Suggest *m, apply_result *r, err *e);
bool suggestion_content(txn *t, uint32_t table, str stored_key, str val, buf *out);

#endif
