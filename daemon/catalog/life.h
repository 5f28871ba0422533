/* life — the life of a thing that people act upon, as a table: state × act → state, and by whom. The rooms that keep such
 * things (statements, cases, orders) have one table each and walk it here; states and acts are their own enums from 1. */
#ifndef CATALOG_LIFE_H
#define CATALOG_LIFE_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

typedef struct life_step {
    uint8_t from, act, to;
    const char *roles; /* names of catalog/users.h between blanks; "" nobody: the clock or an engine does it */
} life_step;

/** Where an act leads from a state; 0: it does not. */
uint8_t life_to(const life_step *steps, size_t n, uint8_t from, uint8_t act);
/** May a role (a bit of catalog/users.h) do the act in the state? The admin may do what any person may. */
bool life_may(const life_step *steps, size_t n, uint8_t from, uint8_t act, uint32_t role);

#endif
