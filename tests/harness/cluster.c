#include "tests/harness/cluster.h"

#include "api/authn.h"
#include "api/bootstrap.h"
#include "scheduler/scheduler.h"

static void traced(void *context, const char *line)
{
    struct cluster *cluster = context;
    buffer_format(&cluster->traced, "%s\n", line);
}

static void open_store(struct cluster *cluster)
{
    struct store_report report;
    struct status status;
    status_init(&status);
    struct store_options options = {
        .loop = cluster->loop,
        .trace = &cluster->trace,
        .log = log_memory_create(cluster->contents, NULL),
    };
    if (store_open(&options, &cluster->store, &report, &status))
        test_fail(__FILE__, __LINE__, "store_open: %s", status.message);
    status_release(&status);
}

static bool is_booted;
static void booted(struct bootstrap *bootstrap)
{
    if (!status_ok(&bootstrap->commit.status))
        test_fail(__FILE__, __LINE__, "bootstrap: write %zu: %s", bootstrap->commit.failed_write,
                  bootstrap->commit.status.message);
    is_booted = true;
}

void cluster_boot(struct cluster *cluster)
{
    struct bootstrap bootstrap;
    is_booted = false;
    bootstrap_start(&bootstrap, cluster->api, booted);
    cluster_run_ms(cluster, 1000);
    EXPECT(is_booted);
    bootstrap_release(&bootstrap);
}

/* The account that pods run as, where no controller makes it. The last reply stays. */
static void make_account(struct cluster *cluster, const char *namespace)
{
    struct cluster last = *cluster;
    cluster_request(
        cluster, "POST",
        arena_format(&cluster->arena, "/api/v1/namespaces/%s/serviceaccounts", namespace),
        "{\"metadata\":{\"name\":\"default\"}}");
    EXPECT_CODE(cluster, 201);
    cluster->code = last.code;
    cluster->reply = last.reply;
    cluster->object = last.object;
    cluster->content_type = last.content_type;
}

struct cluster *cluster_start(void)
{
    struct cluster *cluster = mem_alloc(sizeof(*cluster));
    arena_init(&cluster->arena);
    cluster->loop = loop_create_simulated(1);
    trace_init(&cluster->trace, NULL, loop_clock(cluster->loop));
    cluster->trace.sink = traced;
    cluster->trace.context = cluster;
    cluster->contents = log_memory_contents_create();
    open_store(cluster);
    cluster->registry = registry_create_built_in();
    metrics_init(&cluster->metrics);
    struct api_options options = {
        .loop = cluster->loop,
        .store = cluster->store,
        .registry = cluster->registry,
        .trace = &cluster->trace,
        .metrics = &cluster->metrics,
        .server_address = "127.0.0.1:6443",
    };
    cluster->api = api_create(&options);
    cluster_boot(cluster);
    make_account(cluster, "default");
    return cluster;
}

void cluster_stop(struct cluster *cluster)
{
    manager_stop(cluster->manager, NULL, NULL);
    scheduler_stop(cluster->scheduler);
    cluster_run_ms(cluster, 1000);
    for (size_t i = 0; i < cluster->controller_count; i++)
        api_client_destroy(cluster->controller_clients[i]);
    api_client_destroy(cluster->scheduler_client);
    api_stop(cluster->api);
    store_close(cluster->store);
    api_destroy(cluster->api);
    metrics_release(&cluster->metrics);
    registry_destroy(cluster->registry);
    loop_destroy(cluster->loop);
    log_memory_contents_destroy(cluster->contents);
    buffer_release(&cluster->traced);
    arena_release(&cluster->arena);
    mem_free(cluster);
}

void cluster_run_ms(struct cluster *cluster, int64_t ms)
{
    loop_run_for_us(cluster->loop, ms * 1000);
}

struct asked {
    struct request request;
    bool is_done;
};

static void asked_done(struct request *request)
{
    CONTAINER_OF(request, struct asked, request)->is_done = true;
}

