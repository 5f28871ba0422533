/* limits — every bound of the system, by name. Each has a test at limit, limit + 1 (tests/unit/test_limits.c and the
 * tests of the room that keeps it). A peer never makes us allocate by a count it states: it meets one of these first.
 */
#ifndef PROTO_LIMITS_H
#define PROTO_LIMITS_H

enum {
    /* wire */
    LIMIT_BATCH_LINES = 4096,                     /* lines of one batch */
    LIMIT_BATCH_BYTES = 256 * 1024,               /* bytes of one batch frame */
    LIMIT_FRAME_BYTES = LIMIT_BATCH_BYTES + 4096, /* any frame: ZMQ_MAXMSGSIZE */
    LIMIT_HELLO_BYTES = 4096,                     /* a frame sent without a grant */
    LIMIT_GRANT_BYTES = 16 * 1024 * 1024,         /* all grants together */
    LIMIT_GRANT_ONE = 1024 * 1024,                /* one agent's grant */
    LIMIT_GRANT_MS = 120 * 1000,                  /* a grant not used by then returns to the pool */
    LIMIT_UNGRANTED = 16,                         /* batches beyond the grant before the link is cut */
    LIMIT_DECODE_BYTES = 2 * 1024 * 1024,         /* arena of one decoded frame */
    LIMIT_REPEATED = 256,                         /* repeated elements of a message, batches apart */
    LIMIT_UNKNOWN_FIELDS = 16,
    LIMIT_RECEIPTS = 64, /* receipts in one ack */
    LIMIT_PROBLEMS = 64, /* problems listed in one receipt; the rest is counted */
    LIMIT_RECV_HWM = 2,
    LIMIT_UNAUTHENTICATED = 64, /* connections not heard in LIMIT_ARRIVING_MS, */
    LIMIT_ARRIVING = 512,       /* and those that still have time: a storm of returning agents on a busy machine */
    LIMIT_ARRIVING_MS = 3000,
    LIMIT_HANDSHAKE_MS = 10 * 1000,     /* from accepting to the first message */
    LIMIT_OFFENCE_MS = 10 * 60 * 1000,  /* a key whose connection was cut for what it did is not let in */
    LIMIT_OFFENDERS = 1024,             /* such keys that are remembered */
    LIMIT_GUARD_SLACK = 1024 * 1024,    /* bytes received beyond grants and what was delivered */
    LIMIT_SECOND_HOLDER_MS = 60 * 1000, /* another spool epoch so soon after the first was heard: a second holder */
    /* questions of agents */
    LIMIT_ASK_WORDS = 32,                   /* words of one; all together ≤ LIMIT_HELLO_BYTES */
    LIMIT_ASKS = 32,                        /* under way or not fetched whole yet, of all agents; one agent has one */
    LIMIT_ASK_PIECE = 64 * 1024,            /* bytes of an answer's piece */
    LIMIT_ASK_ANSWER = 16 * 1024 * 1024,    /* bytes of an answer */
    LIMIT_ASK_IDLE_MS = 10 * 1000,          /* an answer of which nothing is fetched for so long is dropped */
    LIMIT_UNREAD_BYTES = 1024 * 1024,       /* sent to a connection and not taken by its peer: */
    LIMIT_UNREAD_MS = 10 * 1000,            /* beyond that and nothing taken for so long, it is cut */
    LIMIT_UNREAD_ASK = 4 * LIMIT_ASK_PIECE, /* beyond that no further question is answered */
    /* text and numbers of a line */
    LIMIT_TEXT = 256,     /* bytes of a word in a line */
    LIMIT_CODES = 8192,   /* bytes of the codes of a line */
    LIMIT_CODE = 1024,    /* bytes of one code as it is spelled; a Digital Link may be long */
    LIMIT_CODE_OWN = 100, /* about; bytes of a code that is anybody's own */
    LIMIT_CODE_KEY = 112, /* bytes of its key */
    LIMIT_LOT = 64,
    LIMIT_CODED_BYTES = 64 * 1024 * 1024, /* of codes in the documents that one entry posts */
    LIMIT_PACKED = 64,          /* times that one code was put into a container, taken out or emptied, all kept */
    LIMIT_NESTING = 64,         /* containers around a code, and the end of a walk where they lie in each other */
    LIMIT_CONTAINED = 65536,    /* codes and ranges that were ever put into one container */
    LIMIT_RANGES = 4096,        /* ranges that one range of an import may touch */
    LIMIT_CUSTODY = 4096,       /* moves and sightings of a code that a trace looks at */
    LIMIT_EVENT_CODES = 8192,   /* codes of one EPCIS event, */
    LIMIT_EVENT_BYTES = 131072, /* their keys, */
    LIMIT_EVENT_PARTIES = 32,   /* its sources, destinations and transactions each */
    LIMIT_EVENTS = 200000,      /* events of one file */
    LIMIT_EPCIS_DEPTH = 48,     /* elements inside each other */
    LIMIT_FILE_NAME = 255,
    LIMIT_ID = 64,       /* bytes of an id in the catalogue */
    LIMIT_NAME = 200,    /* bytes of a name in the catalogue */
    LIMIT_PERSON = 2048, /* bytes of one person's data */
    LIMIT_NOTICE = 2000, /* bytes of a message to a partner, in each language */
    /* cases */
    LIMIT_CASE_TEXT = 4000,          /* bytes of what is said in one step */
    LIMIT_CASE_PAPERS = 16,          /* files of one step or report */
    LIMIT_PAPER_BYTES = 1024 * 1024, /* of one file kept as evidence */
    LIMIT_PAPERS_DAY = 64,           /* files of one partner in one day */
    LIMIT_PAPER_PIECE = 2048,        /* bytes of a file on its way from an agent, in one question */
    LIMIT_CLAIM_CODES = 256,         /* codes of one report or inspection */
    /* documents */
    LIMIT_DOCUMENT_LINES = 65536,
    LIMIT_DOCUMENT_CONTENTS = 64, /* different contents seen of one document */
    LIMIT_ENTRY_ROWS = 4096,      /* rows of one journal entry */
    LIMIT_ENTRY_BYTES = 1048576,  /* rows of the catalogue in one journal entry */
    LIMIT_CREDIT_DAYS = 731,      /* a credit note corrects invoices no older than that */
    LIMIT_NIL_DAYS = 366,         /* days of one nil report */
    LIMIT_REPORT_DAYS = 1100,     /* days of one question about reports */
    LIMIT_DUE_DAYS = 60,          /* working days from the end of a period to its due day */
    LIMIT_AHEAD_DAYS = 1,         /* business days ahead of the entry time that are accepted */
    /* a file that is the whole truth for a span */
    LIMIT_REPLACE_DAYS = 366,
    LIMIT_REPLACE_DOCUMENTS = 8192, /* documents that it may reverse, and their lines */
    LIMIT_REPLACE_LINES = 131072,
    LIMIT_REVERSED_SHOWN = 20, /* of them named in a receipt */
    /* files */
    LIMIT_FILE_BYTES = 256 * 1024 * 1024,
    LIMIT_UPLOAD_BYTES = 64 * 1024 * 1024, /* a file carried by a command */
    LIMIT_CELL = 32 * 1024,
    LIMIT_COLUMNS = 512,
    LIMIT_TITLE_ROWS = 30,                     /* rows looked at for the header */
    LIMIT_DOUBTS = 200,                        /* doubts kept of one file; the rest is counted */
    LIMIT_USUAL_PRODUCTS = 20000,              /* (type, code, unit) of which a home knows what is usual */
    LIMIT_USUAL_DAYS = 400,                    /* days whose sums it keeps, and whose documents it knows */
    LIMIT_ORIGINAL_BYTES = 64 * 1024 * 1024,   /* a file kept, packed, until its rows are mended */
    LIMIT_ORIGINALS_BYTES = 256 * 1024 * 1024, /* all of a home */
    LIMIT_SKIPPED = 1000,                      /* skipped rows and problems kept of one file; the rest is counted */
    /* workbooks */
    LIMIT_WORKBOOK_MIB = 2048, /* inflated in all passes over an archive */
    LIMIT_WORKBOOK_PARTS = 4096,
    LIMIT_SHARED_TEXT = 64 * 1024 * 1024, /* texts kept once for all cells */
    LIMIT_SHEETS = 256,
    LIMIT_STYLES = 65536, /* formats of cells of one workbook */
    LIMIT_NUMBER_FORMATS = 4096,
    LIMIT_MERGES = 65536,                  /* merged areas of one sheet */
    LIMIT_MARKUP_BYTES = 64 * 1024 * 1024, /* of an HTML or XML table, as UTF-8 */
    LIMIT_NESTED_TABLES = 8,
    LIMIT_PRODUCTS = 20000, /* codes that a fill-in sheet offers */
    /* loop */
    LIMIT_GROUP_LINES = 16384, /* lines of one commit */
    LIMIT_GROUP_BYTES = 4 * 1024 * 1024,
    LIMIT_GROUP_MS = 5,
    LIMIT_RECALL_WORDS = 65536, /* meanings of words kept from batch to batch, and their bytes; then it begins anew */
    LIMIT_RECALL_BYTES = 8 * 1024 * 1024,
    LIMIT_STORE_PERCENT = 95, /* of map or disk: uploads are told BUSY_STORAGE */
    LIMIT_WORK_MS = 1000,     /* a batch in work for longer at an unclean end is suspected */
    LIMIT_WORK_ENDS = 2,      /* unclean ends, then the batch is held unread */
    LIMIT_DRAIN_MS = 5000,    /* from SIGTERM to the end */
    /* commands */
    LIMIT_IMPORT_ROWS = 200000,       /* rows of one catalogue file */
    LIMIT_TOKEN_DAYS = 365,           /* a token for an enrolment is good for at most that long */
    LIMIT_ARGS = 256,                 /* words of a call, files of a call */
    LIMIT_CHUNK_BYTES = 256 * 1024,   /* rows of an answer handed on at once */
    LIMIT_CALLS = 64,                 /* calls and answers under way */
    LIMIT_SNAPSHOTS = 8,              /* questions that may take seconds, waiting or under way */
    LIMIT_ANSWER_IDLE_MS = 60 * 1000, /* the rest of an answer is kept for its reader */
    LIMIT_REQUEST_DAYS = 30,          /* a command's result is kept for its retry */
    LIMIT_ACKED_DAYS = 35,            /* an agent keeps what was acknowledged */
    /* hooks */
    LIMIT_HOOKS = 64,
    LIMIT_HOOKS_ALLOW = 64,   /* entries of hooks.allow */
    LIMIT_HOOK_URL = 1000,    /* bytes of a target, */
    LIMIT_HOOK_SECRET = 200,  /* its secret as text, */
    LIMIT_HOOK_EVENTS = 500,  /* and the list of its events */
    LIMIT_HOOK_QUEUE = 10000, /* messages that wait for one hook; later ones are counted, `hook replay` brings them */
    LIMIT_HOOK_DEAD = 1000,   /* dead letters kept of one hook; the oldest go */
    LIMIT_HOOK_FLYING = 4,    /* messages of one hook on their way, */
    LIMIT_HOOKS_FLYING = 32,  /* of all hooks */
    LIMIT_HOOK_ANSWER = 16 * 1024,  /* bytes of an answer, its head too; more is a failure */
    LIMIT_HOOK_DIGEST = 100,        /* messages in one digest */
    LIMIT_HOOK_DATA = 64 * 1024,    /* bytes of what a message says */
    LIMIT_HOOK_TEXT = 1800,         /* bytes of a text for a group: WeCom takes 2,048 */
    LIMIT_HOOK_ENTRIES = 256,       /* journal entries looked at in a turn for what they have to say */
    LIMIT_HOOK_RETRY_AFTER = 86400, /* seconds that a receiver may ask us to wait */
    /* replenishment */
    LIMIT_STOCK_RULE_BYTES = 65536, /* of a policy's file */
    LIMIT_LEAD_DAYS = 730,          /* lead time, its deviation, time between reviews */
    LIMIT_SHELF_DAYS = 36500,
    LIMIT_SILENCE_DAYS = 366,      /* a refused suggestion stays away for so long at most */
    LIMIT_TOLERANCE_PPM = 1000000, /* of a suggestion's quantity */
    /* HTTP */
    LIMIT_HTTP_BODY = 64 * 1024,      /* bytes of a request's body, uploads apart (LIMIT_UPLOAD_BYTES) */
    LIMIT_HTTP_HEAD = 32 * 1024,      /* of its first line and headers */
    LIMIT_HTTP_PARAMS = 256,          /* parameters of one request */
    LIMIT_HTTP_FILTERS = 16,          /* filters of one list */
    LIMIT_HTTP_PAGE = 1000,           /* rows of one page */
    LIMIT_HTTP_EVENTS = 256,          /* entries that one glance at the journal looks at for a browser that listens */
    LIMIT_HTTP_BEAT_MS = 15 * 1000,   /* a browser that listens is told something at least so often */
    LIMIT_HELD = 64,                  /* uploads that were looked at and not submitted yet, of all users, */
    LIMIT_HELD_USER = 8,              /* and of one */
    LIMIT_HELD_MS = 24 * 3600 * 1000, /* then they are forgotten */
    LIMIT_SESSION_MS = 12 * 3600 * 1000, /* signed in for so long */
    LIMIT_SESSIONS = 100000,             /* kept in all; ended ones are forgotten each hour */
    LIMIT_SIGN_IN_MS = 15 * 60 * 1000,   /* attempts are counted for so long: */
    LIMIT_SIGN_INS = 5,                  /* of one user from one address, */
    LIMIT_SIGN_INS_USER = 50,            /* of one user from everywhere, */
    LIMIT_SIGN_INS_ADDRESS = 40,         /* and from one address; tokens that are none count too */
    LIMIT_SIGN_INS_KEPT = 4096,          /* users and addresses counted at once; the oldest go */
    /* judgement of diversion */
    LIMIT_SIGNALS = 1000000,    /* of one run; the weakest beyond are counted only */
    LIMIT_SIGNAL_EVIDENCE = 16, /* references of one signal; the rest is counted in its last */
};

/* One line's figures: beyond these a row is refused as damaged. */
#define LIMIT_QUANTITY 1000000000000000LL    /* 10^12 units, in thousandths */
#define LIMIT_WALLET   1000000000000000LL    /* 10^15 minor units, in an account or a move */
#define LIMIT_AMOUNT   1000000000000000000LL /* 10^12 of the currency, in millionths */

#endif
