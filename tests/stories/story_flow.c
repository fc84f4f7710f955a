/* How much may be under way, health, and what is told of it. */
#include "api/authn.h"
#include "tests/harness/cluster.h"

#define MAPS "/api/v1/namespaces/default/configmaps"

static const char *const groups[] = {"system:authenticated", NULL};
static const struct user somebody = {.name = "somebody", .uid = "", .groups = groups};

struct waiting {
    struct request request;
    bool is_done;
};

static void waiting_done(struct request *request)
{
    CONTAINER_OF(request, struct waiting, request)->is_done = true;
}

/* Begins a request and does not run the loop. */
static void begin(struct cluster *c, struct waiting *waiting, const struct user *user,
                  const char *method, const char *path, const char *query, const char *body)
{
    struct request *request = &waiting->request;
    *waiting = (struct waiting){0};
    request_init(request);
    request->method = slice_of(method);
    request->path = slice_of(path);
    request->query_text = slice_of(query);
    request->content_type = SLICE("application/json");
    request->body = slice_of(body);
    request->user = user;
    request->done = waiting_done;
    api_serve(c->api, request);
}

static void allow_somebody(struct cluster *c)
{
    cluster_request(c, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                    "{\"metadata\":{\"name\":\"somebody\"},\"roleRef\":{\"apiGroup\":"
                    "\"rbac.authorization.k8s.io\",\"kind\":\"ClusterRole\",\"name\":"
                    "\"cluster-admin\"},\"subjects\":[{\"apiGroup\":\"rbac.authorization.k8s.io\","
                    "\"kind\":\"User\",\"name\":\"somebody\"}]}");
    EXPECT_CODE(c, 201);
}

static const char *metric(struct cluster *c, const char *line)
{
    cluster_request(c, "GET", "/metrics", NULL);
    const char *at = strstr(c->reply, line);
    return at ? at + strlen(line) : "absent";
}

TEST("writes beyond their places are told to come back in a second; reads have their own")
{
    struct cluster *c = cluster_start();
    struct waiting first, second, third;
    allow_somebody(c);
    c->api->flow.writes_max = 1;
    begin(c, &first, &somebody, "POST", MAPS, "", "{\"metadata\":{\"name\":\"a\"}}");
    EXPECT(!first.is_done); /* Waits for the disk, and holds the one place. */
    begin(c, &second, &somebody, "POST", MAPS, "", "{\"metadata\":{\"name\":\"b\"}}");
    EXPECT(second.is_done);
    EXPECT_EQ(second.request.reply.code, 429);
    EXPECT_TEXT(second.request.status.message, "Too many requests, please try again later.");
    EXPECT_TEXT(second.request.reply.headers->name, "Retry-After");
    EXPECT_TEXT(second.request.reply.headers->value, "1");
    begin(c, &third, &user_admin, "POST", MAPS, "", "{\"metadata\":{\"name\":\"c\"}}");
    cluster_request_as(c, &somebody, "GET", MAPS, NULL, NULL, NULL);
    EXPECT_CODE(c, 200);
    cluster_run_ms(c, 20);
    EXPECT(first.is_done && third.is_done);
    EXPECT_EQ(first.request.reply.code, 201);
    EXPECT_EQ(third.request.reply.code, 201); /* Masters always get an answer. */
    request_release(&second.request);
    request_release(&third.request);
    EXPECT_EQ(c->api->flow.writes.value, 1);
    request_release(&first.request); /* Sent: the place is free. */
    EXPECT_EQ(c->api->flow.writes.value, 0);
    cluster_request_as(c, &somebody, "POST", MAPS, "application/json", NULL,
                       "{\"metadata\":{\"name\":\"b\"}}");
    EXPECT_CODE(c, 201);
    cluster_stop(c);
}

TEST("health is answered when no place is left, and watches have none of them")
{
    struct cluster *c = cluster_start();
    struct waiting watch;
    allow_somebody(c);
    c->api->flow.reads_max = 0;
    cluster_request_as(c, &somebody, "GET", MAPS, NULL, NULL, NULL);
    EXPECT_CODE(c, 429);
    cluster_request_as(c, &somebody, "GET", "/readyz", NULL, NULL, NULL);
    EXPECT_CODE(c, 200);
    c->api->flow.watches_max = 1;
    begin(c, &watch, &somebody, "GET", MAPS, "watch=1", "");
    EXPECT_EQ(watch.request.reply.code, 200);
    cluster_request_as(c, &somebody, "GET", MAPS "?watch=1", NULL, NULL, NULL);
    EXPECT_CODE(c, 429);
    cluster_request(c, "GET", MAPS "?watch=1", NULL); /* Another user's are counted apart. */
    EXPECT_CODE(c, 200);
    request_release(&watch.request);
    cluster_request_as(c, &somebody, "GET", MAPS "?watch=1", NULL, NULL, NULL);
    EXPECT_CODE(c, 200);
    cluster_stop(c);
}

