/* file — whole files and folders, safely. Paths are NUL-terminated UTF-8. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"
#include "base/err.h"

/** Read a whole file, refused above `max` bytes. ERR_NOT_FOUND when absent. Appends to out. */
MUST_USE bool file_read(const char *path, size_t max, buf *out, err *e);
/** Replace a file so that a crash leaves the old or the new one whole: temporary beside it, fsync, rename, fsync
 * folder. */
MUST_USE bool file_write(const char *path, str bytes, unsigned mode, err *e);
/** The same, the bytes coming from `fill`, which writes them with file_write_fd. */
typedef bool (*file_fill_fn)(void *arg, int fd, err *e);
MUST_USE bool file_write_by(const char *path, unsigned mode, file_fill_fn fill, void *arg, err *e);
MUST_USE bool file_write_fd(int fd, str bytes, err *e);
/** fsync a folder, so that names in it survive a power loss. */
MUST_USE bool file_sync_dir(const char *dir, err *e);
/** Make a folder and its parents (mode for the last one; the others 0700). An existing one is fine. */
MUST_USE bool file_mkdirs(const char *dir, unsigned mode, err *e);
/** What the system said of a path in `errno`: "PATH: WHAT: No such file …" with the code that fits; false. */
bool file_failed(const char *path, const char *what, err *e);
bool file_exists(const char *path);
/** dir + "/" + name into out; ERR_DATA when it does not fit. */
MUST_USE bool path_join(char *out, size_t size, const char *dir, const char *name, err *e);
enum { PATH_SIZE = 1024 };

#endif
