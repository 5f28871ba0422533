/* partner onboard letters — tokens for many partners at once, each in a letter that can be printed: what to install, the
 * two commands, whom to call, what leaves the PC and what never does. Plain HTML that loads nothing. */
#include "tools/channelctl/letters.h"

#include "base/csv_put.h"
#include "base/file.h"
#include <dirent.h>
#include <errno.h>

typedef struct letters {
    client *c;
    char dir[PATH_SIZE];
    str address, contact, sender;
    buf rows;    /* of the daemon's answer */
    buf index;   /* letters.csv */
    buf shown;   /* the same as rows of our answer */
    buf scratch; /* one letter */
    size_t n;
} letters;

static void put_escaped(buf *out, const char *text) {
    for (; *text; text++) {
        switch (*text) {
        case '&': buf_addz(out, "&amp;"); break;
        case '<': buf_addz(out, "&lt;"); break;
        case '>': buf_addz(out, "&gt;"); break;
        case '"': buf_addz(out, "&quot;"); break;
        default: buf_byte(out, *text);
        }
    }
}

/* One word of a letter in place of its mark. */
typedef struct blank {
    char mark;
    const char *text;
} blank;

/* `%x` is filled in by the blanks; everything else stands as it is. */
static void fill(buf *out, const char *form, const blank *blanks, size_t n) {
    for (; *form; form++) {
        size_t i = 0;
        while (*form == '%' && i < n && blanks[i].mark != form[1]) i++;
        if (*form != '%' || i == n) {
            buf_byte(out, *form);
            continue;
        }
        put_escaped(out, blanks[i].text);
        form++;
    }
}

/* letter.html as it is, ended by a 0 byte. */
__asm__(".section .rodata\nletter_form:\n.incbin \"" LETTER_HTML "\"\n.byte 0\n.previous\n");
extern const char letter_form[];

/* A file name of a partner's id: no letter that means something to a shell, a folder or another system. */
static void file_name_of(const char *id, size_t n, buf *out) {
    buf_printf(out, "%04zu-", n);
    for (; *id; id++) {
        unsigned char x = (unsigned char)*id;
        bool plain =
            x >= 0x80 || (x >= '0' && x <= '9') || (x >= 'A' && x <= 'Z') || (x >= 'a' && x <= 'z') || x == '-';
        buf_byte(out, plain ? (char)x : '_');
    }
    buf_addz(out, ".html");
}

static void put_index(buf *out, const str *cells, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (i) buf_byte(out, ',');
        csv_put(out, cells[i]);
    }
    buf_addz(out, "\r\n");
}

static const char *text_of(const json_t *row, const char *name) {
    const char *z = json_string_value(json_object_get(row, name));
    return z ? z : "";
}

static bool write_file(const letters *w, const char *name, str bytes, err *e) {
    char path[PATH_SIZE];
    TRY(path_join(path, sizeof path, w->dir, name, e));
    if (file_exists(path)) return err_set(e, ERR_CONFLICT, "%s is there already; nothing is written over it", path);
    return file_write(path, bytes, 0600, e);
}

static bool write_letter(letters *w, const json_t *row, err *e) {
    AUTO(buf) file = {0};
    AUTO(buf) address = {0};
    AUTO(buf) contact = {0};
    AUTO(buf) sender = {0};
    const char *id = text_of(row, "partner"), *name = text_of(row, "name"), *expires = text_of(row, "expires");
    buf_add(&address, w->address);
    buf_add(&contact, w->contact.p ? w->contact : STR("送达这封信的人 / whoever brought this letter"));
    buf_add(&sender, w->sender.p ? w->sender : STR("厂家 / the manufacturer"));
    const blank blanks[] = {{'p', id},
                            {'n', *name ? name : id},
                            {'x', expires},
                            {'t', text_of(row, "token")},
                            {'a', buf_z(&address)},
                            {'c', buf_z(&contact)},
                            {'s', buf_z(&sender)}};
    file_name_of(id, ++w->n, &file);
    buf_clear(&w->scratch);
    fill(&w->scratch, letter_form, blanks, ARRAY_LEN(blanks));
    TRY(write_file(w, buf_z(&file), buf_str(&w->scratch), e));
    const str cells[] = {str_of(id), str_of(name), buf_str(&file), str_of(expires)};
    put_index(&w->index, cells, ARRAY_LEN(cells));
    json j = json_into(&w->shown);
    json_open_object(&j);
    json_key(&j, "partner"), json_z(&j, id);
    json_key(&j, "name"), json_z(&j, *name ? name : NULL);
    json_key(&j, "file"), json_str(&j, buf_str(&file));
    json_key(&j, "expires"), json_z(&j, expires);
    json_end_object(&j);
    buf_byte(&w->shown, '\n');
    return true;
}

