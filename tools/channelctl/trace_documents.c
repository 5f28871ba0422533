/* The CSV files of documents → posted lines. Which content of a document holds is decided as the centre decides it: the greatest
 * version, else the one that came last, in the order of the files' names. */
#include "base/file.h"
#include "daemon/ledger/document.h"
#include "daemon/ledger/judge.h"
#include "formats/formats.h"
#include "proto/wire.pb-c.h"
#include "tools/channelctl/trace_files.h"
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* A content that was read. */
typedef struct held {
    uint32_t content; /* its number; the lines of others are dropped at the end */
    str version;
} held;

typedef struct reading {
    trace_files *f;
    const char *file;
    docset *set;
    size_t doc; /* of the set: the next one that a batch brings */
    arena a;    /* of the file */
    makes made;
    judge_rules rules;
    lookup l;
    map documents; /* reporter and identity → index into held */
    map seen;      /* the same and digest: a content that came before is a duplicate */
    held *held;
    size_t held_n, held_cap;
    map customers; /* word → index */
    str *customer;
    size_t customer_n, customer_cap;
    map homes; /* reporter and customer → the region its lines state */
    uint32_t contents;
    uint32_t reporter, content; /* of the document whose lines are taken; content 0: they are not */
    uint32_t *place;            /* of what was made from a word: place in the world, by its number */
    size_t places, place_cap;
} reading;

/* ---- numbers of the store → positions in the world */

static uint32_t add_partner(reading *r, const made *m) {
    trace_files *f = r->f;
    f->partner = arena_grown(&f->a, f->partner, f->partners, &f->partner_cap, sizeof *f->partner);
    f->partner[f->partners] = (trace_partner){.id = m->word,
                                              .parent = m->owner - 1,
                                              .kind = PARTNER_TERMINAL,
                                              .home = f->partner[m->owner - 1].home,
                                              .unreviewed = true};
    return (uint32_t)f->partners++;
}

static uint32_t add_product(reading *r, const made *m) {
    trace_files *f = r->f;
    f->product = arena_grown(&f->a, f->product, f->products, &f->product_cap, sizeof *f->product);
    f->product[f->products] = (trace_product){.sku = m->word, .brand = STR(""), .category = STR(""), .carton = 1000};
    return (uint32_t)f->products++;
}

static uint32_t add_customer(reading *r, str word) {
    const uint64_t *at = map_find(&r->customers, word);
    if (at) return (uint32_t)*at;
    r->customer = arena_grown(&r->f->a, r->customer, r->customer_n, &r->customer_cap, sizeof *r->customer);
    r->customer[r->customer_n] = arena_str(&r->f->a, word);
    *map_at(&r->customers, r->customer[r->customer_n], NULL) = r->customer_n;
    return (uint32_t)r->customer_n++;
}

static uint32_t place_of(reading *r, uint32_t no) {
    if (no == 0) return TRACE_NONE;
    if (no < MADE_FIRST) return no - 1;
    size_t at = no - MADE_FIRST;
    while (r->places <= at) {
        const made *m = &r->made.row[r->places];
        r->place = arena_grown(&r->f->a, r->place, r->places, &r->place_cap, sizeof *r->place);
        r->place[r->places++] = m->what == MADE_PLACE     ? add_partner(r, m)
                                : m->what == MADE_PRODUCT ? add_product(r, m)
                                                          : add_customer(r, m->word);
    }
    return r->place[at];
}

/* ---- one line */

/* What a customer's lines say of its region: the latest day holds, of one day the greater word, as in the daemon's card. */
typedef struct stated_home {
    day_t day;
    str word;
    trace_region region;
} stated_home;

static str home_key(buf *k, const trace_line *l) {
    buf_be32(k, l->partner + 1);
    buf_be32(k, l->customer);
    return buf_str(k);
}

/* A customer's region, stated in this line; lines that state none get what others do when all are read. */
static void note_customer_region(reading *r, const posted *p, uint32_t row, trace_line *l) {
    str word = column_text(&r->l.b->line_text[T_CUSTOMER_REGION], row);
    AUTO(buf) k = {0};
    trace_region to = trace_region_word(r->f, r->reporter, word);
    bool sold =
        p->kind == FLOW_SELL_OUT || p->kind == FLOW_ONWARD || p->kind == FLOW_RETURN || p->kind == FLOW_GIFT_OUT;
    if (to == REGION_NOWHERE || l->customer == TRACE_NONE) return;
    uint64_t *at = map_find(&r->homes, home_key(&k, l));
    if (at == NULL) {
        at = map_at(&r->homes, arena_str(&r->f->a, buf_str(&k)), NULL);
        *at = (uintptr_t)ARENA_NEW(&r->f->a, stated_home, 1);
        *(stated_home *)(uintptr_t)*at = (stated_home){.day = DAY_MIN, .word = STR("")};
    }
    stated_home *h = (stated_home *)(uintptr_t)*at;
    if (l->day > h->day || (l->day == h->day && str_cmp(word, h->word) > 0))
        *h = (stated_home){l->day, arena_str(&r->f->a, word), to};
    if (!sold || l->source == REGION_STATED || l->source == REGION_CUSTOMER) return;
    l->region = to;
    l->source = REGION_CUSTOMER;
}

