/* yaml — a YAML file as a small tree of nodes with line numbers, over libyaml: mappings now, policies of other rooms
 * with the same words. Anchors, tags and further documents are refused, as are repeated keys; depth, nodes and bytes
 * are bounded. Errors are ERR_CONFIG, "line N: …". */
#ifndef FORMATS_YAML_H
#define FORMATS_YAML_H

#include "base/arena.h"
#include "base/calendar.h"
#include "base/err.h"

typedef enum node_kind { NODE_TEXT, NODE_LIST, NODE_MAP } node_kind;

typedef struct node node;
struct node {
    node_kind kind;
    unsigned line; /* from 1 */
    bool quoted;   /* "5" is a text where 5 may be a number */
    str key;       /* of an entry of a map, else empty */
    str text;      /* NODE_TEXT */
    node *first;   /* children, in file order */
    node *next;
    size_t count;
};

enum { YAML_DEPTH = 16, YAML_NODES = 8192 };

/** The tree lives in `room`. An empty file is an empty map. */
MUST_USE bool yaml_read(str yaml, arena *room, const node **root, err *e);

/** The entry of a map, or NULL (also when `map` is NULL or no map). */
const node *node_get(const node *map, const char *key);
/** Is every key of the map one of `keys` (n of them)? The refusal names the line, the key and what is known. */
MUST_USE bool node_keys(const node *map, const char *const *keys, size_t n, const char *what, err *e);
MUST_USE bool node_is(const node *v, node_kind kind, const char *what, err *e);
MUST_USE bool node_int(const node *v, const char *what, int64_t min, int64_t max, int64_t *out, err *e);
/** A number from `min` on with at most `decimals` decimals, at that scale. */
MUST_USE bool node_number(const node *v, const char *what, unsigned decimals, int64_t min, int64_t *out, err *e);
MUST_USE bool node_real(const node *v, const char *what, double min, double max, double *out, err *e);
MUST_USE bool node_day(const node *v, const char *what, day_t *out, err *e);
MUST_USE bool node_bool(const node *v, const char *what, bool *out, err *e);
/** One of the words of a list that ends with NULL; *out is its place. */
MUST_USE bool node_choice(const node *v, const char *what, const char *const *words, unsigned *out, err *e);
/** Absent, or null. */
bool node_null(const node *v);
/** ERR_CONFIG "line N: WHAT is 'found', wanted WANTED". Returns false. */
bool node_wanted(const node *v, const char *what, const char *wanted, err *e);

#endif
