#include "maths/safety.h"

#include "maths/distribution.h"
#include <math.h>

double safety_variance(double lead, double lead_sd, double demand, double demand_sd) {
    return lead * demand_sd * demand_sd + demand * demand * lead_sd * lead_sd;
}

double safety_fill_rate(double z, double sd, double quantity, double *simple) {
    double first = sd > 0 ? sd * normal_loss(z) : 0, second = sd > 0 ? sd * normal_loss(z + quantity / sd) : 0;
    if (simple) *simple = 1 - first / quantity;
    return 1 - (first - second) / quantity;
}

double safety_z_for_fill(double fill, double sd, double quantity) {
    return normal_loss_inverse((1 - fill) * quantity / sd);
}

double safety_multiple(double v, double multiple, bool down) {
    if (multiple <= 0) return v;
    double times = v / multiple, slack = 1e-9 * fmax(1, fabs(times));
    return multiple * (down ? floor(times + slack) : ceil(times - slack));
}
