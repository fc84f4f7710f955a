/* How every component speaks to the API: one interface, near or far.
 *
 * The near client (api/client_local.c) calls the API in the same process: it
 * skips the bytes and the proof of identity, never the rules; it carries its
 * user (`system:kube-scheduler`) into authorization, admission and validation.
 * The far client (core/client/client_remote.c) speaks HTTP over TLS.
 *
 * Thread: the loop thread. Callbacks come on the loop, never from inside the
 * call that asked for them. */
#ifndef CORE_CLIENT_CLIENT_H
#define CORE_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buffer.h"
#include "core/kinds/object.h"
#include "core/net/loop.h"
#include "core/status.h"

/* What is spoken of: a collection (name empty) or an object, or a part of it. */
struct resource_path {
    const char *group; /* "" is the core group. */
    const char *version;
    const char *resource;
    struct slice namespace;  /* Empty: cluster-scoped, or all namespaces. */
    struct slice name;
    const char *subresource; /* NULL: none. */
};

enum patch_type { PATCH_NONE, PATCH_JSON, PATCH_MERGE, PATCH_STRATEGIC, PATCH_APPLY };

struct call { /* One request; inside its owner, alive until done. */
    const char *verb; /* get list create update patch delete */
    struct resource_path path;
    enum patch_type patch_type;
    struct slice body;         /* JSON. Borrowed until done. */
    const char *query;         /* "limit=500&labelSelector=a%3Db" or NULL; as in a URL. */
    void (*done)(struct call *call);
    struct arena arena;        /* The call's own memory; call_release() frees it. */
    struct status status;      /* After done. */
    struct slice reply;        /* JSON of the reply; lives in arena. */
    void *client_private;
};
void call_init(struct call *call);
void call_release(struct call *call);

/* Watches. An event's object is borrowed until the return to the loop. */
enum client_event_type { EVENT_ADDED, EVENT_MODIFIED, EVENT_DELETED, EVENT_BOOKMARK, EVENT_ERROR };

struct client_event {
    enum client_event_type type;
    const struct object *object;  /* NULL for EVENT_BOOKMARK and EVENT_ERROR. */
    const struct object *old;     /* Near: the state before, of EVENT_MODIFIED; else NULL. */
    int64_t revision;
    const struct status *status;  /* Of EVENT_ERROR: the watch has ended. */
};

struct client_watch { /* Inside its owner. */
    struct resource_path path;
    int64_t revision;             /* Start just after it; 0: existing objects as ADDED first. */
    const char *query;            /* Selectors, or NULL. */
    void (*event)(struct client_watch *watch, const struct client_event *event);
    void *context;                /* The owner's. */
    void *client_private;
};

/* --- Near only: the scheduler's view and its one commit --- */
enum snapshot_reading { SNAPSHOT_COMMITTED, SNAPSHOT_HEAD };

struct snapshot; /* A pin. May be read by any thread while it is held. */

struct commit_write {
    const char *verb;            /* create, update, delete; for a Binding: create. */
    struct resource_path path;
    struct slice body;           /* JSON; borrowed until done. */
    int64_t expected;            /* Revision of the object on head, or -1 for any. */
};

struct commit { /* Inside its owner, alive until done. */
    struct commit_write *writes;
    size_t count;
    void (*done)(struct commit *commit);
    struct status status;
    size_t failed_write;         /* Which one was refused. */
    int64_t revision;            /* The transaction's last. */
    void *client_private;
};

/* Called for each change of head under prefix, at once and in order; old NULL: created, new
 * NULL: deleted; changes are taken back the same way after a failed commit. Must not write. */
struct head_follower {
    const char *prefix;
    void (*change)(struct head_follower *follower, const struct object *old,
                   const struct object *new);
    void *client_private;
};

struct client;
struct client_operations {
    void (*call)(struct client *client, struct call *call);
    void (*watch_start)(struct client *client, struct client_watch *watch);
    void (*watch_stop)(struct client *client, struct client_watch *watch);
    /* NULL for far clients. */
    struct snapshot *(*snapshot)(struct client *client, enum snapshot_reading reading);
    void (*commit)(struct client *client, struct commit *commit);
    void (*follow_head)(struct client *client, struct head_follower *follower);
    void (*unfollow_head)(struct client *client, struct head_follower *follower);
};
struct client {
    const struct client_operations *operations;
    struct loop *loop;
    const char *user; /* For logs. */
};

static inline void client_call(struct client *client, struct call *call)
{
    client->operations->call(client, call);
}

/* Snapshots: implemented beside the near client. */
struct snapshot_operations {
    int64_t (*revision)(const struct snapshot *snapshot);
    const struct object *(*get)(const struct snapshot *snapshot, struct slice key);
    /* Calls each() for objects under prefix in key order until it returns false. */
    void (*each)(const struct snapshot *snapshot, struct slice prefix,
                 bool (*each)(void *context, const struct object *object), void *context);
    int64_t (*count)(const struct snapshot *snapshot, struct slice prefix);
    void (*release)(struct snapshot *snapshot); /* Any thread. */
    /* The same for objects with an owner reference to uid, by the store's owner index. */
    void (*each_owned)(const struct snapshot *snapshot, struct slice uid,
                       bool (*each)(void *context, const struct object *object), void *context);
};
struct snapshot {
    const struct snapshot_operations *operations;
};

#endif
