#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static err_code code_of(int no) {
    return no == ENOENT || no == ENOTDIR  ? ERR_NOT_FOUND
           : no == ENOSPC || no == EDQUOT ? ERR_FULL
           : no == EACCES || no == EPERM  ? ERR_DENIED
           : no == EISDIR                 ? ERR_DATA
                                          : ERR_INTERNAL;
}

bool file_failed(const char *path, const char *what, err *e) {
    int no = errno;
    return err_set(e, code_of(no), "%s: %s: %s", path, what, strerror(no));
}

bool file_read(const char *path, size_t max, buf *out, err *e) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return file_failed(path, "cannot open", e);
    size_t start = out->n;
    for (;;) {
        buf_reserve(out, 64 * 1024);
        ssize_t got = read(fd, out->p + out->n, 64 * 1024);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            file_failed(path, "cannot read", e);
            (void)close(fd);
            return false;
        }
        if (got == 0) break;
        out->n += (size_t)got;
        if (out->n - start > max) {
            (void)close(fd);
            return err_set(e, ERR_DATA, "%s: larger than %zu bytes", path, max);
        }
    }
    (void)close(fd);
    return true;
}

bool file_write_fd(int fd, str bytes, err *e) {
    while (bytes.n) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return err_set(e, code_of(errno), "cannot write: %s", strerror(errno));
        bytes = str_skip(bytes, (size_t)n);
    }
    return true;
}

bool file_sync_dir(const char *dir, err *e) {
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return file_failed(dir, "cannot open folder", e);
    bool ok = fsync(fd) == 0 || file_failed(dir, "cannot sync folder", e);
    (void)close(fd);
    return ok;
}

static void parent_of(const char *path, char *out, size_t size) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL) (void)str_copy_z(STR("."), out, size);
    else
        (void)str_copy_z(slash == path ? STR("/") : str_from(path, (size_t)(slash - path)), out, size);
}

bool file_write_by(const char *path, unsigned mode, file_fill_fn fill, void *arg, err *e) {
    char temp[PATH_SIZE], dir[PATH_SIZE];
    int n = snprintf(temp, sizeof temp, "%s.%d.tmp", path, (int)getpid());
    if (n < 0 || (size_t)n >= sizeof temp) return err_set(e, ERR_DATA, "%s: path too long", path);
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    if (fd < 0) return file_failed(temp, "cannot create", e);
    bool ok = fill(arg, fd, e) || err_wrap(e, "%s", temp);
    if (ok && (fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0)) ok = file_failed(temp, "cannot write", e);
    if (close(fd) != 0 && ok) ok = file_failed(temp, "cannot close", e);
    if (ok && rename(temp, path) != 0) ok = file_failed(path, "cannot rename to", e);
    if (!ok) {
        (void)unlink(temp);
        return false;
    }
    parent_of(path, dir, sizeof dir);
    return file_sync_dir(dir, e);
}

static bool put_whole(void *arg, int fd, err *e) {
    return file_write_fd(fd, *(const str *)arg, e);
}

bool file_write(const char *path, str bytes, unsigned mode, err *e) {
    return file_write_by(path, mode, put_whole, &bytes, e);
}

bool file_mkdirs(const char *dir, unsigned mode, err *e) {
    char part[PATH_SIZE];
    size_t n = strlen(dir);
    if (n >= sizeof part) return err_set(e, ERR_DATA, "%s: path too long", dir);
    for (size_t i = 1; i <= n; i++) {
        if (dir[i] != '/' && dir[i] != '\0') continue;
        (void)str_copy_z(str_from(dir, i), part, sizeof part);
        if (mkdir(part, i == n ? (mode_t)mode : 0700) != 0 && errno != EEXIST)
            return file_failed(part, "cannot make folder", e);
    }
    struct stat st;
    if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode)) return err_set(e, ERR_DATA, "%s: not a folder", dir);
    return true;
}

bool file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

bool path_join(char *out, size_t size, const char *dir, const char *name, err *e) {
    int n = snprintf(out, size, "%s/%s", dir, name);
    return (n >= 0 && (size_t)n < size) || err_set(e, ERR_DATA, "%s/%s: path too long", dir, name);
}
