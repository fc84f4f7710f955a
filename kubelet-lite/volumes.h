/* What a pod mounts: made before its containers, kept current, removed after them.
 *
 *   DIR/pods/UID/volumes/NAME         a volume; of memory, a tmpfs mounted there
 *   DIR/pods/UID/subpaths/...         mounts of parts of volumes
 *   DIR/pods/UID/objects/             ConfigMaps, Secrets and tokens as last seen, for when no server
 *                                     answers
 *   DIR/pods/UID/etc-hosts, ...       files that every container of the pod gets
 *
 * ConfigMap, Secret, projected and downward API volumes are written as upstream's AtomicWriter
 * does: a folder named by time, `..data` leading to it, a link for each file; an update makes a new
 * folder and renames one link, so a reader sees all of the old or all of the new.
 *
 * Thread: the loop's; files are written on LANE_HOST. */
#ifndef KUBELET_VOLUMES_H
#define KUBELET_VOLUMES_H

#include "core/client/client.h"
#include "core/json.h"
#include "kubelet-lite/environment.h"
#include "kubelet-lite/runtime.h"

struct volumes;

struct volumes_options {
    const char *directory;
    struct client *client;       /* ConfigMaps, Secrets and tokens come from it. */
    const char *node_name;
    int64_t node_cpu_millis, node_memory_bytes; /* For downward API where no limit is set. */
};
struct volumes *volumes_open(struct loop *loop, const struct volumes_options *options);
void volumes_close(struct volumes *volumes); /* Leaves all as it is; nothing under way. */

struct volumes_call { /* Inside its owner, alive until done. */
    void (*done)(struct volumes_call *call);
    struct arena arena;
    struct status status;
};

void volumes_call_init(struct volumes_call *call, void (*done)(struct volumes_call *call));
void volumes_call_release(struct volumes_call *call);

/* Makes what is missing and updates what has changed. Repeat it to keep volumes current.
 * pod is borrowed until done. */
void volumes_set_up(struct volumes *volumes, const struct json *pod, struct volumes_call *call);
/* Unmounts and removes all of a pod's; good when there is none. uid is borrowed. */
void volumes_tear_down(struct volumes *volumes, const char *uid, struct volumes_call *call);

/* Whether any of its volumes changes with objects of the API. */
bool volumes_follow_objects(const struct json *pod);
/* A pod's folder: DIR/pods/UID. */
const char *volumes_pod_folder(const struct volumes *volumes, struct arena *arena, const char *uid);

/* Blocks; any thread. The mounts of a container: sources made where they are sub paths, each
 * found without leaving its volume. environment is for subPathExpr. */
MUST_USE int volumes_mounts(const struct volumes *volumes, const struct json *pod,
                            const struct json *container, const struct environment *environment,
                            struct arena *arena, const struct mount **mounts, size_t *count,
                            struct status *status);

#endif
