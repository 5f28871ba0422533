/* demand_class — kinds of demand: by the mean gap between demands (ADI, the first gap from the beginning included) and the
 * squared coefficient of variation of the sizes (CV², sample variance). At or above a cut is the upper side.
 * Source: Syntetos, Boylan, Croston 2005. */
#ifndef MATHS_DEMAND_CLASS_H
#define MATHS_DEMAND_CLASS_H

#include <stdbool.h>
#include <stddef.h>

#define ADI_CUT 1.32
#define CV2_CUT 0.49

typedef enum demand_class { CLASS_NONE, CLASS_SMOOTH, CLASS_ERRATIC, CLASS_INTERMITTENT, CLASS_LUMPY } demand_class;

const char *demand_class_name(demand_class c); /* "none" where there was no demand at all */
demand_class demand_class_of(double adi, double cv2);
/** ADI and CV² of n buckets; false when none has demand. */
bool demand_class_measure(const double *y, size_t n, double *adi, double *cv2);

/** ABC by value: the largest that make up the first 80 % are 'A', up to 95 % 'B', the rest and all without value 'C'. */
void demand_abc(const double *value, size_t n, char *out);
/** XYZ by variation of n buckets, those without demand included: below 0.5 'X', below 1 'Y', else 'Z'. */
char demand_xyz(const double *y, size_t n);

#endif
