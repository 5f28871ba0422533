/* trace_files — a folder of files → a world for the judgement of diversion. The catalogue's files are read, checked and
 * resolved as the imports do it, in a store that exists only while the program runs; documents are posted by the ledger's
 * own judge of lines. What a file says wrongly is one line on stderr, the rest goes on. */
#ifndef CHANNELCTL_TRACE_FILES_H
#define CHANNELCTL_TRACE_FILES_H

#include "base/file.h"
#include "base/map.h"
#include "daemon/command/file_table.h"
#include "daemon/store/store.h"
#include "daemon/trace/world.h"
#include "proto/code.h"
#include "proto/docset.h"

/* A line with codes, until all moves are known. */
typedef struct coded_line {
    size_t line;  /* in trace_files.line, before it is sorted */
    size_t other; /* where a transfer goes: its second line; SIZE_MAX none */
    str codes, batch;
    bool moves; /* to its counterparty, or to where it stands */
} coded_line;

typedef struct trace_files trace_files;
typedef struct custody custody;

struct trace_files {
    arena a;
    char dir[PATH_SIZE];
    kv *db; /* the catalogue, in a folder that has no name any more */
    txn *t;
    trace_world world; /* points into the rest */
    trace_partner *partner;
    trace_product *product;
    trace_territory *territory;
    trace_exemption *exemption;
    trace_line *line;
    uint32_t *content; /* of a line: only those of contents that hold stay */
    trace_sighting *sighting;
    coded_line *coded;
    size_t partners, partner_cap, products, product_cap, territories, territory_cap, exemptions, exemption_cap;
    size_t lines, line_cap, content_cap, sightings, sighting_cap, codeds, coded_cap;
    uint32_t maker;   /* partner number of the manufacturer in the store */
    map region_codes; /* number of a region in the store → trace_region + 1 */
    map region_words; /* word → trace_region + 1; 0 unknown */
    uint64_t problems;
    custody *custody;
};

/** Read DIR/partners.csv, products.csv, stages.csv, territories.csv, exemptions.csv, prices.csv, codes.csv, documents/, and
 *  scans.csv. A file that is not there is empty. ERR_DATA: a file as a whole cannot be read; ERR_NOT_FOUND: no such
 *  folder. `as_of` DAY_MAX: the last day of the files. */
MUST_USE bool trace_files_read(trace_files *f, const char *dir, day_t as_of, err *e);
void trace_files_free(trace_files *f);
void trace_files_auto(trace_files *f);

/* ---- inside: one file each ---- */

/** A problem of the input, one line on stderr. */
void trace_problem(trace_files *f, const char *fmt, ...) PRINTF_LIKE(2, 3);
/** The bytes of DIR/name; *there false when it is absent. */
MUST_USE bool trace_file_bytes(const trace_files *f, const char *name, buf *out, bool *there, err *e);
/** Every row of a table to `take`; one that is wrong is said, the rest goes on. */
MUST_USE bool trace_table_read(trace_files *f, file_table *rows,
                               bool (*take)(trace_files *f, const file_line *l, err *e), err *e);
MUST_USE bool trace_catalog_read(trace_files *f, err *e);
MUST_USE bool trace_documents_read(trace_files *f, err *e);
MUST_USE bool trace_scans_read(trace_files *f, err *e);

/** A region of the store as a code. */
trace_region trace_region_of(trace_files *f, uint32_t no);
/** A word as a region; REGION_NOWHERE: unknown. `home`: partner number in the store, 0 none. */
trace_region trace_region_word(trace_files *f, uint32_t home, str word);
/** Position of a product by sku or GTIN, TRACE_NONE. */
uint32_t trace_product_word(trace_files *f, str word);
uint32_t trace_partner_word(trace_files *f, str word);
/** The floor price of one base unit, with tax, micro; NUM_NONE. */
int64_t trace_floor(trace_files *f, uint32_t product, uint32_t partner, str channel, day_t day);

/* trace_codes.c: which code is in which, who held it when. */
MUST_USE bool custody_read(trace_files *f, err *e);
/** All lines with codes are known: moves, then sightings of sold and received codes. */
void custody_settle(trace_files *f);
/** Fill in what a sighting's code says: unit, carton, holder, flags, product, quantity. */
void custody_look(trace_files *f, const code_key *code, trace_sighting *s);
void custody_free(custody *c);

#endif
