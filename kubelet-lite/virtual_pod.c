#include "kubelet-lite/virtual_pod.h"

#include "core/clock.h"
#include "core/kinds/duration.h"
#include "core/kinds/facts.h"
#include "core/kinds/meta.h"
#include "core/kinds/pod_resources.h"
#include "kubelet-lite/container_status.h"
#include "kubelet-lite/pod_status.h"
#include "kubelet-lite/restart_policy.h"
#include "kubelet-lite/virtual_lifecycle.h"

enum { EXIT_CODE_TERM = 128 + 15, EXIT_CODE_KILL = 128 + 9 };

/* Where a pod is in its life, told by its status alone. */
enum stage {
    STAGE_NEW,         /* Not accepted yet. */
    STAGE_STARTING,    /* Waits for its start. */
    STAGE_RUNNING,
    STAGE_BACKING_OFF, /* Waits to be started again. */
    STAGE_ENDED,
};

struct container {
    const struct json *spec;
    struct container_status status;
};

struct containers {
    struct container *items;
    size_t count;
};

struct view { /* Of one look. */
    struct virtual_pod_look *look;
    const struct json *spec;
    struct virtual_lifecycle lifecycle;
    struct containers init, regular, ephemeral;
    enum stage stage;
    int64_t accepted_us;
    const char *address;
    const char *config_error; /* Its declared life makes no sense; NULL: it does. */
    const char *reason;       /* The node ends the pod. */
    const char *message;
    bool is_terminal;
};

/* --- Reading --- */

static struct containers read_containers(struct arena *arena, const struct json *specs,
                                         const struct json *statuses, struct slice waiting)
{
    struct containers containers = {ARENA_ARRAY(arena, struct container, json_count(specs) + 1), 0};
    JSON_EACH(spec, specs) {
        struct container *container = &containers.items[containers.count++];
        container->spec = spec;
        if (!container_status_of(statuses, spec, &container->status))
            container->status.reason = waiting;
        container->status.name = json_string(json_get(spec, "name"));
        container->status.image = json_string(json_get(spec, "image"));
    }
    return containers;
}

static enum stage stage_of(const struct view *view)
{
    enum stage stage = view->accepted_us == 0 ? STAGE_NEW : STAGE_STARTING;
    if (pod_status_is_final(view->look->pod))
        return STAGE_ENDED;
    for (size_t i = 0; i < view->regular.count; i++) {
        const struct container_status *status = &view->regular.items[i].status;
        if (status->phase == CONTAINER_RUNNING)
            return STAGE_RUNNING;
        if (status->phase == CONTAINER_TERMINATED || status->has_last)
            stage = STAGE_BACKING_OFF;
    }
    return stage;
}

static void read_pod(struct view *view)
{
    struct arena *arena = view->look->arena;
    const struct json *pod = view->look->pod;
    const struct json *status = json_get(pod, "status");
    view->spec = json_get(pod, "spec");
    const struct json *init = json_get(view->spec, "initContainers");
    struct slice waiting =
        json_count(init) > 0 ? SLICE("PodInitializing") : SLICE("ContainerCreating");
    view->init = read_containers(arena, init, json_get(status, "initContainerStatuses"), waiting);
    view->regular = read_containers(arena, json_get(view->spec, "containers"),
                                    json_get(status, "containerStatuses"), waiting);
    view->ephemeral = read_containers(arena, json_get(view->spec, "ephemeralContainers"),
                                      json_get(status, "ephemeralContainerStatuses"), waiting);
    time_parse(json_string(json_get(status, "startTime")), &view->accepted_us);
    view->address = json_text(json_get(status, "podIP"));
    view->stage = stage_of(view);
}

/* --- Time --- */

static int64_t scaled(const struct view *view, int64_t us)
{
    return us == LIFECYCLE_FOR_EVER ? us : (int64_t)((double)us / view->look->time_scale);
}

static int64_t later(int64_t since_us, int64_t delay_us)
{
    return delay_us > INT64_MAX - since_us ? INT64_MAX : since_us + delay_us;
}

static void keep_earlier(int64_t *due_us, int64_t other_us)
{
    if (other_us < *due_us)
        *due_us = other_us;
}

