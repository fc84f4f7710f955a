/* Addresses and node ports of services: given out once, kept, and given back. */
#include <stdlib.h>

#include "api/authn.h"
#include "api/service_ranges.h"
#include "tests/harness/cluster.h"

#define SERVICES "/api/v1/namespaces/default/services"
#define MERGE "application/merge-patch+json"

static int make(struct cluster *c, const char *name, const char *spec)
{
    return cluster_request(
        c, "POST", SERVICES,
        arena_format(&c->arena, "{\"metadata\":{\"name\":\"%s\"},\"spec\":{%s}}", name, spec));
}
static int patch(struct cluster *c, const char *name, const char *spec)
{
    return cluster_request_as(c, NULL, "PATCH", arena_format(&c->arena, SERVICES "/%s", name),
                              MERGE, NULL, arena_format(&c->arena, "{\"spec\":{%s}}", spec));
}
static const char *message(struct cluster *c)
{
    return cluster_text(c, "message");
}
static const char *node_port(struct cluster *c, size_t index)
{
    const struct json *port = json_item(json_at(c->object, "spec.ports"), index);
    struct slice number = json_number(json_get(port, "nodePort"));
    return number.data ? arena_copy_slice(&c->arena, number) : "";
}
static const char *item(struct cluster *c, const char *path)
{
    return json_text(json_first(json_at(c->object, path)));
}

#define PORT "\"ports\":[{\"port\":80}]"
#define NODE_PORT(number) "\"ports\":[{\"port\":80,\"nodePort\":" number "}]"

/* --- Addresses --- */

TEST("a service gets an address behind the band of those who choose, a family and a policy")
{
    struct cluster *c = cluster_start();
    make(c, "a", PORT);
    EXPECT_CODE(c, 201);
    const char *address = cluster_text(c, "spec.clusterIP");
    EXPECT_EQ(strncmp(address, "10.", 3), 0);
    EXPECT(strncmp(address, "10.96.0.", 8) != 0);
    EXPECT_TEXT(item(c, "spec.clusterIPs"), address);
    EXPECT_TEXT(item(c, "spec.ipFamilies"), "IPv4");
    EXPECT_TEXT(cluster_text(c, "spec.ipFamilyPolicy"), "SingleStack");
    cluster_stop(c);
}

TEST("an address that was asked for is given once, and again after its service is gone")
{
    struct cluster *c = cluster_start();
    make(c, "a", "\"clusterIP\":\"10.96.0.10\"," PORT);
    EXPECT_CODE(c, 201);
    EXPECT_TEXT(item(c, "spec.clusterIPs"), "10.96.0.10");
    make(c, "b", "\"clusterIP\":\"10.96.0.10\"," PORT);
    EXPECT_CODE(c, 422);
    EXPECT_TEXT(message(c), "Service \"b\" is invalid: spec.clusterIPs: Invalid value: "
                            "[\"10.96.0.10\"]: failed to allocate IP 10.96.0.10: provided IP is "
                            "already allocated");
    cluster_request(c, "DELETE", SERVICES "/a", NULL);
    EXPECT_CODE(c, 200);
    make(c, "b", "\"clusterIP\":\"10.96.0.10\"," PORT);
    EXPECT_CODE(c, 201);
    cluster_stop(c);
}

TEST("an address outside the range is refused, and so are both ends of it")
{
    struct cluster *c = cluster_start();
    static const char *const outside[] = {"10.96.0.0", "10.111.255.255", "10.95.255.255",
                                          "192.0.2.1"};
    for (size_t i = 0; i < ARRAY_SIZE(outside); i++) {
        make(c, "a", arena_format(&c->arena, "\"clusterIP\":\"%s\"," PORT, outside[i]));
        EXPECT_CODE(c, 422);
        EXPECT_TEXT(message(c),
                    arena_format(&c->arena,
                                 "Service \"a\" is invalid: spec.clusterIPs: Invalid value: "
                                 "[\"%s\"]: failed to allocate IP %s: the provided network does "
                                 "not match the current range",
                                 outside[i], outside[i]));
    }
    make(c, "first", "\"clusterIP\":\"10.96.0.1\"," PORT);
    EXPECT_CODE(c, 201);
    make(c, "last", "\"clusterIP\":\"10.111.255.254\"," PORT);
    EXPECT_CODE(c, 201);
    cluster_stop(c);
}

