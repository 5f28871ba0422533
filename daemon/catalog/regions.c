#include "daemon/catalog/regions.h"

#include "daemon/catalog/columns.h"
#include "daemon/catalog/rows.h"
#include "proto/limits.h"

/* The two files as they are, ended by a 0 byte. */
#define EMBED(symbol, file)                                                                                            \
    __asm__(".section .rodata\n" #symbol ":\n.incbin \"" file "\"\n.byte 0\n.previous\n");                             \
    extern const char symbol[]
EMBED(regions_csv, REGIONS_CSV);
EMBED(region_aliases_csv, REGION_ALIASES_CSV);

/* A line of regions.csv has the columns of the table. */
static void region_cells(str line, str *cells) {
    for (size_t i = 0; i < catalog_tables[CATALOG_REGION].column_count && str_split(&line, ',', &cells[i]);) i++;
}

/* alias, id, from */
static void alias_cells(str line, str *cells) {
    cells[ALIAS_OWNER] = STR("*");
    cells[ALIAS_KIND] = STR("region");
    (void)str_split(&line, ',', &cells[ALIAS_ALIAS]);
    (void)str_split(&line, ',', &cells[ALIAS_ID]);
    (void)str_split(&line, ',', &cells[ALIAS_FROM]);
}

typedef struct source_file {
    const char *text;
    catalog_table table;
    void (*cells)(str line, str *cells);
} source_file;

static const source_file files[] = {
    {regions_csv, CATALOG_REGION, region_cells},
    {region_aliases_csv, CATALOG_ALIAS, alias_cells},
};

static size_t lines_in(const char *text) {
    size_t n = 0;
    for (; *text; text++) n += *text == '\n';
    return n;
}

static void fill(const source_file *f, size_t skip, size_t rows, arena *a, Entry__Catalog *out) {
    str rest = str_of(f->text), line;
    size_t bytes = 0;
    while (skip--) ASSERT(str_split(&rest, '\n', &line));
    entry__catalog__init(out);
    out->table = (char *)(uintptr_t)catalog_tables[f->table].name;
    out->source = (char *)(uintptr_t)SOURCE_BUILT_IN;
    out->n_row = rows;
    out->row = ARENA_NEW(a, ProtobufCBinaryData, rows);
    for (size_t i = 0; i < rows; i++) {
        AUTO(buf) b = {0};
        str cells[CATALOG_COLUMNS_MAX] = {{0}};
        ASSERT(str_split(&rest, '\n', &line));
        f->cells(line, cells);
        catalog_cells_put(&b, f->table, cells);
        out->row[i].len = b.n;
        out->row[i].data = (uint8_t *)(uintptr_t)arena_str(a, buf_str(&b)).p;
        bytes += b.n;
    }
    ASSERT(bytes <= LIMIT_ENTRY_BYTES);
}

bool built_in_regions(size_t n, arena *a, Entry__Catalog *out) {
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        size_t lines = lines_in(files[i].text), entries = (lines + LIMIT_ENTRY_ROWS - 1) / LIMIT_ENTRY_ROWS;
        if (n >= entries) {
            n -= entries;
            continue;
        }
        size_t skip = n * LIMIT_ENTRY_ROWS;
        fill(&files[i], skip, lines - skip < LIMIT_ENTRY_ROWS ? lines - skip : LIMIT_ENTRY_ROWS, a, out);
        return true;
    }
    return false;
}
