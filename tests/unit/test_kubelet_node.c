#include "core/clock.h"
#include "kubelet-lite/address_pool.h"
#include "kubelet-lite/node_shape.h"
#include "kubelet-lite/node_status.h"
#include "tests/harness/test.h"

#define NOW INT64_C(1767225600000000) /* 2026-01-01T00:00:00Z */

/* --- Shapes --- */

static const char *shape(struct arena *arena, const char *text)
{
    struct status status;
    struct buffer printed = {0};
    status_init(&status);
    struct json *list = node_shape_parse(arena, text, &status);
    if (list)
        json_print(list, &printed);
    const char *copy = list ? arena_copy_slice(arena, buffer_slice(&printed))
                            : arena_copy_text(arena, status.message);
    buffer_release(&printed);
    status_release(&status);
    return copy;
}

TEST("a shape names resources, and what a node cannot be without is added")
{
    struct arena arena;
    arena_init(&arena);
    EXPECT_TEXT(shape(&arena, NULL),
                "{\"cpu\":\"32\",\"memory\":\"256Gi\",\"nvidia.com/gpu\":\"8\","
                "\"ephemeral-storage\":\"1Ti\",\"pods\":\"110\"}");
    EXPECT_TEXT(shape(&arena, " cpu = 500m , pods=3,example.com/fpga=2"),
                "{\"cpu\":\"500m\",\"pods\":\"3\",\"example.com/fpga\":\"2\","
                "\"memory\":\"256Gi\",\"ephemeral-storage\":\"1Ti\"}");
    EXPECT_TEXT(shape(&arena, ""), "{\"cpu\":\"32\",\"memory\":\"256Gi\","
                                   "\"ephemeral-storage\":\"1Ti\",\"pods\":\"110\"}");
    arena_release(&arena);
}

TEST("a shape that is none says where it is wrong")
{
    struct arena arena;
    arena_init(&arena);
    EXPECT_TEXT(shape(&arena, "cpu"), "node shape: \"cpu\": must be NAME=AMOUNT");
    EXPECT_TEXT(shape(&arena, "=4"), "node shape: \"=4\": must be NAME=AMOUNT");
    EXPECT_TEXT(shape(&arena, "cpu=4,"), "node shape: \"\": must be NAME=AMOUNT");
    EXPECT_TEXT(shape(&arena, "cpu=-1"), "node shape: \"cpu=-1\": must not be negative");
    EXPECT_TEXT(shape(&arena, "cpu=1,cpu=2"), "node shape: \"cpu=2\": is named twice");
    EXPECT_TEXT(shape(&arena, "nvidia.com/gpu=1500m"),
                "node shape: \"nvidia.com/gpu=1500m\": comes in whole units");
    EXPECT(strstr(shape(&arena, "cpu=many"), "node shape: \"cpu=many\": ") != NULL);
    arena_release(&arena);
}

/* --- Reports --- */

static void fill(struct arena *arena, struct node_report *report)
{
    struct status status;
    status_init(&status);
    *report = (struct node_report){
        .name = "n1",
        .address = "10.0.0.1",
        .capacity = node_shape_parse(arena, "cpu=4", &status),
        .architecture = "amd64",
        .operating_system = "linux",
        .kernel_version = "6",
        .os_image = "test",
        .runtime_version = "test://1",
    };
}

static const struct json *condition_of(const struct json *object, const char *type)
{
    JSON_EACH(condition, json_at(object, "status.conditions"))
        if (slice_is(json_string(json_get(condition, "type")), type))
            return condition;
    return NULL;
}

TEST("a Node says what upstream's kubelet says, and then has nothing more to say")
{
    struct arena arena;
    struct node_report report;
    arena_init(&arena);
    fill(&arena, &report);
    struct json *node = node_body(&arena, &report, NULL, NULL, NOW);
    EXPECT_TEXT(json_text(json_get(json_at(node, "metadata.labels"), "kubernetes.io/hostname")),
                "n1");
    const struct json *ready = condition_of(node, "Ready");
    EXPECT_TEXT(json_text(json_get(ready, "status")), "True");
    EXPECT_TEXT(json_text(json_get(ready, "reason")), "KubeletReady");
    EXPECT_TEXT(json_text(json_get(ready, "message")), "kubelet is posting ready status");
    EXPECT_TEXT(json_text(json_get(condition_of(node, "PIDPressure"), "reason")),
                "KubeletHasSufficientPID");
    EXPECT_TEXT(json_text(json_at(node, "status.allocatable.cpu")), "4");
    EXPECT(node_status_patch(&arena, node, &report, NOW + 1000000000) == NULL);
    arena_release(&arena);
}

