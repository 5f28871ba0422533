#include "daemon/catalog/agents.h"
#include "daemon/catalog/catalog.h"
#include "daemon/catalog/region.h"
#include "daemon/catalog/settings.h"
#include "daemon/catalog/tokens.h"
#include "daemon/command/call.h"

enum { PARTNER_DEPTH = 32 };

/* Who may do a verb to anything, and who only to what belongs to the partner in their scope or stands below it. A scope of staff
 * may also name regions: partners that are at home there. */
static const struct verb_row {
    const char *verb;
    unsigned anything, own;
} verbs[] = {
    {"read", ROLES_STAFF_READ, ROLE_PARTNER_OWNER | ROLE_PARTNER_CLERK},
    {"write", ROLE_CHANNEL_MANAGER | ROLE_ACCOUNT_MANAGER | ROLE_FINANCE | ROLE_INSPECTOR,
     ROLE_PARTNER_OWNER | ROLE_PARTNER_CLERK},
    {"approve", ROLE_CHANNEL_MANAGER | ROLE_FINANCE, ROLE_PARTNER_OWNER},
};

static bool names(str list, str id) {
    str piece;
    while (str_split(&list, ';', &piece))
        if (str_eq(str_trim(piece), id)) return true;
    return false;
}

/* Is the partner, or one it belongs to, named in the scope? */
static bool in_scope(txn *t, str scope, uint32_t partner_no) {
    partner p;
    for (int depth = 0; partner_no != 0 && depth < PARTNER_DEPTH; depth++) {
        if (!partner_by_no(t, partner_no, &p)) return false;
        if (names(scope, p.id)) return true;
        partner_no = p.parent;
    }
    return false;
}

bool authz_region(const call *c, uint32_t region_no) {
    partner named;
    str rest = c->who.scope, piece;
    if (c->who.role & ROLES_PARTNER || region_no == 0) return false;
    while (str_split(&rest, ';', &piece)) {
        uint32_t outer = partner_by_id(c->t, str_trim(piece), &named) ? 0 : region_by_code(c->t, str_trim(piece));
        if (outer && region_within(c->t, region_no, outer)) return true;
    }
    return false;
}

static bool at_home_in_scope(const call *c, uint32_t partner_no) {
    partner p;
    return partner_no && partner_by_no(c->t, partner_no, &p) && authz_region(c, p.region);
}

static bool allowed(const call *c, const char *verb, uint32_t partner_no) {
    if (c->who.role == ROLE_ADMIN) return true;
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        if (strcmp(verbs[i].verb, verb) != 0) continue;
        if (verbs[i].anything & c->who.role)
            return c->who.scope.n == 0 || in_scope(c->t, c->who.scope, partner_no) || at_home_in_scope(c, partner_no);
        if (verbs[i].own & c->who.role) return in_scope(c->t, c->who.scope, partner_no);
    }
    return false;
}

bool authz(const call *c, const char *verb, uint32_t partner_no, err *e) {
    if (allowed(c, verb, partner_no)) return true;
    /* the same words whether the thing exists or not */
    return err_set(e, ERR_DENIED, "%s: not permitted to '%.*s'", c->command->name, STR_ARG(c->who.name));
}

bool call_partner(const call *c, str id, const char *verb, partner *out, err *e) {
    if (!partner_by_id(c->t, id, out))
        return authz(c, verb, 0, e) &&
               err_set(e, ERR_NOT_FOUND, "partner '%.*s': unknown", STR_ARG(str_take(id, LIMIT_ID)));
    return authz(c, verb, out->no, e);
}

static bool actor_of_agent(txn *t, str id, arena *a, actor *out, err *e) {
    agent g;
    partner p;
    if (!agent_get(t, id, &g) || g.state != AGENT_ACTIVE || !partner_by_no(t, g.partner, &p))
        return err_set(e, ERR_DENIED, "this agent may not ask: revoked, or held until a person decides");
    *out = (actor){.name = arena_str(a, id), .role = ROLE_PARTNER_OWNER, .scope = arena_str(a, p.id), .agent = true};
    return true;
}

static bool actor_of_user(const user *u, str only, arena *a, actor *out, err *e) {
    if (u->disabled) return err_set(e, ERR_DENIED, "user '%.*s' is disabled", STR_ARG(u->name));
    *out = (actor){.name = arena_str(a, u->name),
                   .role = (role)user_role_bit(u->role),
                   .scope = arena_str(a, u->scope),
                   .only = arena_str(a, only)};
    return true;
}

/* The one printed by `user add`, or one of `token add`. */
static bool actor_of_token(txn *t, str text, int64_t now_ms, arena *a, actor *out, err *e) {
    user u;
    token k;
    if (user_by_token(t, text, &u)) return actor_of_user(&u, STR(""), a, out, e);
    if (!token_by_text(t, text, &k) || k.once || !user_get(t, k.user, &u))
        return err_set(e, ERR_DENIED, "unknown token");
    if (k.revoked) return err_set(e, ERR_DENIED, "this token is revoked");
    if (now_ms >= k.expires_ms) return err_set(e, ERR_DENIED, "this token has expired");
    return actor_of_user(&u, k.scope, a, out, e);
}

bool actor_of(txn *t, const caller *who, int64_t now_ms, arena *a, actor *out, err *e) {
    user u;
    if (who->agent.n) return actor_of_agent(t, who->agent, a, out, e);
    if (who->user.n)
        return user_get(t, who->user, &u) ? actor_of_user(&u, STR(""), a, out, e)
                                          : err_set(e, ERR_DENIED, "unknown user");
    if (who->token.n) return actor_of_token(t, who->token, now_ms, a, out, e);
    if (!who->local_user) return err_set(e, ERR_DENIED, "this UNIX user is not the daemon's: give a token");
    *out = (actor){.name = arena_str(a, who->local_name), .role = ROLE_ADMIN};
    return true;
}

/* Is the command `word`, or does it begin so? */
static bool is_within(const command *cmd, str word) {
    str name = str_of(cmd->name);
    if (str_is(word, "read")) return cmd->mode == COMMAND_READ || cmd->mode == COMMAND_SNAPSHOT;
    return str_starts(name, word) && (name.n == word.n || name.p[word.n] == ' ');
}

static bool token_allows(str only, const command *cmd) {
    str word;
    if (only.n == 0) return true;
    while (str_split(&only, ';', &word))
        if (is_within(cmd, str_trim(word))) return true;
    return false;
}

bool actor_may_call(const actor *who, const command *cmd, err *e) {
    if (who->role != ROLE_ADMIN && !(cmd->roles & who->role))
        return err_set(e, ERR_DENIED, "%s: not permitted to '%.*s'", cmd->name, STR_ARG(who->name));
    if (token_allows(who->only, cmd)) return true;
    return err_set(e, ERR_DENIED, "%s: beyond the scope of this token", cmd->name);
}

int call_zone(txn *t) {
    return (int)setting_number(t, SETTING_ZONE);
}
