#include "controllers/manager.h"

#include "core/client/work_queue.h"
#include "core/json.h"

#define CONTROLLER(name) extern const struct controller controller_##name;
#include "generated/controllers.h"
#undef CONTROLLER

static const struct controller *const rows[] = {
#define CONTROLLER(name) &controller_##name,
#include "generated/controllers.h"
#undef CONTROLLER
    NULL,
};

static const struct controller_options default_options = {0};

enum { REWATCH_US = 1000000, WAIT_AGAIN_US = 5000000 };

/* One watch of one controller. */
struct watching {
    struct client_watch watch;
    struct running *running;
    struct controller_watch what;
    struct timer again; /* After it ended with an error. */
};

/* One controller at work. */
struct running {
    struct manager *manager;
    const struct controller *controller;
    struct client *client;
    struct work_queue *queue;
    struct recorder *recorder;
    void *state;
    struct watching *watchings;
    size_t watch_count;
    /* Of the key under way: */
    struct commit commit;
    struct reconcile reconcile;
    struct arena arena;
    struct snapshot *snapshot;
    bool is_busy;
};

struct manager {
    struct loop *loop;
    const struct registry *registry;
    struct trace *trace;
    const struct operator_word *operator_word;
    const struct controller_options *options;
    struct running *running;
    size_t count;
    size_t busy;
    bool is_stopped;
    void (*stopped)(void *context);
    void *stopped_context;
};

/* --- What controllers say --- */

struct commit_write *reconcile_write(struct reconcile *reconcile, const char *verb,
                                     struct resource_path path, const struct json *body)
{
    if (reconcile->count == reconcile->capacity) {
        size_t capacity = reconcile->capacity * 2 + 8;
        struct commit_write *writes = ARENA_ARRAY(reconcile->arena, struct commit_write, capacity);
        if (reconcile->count > 0)
            memcpy(writes, reconcile->writes, reconcile->count * sizeof(*writes));
        reconcile->writes = writes;
        reconcile->capacity = capacity;
    }
    struct commit_write *write = &reconcile->writes[reconcile->count++];
    struct buffer text = {0};
    if (body)
        json_print(body, &text);
    *write = (struct commit_write){
        .verb = verb,
        .path = path,
        .body = {arena_copy_slice(reconcile->arena, buffer_slice(&text)), text.size},
        .expected = -1,
    };
    buffer_release(&text);
    return write;
}

struct resource_path reconcile_path(const struct kind *kind, struct slice key,
                                    const char *subresource)
{
    return (struct resource_path){
        .group = kind->group,
        .version = kind->version,
        .resource = kind->resource,
        .namespace = key_namespace(key),
        .name = key_name(key),
        .subresource = subresource,
    };
}

void reconcile_add(struct reconcile *reconcile, struct slice key)
{
    struct running *running = reconcile->manager_private;
    work_queue_add(running->queue, key);
}

struct json *reconcile_read(const struct reconcile *reconcile, struct slice key)
{
    const struct object *object = reconcile->snapshot->operations->get(reconcile->snapshot, key);
    if (!object)
        return NULL;
    struct status status;
    status_init(&status);
    struct json *tree = json_parse(reconcile->arena, object_body(object), NULL, &status);
    status_release(&status);
    return tree;
}

/* --- One key --- */

static void free_manager_if_idle(struct manager *manager)
{
    if (!manager->is_stopped || manager->busy > 0)
        return;
    for (size_t i = 0; i < manager->count; i++) {
        struct running *running = &manager->running[i];
        work_queue_destroy(running->queue);
        if (running->controller->release)
            running->controller->release(running->state);
        mem_free(running->state);
        mem_free(running->watchings);
    }
    void (*stopped)(void *context) = manager->stopped;
    void *context = manager->stopped_context;
    mem_free(manager->running);
    mem_free(manager);
    if (stopped)
        stopped(context);
}

static void finish_key(struct running *running, bool failed)
{
    struct manager *manager = running->manager;
    int64_t again_us = running->reconcile.again_us;
    if (running->snapshot)
        running->snapshot->operations->release(running->snapshot);
    running->snapshot = NULL;
    if (again_us > 0 && !failed && !manager->is_stopped)
        work_queue_add_after(running->queue, running->reconcile.key, again_us);
    status_release(&running->commit.status);
    running->is_busy = false;
    manager->busy--;
    work_queue_done(running->queue, failed);
    arena_release(&running->arena);
    free_manager_if_idle(manager);
}

