#include "tests/harness/runtime_fake.h"

#include <stdio.h>

#include "core/net/stream_pair.h"
#include "kubelet-lite/address_pool.h"
#include "tests/harness/test.h"

enum { VERB_US = 1000 };

struct fake_sandbox {
    struct list link;
    char id[96], uid[64], name[64], namespace[64], address[ADDRESS_TEXT_SIZE];
    bool is_ready;
};

struct fake_run {
    struct runtime_fake *fake;
    struct list link;
    char uid[64];          /* Of its pod. */
    char sandbox[96];
    struct timer timer;    /* Its end. */
    char id[96];
    char name[64];
    int64_t attempt;
    enum run_state state;
    int64_t started_us, finished_us, exit_code, next_code;
    bool was_killed_for_memory;
};

struct verb { /* A call on its way back. */
    struct runtime_call *call;
    struct timer timer;
    char id[96];
    void (*then)(struct runtime_fake *fake, const char *id);
    struct runtime_fake *fake;
};

static struct runtime_fake *fake_of(struct runtime *runtime)
{
    return CONTAINER_OF(runtime, struct runtime_fake, runtime);
}

static int64_t now_us(const struct runtime_fake *fake)
{
    return clock_wall_us(loop_clock(fake->runtime.loop));
}

static const struct fake_script *script_of(const struct runtime_fake *fake, const char *name)
{
    static const struct fake_script otherwise = {.runs_us = -1};
    for (size_t i = 0; i < fake->script_count; i++)
        if (strcmp(fake->scripts[i].name, name) == 0)
            return &fake->scripts[i];
    return &otherwise;
}

static struct fake_run *find(const struct runtime_fake *fake, const char *id)
{
    LIST_EACH(link, &fake->runs) {
        struct fake_run *run = CONTAINER_OF(link, struct fake_run, link);
        if (strcmp(run->id, id) == 0)
            return run;
    }
    return NULL;
}

/* --- Verbs --- */

static void verb_ended(struct timer *timer)
{
    struct verb *verb = CONTAINER_OF(timer, struct verb, timer);
    struct runtime_call *call = verb->call;
    if (verb->then && status_ok(&call->status))
        verb->then(verb->fake, verb->id);
    mem_free(verb);
    call->done(call);
}

static void answer_after(struct runtime_fake *fake, struct runtime_call *call, const char *id,
                         void (*then)(struct runtime_fake *fake, const char *id), int64_t time_us)
{
    struct verb *verb = mem_alloc(sizeof(*verb));
    verb->call = call;
    verb->then = then;
    verb->fake = fake;
    snprintf(verb->id, sizeof verb->id, "%s", id ? id : "");
    timer_init(&verb->timer, fake->runtime.loop, verb_ended);
    timer_start_us(&verb->timer, time_us);
}

static void answer(struct runtime_fake *fake, struct runtime_call *call, const char *id,
                   void (*then)(struct runtime_fake *fake, const char *id))
{
    answer_after(fake, call, id, then, VERB_US);
}

static bool fails(struct runtime_fake *fake, struct runtime_call *call, const char *verb,
                  const char *name)
{
    const char *own = name ? script_of(fake, name)->fail : NULL;
    bool is_failing =
        (fake->fail && strcmp(fake->fail, verb) == 0) || (own && strcmp(own, verb) == 0);
    if (is_failing)
        status_fail(&call->status, STATUS_INTERNAL_ERROR, "the test says no");
    return is_failing;
}

/* --- Sandbox --- */

static struct fake_sandbox *find_sandbox(const struct runtime_fake *fake, const char *id)
{
    LIST_EACH(link, &fake->sandboxes) {
        struct fake_sandbox *sandbox = CONTAINER_OF(link, struct fake_sandbox, link);
        if (strcmp(sandbox->id, id) == 0)
            return sandbox;
    }
    return NULL;
}

static void count_sandboxes(struct runtime_fake *fake)
{
    fake->has_sandbox = !list_is_empty(&fake->sandboxes);
}

