#include "maths/student.h"

#include <math.h>

double student_within(double t, unsigned df) {
    double angle = atan(t / sqrt(df)), c = cos(angle), s = sin(angle), term = df % 2 ? c : 1, sum = 0;
    for (unsigned k = df % 2 ? 1 : 0; k + 2 <= df; k += 2) {
        sum += term;
        term *= c * c * (k + 1.0) / (k + 2.0);
    }
    return df % 2 ? 2 / M_PI * (angle + s * sum) : s * sum;
}

double student_half_width(double p, unsigned df) {
    double low = 0, high = 1;
    while (student_within(high, df) < p && high < 1e12) high *= 2;
    for (int i = 0; i < 100 && high - low > 1e-10 * high; i++) {
        double middle = (low + high) / 2;
        if (student_within(middle, df) < p) low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}
