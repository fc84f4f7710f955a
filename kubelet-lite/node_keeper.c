#include "kubelet-lite/node_keeper.h"

#include "core/kinds/meta.h"
#include "core/phase.h"
#include "core/trace.h"

enum { ASKING, CREATING, LABELLING, LEASING, MAKING_LEASE, PATCHING, RESTING, STOPPED };

static const struct phase phases[] = {
    [ASKING] = {"asking", TO(CREATING) | TO(LABELLING) | TO(LEASING) | TO(PATCHING) | TO(RESTING) |
                              TO(STOPPED)},
    [CREATING] = {"creating", TO(LEASING) | TO(RESTING) | TO(STOPPED)},
    [LABELLING] = {"labelling", TO(LEASING) | TO(RESTING) | TO(STOPPED)},
    [LEASING] = {"leasing",
                 TO(ASKING) | TO(MAKING_LEASE) | TO(PATCHING) | TO(RESTING) | TO(STOPPED)},
    [MAKING_LEASE] = {"making lease", TO(PATCHING) | TO(RESTING) | TO(STOPPED)},
    [PATCHING] = {"patching", TO(RESTING) | TO(STOPPED)},
    [RESTING] = {"resting", TO(ASKING) | TO(LEASING) | TO(STOPPED)},
    [STOPPED] = {"stopped", 0},
};

#define WAIT_FIRST_US INT64_C(1000000)
#define ASK_PERIOD_US INT64_C(300000000) /* What others have made of the Node is read anew. */

struct node_keeper {
    struct loop *loop;
    struct node_keeper_options options;
    int phase;
    struct call call;
    bool is_calling;
    struct buffer body;
    struct arena node_arena;
    struct json *node;      /* As the API has it; NULL: not known. */
    char *uid;
    int64_t asked_us;       /* Steady. */
    int64_t leased_us;      /* When the Lease was last renewed; 0: never. */
    int64_t wait_us;
    bool is_hurried;
    struct timer timer;
    void (*stopped)(void *context);
    void *stopped_context;
};

static void step(struct node_keeper *keeper);

static void move(struct node_keeper *keeper, int phase)
{
    phase_move(phases, &keeper->phase, phase);
}

static int64_t wall_us(const struct node_keeper *keeper)
{
    return clock_wall_us(loop_clock(keeper->loop));
}
static int64_t steady_us(const struct node_keeper *keeper)
{
    return clock_steady_us(loop_clock(keeper->loop));
}

/* --- Calls --- */

static void call_done(struct call *call);

static void ask(struct node_keeper *keeper, const char *verb, struct resource_path path,
                enum patch_type patch, const struct json *body)
{
    buffer_clear(&keeper->body);
    if (body)
        json_print(body, &keeper->body);
    keeper->is_calling = true;
    call_init(&keeper->call);
    keeper->call.verb = verb;
    keeper->call.path = path;
    keeper->call.patch_type = patch;
    keeper->call.body = buffer_slice(&keeper->body);
    keeper->call.done = call_done;
    client_call(keeper->options.client, &keeper->call);
}

static struct resource_path node_path(const struct node_keeper *keeper, const char *subresource)
{
    return (struct resource_path){.group = "",
                                  .version = "v1",
                                  .resource = "nodes",
                                  .name = slice_of(keeper->options.name),
                                  .subresource = subresource};
}

static struct resource_path lease_path(const struct node_keeper *keeper, bool is_named)
{
    return (struct resource_path){.group = "coordination.k8s.io",
                                  .version = "v1",
                                  .resource = "leases",
                                  .namespace = SLICE(NODE_LEASE_NAMESPACE),
                                  .name = is_named ? slice_of(keeper->options.name) : SLICE("")};
}

/* --- What is asked --- */

static void ask_node(struct node_keeper *keeper)
{
    move(keeper, ASKING);
    keeper->asked_us = steady_us(keeper);
    ask(keeper, "get", node_path(keeper, NULL), PATCH_NONE, NULL);
}

