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

#endif