static struct fake_sandbox *add_sandbox(struct runtime_fake *fake, const struct pod_identity *pod)
{
    struct fake_sandbox *sandbox = mem_alloc(sizeof(*sandbox));
    int number = fake->sandboxes_made++;
    snprintf(sandbox->id, sizeof sandbox->id, "sandbox%d", number);
    snprintf(sandbox->uid, sizeof sandbox->uid, "%s", pod->uid);
    snprintf(sandbox->name, sizeof sandbox->name, "%s", pod->name);
    snprintf(sandbox->namespace, sizeof sandbox->namespace, "%s", pod->namespace);
    snprintf(sandbox->address, sizeof sandbox->address, "10.0.0.%d", 9 + number % 200);
    sandbox->is_ready = true;
    list_push_back(&fake->sandboxes, &sandbox->link);
    count_sandboxes(fake);
    return sandbox;
}

static void run_sandbox(struct runtime *runtime, const struct sandbox_config *config,
                        struct runtime_call *call)
{
    struct runtime_fake *fake = fake_of(runtime);
    buffer_append_text(&fake->lines, "run_sandbox\n");
    if (!fails(fake, call, "run_sandbox", NULL)) {
        struct fake_sandbox *sandbox = add_sandbox(fake, &config->pod);
        call->id = sandbox->id;
        call->address = sandbox->address;
    }
    answer(fake, call, NULL, NULL);
}

static void stop_sandbox(struct runtime *runtime, const char *id, struct runtime_call *call)
{
    struct runtime_fake *fake = fake_of(runtime);
    struct fake_sandbox *sandbox = find_sandbox(fake, id);
    buffer_append_text(&fake->lines, "stop_sandbox\n");
    if (!fails(fake, call, "stop_sandbox", NULL) && sandbox)
        sandbox->is_ready = false;
    answer(fake, call, NULL, NULL);
}

static void remove_sandbox(struct runtime *runtime, const char *id, struct runtime_call *call)
{
    struct runtime_fake *fake = fake_of(runtime);
    struct fake_sandbox *sandbox = find_sandbox(fake, id);
    buffer_append_text(&fake->lines, "remove_sandbox\n");
    if (!fails(fake, call, "remove_sandbox", NULL) && sandbox) {
        list_remove(&sandbox->link);
        mem_free(sandbox);
        count_sandboxes(fake);
    }
    answer(fake, call, NULL, NULL);
}

/* --- Containers --- */

static void fill(const struct fake_run *run, struct run *told)
{
    *told = (struct run){
        .id = run->id,
        .sandbox_id = run->sandbox,
        .pod_uid = run->uid,
        .name = run->name,
        .attempt = run->attempt,
        .state = run->state,
        .started_us = run->started_us,
        .finished_us = run->finished_us,
        .exit_code = run->exit_code,
        .was_killed_for_memory = run->was_killed_for_memory,
        .message = "",
    };
}

static void end_run(struct timer *timer)
{
    struct fake_run *run = CONTAINER_OF(timer, struct fake_run, timer);
    struct runtime_fake *fake = run->fake;
    struct run told;
    run->state = RUN_EXITED;
    run->finished_us = now_us(fake);
    run->exit_code = run->next_code;
    buffer_format(&fake->lines, "exit %s %lld %lld\n", run->name, (long long)run->attempt,
                  (long long)run->exit_code);
    fill(run, &told);
    if (fake->runtime.exited)
        fake->runtime.exited(fake->runtime.context, &told);
}

static void create_container(struct runtime *runtime, const struct container_config *config,
                             struct runtime_call *call)
{
    struct runtime_fake *fake = fake_of(runtime);
    buffer_format(&fake->lines, "create %s %lld\n", config->name, (long long)config->attempt);
    if (!fails(fake, call, "create", config->name)) {
        struct fake_run *run = mem_alloc(sizeof(*run));
        run->fake = fake;
        run->attempt = config->attempt;
        snprintf(run->name, sizeof run->name, "%s", config->name);
        snprintf(run->uid, sizeof run->uid, "%s", config->pod.uid);
        snprintf(run->sandbox, sizeof run->sandbox, "%s", config->sandbox_id);
        /* The one pod of a worker's tests is told by its containers' names alone. */
        snprintf(run->id, sizeof run->id, "%s%s%s_%lld", strcmp(run->uid, "uid") ? run->uid : "",
                 strcmp(run->uid, "uid") ? "_" : "", config->name, (long long)config->attempt);
        EXPECT(find(fake, run->id) == NULL);
        timer_init(&run->timer, runtime->loop, end_run);
        list_push_back(&fake->runs, &run->link);
        call->id = run->id;
    }
    answer(fake, call, NULL, NULL);
}