static str channel_of(const posting *p, const posted *x, arena *a) {
    return x->channel ? arena_str(a, p->text[x->channel]) : STR("");
}

static bool sold_at_a_price(const trace_line *l) {
    return (l->kind == FLOW_SELL_OUT || l->kind == FLOW_ONWARD) && !l->gift && l->amount != NUM_NONE && l->quantity > 0;
}

static void take_codes(reading *r, const posted *p, uint32_t row, bool second) {
    trace_files *f = r->f;
    str codes = column_text(&r->l.b->line_text[T_CODES], row), batch_no = column_text(&r->l.b->line_text[T_BATCH], row);
    if (codes.n == 0 && batch_no.n == 0) return;
    f->line[f->lines - 1].coded = codes.n > 0;
    if (second) {
        f->coded[f->codeds - 1].other = f->lines - 1;
        return;
    }
    f->coded = arena_grown(&f->a, f->coded, f->codeds, &f->coded_cap, sizeof *f->coded);
    f->coded[f->codeds++] = (coded_line){
        .line = f->lines - 1,
        .other = SIZE_MAX,
        .codes = arena_str(&f->a, codes),
        .batch = arena_str(&f->a, batch_no),
        .moves = p->counterparty && (p->kind == FLOW_ONWARD || column_text(&r->l.b->line_text[T_COUNTERPARTY], row).n)};
}

static void take_line(reading *r, const posting *x, const posted *p, uint32_t first, str number, bool second) {
    trace_files *f = r->f;
    uint32_t row = first + p->line;
    int64_t no = column_number(r->l.b->line_number[N_ROW], row);
    bool gift = str_is(column_text(&r->l.b->line_text[T_GIFT], row), "Y");
    trace_line l = {.partner = place_of(r, p->partner),
                    .product = place_of(r, p->product),
                    .counterparty = place_of(r, p->counterparty),
                    .customer = TRACE_NONE,
                    .day = p->day,
                    .region = trace_region_of(f, p->region),
                    .source = p->source,
                    .kind = p->kind,
                    .gift = gift,
                    .quantity = p->quantity,
                    .amount = p->amount,
                    .floor = NUM_NONE,
                    .channel = channel_of(x, p, &f->a),
                    .document = number,
                    .row = no == NUM_NONE ? 0 : (uint32_t)no};
    str customer = column_text(&r->l.b->line_text[T_CUSTOMER], row);
    if (customer.n && p->kind != FLOW_SELL_IN) l.customer = add_customer(r, customer);
    note_customer_region(r, p, row, &l);
    if (sold_at_a_price(&l)) l.floor = trace_floor(f, l.product, l.partner, l.channel, l.day);
    f->line = arena_grown(&f->a, f->line, f->lines, &f->line_cap, sizeof *f->line);
    f->content = arena_grown(&f->a, f->content, f->lines, &f->content_cap, sizeof *f->content);
    f->content[f->lines] = r->content;
    f->line[f->lines++] = l;
    take_codes(r, p, row, second);
}

/* ---- one document */

/* Reporter and identity; with the digest and version, of a content. */
static str key_of(reading *r, const document *d, const uint8_t *digest, bool content_too, str version) {
    AUTO(buf) b = {0};
    uint8_t identity[IDENTITY_SIZE];
    document_identify(d, digest, identity);
    buf_be32(&b, d->partner);
    buf_add(&b, str_from(identity, sizeof identity));
    if (content_too) {
        buf_add(&b, str_from(digest, DIGEST_SIZE));
        buf_add(&b, version);
    }
    return arena_str(&r->f->a, buf_str(&b));
}

