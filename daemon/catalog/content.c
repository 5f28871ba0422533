#include "daemon/catalog/agents.h"
#include "daemon/catalog/apply.h"
#include "daemon/catalog/partner.h"
#include "daemon/catalog/rows.h"
#include "daemon/catalog/users.h"
#include "proto/digest.h"

static bool row_content(catalog_table table, const catalog_row *row, buf *out) {
    buf_byte(out, (char)table);
    buf_byte(out, (char)row->flags);
    catalog_cells_put(out, table, row->cell);
    return true;
}

static bool history_content(str stored, str val, buf *out) {
    catalog_table table = stored.n ? (catalog_table)stored.p[0] : CATALOG_TABLE_COUNT;
    catalog_version v;
    if (table < CATALOG_PARTNER || table >= CATALOG_TABLE_COUNT) return false;
    if (!catalog_version_decode(stored, val, table, &v)) return false;
    buf_be32(out, (uint32_t)v.from);
    catalog_row row = {.flags = v.flags};
    memcpy(row.cell, v.cell, sizeof v.cell);
    return row_content(table, &row, out);
}

static bool user_content(str name, str val, buf *out) {
    user u;
    if (!user_decode(name, val, &u)) return false;
    buf_text(out, u.name);
    buf_byte(out, (char)u.disabled);
    buf_add(out, str_from(u.token_hash, DIGEST_SIZE));
    buf_text(out, u.role);
    buf_text(out, u.scope);
    return true;
}

static bool agent_content(txn *t, str id, str val, buf *out) {
    agent a;
    if (!agent_decode(id, val, &a)) return false;
    buf_text(out, a.id);
    buf_text(out, partner_id(t, a.partner));
    buf_byte(out, (char)a.state);
    buf_byte(out, (char)a.create_unknown); /* not its key: that was made by chance */
    return true;
}

bool catalog_content(txn *t, uint32_t table, str stored_key, str val, buf *out) {
    catalog_row row;
    switch (table) {
    case TABLE_CATALOG:
        return stored_key.n && catalog_row_decode(val, (catalog_table)stored_key.p[0], &row) &&
               row_content((catalog_table)stored_key.p[0], &row, out);
    case TABLE_CATALOG_HISTORY: return history_content(stored_key, val, out);
    case TABLE_USER: return user_content(stored_key, val, out);
    case TABLE_AGENT: return agent_content(t, stored_key, val, out);
    case TABLE_SETTING:
    case TABLE_PERSON: return buf_text(out, stored_key), buf_text(out, str_skip(val, 8)), true;
    default: return false;
    }
}