/* A time of the status, which has whole seconds, or the moment that was noted down for it. */
static int64_t precise(int64_t told_us, int64_t noted_us)
{
    return told_us == noted_us / 1000000 * 1000000 ? noted_us : told_us;
}

/* How long a container waits after its end: nothing the first time, or after a long run. */
static int64_t backoff_us(const struct container_status *status, const struct container_end *end)
{
    bool was_long = end->finished_us - end->started_us >= BACKOFF_FORGET_US;
    return was_long ? 0 : restart_backoff_us(status->restart_count);
}

static int64_t container_due_us(const struct view *view, const struct container_status *status)
{
    int64_t noted_us = view->look->moments.stepped_us;
    if (status->phase == CONTAINER_RUNNING)
        return later(precise(status->started_us, noted_us),
                     scaled(view, view->lifecycle.run_time_us));
    if (status->phase == CONTAINER_WAITING && status->has_last)
        return later(precise(status->last.finished_us, noted_us),
                     scaled(view, backoff_us(status, &status->last)));
    return INT64_MAX;
}

/* When the next step of the pod's life is due. */
static int64_t step_due_us(const struct view *view)
{
    int64_t due_us = INT64_MAX;
    if (view->stage == STAGE_ENDED || view->config_error)
        return INT64_MAX;
    if (view->stage == STAGE_STARTING)
        return later(view->accepted_us, scaled(view, view->lifecycle.start_delay_us));
    for (size_t i = 0; i < view->regular.count; i++)
        keep_earlier(&due_us, container_due_us(view, &view->regular.items[i].status));
    return due_us;
}

static int64_t deadline_us(const struct view *view)
{
    int64_t seconds;
    if (view->stage == STAGE_ENDED ||
        !json_to_int64(json_get(view->spec, "activeDeadlineSeconds"), &seconds))
        return INT64_MAX;
    return later(view->accepted_us, scaled(view, seconds * 1000000));
}

/* stop-delay after its deletion, cut at the grace period. */
static int64_t stop_due_us(const struct view *view)
{
    int64_t grace_us = 0;
    meta_grace_seconds(view->look->pod, &grace_us);
    grace_us *= 1000000;
    int64_t delay_us = view->lifecycle.stop_delay_us;
    return later(view->look->moments.deleted_us,
                 scaled(view, delay_us < grace_us ? delay_us : grace_us));
}

/* --- Steps of a life: they change the containers in view --- */

static struct slice container_id(const struct view *view, const struct container_status *status)
{
    uint64_t hash = facts_hash(facts_hash(0, meta_uid(view->look->pod)), status->name);
    hash = facts_hash(
        hash, (struct slice){(const char *)&status->restart_count, sizeof status->restart_count});
    return slice_of(arena_format(view->look->arena, "virtual://%016llx", (unsigned long long)hash));
}

static void run_container(const struct view *view, struct container_status *status)
{
    if (status->phase == CONTAINER_TERMINATED)
        status->last = status->end;
    if (status->phase == CONTAINER_TERMINATED || status->has_last) {
        status->has_last = true;
        status->restart_count++;
    }
    status->phase = CONTAINER_RUNNING;
    status->started_us = view->look->now_us;
    status->is_ready = status->is_started = true;
    status->id = container_id(view, status);
}

static void end_container(const struct view *view, struct container_status *status,
                          int64_t exit_code)
{
    status->end = (struct container_end){
        .exit_code = exit_code,
        .started_us = status->started_us,
        .finished_us = view->look->now_us,
        .reason = exit_code == 0 ? SLICE("Completed") : SLICE("Error"),
        .id = status->id,
    };
    status->phase = CONTAINER_TERMINATED;
    status->is_ready = status->is_started = false;
}

/* Init containers come and go in no time; sidecars among them stay. */
static void run_init(struct view *view)
{
    for (size_t i = 0; i < view->init.count; i++) {
        struct container *container = &view->init.items[i];
        bool is_sidecar = container_is_sidecar(container->spec);
        if (container->status.phase != CONTAINER_WAITING)
            continue;
        run_container(view, &container->status);
        if (is_sidecar)
            continue;
        end_container(view, &container->status, 0);
        container->status.is_ready = true; /* It has done what it was for. */
    }
}

