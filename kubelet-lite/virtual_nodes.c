#include "kubelet-lite/virtual_nodes.h"

#include <math.h>

#include "core/clock.h"
#include "kubelet-lite/node_shape.h"
#include "kubelet-lite/node_status.h"
#include "kubelet-lite/virtual_node_set.h"
#include "kubelet-lite/virtual_pods.h"
#include "kubelet-lite/virtual_server.h"

enum {
    COUNT_MAX = 100000,
    BATCH_WRITES = 32,       /* Keeps a step of the loop short. */
    BATCHES_UNDER_WAY = 32,  /* More wait: the disk is slower than we are. */
    STEP_US = 1000,
    RETRY_US = 1000000,
};

struct virtual_nodes {
    struct client *client;
    struct arena arena;          /* Of the shape. */
    struct virtual_node_set set;
    struct virtual_pods pods;
    struct virtual_server *server; /* Answers for them. */
    struct client_watch node_watch;
    struct client_watch pod_watch;
    struct client_watch *broken[2]; /* Ended; started anew when the retry timer fires. */
    struct timer lease_timer;
    struct timer due_timer;      /* Of pods. */
    struct timer retry_timer;    /* While it runs nothing is written. */
    struct message message;
    bool is_posted;
    bool is_watching_pods;
    bool has_strangers;          /* Pods were seen that are bound to a node not known. */
    bool is_stopped;
    int batches;                 /* Under way. */
    int64_t commits;
};

/* --- Turns of the loop --- */

static int64_t now_us(const struct virtual_nodes *nodes)
{
    return clock_wall_us(loop_clock(nodes->client->loop));
}

static bool has_work(const struct virtual_nodes *nodes)
{
    return virtual_node_set_must_register(&nodes->set) ||
           virtual_node_set_must_report(&nodes->set) || virtual_node_set_must_renew(&nodes->set) ||
           virtual_pods_have_work(&nodes->pods, now_us(nodes));
}

/* Sees to it that a step follows, now or when the next pod is due. */
static void post(struct virtual_nodes *nodes)
{
    if (nodes->is_posted || nodes->is_stopped || nodes->batches >= BATCHES_UNDER_WAY ||
        timer_is_running(&nodes->retry_timer))
        return;
    int64_t due_us = virtual_pods_due_us(&nodes->pods);
    if (has_work(nodes)) {
        nodes->is_posted = true;
        loop_post(nodes->client->loop, &nodes->message);
    } else if (due_us == INT64_MAX) {
        timer_stop(&nodes->due_timer);
    } else {
        int64_t wait_us = due_us - now_us(nodes);
        timer_start_us(&nodes->due_timer, wait_us > 0 ? wait_us : 0);
    }
}

static void destroy_if_idle(struct virtual_nodes *nodes)
{
    if (!nodes->is_stopped || nodes->is_posted || nodes->batches > 0)
        return;
    virtual_pods_release(&nodes->pods);
    virtual_node_set_release(&nodes->set);
    arena_release(&nodes->arena);
    mem_free(nodes);
}

struct turn { /* One batch; in the batch's arena. */
    struct virtual_nodes *nodes;
    write_ended_fn *ended;
    void *context;
};

static void wait_after_failure(struct virtual_nodes *nodes, const struct status *status)
{
    if (timer_is_running(&nodes->retry_timer) || nodes->is_stopped)
        return;
    log_line(LOG_WARN, "virtual nodes cannot write", "why=\"%s\"", status->message);
    timer_start_us(&nodes->retry_timer, RETRY_US);
}

static void write_ended(void *context, void *owner, enum write_outcome outcome,
                        const struct status *status)
{
    const struct turn *turn = context;
    bool registers = turn->ended == virtual_node_set_register_ended;
    if (outcome == WRITE_FAILED || (registers && outcome != WRITE_DONE))
        wait_after_failure(turn->nodes, status);
    turn->ended(turn->context, owner, outcome, status);
}

static void turn_finished(void *context)
{
    struct virtual_nodes *nodes = ((struct turn *)context)->nodes;
    nodes->batches--;
    post(nodes);
    destroy_if_idle(nodes);
}

