/* OpenAPI 3.1 of /api/v1, made of the same rows that the command line is made of. Of a list the columns are told where the
 * table of commands knows them: those of the catalogue. What else a page needs to be built from stands in x-…. */
#include "base/json.h"
#include "daemon/catalog/catalog.h"
#include "daemon/catalog/users.h"
#include "daemon/command/args.h"
#include "daemon/command/catalog.h"
#include "daemon/service/http_api.h"
#include "daemon/service/http_uploads.h"

static const char *const modes[] = {[COMMAND_READ] = "read",
                                    [COMMAND_SNAPSHOT] = "snapshot",
                                    [COMMAND_WRITE] = "write",
                                    [COMMAND_JUDGE] = "judge",
                                    [COMMAND_LOOP] = "loop"};

static void pair(json *j, const char *key, const char *value) {
    json_key(j, key);
    json_z(j, value);
}

static void open_at(json *j, const char *key) {
    json_key(j, key);
    json_open_object(j);
}

static void joined(buf *out, const char *name, char by) {
    for (const char *c = name; *c; c++) buf_byte(out, *c == ' ' ? by : *c);
}

static void put_ref(json *j, const char *key, const char *name) {
    AUTO(buf) to = {0};
    buf_printf(&to, "#/components/%s", name);
    open_at(j, key);
    pair(j, "$ref", buf_z(&to));
    json_end_object(j);
}

/* ---- parameters */

static void put_value_schema(json *j, const char *key, const arg_spec *spec) {
    if (spec->file) {
        put_ref(j, key, "schemas/File");
        return;
    }
    open_at(j, key);
    pair(j, "type", spec->option && spec->value.n == 0 ? "boolean" : "string");
    json_end_object(j);
}

static void put_schema(json *j, const arg_spec *spec) {
    if (!spec->many) {
        put_value_schema(j, "schema", spec);
        return;
    }
    open_at(j, "schema");
    pair(j, "type", "array");
    put_value_schema(j, "items", spec);
    json_end_object(j);
}

static void put_query(json *j, const arg_spec *spec) {
    char name[64];
    json_open_object(j);
    json_key(j, "name"), json_str(j, http_param_name(spec, name));
    pair(j, "in", "query");
    json_key(j, "required"), json_bool(j, !spec->optional);
    json_key(j, "description"), json_str(j, spec->value.n ? spec->value : spec->name);
    put_schema(j, spec);
    json_end_object(j);
}

static const struct {
    const char *name, *type, *help;
} view[] = {
    {"o", "string", "json (preset), csv or xlsx"},         {"q", "string", "rows with this text in any cell"},
    {"sort", "string", "a column; -column: downwards"},    {"page", "integer", "from 1; without it all rows are sent"},
    {"per_page", "integer", "rows of a page, preset 100"}, {"bom", "string", "1: CSV begins with a byte order mark"}};

static void put_view(json *j) {
    for (size_t i = 0; i < ARRAY_LEN(view); i++) {
        json_open_object(j);
        pair(j, "name", view[i].name);
        pair(j, "in", "query");
        pair(j, "description", view[i].help);
        open_at(j, "schema"), pair(j, "type", view[i].type), json_end_object(j);
        json_end_object(j);
    }
    json_open_object(j);
    pair(j, "name", "filter");
    pair(j, "in", "query");
    pair(j, "description", "COLUMN=VALUE, !=, ~ (has), >= or <=; all must hold");
    open_at(j, "schema"), pair(j, "type", "array");
    open_at(j, "items"), pair(j, "type", "string"), json_end_object(j);
    json_end_object(j);
    json_end_object(j);
}

static void put_parameters(json *j, const command *cmd) {
    str rest = str_of(cmd->args);
    json_key(j, "parameters");
    json_open_array(j);
    if (api_method(cmd) == HTTP_GET) {
        for (arg_spec spec; args_spec_next(&rest, &spec);) put_query(j, &spec);
        put_view(j);
    } else {
        json_open_object(j);
        pair(j, "$ref", "#/components/parameters/IdempotencyKey");
        json_end_object(j);
    }
    json_end_array(j);
}