/* A long list comes whole; of a watch what it has now. */
static void take_stream(struct cluster *cluster, struct request *request)
{
    struct stream_reply *stream = request->reply.stream;
    enum stream_state state = STREAM_MORE;
    while (state == STREAM_MORE || (state == STREAM_WAIT && stream->is_busy)) {
        while (stream->is_busy)
            cluster_run_ms(cluster, 1);
        state = stream->fill(stream, &request->reply.body);
    }
    EXPECT(state != STREAM_BROKEN);
}

static void keep_warnings(struct cluster *cluster, const struct reply *reply)
{
    struct buffer lines = {0};
    for (const struct reply_header *one = reply->headers; one; one = one->next)
        if (strcmp(one->name, "Warning") == 0)
            buffer_format(&lines, "%s\n", one->value);
    cluster->warnings = arena_copy_slice(&cluster->arena, buffer_slice(&lines));
    buffer_release(&lines);
}

static void keep_reply(struct cluster *cluster, struct request *request)
{
    keep_warnings(cluster, &request->reply);
    if (request->reply.stream)
        take_stream(cluster, request);
    struct status status;
    status_init(&status);
    struct slice body = buffer_slice(&request->reply.body);
    cluster->code = request->reply.code;
    cluster->reply = arena_copy_slice(&cluster->arena, body);
    cluster->content_type = request->reply.content_type;
    cluster->object = json_parse(&cluster->arena, body, NULL, &status);
    status_release(&status);
}

static void fill_request(struct request *request, const char *method, const char *path,
                         const char *body)
{
    request_init(request);
    struct slice rest = slice_of(path);
    request->method = slice_of(method);
    slice_split(&rest, '?', &request->path);
    request->query_text = rest;
    request->body = slice_of(body);
    request->user_agent = SLICE("test/1");
    request->done = asked_done;
}

static int serve(struct cluster *cluster, struct asked *asked)
{
    api_serve(cluster->api, &asked->request);
    for (int i = 0; i < 100 && !asked->is_done; i++)
        cluster_run_ms(cluster, 20);
    EXPECT(asked->is_done);
    keep_reply(cluster, &asked->request);
    request_release(&asked->request);
    return cluster->code;
}

int cluster_request_as(struct cluster *cluster, const struct user *user, const char *method,
                       const char *path, const char *content_type, const char *accept,
                       const char *body)
{
    struct asked asked = {0};
    fill_request(&asked.request, method, path, body);
    asked.request.content_type = slice_of(content_type);
    asked.request.accept = slice_of(accept);
    asked.request.user = user ? user : &user_admin;
    serve(cluster, &asked);
    if (!cluster->manager && cluster->code == 201 && strcmp(method, "POST") == 0 &&
        strcmp(path, "/api/v1/namespaces") == 0)
        make_account(cluster, cluster_text(cluster, "metadata.name"));
    return cluster->code;
}

int cluster_request_with(struct cluster *cluster, const char *token, const char *method,
                         const char *path, const char *body)
{
    struct asked asked = {0};
    fill_request(&asked.request, method, path, body);
    asked.request.content_type = SLICE("application/json");
    asked.request.authorization = slice_of(arena_format(&cluster->arena, "Bearer %s", token));
    return serve(cluster, &asked);
}

int cluster_request(struct cluster *cluster, const char *method, const char *path, const char *body)
{
    return cluster_request_as(cluster, NULL, method, path, "application/json", NULL, body);
}

