#include "tests/harness/far_node.h"

#include "kubelet-lite/node_facts.h"

/* --- A host that has everything at hand --- */

static void prepare_pod(void *context, struct pod_preparation *preparation)
{
    (void)context;
    preparation->done(preparation);
}
static void prepare_container(void *context, struct preparation *preparation)
{
    ((struct far_node *)context)->prepared++;
    preparation->image_id = "sha256:1";
    preparation->done(preparation);
}
static void clean_pod(void *context, struct pod_worker *worker)
{
    ((struct far_node *)context)->cleaned++;
    pod_worker_cleaned(worker);
}

static void report(void *context, struct node_report *told)
{
    struct far_node *node = context;
    static const struct node_facts facts = {
        .cpu_millis = 4000, .memory_bytes = INT64_C(8) << 30, .storage_bytes = INT64_C(64) << 30};
    *told = (struct node_report){
        .name = FAR_NODE,
        .address = "192.168.0.1",
        .capacity = node_facts_capacity(&node->arena, &facts, 110),
        .allocatable = node_facts_allocatable(&node->arena, &facts, 110),
        .architecture = "amd64",
        .operating_system = "linux",
        .kernel_version = "6.1.0",
        .os_image = "Test",
        .runtime_version = "fake://0",
    };
}

/* --- The server's side --- */

static void accept_stream(void *context, struct stream *stream)
{
    front_accept_local(((struct far_node *)context)->front, stream);
}

void far_node_open(struct far_node *node)
{
    struct status status;
    *node = (struct far_node){.cluster = cluster_start(), .folder = test_folder()};
    status_init(&status);
    arena_init(&node->arena);
    struct loop *loop = node->cluster->loop;
    node->front = front_create(node->cluster->api, NULL);
    node->listener = listener_open(loop, 100);
    EXPECT_EQ(listener_add_tcp(node->listener, FAR_SERVER, accept_stream, node, &status), 0);
    runtime_fake_init(&node->fake, loop);
    status_release(&status);
}

/* --- The agent --- */

const char *far_node_log(struct far_node *node, const char *pod, const char *container,
                         int64_t attempt)
{
    return arena_format(&node->arena, "%s/log-%s-%s-%lld", node->folder, pod, container,
                        (long long)attempt);
}

static const char *log_path(void *context, struct arena *arena, const struct pod_worker *worker,
                            const char *container, int64_t attempt)
{
    (void)arena;
    return far_node_log(context, worker->name, container, attempt);
}

static void unknown_may_go(void *context, bool may_go)
{
    struct far_node *node = context;
    node->may_let_go = may_go;
}

static void accept_asker(void *context, struct stream *stream, struct slice early)
{
    node_server_accept(((struct far_node *)context)->server, stream, early);
}

static void start_serving(struct far_node *node)
{
    struct loop *loop = node->cluster->loop;
    struct node_server_options server = {.kubelet = node->kubelet,
                                         .runtime = &node->fake.runtime,
                                         .log_path = log_path,
                                         .context = node};
    node->server = node_server_open(loop, &server);
    struct server_link_options link = {.client = node->client,
                                       .node_name = FAR_NODE,
                                       .accept = accept_asker,
                                       .unknown_may_go = unknown_may_go,
                                       .context = node};
    node->link = server_link_open(loop, &link);
}

void far_node_start(struct far_node *node)
{
    struct loop *loop = node->cluster->loop;
    struct status status;
    status_init(&status);
    struct client_remote_options client = {
        .address = FAR_SERVER, .user = "agent", .registry = node->cluster->registry};
    node->client = client_remote_open(loop, &client);
    struct kubelet_options options = {
        .client = node->client,
        .runtime = &node->fake.runtime,
        .node_name = FAR_NODE,
        .address = "192.168.0.1",
        .directory = node->folder,
        .host_context = node,
        .prepare_pod = prepare_pod,
        .prepare_container = prepare_container,
        .clean_pod = clean_pod,
    };
    node->kubelet = kubelet_start(loop, &options, &status);
    EXPECT(node->kubelet != NULL);
    struct node_keeper_options keeper = {
        .client = node->client, .name = FAR_NODE, .report = report, .context = node};
    node->keeper = node_keeper_start(loop, &keeper);
    start_serving(node);
    status_release(&status);
}

static void stopped(void *context)
{
    ((struct far_node *)context)->stopping--;
}

void far_node_stop(struct far_node *node)
{
    if (!node->kubelet)
        return;
    node->stopping = 3;
    server_link_close(node->link);
    node_server_close(node->server, stopped, node);
    kubelet_stop(node->kubelet, stopped, node);
    node_keeper_stop(node->keeper, stopped, node);
    client_remote_stop(node->client);
    for (int i = 0; i < 100 && node->stopping > 0; i++)
        cluster_run_ms(node->cluster, 1000);
    EXPECT_EQ(node->stopping, 0);
    client_remote_close(node->client);
    node->kubelet = NULL;
    node->keeper = NULL;
    node->client = NULL;
}

void far_node_close(struct far_node *node)
{
    far_node_stop(node);
    listener_close(node->listener);
    front_close(node->front, NULL, NULL);
    cluster_run_ms(node->cluster, 100);
    runtime_fake_release(&node->fake);
    arena_release(&node->arena);
    cluster_stop(node->cluster);
}
