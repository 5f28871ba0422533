/* texts — the dictionary of an entry in columns: each text once, its number in the columns. Inside the room. */
#ifndef REBATE_TEXTS_H
#define REBATE_TEXTS_H

#include "base/map.h"

enum { TEXTS_BYTES = 128 * 1024, TEXTS_A_ROW = 8 }; /* bytes of one entry's texts; columns of texts a row has at most */

typedef struct texts {
    arena *a;
    map index;
    char **v; /* NUL-terminated, in a */
    size_t n, bytes;
} texts;

void texts_init(texts *t, arena *a);
void texts_auto(texts *t);
/** May one more row be added? */
bool texts_room(const texts *t);
uint32_t texts_add(texts *t, str s);
/** The text of a number that somebody stated; "" beyond the dictionary. */
str texts_at(char *const *v, size_t n, uint32_t no);

#endif
