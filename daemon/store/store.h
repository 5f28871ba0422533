/* store — the tables of the data folder, their sort, and the schema version. Every key layout is in keys.h.
 *
 *   journal      what happened; never changed
 *   view         a function of the journal; replay must give the same bytes (`exact`)
 *   cache        a function of views; may be dropped and rebuilt
 *   operational  sessions, last contact, results of requests; not journaled, not verified
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "kv/kv.h"

typedef enum table_sort { SORT_JOURNAL, SORT_VIEW, SORT_CACHE, SORT_OPERATIONAL } table_sort;

/* enum, name in LMDB and in `journal verify`, sort */
#define STORE_TABLES(X)                                                                                                \
    X(TABLE_META, "meta", SORT_OPERATIONAL)                                                                            \
    X(TABLE_JOURNAL, "journal", SORT_JOURNAL)                                                                          \
    X(TABLE_COUNTER, "counter", SORT_VIEW)                                                                             \
    X(TABLE_CATALOG, "catalog", SORT_VIEW)                                                                             \
    X(TABLE_CATALOG_NO, "catalog_no", SORT_VIEW)                                                                       \
    X(TABLE_CATALOG_HISTORY, "catalog_history", SORT_VIEW)                                                             \
    X(TABLE_CATALOG_INDEX, "catalog_index", SORT_VIEW)                                                                 \
    X(TABLE_SETTING, "setting", SORT_VIEW)                                                                             \
    X(TABLE_USER, "user", SORT_VIEW)                                                                                   \
    X(TABLE_PERSON, "person", SORT_VIEW)                                                                               \
    X(TABLE_AGENT, "agent", SORT_VIEW)                                                                                 \
    X(TABLE_AGENT_KEY, "agent_key", SORT_VIEW)                                                                         \
    X(TABLE_RECEIPT, "receipt", SORT_VIEW)                                                                             \
    X(TABLE_CUSTOMER, "customer", SORT_VIEW)                                                                           \
    X(TABLE_CUSTOMER_NO, "customer_no", SORT_VIEW)                                                                     \
    X(TABLE_CUSTOMER_CARD, "customer_card", SORT_VIEW)                                                                 \
    X(TABLE_ACCESS, "access", SORT_VIEW)                                                                               \
    X(TABLE_UPLOAD, "upload", SORT_VIEW)                                                                               \
    X(TABLE_UPLOAD_DOCUMENT, "upload_document", SORT_VIEW)                                                             \
    X(TABLE_DOCUMENT, "document", SORT_VIEW)                                                                           \
    X(TABLE_DOCUMENT_NO, "document_no", SORT_VIEW)                                                                     \
    X(TABLE_DOCUMENT_DAY, "document_day", SORT_VIEW)                                                                   \
    X(TABLE_REBATED_DAY, "rebated_day", SORT_VIEW)                                                                     \
    X(TABLE_REPORT_DAY, "report_day", SORT_VIEW)                                                                       \
    X(TABLE_DOCUMENT_DATED, "document_dated", SORT_VIEW)                                                               \
    X(TABLE_REPLACEMENT, "replacement", SORT_VIEW)                                                                     \
    X(TABLE_POSTING, "posting", SORT_VIEW)                                                                             \
    X(TABLE_WAITING, "waiting", SORT_VIEW)                                                                             \
    X(TABLE_FLOW_DAY, "flow_day", SORT_VIEW)                                                                           \
    X(TABLE_FLOW_MONTH, "flow_month", SORT_VIEW)                                                                       \
    X(TABLE_FLOW_REGION, "flow_region", SORT_VIEW)                                                                     \
    X(TABLE_STOCK_COUNT, "stock_count", SORT_VIEW)                                                                     \
    X(TABLE_WALLET, "wallet", SORT_VIEW)                                                                               \
    X(TABLE_WALLET_MOVE, "wallet_move", SORT_VIEW)                                                                     \
    X(TABLE_WALLET_HOLD, "wallet_hold", SORT_VIEW)                                                                     \
    X(TABLE_HOLD, "hold", SORT_VIEW)                                                                                   \
    X(TABLE_PROPOSAL, "proposal", SORT_VIEW)                                                                           \
    X(TABLE_POLICY, "policy", SORT_VIEW)                                                                               \
    X(TABLE_ACCRUAL, "accrual", SORT_VIEW)                                                                             \
    X(TABLE_ACTIVITY, "activity", SORT_VIEW)                                                                           \
    X(TABLE_ACTIVITY_NO, "activity_no", SORT_VIEW)                                                                     \
    X(TABLE_PERIOD, "period", SORT_VIEW)                                                                               \
    X(TABLE_STATEMENT, "statement", SORT_VIEW)                                                                         \
    X(TABLE_STATEMENT_NO, "statement_no", SORT_VIEW)                                                                   \
    X(TABLE_STATEMENT_LINE, "statement_line", SORT_VIEW)                                                               \
    X(TABLE_VOUCHERS, "vouchers", SORT_VIEW)                                                                           \
    X(TABLE_CODE, "code", SORT_VIEW)                                                                                   \
    X(TABLE_CODE_RANGE, "code_range", SORT_VIEW)                                                                       \
    X(TABLE_CODE_CLASS, "code_class", SORT_VIEW)                                                                       \
    X(TABLE_CODE_STATE, "code_state", SORT_VIEW)                                                                       \
    X(TABLE_CONTAINER, "container", SORT_VIEW)                                                                         \
    X(TABLE_CUSTODY, "custody", SORT_VIEW)                                                                             \
    X(TABLE_CODE_DOCUMENT, "code_document", SORT_VIEW)                                                                 \
    X(TABLE_LOT, "lot", SORT_VIEW)                                                                                     \
    X(TABLE_EVENT, "event", SORT_VIEW)                                                                                 \
    X(TABLE_EVENT_NO, "event_no", SORT_VIEW)                                                                           \
    X(TABLE_SIGHTING, "sighting", SORT_VIEW)                                                                           \
    X(TABLE_SIGHTING_CODE, "sighting_code", SORT_VIEW)                                                                 \
    X(TABLE_ACCOUNTS, "accounts", SORT_VIEW)                                                                           \
    X(TABLE_PAYOUT, "payout", SORT_VIEW)                                                                               \
    X(TABLE_PAYOUT_NO, "payout_no", SORT_VIEW)                                                                         \
    X(TABLE_PAYOUT_LINE, "payout_line", SORT_VIEW)                                                                     \
    X(TABLE_NOTICE, "notice", SORT_VIEW)                                                                               \
    X(TABLE_CASE, "case", SORT_VIEW)                                                                                   \
    X(TABLE_CASE_PARTNER, "case_partner", SORT_VIEW)                                                                   \
    X(TABLE_CASE_SIGNAL, "case_signal", SORT_VIEW)                                                                     \
    X(TABLE_CASE_STEP, "case_step", SORT_VIEW)                                                                         \
    X(TABLE_CASE_MONEY, "case_money", SORT_VIEW)                                                                       \
    X(TABLE_SIGNAL, "signal", SORT_VIEW)                                                                               \
    X(TABLE_LEARNED, "learned", SORT_VIEW)                                                                             \
    X(TABLE_CLAIM, "claim", SORT_VIEW)                                                                                 \
    X(TABLE_PAPER, "paper", SORT_VIEW)                                                                                 \
    X(TABLE_PAPER_PIECE, "paper_piece", SORT_OPERATIONAL)                                                              \
    X(TABLE_PENALTY, "penalty", SORT_VIEW)                                                                             \
    X(TABLE_TRACE_RULE, "trace_rule", SORT_VIEW)                                                                       \
    X(TABLE_INSPECTION, "inspection", SORT_VIEW)                                                                       \
    X(TABLE_STOCK_RULE, "stock_rule", SORT_VIEW)                                                                       \
    X(TABLE_SUGGESTION, "suggestion", SORT_VIEW)                                                                       \
    X(TABLE_SEASON, "season", SORT_VIEW)                                                                               \
    X(TABLE_ORDER, "order", SORT_VIEW)                                                                                 \
    X(TABLE_ORDER_NO, "order_no", SORT_VIEW)                                                                           \
    X(TABLE_ORDER_LINE, "order_line", SORT_VIEW)                                                                       \
    X(TABLE_ORDER_STEP, "order_step", SORT_VIEW)                                                                       \
    X(TABLE_ORDER_CODE, "order_code", SORT_VIEW)                                                                       \
    X(TABLE_ORDER_STANDING, "order_standing", SORT_VIEW)                                                               \
    X(TABLE_RESERVED, "reserved", SORT_VIEW)                                                                           \
    X(TABLE_ORDER_CREDIT, "order_credit", SORT_VIEW)                                                                   \
    X(TABLE_LEAD_TIME, "lead_time", SORT_VIEW)                                                                         \
    X(TABLE_OVERSTOCK, "overstock", SORT_VIEW)                                                                         \
    X(TABLE_TRANSFER, "transfer", SORT_VIEW)                                                                           \
    X(TABLE_TRIAL, "trial", SORT_VIEW)                                                                                 \
    X(TABLE_DEMAND, "demand", SORT_CACHE)                                                                              \
    X(TABLE_DEMAND_MARK, "demand_mark", SORT_CACHE)                                                                    \
    X(TABLE_LEARNT, "learnt", SORT_OPERATIONAL)                                                                        \
    X(TABLE_CONTACT, "contact", SORT_OPERATIONAL)                                                                      \
    X(TABLE_PERSON_KEY, "person_key", SORT_OPERATIONAL)                                                                \
    X(TABLE_REQUEST, "request", SORT_OPERATIONAL)                                                                      \
    X(TABLE_HOOK, "hook", SORT_VIEW)                                                                                   \
    X(TABLE_OUTBOX, "outbox", SORT_OPERATIONAL)                                                                        \
    X(TABLE_HOOK_STATE, "hook_state", SORT_OPERATIONAL)                                                                \
    X(TABLE_USER_ACCESS, "user_access", SORT_VIEW)                                                                     \
    X(TABLE_TOKEN, "token", SORT_VIEW)                                                                                 \
    X(TABLE_TOTP, "totp", SORT_OPERATIONAL)                                                                            \
    X(TABLE_SESSION, "session", SORT_OPERATIONAL)

