/* template — the fill-in sheet (标准模板): a workbook with the header that our reader knows best, the partner's own
 * codes and units to choose from, one example row (marked 示例, which the reader skips), a note on each column. Columns of
 * codes are text, so that no digit is lost. */
#ifndef AGENT_TEMPLATE_H
#define AGENT_TEMPLATE_H

#include "agent/products.h"
#include "base/calendar.h"
#include "proto/columns.h"

/** `type`: sale, stock or receipt; ERR_USAGE for another. `example`: the day of the example row. */
MUST_USE bool template_write(const char *path, doc_type type, const products *p, day_t example, err *e);

#endif