static void begin_run(struct runtime_fake *fake, const char *id)
{
    struct fake_run *run = find(fake, id);
    const struct fake_script *script = script_of(fake, run->name);
    run->state = RUN_RUNNING;
    run->started_us = now_us(fake);
    run->next_code = script->exit_code;
    run->was_killed_for_memory = script->is_killed_for_memory;
    if (script->runs_us >= 0)
        timer_start_us(&run->timer, script->runs_us);
}

static void start_container(struct runtime *runtime, const char *id, struct runtime_call *call)
{
    struct runtime_fake *fake = fake_of(runtime);
    struct fake_run *run = find(fake, id);
    EXPECT(run != NULL);
    buffer_format(&fake->lines, "start %s %lld\n", run->name, (long long)run->attempt);
    fails(fake, call, "start", run->name);
    answer(fake, call, id, begin_run);
}

static void stop_container(struct runtime *runtime, const char *id, int64_t grace_us,
                           struct runtime_call *call)
{
    struct runtime_fake *fake = fake_of(runtime);
    struct fake_run *run = find(fake, id);
    EXPECT(run != NULL);
    const struct fake_script *script = script_of(fake, run->name);
    bool is_killed = script->stops_us < 0 || script->stops_us > grace_us;
    buffer_format(&fake->lines, "stop %s %lld (%lld s)\n", run->name, (long long)run->attempt,
                  (long long)((grace_us + 500000) / 1000000));
    if (run->state == RUN_RUNNING) {
        run->next_code = is_killed ? 137 : 143;
        timer_start_us(&run->timer, VERB_US + (is_killed ? grace_us : script->stops_us));
    }
    answer(fake, call, NULL, NULL);
}

static void remove_container(struct runtime *runtime, const char *id, struct runtime_call *call)
{
    struct runtime_fake *fake = fake_of(runtime);
    struct fake_run *run = find(fake, id);
    if (run && !fails(fake, call, "remove", run->name)) {
        buffer_format(&fake->lines, "remove %s %lld\n", run->name, (long long)run->attempt);
        EXPECT(run->state != RUN_RUNNING);
        list_remove(&run->link);
        mem_free(run);
    }
    answer(fake, call, NULL, NULL);
}

static void update_container(struct runtime *runtime, const char *id,
                             const struct cgroup_limits *limits, struct runtime_call *call)
{
    struct runtime_fake *fake = fake_of(runtime);
    buffer_format(&fake->lines, "update %s %lld\n", id, (long long)limits->memory_bytes);
    answer(fake, call, NULL, NULL);
}

static void exec(struct runtime *runtime, const char *id, const char *const *argv,
                 int64_t timeout_us, struct runtime_call *call)
{
    struct runtime_fake *fake = fake_of(runtime);
    const struct fake_run *run = find(fake, id);
    const struct fake_script *script = run ? script_of(fake, run->name) : NULL;
    int64_t takes_us = script ? script->exec_us : 0;
    buffer_format(&fake->lines, "exec %s: %s\n", run ? run->name : id, argv[0]);
    call->exit_code = script ? script->exec_code : 1;
    call->output = SLICE("told by the test");
    if (!run || run->state != RUN_RUNNING)
        status_fail(&call->status, STATUS_NOT_FOUND, "container not running");
    else if (takes_us > timeout_us)
        status_fail(&call->status, STATUS_TIMEOUT, "command timed out");
    answer_after(fake, call, NULL, NULL, takes_us > timeout_us ? timeout_us : takes_us + VERB_US);
}

/* --- Sessions --- */

enum { FLOOD_BYTES = 4 << 20, FLOOD_PIECE = 64 << 10 };

