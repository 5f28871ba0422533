/* problems — what a file brought by a command has wrong, row by row, for the answer's `problems`. */
#ifndef COMMAND_PROBLEMS_H
#define COMMAND_PROBLEMS_H

#include "daemon/command/command.h"

typedef struct problems {
    buf text;
    json j;
    size_t refused, warned, kept;
} problems;

enum { PROBLEMS_KEPT = 200 };

void problems_begin(problems *p);
/** `refused`: the row is left out; else it is taken and this is a warning. The first PROBLEMS_KEPT are kept, all are
 *  counted. */
void problems_add(problems *p, bool refused, str file, uint64_t row, const char *column, str found, str wanted,
                  const char *hint);
/** Writes key and array; the exit status becomes "differs" when a row was refused. */
void problems_answer(problems *p, call *c, json *j);
void problems_auto(problems *p);

#endif
