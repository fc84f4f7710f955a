/* A controller is a row, controllers/controller_<name>.c: what it watches, and a pure reconcile.
 *
 * The manager watches, queues keys, and calls reconcile with a snapshot of what is
 * committed. Reconcile only reads that and says what to write; the writes are one
 * commit by the rules that hold for everyone. It is called again when something
 * watched changes, after a failure, or when it asked for it; so it must find out by
 * itself, each time, what is still to do. Rules: k8s.io/kubernetes pkg/controller. */
#ifndef CONTROLLERS_CONTROLLER_H
#define CONTROLLERS_CONTROLLER_H

#include "core/client/client.h"
#include "core/client/recorder.h"
#include "core/json.h"
#include "core/kinds/registry.h"

/* After a loss or a restore (store.h) rows that delete what others made wait until an operator
 * has said that this is the state to go on from; see docs/controllers.md. */
struct operator_word {
    bool (*must_wait)(void *context);
    void (*go_on)(void *context); /* It was said. */
    void *context;
};

struct certificate_authority;

/* What an operator may set. 0 and NULL: the default. */
struct controller_options {
    int64_t event_ttl_us;            /* Events go this long after they were last told: 1 h. */
    int64_t event_bytes;             /* Before that, the oldest go above this: 32 MiB. */
    int64_t terminated_pods;         /* Pods that have ended and are kept: 12500. */
    struct slice root_ca;            /* PEM of the CA that signed for the API; empty: not told. */
    const char *const *addresses;    /* Where the API is served, for default/kubernetes; ends */
    int port;                        /* with NULL. NULL: that Service is not kept. */
    const char *service_address;     /* Its cluster IP; NULL: any. */
    const struct certificate_authority *authority; /* Who signs; NULL: nobody does. */
};

struct reconcile {
    struct slice key;                /* What the row's keys say. */
    const struct snapshot *snapshot; /* Committed, or head where the row reads head. */
    const struct registry *registry; /* What kinds there are. */
    int64_t now_us;                  /* Wall clock. */
    int64_t steady_us;               /* For measuring how long. */
    void *state;                     /* The controller's own, of the row's state_size. */
    struct recorder *recorder;       /* Events, by the row's user. */
    struct arena *arena;             /* For all that is said; lives until the commit is done. */
    bool is_retry;                   /* What it said the last time was refused. */
    const struct operator_word *operator_word;
    const struct controller_options *options;
    struct client *client;           /* For questions that only the API answers. */
    void *manager_private;
    /* Said by the controller: */
    bool is_waiting;                 /* For an answer or a worker: reconcile_end() comes later. */
    struct commit_write *writes;
    size_t count;
    size_t capacity;
    int64_t again_us;                /* > 0: call again after this long. */
};

struct controller_watch {
    const char *group, *version, *resource;
    /* Appends the key that an object is a reason to look at; nothing: none. NULL where the row
     * has event(). */
    void (*key)(const struct object *object, struct buffer *key);
};

/* A change, for rows that look closer at it: any number of keys. */
struct controller_event {
    enum client_event_type type;     /* EVENT_ADDED, EVENT_MODIFIED, EVENT_DELETED */
    const struct object *object;
    const struct object *old;        /* Of EVENT_MODIFIED; else NULL. */
    const struct registry *registry;
    const struct controller_options *options;
    int64_t now_us;
    int64_t steady_us;
    void *state;
    struct snapshot *taken;
    void *manager_private;
};
/* What is committed now; borrowed until the return. */
const struct snapshot *controller_event_snapshot(struct controller_event *event);
void controller_event_add(const struct controller_event *event, struct slice key);
/* The same after a while; a key that is due sooner stays so. */
void controller_event_add_after(const struct controller_event *event, struct slice key,
                                int64_t delay_us);

struct controller {
    const char *name;                       /* "namespace-controller" */
    const char *user;                       /* "system:serviceaccount:kube-system:..." */
    const struct controller_watch *watches; /* Ends with resource NULL. NULL: none. */
    void (*reconcile)(struct reconcile *reconcile);
    /* All below may be left out. */
    const char *namespace;                  /* Where it watches; NULL: everywhere. */
    const char *component;                  /* Source of its Events; NULL: name. */
    void (*event)(struct controller_event *event); /* Instead of the watches' keys. */
    bool watches_all;                       /* Every kind that is stored, besides watches. */
    const char *first_key;                  /* Looked at once when it starts. */
    /* Reads head, where its commit is checked: nothing can have changed meanwhile. An answer is
     * then only final when all that it has seen is committed; the manager waits for that. */
    bool reads_head;
    /* Deletes what others made: does nothing before an operator's word. */
    bool waits_for_operator;
    size_t state_size;                      /* Memory that lasts, zeroed; */
    void (*release)(void *state);           /* and its end. */
};

/* Adds a write; fill in the rest of what it gives. body's bytes are in the arena. */
struct commit_write *reconcile_write(struct reconcile *reconcile, const char *verb,
                                     struct resource_path path, const struct json *body);
/* Ends what said is_waiting, on the loop; failed: nothing is written, and the key comes back. */
void reconcile_end(struct reconcile *reconcile, bool failed);
/* Adds a key to look at in its turn. */
void reconcile_add(struct reconcile *reconcile, struct slice key);
/* The path of the object under key, whose kind this is. */
struct resource_path reconcile_path(const struct kind *kind, struct slice key,
                                    const char *subresource);
/* The tree of an object in the arena; NULL when there is none under key. */
struct json *reconcile_read(const struct reconcile *reconcile, struct slice key);

#endif
