#include "kubelet-lite/kubelet.h"

#include "core/client/informer.h"
#include "core/client/recorder.h"
#include "core/kinds/meta.h"
#include "core/kinds/view.h"
#include "core/phase.h"
#include "core/trace.h"
#include "kubelet-lite/desired_state.h"
#include "kubelet-lite/status_teller.h"

#define REFRESH_US INT64_C(60000000) /* As upstream's syncFrequency. */

enum { READING, RUNNING, STOPPING, STOPPED };

static const struct phase phases[] = {
    [READING] = {"reading", TO(RUNNING) | TO(STOPPING)},
    [RUNNING] = {"running", TO(STOPPING)},
    [STOPPING] = {"stopping", TO(STOPPED)},
    [STOPPED] = {"stopped", 0},
};

struct kubelet {
    struct loop *loop;
    struct kubelet_options options;
    int phase;
    struct pod_host host;
    struct map pods;               /* By UID: struct kubelet_pod. */
    struct desired_state desired;
    struct informer *informer;
    struct recorder *recorder;
    struct runtime_call listed;    /* What the runtime had at the start; kept until synced. */
    bool is_listed;
    char *field_selector;
    struct timer refresh;
    struct message stop_turn;
    bool is_stop_posted;
    void (*stopped)(void *context);
    void *stopped_context;
};

struct kubelet_pod {
    struct kubelet *kubelet;
    struct pod_worker *worker;
    struct status_teller teller;
    int64_t revision;        /* Of the pod that the worker has; 0: from the disk. */
    uint64_t saved_hash;     /* Of what is on disk. */
    bool is_known;           /* To the API, at the last that was heard. */
};

static void settle(struct kubelet_pod *pod);

/* --- One pod --- */

static struct kubelet_pod *pod_of(struct kubelet *kubelet, const struct pod_worker *worker)
{
    return map_get(&kubelet->pods, slice_of(worker->uid));
}

static bool is_quiet(const struct kubelet_pod *pod)
{
    return !pod_worker_is_busy(pod->worker) && !pod->worker->is_poked &&
           !status_teller_is_busy(&pod->teller);
}

static void free_pod(struct kubelet_pod *pod)
{
    map_remove(&pod->kubelet->pods, slice_of(pod->worker->uid));
    status_teller_release(&pod->teller);
    pod_worker_destroy(pod->worker);
    mem_free(pod);
}

/* The API has its status after a write: newer than what the watch has brought. */
static void take_version(struct kubelet_pod *pod, struct slice text)
{
    struct arena arena;
    struct status status;
    int64_t revision = 0;
    arena_init(&arena);
    status_init(&status);
    const struct json *tree = json_parse(&arena, text, NULL, &status);
    if (tree && meta_revision(tree, &revision, &status) == 0 && revision > pod->revision &&
        slice_is(meta_uid(tree), pod->worker->uid)) {
        pod->revision = revision;
        pod_worker_update(pod->worker, text);
    }
    status_release(&status);
    arena_release(&arena);
}

static void try_to_stop(struct kubelet *kubelet);

static void told(struct status_teller *teller, struct slice text)
{
    struct kubelet_pod *pod = CONTAINER_OF(teller, struct kubelet_pod, teller);
    if (text.size > 0)
        take_version(pod, text);
    try_to_stop(pod->kubelet);
}

static void told_nobody(struct status_teller *teller)
{
    struct kubelet_pod *pod = CONTAINER_OF(teller, struct kubelet_pod, teller);
    if (pod->worker->phase != POD_GONE)
        pod_worker_forget(pod->worker);
    try_to_stop(pod->kubelet);
    settle(pod); /* One that was deleted may have finalizers: the watch says when it has gone. */
}

