/* command — what can be asked. One row and one handler a command (commands.tbl); the CLI, help, man pages, and later
 * the HTTP API, OpenAPI and the authorisation matrix expand the rows.
 *
 * A handler reads c->t, answers with rows, and for writes calls journal_append(); the dispatcher parses the arguments,
 * checks authority, opens the transaction, commits, and only then answers. */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include "base/json.h"
#include "daemon/catalog/catalog.h"
#include "daemon/journal/journal.h"
#include "daemon/store/store.h"

typedef enum command_mode {
    COMMAND_READ,     /* a reader's transaction, outside the loop */
    COMMAND_SNAPSHOT, /* the same for what may take seconds: one at a time, on low priority */
    COMMAND_WRITE,    /* in the loop, in the write transaction */
    /* What takes long to judge and then writes: the handler is called twice. First c->looking, in a reader's transaction
     * like a SNAPSHOT: it judges and leaves in c->looked what it found, in c->look_a. Then as a WRITE, with c->looked as
     * it was; what moved meanwhile it finds out itself. */
    COMMAND_JUDGE,
    COMMAND_LOOP,   /* in the loop, without transaction: sockets, clock, shutdown */
    COMMAND_CLIENT, /* runs in channelctl (files only, or on a copy); the daemon has no handler */
} command_mode;

/* Bits of who may call; admin may call everything. */
typedef enum role {
    ROLE_ADMIN = 1,
    ROLE_CHANNEL_MANAGER = 2,
    ROLE_ACCOUNT_MANAGER = 4,
    ROLE_FINANCE = 8,
    ROLE_INSPECTOR = 16,
    ROLE_ANALYST = 32,
    ROLE_AUDITOR = 64,
    ROLE_PARTNER_OWNER = 128,
    ROLE_PARTNER_CLERK = 256,
} role;
#define ROLES_STAFF_READ                                                                                               \
    (ROLE_CHANNEL_MANAGER | ROLE_ACCOUNT_MANAGER | ROLE_FINANCE | ROLE_INSPECTOR | ROLE_ANALYST | ROLE_AUDITOR)

#define ROLES_PARTNER (ROLE_PARTNER_OWNER | ROLE_PARTNER_CLERK)
/* The handler answers a partner with its own only: authz() on every row, or option_partner(), which means it. */
#define ROLES_READ (ROLES_STAFF_READ | ROLES_PARTNER)

typedef struct actor {
    str name; /* "root", a user's name, or an agent's id */
    role role;
    str scope;  /* partner, regions or brands; "" all */
    bool agent; /* by its key, no user at all */
    str only;   /* of its token: "read", commands or what they begin with, by ';'; "" all that the role may */
} actor;

typedef struct attachment { /* a file that came with the call: FILE arguments, read by the client */
    str name, bytes;
} attachment;

typedef struct call call;
typedef struct command {
    const char *name; /* "partner import" */
    /* "<sku> [--partner ID] [--date D]": <x> one positional, <x…> one or more, [x] optional; [--flag] without value,
     * [--key NAME] with one, --key NAME must be given, -f FILE alike with one letter, [--a|--b] alternatives. What is
     * called FILE (<FILE…>, `--from FILE.csv`) is read by the client and attached; "-" is its standard input. */
    const char *args;
    const char *help;    /* one line, says what it is for */
    const char *example; /* a whole line that works in the demo world */
    command_mode mode;
    unsigned roles; /* besides admin */
    bool (*run)(call *c, err *e);
} command;

/* How `hook test` reaches who sends. May be used beside the loop. */
struct outbox_request;
struct outbox_answer;
struct allow_list;
typedef struct hook_door {
    void *service;
    /* Sends now and waits for what comes back. ERR_RETRY: too much is on its way. */
    bool (*send)(void *service, struct outbox_request *r, struct outbox_answer *a, err *e);
    const struct allow_list *allow; /* hooks.allow */
    str link;                       /* hooks.link, "" none */
    int64_t (*wall_ms)(void);       /* moments of signatures */
} hook_door;

