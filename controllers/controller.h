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
#include "core/json.h"
#include "core/kinds/registry.h"

struct reconcile {
    struct slice key;                /* What the row's keys say. */
    const struct snapshot *snapshot; /* Committed. */
    const struct registry *registry; /* What kinds there are. */
    int64_t now_us;                  /* Wall clock. */
    struct arena *arena;             /* For all that is said; lives until the commit is done. */
    /* Said by the controller: */
    struct commit_write *writes;
    size_t count;
    size_t capacity;
    int64_t again_us;                /* > 0: call again after this long. */
};

struct controller_watch {
    const char *group, *version, *resource;
    /* Appends the key that an object is a reason to look at; nothing: none. */
    void (*key)(const struct object *object, struct buffer *key);
};

struct controller {
    const char *name;                       /* "namespace-controller" */
    const char *user;                       /* "system:serviceaccount:kube-system:..." */
    const struct controller_watch *watches; /* Ends with resource NULL. */
    void (*reconcile)(struct reconcile *reconcile);
};

/* Adds a write; fill in the rest of what it gives. body's bytes are in the arena. */
struct commit_write *reconcile_write(struct reconcile *reconcile, const char *verb,
                                     struct resource_path path, const struct json *body);
/* The tree of an object in the arena; NULL when there is none under key. */
struct json *reconcile_read(const struct reconcile *reconcile, struct slice key);

#endif
