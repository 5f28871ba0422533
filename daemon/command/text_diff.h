/* text_diff — two texts, line by line: the fewest lines taken out and put in (longest common run of lines). */
#ifndef COMMAND_TEXT_DIFF_H
#define COMMAND_TEXT_DIFF_H

#include "base/arena.h"

typedef struct diff_line {
    char change;          /* ' ' the same, '-' only before, '+' only after */
    size_t before, after; /* line numbers from 1; 0: not there */
    str text;
} diff_line;

enum { DIFF_CELLS = 4 * 1024 * 1024 }; /* of the table; larger middles are given as a whole */

/** Every line of both; texts are borrowed. */
size_t text_diff(str before, str after, arena *a, diff_line **out);

#endif