TEST("a headless service and a mere name have no address; becoming a name gives it back")
{
    struct cluster *c = cluster_start();
    make(c, "headless", "\"clusterIP\":\"None\",\"selector\":{\"a\":\"b\"}," PORT);
    EXPECT_TEXT(cluster_text(c, "spec.clusterIP"), "None");
    EXPECT_TEXT(cluster_text(c, "spec.ipFamilyPolicy"), "SingleStack");
    make(c, "by-hand", "\"clusterIP\":\"None\"," PORT);
    EXPECT_TEXT(cluster_text(c, "spec.ipFamilyPolicy"), "RequireDualStack");
    EXPECT_EQ(json_count(json_at(c->object, "spec.ipFamilies")), 2);
    make(c, "name", "\"type\":\"ExternalName\",\"externalName\":\"a.example\"");
    EXPECT_CODE(c, 201);
    EXPECT_TEXT(cluster_text(c, "spec.clusterIP"), "");
    make(c, "a", "\"clusterIP\":\"10.96.0.10\"," PORT);
    patch(c, "a", "\"type\":\"ExternalName\",\"externalName\":\"a.example\"");
    EXPECT_CODE(c, 200);
    EXPECT_TEXT(cluster_text(c, "spec.clusterIP"), "");
    make(c, "b", "\"clusterIP\":\"10.96.0.10\"," PORT);
    EXPECT_CODE(c, 201);
    patch(c, "a", "\"type\":\"ClusterIP\",\"externalName\":null");
    EXPECT_CODE(c, 200);
    EXPECT(cluster_text(c, "spec.clusterIP")[0] != '\0');
    cluster_stop(c);
}

TEST("an address does not change, and an update that is silent of it keeps it")
{
    struct cluster *c = cluster_start();
    make(c, "a", "\"clusterIP\":\"10.96.0.10\"," PORT);
    cluster_request(c, "PUT", SERVICES "/a", "{\"metadata\":{\"name\":\"a\"},\"spec\":{" PORT "}}");
    EXPECT_CODE(c, 200);
    EXPECT_TEXT(item(c, "spec.clusterIPs"), "10.96.0.10");
    patch(c, "a", "\"clusterIP\":\"10.96.0.11\"");
    EXPECT_CODE(c, 422);
    EXPECT_TEXT(message(c), "Service \"a\" is invalid: spec.clusterIPs[0]: Invalid value: "
                            "[\"10.96.0.11\"]: may not change once set");
    cluster_stop(c);
}

TEST("this cluster has one family, and says so")
{
    struct cluster *c = cluster_start();
    make(c, "a", "\"ipFamilyPolicy\":\"RequireDualStack\"," PORT);
    EXPECT_TEXT(message(c), "Service \"a\" is invalid: spec.ipFamilyPolicy: Invalid value: "
                            "\"RequireDualStack\": this cluster is not configured for dual-stack "
                            "services");
    make(c, "a", "\"ipFamilies\":[\"IPv6\"]," PORT);
    EXPECT_TEXT(message(c), "Service \"a\" is invalid: spec.ipFamilies[0]: Invalid value: "
                            "\"IPv6\": not configured on this cluster");
    make(c, "a", "\"clusterIP\":\"fd00::1\"," PORT);
    EXPECT_TEXT(message(c), "Service \"a\" is invalid: spec.clusterIPs[0]: Invalid value: "
                            "[\"fd00::1\"]: IPv6 is not configured on this cluster");
    make(c, "a", "\"ipFamilyPolicy\":\"PreferDualStack\"," PORT);
    EXPECT_CODE(c, 201);
    EXPECT_EQ(json_count(json_at(c->object, "spec.ipFamilies")), 1);
    cluster_stop(c);
}

/* --- Node ports --- */

TEST("node ports are given once, by number or any; two protocols of a port share theirs")
{
    struct cluster *c = cluster_start();
    make(c, "a", "\"type\":\"NodePort\"," NODE_PORT("30080"));
    EXPECT_CODE(c, 201);
    make(c, "b", "\"type\":\"NodePort\"," NODE_PORT("30080"));
    EXPECT_CODE(c, 422);
    EXPECT_TEXT(message(c), "Service \"b\" is invalid: spec.ports[0].nodePort: Invalid value: "
                            "30080: provided port is already allocated");
    make(c, "b", "\"type\":\"NodePort\"," NODE_PORT("29999"));
    EXPECT_TEXT(message(c), "Service \"b\" is invalid: spec.ports[0].nodePort: Invalid value: "
                            "29999: provided port is not in the valid range. The range of valid "
                            "ports is 30000-32767");
    make(c, "dns",
         "\"type\":\"NodePort\",\"ports\":[{\"name\":\"t\",\"port\":53},"
         "{\"name\":\"u\",\"port\":53,\"protocol\":\"UDP\"},{\"name\":\"m\",\"port\":9153}]");
    EXPECT_CODE(c, 201);
    EXPECT(atoi(node_port(c, 0)) >= 30086 && atoi(node_port(c, 0)) <= 32767);
    EXPECT_TEXT(node_port(c, 0), node_port(c, 1));
    EXPECT(strcmp(node_port(c, 1), node_port(c, 2)) != 0);
    cluster_stop(c);
}

