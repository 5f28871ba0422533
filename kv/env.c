#include "kv/internal.h"

#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { FILE_MODE = 0600, FOLDER_MODE = 0700 };
static const char data_name[] = "data.mdb", lock_name[] = "lock.mdb", nursery_name[] = "data.new",
                  copy_name[] = "data.mdb.copy";

bool mdb_check(int rc, const char *what, err *e) {
    static const struct {
        int rc;
        err_code code;
        const char *hint;
    } known[] = {
        {MDB_MAP_FULL, ERR_FULL, " (raise store.map_size)"},
        {ENOSPC, ERR_FULL, ""},
        {EDQUOT, ERR_FULL, ""},
        {ENOENT, ERR_NOT_FOUND, ""},
        {EACCES, ERR_DENIED, ""},
        {EPERM, ERR_DENIED, ""},
        {MDB_READERS_FULL, ERR_RETRY, ""},
        {MDB_MAP_RESIZED, ERR_RETRY, " (open it again)"},
        {MDB_VERSION_MISMATCH, ERR_DATA, ""},
        {MDB_INVALID, ERR_DATA, ""},
    };
    if (rc == 0) return true;
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (known[i].rc == rc) return err_set(e, known[i].code, "%s: %s%s", what, mdb_strerror(rc), known[i].hint);
    return err_set(e, ERR_INTERNAL, "%s: %s", what, mdb_strerror(rc));
}

const char *refused_file_system(uint32_t magic) {
    static const struct {
        uint32_t magic;
        const char *name;
    } refused[] = {
        {NFS_SUPER_MAGIC, "NFS"},     {SMB_SUPER_MAGIC, "SMB"},   {SMB2_SUPER_MAGIC, "SMB2"},
        {CIFS_SUPER_MAGIC, "CIFS"},   {FUSE_SUPER_MAGIC, "FUSE"}, {V9FS_MAGIC, "9P"},
        {CEPH_SUPER_MAGIC, "CephFS"}, {AFS_SUPER_MAGIC, "AFS"},   {AFS_FS_MAGIC, "AFS"},
        {CODA_SUPER_MAGIC, "Coda"},   {NCP_SUPER_MAGIC, "NCP"},
    };
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (refused[i].magic == magic) return refused[i].name;
    return NULL;
}

static bool must_be_local(const char *dir, err *e) {
    struct statfs fs;
    if (statfs(dir, &fs) != 0)
        return err_set(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_INTERNAL, "%s: %s", dir, strerror(errno));
    const char *name = refused_file_system((uint32_t)fs.f_type);
    if (name == NULL) return true;
    return err_set(e, ERR_CONFIG, "%s: lies on %s; the data folder must be on a local disk", dir, name);
}

static bool open_tables(kv *db, const kv_options *o, err *e) {
    MDB_txn *mt = NULL;
    TRY(mdb_check(mdb_txn_begin(db->env, NULL, o->read_only ? MDB_RDONLY : 0, &mt), "cannot begin", e));
    for (size_t i = 0; i < o->table_count; i++) {
        int rc = mdb_dbi_open(mt, o->tables[i], o->read_only ? 0 : MDB_CREATE, &db->dbi[i]);
        if (rc == 0) continue;
        mdb_txn_abort(mt);
        if (rc == MDB_NOTFOUND) return err_set(e, ERR_CONFIG, "table '%s' is missing: an older schema", o->tables[i]);
        return mdb_check(rc, o->tables[i], e);
    }
    return mdb_check(mdb_txn_commit(mt), "cannot commit the tables", e);
}

/* The lowest descriptor that is free: what is opened from now on has it or a higher one. */
static int first_free(void) {
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) (void)close(fd);
    return fd < 0 ? 0 : fd;
}

/* Of its descriptors from `first` on; returns how many. */
static int mark_from(const struct stat *data, int first, int wanted) {
    struct stat st;
    long end = sysconf(_SC_OPEN_MAX);
    int marked = 0;
    for (int fd = first; marked < wanted && fd < end; fd++)
        if (fstat(fd, &st) == 0 && st.st_ino == data->st_ino && st.st_dev == data->st_dev)
            marked += fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
    return marked;
}

/* LMDB opens its files without O_CLOEXEC; a program that we start must not hold them. The data file is open twice when it
 * is written, and both stand soon after `first`: an agent of thousands of homes has thousands before. Unless another
 * thread closed something meanwhile: then they are looked for among all. */
