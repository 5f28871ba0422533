/* books_rows — one partner's flows out of the ledger as rows for the engine. Inside the room. */
#ifndef REBATE_BOOKS_ROWS_H
#define REBATE_BOOKS_ROWS_H

#include "daemon/ledger/posting.h"
#include "daemon/rebate/books.h"

typedef struct scope_span { /* from that day on the partner is in the policy's scope, or not */
    day_t from;
    bool in;
} scope_span;

typedef struct opened { /* an opening volume: flows of its period up to as_of are in it */
    int32_t period;
    uint32_t product; /* REBATE_NONE: all */
    day_t as_of;
} opened;

typedef struct book_row { /* what the engine does not need to know of a row */
    uint64_t document;
    uint32_t line;
    str reference; /* of a return; "" none */
} book_row;

typedef struct month_fact {
    int32_t month;
    uint32_t of; /* which member it is a fact of */
    day_t first, last;
    int32_t period;
    bool cut; /* its days differ whatever the product */
} month_fact;

/* Rows that no policy of the run can tell apart are added up while they are read: the engine only needs their sums. */
typedef struct fold_cell {
    uint32_t row, alike;
    int32_t period;
    uint8_t kind, stage, side, used;
} fold_cell;
enum { FOLD_CELLS = 1024, FOLD_UNKNOWN = 0, FOLD_CUT = 1, FOLD_FIRST = 2 };
typedef struct fold {
    const uint32_t *alike; /* by product: equal numbers earn and climb alike; NULL: all do */
    fold_cell *cell;       /* FOLD_CELLS, a hash table */
    size_t used;
    uint16_t *known;     /* of a product's kind and month: its cell + FOLD_FIRST, FOLD_CUT; NULL: too many of them */
    int32_t first, last; /* months */
} fold;

typedef struct rebated_row { /* a posted line that was paid out of a rebate account */
    uint32_t item, currency;
    flow_kind kind;
    day_t day;
    int64_t quantity, amount;
} rebated_row;

typedef struct month_span month_span;
typedef struct loader {
    books *b;
    const policy *p;
    arena *a;                /* scratch of a chunk */
    day_t from, to, until;   /* until: what came back later is not known yet */
    uint32_t kinds, returns; /* bits of flow_kind: what is read; which of them may name a sale */
    bool to_pay;             /* days to pay are wanted */
    bool by_document, baselines, by_scope, staged, detail;
    const uint8_t *product; /* in scope, by index */
    /* of the partner being read */
    uint32_t at, no; /* its index in the chunk; its number */
    day_t live;
    scope_span *span;
    size_t spans;
    opened *opening;
    size_t openings;
    struct month_span {
        int32_t first, last;
    } returned;           /* months with returns; none: first > last */
    uint32_t members;     /* read so far */
    month_fact month[64]; /* remembered, by month */
    fold fold;
    size_t begin;         /* rows of the member being read */
    rebated_row *rebated; /* of the member being read */
    size_t rebates, rebate_cap;
    bool plain; /* nothing of the member's own cuts a month */
    /* what was read */
    rebate_row *row;
    book_row *book;
    size_t rows, cap;
    str *document; /* numbers of documents */
    size_t documents, document_cap;
    uint64_t last_document; /* id of document[documents - 1] */
    uint64_t foreign;
} loader;

void loader_free(loader *l);
void loader_auto(loader *l);
/** Read partner `no` (which answers for itself) with the places it answers for. */
MUST_USE bool loader_partner(loader *l, uint32_t at, uint32_t no, err *e);
/** Add a row as it is. */
void loader_add(loader *l, const rebate_row *row, const book_row *book);
/** Is a flow of that day and product counted: in the span, the scope, not under an opening volume? Sets the flags. */
bool loader_takes(const loader *l, uint32_t product, day_t day, uint32_t *flags);

/* books_fold.c */
void fold_begin(loader *l, const uint32_t *alike);
/** Read a row in: of days all at one stage (STAGE_COUNT: stages do not matter). Returns its cell, FOLD_CELLS: none. */
size_t loader_fold(loader *l, const rebate_row *row, int32_t period, unsigned at);
/** Where it is remembered which cells the months of a product and kind fall into, from fold.first on; NULL: nowhere. */
uint16_t *fold_known(const loader *l, uint32_t item, flow_kind kind);
/** Add a sum to a cell that is remembered; false: it must be looked at. */
bool fold_add(loader *l, uint16_t known, const flow_sum *s);
/** Numbers of products that n policies treat alike, by index; NULL: all of them. */
const uint32_t *fold_alike(const policy *const *p, size_t n, const rebate_world *w, arena *a);

/** Is a posted row of the kinds, products and the company asked for? *item: index of its product. */
bool loader_product_posted(const loader *l, const posting *p, const posted *x, uint32_t *item);

/* books_returns.c: returns of one member, each on the day of the sale it names, else on its own */
MUST_USE bool loader_returns(loader *l, uint32_t member, err *e);
/* books_rebated.c: what was paid out of the rebate account. Lines of a member that say so; a sum less those of its days
 * (false: nothing is left); rows of the partner from `first` on that an order's money covers */
MUST_USE bool loader_rebated(loader *l, uint32_t member, err *e);
bool loader_less_rebated(const loader *l, uint32_t item, flow_kind kind, day_t first, day_t last, flow_sum *s);
MUST_USE bool loader_orders(loader *l, size_t first, const uint32_t *member, size_t n, err *e);
/* books_paid.c: days to pay of the partner's rows from `first` on */
MUST_USE bool loader_days_to_pay(loader *l, size_t first, const uint32_t *member, size_t n, err *e);

/** Rows of some kinds that stand at a partner, by day and document. */
typedef bool (*posted_fn)(void *arg, uint64_t document, const posting *p, const posted *x, err *e);
MUST_USE bool books_documents(txn *t, uint32_t partner_no, day_t from, day_t to, uint32_t kinds, posted_fn fn,
                              void *arg, err *e);
/** The tax rate of a posted row's product on its day, ppm; `usual`, that of products that state none. */
int64_t books_tax_rate(txn *t, const posted *x, int64_t usual);
int64_t books_usual_tax_rate(txn *t);
/** Is a posted row of that selling company? One that names none is of any; "main" is also the default one. */
bool books_of_company(const posting *p, const posted *x, str wanted, str otherwise);
/** The index in l->document of a text that names no document. */
uint32_t loader_text(loader *l, str text);
/** The index of a document's number in l->document. */
uint32_t loader_document(loader *l, uint64_t document);

#endif