static void create_node(struct node_keeper *keeper)
{
    const struct node_keeper_options *options = &keeper->options;
    struct node_report report = {.name = options->name};
    struct arena arena;
    struct resource_path path = node_path(keeper, NULL);
    arena_init(&arena);
    options->report(options->context, &report);
    struct json *body =
        node_body(&arena, &report, options->labels, options->annotations, wall_us(keeper));
    if (options->taints)
        json_set(&arena, json_ensure_object(&arena, body, "spec"), "taints",
                 json_copy(&arena, options->taints));
    path.name = SLICE("");
    move(keeper, CREATING);
    ask(keeper, "create", path, PATCH_NONE, body);
    arena_release(&arena);
}

/* A merge patch with the labels that the Node lacks or has otherwise; NULL: none. */
static struct json *label_patch(const struct node_keeper *keeper, struct arena *arena)
{
    struct node_report report = {.name = keeper->options.name};
    keeper->options.report(keeper->options.context, &report);
    struct json *wanted =
        json_at(node_body(arena, &report, keeper->options.labels, NULL, wall_us(keeper)),
                "metadata.labels");
    const struct json *had = json_at(keeper->node, "metadata.labels");
    struct json *patch = json_new_object(arena);
    struct json *labels =
        json_ensure_object(arena, json_ensure_object(arena, patch, "metadata"), "labels");
    JSON_EACH(label, wanted)
        if (!slice_equal(json_string(json_get_slice(had, json_key(label))), json_string(label)))
            json_set_slice(arena, labels, json_key(label), json_copy(arena, label));
    return json_count(labels) > 0 ? patch : NULL;
}

static bool label_node(struct node_keeper *keeper)
{
    struct arena arena;
    arena_init(&arena);
    const struct json *patch = label_patch(keeper, &arena);
    if (patch) {
        move(keeper, LABELLING);
        ask(keeper, "patch", node_path(keeper, NULL), PATCH_MERGE, patch);
    }
    arena_release(&arena);
    return patch != NULL;
}

static void renew_lease(struct node_keeper *keeper)
{
    struct arena arena;
    arena_init(&arena);
    move(keeper, LEASING);
    ask(keeper, "patch", lease_path(keeper, true), PATCH_MERGE,
        node_lease_patch(&arena, keeper->options.name, wall_us(keeper)));
    arena_release(&arena);
}

static void make_lease(struct node_keeper *keeper)
{
    struct arena arena;
    arena_init(&arena);
    move(keeper, MAKING_LEASE);
    ask(keeper, "create", lease_path(keeper, false), PATCH_NONE,
        node_lease_body(&arena, keeper->options.name, keeper->uid, wall_us(keeper)));
    arena_release(&arena);
}

static void rest(struct node_keeper *keeper, int64_t wait_us)
{
    move(keeper, RESTING);
    timer_start_us(&keeper->timer, wait_us);
}

/* The status, where it differs from what the machine is now. */
static void patch_status(struct node_keeper *keeper)
{
    struct node_report report = {.name = keeper->options.name};
    struct arena arena;
    arena_init(&arena);
    keeper->is_hurried = false;
    keeper->options.report(keeper->options.context, &report);
    const struct json *patch = node_status_patch(&arena, keeper->node, &report, wall_us(keeper));
    if (patch) {
        move(keeper, PATCHING);
        ask(keeper, "patch", node_path(keeper, "status"), PATCH_STRATEGIC, patch);
    } else {
        rest(keeper, NODE_LEASE_PERIOD_US);
    }
    arena_release(&arena);
}

/* --- What is answered --- */

static void take_node(struct node_keeper *keeper, struct slice reply)
{
    struct status status;
    status_init(&status);
    arena_release(&keeper->node_arena);
    arena_init(&keeper->node_arena);
    keeper->node = json_parse(&keeper->node_arena, reply, NULL, &status);
    status_release(&status);
    if (!keeper->node)
        return;
    mem_free(keeper->uid);
    keeper->uid = mem_copy_slice(meta_uid(keeper->node));
    if (keeper->options.seen)
        keeper->options.seen(keeper->options.context, keeper->node);
}

static void fail(struct node_keeper *keeper, const struct status *status)
{
    if (keeper->wait_us == 0) /* Once, not at each try. */
        log_line(LOG_WARN, "the node is not kept in the API", "while=\"%s\" why=\"%s\"",
                 phases[keeper->phase].name, status->message);
    keeper->wait_us = keeper->wait_us == 0 ? WAIT_FIRST_US : keeper->wait_us * 2;
    if (keeper->wait_us > NODE_LEASE_PERIOD_US)
        keeper->wait_us = NODE_LEASE_PERIOD_US;
    if (status->code == 404)
        keeper->node = NULL; /* It was deleted: asked anew, and made again. */
    rest(keeper, keeper->wait_us);
}

