/* Codes as addresses: GS1 Digital Link (any host, any stem before the key) and EPC URN. */
#include "proto/code_parts.h"

static int hex_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* %41 → A; a per cent sign that begins no such pair stands for itself. */
static str percent_decoded(elements *x, str s) {
    str out = {x->room + x->used, 0};
    for (size_t i = 0; i < s.n && x->used < sizeof x->room; i++) {
        int high = s.p[i] == '%' && i + 2 < s.n ? hex_of(s.p[i + 1]) : -1, low = high < 0 ? -1 : hex_of(s.p[i + 2]);
        x->room[x->used++] = low < 0 ? s.p[i] : (char)(high * 16 + low);
        if (low >= 0) i += 2;
        out.n++;
    }
    return out;
}

/* Digital Link: the words that older links write for identifiers. */
static const struct {
    const char *name;
    unsigned ai;
} link_words[] = {{"gtin", 1},    {"sscc", 0},    {"ser", 21},    {"lot", 10},    {"cpv", 22},    {"gln", 414},
                  {"glnx", 254},  {"party", 417}, {"grai", 8003}, {"giai", 8004}, {"itip", 8006}, {"gdti", 253},
                  {"gcn", 255},   {"ginc", 401},  {"gsin", 402},  {"cpid", 8010}, {"cpsn", 8011}, {"gsrnp", 8017},
                  {"gsrn", 8018}, {"srin", 8019}, {"gmn", 8013}};

static bool link_ai(str s, unsigned *ai) {
    for (size_t i = 0; i < ARRAY_LEN(link_words); i++)
        if (str_ieq(s, str_of(link_words[i].name))) return *ai = link_words[i].ai, true;
    if (s.n < 2 || s.n > 4 || !all_digits(s)) return false;
    *ai = 0;
    for (size_t i = 0; i < s.n; i++) *ai = *ai * 10 + (unsigned)(s.p[i] - '0');
    return s.n == 2 || *ai >= 100;
}

/* Without the idle "/" that some write at the end of an address. */
static str ended(str s) {
    return str_ends(s, STR("/")) ? str_take(s, s.n - 1) : s;
}

/* "/01/…/21/…" from the key on. A serial may have "/" in it: it is the last qualifier and takes all that is left. */
static bool link_path(str path, elements *x) {
    unsigned ai;
    str name, value;
    while (str_split(&path, '/', &name)) {
        if (!link_ai(name, &ai)) return false;
        if (x->n && (ai == 21 || ai == 8011)) value = ended(path), path = STR_NONE;
        else if (!str_split(&path, '/', &value))
            return false;
        if (value.n == 0 || !elements_add(x, ai, percent_decoded(x, value))) return false;
    }
    return x->n > 0;
}

static void link_query(str query, elements *x) {
    unsigned ai;
    str pair, name;
    while (str_split(&query, '&', &pair)) {
        str value = pair;
        if (!str_split(&value, '=', &name) || value.n == 0 || !link_ai(name, &ai) || elements_get(x, ai).p) continue;
        if (!elements_add(x, ai, percent_decoded(x, value))) return;
    }
}

static size_t scheme_of(str s) {
    static const char *const schemes[] = {"https://", "http://"};
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (s.n > strlen(schemes[i]) && str_ieq(str_take(s, strlen(schemes[i])), str_of(schemes[i])))
            return strlen(schemes[i]);
    return 0;
}

bool elements_link(str s, elements *x, err *e) {
    size_t scheme = scheme_of(s), at;
    (void)e; /* an address that is no Digital Link is somebody's own code */
    if (scheme == 0) return false;
    str path = str_skip(s, scheme), query = STR_NONE, name;
    at = str_find(path, STR("#")); /* which no serial has; a part number (8010) may */
    if (at != SIZE_MAX && !str_has(path, STR("/8010/"))) path = str_take(path, at);
    at = str_find(path, STR("?"));
    if (at != SIZE_MAX && str_has(str_skip(path, at), STR("="))) {
        query = str_skip(path, at + 1);
        path = str_take(path, at);
    }
    if (!str_split(&path, '/', &name)) return false; /* the host */
    for (str from = path; path.p; from = path) {
        unsigned ai;
        TRY(str_split(&path, '/', &name));
        if (!link_ai(name, &ai) || !is_primary(ai)) continue;
        if (link_path(from, x)) return link_query(query, x), true;
        x->n = 0;
    }
    return false;
}