/* Does this content hold, as far as has been read? Then it has a number and its lines are taken. */
static void choose_content(reading *r, const document *d, str version) {
    uint8_t digest[DIGEST_SIZE];
    bool created;
    r->content = 0;
    docset_digest(r->set, r->doc, digest);
    (void)map_at(&r->seen, key_of(r, d, digest, true, version), &created);
    if (!created) return;
    uint64_t *at = map_at(&r->documents, key_of(r, d, digest, false, version), &created);
    if (created) {
        r->held = arena_grown(&r->f->a, r->held, r->held_n, &r->held_cap, sizeof *r->held);
        r->held[r->held_n] = (held){.version = STR("")};
        *at = r->held_n++;
    }
    held *h = &r->held[*at];
    if (version_cmp(version, h->version) < 0) return;
    r->content = h->content = ++r->contents;
    h->version = arena_str(&r->f->a, version);
}

static bool find_reporter(reading *r, const batch *b, uint32_t doc) {
    str word = column_text(&b->doc_text[D_PARTNER], doc);
    r->reporter = r->f->maker;
    if (word.n == 0) return true;
    uint32_t at = trace_partner_word(r->f, word);
    if (at == TRACE_NONE) {
        trace_problem(r->f, "%s: document '%.*s': partner is '%.*s', wanted a partner of partners.csv", r->file,
                      STR_ARG(column_text(&b->doc_text[D_NUMBER], doc)), STR_ARG(str_take(word, 60)));
        return false;
    }
    r->reporter = at + 1;
    return true;
}

static void begin_document(reading *r, const batch *b, uint32_t doc) {
    int64_t part = column_number(b->doc_number[D_PART], doc), flags = column_number(b->doc_number[D_FLAGS], doc),
            date = column_number(b->doc_number[D_DATE], doc);
    uint32_t first = b->doc_first[doc];
    if (part != NUM_NONE && part > 1) return; /* goes on */
    r->content = 0;
    if (find_reporter(r, b, doc)) {
        document d = {.partner = r->reporter,
                      .type = batch_doc_type(b, doc),
                      .flags = flags == NUM_NONE ? 0 : (uint32_t)flags,
                      .stream = column_text(&b->doc_text[D_STREAM], doc),
                      .number = column_text(&b->doc_text[D_NUMBER], doc),
                      .place = first < b->doc_first[doc + 1] ? column_text(&b->line_text[T_PLACE], first) : STR(""),
                      .date = date == NUM_NONE ? DAY_MIN : (day_t)date};
        choose_content(r, &d, column_text(&b->doc_text[D_VERSION], doc));
    }
    r->doc++;
}

static void say_problems(reading *r, const apply_result *x) {
    for (size_t i = 0; i < x->problems_kept; i++) {
        const Wire__Problem *p = x->problems[i];
        trace_problem(r->f, "%s row %" PRIu64 ": %s is '%s', wanted %s%s%s", r->file, p->row, p->column, p->found,
                      p->wanted, p->hint[0] ? "; " : "", p->hint);
    }
}

static void take_document(reading *r, const batch *b, uint32_t doc) {
    apply_result said = {.a = &r->a};
    builder x;
    begin_document(r, b, doc);
    if (r->content == 0) return;
    int64_t flags = column_number(b->doc_number[D_FLAGS], doc);
    lookup_begin(&r->l, r->f->t, &r->a, b, r->reporter, true, &r->made);
    judge g = {&r->rules, &r->l, batch_doc_type(b, doc), flags != NUM_NONE && (flags & DOC_NIL), &x};
    builder_begin(&x, &r->a, &said, 0, b->doc_first[doc + 1] - b->doc_first[doc]);
    judge_document(&g, doc);
    posting posted_lines = builder_done(&x);
    str number = arena_str(&r->f->a, column_text(&b->doc_text[D_NUMBER], doc));
    for (uint32_t i = 0; i < posted_lines.rows; i++) {
        const posted *p = &posted_lines.row[i];
        bool second = i && p->line == posted_lines.row[i - 1].line;
        if (p->product) take_line(r, &posted_lines, p, b->doc_first[doc], number, second);
    }
    builder_end(&x);
    say_problems(r, &said);
}

static bool take_batch(void *arg, uint64_t seq, str frame, size_t docs, size_t lines, err *e) {
    reading *r = arg;
    AUTO(arena) a = {0};
    batch b;
    (void)seq, (void)docs, (void)lines;
    arena_init(&a, LIMIT_DECODE_BYTES);
    TRY(batch_decode(frame, &a, &b, e));
    for (uint32_t doc = 0; doc < b.docs; doc++) {
        arena_reset(&r->a);
        take_document(r, &b, doc);
    }
    return true;
}

/* ---- files */

