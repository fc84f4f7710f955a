/* One request: from what came in to the reply that goes out.
 *
 * The transport (api/connection.c for HTTP, api/client_local.c for components in
 * this process) fills the first part, calls api_serve() and waits for done.
 * A request moves through phases; all in brackets and braces wait:
 *
 *   happy path: RECEIVED [-> AUTHENTICATING] -> DECIDING -> { STORING | WORKING }
 *               -> REPLYING -> DONE
 *   too early:  DECIDING -> [LATER] -> DECIDING: what it needs is about to be made
 *   failure:    any of them -> REPLYING with a Status
 *   cancel:     the transport calls request_cancel(); a queued transaction is not
 *               taken back (its outcome is the store's), but done is called at once
 *               where nothing is waited for, and when the wait ends where it is.
 *
 * Memory: everything of a request lives in its arena, the reply's bytes in
 * buffers of the reply. request_release() frees both. Thread: the loop thread;
 * while WORKING a worker alone touches the arena and the reply. */
#ifndef API_REQUEST_H
#define API_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "api/audit_record.h"
#include "api/flow.h"
#include "api/request_info.h"
#include "api/user.h"
#include "core/arena.h"
#include "core/buffer.h"
#include "core/kinds/kind.h"
#include "core/net/http.h"
#include "core/net/loop.h"
#include "core/status.h"
#include "store/store.h"

struct api;
struct request;
struct plan;
struct stream;

/* Plans what a request wants: the request's verb, or its subresource's. */
typedef int write_plan_fn(struct request *request, struct plan *plan);

/* A reply that goes on: a watch, a long list. Pull: the transport calls fill() when it can
 * send; fill() appends what there is. WAIT: ready() will be called. While it is busy a worker
 * has the request's memory: the transport frees nothing before the next ready(). */
enum stream_state {
    STREAM_MORE,
    STREAM_WAIT,
    STREAM_END,    /* With the bytes that fill() gave. */
    STREAM_BROKEN, /* The peer must see that it was cut. */
};
struct stream_reply {
    enum stream_state (*fill)(struct stream_reply *stream, struct buffer *bytes);
    void (*close)(struct stream_reply *stream); /* Frees it; called exactly once. */
    void (*ready)(void *context);               /* Set by the transport. */
    void *context;
    bool is_busy;
};

/* A reply that hands the connection over: 101, then the stream is somebody else's. */
struct reply_upgrade {
    /* Takes stream, and what had come behind the request (borrowed); NULL: the peer has gone.
     * Called once, before the request is released. */
    void (*take)(struct reply_upgrade *upgrade, struct stream *stream, struct slice early);
};

struct reply_header {
    const char *name;
    const char *value;
    struct reply_header *next;
};

struct reply {
    int code;
    const char *content_type;
    struct reply_header *headers; /* Warning, Retry-After, ... */
    struct buffer body;
    struct stream_reply *stream;  /* NULL: body is all. */
    struct reply_upgrade *upgrade; /* NULL: none. Code 101, headers and nothing else. */
};

/* What the Accept header (or ?pretty) chose. */
enum media { MEDIA_JSON, MEDIA_YAML, MEDIA_PROTOBUF, MEDIA_TEXT };
enum media_as { AS_IS, AS_TABLE, AS_PARTIAL, AS_PARTIAL_LIST, AS_DISCOVERY };
struct negotiated {
    enum media media;
    enum media_as as;
    bool is_pretty;
};

struct request {
    /* --- Set by the transport --- */
    struct slice method;
    struct slice path;         /* As sent, without the query. */
    struct slice query_text;   /* Behind '?'. */
    struct slice accept;
    struct slice content_type;
    struct slice user_agent;
    struct slice authorization;
    struct slice if_none_match;
    struct http_headers headers; /* All of them; empty for components. */
    struct slice body;
    const struct user *user;   /* From the certificate or the socket; NULL: not known. */
    bool has_bad_certificate;  /* One was shown and is not to be trusted: 401. */
    bool has_bad_token;        /* One was shown and is nobody's: 401. */
    struct slice source;       /* The peer's IP address; empty: a component, or the local socket. */
    bool is_local;             /* A component in this process. */
    bool wants_object;         /* Local: leave reply_object instead of bytes. */
    void (*done)(struct request *request);