struct fake_session {
    struct session session;
    struct runtime_fake *fake;
    const struct session_handler *handler;
    void *context;
    struct timer timer;
    struct buffer echo;      /* Came in, not yet out. */
    int64_t flood_left;
    int64_t code;
    bool has_ended_input;
    bool is_paused;
    bool is_cat, is_missing;
};

#define FAKE_SESSION(pointer) CONTAINER_OF(pointer, struct fake_session, session)

static void free_session(struct fake_session *own)
{
    timer_stop(&own->timer);
    buffer_release(&own->echo);
    mem_free(own);
}

static void end_session(struct fake_session *own)
{
    struct status status;
    status_init(&status);
    if (own->is_missing)
        status_fail(&status, STATUS_NOT_FOUND, "no such program");
    own->handler->ended(own->context, &status, own->code);
    status_release(&status);
    free_session(own);
}

static void session_turn(struct timer *timer)
{
    struct fake_session *own = CONTAINER_OF(timer, struct fake_session, timer);
    if (own->is_paused)
        return;
    if (own->flood_left > 0) {
        static const char piece[FLOOD_PIECE];
        own->flood_left -= FLOOD_PIECE;
        timer_start_us(timer, VERB_US);
        own->handler->output(own->context, 1, (struct slice){piece, sizeof piece});
        return;
    }
    if (own->echo.size > 0) {
        struct buffer echo = own->echo;
        own->echo = (struct buffer){0};
        own->handler->output(own->context, 1, buffer_slice(&echo));
        buffer_release(&echo);
        if (own->handler->drained)
            own->handler->drained(own->context);
    }
    if (own->has_ended_input || !own->is_cat)
        end_session(own);
}

static void session_write(struct session *session, struct slice data)
{
    buffer_append_slice(&FAKE_SESSION(session)->echo, data);
    timer_start_us(&FAKE_SESSION(session)->timer, VERB_US);
}
static size_t session_pending(const struct session *session)
{
    return FAKE_SESSION(session)->echo.size;
}
static void session_end_input(struct session *session)
{
    FAKE_SESSION(session)->has_ended_input = true;
    timer_start_us(&FAKE_SESSION(session)->timer, VERB_US);
}
static void session_resize(struct session *session, uint16_t rows, uint16_t columns)
{
    buffer_format(&FAKE_SESSION(session)->fake->lines, "resize %u %u\n", rows, columns);
}
static void session_pause(struct session *session)
{
    FAKE_SESSION(session)->is_paused = true;
}
static void session_resume(struct session *session)
{
    FAKE_SESSION(session)->is_paused = false;
    timer_start_us(&FAKE_SESSION(session)->timer, VERB_US);
}
static void session_close(struct session *session)
{
    buffer_append_text(&FAKE_SESSION(session)->fake->lines, "session closed\n");
    free_session(FAKE_SESSION(session));
}
static const struct session_operations session_operations = {
    session_write, session_pending, session_end_input, session_resize,
    session_pause, session_resume,  session_close};

/* "cat" gives back what it gets; "flood" gives 4 MiB; "exit N" ends; the rest is not there. */
static struct session *open_session(struct runtime *runtime, const char *id,
                                    const struct session_config *config,
                                    const struct session_handler *handler, void *context)
{
    struct fake_session *own = mem_alloc(sizeof(*own));
    const char *program = config->argv ? config->argv[0] : "cat";
    own->session.operations = &session_operations;
    own->fake = fake_of(runtime);
    own->handler = handler;
    own->context = context;
    own->is_cat = strcmp(program, "cat") == 0;
    own->flood_left = strcmp(program, "flood") == 0 ? FLOOD_BYTES : 0;
    if (strcmp(program, "exit") == 0)
        slice_to_int64(slice_of(config->argv[1]), &own->code);
    else
        own->is_missing = !own->is_cat && own->flood_left == 0;
    buffer_format(&own->fake->lines, "session %s: %s\n", find(own->fake, id)->name, program);
    timer_init(&own->timer, runtime->loop, session_turn);
    if (!own->is_cat)
        timer_start_us(&own->timer, VERB_US);
    return &own->session;
}

/* A port: whoever connects is answered by what it says. */
struct fake_port {
    struct stream *stream;
};

