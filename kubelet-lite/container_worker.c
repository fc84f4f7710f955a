#include "kubelet-lite/container_worker.h"

#include "core/kinds/duration.h"
#include "core/kinds/facts.h"
#include "core/phase.h"
#include "kubelet-lite/pod_worker.h"
#include "kubelet-lite/restart_policy.h"

static const struct phase phases[] = {
    [RUN_IDLE] = {"idle", TO(RUN_PREPARING) | TO(RUN_UP)},
    [RUN_PREPARING] = {"preparing", TO(RUN_CREATING) | TO(RUN_IDLE)},
    [RUN_CREATING] = {"creating", TO(RUN_STARTING) | TO(RUN_IDLE)},
    [RUN_STARTING] = {"starting", TO(RUN_POST_START) | TO(RUN_UP) | TO(RUN_IDLE)},
    [RUN_POST_START] = {"post-start", TO(RUN_UP) | TO(RUN_STOPPING) | TO(RUN_IDLE)},
    [RUN_UP] = {"up", TO(RUN_PRE_STOP) | TO(RUN_STOPPING) | TO(RUN_IDLE)},
    [RUN_PRE_STOP] = {"pre-stop", TO(RUN_STOPPING) | TO(RUN_IDLE)},
    [RUN_STOPPING] = {"stopping", TO(RUN_IDLE)},
};

enum {
    STOP_MIN_US = 2000000, /* Left for the signal, however long preStop took. */
    REMOVE_AGAIN_US = 1000000,
};

static void move(struct container_worker *worker, enum run_phase phase)
{
    phase_move(phases, &worker->phase, phase);
    pod_worker_poke(worker->pod);
}

static void set_text(char **text, const char *value)
{
    mem_free(*text);
    *text = value ? mem_copy_text(value) : NULL;
}

static struct runtime *runtime_of(const struct container_worker *worker)
{
    return worker->pod->host->runtime;
}

static void tell(struct container_worker *worker, const char *type, const char *reason,
                 const char *message)
{
    const struct pod_host *host = worker->pod->host;
    host->event(host->context, worker->pod, worker->name, type, reason, message);
}

/* --- Life --- */

void container_worker_init(struct container_worker *worker, struct pod_worker *pod,
                           const struct json *spec, enum container_kind kind)
{
    *worker = (struct container_worker){.pod = pod, .kind = kind, .spec = spec, .attempt = -1};
    worker->name = mem_copy_slice(json_string(json_get(spec, "name")));
}

static void release_record(struct run_record *record)
{
    mem_free(record->id);
    mem_free(record->reason);
    mem_free(record->message);
    *record = (struct run_record){0};
}

void container_worker_release(struct container_worker *worker)
{
    PRE(!container_worker_is_busy(worker));
    release_record(&worker->run);
    release_record(&worker->before);
    mem_free(worker->name);
    mem_free(worker->failed_id);
    mem_free(worker->image_id);
    mem_free(worker->wait_reason);
    mem_free(worker->wait_message);
    check_release(&worker->hook);
}

bool container_worker_is_busy(const struct container_worker *worker)
{
    return worker->is_calling || worker->is_hooking || worker->preparation;
}

uint64_t container_worker_image(const struct container_worker *worker)
{
    return facts_hash(0, json_string(json_get(worker->spec, "image")));
}

bool container_worker_is_up(const struct container_worker *worker)
{
    return worker->phase >= RUN_STARTING;
}

bool container_worker_has_ended(const struct container_worker *worker)
{
    return worker->phase == RUN_IDLE && worker->has_run && worker->run.has_ended;
}

/* --- Runs --- */

static void fill_end(struct run_record *record, const struct run *run)
{
    record->started_us = run->started_us;
    record->finished_us = run->finished_us;
    record->exit_code = run->exit_code;
    record->has_ended = true;
    set_text(&record->message, run->message && *run->message ? run->message : NULL);
    set_text(&record->reason, run->was_killed_for_memory ? "OOMKilled"
                              : run->exit_code == 0      ? "Completed"
                                                         : "Error");
}

static void begin_up(struct container_worker *worker)
{
    move(worker, RUN_UP);
    prober_start(&worker->pod->prober, worker);
}