/* What only the loop knows, as of the moment the call began. NULL when a folder is read without a daemon. */
typedef struct daemon_facts {
    int64_t started_ms; /* wall clock */
    bool simulated;     /* entry time is simulated */
    bool storage_full;  /* uploads are told BUSY_STORAGE */
    uint32_t links;     /* agents connected now */
    uint64_t late_ms;   /* an agent is behind after that long */
    uint64_t backup_late_ms;
    const hook_door *hooks; /* NULL: nothing is sent */
    const char *http_at;    /* where the dashboard listens, "http://127.0.0.1:7480"; "" nowhere */
} daemon_facts;

/* What a COMMAND_LOOP handler may ask of the loop. */
typedef struct loop_door {
    void *loop;
    bool (*set_clock)(void *loop, str who, int64_t to_ms, err *e);
} loop_door;

struct call {
    const command *command;
    actor who;
    int64_t now_ms; /* entry time */
    int zone_min;   /* business zone */
    txn *t;         /* READ: read; WRITE: write; else NULL */
    arena *a;       /* for the call */
    bool looking;   /* COMMAND_JUDGE: the first call, which answers nothing … */
    bool
        answered; /* … unless it finds that there is nothing to be written, and says so here: then there is no second */
    void *looked;
    arena *look_a;
    const char *data_dir;
    kv *db;    /* for figures about the store itself; data is read through t */
    json json; /* the row being written */
    const daemon_facts *facts;
    const loop_door *door; /* COMMAND_LOOP */
    /* the rest belongs to dispatch.c */
    struct call_args *args;
    const attachment *files;
    struct call_out *out;
};

/* Arguments. */
str call_arg(const call *c, size_t n); /* n-th positional, "" when absent */
size_t call_arg_count(const call *c);
str call_option(const call *c, const char *name); /* value of --name, p NULL when absent */
bool call_flag(const call *c, const char *name);
size_t call_file_count(const call *c);
attachment call_file(const call *c, size_t n);
/** A word of the call as protobuf-c's strings want it: a copy in the call's arena, never NULL. */
char *entry_text(call *c, str s);
MUST_USE bool call_day(const call *c, const char *option, day_t otherwise, day_t *out, err *e);

/* Answer. A list: declare the columns (JSON keys = CSV column names), then rows of flat objects whose keys come in that
 * order. A show: one object (may hold arrays of flat objects). A message: for commands that only do something. */
void answer_list(call *c, const char *const *columns, size_t n);
json *answer_row(call *c);    /* opens an object; write keys and values … */
void answer_row_end(call *c); /* … close it; full chunks are sent on by themselves */
json *answer_show(call *c);
void answer_show_end(call *c);
void answer_message(call *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/** The receiver has gone or cannot take more: a long list may stop. */
bool answer_failed(const call *c);
/** The rows hold a secret shown once: they are not kept for a retry with the same request id. */
void answer_secret(call *c);
enum { STATUS_DIFFERS = 1, STATUS_CHANGED = 2 /* told only with --detailed-exitcode */ };
/** The exit status when the call itself succeeds. Default 0. */
void answer_status(call *c, int status);

/** Deny by default. May `who` do `verb` ("read", "write", "approve") to something of this partner (0: of nobody)? The
 * one place that decides. */
MUST_USE bool authz(const call *c, const char *verb, uint32_t partner_no, err *e);
/** The partner of this id, of whom the caller may `verb`. Only one who may do it to anybody learns that an id is
 * unknown: ERR_NOT_FOUND; to the others unknown and foreign are the same ERR_DENIED. */
MUST_USE bool call_partner(const call *c, str id, const char *verb, partner *out, err *e);
/** Does the region lie in one that the scope of this member of the staff names? Partners see nothing by region. */
bool authz_region(const call *c, uint32_t region_no);

/** May this actor, with the token it came by, call the command? ERR_DENIED. */
MUST_USE bool actor_may_call(const actor *who, const command *cmd, err *e);

/** For the loop's own work (`actor` of entries): "user:anna". Lives in c->a. */
str call_actor(const call *c);

/** Does it need the write transaction? */
bool command_writes(const command *cmd);

extern const command commands[];
extern const size_t command_count;
/** The command with the longest name that the first words spell; *used = how many words it took. NULL: none. */
const command *command_find(const str *words, size_t n, size_t *used);

#endif