static void committed(struct commit *commit)
{
    struct running *running = CONTAINER_OF(commit, struct running, commit);
    bool failed = !status_ok(&commit->status);
    if (failed)
        log_line(LOG_WARN, "a controller's commit was refused",
                 "controller=%s key=" SLICE_FORMAT " why=\"%s\"", running->controller->name,
                 SLICE_ARGS(running->reconcile.key), commit->status.message);
    finish_key(running, failed);
}

static bool must_wait(const struct running *running)
{
    const struct operator_word *word = running->manager->operator_word;
    return running->controller->waits_for_operator && word && word->must_wait(word->context);
}

static void start_key(struct running *running, struct slice key)
{
    struct manager *manager = running->manager;
    bool head = running->controller->reads_head;
    arena_init(&running->arena);
    running->snapshot = running->client->operations->snapshot(
        running->client, head ? SNAPSHOT_HEAD : SNAPSHOT_COMMITTED);
    running->reconcile = (struct reconcile){
        .key = {arena_copy_slice(&running->arena, key), key.size},
        .snapshot = running->snapshot,
        .registry = manager->registry,
        .now_us = clock_wall_us(loop_clock(manager->loop)),
        .steady_us = clock_steady_us(loop_clock(manager->loop)),
        .state = running->state,
        .recorder = running->recorder,
        .arena = &running->arena,
        .is_retry = work_queue_is_retry(running->queue),
        .operator_word = manager->operator_word,
        .options = manager->options,
        .client = running->client,
        .manager_private = running,
    };
    running->commit = (struct commit){.done = committed};
    status_init(&running->commit.status);
}

static void work(void *context, struct slice key)
{
    struct running *running = context;
    struct manager *manager = running->manager;
    running->is_busy = true;
    manager->busy++;
    loop_note_step(manager->loop, slice_of(running->controller->name));
    start_key(running, key);
    if (must_wait(running))
        running->reconcile.again_us = WAIT_AGAIN_US;
    else if (!manager->is_stopped)
        running->controller->reconcile(&running->reconcile);
    if (!running->reconcile.is_waiting)
        reconcile_end(&running->reconcile, false);
}

void reconcile_end(struct reconcile *reconcile, bool failed)
{
    struct running *running = reconcile->manager_private;
    if (failed || (reconcile->count == 0 && !running->controller->reads_head)) {
        finish_key(running, failed);
        return;
    }
    running->commit.writes = reconcile->writes;
    running->commit.count = reconcile->count;
    running->client->operations->commit(running->client, &running->commit);
}

/* --- Watches --- */

static void start_watch(struct watching *watching)
{
    watching->watch.revision = 0;
    watching->running->client->operations->watch_start(watching->running->client, &watching->watch);
}

static void watch_again(struct timer *timer)
{
    start_watch(CONTAINER_OF(timer, struct watching, again));
}

void controller_event_add(const struct controller_event *event, struct slice key)
{
    struct running *running = event->manager_private;
    work_queue_add(running->queue, key);
}

void controller_event_add_after(const struct controller_event *event, struct slice key,
                                int64_t delay_us)
{
    struct running *running = event->manager_private;
    work_queue_add_after(running->queue, key, delay_us);
}

const struct snapshot *controller_event_snapshot(struct controller_event *event)
{
    struct client *client = ((struct running *)event->manager_private)->client;
    if (!event->taken)
        event->taken = client->operations->snapshot(client, SNAPSHOT_COMMITTED);
    return event->taken;
}

static void look_at(struct running *running, const struct client_event *event)
{
    struct controller_event look = {
        .type = event->type,
        .object = event->object,
        .old = event->old,
        .registry = running->manager->registry,
        .options = running->manager->options,
        .now_us = clock_wall_us(loop_clock(running->manager->loop)),
        .steady_us = clock_steady_us(loop_clock(running->manager->loop)),
        .state = running->state,
        .manager_private = running,
    };
    running->controller->event(&look);
    if (look.taken)
        look.taken->operations->release(look.taken);
}