static void take_address(struct view *view)
{
    struct virtual_pod_look *look = view->look;
    if (*view->address)
        return;
    view->address = json_bool(json_get(view->spec, "hostNetwork"))
                        ? look->host_ip
                        : look->take_address(look->context);
}

static void start_pod(struct view *view)
{
    take_address(view);
    run_init(view);
    for (size_t i = 0; i < view->regular.count; i++)
        if (view->regular.items[i].status.phase == CONTAINER_WAITING)
            run_container(view, &view->regular.items[i].status);
    view->stage = STAGE_RUNNING;
}

static void back_off(const struct view *view, struct container_status *status, int64_t wait_us)
{
    const struct json *metadata = json_get(view->look->pod, "metadata");
    char wait[DURATION_TEXT_SIZE];
    duration_print(wait_us * 1000, wait);
    status->last = status->end;
    status->has_last = true;
    status->phase = CONTAINER_WAITING;
    status->reason = SLICE("CrashLoopBackOff");
    status->message = slice_of(arena_format(
        view->look->arena, "back-off %s restarting failed container=" SLICE_FORMAT " pod=%s_%s(%s)",
        wait, SLICE_ARGS(status->name), json_text(json_get(metadata, "name")),
        json_text(json_get(metadata, "namespace")), json_text(json_get(metadata, "uid"))));
}

/* A run is over: the restart policy says what comes next. */
static void finish_container(const struct view *view, struct container *container)
{
    struct container_status *status = &container->status;
    int64_t exit_code = virtual_lifecycle_exit_code(&view->lifecycle, meta_uid(view->look->pod),
                                                    status->restart_count);
    end_container(view, status, exit_code);
    if (!restart_policy_restarts(view->spec, container->spec, exit_code))
        return;
    int64_t wait_us = backoff_us(status, &status->end);
    if (wait_us > 0)
        back_off(view, status, wait_us);
    else
        run_container(view, status);
}

static void end_running(struct containers *containers, const struct view *view, int64_t exit_code)
{
    for (size_t i = 0; i < containers->count; i++)
        if (containers->items[i].status.phase == CONTAINER_RUNNING)
            end_container(view, &containers->items[i].status, exit_code);
}

/* Sidecars end with the last regular container (KEP-753). */
static void end_sidecars(struct view *view)
{
    for (size_t i = 0; i < view->regular.count; i++)
        if (view->regular.items[i].status.phase != CONTAINER_TERMINATED)
            return;
    end_running(&view->init, view, 0);
    end_running(&view->ephemeral, view, 0);
    view->is_terminal = true;
    view->stage = STAGE_ENDED;
}

static void step_containers(struct view *view)
{
    for (size_t i = 0; i < view->regular.count; i++) {
        struct container *container = &view->regular.items[i];
        if (container_due_us(view, &container->status) > view->look->now_us)
            continue;
        if (container->status.phase == CONTAINER_RUNNING)
            finish_container(view, container);
        else
            run_container(view, &container->status);
    }
    end_sidecars(view);
}

static void end_pod(struct view *view, int64_t exit_code)
{
    end_running(&view->regular, view, exit_code);
    end_running(&view->init, view, exit_code);
    end_running(&view->ephemeral, view, exit_code);
    view->is_terminal = true;
    view->stage = STAGE_ENDED;
}

static void exceed_deadline(struct view *view)
{
    view->reason = "DeadlineExceeded";
    view->message = "Pod was active on the node longer than the specified deadline";
    end_pod(view, EXIT_CODE_KILL);
}

static void refuse_config(struct view *view)
{
    for (size_t i = 0; i < view->regular.count; i++) {
        view->regular.items[i].status.reason = SLICE("CreateContainerConfigError");
        view->regular.items[i].status.message = slice_of(view->config_error);
    }
}

/* Containers that were added to a pod that runs. */
static void run_ephemeral(struct view *view)
{
    if (view->stage != STAGE_RUNNING)
        return;
    for (size_t i = 0; i < view->ephemeral.count; i++)
        if (view->ephemeral.items[i].status.phase == CONTAINER_WAITING)
            run_container(view, &view->ephemeral.items[i].status);
}

