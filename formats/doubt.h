/* doubt — what in a file is hardly meant as it stands there, by what the same sender sent before: quantities and prices
 * far from the usual or near the pack factor (箱 for 瓶), dates to come or out of the month the file speaks of, another
 * company in the title, a replacement that drops most of what it replaces. A doubt is a question to a person; nothing
 * is refused by it. Pure: what is usual comes in through the view.
 *
 * The rules are the rows of DOUBT_RULES; what is said about them, in both languages, stands in clerk.c. */
#ifndef FORMATS_DOUBT_H
#define FORMATS_DOUBT_H

#include "proto/docset.h"
#include "proto/limits.h"

/* enum, name, what `usual` is, what to do about it */
#define DOUBT_RULES(X)                                                                                                 \
    X(DOUBT_QUANTITY, "quantity", "usually", "check the quantity; confirm if it was sold like that")                   \
    X(DOUBT_PRICE, "price", "usually", "check price and amount; confirm if they are right")                            \
    X(DOUBT_PACK, "pack", "usually", "check the unit: the figure fits another unit of the product (case for bottle)")  \
    X(DOUBT_FUTURE, "future", "open days", "the day has not come yet: correct the date")                               \
    X(DOUBT_CLOSED, "closed", "open days",                                                                             \
      "the period is closed at the centre: correct the date, or ask the manufacturer")                                 \
    X(DOUBT_MONTH, "month", "the file's month",                                                                        \
      "the file speaks of another month: is it the right file, and are the dates right?")                              \
    X(DOUBT_PARTNER, "partner", "this is", "the title names another company: is it the right file?")                   \
    X(DOUBT_DROPPED, "dropped", "before", "most of what was sent before is missing: is the export complete?")

typedef enum doubt_rule {
#define X(rule, name, before, hint) rule,
    DOUBT_RULES(X)
#undef X
        DOUBT_RULE_COUNT
} doubt_rule;
const char *doubt_rule_name(doubt_rule r);
const char *doubt_rule_before(doubt_rule r); /* the word before `usual` */
const char *doubt_rule_hint(doubt_rule r);

/* What one product in one unit usually is in one type of document; medians of the last samples. */
typedef struct usual_figures {
    uint32_t samples;
    int64_t quantity, most; /* without sign, as a line states them; NUM_NONE: never stated */
    int64_t price;          /* micro */
} usual_figures;

enum { DOUBT_SAMPLES = 3, DOUBT_TIMES = 5, DOUBT_LINES = 4, DOUBT_FACTORS = 4 };

/* What the sender is known for. Every function may be NULL. */
typedef struct doubt_view {
    void *self;
    /** False: not known. */
    bool (*usual)(void *self, doc_type type, str sku, str unit, usual_figures *out);
    /** Pack factors of a product from elsewhere than this file; returns how many. */
    size_t (*factors)(void *self, str sku, int64_t out[static DOUBT_FACTORS]);
    /** Lines of a document of the file as it was last sent. False: never. */
    bool (*lines)(void *self, const docset *d, size_t doc, uint32_t *lines);
    /** Lines sent before, dated within the span that the file is to replace. */
    uint64_t (*span_lines)(void *self, const docset *d);
    /** Is it the sender's own name, or one that its titles named before? 1 yes, 0 no, −1 nothing is known. `own` (may be
     *  NULL): what it is called. */
    int (*company)(void *self, str name, str *own);
    day_t today;
    day_t oldest; /* days before it are closed; DAY_MIN: not known */
} doubt_view;

typedef struct doubt {
    uint32_t sheet;
    uint64_t row; /* 0: the file as a whole */
    str column, found, usual;
    doubt_rule rule;
} doubt;

typedef struct doubts {
    arena text;
    doubt *one; /* ≤ LIMIT_DOUBTS kept */
    size_t n, cap;
    uint64_t total;
} doubts;

void doubts_init(doubts *x);
void doubts_auto(doubts *x);
/** Look at a finished docset. `titles`: the first rows of the file, cells between TABs, for the company and month. */
void doubts_find(const docset *d, str titles, const doubt_view *v, doubts *out);

/** The company that the rows above the header name; empty when none. Borrowed. */
str doubt_company(str titles);
/** One company in two spellings: what is left of the names without legal form and blanks is the same, or one holds the
 *  other (聚源商贸 of 杭州聚源商贸有限公司). */
bool doubt_same_company(str a, str b);
/** Pack factors that a name or 规格 states (500ml*12, 1×24, 12瓶/箱); returns how many. */
size_t doubt_factors(str spec, int64_t out[static DOUBT_FACTORS]);
/** A price a unit of a line, micro; NUM_NONE when it states none. */
int64_t doubt_price(const doc_line *l);
/** What a line comes to, micro: its amount, else quantity × unit price; NUM_NONE when it states neither. */
int64_t doubt_amount(const doc_line *l);

#endif
