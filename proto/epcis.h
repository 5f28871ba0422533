/* epcis — the words of EPCIS events that the reader writes and the applier reads. Numbers are in the journal. */
#ifndef PROTO_EPCIS_H
#define PROTO_EPCIS_H

#include "base/str.h"

typedef enum epcis_type {
    EPCIS_OBJECT = 1,
    EPCIS_AGGREGATION,
    EPCIS_TRANSACTION,
    EPCIS_TRANSFORMATION,
    EPCIS_ASSOCIATION,
    EPCIS_QUANTITY, /* deprecated since 1.1 */
} epcis_type;

typedef enum epcis_action { EPCIS_NO_ACTION, EPCIS_ADD, EPCIS_OBSERVE, EPCIS_DELETE } epcis_action;

const char *epcis_type_name(epcis_type t);     /* ObjectEvent … */
const char *epcis_action_name(epcis_action a); /* ADD, OBSERVE, DELETE, "" */

#endif