    /* --- Made on the way --- */
    struct api *api;
    int phase;
    struct arena arena;
    struct query_parameter *query;
    struct request_info info;
    const struct kind *kind;               /* The row asked for. */
    const struct kind_subresource *subresource;
    struct negotiated negotiated;
    struct kind_context context;           /* For the pure functions. */
    struct txn txn;                        /* While STORING. */
    void (*stored)(struct request *request); /* After the commit. */
    struct task task;                      /* While WORKING. */
    void *work;                            /* The verb's own, in the arena. */
    int64_t received_us;
    struct list link;                      /* In api->requests. */
    enum flow_kind flow;                   /* Which place it holds. */
    struct flow_user *flow_user;
    bool is_long_counted;
    int64_t sent_bytes;                    /* Of the reply, so far. */

    /* --- Of writes (api/write.h) --- */
    const struct object *result;           /* What was written; a reference. */
    const struct object **results;         /* Of a collection; references, in the arena. */
    size_t result_count;
    bool is_dry_run;
    bool is_early;                         /* What it lacks is about to be made: plan again soon. */
    int tries;
    struct timer later;
    void (*again)(struct request *request);
    write_plan_fn *planner;                /* While it may be too early. */
    bool was_removed;                      /* A deletion took the object out at once. */
    struct reply_header *annotations;      /* For the audit log: keys and values. */
    struct audit_record audit;             /* What else it wants (api/audit.h). */
    void (*reply_result)(struct request *request); /* NULL: result is the reply. */

    /* --- Out --- */
    struct status status;
    struct reply reply;
    const struct object *reply_object;     /* A reference, if wants_object. */
};

void request_init(struct request *request);
const char *request_phase(const struct request *request); /* Its name. */
void request_release(struct request *request);

/* Who, what, and may they: everything before a verb. -1 and status when refused. */
MUST_USE int request_decide(struct api *api, struct request *request);

/* --- For the verbs --- */
/* Ends a request with an object in the form that was negotiated. */
void request_reply_object(struct request *request, int code, const struct object *object);
/* "Not older than" a revision that is not there yet: upstream waits 3 s and then says so; ours
 * cannot come within this process's own order, so it says so at once: -1 and TIMEOUT. */
MUST_USE int request_check_reached(struct request *request, int64_t revision);
/* The key of the object asked for, as it is stored. In the arena. */
struct slice request_key(struct request *request);
/* The prefix of the collection asked for. In the arena. */
struct slice request_prefix(struct request *request);
/* Ends a request with what status says, or with the reply that was filled. */
void request_reply(struct request *request);
/* Ends with a Status object of the request's status. */
void request_fail(struct request *request);
/* Queues writes; afterwards stored() is called, or the request fails. -1: refused, status set. */
MUST_USE int request_store(struct request *request, struct txn_write *writes, size_t count,
                           void (*stored)(struct request *request));
/* From here on the request waits for what the verb has begun, and then replies. */
void request_wait(struct request *request);
/* Calls again() a little later, as if nothing had been done yet; false: it did so often enough. */
bool request_try_later(struct request *request, void (*again)(struct request *request));
/* Runs work on a worker, then replies. */
void request_work(struct request *request, void (*work)(struct task *task));
void request_add_header(struct request *request, const char *name, const char *value);
void request_warn(struct request *request, const char *text); /* Warning: 299 */
/* Tells the audit log; of one key the last value holds. */
void request_annotate(struct request *request, const char *key, const char *value);

#endif