TEST("node ports go back when the type, the port or the service goes")
{
    struct cluster *c = cluster_start();
    make(c, "a", "\"type\":\"NodePort\"," NODE_PORT("30080"));
    patch(c, "a", "\"type\":\"ClusterIP\"");
    EXPECT_CODE(c, 200);
    EXPECT_TEXT(node_port(c, 0), "");
    make(c, "b", "\"type\":\"NodePort\"," NODE_PORT("30080"));
    EXPECT_CODE(c, 201);
    patch(c, "b", NODE_PORT("30081"));
    EXPECT_CODE(c, 200);
    patch(c, "a", "\"type\":\"NodePort\"," NODE_PORT("30081"));
    EXPECT_CODE(c, 422);
    patch(c, "a", "\"type\":\"NodePort\"," NODE_PORT("30080"));
    EXPECT_CODE(c, 200);
    cluster_request(c, "DELETE", SERVICES "/b", NULL);
    make(c, "d", "\"type\":\"NodePort\"," NODE_PORT("30081"));
    EXPECT_CODE(c, 201);
    cluster_stop(c);
}

TEST("a load balancer has node ports unless told otherwise, and one for health checks")
{
    struct cluster *c = cluster_start();
    make(c, "a", "\"type\":\"LoadBalancer\"," PORT);
    EXPECT(node_port(c, 0)[0] != '\0');
    make(c, "b", "\"type\":\"LoadBalancer\",\"allocateLoadBalancerNodePorts\":false," PORT);
    EXPECT_TEXT(node_port(c, 0), "");
    patch(c, "b", "\"externalTrafficPolicy\":\"Local\",\"healthCheckNodePort\":30090");
    EXPECT_CODE(c, 200);
    EXPECT_TEXT(cluster_text(c, "spec.healthCheckNodePort"), "30090");
    make(c, "d", "\"type\":\"NodePort\"," NODE_PORT("30090"));
    EXPECT_CODE(c, 422);
    patch(c, "b", "\"externalTrafficPolicy\":\"Cluster\"");
    EXPECT_TEXT(cluster_text(c, "spec.healthCheckNodePort"), "");
    make(c, "d", "\"type\":\"NodePort\"," NODE_PORT("30090"));
    EXPECT_CODE(c, 201);
    make(c, "e", "\"type\":\"LoadBalancer\",\"externalTrafficPolicy\":\"Local\"," PORT);
    EXPECT(atoi(cluster_text(c, "spec.healthCheckNodePort")) >= 30000);
    cluster_stop(c);
}

/* --- Nothing is taken by what is not written --- */

TEST("a dry run and a refused service take nothing")
{
    struct cluster *c = cluster_start();
    cluster_request(c, "POST", SERVICES "?dryRun=All",
                    "{\"metadata\":{\"name\":\"a\"},\"spec\":{\"type\":\"NodePort\","
                    "\"clusterIP\":\"10.96.0.10\"," NODE_PORT("30080") "}}");
    EXPECT_CODE(c, 201);
    cluster_request(c, "POST", SERVICES "?dryRun=All",
                    "{\"metadata\":{\"name\":\"a\"},\"spec\":{\"type\":\"NodePort\"," PORT "}}");
    EXPECT_TEXT(cluster_text(c, "spec.clusterIP"), "10.96.0.0");
    EXPECT_TEXT(node_port(c, 0), "32768");
    make(c, "Bad", "\"type\":\"NodePort\",\"clusterIP\":\"10.96.0.10\"," NODE_PORT("30080"));
    EXPECT_CODE(c, 422);
    make(c, "a", "\"type\":\"NodePort\",\"clusterIP\":\"10.96.0.10\"," NODE_PORT("30080"));
    EXPECT_CODE(c, 201);
    cluster_stop(c);
}

/* --- Many at once, full, and begun again --- */

static void begin_again(struct cluster *c, const struct service_ranges_config *config)
{
    service_ranges_stop(c->api->service_ranges);
    service_ranges_destroy(c->api->service_ranges);
    c->api->service_ranges = service_ranges_create(c->store, config);
}

TEST("what was given out is known from the services alone")
{
    struct cluster *c = cluster_start();
    make(c, "a", "\"type\":\"NodePort\",\"clusterIP\":\"10.96.0.10\"," NODE_PORT("30080"));
    begin_again(c, &service_ranges_default);
    make(c, "b", "\"clusterIP\":\"10.96.0.10\"," PORT);
    EXPECT_CODE(c, 422);
    make(c, "b", "\"type\":\"NodePort\"," NODE_PORT("30080"));
    EXPECT_CODE(c, 422);
    cluster_stop(c);
}

