#include "daemon/service/presence.h"

#include <stdlib.h>

void presence_says(presence *p, str version, str host) {
    (void)str_copy_z(version, p->version, sizeof p->version);
    (void)str_copy_z(host, p->host, sizeof p->host);
    p->c.version = str_of(p->version);
    p->c.host = str_of(p->host);
}

presence *presence_known(const presences *all, str agent_id) {
    const uint64_t *place = map_find(&all->index, agent_id);
    return place && *place ? all->at[*place - 1] : NULL;
}

presence *presence_of(presences *all, txn *t, str agent_id) {
    presence *p = presence_known(all, agent_id);
    if (p != NULL) return p;
    p = calloc(1, sizeof *p);
    ASSERT(p != NULL);
    (void)str_copy_z(agent_id, p->id, sizeof p->id);
    if (contact_get(t, agent_id, &p->c)) presence_says(p, p->c.version, p->c.host);
    if ((all->n & (all->n + 1)) == 0) { /* room for the next power of two */
        all->at = realloc(all->at, (2 * all->n + 2) * sizeof(presence *));
        ASSERT(all->at != NULL);
    }
    all->at[all->n++] = p;
    *map_at(&all->index, str_of(p->id), NULL) = all->n;
    return p;
}

void presence_touch(presences *all, presence *p) {
    all->dirty += !p->dirty;
    p->dirty = true;
}

void presence_write(presences *all, txn *t, presence *p) {
    contact_put(t, str_of(p->id), &p->c);
    all->dirty -= p->dirty;
    p->dirty = false;
}

void presence_store(presences *all, txn *t, size_t max) {
    for (size_t i = 0; i < all->n && all->dirty && max; i++) {
        presence *p = all->at[all->next++ % all->n];
        if (!p->dirty) continue;
        presence_write(all, t, p);
        max--;
    }
}

void presence_free(presences *all) {
    for (size_t i = 0; i < all->n; i++) free(all->at[i]);
    free(all->at);
    map_free(&all->index);
    *all = (presences){0};
}
