/* The far client and the informer over it, against the whole API on a simulated network. */
#include "api/front.h"
#include "core/client/client_remote.h"
#include "core/client/informer.h"
#include "core/kinds/view.h"
#include "core/net/network.h"
#include "tests/harness/cluster.h"

#define ADDRESS "server:6443"

struct far {
    struct cluster *cluster;
    struct listener *listener;
    struct front *front;
    struct client *client;
    struct call call;
    bool is_done;
    struct informer *informer;
    struct buffer told;
};

static void accept_stream(void *context, struct stream *stream)
{
    front_accept_local(((struct far *)context)->front, stream);
}

static void open_far(struct far *far)
{
    struct status status;
    *far = (struct far){.cluster = cluster_start()};
    status_init(&status);
    far->front = front_create(far->cluster->api, NULL);
    far->listener = listener_open(far->cluster->loop, 100);
    EXPECT_EQ(listener_add_tcp(far->listener, ADDRESS, accept_stream, far, &status), 0);
    struct client_remote_options options = {
        .address = ADDRESS,
        .user = "test",
        .registry = far->cluster->registry,
    };
    far->client = client_remote_open(far->cluster->loop, &options);
    status_release(&status);
}

static void close_far(struct far *far)
{
    informer_stop(far->informer);
    client_remote_close(far->client);
    listener_close(far->listener);
    front_close(far->front, NULL, NULL);
    call_release(&far->call);
    buffer_release(&far->told);
    cluster_run_ms(far->cluster, 100);
    cluster_stop(far->cluster);
}

static void call_done(struct call *call)
{
    CONTAINER_OF(call, struct far, call)->is_done = true;
}

static void begin_call(struct far *far, const char *verb, const char *name, const char *body)
{
    call_release(&far->call);
    call_init(&far->call);
    far->is_done = false;
    far->call.verb = verb;
    far->call.path = (struct resource_path){
        .group = "",
        .version = "v1",
        .resource = "configmaps",
        .namespace = SLICE("default"),
        .name = slice_of(name),
    };
    far->call.patch_type = strcmp(verb, "patch") == 0 ? PATCH_MERGE : PATCH_NONE;
    far->call.body = slice_of(body);
    far->call.done = call_done;
    client_call(far->client, &far->call);
    EXPECT(!far->is_done);
}

static void finish_call(struct far *far)
{
    for (int i = 0; i < 60000 && !far->is_done; i++)
        cluster_run_ms(far->cluster, 1);
    EXPECT(far->is_done);
}

static void do_call(struct far *far, const char *verb, const char *name, const char *body)
{
    begin_call(far, verb, name, body);
    finish_call(far);
}

static void make(struct far *far, const char *name)
{
    struct buffer body = {0};
    buffer_format(&body, "{\"metadata\":{\"name\":\"%s\"}}", name);
    do_call(far, "create", "", body.data);
    EXPECT(status_ok(&far->call.status));
    buffer_release(&body);
}

/* --- Calls --- */

TEST("a call from afar does what a near one does, and its errors are the server's")
{
    struct far far;
    open_far(&far);
    make(&far, "one");
    do_call(&far, "patch", "one", "{\"data\":{\"a\":\"b\"}}");
    EXPECT(status_ok(&far.call.status));
    EXPECT(strstr(far.call.reply.data, "\"a\":\"b\"") != NULL);
    do_call(&far, "create", "", "{\"metadata\":{\"name\":\"one\"}}");
    EXPECT_EQ(far.call.status.reason, STATUS_ALREADY_EXISTS);
    EXPECT_TEXT(far.call.status.message, "configmaps \"one\" already exists");
    EXPECT_TEXT(far.call.status.name, "one");
    do_call(&far, "delete", "one", NULL);
    EXPECT(status_ok(&far.call.status));
    do_call(&far, "get", "one", NULL);
    EXPECT_EQ(far.call.status.reason, STATUS_NOT_FOUND);
    do_call(&far, "create", "", "{\"metadata\":{\"name\":\"A\"}}");
    EXPECT_EQ(far.call.status.reason, STATUS_INVALID);
    EXPECT_TEXT(far.call.status.causes->field, "metadata.name");
    close_far(&far);
}

TEST("a call to a server that is away says so, and one that is cut off ends")
{
    struct far far;
    open_far(&far);
    network_cut(network_of(far.cluster->loop), ADDRESS);
    do_call(&far, "get", "one", NULL);
    EXPECT_EQ(far.call.status.reason, STATUS_SERVICE_UNAVAILABLE);
    network_mend(network_of(far.cluster->loop), ADDRESS);
    do_call(&far, "get", "one", NULL);
    EXPECT_EQ(far.call.status.reason, STATUS_NOT_FOUND);
    close_far(&far);
}

