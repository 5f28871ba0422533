/* books — the catalogue that belongs to a world, and the truth about it. */
#ifndef SIM_BOOKS_H
#define SIM_BOOKS_H

#include "tools/sim/files.h"

/** partners.csv, products.csv, stages.csv, territories.csv, aliases.csv, areas.csv, prices.csv into `dir`, in the
 * columns that `channelctl … import` takes. */
MUST_USE bool books_catalogue(world *w, const char *dir, err *e);
/** truth.csv: the final lines in canonical ids and base units; truth.json: their totals. */
MUST_USE bool books_truth(world *w, const sim_plan *plan, const char *dir, err *e);

#endif