const char *cluster_text(struct cluster *cluster, const char *path)
{
    const struct json *node = json_at(cluster->object, path);
    if (json_is(node, JSON_STRING))
        return json_text(node);
    struct buffer text = {0};
    if (node)
        json_print(node, &text);
    const char *copy = arena_copy_slice(&cluster->arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

/* --- Words of stories --- */

void cluster_start_scheduler(struct cluster *cluster)
{
    static const char *const groups[] = {"system:authenticated", NULL};
    static const struct user user = {.name = "system:kube-scheduler", .uid = "", .groups = groups};
    cluster->scheduler_client = api_client_create(cluster->api, &user);
    cluster->trace.parts = 1u << TRACE_SCHEDULER;
    struct scheduler_options options = {.client = cluster->scheduler_client,
                                        .trace = &cluster->trace};
    cluster->scheduler = scheduler_start(&options);
}

static struct client *make_controller_client(void *context, const char *name)
{
    struct cluster *cluster = context;
    static const char *const groups[] = {"system:serviceaccounts",
                                         "system:serviceaccounts:kube-system",
                                         "system:authenticated", NULL};
    struct user *user = ARENA_NEW(&cluster->arena, struct user);
    *user = (struct user){.name = name, .uid = "", .groups = groups};
    PRE(cluster->controller_count < ARRAY_SIZE(cluster->controller_clients));
    struct client *client = api_client_create(cluster->api, user);
    cluster->controller_clients[cluster->controller_count++] = client;
    return client;
}

static bool must_wait(void *context)
{
    return store_is_lossy(((struct cluster *)context)->store);
}

static void go_on(void *context)
{
    store_clear_lossy(((struct cluster *)context)->store);
}

void cluster_start_controllers(struct cluster *cluster)
{
    cluster->operator_word = (struct operator_word){must_wait, go_on, cluster};
    struct manager_options options = {
        .make_client = make_controller_client,
        .context = cluster,
        .loop = cluster->loop,
        .registry = cluster->registry,
        .trace = &cluster->trace,
        .operator_word = &cluster->operator_word,
        .controllers = &cluster->controllers,
    };
    cluster->manager = manager_start(&options);
}

/* "cpu=4,memory=1Gi" as members of a JSON object. */
static void append_resources(struct buffer *text, const char *resources)
{
    struct slice rest = slice_of(resources);
    struct slice pair;
    bool is_first = true;
    while (slice_split(&rest, ',', &pair)) {
        struct slice name;
        slice_split(&pair, '=', &name);
        buffer_format(text, "%s\"" SLICE_FORMAT "\":\"" SLICE_FORMAT "\"", is_first ? "" : ",",
                      SLICE_ARGS(name), SLICE_ARGS(pair));
        is_first = false;
    }
}

void cluster_node(struct cluster *cluster, const char *name, const char *resources)
{
    struct buffer body = {0};
    buffer_format(&body, "{\"metadata\":{\"name\":\"%s\"},\"status\":{\"allocatable\":{", name);
    if (!strstr(resources, "pods="))
        buffer_append_text(&body, *resources ? "\"pods\":\"110\"," : "\"pods\":\"110\"");
    append_resources(&body, resources);
    buffer_append_text(&body, "}}}");
    cluster_request(cluster, "POST", "/api/v1/nodes", body.data);
    buffer_release(&body);
    EXPECT_CODE(cluster, 201);
}

void cluster_pod(struct cluster *cluster, const char *name, const char *resources,
                 const char *group)
{
    struct buffer body = {0};
    buffer_format(&body, "{\"metadata\":{\"name\":\"%s\"},\"spec\":{", name);
    if (group)
        buffer_format(&body, "\"schedulingGroup\":{\"podGroupName\":\"%s\"},", group);
    buffer_append_text(&body, "\"containers\":[{\"name\":\"c\",\"image\":\"i\",\"resources\":"
                              "{\"requests\":{");
    append_resources(&body, resources);
    buffer_append_text(&body, "},\"limits\":{");
    append_resources(&body, resources);
    buffer_append_text(&body, "}}}]}}");
    cluster_request(cluster, "POST", "/api/v1/namespaces/default/pods", body.data);
    buffer_release(&body);
    EXPECT_CODE(cluster, 201);
}

const char *cluster_node_of(struct cluster *cluster, const char *pod)
{
    cluster_request(cluster, "GET",
                    arena_format(&cluster->arena, "/api/v1/namespaces/default/pods/%s", pod), NULL);
    EXPECT_CODE(cluster, 200);
    return cluster_text(cluster, "spec.nodeName");
}