TEST("every address of a small range is given once, the lower band last, then it is full")
{
    struct cluster *c = cluster_start();
    struct service_ranges_config small = service_ranges_default;
    small.prefix_bits = 27; /* 30 addresses, the first 16 of them below the band. */
    small.first_port = 30000;
    small.last_port = 30001;
    bool seen[32] = {false};
    begin_again(c, &small);
    for (int i = 0; i < 30; i++) {
        make(c, arena_format(&c->arena, "s%d", i), PORT);
        EXPECT_CODE(c, 201);
        int last = atoi(strrchr(cluster_text(c, "spec.clusterIP"), '.') + 1);
        EXPECT(last >= 1 && last <= 30 && !seen[last]);
        EXPECT_EQ(last > 16, i < 14);
        seen[last] = true;
    }
    make(c, "more", PORT);
    EXPECT_CODE(c, 500);
    EXPECT_TEXT(message(c),
                "Internal error occurred: failed to allocate a serviceIP: range is full");
    cluster_request(c, "DELETE", SERVICES "/s7", NULL);
    make(c, "more",
         "\"type\":\"NodePort\",\"ports\":[{\"name\":\"a\",\"port\":1},{\"name\":"
         "\"b\",\"port\":2},{\"name\":\"c\",\"port\":3}]");
    EXPECT_TEXT(message(c),
                "Internal error occurred: failed to allocate a nodePort: range is full");
    make(c, "more", PORT);
    EXPECT_CODE(c, 201);
    cluster_stop(c);
}

static bool is_committed;
static void committed(struct commit *commit)
{
    (void)commit;
    is_committed = true;
}
static void commit_two(struct cluster *c, const char *spec, struct commit *commit)
{
    struct commit_write writes[2];
    struct client *client = api_client_create(c->api, &user_admin);
    for (int i = 0; i < 2; i++)
        writes[i] = (struct commit_write){
            .verb = "create",
            .path = {"", "v1", "services", SLICE("default"), {0}, NULL},
            .body = slice_of(arena_format(
                &c->arena, "{\"metadata\":{\"name\":\"s%d\"},\"spec\":{%s}}", i, spec)),
            .expected = -1};
    *commit = (struct commit){.writes = writes, .count = 2, .done = committed};
    status_init(&commit->status);
    is_committed = false;
    client->operations->commit(client, commit);
    while (!is_committed)
        cluster_run_ms(c, 1);
    api_client_destroy(client);
}
TEST("two services of one transaction never get the same")
{
    struct cluster *c = cluster_start();
    struct commit commit;
    struct service_ranges_config small = service_ranges_default;
    small.prefix_bits = 30; /* Two addresses. */
    small.last_port = 30001;
    begin_again(c, &small);
    commit_two(c, "\"clusterIP\":\"10.96.0.1\"," PORT, &commit);
    EXPECT_EQ(commit.status.code, 422);
    EXPECT_EQ(commit.failed_write, 1);
    status_release(&commit.status);
    commit_two(c, "\"type\":\"NodePort\"," PORT, &commit);
    EXPECT(status_ok(&commit.status));
    status_release(&commit.status);
    cluster_request(c, "GET", SERVICES, NULL);
    const struct json *items = json_get(c->object, "items");
    EXPECT_EQ(json_count(items), 2);
    EXPECT(strcmp(json_text(json_at(json_item(items, 0), "spec.clusterIP")),
                  json_text(json_at(json_item(items, 1), "spec.clusterIP"))) != 0);
    cluster_stop(c);
}

TEST("ranges are read, and what is none is refused")
{
    struct service_ranges_config config = service_ranges_default;
    struct status status;
    static const char *const wrong[] = {
        "10.96.0.0/11", "10.96.0.0/31", "fd00::/112", "10.96.0.0", "", "x/12"};
    static const char *const wrong_ports[] = {"", "1", "0-5", "5-4", "1-65536", "a-b", "1-2-3"};
    status_init(&status);
    EXPECT_EQ(service_ranges_read("10.1.2.3/24", "1-65535", &config, &status), 0);
    EXPECT_EQ(config.network, 0x0a010200);
    EXPECT_EQ(config.last_port, 65535);
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
        EXPECT_EQ(service_ranges_read(wrong[i], NULL, &config, &status), -1);
    for (size_t i = 0; i < ARRAY_SIZE(wrong_ports); i++)
        EXPECT_EQ(service_ranges_read(NULL, wrong_ports[i], &config, &status), -1);
    status_release(&status);
}