TEST("calls under way are answered when the client is closed")
{
    struct far far;
    open_far(&far);
    begin_call(&far, "get", "one", NULL);
    client_remote_close(far.client);
    far.client = NULL;
    EXPECT(far.is_done);
    EXPECT_EQ(far.call.status.reason, STATUS_SERVICE_UNAVAILABLE);
    close_far(&far);
}

/* --- The informer --- */

static void changed(void *context, const struct object *old, const struct object *new)
{
    struct far *far = context;
    buffer_format(&far->told, "%s%s" SLICE_FORMAT " ", old ? "-" : "", new ? "+" : "",
                  SLICE_ARGS(key_name(object_key(new ? new : old))));
}

static void synced(void *context)
{
    buffer_append_text(&((struct far *)context)->told, "synced ");
}

static void start_informer(struct far *far)
{
    struct informer_options options = {
        .client = far->client,
        .path = {.group = "",
                 .version = "v1",
                 .resource = "configmaps",
                 .namespace = SLICE("default")},
        .changed = changed,
        .synced = synced,
        .context = far,
    };
    far->informer = informer_start(&options);
}

#define EXPECT_TOLD(far, text)                                                    \
    (EXPECT_TEXT((far)->told.size ? (far)->told.data : "", text), buffer_clear(&(far)->told))

TEST("an informer has the state, then each change")
{
    struct far far;
    open_far(&far);
    make(&far, "one");
    start_informer(&far);
    cluster_run_ms(far.cluster, 100);
    EXPECT_TOLD(&far, "+one synced ");
    EXPECT(informer_is_synced(far.informer));
    make(&far, "two");
    do_call(&far, "patch", "one", "{\"data\":{\"a\":\"b\"}}");
    do_call(&far, "delete", "two", NULL);
    cluster_run_ms(far.cluster, 100);
    EXPECT_TOLD(&far, "+two -+one -two ");
    EXPECT(informer_get(far.informer, SLICE("/configmaps/default/one")) != NULL);
    EXPECT(informer_get(far.informer, SLICE("/configmaps/default/two")) == NULL);
    close_far(&far);
}

TEST("a cut cable loses no change and repeats none")
{
    struct far far;
    open_far(&far);
    make(&far, "one");
    make(&far, "two");
    start_informer(&far);
    cluster_run_ms(far.cluster, 100);
    EXPECT_TOLD(&far, "+one +two synced ");
    network_cut(network_of(far.cluster->loop), ADDRESS);
    cluster_run_ms(far.cluster, 60000);
    EXPECT(!informer_is_connected(far.informer));
    cluster_request(far.cluster, "DELETE", "/api/v1/namespaces/default/configmaps/one", NULL);
    cluster_request(far.cluster, "POST", "/api/v1/namespaces/default/configmaps",
                    "{\"metadata\":{\"name\":\"three\"}}");
    network_mend(network_of(far.cluster->loop), ADDRESS);
    cluster_run_ms(far.cluster, 61000);
    EXPECT(informer_is_connected(far.informer));
    EXPECT_TOLD(&far, "-one +three ");
    close_far(&far);
}

TEST("after a cut longer than history all is listed anew, and what has gone is told")
{
    struct far far;
    open_far(&far);
    make(&far, "one");
    make(&far, "two");
    start_informer(&far);
    cluster_run_ms(far.cluster, 100);
    buffer_clear(&far.told);
    network_cut(network_of(far.cluster->loop), ADDRESS);
    cluster_request(far.cluster, "DELETE", "/api/v1/namespaces/default/configmaps/one", NULL);
    for (int i = 0; i < 20; i++) { /* History moves on by writes. */
        cluster_run_ms(far.cluster, 60000);
        cluster_request(far.cluster, "PATCH", "/api/v1/namespaces/default/configmaps/two",
                        "{\"data\":{\"a\":\"b\"}}");
    }
    network_mend(network_of(far.cluster->loop), ADDRESS);
    cluster_run_ms(far.cluster, 120000);
    EXPECT(informer_get(far.informer, SLICE("/configmaps/default/one")) == NULL);
    EXPECT(strstr(far.told.data, "-one ") != NULL);
    EXPECT(strstr(far.told.data, "synced ") != NULL);
    close_far(&far);
}

TEST("a watch that is refused is asked for again, and the informer may be stopped meanwhile")
{
    struct far far;
    open_far(&far);
    static const struct informer_options bad = {
        .path = {.group = "",
                 .version = "v1",
                 .resource = "configmaps",
                 .namespace = SLICE("default")},
        .query = "labelSelector=%21%21",
        .changed = changed,
        .synced = synced,
    };
    struct informer_options options = bad;
    options.client = far.client;
    options.context = &far;
    far.informer = informer_start(&options);
    cluster_run_ms(far.cluster, 10000);
    EXPECT(!informer_is_synced(far.informer));
    EXPECT_TOLD(&far, "");
    close_far(&far);
}
