/* scans — files of sightings: time,code,kind,region[,lat,lon,place,by,sku,price], in any order, as CSV or XLSX. */
#ifndef FORMATS_SCANS_H
#define FORMATS_SCANS_H

#include "base/num.h"
#include "formats/table.h"
#include "proto/code.h"
#include "proto/scan.h"

enum {
    SCANS_TIME,
    SCANS_CODE,
    SCANS_KIND,
    SCANS_REGION,
    SCANS_LAT,
    SCANS_LON,
    SCANS_PLACE,
    SCANS_BY,
    SCANS_SKU,
    SCANS_PRICE,
    SCANS_COLUMNS
};

typedef struct scan_row {
    int64_t time_ms;
    code_key code; /* n 0: not stated */
    scan_kind kind;
    str region, place, by, sku; /* as stated; borrowed from the row */
    bool placed;
    int32_t lat, lon; /* millionths of a degree */
    int64_t price;    /* micro units, NUM_NONE */
    char warning[96]; /* of its code; "" none */
} scan_row;

/* What is wrong with a row. */
typedef struct scan_fault {
    const char *column, *hint;
    str found;
    char wanted[200];
} scan_fault;

/** Do these cells of a first row name a file of scans? */
bool scans_header(const table_row *row);
/** The cells of a row, in the order of the columns above, as a scan. `zone_min`: of times without one. False: the row cannot be taken. */
bool scan_read(const str cell[static SCANS_COLUMNS], int zone_min, scan_row *out, scan_fault *why);

#endif