static void answer_asking(struct node_keeper *keeper, const struct status *status)
{
    if (status->code == 404) {
        create_node(keeper);
        return;
    }
    if (!status_ok(status)) {
        fail(keeper, status);
        return;
    }
    take_node(keeper, keeper->call.reply);
    if (!keeper->node || !label_node(keeper))
        renew_lease(keeper);
}

static void answer_leasing(struct node_keeper *keeper, const struct status *status)
{
    if (status->code == 404 && keeper->phase == LEASING) {
        bool was_there = keeper->leased_us != 0; /* Gone: with its Node, perhaps. */
        keeper->leased_us = 0;
        if (was_there)
            ask_node(keeper);
        else
            make_lease(keeper);
        return;
    }
    if (!status_ok(status)) {
        fail(keeper, status);
        return;
    }
    if (keeper->wait_us > 0)
        log_line(LOG_INFO, "the node is kept in the API", "node=%s", keeper->options.name);
    keeper->wait_us = 0;
    keeper->leased_us = steady_us(keeper);
    if (keeper->node)
        patch_status(keeper);
    else
        rest(keeper, 0);
}

static void take_answer(struct node_keeper *keeper, const struct status *status)
{
    switch (keeper->phase) {
    case ASKING: answer_asking(keeper, status); return;
    case LEASING:
    case MAKING_LEASE: answer_leasing(keeper, status); return;
    default: break;
    }
    if (!status_ok(status)) {
        fail(keeper, status);
        return;
    }
    int phase = keeper->phase;
    take_node(keeper, keeper->call.reply);
    if (phase == PATCHING)
        rest(keeper, NODE_LEASE_PERIOD_US);
    else
        renew_lease(keeper); /* Created, or labelled. */
}

static void free_keeper(struct node_keeper *keeper)
{
    void (*stopped)(void *) = keeper->stopped;
    void *context = keeper->stopped_context;
    timer_stop(&keeper->timer);
    buffer_release(&keeper->body);
    arena_release(&keeper->node_arena);
    mem_free(keeper->uid);
    mem_free(keeper);
    stopped(context);
}

static void call_done(struct call *call)
{
    struct node_keeper *keeper = CONTAINER_OF(call, struct node_keeper, call);
    struct call answered = *call; /* The next may be asked before this one is let go. */
    keeper->is_calling = false;
    if (keeper->stopped) {
        call_release(call);
        free_keeper(keeper);
        return;
    }
    take_answer(keeper, &answered.status);
    call_release(&answered);
}

/* --- Time --- */

static void step(struct node_keeper *keeper)
{
    bool must_ask = !keeper->node || keeper->is_hurried ||
                    steady_us(keeper) - keeper->asked_us >= ASK_PERIOD_US;
    if (must_ask)
        ask_node(keeper);
    else
        renew_lease(keeper);
}

static void timer_fired(struct timer *timer)
{
    step(CONTAINER_OF(timer, struct node_keeper, timer));
}

void node_keeper_hurry(struct node_keeper *keeper)
{
    keeper->is_hurried = true;
    if (keeper->phase == RESTING)
        timer_start_us(&keeper->timer, 0);
}

bool node_keeper_is_registered(const struct node_keeper *keeper)
{
    return keeper->uid != NULL;
}

struct node_keeper *node_keeper_start(struct loop *loop, const struct node_keeper_options *options)
{
    struct node_keeper *keeper = mem_alloc(sizeof(*keeper));
    keeper->loop = loop;
    keeper->options = *options;
    keeper->phase = RESTING;
    arena_init(&keeper->node_arena);
    timer_init(&keeper->timer, loop, timer_fired);
    timer_start_us(&keeper->timer, 0);
    return keeper;
}

void node_keeper_stop(struct node_keeper *keeper, void (*stopped)(void *context), void *context)
{
    keeper->stopped = stopped;
    keeper->stopped_context = context;
    timer_stop(&keeper->timer);
    if (!keeper->is_calling)
        free_keeper(keeper);
}