static bool write_letters(letters *w, err *e) {
    str rest = buf_str(&w->rows), line;
    const str heads[] = {STR("partner"), STR("name"), STR("file"), STR("expires")};
    put_index(&w->index, heads, ARRAY_LEN(heads));
    while (str_split(&rest, '\n', &line)) {
        json_error_t why;
        if (line.n == 0) continue;
        json_t *row = json_loadb(line.p, line.n, 0, &why);
        if (row == NULL) return err_set(e, ERR_INTERNAL, "the answer cannot be read: %s", why.text);
        bool ok = write_letter(w, row, e);
        json_decref(row);
        if (!ok) return err_wrap(e, "%zu letters are written; enrol the others again", w->n - 1);
    }
    return write_file(w, "letters.csv", buf_str(&w->index), e);
}

/* A new folder, or one that is empty: a token is printed once, so nothing of it may be lost or written over. */
static bool open_folder(letters *w, str dir, err *e) {
    if (dir.n == 0 || dir.n >= sizeof w->dir) return err_set(e, ERR_USAGE, "--to: wants a folder");
    (void)str_copy_z(dir, w->dir, sizeof w->dir);
    TRY(file_mkdirs(w->dir, 0700, e));
    DIR *d = opendir(w->dir);
    if (d == NULL) return err_set(e, ERR_CONFIG, "%s: %s", w->dir, strerror(errno));
    bool empty = true;
    for (const struct dirent *f; empty && (f = readdir(d)) != NULL;)
        empty = strcmp(f->d_name, ".") == 0 || strcmp(f->d_name, "..") == 0;
    (void)closedir(d);
    return empty || err_set(e, ERR_CONFLICT, "%s is not empty: name a new folder for these letters", w->dir);
}

static bool take_head(void *arg, const call_out *head, err *e) {
    (void)arg, (void)head, (void)e;
    return true;
}

static bool take_rows(void *arg, str bytes, err *e) {
    (void)e;
    buf_add(&((letters *)arg)->rows, bytes);
    return true;
}

static bool enroll(letters *w, err *e) {
    AUTO(buf) bytes = {0};
    bool days, create, from;
    str file = args_option(w->c->args, "from", &from),
        word[8] = {STR("agent"), STR("enroll"), STR("--onboard"), STR("--from"), base_name(file)};
    size_t n = 5;
    str for_days = args_option(w->c->args, "days", &days);
    (void)args_option(w->c->args, "create-unknown", &create);
    if (days) word[n++] = STR("--days"), word[n++] = for_days;
    if (create) word[n++] = STR("--create-unknown");
    TRY(client_read_file(file, &bytes, e));
    attachment sent = {base_name(file), buf_str(&bytes)};
    answer_sink sink = {take_head, take_rows, w};
    return remote_call(w->c, word, n, (call_file_list){&sent, 1}, &sink, &w->c->status, e);
}

static bool show(letters *w, err *e) {
    static const char *const columns[] = {"partner", "name", "file", "expires"};
    render r;
    call_out head;
    call_out_init(&head);
    head.form = ANSWER_LIST;
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) head.column[head.columns++] = str_of(columns[i]);
    bool ok = render_begin(&r, w->c->as, &head, w->c->output, e);
    if (ok) {
        err why;
        ok = render_rows(&r, buf_str(&w->shown), e);
        ok = render_end(&r, ok ? e : &why) && ok;
    }
    call_out_free(&head);
    return ok;
}

bool client_letters(client *c, err *e) {
    letters w = {.c = c};
    bool given;
    w.address = args_option(c->args, "address", &given);
    w.contact = args_option(c->args, "contact", &given);
    w.sender = args_option(c->args, "sender", &given);
    if (!str_starts(w.address, STR("tcp://")))
        return err_set(e, ERR_USAGE, "--address: where partners reach the daemon, like tcp://channel.example.com:7400");
    bool ok =
        open_folder(&w, args_option(c->args, "to", &given), e) && enroll(&w, e) && write_letters(&w, e) && show(&w, e);
    if (w.rows.p) explicit_bzero(w.rows.p, w.rows.n); /* tokens */
    buf_free(&w.rows);
    buf_free(&w.index);
    buf_free(&w.shown);
    if (w.scratch.p) explicit_bzero(w.scratch.p, w.scratch.n);
    buf_free(&w.scratch);
    return ok;
}