TEST("only what changed is patched, and what is gone is taken out")
{
    struct arena arena;
    struct node_report report;
    arena_init(&arena);
    fill(&arena, &report);
    struct json *node = node_body(&arena, &report, NULL, NULL, NOW);
    json_set_text(&arena, json_at(node, "status.capacity"), "old.com/thing", "2");
    report.not_ready = "container runtime is down";
    struct json *patch = node_status_patch(&arena, node, &report, NOW + 5000000);
    EXPECT_EQ(json_count(json_at(patch, "status.conditions")), 1);
    EXPECT_TEXT(json_text(json_get(condition_of(patch, "Ready"), "status")), "False");
    EXPECT_TEXT(json_text(json_get(condition_of(patch, "Ready"), "lastTransitionTime")),
                "2026-01-01T00:00:05Z");
    EXPECT(json_is(json_get(json_at(patch, "status.capacity"), "old.com/thing"), JSON_NULL));
    EXPECT(json_at(patch, "status.addresses") == NULL);
    arena_release(&arena);
}

TEST("a report that only fills leaves what is told alone, but for the conditions")
{
    struct arena arena;
    struct node_report report;
    struct status status;
    arena_init(&arena);
    status_init(&status);
    fill(&arena, &report);
    report.only_fills = true;
    struct json *node = json_parse(
        &arena,
        SLICE("{\"status\":{\"capacity\":{\"cpu\":\"9\"},\"nodeInfo\":{\"osImage\":\"mine\"}}}"),
        NULL, &status);
    struct json *patch = node_status_patch(&arena, node, &report, NOW);
    EXPECT(json_at(patch, "status.capacity") == NULL);
    EXPECT_TEXT(json_text(json_at(patch, "status.allocatable.cpu")), "9");
    EXPECT_TEXT(json_text(json_at(patch, "status.nodeInfo.osImage")), "mine");
    EXPECT_TEXT(json_text(json_at(patch, "status.nodeInfo.architecture")), "amd64");
    EXPECT_EQ(json_count(json_at(patch, "status.conditions")), 4);
    arena_release(&arena);
}

TEST("a Lease belongs to its Node and says when it was renewed")
{
    struct arena arena;
    arena_init(&arena);
    struct json *lease = node_lease_body(&arena, "n1", "u1", NOW + 7);
    EXPECT_TEXT(json_text(json_at(lease, "spec.renewTime")), "2026-01-01T00:00:00.000007Z");
    EXPECT_TEXT(json_text(json_at(lease, "spec.holderIdentity")), "n1");
    EXPECT_TEXT(
        json_text(json_get(json_item(json_at(lease, "metadata.ownerReferences"), 0), "uid")), "u1");
    arena_release(&arena);
}

/* --- Addresses --- */

TEST("each address is given once, never the first or the last, until none is left")
{
    struct address_pool pool;
    char text[ADDRESS_TEXT_SIZE];
    address_pool_init(&pool, ipv4_parse(SLICE("10.1.2.0")), 29);
    for (int i = 1; i <= 6; i++) {
        ipv4_print(address_pool_take(&pool), text);
        EXPECT_EQ(text[strlen(text) - 1], '0' + i);
    }
    EXPECT_EQ(address_pool_take(&pool), 0);
    address_pool_free(&pool, ipv4_parse(SLICE("10.1.2.0")));
    address_pool_free(&pool, ipv4_parse(SLICE("10.1.2.7")));
    address_pool_free(&pool, ipv4_parse(SLICE("10.1.3.4")));
    EXPECT_EQ(address_pool_take(&pool), 0);
    address_pool_free(&pool, ipv4_parse(SLICE("10.1.2.3")));
    address_pool_free(&pool, ipv4_parse(SLICE("10.1.2.3")));
    EXPECT_EQ(address_pool_take(&pool), ipv4_parse(SLICE("10.1.2.3")));
    EXPECT_EQ(address_pool_take(&pool), 0);
    address_pool_release(&pool);
}

TEST("an address that is held elsewhere is passed over, and freed ones are not given at once")
{
    struct address_pool pool;
    address_pool_init(&pool, ipv4_parse(SLICE("10.1.2.0")), 24);
    address_pool_hold(&pool, ipv4_parse(SLICE("10.1.2.1")));
    address_pool_hold(&pool, ipv4_parse(SLICE("10.1.2.1")));
    uint32_t second = address_pool_take(&pool);
    EXPECT_EQ(second, ipv4_parse(SLICE("10.1.2.2")));
    address_pool_free(&pool, second);
    EXPECT_EQ(address_pool_take(&pool), ipv4_parse(SLICE("10.1.2.3")));
    address_pool_release(&pool);
}

TEST("dotted decimals are read strictly")
{
    EXPECT_EQ(ipv4_parse(SLICE("255.255.255.255")), UINT32_MAX);
    EXPECT_EQ(ipv4_parse(SLICE("1.2.3")), 0);
    EXPECT_EQ(ipv4_parse(SLICE("1.2.3.4.5")), 0);
    EXPECT_EQ(ipv4_parse(SLICE("1.2.3.256")), 0);
    EXPECT_EQ(ipv4_parse(SLICE("1.2.3.-4")), 0);
    EXPECT_EQ(ipv4_parse(SLICE("1.2.3.")), 0);
    EXPECT_EQ(ipv4_parse(SLICE("")), 0);
    EXPECT_EQ(ipv4_parse(SLICE("fe80::1")), 0);
}