static void begin_record(struct container_worker *worker, const char *id)
{
    if (worker->has_run) {
        release_record(&worker->before);
        worker->before = worker->run;
    }
    worker->run = (struct run_record){.id = mem_copy_text(id)};
    worker->has_run = true;
}

void container_worker_adopt(struct container_worker *worker, const struct run *run)
{
    if (run->attempt <= worker->attempt)
        return;
    if (worker->phase != RUN_IDLE) /* An older one still runs: it is told of by its exit. */
        return;
    begin_record(worker, run->id);
    worker->attempt = run->attempt;
    worker->run.started_us = run->started_us;
    worker->image_hash = container_worker_image(worker);
    if (run->state == RUN_EXITED)
        fill_end(&worker->run, run);
    else
        begin_up(worker);
}

void container_worker_recall(struct container_worker *worker, const struct json *told)
{
    struct container_status status;
    container_status_read(told, &status);
    bool was_running = status.phase == CONTAINER_RUNNING;
    if (worker->has_run ||
        (!was_running && status.phase != CONTAINER_TERMINATED && !status.has_last))
        return;
    const struct container_end *end =
        status.phase == CONTAINER_TERMINATED ? &status.end : &status.last;
    worker->has_run = true;
    worker->attempt = status.restart_count;
    worker->run = (struct run_record){
        .exit_code = was_running ? 137 : end->exit_code,
        .reason =
            was_running ? mem_copy_text("ContainerStatusUnknown") : mem_copy_slice(end->reason),
        .message = was_running ? mem_copy_text("The container could not be located when the pod "
                                               "was terminated")
                               : mem_copy_slice(end->message),
        .started_us = was_running ? status.started_us : end->started_us,
        .finished_us = was_running ? pod_worker_now_us(worker->pod) : end->finished_us,
        .has_ended = true,
        .is_removed = true,
    };
}

/* --- Starting --- */

static void set_waiting(struct container_worker *worker, const char *reason, const char *message)
{
    set_text(&worker->wait_reason, reason);
    set_text(&worker->wait_message, message);
}

/* The next try waits: 10 s, doubling to 5 min, from the start after 10 quiet minutes. */
static void back_off(struct container_worker *worker)
{
    int64_t now_us = pod_worker_now_us(worker->pod);
    bool is_anew = worker->backoff_us == 0 || now_us - worker->backoff_at_us > BACKOFF_FORGET_US;
    worker->backoff_us = is_anew ? BACKOFF_FIRST_US : worker->backoff_us * 2;
    if (worker->backoff_us > BACKOFF_MAX_US)
        worker->backoff_us = BACKOFF_MAX_US;
    worker->backoff_at_us = now_us;
}

static void fail_start(struct container_worker *worker, const char *reason, const char *message)
{
    back_off(worker);
    worker->retry_us = pod_worker_now_us(worker->pod) + worker->backoff_us;
    set_waiting(worker, reason, message);
    tell(worker, "Warning", "Failed", message);
    move(worker, RUN_IDLE);
}

static void forget_preparation(struct container_worker *worker)
{
    arena_release(&worker->preparation->arena);
    mem_free(worker->preparation);
    worker->preparation = NULL;
}

static void begin_call(struct container_worker *worker, void (*done)(struct runtime_call *call))
{
    PRE(!worker->is_calling);
    worker->is_calling = true;
    runtime_call_init(&worker->call, done);
}

static void end_call(struct container_worker *worker)
{
    worker->is_calling = false;
    runtime_call_release(&worker->call);
}

static void fill_target(const struct container_worker *worker, struct check_target *target)
{
    *target = (struct check_target){
        .runtime = runtime_of(worker),
        .container_id = worker->run.id,
        .host = worker->pod->address ? worker->pod->address : "",
        .container = worker->spec,
    };
}

static void run_stop(struct container_worker *worker);

static void post_start_done(struct check *check)
{
    struct container_worker *worker = CONTAINER_OF(check, struct container_worker, hook);
    worker->is_hooking = false;
    if (worker->phase != RUN_POST_START) { /* It has ended meanwhile. */
        pod_worker_poke(worker->pod);
        return;
    }
    if (check->result == CHECK_PASSED) {
        begin_up(worker);
        return;
    }
    tell(worker, "Warning", "FailedPostStartHook", "PostStartHook failed");
    set_waiting(worker, "PostStartHookError", check->message);
    worker->stop_by_us = pod_worker_now_us(worker->pod) + STOP_MIN_US;
    run_stop(worker);
}

