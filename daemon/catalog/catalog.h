/* catalog — who and what. Tables of master data are facts (catalog_tables[]): import, set, list, show, history, export
 * and their checks walk the columns. A row is identified by its key columns; its other columns may change, and every
 * change stays in the history. Rows are read through a transaction; texts are borrowed from it. */
#ifndef CATALOG_CATALOG_H
#define CATALOG_CATALOG_H

#include "base/calendar.h"
#include "base/num.h"
#include "daemon/store/store.h"

typedef enum catalog_table {
    CATALOG_PARTNER = 1,
    CATALOG_PRODUCT,
    CATALOG_REGION,
    CATALOG_AREA,
    CATALOG_TERRITORY,
    CATALOG_STAGE,
    CATALOG_PRICE,
    CATALOG_ALIAS,
    CATALOG_ONBOARDING,
    CATALOG_OPENING_STOCK,
    CATALOG_OPENING_WALLET,
    CATALOG_OPENING_VOLUME,
    CATALOG_OPENING_RECEIVABLE,
    CATALOG_CALENDAR,
    CATALOG_FISCAL_MONTH,
    CATALOG_DUTY,
    CATALOG_PROMOTION,
    CATALOG_TARGET,
    CATALOG_EXEMPTION,
    CATALOG_CONTRACT,
    CATALOG_CREDIT,
    CATALOG_SUPPLY,
    CATALOG_QUOTA,
    CATALOG_TRIAL,
    CATALOG_ONE_OFF,
    CATALOG_SUBSTITUTE,
    CATALOG_TABLE_COUNT
} catalog_table;

typedef enum cell_type {
    CELL_ID,      /* text ≤ LIMIT_ID, no control characters */
    CELL_TEXT,    /* text ≤ LIMIT_NAME */
    CELL_WORD,    /* text ≤ LIMIT_TEXT: a word as partners send it */
    CELL_CHOICE,  /* one of column.choices ("a=A=甲|b": a canonical word and others that mean it) */
    CELL_DAY,     /* ISO date; foreign spellings are accepted and stored canonically */
    CELL_TIME,    /* a moment with its zone, or a day: its beginning */
    CELL_MONTH,   /* 2026-07; foreign spellings are accepted */
    CELL_DECIMAL, /* decimal ≥ 0 with ≤ column.scale decimals, stored canonically */
    CELL_SIGNED,  /* the same, and below 0 too */
    CELL_RATE,    /* "13%", "0.13", "13": stored as 0.13 */
    CELL_LIST,    /* texts separated by ; (also ；、,), stored with ; */
    CELL_UNITS,   /* a list of unit=number */
    CELL_REF,     /* id in column.ref's table */
    CELL_OWNER,   /* partner id, or * for everybody */
    CELL_WHOM,    /* the same, or tier=T for all partners of a tier */
    CELL_REGION,  /* region or area: code, id or name; stored as code or id */
    CELL_RULE,    /* of a promotion, as promotion.h reads it */
    CELL_ALIASED, /* what an alias stands for, by its kind */
} cell_type;

typedef struct catalog_column {
    const char *name;
    cell_type type;
    bool key, required;  /* a key column may be empty unless it is required */
    const char *choices; /* CELL_CHOICE */
    unsigned scale;      /* CELL_DECIMAL, CELL_SIGNED */
    catalog_table ref;   /* CELL_REF */
} catalog_column;

typedef struct catalog_fact {
    const char *name; /* "partner" */
    const catalog_column *columns;
    size_t column_count;
    bool numbered; /* rows have a number (u32) by which other views refer to them */
} catalog_fact;

extern const catalog_fact catalog_tables[CATALOG_TABLE_COUNT]; /* [0] unused */
enum { CATALOG_COLUMNS_MAX = 16 };
bool catalog_table_parse(str name, catalog_table *out);

typedef enum row_flag { ROW_UNREVIEWED = 1, ROW_ENDED = 2, ROW_BUILT_IN = 4 } row_flag;

typedef struct catalog_row {
    uint32_t no;    /* 0: table not numbered */
    uint64_t entry; /* journal entry that last changed it */
    uint8_t flags;
    str cell[CATALOG_COLUMNS_MAX]; /* in column order, "" = not stated */
} catalog_row;

