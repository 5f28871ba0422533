#include "daemon/command/problems.h"

void problems_begin(problems *p) {
    *p = (problems){.refused = 0};
    p->j = json_into(&p->text);
    json_open_array(&p->j);
}

void problems_add(problems *p, bool refused, str file, uint64_t row, const char *column, str found, str wanted,
                  const char *hint) {
    if (refused) p->refused++;
    else
        p->warned++;
    if (p->kept == PROBLEMS_KEPT) return;
    p->kept++;
    json *j = &p->j;
    json_open_object(j);
    json_key(j, "file"), json_str(j, file);
    json_key(j, "row"), json_uint(j, row);
    json_key(j, "column"), json_z(j, column);
    json_key(j, "found"), json_str(j, str_take(found, 80));
    json_key(j, "wanted"), json_str(j, wanted);
    json_key(j, "hint"), json_z(j, hint);
    json_end_object(j);
}

void problems_answer(problems *p, call *c, json *j) {
    json_end_array(&p->j);
    json_key(j, "problems");
    json_raw(j, buf_str(&p->text));
    if (p->refused) answer_status(c, STATUS_DIFFERS);
}

void problems_auto(problems *p) {
    buf_free(&p->text);
}
