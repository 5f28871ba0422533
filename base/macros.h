/* macros — the few macros every room uses. TRY is the only one that may hide a `return`. */
#ifndef BASE_MACROS_H
#define BASE_MACROS_H

#include <stddef.h>

#define MUST_USE          __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define NORETURN          __attribute__((noreturn))
#define ARRAY_LEN(a)      (sizeof(a) / sizeof((a)[0]))

/** Scope-bound cleanup: AUTO(buf) b = {0}; calls buf_auto(&b) when b goes out of scope. */
#define AUTO(type) __attribute__((cleanup(type##_auto))) type

/** Leave the function with false when `call` failed; the error is already described. */
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        if (!(call)) return false;                                                                                     \
    } while (0)

/** For our own mistakes only, never for input. Stays on in release: a wrong daemon must stop. */
#define ASSERT(cond) ((cond) ? (void)0 : assert_failed(#cond, __FILE__, __LINE__))
NORETURN void assert_failed(const char *cond, const char *file, int line);

#endif