static void step(struct view *view)
{
    int64_t now_us = view->look->now_us;
    if (view->stage == STAGE_ENDED)
        return;
    if (deadline_us(view) <= now_us)
        exceed_deadline(view);
    else if (view->config_error)
        refuse_config(view);
    else if (step_due_us(view) > now_us)
        return;
    else if (view->stage == STAGE_STARTING)
        start_pod(view);
    else
        step_containers(view);
    view->look->moments.stepped_us = now_us;
}

/* --- The status --- */

static void add_statuses(struct arena *arena, const struct containers *containers,
                         const char *member, struct json *status)
{
    if (containers->count == 0)
        return;
    struct json *list = json_set(arena, status, member, json_new_array(arena));
    for (size_t i = 0; i < containers->count; i++)
        json_append(list, container_status_json(arena, &containers->items[i].status,
                                                containers->items[i].spec));
}

static void write_status(struct view *view)
{
    struct virtual_pod_look *look = view->look;
    struct arena *arena = look->arena;
    struct json *status = json_new_object(arena);
    struct pod_status_facts facts = {
        .now_us = look->now_us,
        .is_terminal = view->is_terminal,
        .has_sandbox = *view->address && !view->is_terminal,
        .reason = view->reason,
        .message = view->message,
    };
    pod_status_set_address(arena, status, "hostIP", look->host_ip);
    pod_status_set_address(arena, status, "podIP", view->address);
    status_set_time(arena, status, "startTime", view->accepted_us);
    add_statuses(arena, &view->init, "initContainerStatuses", status);
    add_statuses(arena, &view->regular, "containerStatuses", status);
    add_statuses(arena, &view->ephemeral, "ephemeralContainerStatuses", status);
    pod_status_complete(arena, look->pod, status, &facts);
    look->patch = pod_status_patch(arena, look->pod, status);
}

static void accept_pod(struct view *view)
{
    struct virtual_moments *moments = &view->look->moments;
    if (view->stage == STAGE_NEW) {
        view->stage = STAGE_STARTING;
        view->accepted_us = moments->accepted_us = view->look->now_us;
    } else {
        view->accepted_us = precise(view->accepted_us, moments->accepted_us);
    }
}

/* The last containers end, then the object goes; where only finalizers keep it (a grace period
 * of 0), it is not for the node to remove. */
static void stop_pod(struct view *view)
{
    int64_t grace_seconds = 0;
    meta_grace_seconds(view->look->pod, &grace_seconds);
    if (view->stage != STAGE_ENDED)
        end_pod(view, EXIT_CODE_TERM);
    view->look->removes = grace_seconds > 0;
}

static void look_at_deleted(struct view *view)
{
    struct virtual_pod_look *look = view->look;
    if (look->moments.deleted_us == 0)
        look->moments.deleted_us = look->now_us;
    look->due_us = view->stage == STAGE_ENDED ? look->now_us : stop_due_us(view);
    if (look->due_us > look->now_us)
        return;
    bool was_ended = view->stage == STAGE_ENDED;
    look->due_us = INT64_MAX;
    stop_pod(view);
    if (!was_ended)
        write_status(view);
}

void virtual_pod_look(struct virtual_pod_look *look)
{
    struct view view = {.look = look};
    look->patch = NULL;
    look->removes = false;
    read_pod(&view);
    view.config_error = virtual_lifecycle_read(look->arena, look->pod, &view.lifecycle);
    if (view.stage == STAGE_RUNNING || view.stage == STAGE_BACKING_OFF)
        view.config_error = NULL; /* It comes too late to be heeded. */
    accept_pod(&view);
    if (meta_is_deleting(look->pod)) {
        look_at_deleted(&view);
        return;
    }
    look->due_us = INT64_MAX;
    if (view.stage == STAGE_ENDED)
        return;
    step(&view);
    run_ephemeral(&view);
    write_status(&view);
    keep_earlier(&look->due_us, step_due_us(&view));
    keep_earlier(&look->due_us, deadline_us(&view));
}