static void run_post_start(struct container_worker *worker, const struct json *handler)
{
    struct check_target target;
    fill_target(worker, &target);
    move(worker, RUN_POST_START);
    worker->is_hooking = true;
    check_release(&worker->hook);
    check_start(&worker->hook, &target, handler, INT64_C(3600000000), post_start_done);
}

static void failed_removed(struct runtime_call *call)
{
    struct container_worker *worker = CONTAINER_OF(call, struct container_worker, call);
    end_call(worker);
    set_text(&worker->failed_id, NULL);
    pod_worker_poke(worker->pod);
}

/* It was created but does not start: as if it had never been. */
static void take_back(struct container_worker *worker, const char *message)
{
    set_text(&worker->failed_id, worker->run.id);
    release_record(&worker->run);
    worker->run = worker->before;
    worker->before = (struct run_record){0};
    worker->has_run = worker->run.id != NULL;
    worker->attempt--;
    fail_start(worker, "RunContainerError", message);
}

static void started(struct runtime_call *call)
{
    struct container_worker *worker = CONTAINER_OF(call, struct container_worker, call);
    const struct json *hook = json_at(worker->spec, "lifecycle.postStart");
    if (!status_ok(&call->status) && worker->phase == RUN_STARTING) {
        take_back(worker, call->status.message);
        end_call(worker);
        begin_call(worker, failed_removed);
        runtime_of(worker)->operations->remove_container(runtime_of(worker), worker->failed_id,
                                                         &worker->call);
        return;
    }
    end_call(worker);
    set_waiting(worker, NULL, NULL);
    tell(worker, "Normal", "Started", "Container started");
    if (worker->phase != RUN_STARTING) { /* It was so short that it has ended. */
        pod_worker_poke(worker->pod);
        return;
    }
    worker->run.started_us = pod_worker_now_us(worker->pod);
    if (hook)
        run_post_start(worker, hook);
    else
        begin_up(worker);
}

static void created(struct runtime_call *call)
{
    struct container_worker *worker = CONTAINER_OF(call, struct container_worker, call);
    if (!status_ok(&call->status)) {
        fail_start(worker, "CreateContainerError", call->status.message);
        end_call(worker);
        forget_preparation(worker);
        return;
    }
    begin_record(worker, call->id);
    worker->attempt = worker->preparation->config.attempt;
    end_call(worker);
    forget_preparation(worker);
    tell(worker, "Normal", "Created", "Container created");
    move(worker, RUN_STARTING);
    begin_call(worker, started);
    runtime_of(worker)->operations->start_container(runtime_of(worker), worker->run.id,
                                                    &worker->call);
}

static void prepared(struct preparation *preparation)
{
    struct container_worker *worker = preparation->worker;
    if (preparation->reason) {
        fail_start(worker, preparation->reason, preparation->message);
        forget_preparation(worker);
        return;
    }
    set_text(&worker->image_id, preparation->image_id);
    move(worker, RUN_CREATING);
    begin_call(worker, created);
    runtime_of(worker)->operations->create_container(runtime_of(worker), &preparation->config,
                                                     &worker->call);
}

static void before_removed(struct runtime_call *call)
{
    struct container_worker *worker = CONTAINER_OF(call, struct container_worker, call);
    worker->before.is_removed = true; /* What cannot be removed now goes with the pod. */
    end_call(worker);
    pod_worker_poke(worker->pod);
}

