/* http_api — how commands become paths; shared with the description of the API. */
#ifndef SERVICE_HTTP_API_H
#define SERVICE_HTTP_API_H

#include "daemon/service/business.h"
#include "daemon/service/http_request.h"

/** Does it bring files? */
bool api_has_file(const command *cmd);
/** GET or POST. */
http_method api_method(const command *cmd);

#endif
