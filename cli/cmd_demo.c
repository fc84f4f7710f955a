/* coracle demo: a throw-away cluster that runs a gang and tells the story.
 *
 * A story is a table of steps: what is said, what is asked of the API, and what
 * must come to be true, looked for at every change and within a deadline. If
 * anything is not as told the demo says what it found and exits 1. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/server_process.h"
#include "core/client/client.h"
#include "core/json.h"
#include "core/kinds/facts_pod.h"
#include "core/kinds/view.h"
#include "core/trace.h"

enum { STEP_SECONDS = 20, WATCHES = 3 };

struct demo;

struct step {
    const char *says;                         /* Printed when it begins. */
    const char *resource, *group, *version;   /* Where bodies go; NULL: nothing is asked. */
    const char *const *bodies;                /* Ends with NULL. */
    /* True when it has come about; else why not yet, for the deadline's message. */
    bool (*holds)(struct demo *demo, struct buffer *why);
};

struct asked {
    struct call call;
    struct demo *demo;
};

struct demo {
    struct loop *loop;
    struct server_process *server;
    struct client *client;
    char *folder;
    const struct step *steps;
    size_t step;
    size_t asked;              /* Calls under way. */
    struct client_watch watches[WATCHES];
    struct timer deadline;
    int64_t start_us;
    int code;
    bool is_over;
};

/* --- The end --- */

static void end(struct demo *demo, int code)
{
    if (demo->is_over)
        return;
    demo->is_over = true;
    demo->code = code;
    timer_stop(&demo->deadline);
    if (demo->client)
        for (size_t i = 0; i < WATCHES; i++)
            demo->client->operations->watch_stop(demo->client, &demo->watches[i]);
    server_process_stop(demo->server);
}

static void fail(struct demo *demo, const char *why)
{
    fprintf(stderr, "demo: not as told: %s\n", why);
    end(demo, EXIT_FAILED);
}

static void deadline_passed(struct timer *timer)
{
    struct demo *demo = CONTAINER_OF(timer, struct demo, deadline);
    struct buffer why = {0};
    buffer_format(&why, "after %d s, still: ", STEP_SECONDS);
    demo->steps[demo->step].holds(demo, &why);
    fail(demo, why.data);
    buffer_release(&why);
}

/* --- Looking at the cluster --- */

struct pods_seen {
    struct slice prefix; /* Of names. */
    int total, bound, ready;
};

static bool see_pod(void *context, const struct object *object)
{
    struct pods_seen *seen = context;
    struct facts_pod facts;
    if (!slice_starts_with(key_name(object_key(object)), seen->prefix) ||
        !facts_pod_of(object, &facts))
        return true;
    seen->total++;
    seen->bound += facts.node_name.size > 0;
    seen->ready += (facts.flags & POD_IS_READY) != 0;
    return true;
}

static struct pods_seen see_pods(struct demo *demo, const char *prefix)
{
    struct pods_seen seen = {.prefix = slice_of(prefix)};
    struct snapshot *snapshot =
        demo->client->operations->snapshot(demo->client, SNAPSHOT_COMMITTED);
    snapshot->operations->each(snapshot, SLICE("/pods/default/"), see_pod, &seen);
    snapshot->operations->release(snapshot);
    return seen;
}

static int64_t count_ready_nodes(struct demo *demo)
{
    struct snapshot *snapshot =
        demo->client->operations->snapshot(demo->client, SNAPSHOT_COMMITTED);
    int64_t count = snapshot->operations->count(snapshot, SLICE("/nodes/"));
    snapshot->operations->release(snapshot);
    return count;
}

/* The message of a PodGroup's condition; false when it has none. */
static bool group_message(struct demo *demo, const char *name, const char *wanted_status,
                          struct buffer *message)
{
    struct buffer key = {0};
    struct arena arena;
    struct status status;
    bool found = false;
    arena_init(&arena);
    status_init(&status);
    key_append(&key, "scheduling.k8s.io", "podgroups", SLICE("default"), slice_of(name));
    struct snapshot *snapshot =
        demo->client->operations->snapshot(demo->client, SNAPSHOT_COMMITTED);
    const struct object *object = snapshot->operations->get(snapshot, buffer_slice(&key));
    struct json *tree = object ? json_parse(&arena, object_body(object), NULL, &status) : NULL;
    JSON_EACH(condition, json_at(tree, "status.conditions")) {
        if (strcmp(json_text(json_get(condition, "type")), "PodGroupInitiallyScheduled") != 0 ||
            strcmp(json_text(json_get(condition, "status")), wanted_status) != 0)
            continue;
        buffer_append_text(message, json_text(json_get(condition, "message")));
        found = true;
    }
    snapshot->operations->release(snapshot);
    buffer_release(&key);
    status_release(&status);
    arena_release(&arena);
    return found;
}

/* --- What must hold --- */