/* Fills a batch with work of one sort, so that those of Leases stay relaxed. */
static void fill(struct virtual_nodes *nodes, struct write_batch *batch, struct turn *turn)
{
    *turn = (struct turn){.nodes = nodes, .context = &nodes->set};
    if (virtual_node_set_must_register(&nodes->set)) {
        virtual_node_set_register(&nodes->set, batch);
        turn->ended = virtual_node_set_register_ended;
    } else if (virtual_node_set_must_report(&nodes->set)) {
        virtual_node_set_report(&nodes->set, batch);
        turn->ended = virtual_node_set_report_ended;
    } else if (virtual_node_set_must_renew(&nodes->set)) {
        virtual_node_set_renew(&nodes->set, batch);
        turn->ended = virtual_node_set_renew_ended;
    } else {
        struct clock *clock = loop_clock(nodes->client->loop);
        virtual_pods_fill(&nodes->pods, batch, clock_steady_us(clock) + STEP_US);
        turn->context = &nodes->pods;
        turn->ended = virtual_pods_ended;
    }
}

static void step(struct message *message)
{
    struct virtual_nodes *nodes = CONTAINER_OF(message, struct virtual_nodes, message);
    nodes->is_posted = false;
    if (nodes->is_stopped) {
        destroy_if_idle(nodes);
        return;
    }
    struct write_batch *batch = write_batch_create(nodes->client, BATCH_WRITES);
    struct turn *turn = ARENA_NEW(write_batch_arena(batch), struct turn);
    fill(nodes, batch, turn);
    if (write_batch_count(batch) > 0) {
        nodes->batches++;
        nodes->commits++;
    }
    write_batch_commit(batch, write_ended, turn_finished, turn);
    post(nodes);
}

/* --- Timers --- */

static void lease_fired(struct timer *timer)
{
    struct virtual_nodes *nodes = CONTAINER_OF(timer, struct virtual_nodes, lease_timer);
    nodes->set.lease_round++;
    timer_start_us(&nodes->lease_timer, NODE_LEASE_PERIOD_US);
    post(nodes);
}

static void due_fired(struct timer *timer)
{
    post(CONTAINER_OF(timer, struct virtual_nodes, due_timer));
}

/* --- Watches --- */

static const char *host_ip(void *context, struct slice node_name)
{
    return virtual_node_set_address(context, node_name);
}

static void start_watch(struct virtual_nodes *nodes, struct client_watch *watch)
{
    if (watch == &nodes->node_watch)
        virtual_node_set_list_begins(&nodes->set);
    else
        nodes->has_strangers = false;
    nodes->client->operations->watch_start(nodes->client, watch);
}

/* It starts anew, from what is there then, after a moment. */
static void watch_ended(struct virtual_nodes *nodes, struct client_watch *watch,
                        const struct status *status)
{
    log_line(LOG_WARN, "a watch of virtual nodes ended", "resource=%s why=\"%s\"",
             watch->path.resource, status->message);
    nodes->client->operations->watch_stop(nodes->client, watch);
    nodes->broken[watch == &nodes->pod_watch] = watch;
    timer_start_us(&nodes->retry_timer, RETRY_US);
}

static void retry_fired(struct timer *timer)
{
    struct virtual_nodes *nodes = CONTAINER_OF(timer, struct virtual_nodes, retry_timer);
    for (size_t i = 0; i < ARRAY_SIZE(nodes->broken); i++) {
        if (nodes->broken[i])
            start_watch(nodes, nodes->broken[i]);
        nodes->broken[i] = NULL;
    }
    post(nodes);
}

/* All pods anew: some may be bound to a node that was not known before. */
static void list_pods(struct virtual_nodes *nodes)
{
    if (nodes->broken[1])
        return; /* That is what it waits for. */
    if (nodes->is_watching_pods)
        nodes->client->operations->watch_stop(nodes->client, &nodes->pod_watch);
    nodes->is_watching_pods = true;
    start_watch(nodes, &nodes->pod_watch);
}

static void pod_event(struct client_watch *watch, const struct client_event *event)
{
    struct virtual_nodes *nodes = CONTAINER_OF(watch, struct virtual_nodes, pod_watch);
    if (event->type == EVENT_ERROR)
        watch_ended(nodes, watch, event->status);
    else if (event->type == EVENT_DELETED)
        virtual_pods_removed(&nodes->pods, event->object);
    else if (event->type != EVENT_BOOKMARK && !virtual_pods_changed(&nodes->pods, event->object))
        nodes->has_strangers = true;
    post(nodes);
}

