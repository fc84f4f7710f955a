#include "kubelet-lite/pod_worker.h"

#include "core/clock.h"
#include "core/kinds/meta.h"
#include "core/kinds/pod_resources.h"
#include "core/phase.h"
#include "kubelet-lite/pod_sandbox.h"
#include "kubelet-lite/pod_status.h"
#include "kubelet-lite/restart_policy.h"

static const struct phase phases[] = {
    [POD_SYNCING] = {"syncing", TO(POD_TERMINATING)},
    [POD_TERMINATING] = {"terminating", TO(POD_TERMINATED)},
    [POD_TERMINATED] = {"terminated", TO(POD_CLEANING)},
    [POD_CLEANING] = {"cleaning", TO(POD_GONE)},
    [POD_GONE] = {"gone", 0},
};

#define GRACE_DEFAULT_SECONDS 30

struct pod_tree { /* One version of the pod. */
    struct pod_tree *next;
    struct arena arena;
};

static void poked(struct message *message);
static void timer_fired(struct timer *timer);

int64_t pod_worker_now_us(const struct pod_worker *worker)
{
    return clock_wall_us(loop_clock(worker->host->runtime->loop));
}

void pod_worker_poke(struct pod_worker *worker)
{
    if (worker->is_poked)
        return;
    worker->is_poked = true;
    loop_post(worker->host->runtime->loop, &worker->poke);
}

static void move(struct pod_worker *worker, enum pod_worker_phase phase)
{
    phase_move(phases, &worker->phase, phase);
    pod_worker_poke(worker);
}

/* --- Life --- */

static void free_tree(struct pod_tree *tree)
{
    arena_release(&tree->arena);
    mem_free(tree);
}

static int read_tree(struct pod_worker *worker, struct slice pod, struct status *status)
{
    struct pod_tree *tree = mem_alloc(sizeof(*tree));
    arena_init(&tree->arena);
    const struct json *parsed = json_parse(&tree->arena, pod, NULL, status);
    if (!parsed) {
        free_tree(tree);
        return -1;
    }
    tree->next = worker->trees;
    worker->trees = tree;
    worker->pod = parsed;
    return 0;
}

/* Old versions go when nobody reads them any more. */
static void drop_old_trees(struct pod_worker *worker)
{
    while (worker->trees->next && !pod_worker_is_busy(worker)) {
        struct pod_tree *old = worker->trees->next;
        worker->trees->next = old->next;
        free_tree(old);
    }
}

static void add_containers(struct pod_worker *worker, const struct json *specs,
                           enum container_kind kind)
{
    JSON_EACH(spec, specs)
        container_worker_init(
            &worker->containers[worker->count++], worker, spec,
            kind == CONTAINER_INIT && container_is_sidecar(spec) ? CONTAINER_SIDECAR : kind);
}

static void make_containers(struct pod_worker *worker)
{
    const struct json *spec = json_get(worker->pod, "spec");
    const struct json *init = json_get(spec, "initContainers");
    const struct json *regular = json_get(spec, "containers");
    const struct json *ephemeral = json_get(spec, "ephemeralContainers");
    size_t count = json_count(init) + json_count(regular) + json_count(ephemeral);
    worker->containers = mem_alloc((count + EPHEMERAL_MAX) * sizeof(*worker->containers));
    add_containers(worker, init, CONTAINER_INIT);
    add_containers(worker, regular, CONTAINER_REGULAR);
    add_containers(worker, ephemeral, CONTAINER_EPHEMERAL);
    worker->capacity = count + EPHEMERAL_MAX;
}

