/* One container's state, between the runtime's view and status.containerStatuses.
 *
 * The same struct is read from a pod's last status and written into its next
 * one, so what is not known anew is carried over. Pure. Texts are borrowed. */
#ifndef KUBELET_CONTAINER_STATUS_H
#define KUBELET_CONTAINER_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/json.h"

enum container_phase { CONTAINER_WAITING, CONTAINER_RUNNING, CONTAINER_TERMINATED };

struct container_end { /* A run that is over. */
    int64_t exit_code;
    int64_t signal;    /* 0: none. */
    int64_t started_us;
    int64_t finished_us;
    struct slice reason; /* "Completed", "Error", "OOMKilled" */
    struct slice message;
    struct slice id;
};

struct container_status {
    struct slice name;
    struct slice image;
    struct slice image_id;
    struct slice id;             /* "virtual://..."; empty before the first start. */
    enum container_phase phase;
    struct slice reason;         /* While waiting: "ContainerCreating". */
    struct slice message;
    int64_t started_us;          /* While running. */
    struct container_end end;    /* Once terminated. */
    struct container_end last;   /* The run before. */
    bool has_last;
    bool is_ready;
    bool is_started;             /* Its startup probe, if any, has succeeded. */
    int64_t restart_count;
};

/* json may be NULL: then a container that waits, with an empty name. */
void container_status_read(const struct json *json, struct container_status *status);
/* container is its spec: resources and mounts are told as they stand there. */
struct json *container_status_json(struct arena *arena, const struct container_status *status,
                                   const struct json *container);

/* The status of that name in a list of statuses, or NULL. */
struct json *container_status_find(const struct json *statuses, struct slice name);

/* Reads the status of container, a spec; false when there is none yet. */
bool container_status_of(const struct json *statuses, const struct json *container,
                         struct container_status *status);

/* Sets a member to a time as metav1.Time. */
void status_set_time(struct arena *arena, struct json *object, const char *key, int64_t wall_us);

#endif