static bool nodes_are_there(struct demo *demo, struct buffer *why)
{
    int64_t count = count_ready_nodes(demo);
    buffer_format(why, "%lld of 3 nodes are there", (long long)count);
    return count == 3;
}

static bool web_is_ready(struct demo *demo, struct buffer *why)
{
    struct pods_seen seen = see_pods(demo, "web");
    buffer_format(why, "web: %d ready of %d", seen.ready, seen.total);
    return seen.total == 1 && seen.ready == 1;
}

static bool none_of_train_is_bound(struct demo *demo, struct buffer *why)
{
    struct pods_seen seen = see_pods(demo, "train-");
    buffer_format(why, "train: %d pods, %d bound", seen.total, seen.bound);
    return seen.total == 3 && seen.bound == 0;
}

static bool all_of_train_are_ready(struct demo *demo, struct buffer *why)
{
    struct pods_seen seen = see_pods(demo, "train-");
    buffer_format(why, "train: %d ready, %d bound of %d", seen.ready, seen.bound, seen.total);
    if (seen.bound != 0 && seen.bound != 4)
        fail(demo, "a gang was bound in part");
    return seen.total == 4 && seen.ready == 4;
}

static bool big_is_refused(struct demo *demo, struct buffer *why)
{
    struct pods_seen seen = see_pods(demo, "big-");
    struct buffer message = {0};
    bool refused = group_message(demo, "big", "False", &message);
    if (refused && seen.bound == 0 && seen.total == 4)
        printf("         why: %s\n", message.data);
    buffer_format(why, "big: %d pods, %d bound, %s", seen.total, seen.bound,
                  refused ? "refused" : "no verdict");
    buffer_release(&message);
    return refused && seen.bound == 0 && seen.total == 4;
}

/* --- The story --- */

#define POD(name_, group_, cpu_, gpus_)                                                       \
    "{\"metadata\":{\"name\":\"" name_ "\"},\"spec\":{" group_ "\"containers\":[{\"name\":\"c\","    \
    "\"image\":\"busybox\",\"resources\":{\"requests\":{\"cpu\":\"" cpu_ "\"},\"limits\":{"      \
    "\"nvidia.com/gpu\":\"" gpus_ "\"}}}]}}"
#define IN_GROUP(name_) "\"schedulingGroup\":{\"podGroupName\":\"" name_ "\"},"
#define GANG(name_, count_)                                        \
    "{\"metadata\":{\"name\":\"" name_ "\"},\"spec\":{\"schedulingPolicy\":{\"gang\":{"            \
    "\"minCount\":" count_ "}}}}"

static const char *const web[] = {POD("web", "", "1", "1"), NULL};
static const char *const train_group[] = {GANG("train", "4"), NULL};
static const char *const train_three[] = {POD("train-0", IN_GROUP("train"), "8", "4"),
                                          POD("train-1", IN_GROUP("train"), "8", "4"),
                                          POD("train-2", IN_GROUP("train"), "8", "4"), NULL};
static const char *const train_last[] = {POD("train-3", IN_GROUP("train"), "8", "4"), NULL};
static const char *const big_group[] = {GANG("big", "4"), NULL};
static const char *const big_pods[] = {
    POD("big-0", IN_GROUP("big"), "8", "8"), POD("big-1", IN_GROUP("big"), "8", "8"),
    POD("big-2", IN_GROUP("big"), "8", "8"), POD("big-3", IN_GROUP("big"), "8", "8"), NULL};

#define PODS "pods", "", "v1"
#define POD_GROUPS "podgroups", "scheduling.k8s.io", "v1beta1"

static bool holds_at_once(struct demo *demo, struct buffer *why)
{
    (void)demo;
    (void)why;
    return true;
}

static const struct step story[] = {
    {"three virtual nodes of 32 CPUs and 8 GPUs join", NULL, NULL, NULL, NULL, nodes_are_there},
    {"a pod alone, web, asks for 1 GPU and runs", PODS, web, web_is_ready},
    {"a gang, train, is declared: 4 ranks of 4 GPUs, all or nothing", POD_GROUPS, train_group,
     holds_at_once},
    {"three of its ranks come; they wait, and hold nothing", PODS, train_three,
     none_of_train_is_bound},
    {"the fourth comes; all four are bound in one transaction, and run", PODS, train_last,
     all_of_train_are_ready},
    {"a second gang, big, wants 4 times 8 GPUs", POD_GROUPS, big_group, holds_at_once},
    {"it cannot fit: none of it is placed, and the scheduler says why", PODS, big_pods,
     big_is_refused},
    {NULL, NULL, NULL, NULL, NULL, NULL},
};

/* --- Telling it --- */

static void look(struct demo *demo);

static void asked_done(struct call *call)
{
    struct asked *asked = CONTAINER_OF(call, struct asked, call);
    struct demo *demo = asked->demo;
    demo->asked--;
    if (!demo->is_over && !status_ok(&call->status))
        fail(demo, call->status.message);
    call_release(call);
    mem_free(asked);
    look(demo);
}

