/* keys — every key layout of the data folder, on one screen. Numbers are fixed-width big-endian, so byte order is
 * numeric order and a prefix is a range; signed days are stored with the sign bit flipped. Texts stand last, or are
 * closed by a 0 byte.
 *
 *   table             key                                                value
 *   meta              name                                               text
 *   journal           seq u64                                            entry header + body (journal/entry.h)
 *   counter           name                                               u64
 *   catalog           table u8, cells of the key, each closed by 0       no u32, entry u64, flags u8, cells
 *   catalog_no        table u8, no u32                                   the catalog key without its table byte
 *   catalog_history   table u8, no u32, entry u64                        valid from day, flags u8, cells
 *   catalog_index     index u8, index's own key                          see catalog/index.h
 *   setting           name                                               entry u64, text
 *   user              name                                               record
 *   person            id                                                 entry u64, nonce, sealed bytes
 *   agent             agent id                                           record (catalog/agents.h)
 *   agent_key         CURVE key, 32 bytes                                record: whose, token or agent
 *   receipt           agent id or actor, 0, epoch u64, seq u64           digest 32, wire.Receipt
 *                     agent id or actor, 0                               its upload state (ledger/uploads.h)
 *   customer          partner u32, customer text                         customer u32
 *   customer_no       customer u32                                       partner u32, customer text
 *   customer_card     partner u32, customer text                         record (ledger/customers.h)
 *   access            partner u32, entry u64                             time i64, rows, actor, command (catalog/access.h)
 *   upload            upload u64 (= journal entry of its first batch)    record (ledger/uploads.h)
 *   upload_document   upload u64, document u64                           outcome u8, lines (varint)
 *   document          partner u32, number (its first 32 bytes), 0,       document u64
 *                     identity 16 bytes (BLAKE2b)
 *   document_no       document u64                                       record (ledger/document.h)
 *   document_day      partner u32, day i32, document u64                 ""          (documents with lines of that
 *                                                                        partner and day; payments and counts too)
 *   rebated_day       partner u32, day i32, document u64                 ""          (of these, documents with lines paid
 *                                                                        out of the rebate account)
 *   report_day        reporter u32, type u8, nil u8, day i32, document u64   what it says of the day (ledger/reports.h)
 *   document_dated    reporter u32, day i32, document u64                "" (the date of every content seen of it)
 *   replacement       agent id or actor, 0, number of the push u64       upload u64 that cleared its span
 *   posting           document u64                                       posted lines, packed (ledger/posting.h)
 *   waiting           reason u8, word, 0, partner u32, document u64      lines, lines of the content (varints), amount
 *                     (document 0: a customer of the partner without partner record)
 *   flow_day          partner u32, day i32, kind u8, product u32         flow sums (ledger/flow.h)
 *   flow_month        partner u32, product u32, kind u8, year u32        flow sums of its months
 *   flow_region       kind u8, month u32, home u32, ship-to u32, product u32   flow sums
 *   stock_count       partner u32, day i32, product u32, document u64    order u64 u32, quantity i64, stream text
 *   notice            partner u32, day i32, kind, 0, subject             record (outbox/outbox.h)
 *   wallet            partner u32, company, 0, currency u32, account u8  sums (ledger/wallet.h; partner 0: the company's side)
 *   wallet_move       key of the account, entry u64, n u32               cause, amount, days, texts
 *   wallet_hold       key of the account, reference                      amount i64, entry u64, why
 *   hold              partner u32, source, 0, line u32                    record (ledger/hold.h)
 *   proposal          number u64                                         record (journal/proposal.h)
 *   policy            name, 0, revision u32                             record (rebate/policies.h)
 *   accrual           policy, 0, period, 0, partner u32, stage u8,       revision, entry, settled, parts (rebate/accrual.h)
 *                     mechanism
 *   activity          partner u32, claim u64                               record (rebate/activity_claim.h)
 *   activity_no       claim u64                                            partner u32
 *   period            label                                              record (rebate/closing.h)
 *   statement         partner u32, statement u64                         record (rebate/statement.h)
 *   statement_no      statement u64                                      partner u32
 *   statement_line    statement u64, line u32                            record
 *   vouchers          batch u64                                          record (rebate/vouchers.h)
 *   case              id                                                 record (trace/cases.h)
 *   case_partner      partner u32, id                                    ""
 *   signal            key u64                                            record
 *   case_signal       id, 0, time i64, key u64                           ""
 *   case_step         id, 0, step u32                                    record
 *   case_money        id, 0, partner u32, company, 0, currency u32,      what the case has moved, net i64
 *                     account u8
 *   learned           what, 0, from u32, to u32                          value i64, seen u64, of u64 (trace/signals.h)
 *   claim             number u64                                         record (trace/claims.h)
 *   paper             digest 32                                          entry u64, partner u32, size u32, name
 *   paper_piece       partner u32, digest 32, from u32                   time i64, bytes (until the file is whole)
 *   penalty           revision u32                                       record (trace/penalty.h)
 *   trace_rule        name                                               entry u64, value (trace/signals.h)
 *   inspection        number u64                                         record (trace/inspections.h)
 *   code              code key (proto/code.h)                            body (trace/codes.h), or of a container its number
 *   code_range        prefix and last value of the range                 first value u64, body
 *   code_class        0, class u32  |  1, sku, 0, batch                  sku text, batch text  |  class u32
 *   code_state        code key, entry u64 (top bit: an event)            act u8, time i64, texts (trace/codes.h)
 *   container         container u32                                      code key, body, emptied, what was put in
 *   custody           home u32, code key, day i32, reference u64,        move (trace/custody.h)
 *                     line u32  (home: container that it lay in, 0 none; its own moves under home, 0)
 *   code_document     document u64, or event with its top bit set        where its codes stand in custody
 *   lot               0, product u32, lot, 0, partner u32, document u64  day i32
 *                     1, GTIN u64, lot, 0, 0 u32, event u64             day i32
 *   event             hash 16 bytes                                      record (trace/events.h)
 *   event_no          event u64                                          hash 16 bytes
 *   sighting          day i32, digest 16 bytes                           record (trace/sightings.h)
 *   sighting_code     code key, day i32, digest 16 bytes                 ""
 *   accounts          revision u32                                       record (rebate/accounts.h)
 *   payout            partner u32, payout u64                            record (rebate/redemption.h)
 *   payout_no         payout u64                                         partner u32
 *   payout_line       payout u64, line u32                               record
 *   stock_rule        name, 0, revision u32                              record (replenish/rules.h)
 *   suggestion        partner u32, product u32                           record (replenish/suggestions.h)
 *   season            product group, 0                                   profile (replenish/seasons.h)
 *   order             partner u32, order u64                             record (replenish/orders.h)
 *   order_no          order u64                                          partner u32
 *   order_line        order u64, product u32                             record
 *   order_step        order u64, step u32                                record
 *   order_code        order u64, code                                    step u32
 *   order_standing    partner u32                                        order u64 that suggestions stand in
 *   reserved          product u32, until i64, order u64                  quantity i64 (ledger/credit.h)
 *   order_credit      partner u32, company, 0, currency u32, until i64,  amount i64
 *                     order u64
 *   lead_time         partner u32, product u32                           receipts, days, their squares u64
 *   overstock         partner u32, product u32                           record (replenish/overstock.h)
 *   transfer          transfer u64                                       record (replenish/transfers.h)
 *   trial             id                                                 record (replenish/trials.h)
 *   demand            partner u32, product u32                           state of the series (replenish/series.h)
 *   demand_mark       partner u32                                        first day touched i32, touches u64
 *   learnt            reason u8, word, 0  |  reason u8 (every word)      where the search goes on (ledger/repost.h)
 *   contact           agent id                                           record, last contact
 *   person_key        person id                                          32 bytes
 *   hook              hook u32                                           record (outbox/hooks.h)
 *   outbox            hook u32, seq u64, part u32                        message (outbox/queue.h)
 *   hook_state        hook u32                                           what became of its messages (outbox/queue.h)
 *                     0 u32, agent id                                    last contact i64 that was told as too long ago
 *   user_access       name                                               record (catalog/tokens.h)
 *   token             hash 32 bytes                                      record (catalog/tokens.h)
 *   totp              name                                               secret 20 bytes, last step used u64
 *   session           hash 32 bytes                                      record (service/http_session.h)
 *                     "used", hash of a link 32 bytes                    ""
 *   request           request id                                         time i64, status, result
 */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "base/buf.h"
#include "base/calendar.h"

enum { KEY_MAX = 500 }; /* LMDB takes 511 */

/** A key under construction: no allocation, checked against KEY_MAX. */
typedef struct key {
    uint8_t p[KEY_MAX];
    size_t n;
} key;

void key_u8(key *k, uint8_t v);
void key_u32(key *k, uint32_t v);
void key_u64(key *k, uint64_t v);
void key_day(key *k, day_t d);
void key_text(key *k, str s);  /* as the last part */
void key_textz(key *k, str s); /* closed by 0; s has no 0 byte */
void key_bytes(key *k, const void *p, size_t n);
static inline str key_str(const key *k) {
    return str_from(k->p, k->n);
}
/* Reading parts back: base/buf.h reader, plus */
day_t read_day(reader *r);
str read_textz(reader *r);

#endif