bool catalog_get(txn *t, catalog_table table, const str *key_cells, catalog_row *out);
bool catalog_get_no(txn *t, catalog_table table, uint32_t no, catalog_row *out);
/* A business day that is asked about. What answers narrows from … to to the days on which its answer is the same, so
 * that a word of many days is resolved once. */
typedef struct business_day {
    day_t day, from, to;
} business_day;
#define ON_DAY(d) (&(business_day){(d), DAY_MIN, DAY_MAX})

/** The row as it stood on a business day: a change holds from the day of its entry on, the first import since ever (so
 *  that catalogue first or file first gives the same). */
bool catalog_get_at(txn *t, catalog_table table, uint32_t no, business_day *on, catalog_row *out);

/* Typed readings used by the other rooms (partner.h, product.h, region.h, price.h … declare the rest). */
typedef enum partner_kind {
    PARTNER_MANUFACTURER,
    PARTNER_DISTRIBUTOR,
    PARTNER_SUB_DISTRIBUTOR,
    PARTNER_RETAILER,
    PARTNER_TERMINAL,
    PARTNER_KIND_COUNT
} partner_kind;
typedef struct partner {
    uint32_t no, parent, region; /* numbers; 0: none */
    partner_kind kind;
    bool unreviewed, ended;
    str id, name, tier;
} partner;
/** Ended ones are found too (what was posted stays); resolution leaves them out. */
bool partner_by_id(txn *t, str id, partner *out);
bool partner_by_no(txn *t, uint32_t no, partner *out);
/** Sales to it are onward, not final: distributors and sub-distributors always, others once they have an agent. */
bool partner_reports(txn *t, const partner *p);
/** Numbers of all partners below (children, their children …), at most `max`; returns how many. */
size_t partner_below(txn *t, uint32_t no, uint32_t *out, size_t max);

typedef struct product {
    uint32_t no;
    bool unreviewed, ended;
    str sku, gtin, name, brand, category, base_unit, units;
    int64_t tax_rate; /* ppm, NUM_NONE: not stated */
} product;
bool product_by_sku(txn *t, str sku, product *out);
bool product_by_no(txn *t, uint32_t no, product *out);

/* Resolution of words in documents, as of a business day. All are false for "unknown" (nothing created). */

typedef struct product_match {
    uint32_t no;
    str unit; /* unit implied by the alias, "" none: the unit of a line that states none */
    int64_t
        factor; /* base units (thousandths) of one such unit, for a line that states this unit or none; 0: by unit */
    bool unreviewed;
} product_match;
/** Alias of the partner, its parents, the common ones; then sku; then GTIN. */
bool resolve_product(txn *t, uint32_t partner_no, str code, business_day *on, product_match *out);
/** Base units (thousandths) of one `unit` of the product: "" and the base unit and PCE/EA = 1000. */
bool resolve_unit(txn *t, uint32_t partner_no, uint32_t product_no, str unit, business_day *on, int64_t *factor);
/** A partner by alias (kinds partner, customer), id, or exact unique name. `place`: only partners below partner_no or
 *  itself. */
bool resolve_partner(txn *t, uint32_t partner_no, str word, business_day *on, bool place, uint32_t *out);
/** The customer that a partner's customer was merged with (aliases of kind merge, step by step), else the word itself.
 *  Borrowed. */
str customer_kept(txn *t, uint32_t partner_no, str word);
typedef enum region_source { REGION_UNKNOWN, REGION_STATED, REGION_CUSTOMER, REGION_ASSUMED } region_source;
/** A ship-to: alias, code of 2, 4 or 6 digits (trailing zero pairs = the level above), ISO country, area, name with or
 *  without 省/市/区/县, free address (longest match). Gives a region number; areas have numbers of their own here (see
 *  region.h). */
bool resolve_region(txn *t, uint32_t partner_no, str word, day_t day, uint32_t *region_no);

/** Create an unknown place or product as sent, marked unreviewed (for agents with that right); returns its number. The
 *  word must pass catalog_id_ok(). A place whose id another partner already uses elsewhere gets the id "PARENT/word",
 * by which resolve_partner() finds it again. */
bool catalog_id_ok(str word);
uint32_t catalog_create_place(txn *t, uint64_t entry, uint32_t parent_no, str id);
uint32_t catalog_create_product(txn *t, uint64_t entry, str sku);

#endif
