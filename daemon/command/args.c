#include "daemon/command/args.h"

#define ELLIPSIS STR("\xe2\x80\xa6")

static bool one_of(char c, const char *set) {
    return c != 0 && strchr(set, c) != NULL;
}

static str word_until(str *rest, const char *stops) {
    size_t n = 0;
    while (n < rest->n && !one_of(rest->p[n], stops)) n++;
    str word = str_take(*rest, n);
    *rest = str_skip(*rest, n);
    return word;
}

static bool eat(str *rest, char c) {
    if (rest->n == 0 || rest->p[0] != c) return false;
    *rest = str_skip(*rest, 1);
    return true;
}

static str without_ellipsis(str word, bool *many) {
    *many = str_ends(word, ELLIPSIS);
    return *many ? str_take(word, word.n - ELLIPSIS.n) : word;
}

/* Dashes that an option begins with: "--name", or "-f" of one letter; 0: no option. */
static size_t dashes(str word) {
    if (str_starts(word, STR("--"))) return 2;
    bool letter = word.n > 1 && word.p[0] == '-' && word.p[1] >= 'a' && word.p[1] <= 'z';
    return letter && (word.n == 2 || one_of(word.p[2], " ]=")) ? 1 : 0;
}

static void read_option(str *rest, bool bracketed, arg_spec *out) {
    *rest = str_skip(*rest, dashes(*rest));
    out->option = true;
    out->optional = bracketed;
    out->name = word_until(rest, " ]|");
    if (rest->n > 1 && rest->p[0] == ' ' && !one_of(rest->p[1], "[<-")) {
        *rest = str_skip(*rest, 1);
        size_t bar = str_find(*rest, STR("|--"));
        str head = str_take(*rest, bar);
        out->value = word_until(&head, bracketed ? "]" : " ");
        *rest = str_skip(*rest, out->value.n);
        out->file = str_starts(out->value, STR("FILE"));
    }
}

bool args_spec_next(str *syntax, arg_spec *out) {
    *out = (arg_spec){0};
    /* after an alternative's bar we are still within its bracket */
    bool bracketed = eat(syntax, '|');
    while (!bracketed && (eat(syntax, ' ') || eat(syntax, ']') || eat(syntax, '>'))) {
    }
    if (syntax->n == 0) return false;
    bracketed = eat(syntax, '[') || bracketed;
    if (dashes(*syntax)) {
        read_option(syntax, bracketed, out);
        return true;
    }
    (void)eat(syntax, '<');
    out->optional = bracketed;
    out->name = without_ellipsis(word_until(syntax, "]>"), &out->many);
    out->file = str_starts(out->name, STR("FILE"));
    return out->name.n > 0;
}

/* The piece that declares an option, or the n-th positional (a repeated one stands for all that follow). */
static bool find_option(const char *syntax, str name, arg_spec *out) {
    str rest = str_of(syntax);
    while (args_spec_next(&rest, out))
        if (out->option && str_eq(out->name, name)) return true;
    return false;
}

static bool find_positional(const char *syntax, size_t n, arg_spec *out) {
    str rest = str_of(syntax);
    size_t at = 0;
    while (args_spec_next(&rest, out)) {
        if (out->option) continue;
        if (at == n || out->many) return true;
        at++;
    }
    return false;
}

static bool usage(const char *name, const char *syntax, err *e, const char *what, str which) {
    return err_set(e, ERR_USAGE, "%s: %s '%.*s' (usage: %s%s%s)", name, what, STR_ARG(str_take(which, 80)), name,
                   *syntax ? " " : "", syntax);
}

static void add_file(call_args *out, str name) {
    out->file[out->files++] = name;
}

static bool has_option(const call_args *a, str name) {
    for (size_t i = 0; i < a->options; i++)
        if (str_eq(a->option[i].name, name)) return true;
    return false;
}

/* An option at words[*at]; takes its value from "=…" or the next word. */
static bool parse_option(const char *name, const char *syntax, const str *words, size_t n, size_t *at, call_args *out,
                         err *e) {
    str word = str_skip(words[*at], dashes(words[*at])), given = word_until(&word, "=");
    bool has_value = eat(&word, '=');
    arg_spec spec;
    if (!find_option(syntax, given, &spec)) return usage(name, syntax, e, "unknown option", words[*at]);
    if (has_option(out, given)) return usage(name, syntax, e, "option given twice", words[*at]);
    arg_option *o = &out->option[out->options];
    *o = (arg_option){.name = spec.name};
    if (spec.value.n == 0) {
        if (has_value) return usage(name, syntax, e, "this option takes no value", words[*at]);
    } else {
        if (!has_value && *at + 1 == n) return usage(name, syntax, e, "value missing after", words[*at]);
        o->value = has_value ? word : words[++*at];
        if (o->value.p == NULL) o->value = STR("");
        if (spec.file) add_file(out, o->value);
    }
    out->options++;
    return true;
}

static bool nothing_missing(const char *name, const char *syntax, const call_args *out, err *e) {
    str rest = str_of(syntax);
    arg_spec spec;
    size_t positionals = 0;
    while (args_spec_next(&rest, &spec)) {
        bool given = spec.option ? has_option(out, spec.name) : positionals++ < out->positionals;
        if (!spec.optional && !given) return usage(name, syntax, e, "missing", spec.name);
    }
    return true;
}

bool args_parse(const char *name, const char *syntax, const str *words, size_t n, call_args *out, err *e) {
    out->positionals = out->options = out->files = 0;
    if (n > LIMIT_ARGS) return err_set(e, ERR_USAGE, "%s: more than %d words", name, LIMIT_ARGS);
    bool options = true;
    for (size_t i = 0; i < n; i++) {
        if (options && str_is(words[i], "--")) {
            options = false;
            continue;
        }
        if (options && dashes(words[i])) {
            TRY(parse_option(name, syntax, words, n, &i, out, e));
            continue;
        }
        arg_spec spec;
        if (!find_positional(syntax, out->positionals, &spec)) return usage(name, syntax, e, "too much:", words[i]);
        out->positional[out->positionals++] = words[i];
        if (spec.file) add_file(out, words[i]);
    }
    return nothing_missing(name, syntax, out, e);
}

str args_option(const call_args *a, const char *name, bool *given) {
    for (size_t i = 0; i < a->options; i++)
        if (str_is(a->option[i].name, name)) {
            *given = true;
            return a->option[i].value;
        }
    *given = false;
    return STR_NONE;
}
