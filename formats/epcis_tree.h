/* epcis_tree — inside of epcis: an event as its readers see it, element by element, the same from markup and JSON. Attributes
 * are children; a JSON array under a name that ends in List (or childEPCs) is a node with items, another repeats the name. */
#ifndef FORMATS_EPCIS_TREE_H
#define FORMATS_EPCIS_TREE_H

#include "formats/epcis.h"
#include "proto/limits.h"

typedef struct enode enode;
struct enode {
    str ns, name, text; /* ns "": EPCIS's own; without what ends a namespace (/ # :) */
    enode *first, *last, *next;
};

enum { EPCIS_PREFIXES = 64, EVENT_TREE_BYTES = 64 * LIMIT_EVENT_BYTES };

/** A child of `under` (NULL: a root); NULL when the arena is full. */
enode *enode_add(arena *a, enode *under, str ns, str name);
const enode *enode_find(const enode *n, const char *name); /* of ns "" */
str enode_text(const enode *n, const char *name);          /* of that child, "" none */
/** As a namespace is compared. */
str epcis_ns(str uri);
/** Of an element of markup or a type of JSON: an event's type, 0 none. */
unsigned epcis_type_of(str name);

/** A tree as an event, everything in `a`; false: left out, and why. */
bool epcis_event_of(const enode *n, arena *a, Entry__EpcisEvent *out, epcis_fault *why);

/* The readers; `give` takes each event's tree, NULL for one that is too large. */
typedef struct epcis_reader {
    const epcis_taker *take;
    arena tree, made; /* of one event */
    uint64_t no;
} epcis_reader;
MUST_USE bool epcis_give(epcis_reader *r, const enode *n, unsigned type, err *e);
MUST_USE bool epcis_read_xml(epcis_reader *r, str bytes, err *e);
MUST_USE bool epcis_read_json(epcis_reader *r, str bytes, err *e);

#endif