typedef enum store_table {
#define X(table, name, sort) table,
    STORE_TABLES(X)
#undef X
        STORE_TABLE_COUNT
} store_table;

extern const struct store_table_fact {
    const char *name;
    table_sort sort;
} store_tables[STORE_TABLE_COUNT];

enum { STORE_SCHEMA = 1 };

/** Open DIR's data; create, or migrate forward, when writable. A folder of a newer schema is refused by name
 *  (ERR_CONFIG). Does not journal anything. */
MUST_USE bool store_open(const char *dir, uint64_t map_size, bool read_only, kv **out, err *e);

/** Remove a data folder that was not finished (a backup or a restore): its files by name, then the folder when it is empty. */
void store_discard(const char *dir);

/** Random number of this database state: new with the database, changed by every restore. */
uint64_t store_db_epoch(txn *t);
void store_set_db_epoch(txn *t, uint64_t epoch);
/** The deployment's privacy key, made when it is asked for first (a write transaction). Operational: never journaled, given
 *  to agents when they enrol, so that one phone has one hash at all partners and nobody without it can try numbers. */
enum { STORE_PRIVACY_KEY = 32 };
void store_privacy_key(txn *t, uint8_t out[static STORE_PRIVACY_KEY]);
/** The key that targets of hooks are sealed under, made when it is asked for first with `make` (a write transaction). Operational:
 *  a journal replayed elsewhere cannot send in this deployment's name. False: there is none. */
enum { STORE_HOOK_KEY = 32 };
bool store_hook_key(txn *t, bool make, uint8_t out[static STORE_HOOK_KEY]);
/** The next number of a view's sequence ("partner", "product", "document" …), from 1. */
uint64_t store_next(txn *t, const char *counter);
/** The first of n numbers that follow one another. */
uint64_t store_next_many(txn *t, const char *counter, uint64_t n);
/** Operational texts by name (last backup …). */
bool store_meta(txn *t, const char *name, str *val);
void store_set_meta(txn *t, const char *name, str val);

#endif