struct pod_worker *pod_worker_create(const struct pod_host *host, struct slice pod,
                                     struct status *status)
{
    struct pod_worker *worker = mem_alloc(sizeof(*worker));
    worker->host = host;
    if (read_tree(worker, pod, status)) {
        mem_free(worker);
        return NULL;
    }
    worker->uid = mem_copy_slice(meta_uid(worker->pod));
    worker->name = mem_copy_slice(meta_name(worker->pod));
    worker->namespace = mem_copy_slice(meta_namespace(worker->pod));
    worker->poke.deliver = poked;
    timer_init(&worker->timer, host->runtime->loop, timer_fired);
    prober_init(&worker->prober, worker);
    make_containers(worker);
    if (!time_parse(json_string(json_at(worker->pod, "status.startTime")), &worker->accepted_us))
        worker->accepted_us = pod_worker_now_us(worker);
    worker->is_deleted = meta_is_deleting(worker->pod);
    return worker;
}

bool pod_worker_is_busy(const struct pod_worker *worker)
{
    if (worker->is_calling || worker->preparation || worker->is_cleaning ||
        prober_is_busy(&worker->prober))
        return true;
    for (size_t i = 0; i < worker->count; i++)
        if (container_worker_is_busy(&worker->containers[i]))
            return true;
    return false;
}

void pod_worker_destroy(struct pod_worker *worker)
{
    if (!worker)
        return;
    PRE(!pod_worker_is_busy(worker) && !worker->is_poked);
    timer_stop(&worker->timer);
    for (size_t i = 0; i < worker->count; i++) {
        prober_stop(&worker->prober, &worker->containers[i]);
        container_worker_release(&worker->containers[i]);
    }
    while (worker->trees) {
        struct pod_tree *tree = worker->trees;
        worker->trees = tree->next;
        free_tree(tree);
    }
    mem_free(worker->containers);
    mem_free(worker->uid);
    mem_free(worker->name);
    mem_free(worker->namespace);
    mem_free(worker->sandbox_id);
    mem_free(worker->address);
    mem_free(worker->reason_message);
    mem_free(worker);
}

struct container_worker *pod_worker_container(const struct pod_worker *worker, struct slice name)
{
    for (size_t i = 0; i < worker->count; i++)
        if (slice_is(name, worker->containers[i].name))
            return &worker->containers[i];
    return NULL;
}

/* --- What is learnt --- */

void pod_worker_adopt_sandbox(struct pod_worker *worker, const struct sandbox *sandbox)
{
    worker->sandbox_id = mem_copy_text(sandbox->id);
    worker->address = mem_copy_text(sandbox->address);
    worker->has_sandbox = sandbox->is_ready;
    worker->has_old_sandbox = !sandbox->is_ready;
}

void pod_worker_adopt_run(struct pod_worker *worker, const struct run *run)
{
    struct container_worker *container = pod_worker_container(worker, slice_of(run->name));
    if (container)
        container_worker_adopt(container, run);
}

/* What the last status tells of runs that the runtime does not know. */
static void settle(struct pod_worker *worker)
{
    static const char *const lists[] = {"status.initContainerStatuses", "status.containerStatuses",
                                        "status.ephemeralContainerStatuses"};
    worker->is_settled = true;
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        JSON_EACH(told, json_at(worker->pod, lists[i])) {
            struct container_worker *container =
                pod_worker_container(worker, json_string(json_get(told, "name")));
            if (container)
                container_worker_recall(container, told);
        }
    }
}

static void update_specs(struct pod_worker *worker, const struct json *specs,
                         enum container_kind kind)
{
    JSON_EACH(spec, specs) {
        struct container_worker *container =
            pod_worker_container(worker, json_string(json_get(spec, "name")));
        if (container)
            container->spec = spec;
        else if (kind == CONTAINER_EPHEMERAL && worker->count < worker->capacity)
            container_worker_init(&worker->containers[worker->count++], worker, spec, kind);
    }
}

void pod_worker_update(struct pod_worker *worker, struct slice pod)
{
    struct status status;
    status_init(&status);
    if (read_tree(worker, pod, &status) == 0) {
        const struct json *spec = json_get(worker->pod, "spec");
        update_specs(worker, json_get(spec, "initContainers"), CONTAINER_INIT);
        update_specs(worker, json_get(spec, "containers"), CONTAINER_REGULAR);
        update_specs(worker, json_get(spec, "ephemeralContainers"), CONTAINER_EPHEMERAL);
        worker->is_deleted = worker->is_deleted || meta_is_deleting(worker->pod);
        pod_worker_poke(worker);
    }
    status_release(&status);
}

