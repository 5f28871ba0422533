#include "daemon/command/code_import.h"
bool code_import_epcis(call *c, const attachment *file, str feed, code_sums *s, err *e) {
    (void)c, (void)file, (void)feed, (void)s;
    return err_set(e, ERR_DATA, "not yet");
}
