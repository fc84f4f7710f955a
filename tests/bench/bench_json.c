/* JSON: our reader and printer beside cJSON's own, on the body of a pod of 4 KB.
 * Both take their memory from a bump allocator that starts anew for each body,
 * so what is compared is the work on text and nodes. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cJSON.h>

#include "core/json.h"

#define SECONDS 0.5 /* Per figure, three times; the best counts. */

static char bump[1 << 20];
static size_t bump_size;

static void *bump_alloc(size_t size)
{
    size_t at = (bump_size + 15) & ~(size_t)15;
    PRE(at + size <= sizeof(bump));
    bump_size = at + size;
    return bump + at;
}

static void bump_free(void *p)
{
    (void)p;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static struct {
    struct slice text;
    struct arena arena;
    struct arena kept; /* Of the trees to print. */
    struct buffer out;
    struct json *tree;
    cJSON *cjson_tree;
    struct status status;
} bench;

static void parse_ours(void)
{
    arena_reset(&bench.arena);
    PRE(json_parse(&bench.arena, bench.text, NULL, &bench.status) != NULL);
}

static void parse_cjson(void)
{
    bump_size = 0;
    PRE(cJSON_ParseWithLength(bench.text.data, bench.text.size) != NULL);
}

static void print_ours(void)
{
    buffer_clear(&bench.out);
    json_print(bench.tree, &bench.out);
}

static void print_cjson(void)
{
    bump_size = 0;
    PRE(cJSON_PrintUnformatted(bench.cjson_tree) != NULL);
}

static void print_cjson_into_buffer(void)
{
    static char out[64 * 1024];
    PRE(cJSON_PrintPreallocated(bench.cjson_tree, out, sizeof(out), 0));
}

static double measure(const char *what, void (*run)(void))
{
    double best = 0;
    for (int i = 0; i < 3; i++) {
        double start = now();
        double end = start;
        size_t bytes = 0;
        for (; end - start < SECONDS; end = now())
            for (int n = 0; n < 500; n++, bytes += bench.text.size)
                run();
        double rate = (double)bytes / (end - start) / 1e6;
        best = rate > best ? rate : best;
    }
    printf("%-34s %7.0f MB/s\n", what, best);
    return best;
}

/* A pod as a server stores it, compact. */
static void make_pod(struct buffer *text)
{
    buffer_append_text(
        text,
        "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web-7d4b9c6f5-x2x7k\","
        "\"generateName\":\"web-7d4b9c6f5-\",\"namespace\":\"production\","
        "\"uid\":\"5f0c3a52-9a52-4e0e-8f3d-0a6a3f3b5c11\",\"resourceVersion\":\"182736\","
        "\"creationTimestamp\":\"2026-01-02T03:04:05Z\",\"labels\":{"
        "\"app.kubernetes.io/name\":\"web\",\"app.kubernetes.io/instance\":\"web-1\","
        "\"pod-template-hash\":\"7d4b9c6f5\"},\"annotations\":{\"note\":\"line\\nline "
        "\\\"two\\\"\"},"
        "\"ownerReferences\":[{\"apiVersion\":\"apps/v1\",\"kind\":\"ReplicaSet\","
        "\"name\":\"web-7d4b9c6f5\",\"uid\":\"0e1d7a4c-0f8e-4b39-9a43-2b1e54a0d0aa\","
        "\"controller\":true,\"blockOwnerDeletion\":true}]},\"spec\":{\"volumes\":["
        "{\"name\":\"config\",\"configMap\":{\"name\":\"web\",\"defaultMode\":420}}],"
        "\"containers\":[");
    for (int i = 0; i < 3; i++)
        buffer_format(
            text,
            "%s{\"name\":\"container-%d\",\"image\":\"registry.example.com/team/web:1.25.%d\","
            "\"args\":[\"--port=80\",\"--verbose\"],\"ports\":[{\"name\":\"http\","
            "\"containerPort\":80%d,\"protocol\":\"TCP\"}],\"env\":[{\"name\":\"POD_NAME\","
            "\"valueFrom\":{\"fieldRef\":{\"apiVersion\":\"v1\",\"fieldPath\":\"metadata.name\"}}},"
            "{\"name\":\"LEVEL\",\"value\":\"info\"}],\"resources\":{\"limits\":{\"cpu\":\"500m\","
            "\"memory\":\"256Mi\"},\"requests\":{\"cpu\":\"250m\",\"memory\":\"128Mi\"}},"
            "\"volumeMounts\":[{\"name\":\"config\",\"mountPath\":\"/etc/web\",\"readOnly\":true}],"
            "\"livenessProbe\":{\"httpGet\":{\"path\":\"/"
            "healthz\",\"port\":80,\"scheme\":\"HTTP\"},"
            "\"initialDelaySeconds\":5,\"timeoutSeconds\":1,\"periodSeconds\":10,"
            "\"successThreshold\":1,\"failureThreshold\":3},"
            "\"terminationMessagePath\":\"/dev/termination-log\","
            "\"imagePullPolicy\":\"IfNotPresent\"}",
            i ? "," : "", i, i, i);
    buffer_append_text(
        text, "],\"restartPolicy\":\"Always\",\"terminationGracePeriodSeconds\":30,"
              "\"dnsPolicy\":\"ClusterFirst\",\"serviceAccountName\":\"default\",\"nodeName\":"
              "\"node-17\","
              "\"securityContext\":{},\"schedulerName\":\"default-scheduler\",\"tolerations\":["
              "{\"key\":\"node.kubernetes.io/"
              "not-ready\",\"operator\":\"Exists\",\"effect\":\"NoExecute\","
              "\"tolerationSeconds\":300}],\"priority\":0,\"enableServiceLinks\":true},"
              "\"status\":{\"phase\":\"Running\",\"conditions\":[");
    for (int i = 0; i < 4; i++)
        buffer_format(text,
                      "%s{\"type\":\"Condition%d\",\"status\":\"True\",\"lastProbeTime\":null,"
                      "\"lastTransitionTime\":\"2026-01-02T03:04:0%dZ\"}",
                      i ? "," : "", i, i);
    buffer_append_text(text, "],\"hostIP\":\"10.0.0.17\",\"podIP\":\"10.1.3.42\","
                             "\"startTime\":\"2026-01-02T03:04:05Z\",\"qosClass\":\"Burstable\"}}");
}

int main(void)
{
    struct buffer text = {0};
    make_pod(&text);
    bench.text = buffer_slice(&text);
    status_init(&bench.status);
    bench.tree = json_parse(&bench.kept, bench.text, NULL, &bench.status);
    bench.cjson_tree = cJSON_Parse(text.data); /* From malloc: it outlives the bump. */
    PRE(bench.tree && bench.cjson_tree);
    json_print(bench.tree, &bench.out);
    PRE(slice_equal(buffer_slice(&bench.out), bench.text));
    cJSON_InitHooks(&(cJSON_Hooks){bump_alloc, bump_free});
    printf("a pod of %zu bytes\n", bench.text.size);
    double parsed = measure("parse", parse_ours);
    double cjson_parsed = measure("cJSON_ParseWithLength", parse_cjson);
    double printed = measure("print", print_ours);
    double cjson_printed = measure("cJSON_PrintUnformatted", print_cjson);
    measure("cJSON_PrintPreallocated", print_cjson_into_buffer);
    printf("parse %.1f x cJSON's, print %.1f x cJSON's\n", parsed / cjson_parsed,
           printed / cjson_printed);
    buffer_release(&text);
    buffer_release(&bench.out);
    arena_release(&bench.arena);
    arena_release(&bench.kept);
    status_release(&bench.status);
    return 0;
}
