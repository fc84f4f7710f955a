/* ConfigMaps, Secrets and tokens that a pod needs: asked for together, remembered on disk.
 *
 * When no server answers, what was last seen of an object stands in for it, so that pods are
 * restarted without a server. An object that the server says is not there is not there. A token
 * is asked for anew when four fifths of its time, or a day, are over.
 *
 * Thread: the loop's; files are read and written on LANE_HOST. */
#ifndef KUBELET_OBJECT_SET_H
#define KUBELET_OBJECT_SET_H

#include "core/client/client.h"
#include "core/json.h"

struct wanted_object;
struct object_set {
    struct loop *loop;
    struct client *client;
    struct arena arena;
    const char *namespace;
    const char *folder;          /* Where they are remembered. */
    struct wanted_object *first;
    size_t pending;
    void (*done)(struct object_set *set);
    struct task task;
    struct message message;
};

/* Texts are borrowed until it is released. */
void object_set_init(struct object_set *set, struct loop *loop, struct client *client,
                     const char *namespace, const char *folder);
void object_set_release(struct object_set *set); /* Not while it is under way. */
/* resource: "configmaps", "secrets". The same one twice is asked for once. */
void object_set_want(struct object_set *set, const char *resource, struct slice name);
/* A token of a service account, bound to the pod. */
void object_set_want_token(struct object_set *set, const struct json *pod, struct slice audience,
                           int64_t seconds);
void object_set_fetch(struct object_set *set, void (*done)(struct object_set *set));
/* After done: NULL, and status says why: `configmap "x" not found`. */
const struct json *object_set_get(const struct object_set *set, const char *resource,
                                  struct slice name, struct status *status);
/* The token itself; NULL likewise. */
const char *object_set_token(const struct object_set *set, struct slice audience, int64_t seconds,
                             struct status *status);

#endif