static void adopt(struct kubelet *kubelet, struct pod_worker *worker)
{
    const struct runtime_list *list = &kubelet->listed.list;
    for (size_t i = 0; i < list->sandbox_count; i++)
        if (strcmp(list->sandboxes[i].pod_uid, worker->uid) == 0 &&
            (!worker->sandbox_id || list->sandboxes[i].is_ready)) {
            mem_free(worker->sandbox_id);
            mem_free(worker->address);
            pod_worker_adopt_sandbox(worker, &list->sandboxes[i]);
        }
    for (size_t i = 0; i < list->run_count; i++)
        if (strcmp(list->runs[i].pod_uid, worker->uid) == 0)
            pod_worker_adopt_run(worker, &list->runs[i]);
}

static struct kubelet_pod *add_pod(struct kubelet *kubelet, struct slice text)
{
    struct status status;
    status_init(&status);
    struct pod_worker *worker = pod_worker_create(&kubelet->host, text, &status);
    status_release(&status);
    if (!worker)
        return NULL;
    struct kubelet_pod *pod = mem_alloc(sizeof(*pod));
    pod->kubelet = kubelet;
    pod->worker = worker;
    status_teller_init(&pod->teller, kubelet->options.client, worker);
    pod->teller.written = told;
    pod->teller.gone = told_nobody;
    map_set(&kubelet->pods, slice_of(worker->uid), pod);
    adopt(kubelet, worker);
    pod_worker_poke(worker);
    return pod;
}

/* --- What is kept on disk --- */

static void save(struct kubelet_pod *pod)
{
    struct arena arena;
    struct buffer text = {0};
    arena_init(&arena);
    struct json *tree = json_copy(&arena, pod->worker->pod);
    struct json *status = pod_worker_status(pod->worker, &arena);
    json_set(&arena, tree, "status", status);
    json_remove(json_get(tree, "metadata"), "managedFields");
    json_print(tree, &text);
    uint64_t hash = map_hash(buffer_slice(&text));
    if (hash != pod->saved_hash) {
        pod->saved_hash = hash;
        desired_state_save(&pod->kubelet->desired, pod->worker->uid, buffer_slice(&text));
    }
    buffer_release(&text);
    arena_release(&arena);
}

/* --- The worker's host --- */

/* A pod that has ended here goes when the API has it no longer. */
static void settle(struct kubelet_pod *pod)
{
    struct kubelet *kubelet = pod->kubelet;
    if (pod->worker->phase != POD_GONE || !is_quiet(pod) || kubelet->phase != RUNNING)
        return;
    if (pod->saved_hash != 0) {
        desired_state_remove(&kubelet->desired, pod->worker->uid);
        pod->saved_hash = 0;
    }
    if (pod->is_known)
        return;
    free_pod(pod);
    if (kubelet->options.all_ended && kubelet->pods.count == 0)
        kubelet->options.all_ended(kubelet->options.host_context);
}

static void changed(void *context, struct pod_worker *worker)
{
    struct kubelet *kubelet = context;
    struct kubelet_pod *pod = pod_of(kubelet, worker);
    if (kubelet->phase != RUNNING) {
        try_to_stop(kubelet);
        return;
    }
    if (worker->phase != POD_GONE)
        save(pod);
    if (pod->is_known)
        status_teller_look(&pod->teller);
    settle(pod);
}

static void event(void *context, struct pod_worker *worker, const char *container, const char *type,
                  const char *reason, const char *message)
{
    struct kubelet *kubelet = context;
    (void)container;
    if (worker->is_forgotten || kubelet->phase != RUNNING)
        return;
    struct event_subject subject = {
        .kind = "Pod",
        .api_version = "v1",
        .namespace = slice_of(worker->namespace),
        .name = slice_of(worker->name),
        .uid = slice_of(worker->uid),
    };
    recorder_event(kubelet->recorder, &subject, type, reason, NULL, "%s", message);
}

static void prepare_pod(void *context, struct pod_preparation *preparation)
{
    const struct kubelet_options *options = &((struct kubelet *)context)->options;
    options->prepare_pod(options->host_context, preparation);
}

static void prepare_container(void *context, struct preparation *preparation)
{
    const struct kubelet_options *options = &((struct kubelet *)context)->options;
    options->prepare_container(options->host_context, preparation);
}

