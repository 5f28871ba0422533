/* epcis — EPCIS 1.2 XML, 2.0 XML and JSON-LD: files of events, one after the other.
 *
 * Whatever the spelling, one event reads the same: bare words (shipping), keys of codes (proto/code.h), places and parties in
 * the canonical spelling of their keys, <extension> and <baseExtension> opened, lists in any order. Its hash (SHA-256 over that
 * reading, in an order of its own) is what it is known by, in the manner of the GS1 CBV 2.0 event hash: without eventID,
 * recordTime and errorDeclaration, so that an error declaration names the event it repeats.
 *
 * Document types and entities are refused; depth, events, codes of an event and its size are bounded (limits.h). */
#ifndef FORMATS_EPCIS_H
#define FORMATS_EPCIS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "proto/epcis.h"
#include "proto/journal.pb-c.h"

typedef struct epcis_fault {
    uint64_t event; /* from 1 */
    const char *column, *hint;
    str found;
    char wanted[200];
} epcis_fault;

/* What becomes of the events. Everything is borrowed until the call returns; false stops the reading. */
typedef struct epcis_taker {
    void *arg;
    bool (*event)(void *arg, uint64_t no, const Entry__EpcisEvent *x, err *e);
    void (*fault)(void *arg, const epcis_fault *f); /* the event is left out */
} epcis_taker;

/** Markup or JSON by its first bytes. ERR_DATA: it cannot be read any further (events before were given). */
MUST_USE bool epcis_read(str bytes, const epcis_taker *take, err *e);
/** Does a file begin like one? Any XML and any JSON does. */
bool epcis_sniff(str bytes);
/** Does it also name EPCIS, in any encoding, case or prefix, as no sheet saved as XML or HTML will? `head`: its first 64 KiB. */
bool epcis_named(str head);

/** The word of the core vocabulary without its prefix: "urn:epcglobal:cbv:bizstep:shipping",
 *  "https://ref.gs1.org/cbv/BizStep-shipping" and "cbv:BizStep-shipping" are "shipping"; others as they are. */
str epcis_word(str s);

#endif