/* A member that may be given once or, where the syntax says so, as a list. */
static void put_member(json *j, const arg_spec *spec) {
    char name[64], z[64];
    json_key(j, str_copy_z(http_param_name(spec, name), z, sizeof z));
    json_open_object(j);
    if (spec->many) {
        pair(j, "type", "array");
        put_value_schema(j, "items", spec);
    } else if (spec->file)
        pair(j, "$ref", "#/components/schemas/File");
    else if (spec->option && spec->value.n == 0)
        pair(j, "type", "boolean");
    else {
        json_key(j, "type");
        json_open_array(j), json_z(j, "string"), json_z(j, "integer"), json_end_array(j);
    }
    json_end_object(j);
}

static void put_body(json *j, const command *cmd) {
    str rest = str_of(cmd->args);
    open_at(j, "requestBody");
    open_at(j, "content"), open_at(j, "application/json"), open_at(j, "schema");
    pair(j, "type", "object");
    json_key(j, "additionalProperties"), json_bool(j, false);
    open_at(j, "properties");
    for (arg_spec spec; args_spec_next(&rest, &spec);) put_member(j, &spec);
    json_end_object(j);
    json_key(j, "required");
    json_open_array(j);
    rest = str_of(cmd->args);
    for (arg_spec spec; args_spec_next(&rest, &spec);) {
        char name[64];
        if (!spec.optional) json_str(j, http_param_name(&spec, name));
    }
    json_end_array(j);
    json_end_object(j), json_end_object(j), json_end_object(j), json_end_object(j);
}

/* ---- answers */

static bool catalog_columns(const command *cmd, const catalog_fact **out) {
    catalog_table table;
    str name = str_of(cmd->name);
    if (cmd->run != cmd_catalog_list || !str_ends(name, STR(" list"))) return false;
    if (!catalog_table_parse(str_take(name, name.n - 5), &table)) return false;
    *out = &catalog_tables[table];
    return true;
}

static void put_answer(json *j, const command *cmd) {
    const catalog_fact *fact;
    if (!catalog_columns(cmd, &fact)) {
        put_ref(j, "schema", "schemas/Answer");
        return;
    }
    open_at(j, "schema");
    pair(j, "type", "array");
    open_at(j, "items");
    pair(j, "type", "object");
    open_at(j, "properties");
    for (size_t i = 0; i < fact->column_count; i++) put_ref(j, fact->columns[i].name, "schemas/Cell");
    json_end_object(j);
    json_key(j, "required");
    json_open_array(j);
    for (size_t i = 0; i < fact->column_count; i++) json_z(j, fact->columns[i].name);
    json_end_array(j);
    json_end_object(j), json_end_object(j);
}

static void put_responses(json *j, const command *cmd) {
    open_at(j, "responses");
    open_at(j, "200");
    pair(j, "description", "What the command answers");
    open_at(j, "content");
    open_at(j, "application/json"), put_answer(j, cmd), json_end_object(j);
    if (api_method(cmd) == HTTP_GET) {
        open_at(j, "text/csv"), json_end_object(j);
        open_at(j, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), json_end_object(j);
    }
    json_end_object(j), json_end_object(j);
    put_ref(j, "default", "responses/Problem");
    json_end_object(j);
}

static void put_roles(json *j, const command *cmd) {
    json_key(j, "x-roles");
    json_open_array(j);
    for (size_t i = 0; i < user_role_count; i++)
        if (i == 0 || cmd->roles & 1U << i) json_z(j, user_roles[i]);
    json_end_array(j);
}

static void put_command(json *j, const command *cmd) {
    AUTO(buf) path = {0};
    AUTO(buf) id = {0};
    buf_byte(&path, '/');
    joined(&path, cmd->name, '/');
    joined(&id, cmd->name, '_');
    str name = str_of(cmd->name), tag;
    (void)str_split(&name, ' ', &tag);
    open_at(j, buf_z(&path));
    open_at(j, api_method(cmd) == HTTP_GET ? "get" : "post");
    pair(j, "operationId", buf_z(&id));
    pair(j, "summary", cmd->help);
    json_key(j, "tags"), json_open_array(j), json_str(j, tag), json_end_array(j);
    pair(j, "x-command", cmd->name);
    pair(j, "x-args", cmd->args);
    pair(j, "x-mode", modes[cmd->mode]);
    pair(j, "x-example", cmd->example);
    put_roles(j, cmd);
    put_parameters(j, cmd);
    if (api_method(cmd) == HTTP_POST) put_body(j, cmd);
    put_responses(j, cmd);
    json_end_object(j), json_end_object(j);
}

