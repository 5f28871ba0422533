/* cases — what the commands about cases share: who may see one, what its goods are worth, and how a step is journaled. */
#ifndef COMMAND_CASES_H
#define COMMAND_CASES_H

#include "daemon/command/command.h"
#include "daemon/trace/cases.h"
#include "daemon/trace/penalty.h"

/** The case that is named, its texts kept. A partner may see its own once its notice was let out; staff by their scope, and
 *  whoever it is assigned to. ERR_NOT_FOUND, ERR_DENIED in the same words whether it exists or not. */
MUST_USE bool case_of_call(call *c, str id, case_head *out, err *e);
/** May the caller see it? */
bool case_visible(call *c, const case_head *h);
/** Is it a partner who asks? Then reporters and what is said in the house stay hidden. */
static inline bool case_outward(const call *c) {
    return (c->who.role & ROLES_PARTNER) != 0;
}

/** The products of its signals in the order of their skus; in the call's arena. */
size_t case_products(call *c, const case_signal *s, size_t n, str **skus);

typedef struct case_good {
    uint32_t product;
    int64_t quantity;
} case_good;
/** The goods of a case: those of the family of evidence that tells the greatest quantity; in the call's arena. */
size_t case_goods_of(call *c, const case_head *h, case_good **out);
/** The same as a step bears them. */
void case_goods_put(call *c, const case_head *h, Entry__CaseStep *m);

/** What the case costs by the schedule and contract of its first event. `schedule` 0: a warning only, `why` says why. */
typedef struct case_cost {
    uint32_t schedule;
    str contract, clause, why, told;
    penalty_due due;
    uint32_t currency, no_exemption_days;
} case_cost;
MUST_USE bool case_cost_of(call *c, const case_head *h, case_cost *out, err *e);

/* ---- steps */

/** The text of --text or --reason, at most LIMIT_CASE_TEXT bytes; ERR_USAGE when needed and absent. */
MUST_USE bool case_text(call *c, const char *option, bool needed, char **out, err *e);
/** Files that came along are kept; with those of --attached (digests, or ids `paper add` gave) they are the step's. */
MUST_USE bool case_papers(call *c, ProtobufCBinaryData **out, size_t *n, err *e);
/** May the caller do the act to the case now, by its role? ERR_CONFLICT: the state does not take it; ERR_DENIED. */
MUST_USE bool case_may_step(call *c, const case_head *h, case_act act, err *e);
/** The codes of --codes, joined by commas. */
MUST_USE bool case_codes(call *c, char ***out, size_t *n, err *e);
/** Keep a file; its digest. A partner may send LIMIT_PAPERS_DAY a day. */
MUST_USE bool paper_keep(call *c, str name, str content, uint8_t *digest, err *e);
/** The digest (hex) of a file that is kept, by whoever may name it: a partner its own, staff any. ERR_NOT_FOUND. */
MUST_USE bool paper_named(call *c, str hex, uint8_t *digest, err *e);
/** The file of the call as a piece, by --digest, --size and --at; *whole (empty before) gets the content with the last. */
MUST_USE bool paper_piece_of_call(call *c, uint32_t partner_no, uint8_t *digest, buf *whole, err *e);
/** The content that an entry keeps, as base64, in the call's arena; p NULL and *e when it cannot be read. */
str paper_base64(call *c, uint64_t entry_no, err *e);
/** A step without anything in it. */
Entry__CaseStep case_step_body(const case_head *h, case_act act);
/** A notice for a partner about the case, appended to the step's. */
void case_tell(call *c, Entry__CaseStep *m, uint32_t partner_no, str id, const char *zh, const char *en);

/** Has the partner a territory at the destination on the day? */
bool case_sells_at(txn *t, uint32_t partner_no, uint32_t destination, day_t day);
/** Verdicts are given by neither region's manager. ERR_DENIED. */
MUST_USE bool case_disinterested(call *c, const case_head *h, err *e);
/** Whoever decides a proposal about a case is bound by the same rules. */
MUST_USE bool case_may_decide(call *c, str body, err *e);

/** The step by which a case is dismissed because an exemption covers it; in `a`. */
Entry__CaseStep case_cover_body(txn *t, int64_t now_ms, int zone_min, const case_head *h, str reference, arena *a);
/** Cases whose every signal a granted exemption covers are dismissed, with the reason; how many. As `who`. */
MUST_USE bool cases_cover(txn *t, int64_t now_ms, str who, arena *a, size_t *n, err *e);
/** What the clock does: holds end when the manufacturer missed its deadline; what can no longer be appealed is closed. */
MUST_USE bool cases_pass(txn *t, int64_t now_ms, int zone_min, uint64_t *steps, err *e);

#endif
