/* code — unit codes, cartons and pallets: any spelling of a code gives one key.
 *
 *   (01)06912345678901(21)A7   ]C1010691…<FNC1>   010691234567890121A7   https://any.host/stem/01/06912345678901/21/A7
 *   urn:epc:id:sgtin:6912345.067890.A7            (00)… or 18 digits: an SSCC            anything else: a code of one's own
 *
 * A key is bytes in an order that keeps serials of one prefix and one length together and ascending, so that a range of
 * serials is a range of keys; its text is the one canonical spelling and gives the same key again. Check digits are
 * judged and said, never a reason to refuse. Source: GS1 General Specifications 24 (element strings, check digits), GS1
 * Digital Link URI Syntax 1.4, EPC Tag Data Standard 2.1 (URN ⇄ keys).
 *
 *   key = kind u8, then   UNIT, LOT   GTIN u48, series of the serial or lot
 *                         CLASS       GTIN u48
 *                         SSCC        18 digits as u64
 *                         OWN, OTHER  series of the text
 *   series = text before its last digits, 0, how many last digits u8 (≤ 18), their value in as few bytes as hold it */
#ifndef PROTO_CODE_H
#define PROTO_CODE_H

#include "base/buf.h"
#include "base/err.h"
#include "proto/limits.h"

/* Numbers are stored. */
typedef enum code_kind {
    CODE_NONE,
    CODE_UNIT,  /* GTIN and serial */
    CODE_LOT,   /* GTIN and lot: points at goods, names none */
    CODE_CLASS, /* GTIN alone */
    CODE_SSCC,
    CODE_OWN,   /* any text; a unit or a container */
    CODE_OTHER, /* another GS1 key (returnable asset, location, party …) */
} code_kind;

typedef struct code_key {
    uint8_t n;
    uint8_t p[LIMIT_CODE_KEY];
} code_key;

typedef enum code_warning {
    CODE_CHECK_DIGIT = 1, /* of the GTIN or SSCC is not `check` */
    CODE_LONG = 2,        /* a serial or lot of more than 20 characters: not GS1's */
} code_warning;

typedef struct code_read {
    code_key key;
    unsigned warnings;       /* code_warning, or-ed */
    char check;              /* the digit that would be right */
    char lot[LIMIT_LOT + 1]; /* (10) beside a serial; "" none */
} code_read;

/** ERR_DATA: empty, too long, not text, or a GS1 spelling that cannot be a key ("(01)12"). */
MUST_USE bool code_parse(str s, code_read *out, err *e);
/** What is to be warned of, nothing appended when there is nothing. */
void code_warn(buf *b, const code_read *c);

static inline str code_str(const code_key *k) {
    return str_from(k->p, k->n);
}
static inline code_kind code_kind_of(const code_key *k) {
    return k->n ? (code_kind)k->p[0] : CODE_NONE;
}
const char *code_kind_name(code_kind k); /* unit, lot, class, sscc, own, other */
/** Stored bytes as a key; false when they are none. */
bool code_key_of(str stored, code_key *out);
/** The canonical spelling. */
void code_text(const code_key *k, buf *out);
/** The 14 digits of UNIT, LOT and CLASS; 0 for the others. */
uint64_t code_gtin(const code_key *k);
/** The GTIN that an OWN code may be: 8, 12, 13, 14 digits, or 01 and 14 digits, with the right check digit; 0: none. For
 *  codes that nobody knows as a unit: a scan of the product's bar code. */
uint64_t code_as_gtin(const code_key *k);
/** The lot of LOT, the serial of UNIT, the text of OWN and OTHER; "" for the others. */
void code_serial(const code_key *k, buf *out);

/* A range of serials: `first` … `last` in keys of one prefix. */
typedef struct code_range {
    code_key first, last;
    size_t prefix;     /* bytes of the keys that are the same in all of the range */
    uint64_t from, to; /* value of the last digits */
} code_range;

/** `base` is the key without serial (a GTIN in any spelling, an EPC pattern, or the beginning of own codes), from and to
 *  are serials of equal length that differ in their last digits only. */
MUST_USE bool code_range_parse(str base, str from, str to, code_range *out, err *e);
/** Bytes before the value of the last digits, and that value; false for a key without (SSCC, CLASS, no last digits). */
bool code_series(const code_key *k, size_t *prefix, uint64_t *value);
/** The key of the same prefix with another value. */
code_key code_at(const code_key *k, uint64_t value);

/** A word of a command line: FNC1 as a scanner types it, which no message carries, becomes the ^ that is read alike. */
void code_typed(char *word);

/** The codes of a cell, one after the other: "A; B" gives A, B. False at the end. */
bool code_next(str *rest, str *one);

/** Modulo 10 of GS1 over digits without their check digit: the digit as a character. */
char gs1_check_digit(str digits);

#endif
