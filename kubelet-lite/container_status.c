#include "kubelet-lite/container_status.h"

#include "core/clock.h"

void status_set_time(struct arena *arena, struct json *object, const char *key, int64_t wall_us)
{
    char text[TIME_TEXT_SIZE];
    time_format(wall_us, text);
    json_set_text(arena, object, key, text);
}

struct json *container_status_find(const struct json *statuses, struct slice name)
{
    JSON_EACH(status, statuses)
        if (slice_equal(json_string(json_get(status, "name")), name))
            return status;
    return NULL;
}

/* --- Reading --- */

static int64_t read_time(const struct json *object, const char *key)
{
    int64_t wall_us = 0;
    time_parse(json_string(json_get(object, key)), &wall_us);
    return wall_us;
}

static int64_t read_int(const struct json *object, const char *key)
{
    int64_t value = 0;
    json_to_int64(json_get(object, key), &value);
    return value;
}

static void read_end(const struct json *json, struct container_end *end)
{
    *end = (struct container_end){
        .exit_code = read_int(json, "exitCode"),
        .signal = read_int(json, "signal"),
        .started_us = read_time(json, "startedAt"),
        .finished_us = read_time(json, "finishedAt"),
        .reason = json_string(json_get(json, "reason")),
        .message = json_string(json_get(json, "message")),
        .id = json_string(json_get(json, "containerID")),
    };
}

void container_status_read(const struct json *json, struct container_status *status)
{
    const struct json *state = json_get(json, "state");
    const struct json *running = json_get(state, "running");
    const struct json *terminated = json_get(state, "terminated");
    const struct json *waiting = json_get(state, "waiting");
    const struct json *last = json_at(json, "lastState.terminated");
    *status = (struct container_status){
        .name = json_string(json_get(json, "name")),
        .image = json_string(json_get(json, "image")),
        .image_id = json_string(json_get(json, "imageID")),
        .id = json_string(json_get(json, "containerID")),
        .phase = running      ? CONTAINER_RUNNING
                 : terminated ? CONTAINER_TERMINATED
                              : CONTAINER_WAITING,
        .reason = json_string(json_get(waiting, "reason")),
        .message = json_string(json_get(waiting, "message")),
        .started_us = read_time(running, "startedAt"),
        .has_last = last != NULL,
        .is_ready = json_bool(json_get(json, "ready")),
        .is_started = json_bool(json_get(json, "started")),
        .restart_count = read_int(json, "restartCount"),
    };
    if (terminated)
        read_end(terminated, &status->end);
    if (last)
        read_end(last, &status->last);
}

bool container_status_of(const struct json *statuses, const struct json *container,
                         struct container_status *status)
{
    const struct json *found =
        container_status_find(statuses, json_string(json_get(container, "name")));
    container_status_read(found, status);
    return found != NULL;
}

/* --- Writing --- */

static void set_slice(struct arena *arena, struct json *object, const char *key, struct slice value)
{
    json_set(arena, object, key, json_new_string(arena, value));
}

static void set_unless_empty(struct arena *arena, struct json *object, const char *key,
                             struct slice value)
{
    if (value.size > 0)
        set_slice(arena, object, key, value);
}

static struct json *end_json(struct arena *arena, const struct container_end *end)
{
    struct json *json = json_new_object(arena);
    json_set_int(arena, json, "exitCode", end->exit_code);
    if (end->signal != 0)
        json_set_int(arena, json, "signal", end->signal);
    set_unless_empty(arena, json, "reason", end->reason);
    set_unless_empty(arena, json, "message", end->message);
    if (end->started_us != 0)
        status_set_time(arena, json, "startedAt", end->started_us);
    if (end->finished_us != 0)
        status_set_time(arena, json, "finishedAt", end->finished_us);
    set_unless_empty(arena, json, "containerID", end->id);
    return json;
}

static struct json *state_json(struct arena *arena, const struct container_status *status)
{
    struct json *state = json_new_object(arena);
    if (status->phase == CONTAINER_RUNNING) {
        struct json *running = json_ensure_object(arena, state, "running");
        status_set_time(arena, running, "startedAt", status->started_us);
    } else if (status->phase == CONTAINER_TERMINATED) {
        json_set(arena, state, "terminated", end_json(arena, &status->end));
    } else {
        struct json *waiting = json_ensure_object(arena, state, "waiting");
        set_unless_empty(arena, waiting, "reason", status->reason);
        set_unless_empty(arena, waiting, "message", status->message);
    }
    return state;
}

/* KEP-1287: what the container asks for and what is in force, told for every container. */
static void set_resources(struct arena *arena, struct json *json, const struct json *container)
{
    const struct json *resources = json_get(container, "resources");
    const struct json *requests = json_get(resources, "requests");
    if (json_count(requests) > 0)
        json_set(arena, json, "allocatedResources", json_copy(arena, requests));
    json_set(arena, json, "resources",
             resources ? json_copy(arena, resources) : json_new_object(arena));
}

/* KEP-3857: how each volume was mounted. Recursive read-only mounts are not offered. */
static void set_mounts(struct arena *arena, struct json *json, const struct json *container)
{
    const struct json *mounts = json_get(container, "volumeMounts");
    if (json_count(mounts) == 0)
        return;
    struct json *list = json_set(arena, json, "volumeMounts", json_new_array(arena));
    JSON_EACH(mount, mounts) {
        struct json *told = json_new_object(arena);
        set_slice(arena, told, "name", json_string(json_get(mount, "name")));
        set_slice(arena, told, "mountPath", json_string(json_get(mount, "mountPath")));
        if (json_bool(json_get(mount, "readOnly"))) {
            json_set_bool(arena, told, "readOnly", true);
            json_set_text(arena, told, "recursiveReadOnly", "Disabled");
        }
        json_append(list, told);
    }
}

struct json *container_status_json(struct arena *arena, const struct container_status *status,
                                   const struct json *container)
{
    struct json *json = json_new_object(arena);
    set_slice(arena, json, "name", status->name);
    json_set(arena, json, "state", state_json(arena, status));
    struct json *last = json_ensure_object(arena, json, "lastState");
    if (status->has_last)
        json_set(arena, last, "terminated", end_json(arena, &status->last));
    json_set_bool(arena, json, "ready", status->is_ready);
    json_set_int(arena, json, "restartCount", status->restart_count);
    set_slice(arena, json, "image", status->image);
    set_slice(arena, json, "imageID", status->image_id);
    set_unless_empty(arena, json, "containerID", status->id);
    json_set_bool(arena, json, "started", status->is_started);
    set_resources(arena, json, container);
    set_mounts(arena, json, container);
    return json;
}