/* What the table does not make: sessions, uploads, events; and the parts that all share. */
static const char others[] =
    "\"/session\":{\"get\":{\"operationId\":\"session\",\"summary\":\"Who has signed in, and the page's token.\","
    "\"responses\":{\"200\":{\"$ref\":\"#/components/responses/Session\"},"
    "\"default\":{\"$ref\":\"#/components/responses/Problem\"}}},"
    "\"post\":{\"operationId\":\"sign_in\",\"summary\":\"Sign in with a password or a link.\",\"security\":[],"
    "\"requestBody\":{\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\",\"properties\":{"
    "\"user\":{\"type\":\"string\"},\"password\":{\"type\":\"string\"},\"code\":{\"type\":[\"string\",\"null\"]},"
    "\"link\":{\"type\":\"string\"}}}}}},"
    "\"responses\":{\"200\":{\"$ref\":\"#/components/responses/Session\"},"
    "\"default\":{\"$ref\":\"#/components/responses/Problem\"}}},"
    "\"delete\":{\"operationId\":\"sign_out\",\"summary\":\"End the session.\",\"responses\":{\"200\":{"
    "\"$ref\":\"#/components/responses/Session\"},\"default\":{\"$ref\":\"#/components/responses/Problem\"}}}}";
static const char components[] =
    "{\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
    "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"channeld\"}},"
    "\"parameters\":{\"IdempotencyKey\":{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"description\":"
    "\"The same key gives the first answer again, for 30 days.\",\"schema\":{\"type\":\"string\",\"maxLength\":64}}},"
    "\"responses\":{\"Problem\":{\"description\":\"What is wrong\",\"content\":{\"application/problem+json\":{"
    "\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}},"
    "\"Session\":{\"description\":\"The "
    "session\",\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\"}}}}},"
    "\"schemas\":{"
    "\"Cell\":{\"type\":[\"string\",\"number\",\"boolean\",\"null\",\"array\"]},"
    "\"Answer\":{\"oneOf\":[{\"type\":\"array\",\"items\":{\"type\":\"object\"}},{\"type\":\"object\"}]},"
    "\"File\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"},\"text\":{\"type\":\"string\"},"
    "\"base64\":{\"type\":\"string\"}}},"
    "\"Problem\":{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"code\",\"detail\",\"hint\","
    "\"request_id\"],\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":\"string\"},"
    "\"status\":{\"type\":\"integer\"},\"code\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"},"
    "\"hint\":{\"type\":\"string\"},\"request_id\":{\"type\":\"string\"}}}}}";

void http_openapi(request *r) {
    AUTO(buf) text = {0};
    json j = json_into(&text);
    json_open_object(&j);
    pair(&j, "openapi", "3.1.0");
    open_at(&j, "info");
    pair(&j, "title", "channeld"), pair(&j, "version", CHANNELD_VERSION);
    json_end_object(&j);
    json_key(&j, "servers"), json_open_array(&j);
    json_open_object(&j), pair(&j, "url", "/api/v1"), json_end_object(&j);
    json_end_array(&j);
    json_key(&j, "security");
    json_raw(&j, STR("[{\"token\":[]},{\"session\":[]}]"));
    open_at(&j, "paths");
    for (size_t i = 0; i < command_count; i++)
        if (commands[i].run) put_command(&j, &commands[i]);
    buf_byte(&text, ',');
    buf_addz(&text, others);
    buf_addz(&text, http_uploads_openapi);
    json_end_object(&j);
    json_key(&j, "components");
    json_raw(&j, str_of(components));
    json_end_object(&j);
    http_send_json(r, 200, buf_str(&text));
}
