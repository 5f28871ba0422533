#include "formats/compound.h"

#include <stdlib.h>

enum {
    HEADER = 512,
    FAT_IN_HEADER = 109,
    ENTRY = 128, /* bytes of a directory entry */
    STREAM = 2,
    ROOT = 5,
};
static const uint32_t LAST_SECTOR = 0xfffffffa; /* above: end of chain, free, table */

static const str magic = {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8};

bool compound_likely(str file) {
    return str_starts(file, magic);
}

static uint32_t le16(const char *p) {
    return (uint32_t)((uint8_t)p[0] | (uint8_t)p[1] << 8);
}

static uint32_t le32(const char *p) {
    return le16(p) | le16(p + 2) << 16;
}

static bool broken(err *e) {
    return err_set(e, ERR_DATA, "the old Excel file is cut off or damaged; send it again, or save it as XLSX");
}

/* The bytes of a sector; the last one of a file may be short. */
static bool sector_at(const compound *c, uint32_t no, str *out) {
    uint64_t from = ((uint64_t)no + 1) * c->sector;
    if (no >= LAST_SECTOR || from >= c->file.n) return false;
    *out = str_take(str_skip(c->file, (size_t)from), c->sector);
    return true;
}

/* ---- the allocation table ---- */

static bool add_fat_sector(compound *c, uint32_t no) {
    if (no >= LAST_SECTOR) return true;
    if (c->fat_count > c->file.n / c->sector) return false;
    if (c->fat_count % 128 == 0) {
        c->fat_sectors = reallocarray(c->fat_sectors, c->fat_count + 128, sizeof *c->fat_sectors);
        ASSERT(c->fat_sectors != NULL);
    }
    c->fat_sectors[c->fat_count++] = no;
    return true;
}

static bool read_fat(compound *c, err *e) {
    const char *h = c->file.p;
    for (size_t i = 0; i < FAT_IN_HEADER; i++)
        if (!add_fat_sector(c, le32(h + 76 + 4 * i))) return broken(e);
    uint32_t further = le32(h + 68);
    for (size_t steps = 0; further < LAST_SECTOR; steps++) {
        str s;
        if (steps > c->file.n / c->sector || !sector_at(c, further, &s) || s.n < c->sector) return broken(e);
        for (size_t i = 0; i + 8 <= s.n; i += 4)
            if (!add_fat_sector(c, le32(s.p + i))) return broken(e);
        further = le32(s.p + s.n - 4);
    }
    return true;
}

static bool next_sector(const compound *c, uint32_t no, uint32_t *next) {
    uint32_t per = c->sector / 4;
    str s;
    if (no / per >= c->fat_count || !sector_at(c, c->fat_sectors[no / per], &s)) return false;
    size_t at = (size_t)(no % per) * 4;
    if (at + 4 > s.n) return false;
    *next = le32(s.p + at);
    return true;
}

/* Append a chain, at most `most` bytes. */
static bool read_chain(const compound *c, uint32_t no, uint64_t most, buf *out, err *e) {
    size_t begin = out->n;
    for (size_t steps = 0; no < LAST_SECTOR && out->n - begin < most; steps++) {
        str s;
        if (steps > c->file.n / c->sector || !sector_at(c, no, &s)) return broken(e);
        uint64_t left = most - (out->n - begin);
        buf_add(out, left < s.n ? str_take(s, (size_t)left) : s);
        if (!next_sector(c, no, &no)) return broken(e);
    }
    return true;
}

/* Streams below the cutoff lie in small sectors inside the root's own stream. */
static bool read_mini_chain(const compound *c, uint32_t no, uint64_t most, buf *out, err *e) {
    size_t begin = out->n;
    for (size_t steps = 0; no < LAST_SECTOR && out->n - begin < most; steps++) {
        uint64_t from = (uint64_t)no * c->mini_sector, link = (uint64_t)no * 4;
        if (steps > c->mini.n / c->mini_sector || from >= c->mini.n || link + 4 > c->mini_fat.n) return broken(e);
        str s = str_take(str_skip(buf_str(&c->mini), (size_t)from), c->mini_sector);
        uint64_t left = most - (out->n - begin);
        buf_add(out, left < s.n ? str_take(s, (size_t)left) : s);
        no = le32(c->mini_fat.p + link);
    }
    return true;
}

/* ---- the directory ---- */

static const char *entry_at(const compound *c, uint32_t i) {
    return (uint64_t)i * ENTRY + ENTRY <= c->directory.n ? c->directory.p + (size_t)i * ENTRY : NULL;
}

/* Names are UTF-16 with their NUL counted; ours are ASCII. */
static bool entry_is(const char *entry, const char *name) {
    size_t n = strlen(name);
    if (le16(entry + 64) != 2 * (n + 1)) return false;
    for (size_t i = 0; i < n; i++)
        if (le16(entry + 2 * i) != (uint8_t)name[i]) return false;
    return true;
}

/* Walk the tree of the root's children; the others lie in folders of embedded objects. */
static const char *find_entry(const compound *c, const char *name) {
    const char *root = entry_at(c, 0);
    size_t entries = c->directory.n / ENTRY, n = 0, seen = 0;
    uint32_t *waiting = calloc(2 * entries + 2, sizeof *waiting);
    ASSERT(waiting != NULL);
    const char *found = NULL;
    if (root && root[66] == ROOT) waiting[n++] = le32(root + 76);
    while (n > 0 && found == NULL && seen < entries) {
        const char *entry = entry_at(c, waiting[--n]);
        if (entry == NULL) continue;
        seen++;
        if (entry[66] == STREAM && entry_is(entry, name)) found = entry;
        waiting[n++] = le32(entry + 68);
        waiting[n++] = le32(entry + 72);
    }
    free(waiting);
    return found;
}

bool compound_open(compound *c, str file, err *e) {
    *c = (compound){.file = file};
    if (file.n < HEADER || !compound_likely(file)) return broken(e);
    uint32_t shift = le16(file.p + 30), mini_shift = le16(file.p + 32);
    if ((shift != 9 && shift != 12) || mini_shift < 4 || mini_shift > shift) return broken(e);
    c->sector = 1U << shift;
    c->mini_sector = 1U << mini_shift;
    c->mini_cutoff = le32(file.p + 56);
    TRY(read_fat(c, e));
    TRY(read_chain(c, le32(file.p + 48), UINT64_MAX, &c->directory, e));
    const char *root = entry_at(c, 0);
    if (root == NULL || root[66] != ROOT) return broken(e);
    TRY(read_chain(c, le32(file.p + 60), UINT64_MAX, &c->mini_fat, e));
    return read_chain(c, le32(root + 116), le32(root + 120), &c->mini, e);
}

bool compound_stream(compound *c, const char *name, buf *out, bool *found, err *e) {
    const char *entry = find_entry(c, name);
    *found = entry != NULL;
    if (entry == NULL) return true;
    uint32_t first = le32(entry + 116), size = le32(entry + 120);
    size_t begin = out->n;
    if (size < c->mini_cutoff) TRY(read_mini_chain(c, first, size, out, e));
    else
        TRY(read_chain(c, first, size, out, e));
    return out->n - begin == size || broken(e);
}

void compound_close(compound *c) {
    free(c->fat_sectors);
    buf_free(&c->directory);
    buf_free(&c->mini);
    buf_free(&c->mini_fat);
    *c = (compound){0};
}

void compound_auto(compound *c) {
    compound_close(c);
}