void pod_worker_forget(struct pod_worker *worker)
{
    worker->is_deleted = worker->is_forgotten = true;
    pod_worker_poke(worker);
}

void pod_worker_end(struct pod_worker *worker, const char *reason, const char *message)
{
    if (worker->reason || worker->phase != POD_SYNCING)
        return;
    worker->reason = reason;
    worker->reason_message = mem_copy_text(message);
    pod_worker_poke(worker);
}

void pod_worker_exited(struct pod_worker *worker, const struct run *run)
{
    struct container_worker *container = pod_worker_container(worker, slice_of(run->name));
    if (container)
        container_worker_exited(container, run);
}

void pod_worker_cleaned(struct pod_worker *worker)
{
    worker->is_cleaning = false;
    worker->is_clean = true;
    pod_worker_poke(worker);
}

void pod_worker_freeze(struct pod_worker *worker)
{
    worker->is_frozen = true;
    timer_stop(&worker->timer);
    for (size_t i = 0; i < worker->count; i++)
        prober_stop(&worker->prober, &worker->containers[i]);
}

/* --- Waiting for time --- */

static void timer_fired(struct timer *timer)
{
    pod_worker_poke(CONTAINER_OF(timer, struct pod_worker, timer));
}

void pod_worker_wait_until(struct pod_worker *worker, int64_t due_us)
{
    if (due_us < worker->due_us)
        worker->due_us = due_us;
}

static void arm_timer(struct pod_worker *worker)
{
    int64_t wait_us = worker->due_us - pod_worker_now_us(worker);
    if (worker->due_us == INT64_MAX)
        timer_stop(&worker->timer);
    else
        timer_start_us(&worker->timer, wait_us > 0 ? wait_us : 0);
}

/* --- Syncing --- */

/* The start of a container that shall run, when its time has come. */
static void start_when_due(struct pod_worker *worker, struct container_worker *container)
{
    if (container->phase != RUN_IDLE || container_worker_is_busy(container))
        return;
    int64_t due_us = container_worker_due_us(container);
    if (due_us <= pod_worker_now_us(worker)) {
        container_worker_start(container);
        return;
    }
    if (container_worker_has_ended(container))
        container_worker_hold_back(container);
    pod_worker_wait_until(worker, due_us);
}

static bool restarts(const struct pod_worker *worker, const struct container_worker *container)
{
    if (container->kind == CONTAINER_EPHEMERAL)
        return false;
    return restart_policy_restarts(json_get(worker->pod, "spec"), container->spec,
                                   container->run.exit_code);
}

static bool has_begun(const struct pod_worker *worker)
{
    for (size_t i = 0; i < worker->count; i++)
        if (worker->containers[i].kind == CONTAINER_REGULAR && worker->containers[i].has_run)
            return true;
    return false;
}

enum init_state { INIT_DONE, INIT_GOES_ON, INIT_FAILED };

static enum init_state sync_init(struct pod_worker *worker, struct container_worker *container)
{
    bool has_ended = container_worker_has_ended(container) && !container->must_rerun;
    if (has_ended && container->run.exit_code == 0)
        return INIT_DONE;
    if (has_ended && !restarts(worker, container))
        return INIT_FAILED;
    start_when_due(worker, container);
    return INIT_GOES_ON;
}

/* In order; each must have ended well, or have started, before the next. */
static enum init_state sync_all_init(struct pod_worker *worker)
{
    bool is_past = has_begun(worker);
    for (size_t i = 0; i < worker->count; i++) {
        struct container_worker *container = &worker->containers[i];
        enum init_state state = INIT_DONE;
        if (container->kind == CONTAINER_SIDECAR) {
            start_when_due(worker, container);
            state = container->is_started || is_past ? INIT_DONE : INIT_GOES_ON;
        } else if (container->kind == CONTAINER_INIT && !is_past) {
            state = sync_init(worker, container);
        }
        if (state != INIT_DONE)
            return state;
    }
    return INIT_DONE;
}