static bool close_on_exec(kv *db, int first, err *e) {
    struct stat data;
    int fd, wanted = db->read_only ? 1 : 2;
    bool ok = mdb_env_get_fd(db->env, &fd) == 0 && fstat(fd, &data) == 0 &&
              (mark_from(&data, first, wanted) == wanted || mark_from(&data, 0, wanted) == wanted);
    return ok || err_set(e, ERR_INTERNAL, "cannot find LMDB's descriptors: %s", strerror(errno));
}

static bool open_env(const char *dir, const kv_options *o, kv *db, err *e) {
    unsigned flags = MDB_NOTLS | (o->read_only ? MDB_RDONLY : 0u), now = 0;
    TRY(mdb_check(mdb_env_create(&db->env), "cannot set up LMDB", e));
    TRY(mdb_check(mdb_env_set_maxdbs(db->env, (MDB_dbi)o->table_count), "too many tables", e));
    if (o->map_size) TRY(mdb_check(mdb_env_set_mapsize(db->env, o->map_size), "map size", e));
    if (o->max_readers) TRY(mdb_check(mdb_env_set_maxreaders(db->env, o->max_readers), "readers", e));
    int first = first_free();
    TRY(mdb_check(mdb_env_open(db->env, dir, flags, FILE_MODE), "cannot open", e));
    /* Acknowledged means synced: whatever relaxes that must never be on. */
    ASSERT(mdb_env_get_flags(db->env, &now) == 0 && now == flags);
    TRY(close_on_exec(db, first, e));
    return open_tables(db, o, e);
}

static bool open_folder(const char *dir, const kv_options *o, kv **out, err *e) {
    kv *db = calloc(1, sizeof *db);
    ASSERT(db != NULL);
    *db = (kv){.tables = o->table_count, .read_only = o->read_only};
    db->dbi = calloc(o->table_count, sizeof *db->dbi);
    ASSERT(db->dbi != NULL);
    if (open_env(dir, o, db, e)) {
        *out = db;
        return true;
    }
    kv_close(db);
    return err_wrap(e, "%s/%s", dir, data_name);
}

static bool sync_file(const char *path, err *e) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (!ok) err_set(e, ERR_INTERNAL, "%s: cannot sync: %s", path, strerror(errno));
    if (fd >= 0) (void)close(fd);
    return ok;
}

/* What a creation leaves behind when it is cut short. */
static void clear_nursery(const char *nursery, bool with_folder) {
    static const char *const names[] = {data_name, lock_name};
    char path[PATH_SIZE + 16];
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", nursery, names[i]);
        (void)unlink(path);
    }
    if (with_folder) (void)rmdir(nursery);
}

/* A whole database in the nursery, on disk, then one rename: before it there is none, after it there is a good one. */
static bool create_in(const char *dir, const char *nursery, const char *data, const kv_options *o, err *e) {
    char born[PATH_SIZE];
    kv *db = NULL;
    TRY(path_join(born, sizeof born, nursery, data_name, e));
    clear_nursery(nursery, false);
    TRY(open_folder(nursery, o, &db, e));
    kv_close(db);
    TRY(sync_file(born, e));
    TRY(file_sync_dir(nursery, e));
    if (rename(born, data) != 0)
        return err_set(e, ERR_INTERNAL, "%s: cannot rename to %s: %s", born, data, strerror(errno));
    return file_sync_dir(dir, e);
}

