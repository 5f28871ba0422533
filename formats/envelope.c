#include "formats/envelope.h"
#include <errno.h>
#include <iconv.h>
#include <stdio.h>

void envelope_problem(const edi_place *at, str found, const char *wanted, const char *hint) {
    docset_problem(at->out, 0, at->segment, at->tag, found, str_of(wanted), str_of(hint));
}

void envelope_open(envelope *v, const edi_place *at, str reference) {
    *v = (envelope){.reference = arena_str(&at->out->text, reference), .first = at->segment, .open = true};
}

/* "0001" and "1" are one number: senders pad them differently at both ends. */
static str unpadded(str s) {
    while (s.n > 1 && s.p[0] == '0') s = str_skip(s, 1);
    return s;
}

void envelope_close(envelope *v, const edi_place *at, str count, str reference, uint64_t counted) {
    char wanted[96];
    int64_t stated;
    if (!v->open) {
        envelope_problem(at, reference, "its opening segment", "the file is read on");
        return;
    }
    v->open = false;
    if (!dec_parse(count, 0, &stated, NULL) || (uint64_t)stated != counted) {
        snprintf(wanted, sizeof wanted, "%llu, as counted here", (unsigned long long)counted);
        envelope_problem(at, count, wanted, "what is there was read; ask the sender whether something is missing");
    }
    if (str_eq(unpadded(reference), unpadded(v->reference))) return;
    snprintf(wanted, sizeof wanted, "reference %.*s", STR_ARG(str_take(v->reference, 70)));
    envelope_problem(at, reference, wanted, "what is there was read; ask the sender to mend the reference");
}

void envelope_missing(envelope *v, const edi_place *at, const char *tag) {
    if (!v->open) return;
    docset_problem(at->out, 0, at->segment, str_of(tag), at->tag, STR("the segment that closes what is open"),
                   STR("the file may be cut off; what is there was read"));
    v->open = false;
}

static bool convert(str bytes, const char *charset, buf *out, err *e) {
    iconv_t cd = iconv_open("UTF-8", charset);
    if (cd == (iconv_t)-1) return err_set(e, ERR_INTERNAL, "charset %s is not installed", charset);
    char *in = (char *)(uintptr_t)bytes.p, chunk[4096];
    size_t left = bytes.n, made = 0;
    bool ok = true;
    while (left > 0 && ok) {
        char *to = chunk;
        size_t room = sizeof chunk;
        made = iconv(cd, &in, &left, &to, &room);
        ok = made != (size_t)-1 || errno == E2BIG;
        buf_add(out, str_from(chunk, sizeof chunk - room));
    }
    iconv_close(cd);
    return ok ||
           err_set(e, ERR_DATA, "byte %zu: neither UTF-8 nor %s; save the file as UTF-8", bytes.n - left + 1, charset);
}

bool edi_as_utf8(str bytes, const char *charset, buf *room, str *text, str *named, err *e) {
    *text = bytes;
    *named = STR("utf-8");
    if (utf8_valid(bytes)) return true;
    *named = str_of(charset);
    TRY(convert(bytes, charset, room, e));
    *text = buf_str(room);
    return true;
}
