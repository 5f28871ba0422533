/* policy_files — the files of `policy try` → a world for the rebate engine. Flows, counts, targets and claims have
 * columns of their own (docs/rebates.md); stages, prices, partners and products are import files of the catalogue.
 * ERR_DATA names file, row and column. */
#ifndef CHANNELCTL_POLICY_FILES_H
#define CHANNELCTL_POLICY_FILES_H

#include "daemon/rebate/world.h"
#include "tools/channelctl/client.h"

typedef struct growing { /* an array while it grows */
    void *v;
    size_t n, cap;
} growing;

typedef struct policy_world {
    arena text;
    rebate_world world; /* points into the rest */
    map skus, partner_ids, document_ids, counted;
    growing row, reference, count, target, claim, price, partner, product, document;
} policy_world;

/** Reads --flows, --stages, --targets, --stock, --prices, --partners, --products, --claims, as far as given. Returns that
 *  name no sale are listed on stderr. */
MUST_USE bool policy_files_read(client *c, policy_world *out, err *e);
void policy_world_auto(policy_world *w);

/* inside: the files */
void *growing_add(growing *g, size_t size); /* a zeroed element */
uint32_t world_partner_add(policy_world *w, str id);
uint32_t world_product_add(policy_world *w, str sku);
MUST_USE bool policy_catalog_read(client *c, policy_world *w, err *e);
/** The file of an option; *given false when there is none. name: of the file, for messages. */
MUST_USE bool policy_file(client *c, const char *option, buf *bytes, char name[static 256], bool *given, err *e);

#endif