static void add_key(struct watching *watching, const struct object *object)
{
    struct buffer key = {0};
    watching->what.key(object, &key);
    if (key.size > 0)
        work_queue_add(watching->running->queue, buffer_slice(&key));
    buffer_release(&key);
}

static void on_event(struct client_watch *watch, const struct client_event *event)
{
    struct watching *watching = CONTAINER_OF(watch, struct watching, watch);
    struct running *running = watching->running;
    if (event->type == EVENT_ERROR) {
        log_line(LOG_WARN, "a controller's watch ended", "controller=%s why=\"%s\"",
                 running->controller->name, event->status->message);
        running->client->operations->watch_stop(running->client, watch);
        timer_start_us(&watching->again, REWATCH_US);
        return;
    }
    if (event->object && running->controller->event)
        look_at(running, event);
    else if (event->object)
        add_key(watching, event->object);
}

/* --- Start and stop --- */

static void add_watch(struct running *running, struct controller_watch what)
{
    struct watching *watching = &running->watchings[running->watch_count++];
    watching->running = running;
    watching->what = what;
    timer_init(&watching->again, running->manager->loop, watch_again);
    watching->watch = (struct client_watch){
        .path = {.group = what.group,
                 .version = what.version,
                 .resource = what.resource,
                 .namespace = slice_of(running->controller->namespace)},
        .event = on_event,
    };
    start_watch(watching);
}

static bool can_watch(const struct kind *kind)
{
    uint32_t verbs = kind->verbs ? kind->verbs : (uint32_t)VERBS_ALL;
    return !kind->stored_as && !kind->is_virtual && !kind->is_unserved && (verbs & VERB_WATCH);
}

static void start_watches(struct running *running)
{
    const struct controller *controller = running->controller;
    const struct registry *registry = running->manager->registry;
    size_t count = 0;
    while (controller->watches && controller->watches[count].resource)
        count++;
    running->watchings =
        mem_alloc(sizeof(*running->watchings) * (count + registry_count(registry) + 1));
    for (size_t i = 0; i < count; i++)
        add_watch(running, controller->watches[i]);
    for (size_t i = 0; controller->watches_all && i < registry_count(registry); i++) {
        const struct kind *kind = registry_at(registry, i);
        if (can_watch(kind))
            add_watch(running, (struct controller_watch){.group = kind->group,
                                                         .version = kind->version,
                                                         .resource = kind->resource});
    }
}

static void start_controller(struct running *running, const char *host)
{
    const struct controller *controller = running->controller;
    running->queue = work_queue_create(running->manager->loop, work, running);
    running->recorder = recorder_create(
        running->client, controller->component ? controller->component : controller->name, host);
    running->state = controller->state_size > 0 ? mem_alloc(controller->state_size) : NULL;
    start_watches(running);
    if (controller->first_key)
        work_queue_add(running->queue, slice_of(controller->first_key));
}

struct manager *manager_start(const struct manager_options *options)
{
    struct manager *manager = mem_alloc(sizeof(*manager));
    manager->loop = options->loop;
    manager->registry = options->registry;
    manager->trace = options->trace;
    manager->operator_word = options->operator_word;
    manager->options = options->controllers ? options->controllers : &default_options;
    while (rows[manager->count])
        manager->count++;
    manager->running = mem_alloc(sizeof(*manager->running) * (manager->count + 1));
    for (size_t i = 0; i < manager->count; i++) {
        PRE(rows[i] != NULL);
        struct running *running = &manager->running[i];
        running->manager = manager;
        running->controller = rows[i];
        running->client = options->make_client(options->context, rows[i]->user);
        start_controller(running, options->host);
    }
    return manager;
}

void manager_stop(struct manager *manager, void (*stopped)(void *context), void *context)
{
    if (!manager) {
        if (stopped)
            stopped(context);
        return;
    }
    manager->is_stopped = true;
    manager->stopped = stopped;
    manager->stopped_context = context;
    for (size_t i = 0; i < manager->count; i++) {
        struct running *running = &manager->running[i];
        for (size_t j = 0; j < running->watch_count; j++) {
            timer_stop(&running->watchings[j].again);
            running->client->operations->watch_stop(running->client, &running->watchings[j].watch);
        }
        recorder_destroy(running->recorder);
        running->recorder = NULL;
    }
    free_manager_if_idle(manager);
}