static void restart_changed(struct pod_worker *worker, struct container_worker *container)
{
    struct buffer why = {0};
    if (container->phase != RUN_UP || container->kind == CONTAINER_EPHEMERAL ||
        container->image_hash == container_worker_image(container))
        return;
    buffer_format(&why, "Container %s definition changed, will be restarted", container->name);
    container_worker_stop(container, pod_worker_grace_us(worker), why.data);
    buffer_release(&why);
}

/* Gives false when every regular container has ended for good. */
static bool sync_regular(struct pod_worker *worker)
{
    bool goes_on = false;
    for (size_t i = 0; i < worker->count; i++) {
        struct container_worker *container = &worker->containers[i];
        if (container->kind != CONTAINER_REGULAR && container->kind != CONTAINER_EPHEMERAL)
            continue;
        bool is_over = container_worker_has_ended(container) && !restarts(worker, container);
        goes_on = goes_on || (!is_over && container->kind == CONTAINER_REGULAR);
        restart_changed(worker, container);
        if (!is_over)
            start_when_due(worker, container);
    }
    return goes_on;
}

static bool is_past_deadline(struct pod_worker *worker)
{
    int64_t seconds;
    if (!json_to_int64(json_at(worker->pod, "spec.activeDeadlineSeconds"), &seconds))
        return false;
    int64_t due_us = worker->accepted_us + seconds * 1000000;
    if (due_us <= pod_worker_now_us(worker))
        return true;
    pod_worker_wait_until(worker, due_us);
    return false;
}

static void begin_terminating(struct pod_worker *worker)
{
    worker->stop_by_us = pod_worker_now_us(worker) + pod_worker_grace_us(worker);
    move(worker, POD_TERMINATING);
}

static void sync(struct pod_worker *worker)
{
    if (!worker->reason && is_past_deadline(worker))
        pod_worker_end(worker, "DeadlineExceeded",
                       "Pod was active on the node longer than the specified deadline");
    if (worker->is_deleted || worker->reason || pod_status_is_final(worker->pod)) {
        begin_terminating(worker);
        return;
    }
    if (!pod_sandbox_ensure(worker))
        return;
    enum init_state init = sync_all_init(worker);
    if (init == INIT_FAILED || (init == INIT_DONE && !sync_regular(worker)))
        begin_terminating(worker);
}

/* --- Terminating --- */

int64_t pod_worker_grace_us(const struct pod_worker *worker)
{
    int64_t seconds = GRACE_DEFAULT_SECONDS;
    if (!meta_grace_seconds(worker->pod, &seconds))
        json_to_int64(json_at(worker->pod, "spec.terminationGracePeriodSeconds"), &seconds);
    return (worker->is_forgotten || seconds < 1 ? 1 : seconds) * 1000000;
}

static void stop_container(struct pod_worker *worker, struct container_worker *container)
{
    struct buffer why = {0};
    int64_t left_us = worker->stop_by_us - pod_worker_now_us(worker);
    buffer_format(&why, "Stopping container %s", container->name);
    container_worker_stop(container, left_us > 0 ? left_us : 0, why.data);
    buffer_release(&why);
}

static bool is_quiet(const struct container_worker *container)
{
    return container->phase == RUN_IDLE && !container_worker_is_busy(container);
}

