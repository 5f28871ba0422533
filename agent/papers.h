/* papers — files that go to the centre beside a question: photos, letters, lists of cartons. */
#ifndef AGENT_PAPERS_H
#define AGENT_PAPERS_H

#include "agent/home.h"
#include "base/buf.h"

/** Send a file in pieces, each a question of its own; the centre keeps it when it has all of it. Its digest is appended to a
 *  list, separated by commas. At most LIMIT_PAPER_BYTES; sent again it is the same file. */
MUST_USE bool paper_send(const home *h, const char *path, buf *digests, err *e);

#endif