static void clean_pod(void *context, struct pod_worker *worker)
{
    const struct kubelet_options *options = &((struct kubelet *)context)->options;
    options->clean_pod(options->host_context, worker);
}

static void exited(void *context, const struct run *run)
{
    struct kubelet *kubelet = context;
    struct kubelet_pod *pod = map_get(&kubelet->pods, slice_of(run->pod_uid));
    if (pod)
        pod_worker_exited(pod->worker, run);
}

/* --- What the API wants --- */

static void pod_appeared(struct kubelet *kubelet, const struct object *object)
{
    struct kubelet_pod *pod = map_get(&kubelet->pods, view_uid(object));
    if (!pod)
        pod = add_pod(kubelet, object_body(object));
    if (!pod)
        return;
    pod->is_known = true;
    if (object->revision <= pod->revision)
        return; /* A reply to our own write has told more. */
    pod->revision = object->revision;
    pod_worker_update(pod->worker, object_body(object));
}

static void pod_vanished(struct kubelet *kubelet, const struct object *object)
{
    struct kubelet_pod *pod = map_get(&kubelet->pods, view_uid(object));
    if (!pod)
        return;
    pod->is_known = false;
    if (pod->worker->phase != POD_GONE)
        pod_worker_forget(pod->worker);
    settle(pod);
}

static void pod_changed(void *context, const struct object *old, const struct object *new)
{
    bool is_another = old && new && !slice_equal(view_uid(old), view_uid(new));
    if (old && (!new || is_another))
        pod_vanished(context, old);
    if (new)
        pod_appeared(context, new);
}

/* --- What nobody wants --- */

/* A pod made of what the runtime has of it, so that it ends like any other. */
static void add_orphan(struct kubelet *kubelet, const struct sandbox *sandbox)
{
    const struct runtime_list *list = &kubelet->listed.list;
    struct arena arena;
    struct buffer text = {0};
    arena_init(&arena);
    struct json *pod = json_new_object(&arena);
    struct json *metadata = json_ensure_object(&arena, pod, "metadata");
    json_set_text(&arena, metadata, "name", sandbox->pod_name);
    json_set_text(&arena, metadata, "namespace", sandbox->pod_namespace);
    json_set_text(&arena, metadata, "uid", sandbox->pod_uid);
    struct json *spec = json_ensure_object(&arena, pod, "spec");
    struct json *containers = json_set(&arena, spec, "containers", json_new_array(&arena));
    for (size_t i = 0; i < list->run_count; i++) {
        if (strcmp(list->runs[i].pod_uid, sandbox->pod_uid) != 0 ||
            container_status_find(containers, slice_of(list->runs[i].name)))
            continue;
        struct json *container = json_new_object(&arena);
        json_set_text(&arena, container, "name", list->runs[i].name);
        json_append(containers, container);
    }
    json_print(pod, &text);
    struct kubelet_pod *orphan = add_pod(kubelet, buffer_slice(&text));
    if (orphan)
        pod_worker_forget(orphan->worker);
    buffer_release(&text);
    arena_release(&arena);
}

bool kubelet_has_unknown(const struct kubelet *kubelet)
{
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&kubelet->pods, &cursor, &entry)) {
        const struct kubelet_pod *pod = entry.value;
        if (!pod->is_known && !pod->worker->is_forgotten)
            return true;
    }
    return false;
}

void kubelet_let_unknown_go(struct kubelet *kubelet)
{
    size_t cursor = 0;
    struct map_entry entry;
    if (kubelet->phase != RUNNING || !informer_is_synced(kubelet->informer))
        return;
    while (map_next(&kubelet->pods, &cursor, &entry)) {
        struct kubelet_pod *pod = entry.value;
        if (!pod->is_known && !pod->worker->is_forgotten)
            pod_worker_forget(pod->worker);
    }
}

static void forget_list(struct kubelet *kubelet)
{
    kubelet->listed.list = (struct runtime_list){0};
    runtime_call_release(&kubelet->listed);
}