void container_worker_start(struct container_worker *worker)
{
    const struct pod_worker *pod = worker->pod;
    PRE(worker->phase == RUN_IDLE && !container_worker_is_busy(worker));
    if (worker->before.id && !worker->before.is_removed) {
        begin_call(worker, before_removed);
        runtime_of(worker)->operations->remove_container(runtime_of(worker), worker->before.id,
                                                         &worker->call);
        return; /* Asked again then. */
    }
    struct preparation *preparation = mem_alloc(sizeof(*preparation));
    if (container_worker_has_ended(worker))
        back_off(worker);
    preparation->done = prepared;
    preparation->worker = worker;
    arena_init(&preparation->arena);
    preparation->config = (struct container_config){
        .pod = {pod->uid, pod->name, pod->namespace},
        .sandbox_id = pod->sandbox_id,
        .name = worker->name,
        .attempt = worker->attempt + 1,
    };
    worker->preparation = preparation;
    worker->is_ready = worker->is_started = worker->must_rerun = false;
    worker->image_hash = container_worker_image(worker);
    set_waiting(worker, NULL, NULL);
    move(worker, RUN_PREPARING);
    pod->host->prepare_container(pod->host->context, preparation);
}

int64_t container_worker_due_us(const struct container_worker *worker)
{
    int64_t since_us = worker->run.finished_us;
    if (!container_worker_has_ended(worker) || worker->backoff_us == 0 ||
        since_us - worker->backoff_at_us > BACKOFF_FORGET_US)
        return worker->retry_us;
    int64_t due_us = since_us + worker->backoff_us;
    return due_us > worker->retry_us ? due_us : worker->retry_us;
}

void container_worker_hold_back(struct container_worker *worker)
{
    const struct pod_worker *pod = worker->pod;
    char wait[DURATION_TEXT_SIZE];
    struct buffer text = {0};
    if (worker->wait_reason)
        return; /* Told already, or something else is wrong. */
    duration_print(worker->backoff_us * 1000, wait);
    buffer_format(&text, "back-off %s restarting failed container=%s pod=%s_%s(%s)", wait,
                  worker->name, pod->name, pod->namespace, pod->uid);
    set_waiting(worker, "CrashLoopBackOff", text.data);
    buffer_clear(&text);
    buffer_format(&text, "Back-off restarting failed container %s in pod %s_%s(%s)", worker->name,
                  pod->name, pod->namespace, pod->uid);
    tell(worker, "Warning", "BackOff", text.data);
    buffer_release(&text);
}

/* --- Stopping --- */

static void stop_asked(struct runtime_call *call)
{
    struct container_worker *worker = CONTAINER_OF(call, struct container_worker, call);
    if (!status_ok(&call->status))
        tell(worker, "Warning", "FailedKillPod", call->status.message);
    end_call(worker);
    pod_worker_poke(worker->pod);
}

static void run_stop(struct container_worker *worker)
{
    int64_t left_us = worker->stop_by_us - pod_worker_now_us(worker->pod);
    move(worker, RUN_STOPPING);
    begin_call(worker, stop_asked);
    runtime_of(worker)->operations->stop_container(runtime_of(worker), worker->run.id,
                                                   left_us < 0 ? 0 : left_us, &worker->call);
}

static void pre_stop_done(struct check *check)
{
    struct container_worker *worker = CONTAINER_OF(check, struct container_worker, hook);
    int64_t soon_us = pod_worker_now_us(worker->pod) + STOP_MIN_US;
    worker->is_hooking = false;
    if (worker->phase != RUN_PRE_STOP) {
        pod_worker_poke(worker->pod);
        return;
    }
    if (check->result != CHECK_PASSED)
        tell(worker, "Warning", "FailedPreStopHook", "PreStopHook failed");
    if (worker->stop_by_us < soon_us)
        worker->stop_by_us = soon_us;
    run_stop(worker);
}

void container_worker_stop(struct container_worker *worker, int64_t grace_us, const char *why)
{
    const struct json *hook = json_at(worker->spec, "lifecycle.preStop");
    struct check_target target;
    bool is_up = worker->phase == RUN_UP || worker->phase == RUN_POST_START;
    if (!is_up || worker->is_calling)
        return; /* Asked again when it is up. */
    prober_stop(&worker->pod->prober, worker);
    tell(worker, "Normal", "Killing", why);
    worker->stop_by_us = pod_worker_now_us(worker->pod) + grace_us;
    if (!hook || grace_us <= 0 || worker->is_hooking) {
        run_stop(worker);
        return;
    }
    fill_target(worker, &target);
    move(worker, RUN_PRE_STOP);
    worker->is_hooking = true;
    check_release(&worker->hook);
    check_start(&worker->hook, &target, hook, grace_us, pre_stop_done);
}

