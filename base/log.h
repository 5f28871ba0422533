/* log — one line an event on stderr: a fixed event name, then key=value. Only edges log (service, agent, tools); rooms
 * below report through err. What a peer sent goes through log_quote. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/str.h"

typedef enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG } log_level;

void log_set_level(log_level level);
bool log_level_parse(str s, log_level *out);
void log_event(log_level level, const char *event, const char *fmt, ...) PRINTF_LIKE(3, 4);
/** s as a quoted, escaped text of at most size-1 bytes; returns out. */
const char *log_quote(str s, char *out, size_t size);

#endif