static void add_orphans(struct kubelet *kubelet)
{
    const struct runtime_list *list = &kubelet->listed.list;
    for (size_t i = 0; i < list->sandbox_count; i++)
        if (!map_get(&kubelet->pods, slice_of(list->sandboxes[i].pod_uid)))
            add_orphan(kubelet, &list->sandboxes[i]);
}

/* All of the API's pods are here. Sandboxes without a pod on disk or in the API were never this
 * agent's to keep: they end. Pods on disk that the API lacks wait for kubelet_let_unknown_go(). */
static void synced(void *context)
{
    struct kubelet *kubelet = context;
    add_orphans(kubelet);
    forget_list(kubelet);
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&kubelet->pods, &cursor, &entry))
        status_teller_hurry(&((struct kubelet_pod *)entry.value)->teller);
}

/* --- Keeping volumes current --- */

static void refresh(struct timer *timer)
{
    struct kubelet *kubelet = CONTAINER_OF(timer, struct kubelet, refresh);
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&kubelet->pods, &cursor, &entry)) {
        struct pod_worker *worker = ((struct kubelet_pod *)entry.value)->worker;
        if (worker->phase == POD_SYNCING && worker->has_sandbox)
            kubelet->options.refresh_pod(kubelet->options.host_context, worker);
    }
    timer_start_us(timer, REFRESH_US);
}

/* --- Life --- */

static void add_from_disk(void *context, struct slice text)
{
    struct kubelet *kubelet = context;
    struct kubelet_pod *pod = add_pod(kubelet, text);
    if (pod)
        pod->saved_hash = map_hash(text);
}

static void end_all(struct kubelet *kubelet)
{
    size_t cursor = 0;
    struct map_entry entry;
    add_orphans(kubelet);
    forget_list(kubelet);
    while (map_next(&kubelet->pods, &cursor, &entry))
        pod_worker_forget(((struct kubelet_pod *)entry.value)->worker);
    if (kubelet->pods.count == 0)
        kubelet->options.all_ended(kubelet->options.host_context);
}

static void start_informer(struct kubelet *kubelet)
{
    struct informer_options options = {
        .client = kubelet->options.client,
        .path = {.group = "", .version = "v1", .resource = "pods"},
        .query = kubelet->field_selector,
        .changed = pod_changed,
        .synced = synced,
        .context = kubelet,
    };
    kubelet->informer = informer_start(&options);
}

static void listed(struct runtime_call *call)
{
    struct kubelet *kubelet = CONTAINER_OF(call, struct kubelet, listed);
    kubelet->is_listed = true;
    if (kubelet->phase != READING) {
        try_to_stop(kubelet);
        return;
    }
    if (!status_ok(&call->status))
        log_line(LOG_ERROR, "the runtime does not say what it has", "why=\"%s\"",
                 call->status.message);
    phase_move(phases, &kubelet->phase, RUNNING);
    desired_state_read(&kubelet->desired, add_from_disk, kubelet);
    if (kubelet->options.all_ended) {
        end_all(kubelet);
        return;
    }
    start_informer(kubelet);
    if (kubelet->options.refresh_pod)
        timer_start_us(&kubelet->refresh, REFRESH_US);
}

