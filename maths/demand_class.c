#include "maths/demand_class.h"

#include <math.h>
#include <stdlib.h>

static const char *const names[] = {"none", "smooth", "erratic", "intermittent", "lumpy"};

const char *demand_class_name(demand_class c) {
    return names[c];
}

demand_class demand_class_of(double adi, double cv2) {
    if (adi >= ADI_CUT) return cv2 >= CV2_CUT ? CLASS_LUMPY : CLASS_INTERMITTENT;
    return cv2 >= CV2_CUT ? CLASS_ERRATIC : CLASS_SMOOTH;
}

bool demand_class_measure(const double *y, size_t n, double *adi, double *cv2) {
    double mean = 0, squares = 0;
    size_t hits = 0, last = 0;
    for (size_t i = 0; i < n; i++) {
        if (y[i] <= 0) continue;
        double off = y[i] - mean;
        hits++, last = i + 1;
        mean += off / (double)hits;
        squares += off * (y[i] - mean);
    }
    if (hits == 0) return false;
    *adi = (double)last / (double)hits;
    *cv2 = hits > 1 ? squares / (double)(hits - 1) / (mean * mean) : 0;
    return true;
}

typedef struct valued {
    double v;
    size_t at;
} valued;

static int larger_first(const void *a, const void *b) {
    const valued *x = a, *y = b;
    if (x->v != y->v) return x->v > y->v ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* Whoever crosses a limit still belongs above it: one that has it all is 'A'. */
void demand_abc(const double *value, size_t n, char *out) {
    valued *order = calloc(n + 1, sizeof *order);
    double all = 0, before = 0;
    for (size_t i = 0; i < n; i++) out[i] = 'C', all += value[i] > 0 ? value[i] : 0;
    for (size_t i = 0; order && i < n; i++) order[i] = (valued){value[i], i};
    if (order) qsort(order, n, sizeof *order, larger_first);
    for (size_t i = 0; order && i < n && order[i].v > 0; i++) {
        out[order[i].at] = before < 0.8 * all ? 'A' : before < 0.95 * all ? 'B' : 'C';
        before += order[i].v;
    }
    free(order);
}

char demand_xyz(const double *y, size_t n) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) sum += y[i], squares += y[i] * y[i];
    if (n < 2 || sum <= 0) return 'Z';
    double mean = sum / (double)n, sd = sqrt(fmax(squares - sum * mean, 0) / (double)(n - 1));
    return sd < 0.5 * mean ? 'X' : sd < mean ? 'Y' : 'Z';
}
