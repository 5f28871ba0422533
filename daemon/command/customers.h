/* customers — what the commands about a partner's customers share. */
#ifndef COMMAND_CUSTOMERS_H
#define COMMAND_CUSTOMERS_H

#include "base/map.h"
#include "daemon/command/command.h"
#include "daemon/ledger/customers.h"

/* A customer as it is compared with others. */
typedef struct customer_face {
    const customer *c;
    str name;        /* what it is called: its name, else its word */
    str plain;       /* the name without width, case, blanks, marks and the company's legal form */
    uint32_t county; /* region; 0 not known */
    uint32_t is;     /* the partner it turned out to be; 0: none */
} customer_face;

/** One partner's customers, opened: noted unless the caller is the partner itself. */
typedef struct customer_list {
    uint32_t partner;
    str id; /* of the partner */
    customer_face *face;
    size_t n;
} customer_list;

/** Call fn for the partner of --partner, or for everybody with customers; authorised and noted. */
typedef bool (*customer_list_fn)(call *c, const customer_list *l, arena *a, void *arg, err *e);
MUST_USE bool customers_open(call *c, customer_list_fn fn, void *arg, err *e);

/** The answer shows so many customers of a partner: noted for the partner to see, unless it or its own users look. Of a
 *  command that reads; ERR_DENIED where nobody notes it (a folder without its daemon). */
MUST_USE bool call_opened(call *c, str partner_text, uint64_t customers, err *e);

/* Customers that an answer names, by whose they are. */
typedef struct customers_shown {
    call *c;
    arena a;
    map seen; /* by number */
    struct customers_owner {
        uint32_t partner;
        uint64_t customers;
    } * owner;
    size_t owners, cap;
} customers_shown;
void customers_shown_init(customers_shown *s, call *c);
void customers_shown_auto(customers_shown *s);
/** One customer, named once or often; `shown` is a customers_shown. */
void customers_shown_add(void *shown, uint32_t customer_no);
/** call_opened() of each partner. */
MUST_USE bool customers_shown_note(customers_shown *s, err *e);

/** The name without what people write differently: half-width, lower case, no blanks, brackets, marks, 有限公司 … */
str name_plain(str name, arena *a);
/** What was posted for a customer: lines, amount, currency. */
void put_customer_sums(json *j, const customer *c, const char *lines, const char *amount, const char *currency);
/** The code of a county, "" when it is not known. */
str county_code(txn *t, uint32_t region_no);

#endif
