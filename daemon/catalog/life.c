#include "daemon/catalog/life.h"

#include "daemon/catalog/users.h"

static const life_step *step_of(const life_step *steps, size_t n, uint8_t from, uint8_t act) {
    for (size_t i = 0; i < n; i++)
        if (steps[i].from == from && steps[i].act == act) return &steps[i];
    return NULL;
}

uint8_t life_to(const life_step *steps, size_t n, uint8_t from, uint8_t act) {
    const life_step *s = step_of(steps, n, from, act);
    return s ? s->to : 0;
}

bool life_may(const life_step *steps, size_t n, uint8_t from, uint8_t act, uint32_t role) {
    const life_step *s = step_of(steps, n, from, act);
    str rest = str_of(s ? s->roles : ""), name;
    if (role == 0) return false; /* nobody's act is not everybody's */
    if (rest.n && role == user_role_bit(STR("admin"))) return true;
    while (str_split(&rest, ' ', &name))
        if (user_role_bit(name) == role) return true;
    return false;
}