/* EPC schemes: the company prefix and the reference are `digits` together; a check digit goes behind them. */
static const struct urn_scheme {
    const char *name;
    unsigned ai, digits; /* 0: any text, no check digit */
    unsigned more;       /* identifier of what follows; 0: it is joined to the value */
    bool front, zero;    /* the reference's first digit goes before the prefix; a 0 goes before all */
    unsigned parts;      /* separated by points, at least */
} urn_schemes[] = {
    {"sgtin", 1, 13, 21, true, false, 2},    {"lgtin", 1, 13, 10, true, false, 3},
    {"upui", 1, 13, 235, true, false, 3},    {"sscc", 0, 17, 0, true, false, 2},
    {"itip", 8006, 13, 0, true, false, 5},   {"sgln", 414, 12, 254, false, false, 3},
    {"pgln", 417, 12, 0, false, false, 2},   {"grai", 8003, 12, 0, false, true, 3},
    {"giai", 8004, 0, 0, false, false, 2},   {"gsrn", 8018, 17, 0, false, false, 2},
    {"gsrnp", 8017, 17, 0, false, false, 2}, {"gdti", 253, 12, 0, false, false, 3},
    {"sgcn", 255, 12, 0, false, false, 3},   {"cpi", 8010, 0, 8011, false, false, 3},
    {"gsin", 402, 16, 0, false, false, 2},   {"ginc", 401, 0, 0, false, false, 2},
};

/* GTIN, piece and total are the key of an ITIP; its serial is an element of its own. */
static bool itip_rest(elements *x, str key, str rest) {
    str piece, total;
    TRY(str_split(&rest, '.', &piece) && str_split(&rest, '.', &total));
    str all = elements_keep(x, key);
    (void)elements_keep(x, piece);
    (void)elements_keep(x, total);
    all.n += piece.n + total.n;
    TRY(elements_add(x, 8006, all));
    return str_is(rest, "*") || elements_add(x, 21, percent_decoded(x, rest));
}

static bool urn_elements(const struct urn_scheme *s, str body, elements *x) {
    str prefix, reference;
    char digits[24];
    size_t n = 0;
    if (!str_split(&body, '.', &prefix) || body.p == NULL) return false;
    if (s->parts > 2 || (s->more && body.p)) TRY(str_split(&body, '.', &reference));
    else
        reference = body, body = STR_NONE;
    if (!all_digits(prefix) || prefix.n < 6 || prefix.n > 12 || (s->parts > 2 && body.p == NULL)) return false;
    str key = {x->room + x->used, 0};
    if (s->digits) {
        if (prefix.n + reference.n != s->digits || (reference.n && !all_digits(reference))) return false;
        if (s->front && reference.n == 0) return false;
        if (s->front) digits[n++] = reference.p[0];
        memcpy(digits + n, prefix.p, prefix.n);
        n += prefix.n;
        size_t skip = s->front ? 1 : 0;
        memcpy(digits + n, reference.p + skip, reference.n - skip);
        n += reference.n - skip;
        digits[n] = gs1_check_digit(str_from(digits, n));
        if (s->zero) (void)elements_keep(x, STR("0"));
        (void)elements_keep(x, str_from(digits, n + 1));
    } else {
        (void)elements_keep(x, prefix);
        (void)percent_decoded(x, reference);
    }
    key.n = (size_t)(x->room + x->used - key.p);
    if (s->ai == 8006) return itip_rest(x, key, body);
    bool plain = body.p == NULL || str_is(body, "*") || (s->ai == 414 && str_is(body, "0"));
    if (!plain && body.n == 0) return false;
    if (plain) return elements_add(x, s->ai, key);
    str more = percent_decoded(x, body);
    if (s->more) return elements_add(x, s->ai, key) && elements_add(x, s->more, more);
    return elements_add(x, s->ai, str_from(key.p, key.n + more.n));
}

bool elements_urn(str s, elements *x, err *e) {
    static const char *const forms[] = {"urn:epc:id:", "urn:epc:class:", "urn:epc:idpat:", "urn:epc:tag:"};
    str scheme, body = STR_NONE, filter;
    for (size_t i = 0; i < ARRAY_LEN(forms) && body.p == NULL; i++) {
        size_t n = strlen(forms[i]);
        if (s.n <= n || !str_ieq(str_take(s, n), str_of(forms[i]))) continue;
        body = str_skip(s, n);
        if (!str_split(&body, ':', &scheme) || body.p == NULL) break;
        if (i < 3) continue;
        size_t dash = str_find(scheme, STR("-")); /* sgtin-96:filter.… */
        if (dash != SIZE_MAX) scheme = str_take(scheme, dash);
        (void)str_split(&body, '.', &filter);
    }
    if (body.p == NULL) return false;
    for (size_t i = 0; i < ARRAY_LEN(urn_schemes); i++) {
        if (!str_ieq(scheme, str_of(urn_schemes[i].name))) continue;
        x->n = 0;
        if (urn_elements(&urn_schemes[i], body, x)) return true;
        return err_set(e, ERR_DATA, "'%.*s' is no %s: its parts or their lengths are wrong", STR_ARG(str_take(s, 80)),
                       urn_schemes[i].name);
    }
    return false; /* a scheme without GS1 key: kept as it is written */
}