static void port_read(void *context, struct slice data)
{
    stream_write(((struct fake_port *)context)->stream, data);
}
static void port_end(void *context)
{
    stream_end(((struct fake_port *)context)->stream);
    stream_close(((struct fake_port *)context)->stream);
}
static void port_broke(void *context, const char *why)
{
    (void)why;
    stream_close(((struct fake_port *)context)->stream);
}
static void port_closed(void *context)
{
    mem_free(context);
}
static const struct stream_handler port_handler = {
    .on_read = port_read, .on_end = port_end, .on_error = port_broke, .on_close = port_closed};

static void connect_port(struct runtime *runtime, const char *sandbox_id, uint16_t port,
                         struct runtime_call *call)
{
    struct runtime_fake *fake = fake_of(runtime);
    EXPECT(find_sandbox(fake, sandbox_id) != NULL);
    buffer_format(&fake->lines, "connect %u\n", port);
    if (port == 81) {
        status_fail(&call->status, STATUS_SERVICE_UNAVAILABLE, "connection refused");
    } else {
        struct fake_port *own = mem_alloc(sizeof(*own));
        stream_pair_open(runtime->loop, NULL, &call->stream, &own->stream);
        stream_set_handler(own->stream, &port_handler, own);
        stream_read_start(own->stream);
    }
    answer(fake, call, NULL, NULL);
}

/* --- Lists --- */

void runtime_fake_list(struct runtime_fake *fake, struct runtime_list *list)
{
    struct arena *arena = &fake->arena;
    size_t count = 0;
    LIST_EACH(link, &fake->runs)
        count++;
    struct run *runs = ARENA_ARRAY(arena, struct run, count + 1);
    size_t sandbox_count = 0;
    LIST_EACH(link, &fake->sandboxes)
        sandbox_count++;
    struct sandbox *sandboxes = ARENA_ARRAY(arena, struct sandbox, sandbox_count + 1);
    sandbox_count = count = 0;
    LIST_EACH(link, &fake->runs)
        fill(CONTAINER_OF(link, struct fake_run, link), &runs[count++]);
    LIST_EACH(link, &fake->sandboxes) {
        const struct fake_sandbox *own = CONTAINER_OF(link, struct fake_sandbox, link);
        sandboxes[sandbox_count++] = (struct sandbox){own->id,        own->uid,     own->name,
                                                      own->namespace, own->address, own->is_ready};
    }
    *list = (struct runtime_list){sandboxes, sandbox_count, runs, count};
}

static void list_all(struct runtime *runtime, struct runtime_call *call)
{
    struct runtime_fake *fake = fake_of(runtime);
    runtime_fake_list(fake, &call->list);
    answer(fake, call, NULL, NULL);
}

static const struct runtime_operations operations = {
    .name = "fake",
    .list = list_all,
    .run_sandbox = run_sandbox,
    .stop_sandbox = stop_sandbox,
    .remove_sandbox = remove_sandbox,
    .create_container = create_container,
    .start_container = start_container,
    .stop_container = stop_container,
    .remove_container = remove_container,
    .update_container = update_container,
    .exec = exec,
    .connect = connect_port,
    .open_session = open_session,
};

void runtime_fake_init(struct runtime_fake *fake, struct loop *loop)
{
    *fake = (struct runtime_fake){.runtime = {.operations = &operations, .loop = loop}};
    list_init(&fake->runs);
    list_init(&fake->sandboxes);
    arena_init(&fake->arena);
}

void runtime_fake_lose_all(struct runtime_fake *fake)
{
    LIST_EACH(link, &fake->runs) {
        struct fake_run *run = CONTAINER_OF(link, struct fake_run, link);
        timer_stop(&run->timer);
        list_remove(&run->link);
        mem_free(run);
    }
    LIST_EACH(link, &fake->sandboxes) {
        list_remove(link);
        mem_free(CONTAINER_OF(link, struct fake_sandbox, link));
    }
    count_sandboxes(fake);
}

void runtime_fake_release(struct runtime_fake *fake)
{
    runtime_fake_lose_all(fake);
    buffer_release(&fake->lines);
    arena_release(&fake->arena);
}
