#include "daemon/command/text_diff.h"

typedef struct lines {
    str *v;
    size_t n;
} lines;

static lines lines_of(str s, arena *a) {
    lines l = {.n = 0};
    size_t n = 1;
    for (size_t i = 0; i < s.n; i++) n += s.p[i] == '\n';
    l.v = ARENA_NEW(a, str, n);
    ASSERT(l.v != NULL);
    for (str piece; s.n && str_split(&s, '\n', &piece);)
        l.v[l.n++] = piece.n && piece.p[piece.n - 1] == '\r' ? str_take(piece, piece.n - 1) : piece;
    return l;
}

typedef struct differ {
    lines a, b;
    diff_line *out;
    size_t n;
} differ;

static void put(differ *d, char change, size_t i, size_t k) {
    str text = change == '+' ? d->b.v[k] : d->a.v[i];
    d->out[d->n++] = (diff_line){change, change == '+' ? 0 : i + 1, change == '-' ? 0 : k + 1, text};
}

/* common[i][k]: how many lines a[i…] and b[k…] have in common at most. */
static void middle(differ *d, size_t i, size_t end, size_t k, size_t last, arena *scratch) {
    size_t rows = end - i, columns = last - k;
    size_t width = columns + 1, from_i = i, from_k = k;
    bool known = (rows + 1) * width <= DIFF_CELLS;
    uint32_t *common = known ? ARENA_NEW(scratch, uint32_t, (rows + 1) * width) : NULL;
    for (size_t x = rows; known && x-- > 0;)
        for (size_t y = columns; y-- > 0;) {
            uint32_t down = common[(x + 1) * width + y], right = common[x * width + y + 1];
            bool same = str_eq(d->a.v[from_i + x], d->b.v[from_k + y]);
            common[x * width + y] = same ? common[(x + 1) * width + y + 1] + 1 : down > right ? down : right;
        }
    while (i < end || k < last) {
        size_t at = known ? (i - from_i) * width + (k - from_k) : 0;
        if (i < end && k < last && known && str_eq(d->a.v[i], d->b.v[k])) put(d, ' ', i, k), i++, k++;
        else if (i < end && (k == last || !known || common[at + width] >= common[at + 1]))
            put(d, '-', i, k), i++;
        else
            put(d, '+', i, k), k++;
    }
}

size_t text_diff(str before, str after, arena *a, diff_line **out) {
    AUTO(arena) scratch = {0};
    differ d = {.a = lines_of(before, a), .b = lines_of(after, a)};
    size_t same = 0, tail = 0;
    arena_init(&scratch, SIZE_MAX); /* bounded by DIFF_CELLS */
    d.out = ARENA_NEW(a, diff_line, d.a.n + d.b.n + 1);
    ASSERT(d.out != NULL);
    while (same < d.a.n && same < d.b.n && str_eq(d.a.v[same], d.b.v[same])) put(&d, ' ', same, same), same++;
    while (tail < d.a.n - same && tail < d.b.n - same && str_eq(d.a.v[d.a.n - 1 - tail], d.b.v[d.b.n - 1 - tail]))
        tail++;
    middle(&d, same, d.a.n - tail, same, d.b.n - tail, &scratch);
    for (size_t i = tail; i-- > 0;) put(&d, ' ', d.a.n - 1 - i, d.b.n - 1 - i);
    *out = d.out;
    return d.n;
}
