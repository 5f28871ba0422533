/* web_files — the screens as the browser loads them: built from web/ by esbuild, gzipped, embedded. Generated at build time
 * (cmake/web.cmake); without node and without an earlier build the table is empty and the first page says so. */
#ifndef SERVICE_WEB_FILES_H
#define SERVICE_WEB_FILES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct web_file {
    const char *path; /* "/app-4F2K.js"; the page itself is "/index.html" */
    const char *type; /* Content-Type */
    const char *tag;  /* ETag of the content, with its quotes */
    const unsigned char *gz;
    size_t gz_n;
    bool forever; /* the name carries a hash of the content: it may be kept a year */
} web_file;

extern const web_file web_files[];
extern const size_t web_file_count;

#endif