static void nodes_listed(struct virtual_nodes *nodes)
{
    virtual_node_set_list_ends(&nodes->set);
    if (!nodes->is_watching_pods)
        list_pods(nodes);
}

static void node_event(struct client_watch *watch, const struct client_event *event)
{
    struct virtual_nodes *nodes = CONTAINER_OF(watch, struct virtual_nodes, node_watch);
    if (event->type == EVENT_ERROR)
        watch_ended(nodes, watch, event->status);
    else if (event->type == EVENT_DELETED)
        virtual_node_set_removed(&nodes->set, key_name(object_key(event->object)));
    else if (event->type == EVENT_BOOKMARK)
        nodes_listed(nodes);
    else if (virtual_node_set_changed(&nodes->set, event->object) && nodes->has_strangers)
        list_pods(nodes);
    post(nodes);
}

/* --- Life --- */

static int check_options(const struct virtual_nodes_options *options, struct status *status)
{
    if (options->count < 0 || options->count > COUNT_MAX)
        return status_fail(status, STATUS_BAD_REQUEST, "virtual nodes: 0 to %d, not %d", COUNT_MAX,
                           options->count);
    if (!isfinite(options->time_scale) || options->time_scale < 0)
        return status_fail(status, STATUS_BAD_REQUEST, "time scale: must be greater than 0");
    return 0;
}

static void init_watch(struct client_watch *watch, const char *resource,
                       void (*event)(struct client_watch *, const struct client_event *))
{
    *watch = (struct client_watch){
        .path = {.group = "", .version = "v1", .resource = resource},
        .event = event,
    };
}

static void init_timers(struct virtual_nodes *nodes)
{
    struct loop *loop = nodes->client->loop;
    timer_init(&nodes->lease_timer, loop, lease_fired);
    timer_init(&nodes->due_timer, loop, due_fired);
    timer_init(&nodes->retry_timer, loop, retry_fired);
    timer_start_us(&nodes->lease_timer, NODE_LEASE_PERIOD_US);
}

struct virtual_nodes *virtual_nodes_start(const struct virtual_nodes_options *options,
                                          struct status *status)
{
    struct arena arena;
    arena_init(&arena);
    const struct json *shape = NULL;
    if (check_options(options, status) == 0)
        shape = node_shape_parse(&arena, options->shape, status);
    if (!shape) {
        arena_release(&arena);
        return NULL;
    }
    struct virtual_nodes *nodes = mem_alloc(sizeof(*nodes));
    double time_scale = options->time_scale > 0 ? options->time_scale : 1;
    nodes->client = options->client;
    nodes->arena = arena;
    nodes->message.deliver = step;
    virtual_node_set_init(&nodes->set, options->client, options->trace, shape, options->count);
    virtual_pods_init(&nodes->pods, options->client, options->trace, time_scale);
    nodes->pods.host_ip = host_ip;
    nodes->pods.context = &nodes->set;
    init_timers(nodes);
    init_watch(&nodes->node_watch, "nodes", node_event);
    init_watch(&nodes->pod_watch, "pods", pod_event);
    start_watch(nodes, &nodes->node_watch);
    nodes->server = virtual_server_open(options->client);
    return nodes;
}

bool virtual_nodes_has(const struct virtual_nodes *nodes, struct slice name)
{
    return virtual_node_set_address(&nodes->set, name) != NULL;
}

struct stream *virtual_nodes_connect(struct virtual_nodes *nodes)
{
    return virtual_server_connect(nodes->server);
}

void virtual_nodes_stop(struct virtual_nodes *nodes)
{
    if (!nodes)
        return;
    nodes->is_stopped = true;
    virtual_server_close(nodes->server);
    timer_stop(&nodes->lease_timer);
    timer_stop(&nodes->due_timer);
    timer_stop(&nodes->retry_timer);
    nodes->client->operations->watch_stop(nodes->client, &nodes->node_watch);
    if (nodes->is_watching_pods)
        nodes->client->operations->watch_stop(nodes->client, &nodes->pod_watch);
    destroy_if_idle(nodes);
}

struct virtual_nodes_counts virtual_nodes_counts(const struct virtual_nodes *nodes)
{
    return (struct virtual_nodes_counts){
        .nodes = (int64_t)nodes->set.by_name.count,
        .commits = nodes->commits,
        .pod_writes = nodes->pods.writes,
        .waiting_pods = (int64_t)nodes->pods.pods.count,
    };
}
