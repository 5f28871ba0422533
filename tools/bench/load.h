/* load — the lines a bench sends: seeded, the same for us and for every peer.
 * Shape of `channel-bench ingest`: documents of 40 lines, 300 products, 300 customers a partner, 26-character codes on
 * half of the lines; variants number each line's document, or make files of 200 lines. A partner's documents come in the
 * order of their business days, `day_lines` lines a day, as daily exports do. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "base/rng.h"
#include "proto/docset.h"

typedef struct load_shape {
    unsigned partners, products, customers, document_lines, file_lines;
    bool codes;
    day_t first_day;
    unsigned day_lines;
} load_shape;

typedef struct load_line {
    unsigned partner, document, product, customer, region;
    day_t day;
    int64_t quantity, amount; /* base units; fen */
    char code[27];            /* "" on half of the lines */
} load_line;

/** Line n of a partner; lines of a document have its number and day. Pure: the same arguments give the same line. */
load_line load_at(const load_shape *s, uint64_t seed, unsigned partner, uint64_t n);

/** The catalogue that the lines need, as import files. */
void load_catalogue(const load_shape *s, buf *partners, buf *products);
/** Lines first … first+n-1 of a partner as the documents of one file. */
void load_docset(const load_shape *s, uint64_t seed, unsigned partner, uint64_t first, uint64_t n, docset *out);

/** Names: "D0007", "P0042", "C0123", a 6-digit region code. */
void load_partner_id(unsigned partner, char out[static 16]);
void load_sku(unsigned product, char out[static 16]);
const char *load_region(unsigned region);

#endif