/* Everything but sidecars at once, then those, the last first (KEP-753). */
static bool stop_all(struct pod_worker *worker)
{
    bool all_quiet = true;
    for (size_t i = 0; i < worker->count; i++) {
        struct container_worker *container = &worker->containers[i];
        if (container->kind == CONTAINER_SIDECAR)
            continue;
        if (container_worker_is_up(container))
            stop_container(worker, container);
        all_quiet = all_quiet && is_quiet(container);
    }
    for (size_t i = worker->count; i > 0 && all_quiet; i--) {
        struct container_worker *container = &worker->containers[i - 1];
        if (container_worker_is_up(container))
            stop_container(worker, container);
        all_quiet = is_quiet(container);
    }
    return all_quiet;
}

static void terminate(struct pod_worker *worker)
{
    if (stop_all(worker) && pod_sandbox_stop(worker))
        move(worker, POD_TERMINATED);
}

/* --- Cleaning --- */

static void clean(struct pod_worker *worker)
{
    bool all_removed = true;
    if (pod_worker_is_busy(worker))
        return;
    if (worker->retry_us > pod_worker_now_us(worker)) {
        pod_worker_wait_until(worker, worker->retry_us);
        return;
    }
    for (size_t i = 0; i < worker->count; i++)
        all_removed = container_worker_remove(&worker->containers[i]) && all_removed;
    if (!all_removed || !pod_sandbox_remove(worker))
        return;
    if (worker->is_clean) {
        move(worker, POD_GONE);
        return;
    }
    worker->is_cleaning = true;
    worker->host->clean_pod(worker->host->context, worker);
}

/* --- The step --- */

static void step(struct pod_worker *worker)
{
    worker->due_us = INT64_MAX;
    if (!worker->is_settled)
        settle(worker);
    if (worker->phase == POD_SYNCING)
        sync(worker);
    else if (worker->phase == POD_TERMINATING)
        terminate(worker);
    else if (worker->phase == POD_TERMINATED && worker->is_deleted)
        move(worker, POD_CLEANING);
    else if (worker->phase == POD_CLEANING)
        clean(worker);
    drop_old_trees(worker);
    arm_timer(worker);
}

static void poked(struct message *message)
{
    struct pod_worker *worker = CONTAINER_OF(message, struct pod_worker, poke);
    worker->is_poked = false;
    if (!worker->is_frozen)
        step(worker);
    worker->host->changed(worker->host->context, worker); /* It may free the worker. */
}

/* --- What is told --- */

static void add_statuses(const struct pod_worker *worker, struct arena *arena, struct json *status)
{
    static const char *const members[] = {
        [CONTAINER_INIT] = "initContainerStatuses",
        [CONTAINER_SIDECAR] = "initContainerStatuses",
        [CONTAINER_REGULAR] = "containerStatuses",
        [CONTAINER_EPHEMERAL] = "ephemeralContainerStatuses",
    };
    for (size_t i = 0; i < worker->count; i++) {
        const struct container_worker *container = &worker->containers[i];
        const char *member = members[container->kind];
        struct container_status told;
        struct json *list = json_get(status, member);
        if (!list)
            list = json_set(arena, status, member, json_new_array(arena));
        container_worker_status(container, arena, &told);
        json_append(list, container_status_json(arena, &told, container->spec));
    }
}

struct json *pod_worker_status(const struct pod_worker *worker, struct arena *arena)
{
    struct json *status = json_new_object(arena);
    bool is_terminal = worker->phase >= POD_TERMINATED;
    struct pod_status_facts facts = {
        .now_us = pod_worker_now_us(worker),
        .is_terminal = is_terminal,
        .has_sandbox = worker->has_sandbox,
        .reason = is_terminal ? worker->reason : NULL,
        .message = worker->reason_message,
    };
    bool is_on_host = json_bool(json_at(worker->pod, "spec.hostNetwork"));
    const char *host_ip = worker->host->address;
    pod_status_set_address(arena, status, "hostIP", host_ip);
    pod_status_set_address(arena, status, "podIP", is_on_host ? host_ip : worker->address);
    status_set_time(arena, status, "startTime", worker->accepted_us);
    add_statuses(worker, arena, status);
    pod_status_complete(arena, worker->pod, status, &facts);
    return status;
}