static void say_reading(reading *r, const docset *s) {
    for (size_t i = 0; i < s->problem_count; i++) {
        const problem *p = &s->problems[i];
        trace_problem(r->f, "%s row %" PRIu64 ": %.*s is '%.*s', wanted %.*s", r->file, p->row, STR_ARG(p->column),
                      STR_ARG(str_take(p->found, 60)), STR_ARG(p->wanted));
    }
}

static bool read_file(reading *r, const char *path, const char *name, err *e) {
    AUTO(docset) s = {0};
    AUTO(buf) bytes = {0};
    batch_cut how = {.epoch = 1, .first_seq = 1};
    docset_init(&s);
    TRY(file_read(path, SIZE_MAX / 2, &bytes, e));
    source in = {.name = name, .bytes = buf_str(&bytes)};
    r->file = name;
    r->set = &s;
    r->doc = 0;
    if (!formats_read(&in, NULL, &s, e) || !batch_cut_docset(&s, &how, take_batch, r, e)) {
        if (e->code != ERR_DATA) return false;
        trace_problem(r->f, "%s: %s", name, e->text); /* the other files are read all the same */
        return true;
    }
    say_reading(r, &s);
    return true;
}

static int is_csv(const struct dirent *d) {
    str name = str_of(d->d_name);
    return name.n > 4 && name.p[0] != '.' && str_ieq(str_skip(name, name.n - 4), STR(".csv"));
}

static bool read_folder(reading *r, err *e) {
    char dir[PATH_SIZE], path[PATH_SIZE];
    struct dirent **list;
    TRY(path_join(dir, sizeof dir, r->f->dir, "documents", e));
    int n = scandir(dir, &list, is_csv, alphasort);
    if (n < 0) return errno == ENOENT || err_set(e, ERR_INTERNAL, "%s: %s", dir, strerror(errno));
    bool ok = true;
    for (int i = 0; i < n; i++) {
        ok = ok && path_join(path, sizeof path, dir, list[i]->d_name, e) && read_file(r, path, list[i]->d_name, e);
        free(list[i]);
    }
    free(list);
    return ok;
}

/* Lines of contents that were replaced go. */
static void keep_what_holds(reading *r) {
    trace_files *f = r->f;
    bool *holds = calloc(r->contents + 1, sizeof *holds);
    size_t *to = calloc(f->lines + 1, sizeof *to), kept = 0, codeds = 0;
    ASSERT(holds && to);
    for (size_t i = 0; i < r->held_n; i++) holds[r->held[i].content] = true;
    for (size_t i = 0; i < f->lines; i++) {
        to[i] = holds[f->content[i]] ? kept : SIZE_MAX;
        if (to[i] != SIZE_MAX) f->line[kept++] = f->line[i];
    }
    for (size_t i = 0; i < f->codeds; i++) {
        coded_line c = f->coded[i];
        if (to[c.line] == SIZE_MAX) continue;
        c.line = to[c.line];
        if (c.other != SIZE_MAX) c.other = to[c.other];
        f->coded[codeds++] = c;
    }
    f->lines = kept;
    f->codeds = codeds;
    free(to);
    free(holds);
}

/* A customer whose region another line states. */
static void spread_regions(reading *r) {
    for (size_t i = 0; i < r->f->lines; i++) {
        trace_line *l = &r->f->line[i];
        AUTO(buf) k = {0};
        if (l->customer == TRACE_NONE || l->source == REGION_STATED || l->source == REGION_CUSTOMER) continue;
        bool sold =
            l->kind == FLOW_SELL_OUT || l->kind == FLOW_ONWARD || l->kind == FLOW_RETURN || l->kind == FLOW_GIFT_OUT;
        const uint64_t *home = map_find(&r->homes, home_key(&k, l));
        if (home == NULL || !sold) continue;
        l->region = ((const stated_home *)(uintptr_t)*home)->region;
        l->source = REGION_CUSTOMER;
    }
}

bool trace_documents_read(trace_files *f, err *e) {
    reading r = {.f = f};
    arena_init(&r.a, SIZE_MAX); /* bounded by a batch */
    r.made.a = &f->a;
    judge_rules_load(f->t, 0, &r.rules);
    r.rules.oldest = DAY_MIN;
    r.rules.today = DAY_MAX - LIMIT_AHEAD_DAYS;
    bool ok = read_folder(&r, e);
    if (ok) keep_what_holds(&r), spread_regions(&r);
    f->world.customer = r.customer;
    f->world.customers = r.customer_n;
    map_free(&r.made.index);
    map_free(&r.documents);
    map_free(&r.seen);
    map_free(&r.customers);
    map_free(&r.homes);
    arena_free(&r.a);
    return ok;
}