static void ask(struct demo *demo, const struct step *step, const char *body)
{
    struct asked *asked = mem_alloc(sizeof(*asked));
    asked->demo = demo;
    call_init(&asked->call);
    asked->call.verb = "create";
    asked->call.path = (struct resource_path){
        .group = step->group,
        .version = step->version,
        .resource = step->resource,
        .namespace = SLICE("default"),
    };
    asked->call.body = slice_of(body);
    asked->call.done = asked_done;
    demo->asked++;
    client_call(demo->client, &asked->call);
}

static void begin_step(struct demo *demo)
{
    const struct step *step = &demo->steps[demo->step];
    int64_t now_us = clock_steady_us(loop_clock(demo->loop));
    if (!step->says) {
        printf("%5.1f s  all is as told; the cluster is thrown away\n",
               (double)(now_us - demo->start_us) / 1e6);
        end(demo, EXIT_GOOD);
        return;
    }
    printf("%5.1f s  %s\n", (double)(now_us - demo->start_us) / 1e6, step->says);
    fflush(stdout);
    timer_start_us(&demo->deadline, (int64_t)STEP_SECONDS * 1000000);
    for (const char *const *body = step->bodies; body && *body; body++)
        ask(demo, step, *body);
}

/* Goes on as far as things have come about. */
static void look(struct demo *demo)
{
    while (!demo->is_over && demo->asked == 0) {
        struct buffer why = {0};
        bool holds = demo->steps[demo->step].holds(demo, &why);
        buffer_release(&why);
        if (!holds || demo->is_over)
            return;
        demo->step++;
        begin_step(demo);
    }
}

static void changed(struct client_watch *watch, const struct client_event *event)
{
    struct demo *demo = watch->context;
    if (demo->is_over)
        return;
    if (event->type == EVENT_ERROR)
        fail(demo, event->status->message);
    else
        look(demo);
}

static void ready(void *context, const struct status *status)
{
    struct demo *demo = context;
    if (!status_ok(status)) {
        fail(demo, status->message);
        return;
    }
    static const struct resource_path watched[WATCHES] = {
        {.group = "", .version = "v1", .resource = "pods"},
        {.group = "", .version = "v1", .resource = "nodes"},
        {.group = "scheduling.k8s.io", .version = "v1beta1", .resource = "podgroups"},
    };
    demo->client = server_process_client(demo->server);
    printf("a cluster on https://%s, in %s; its nodes are virtual: no container is started\n",
           server_process_address(demo->server), demo->folder);
    for (size_t i = 0; i < WATCHES; i++) {
        demo->watches[i] =
            (struct client_watch){.path = watched[i], .event = changed, .context = demo};
        demo->client->operations->watch_start(demo->client, &demo->watches[i]);
    }
    begin_step(demo);
    look(demo);
}

/* --- Its folder --- */

static int remove_entry(const char *path, const struct stat *what, int type, struct FTW *where)
{
    (void)what;
    (void)type;
    (void)where;
    return remove(path);
}

static char *make_folder(void)
{
    const char *tmp = getenv("TMPDIR");
    struct buffer path = {0};
    buffer_format(&path, "%s/coracle-demo.XXXXXX", tmp && *tmp ? tmp : "/tmp");
    char *folder = buffer_take(&path);
    if (mkdtemp(folder))
        return folder;
    mem_free(folder);
    return NULL;
}

static int tell(struct demo *demo)
{
    struct status status;
    status_init(&status);
    struct server_process_options options = {
        .data_dir = demo->folder,
        .listen = "127.0.0.1:0",
        .virtual_nodes = 3,
        .ready = ready,
        .context = demo,
    };
    demo->loop = loop_create(0);
    demo->start_us = clock_steady_us(loop_clock(demo->loop));
    timer_init(&demo->deadline, demo->loop, deadline_passed);
    if (server_process_start(demo->loop, &options, &demo->server, &status)) {
        fprintf(stderr, "coracle demo: %s\n", status.message);
        demo->code = EXIT_FAILED;
    } else {
        loop_run(demo->loop);
        server_process_destroy(demo->server);
    }
    loop_destroy(demo->loop);
    status_release(&status);
    return demo->code;
}

static int run(const struct command_line *line)
{
    if (line->argument_count > 0)
        return usage_error(line->command, "it takes no argument \"%s\"", line->arguments[0]);
    struct demo demo = {.steps = story, .code = EXIT_FAILED};
    log_set_level(LOG_WARN);
    demo.folder = make_folder();
    if (!demo.folder) {
        perror("coracle demo: a temporary folder");
        return EXIT_FAILED;
    }
    int code = tell(&demo);
    nftw(demo.folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    mem_free(demo.folder);
    return code;
}

const struct command command_demo = {
    .name = "demo",
    .arguments = "",
    .summary = "Run a throw-away cluster with a gang, and tell the story",
    .run = run,
};
