#include "kubelet-lite/cgroup.h"
#include "kubelet-lite/pod_cgroup.h"
#include "tests/harness/test.h"

static const char two[] = "proc /proc proc rw 0 0\n"
                          "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n";
static const char one[] = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\n"
                          "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n"
                          "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n"
                          "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";

TEST("which version of control groups a machine has is seen in its mounts")
{
    struct cgroups cgroups;
    cgroups_parse(&cgroups, slice_of(two), SLICE("cpuset cpu io memory pids\n"));
    EXPECT_EQ(cgroups.version, CGROUP_V2);
    EXPECT(cgroups_has(&cgroups, "cpu") && cgroups_has(&cgroups, "pids"));
    EXPECT(!cgroups_has(&cgroups, "hugetlb") && !cgroups.is_mixed);
    cgroups_parse(&cgroups, slice_of(one), SLICE(""));
    EXPECT_EQ(cgroups.version, CGROUP_V1);
    EXPECT(cgroups_has(&cgroups, "cpuacct") && cgroups_has(&cgroups, "memory"));
    EXPECT(!cgroups_has(&cgroups, "pids") && !cgroups.is_mixed);
    cgroups_parse(&cgroups, slice_of(one), SLICE("hugetlb\n"));
    EXPECT(cgroups.is_mixed);
    cgroups_parse(&cgroups, SLICE("proc /proc proc rw 0 0\n"), SLICE(""));
    EXPECT_EQ(cgroups.version, CGROUP_NONE);
    EXPECT(!cgroups_has(&cgroups, "cpu"));
}

TEST("shares, weights and quotas are upstream's")
{
    static const struct {
        int64_t millis, shares, weight, quota_us;
    } rows[] = {
        {0, 2, 1, 0},
        {1, 2, 1, 1000},
        {5, 5, 1, 1000},
        {10, 10, 1, 1000},
        {50, 51, 2, 5000},
        {100, 102, 4, 10000},
        {250, 256, 10, 25000},
        {500, 512, 20, 50000},
        {1000, 1024, 39, 100000},
        {1500, 1536, 59, 150000},
        {2000, 2048, 79, 200000},
        {8000, 8192, 313, 800000},
        {64000, 65536, 2500, 6400000},
        {256000, 262144, 10000, 25600000},
        {INT64_MAX, 262144, 10000, INT64_MAX / 1000},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        EXPECT_EQ(cpu_shares_of_millis(rows[i].millis), rows[i].shares);
        EXPECT_EQ(cpu_weight_of_shares(rows[i].shares), rows[i].weight);
        EXPECT_EQ(cpu_quota_of_millis(rows[i].millis), rows[i].quota_us);
    }
}

struct pod {
    struct arena arena;
    struct json *json;
};

static void read_pod(struct pod *pod, const char *containers)
{
    struct status status;
    struct buffer text = {0};
    status_init(&status);
    arena_init(&pod->arena);
    buffer_format(&text, "{\"metadata\":{\"uid\":\"u\"},\"spec\":{%s}}", containers);
    pod->json = json_parse(&pod->arena, buffer_slice(&text), NULL, &status);
    EXPECT_TEXT(status.message, NULL);
    buffer_release(&text);
    status_release(&status);
}

static void expect_limits(const char *spec, const char *path, int64_t shares, int64_t quota_us,
                          int64_t memory, int64_t adj)
{
    struct pod pod;
    struct cgroup_limits limits;
    read_pod(&pod, spec);
    EXPECT_TEXT(pod_cgroup_path(&pod.arena, "/kubepods", pod.json), path);
    pod_cgroup_limits(pod.json, &limits);
    EXPECT_EQ(limits.cpu_shares, shares);
    EXPECT_EQ(limits.cpu_quota_us, quota_us);
    EXPECT_EQ(limits.memory_bytes, memory);
    EXPECT_EQ(container_oom_score_adj(pod.json, json_item(json_at(pod.json, "spec.containers"), 0),
                                      INT64_C(1) << 30),
              adj);
    arena_release(&pod.arena);
}

TEST("a pod's group has its class, its sums, and limits only where every container has one")
{
    expect_limits(
        "\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"1\",\"memory\":\"64Mi\"},"
        "\"limits\":{\"cpu\":\"1\",\"memory\":\"64Mi\"}}},{\"resources\":{\"requests\":"
        "{\"cpu\":\"500m\",\"memory\":\"1Mi\"},\"limits\":{\"cpu\":\"500m\",\"memory\":"
        "\"1Mi\"}}}]",
        "/kubepods/podu", 1536, 150000, 65 << 20, -997);
    expect_limits("\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"250m\",\"memory\":"
                  "\"512Mi\"},\"limits\":{\"cpu\":\"1\"}}},{\"resources\":{}}]",
                  "/kubepods/burstable/podu", 256, 0, 0, 500);
    expect_limits("\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"250m\"},\"limits\":"
                  "{\"cpu\":\"1\",\"memory\":\"8Mi\"}}}]",
                  "/kubepods/burstable/podu", 256, 100000, 8 << 20, 999);
    expect_limits("\"containers\":[{}]", "/kubepods/besteffort/podu", 2, 0, 0, 1000);
    expect_limits("\"priority\":2000001000,\"containers\":[{}]", "/kubepods/besteffort/podu", 2, 0,
                  0, -997);
    expect_limits("\"resources\":{\"limits\":{\"cpu\":\"2\",\"memory\":\"1Gi\"},\"requests\":"
                  "{\"cpu\":\"1\",\"memory\":\"1Gi\"}},\"containers\":[{}]",
                  "/kubepods/burstable/podu", 1024, 200000, 1 << 30, 999);
}

TEST("a container without a request has its limit's shares, and the pod's limit where it has none")
{
    struct pod pod;
    struct cgroup_limits limits;
    read_pod(&pod, "\"resources\":{\"limits\":{\"memory\":\"1Gi\"}},\"containers\":[{\"resources\":"
                   "{\"limits\":{\"cpu\":\"300m\"}}},{}]");
    const struct json *containers = json_at(pod.json, "spec.containers");
    container_cgroup_limits(pod.json, json_item(containers, 0), &limits);
    EXPECT_EQ(limits.cpu_shares, 307);
    EXPECT_EQ(limits.cpu_quota_us, 30000);
    EXPECT_EQ(limits.memory_bytes, 1 << 30);
    container_cgroup_limits(pod.json, json_item(containers, 1), &limits);
    EXPECT_EQ(limits.cpu_shares, 2);
    EXPECT_EQ(limits.cpu_quota_us, 0);
    arena_release(&pod.arena);
}
