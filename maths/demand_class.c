#include "maths/demand_class.h"

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
