#include "proto/epcis.h"

const char *epcis_type_name(epcis_type t) {
    static const char *const names[] = {"",
                                        "ObjectEvent",
                                        "AggregationEvent",
                                        "TransactionEvent",
                                        "TransformationEvent",
                                        "AssociationEvent",
                                        "QuantityEvent"};
    return (size_t)t < ARRAY_LEN(names) ? names[t] : "";
}

const char *epcis_action_name(epcis_action a) {
    static const char *const names[] = {"", "ADD", "OBSERVE", "DELETE"};
    return (size_t)a < ARRAY_LEN(names) ? names[a] : "";
}