struct kubelet *kubelet_start(struct loop *loop, const struct kubelet_options *options,
                              struct status *status)
{
    struct kubelet *kubelet = mem_alloc(sizeof(*kubelet));
    struct buffer text = {0};
    kubelet->loop = loop;
    kubelet->options = *options;
    kubelet->phase = READING;
    kubelet->host = (struct pod_host){
        .runtime = options->runtime,
        .address = options->address,
        .context = kubelet,
        .prepare_pod = prepare_pod,
        .prepare_container = prepare_container,
        .clean_pod = clean_pod,
        .event = event,
        .changed = changed,
    };
    map_init(&kubelet->pods);
    timer_init(&kubelet->refresh, loop, refresh);
    buffer_format(&text, "%s/desired", options->directory);
    int failed = desired_state_open(&kubelet->desired, loop, text.data, status);
    buffer_clear(&text);
    buffer_format(&text, "fieldSelector=spec.nodeName%%3D%s", options->node_name);
    kubelet->field_selector = buffer_take(&text);
    if (failed) {
        desired_state_release(&kubelet->desired);
        map_release(&kubelet->pods);
        mem_free(kubelet->field_selector);
        mem_free(kubelet);
        return NULL;
    }
    kubelet->recorder = recorder_create(options->client, "kubelet", options->node_name);
    options->runtime->exited = exited;
    options->runtime->context = kubelet;
    runtime_call_init(&kubelet->listed, listed);
    options->runtime->operations->list(options->runtime, &kubelet->listed);
    return kubelet;
}

static void free_kubelet(void *context)
{
    struct kubelet *kubelet = context;
    void (*stopped)(void *) = kubelet->stopped;
    void *owner = kubelet->stopped_context;
    desired_state_release(&kubelet->desired);
    recorder_destroy(kubelet->recorder);
    forget_list(kubelet);
    map_release(&kubelet->pods);
    mem_free(kubelet->field_selector);
    mem_free(kubelet);
    stopped(owner);
}

static void stop_turn(struct message *message)
{
    struct kubelet *kubelet = CONTAINER_OF(message, struct kubelet, stop_turn);
    size_t cursor = 0;
    struct map_entry entry;
    kubelet->is_stop_posted = false;
    while (map_next(&kubelet->pods, &cursor, &entry))
        if (!is_quiet(entry.value))
            return;
    if (kubelet->phase != STOPPING || !kubelet->is_listed)
        return;
    phase_move(phases, &kubelet->phase, STOPPED);
    for (cursor = 0; map_next(&kubelet->pods, &cursor, &entry); cursor = 0)
        free_pod(entry.value);
    desired_state_when_idle(&kubelet->desired, free_kubelet, kubelet);
}

static void try_to_stop(struct kubelet *kubelet)
{
    if (kubelet->phase != STOPPING || kubelet->is_stop_posted)
        return;
    kubelet->is_stop_posted = true;
    kubelet->stop_turn.deliver = stop_turn;
    loop_post(kubelet->loop, &kubelet->stop_turn);
}

void kubelet_stop(struct kubelet *kubelet, void (*stopped_fn)(void *context), void *context)
{
    kubelet->stopped = stopped_fn;
    kubelet->stopped_context = context;
    phase_move(phases, &kubelet->phase, STOPPING);
    informer_stop(kubelet->informer);
    kubelet->informer = NULL;
    timer_stop(&kubelet->refresh);
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&kubelet->pods, &cursor, &entry)) {
        struct kubelet_pod *pod = entry.value;
        pod_worker_freeze(pod->worker);
        status_teller_stop(&pod->teller);
    }
    try_to_stop(kubelet);
}

/* --- Asking --- */

struct pod_worker *kubelet_find_pod(struct kubelet *kubelet, struct slice namespace,
                                    struct slice name)
{
    struct pod_worker *found = NULL;
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&kubelet->pods, &cursor, &entry)) {
        struct pod_worker *worker = ((struct kubelet_pod *)entry.value)->worker;
        if (slice_is(namespace, worker->namespace) && slice_is(name, worker->name) &&
            (!found || found->accepted_us < worker->accepted_us))
            found = worker;
    }
    return found;
}

size_t kubelet_pod_count(const struct kubelet *kubelet)
{
    return kubelet->pods.count;
}

void kubelet_each_pod(struct kubelet *kubelet,
                      void (*each)(void *context, struct pod_worker *worker), void *context)
{
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&kubelet->pods, &cursor, &entry))
        each(context, ((struct kubelet_pod *)entry.value)->worker);
}

bool kubelet_is_synced(const struct kubelet *kubelet)
{
    return kubelet->informer && informer_is_synced(kubelet->informer);
}