static bool create(const char *dir, const char *nursery, const char *data, const kv_options *o, err *e) {
    if (mkdir(nursery, FOLDER_MODE) != 0 && errno != EEXIST)
        return err_set(e,
                       errno == EACCES   ? ERR_DENIED
                       : errno == ENOSPC ? ERR_FULL
                                         : ERR_INTERNAL,
                       "%s: %s", nursery, strerror(errno));
    int fd = open(nursery, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return err_set(e, ERR_INTERNAL, "%s: %s", nursery, strerror(errno));
    bool ok = flock(fd, LOCK_EX) == 0 || err_set(e, ERR_INTERNAL, "%s: cannot lock: %s", nursery, strerror(errno));
    if (ok && !file_exists(data)) ok = create_in(dir, nursery, data, o, e); /* else: another process was first */
    clear_nursery(nursery, true);
    (void)close(fd);
    return ok;
}

bool kv_open(const char *dir, const kv_options *o, kv **out, err *e) {
    char data[PATH_SIZE], nursery[PATH_SIZE];
    ASSERT(o->table_count > 0 && (o->read_only || o->map_size > 0));
    TRY(path_join(data, sizeof data, dir, data_name, e));
    TRY(path_join(nursery, sizeof nursery, dir, nursery_name, e));
    TRY(must_be_local(dir, e));
    if (!o->read_only && (!file_exists(data) || file_exists(nursery))) TRY(create(dir, nursery, data, o, e));
    if (!file_exists(data)) return err_set(e, ERR_NOT_FOUND, "%s: no database here", dir);
    return open_folder(dir, o, out, e);
}

/* LMDB does not tell where it mapped its file; the system does. */
const kv_map *map_of(kv *db) {
    char line[PATH_SIZE + 128];
    struct stat data;
    int fd;
    kv_map *map = &db->map;
    if (map->looked) return map;
    map->looked = true;
    FILE *maps = mdb_env_get_fd(db->env, &fd) == 0 && fstat(fd, &data) == 0 ? fopen("/proc/self/maps", "re") : NULL;
    while (maps && map->bytes == 0 && fgets(line, sizeof line, maps)) {
        unsigned long from, to, ino;
        if (sscanf(line, "%lx-%lx r--s %*x %*x:%*x %lu", &from, &to, &ino) != 3 || ino != data.st_ino) continue;
        if (str_has(str_of(line), str_of(data_name))) *map = (kv_map){true, (void *)from, to - from};
    }
    if (maps) (void)fclose(maps);
    return map;
}

void kv_close(kv *db) {
    if (db == NULL) return;
    if (db->memory.what) db->memory.drop(db->memory.what);
    if (db->env) mdb_env_close(db->env);
    free(db->dbi);
    free(db);
}

typedef struct reader_count {
    size_t oldest;
    unsigned n;
} reader_count;

/* One line a reader: process, thread, transaction ("-" when it reads nothing now). */
static int count_reader(const char *line, void *arg) {
    reader_count *c = arg;
    int pid;
    size_t thread, reads;
    int fields = sscanf(line, "%d %zx %zu", &pid, &thread, &reads);
    if (fields >= 2) c->n++;
    if (fields == 3 && reads < c->oldest) c->oldest = reads;
    return 0;
}

bool kv_stat(kv *db, kv_stats *out, err *e) {
    MDB_envinfo info;
    MDB_stat st;
    reader_count c = {.oldest = SIZE_MAX};
    TRY(mdb_check(mdb_env_info(db->env, &info), "cannot ask LMDB", e));
    TRY(mdb_check(mdb_env_stat(db->env, &st), "cannot ask LMDB", e));
    if (mdb_reader_list(db->env, count_reader, &c) < 0) return err_set(e, ERR_INTERNAL, "cannot list readers");
    *out = (kv_stats){.map_size = info.me_mapsize,
                      .used_bytes = (info.me_last_pgno + 1) * st.ms_psize,
                      .last_txn = info.me_last_txnid,
                      .readers = c.n};
    if (c.oldest < info.me_last_txnid) out->oldest_reader_lag = info.me_last_txnid - c.oldest;
    return true;
}

bool kv_reader_check(kv *db, int *n, err *e) {
    return mdb_check(mdb_reader_check(db->env, n), "cannot check readers", e);
}

static bool copy_into(kv *db, const char *temp, err *e) {
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
    if (fd < 0) return err_set(e, ERR_INTERNAL, "%s: cannot create: %s", temp, strerror(errno));
    bool ok = mdb_check(mdb_env_copyfd2(db->env, fd, MDB_CP_COMPACT), "cannot copy", e);
    if (ok && fsync(fd) != 0) ok = err_set(e, ERR_INTERNAL, "%s: cannot sync: %s", temp, strerror(errno));
    if (close(fd) != 0 && ok) ok = err_set(e, ERR_INTERNAL, "%s: cannot close: %s", temp, strerror(errno));
    return ok;
}

bool kv_copy(kv *db, const char *to_dir, err *e) {
    char temp[PATH_SIZE], data[PATH_SIZE];
    TRY(path_join(temp, sizeof temp, to_dir, copy_name, e));
    TRY(path_join(data, sizeof data, to_dir, data_name, e));
    if (file_exists(data)) return err_set(e, ERR_CONFLICT, "%s: there is a database already", to_dir);
    bool ok = copy_into(db, temp, e);
    if (ok && rename(temp, data) != 0)
        ok = err_set(e, ERR_INTERNAL, "%s: cannot rename to %s: %s", temp, data, strerror(errno));
    if (!ok) {
        (void)unlink(temp);
        return err_wrap(e, "copy to %s", to_dir);
    }
    return file_sync_dir(to_dir, e);
}