void container_worker_exited(struct container_worker *worker, const struct run *run)
{
    if (!worker->run.id || strcmp(worker->run.id, run->id) != 0 || worker->run.has_ended)
        return;
    prober_stop(&worker->pod->prober, worker);
    fill_end(&worker->run, run);
    worker->is_ready = worker->is_started = false;
    move(worker, RUN_IDLE);
}

/* --- Removing --- */

static void removed(struct runtime_call *call)
{
    struct container_worker *worker = CONTAINER_OF(call, struct container_worker, call);
    struct run_record *record =
        worker->before.id && !worker->before.is_removed ? &worker->before : &worker->run;
    record->is_removed = status_ok(&call->status);
    if (!record->is_removed)
        worker->pod->retry_us = pod_worker_now_us(worker->pod) + REMOVE_AGAIN_US;
    end_call(worker);
    pod_worker_poke(worker->pod);
}

bool container_worker_remove(struct container_worker *worker)
{
    const struct run_record *record = NULL;
    if (worker->phase != RUN_IDLE || container_worker_is_busy(worker))
        return false;
    if (worker->before.id && !worker->before.is_removed)
        record = &worker->before;
    else if (worker->run.id && !worker->run.is_removed)
        record = &worker->run;
    if (!record)
        return true;
    begin_call(worker, removed);
    runtime_of(worker)->operations->remove_container(runtime_of(worker), record->id, &worker->call);
    return false;
}

/* --- What is told --- */

static struct slice text_of(const char *text)
{
    return text ? slice_of(text) : (struct slice){0};
}

static struct slice id_of(const struct container_worker *worker, struct arena *arena,
                          const struct run_record *record)
{
    if (!record->id)
        return (struct slice){0};
    return slice_of(
        arena_format(arena, "%s://%s", runtime_of(worker)->operations->name, record->id));
}

static void fill_told_end(const struct container_worker *worker, struct arena *arena,
                          const struct run_record *record, struct container_end *end)
{
    *end = (struct container_end){
        .exit_code = record->exit_code,
        .started_us = record->started_us,
        .finished_us = record->finished_us,
        .reason = text_of(record->reason),
        .message = text_of(record->message),
        .id = id_of(worker, arena, record),
    };
}

static void fill_waiting(const struct container_worker *worker, struct arena *arena,
                         struct container_status *status)
{
    bool has_init = json_count(json_at(worker->pod->pod, "spec.initContainers")) > 0;
    status->phase = CONTAINER_WAITING;
    status->reason = worker->wait_reason ? slice_of(worker->wait_reason)
                     : has_init         ? SLICE("PodInitializing")
                                         : SLICE("ContainerCreating");
    status->message = text_of(worker->wait_message);
    status->has_last = worker->has_run && worker->run.has_ended;
    if (status->has_last)
        fill_told_end(worker, arena, &worker->run, &status->last);
}

void container_worker_status(const struct container_worker *worker, struct arena *arena,
                             struct container_status *status)
{
    bool is_running = worker->has_run && !worker->run.has_ended && worker->run.started_us != 0;
    *status = (struct container_status){
        .name = slice_of(worker->name),
        .image = json_string(json_get(worker->spec, "image")),
        .image_id = text_of(worker->image_id),
        .id = id_of(worker, arena, &worker->run),
        .is_ready = worker->is_ready,
        .is_started = worker->is_started,
        .restart_count = worker->attempt > 0 ? worker->attempt : 0,
        .has_last = worker->before.has_ended,
    };
    if (status->has_last)
        fill_told_end(worker, arena, &worker->before, &status->last);
    if (is_running) {
        status->phase = CONTAINER_RUNNING;
        status->started_us = worker->run.started_us;
    } else if (worker->has_run && worker->run.has_ended && !worker->wait_reason) {
        status->phase = CONTAINER_TERMINATED;
        fill_told_end(worker, arena, &worker->run, &status->end);
        status->is_ready = worker->kind == CONTAINER_INIT && worker->run.exit_code == 0;
    } else {
        fill_waiting(worker, arena, status);
    }
}
