/* suggest — which product a partner's code may mean, with the reason, for a person to decide. Reasons in their order:
 *
 *   barcode     the code, or a number in the name, is a GTIN with a right check digit that one product bears; the barcode of
 *               a carton (14 digits beginning 1 … 8) leads to the one of its unit
 *   code        the code is one of our own once width, case, hyphens, blanks and leading zeros are the same
 *   alias       other partners' aliases say so; the more partners, the better
 *   name        name, specification and pack are alike (maths/similar.h), at least SUGGEST_LEAST
 *
 * A unit that is not known: what other partners' aliases call it, else the only carton the product has. */
#ifndef COMMAND_SUGGEST_H
#define COMMAND_SUGGEST_H

#include "daemon/command/unmapped.h"

enum {
    SUGGESTIONS = 3,
    SUGGEST_LEAST = 500000, /* of SIMILAR_ONE: shown */
    SUGGEST_SURE = 800000   /* and of one pack: filled into the sheet of aliases */
};

typedef struct suggestion {
    str id;    /* sku, or unit */
    str why;   /* "barcode", "same code", "alias of 2 partners", "name 92 %, same pack" */
    bool sure; /* worth filling in: no faint likeness, no code or alias whose names tell two stories, no split vote */
} suggestion;

typedef struct suggester suggester;

/** Read products and aliases once (10,000 products: about 20 MiB). */
suggester *suggester_new(txn *t);
void suggester_free(suggester *s);
void suggester_auto(suggester **s);
/** At most SUGGESTIONS, the best first; how many. Their texts live in `a`. */
size_t suggest(suggester *s, const unmapped *of, arena *a, suggestion out[static SUGGESTIONS]);

/** A code without what people write differently: half-width, upper case, without blanks and - _ . / and without
 *  zeros that lead a number: kf 10, KF-0010. */
str code_normalised(str code, buf *room);

#endif