TEST("health tells each check, passes over what is excluded, and answers one alone")
{
    struct cluster *c = cluster_start();
    cluster_request(c, "GET", "/livez", NULL);
    EXPECT_TEXT(c->reply, "ok");
    cluster_request(c, "GET", "/livez?verbose", NULL);
    EXPECT_TEXT(c->reply, "[+]ping ok\nlivez check passed\n");
    cluster_request(c, "GET", "/readyz/ping", NULL);
    EXPECT_TEXT(c->reply, "ok");
    cluster_request(c, "GET", "/readyz/nothing", NULL);
    EXPECT_CODE(c, 404);
    c->api->is_ready = false;
    cluster_request(c, "GET", "/readyz", NULL);
    EXPECT_CODE(c, 500);
    EXPECT_TEXT(c->reply, "[+]ping ok\n[+]store ok\n[-]poststarthook/bootstrap failed: reason "
                          "withheld\nreadyz check failed\n");
    cluster_request(c, "GET", "/readyz/poststarthook/bootstrap", NULL);
    EXPECT_CODE(c, 500);
    cluster_request(c, "GET", "/readyz?verbose&exclude=poststarthook/bootstrap&exclude=etcd", NULL);
    EXPECT_CODE(c, 200);
    EXPECT_TEXT(c->reply,
                "[+]ping ok\n[+]store ok\n[+]poststarthook/bootstrap excluded: ok\nwarn: some "
                "health checks cannot be excluded: no matches for \"etcd\"\nreadyz check passed\n");
    cluster_stop(c);
}

TEST("requests, watches and objects are counted under upstream's names")
{
    struct cluster *c = cluster_start();
    struct waiting watch;
    cluster_request(c, "POST", MAPS, "{\"metadata\":{\"name\":\"a\"}}");
    cluster_request(c, "POST", MAPS, "{\"metadata\":{\"name\":\"a\"}}");
    EXPECT_CODE(c, 409);
    begin(c, &watch, &user_admin, "GET", MAPS, "watch=1", "");
    EXPECT(strncmp(metric(c, "apiserver_request_total{code=\"201\",component=\"apiserver\",dry_run="
                             "\"\",group=\"\",resource=\"configmaps\",scope=\"resource\","
                             "subresource=\"\",verb=\"POST\",version=\"v1\"} "),
                   "1\n", 2) == 0);
    EXPECT(strncmp(metric(c, "apiserver_request_total{code=\"409\",component=\"apiserver\",dry_run="
                             "\"\",group=\"\",resource=\"configmaps\",scope=\"resource\","
                             "subresource=\"\",verb=\"POST\",version=\"v1\"} "),
                   "1\n", 2) == 0);
    EXPECT(strncmp(metric(c, "apiserver_longrunning_requests{component=\"apiserver\",group=\"\","
                             "resource=\"configmaps\",scope=\"namespace\",subresource=\"\",verb="
                             "\"WATCH\",version=\"v1\"} "),
                   "1\n", 2) == 0);
    EXPECT(strncmp(metric(c, "apiserver_storage_objects{resource=\"configmaps\"} "), "1\n", 2) ==
           0);
    EXPECT(strcmp(metric(c, "process_resident_memory_bytes "), "absent") != 0);
    cluster_request(c, "GET", "/debug/requests", NULL);
    EXPECT(strstr(c->reply, "streaming") != NULL && strstr(c->reply, MAPS "?watch=1") != NULL);
    request_release(&watch.request);
    EXPECT(strncmp(metric(c, "apiserver_longrunning_requests{component=\"apiserver\",group=\"\","
                             "resource=\"configmaps\",scope=\"namespace\",subresource=\"\",verb="
                             "\"WATCH\",version=\"v1\"} "),
                   "0\n", 2) == 0);
    cluster_stop(c);
}
