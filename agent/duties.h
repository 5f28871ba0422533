/* duties — what the partner has to report, as the centre says: what is missing, and what is due next. */
#ifndef AGENT_DUTIES_H
#define AGENT_DUTIES_H

#include "agent/ask.h"
#include "base/json.h"

enum { DUTIES_TIMEOUT_MS = 1500 }; /* `status` is asked to be quick */

/** Ask for it; false when nobody answers in time: then nothing is known. */
bool duties_ask(const home *h, asked *out);
/** "missing" and "due_next": lists of {"type","period","due","days_late"}, null when not known. */
void duties_json(json *j, const asked *a, bool known);
/** "missing  sale of 2026-09, due 2026-10-12 (3 days ago)" and "due next …"; nothing when not known. */
void duties_text(buf *out, const asked *a, bool known);

#endif
