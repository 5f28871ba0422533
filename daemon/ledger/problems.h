/* problems — one clear line about something in an upload: where, found, wanted, what to do. */
#ifndef LEDGER_PROBLEMS_H
#define LEDGER_PROBLEMS_H

#include "daemon/store/apply.h"
#include "proto/batch.h"

/** Note a problem at a line of a batch (row UINT32_MAX: at no line). Beyond LIMIT_PROBLEMS it is only counted. The
 * texts are cut to LIMIT_TEXT and copied. */
void problem_at(apply_result *r, const batch *b, uint32_t row, const char *column, str found, const char *wanted,
                const char *hint, ...) __attribute__((format(printf, 7, 8)));
enum { NO_ROW = UINT32_MAX };
/** Note a line that waits in quarantine, so that its sender can be given the row back. */
void problem_wait(apply_result *r, const batch *b, uint32_t row, uint8_t reason);

#endif
