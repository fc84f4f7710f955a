#include "kubelet-lite/environment.h"

#include "tests/harness/test.h"

struct fixture {
    struct arena arena;
    struct status status;
    struct downward downward;
    struct json *config_map, *secret;
    struct environment made;
    int failed;
};

static struct json *parse(struct fixture *fixture, const char *text)
{
    struct json *tree = json_parse(&fixture->arena, slice_of(text), NULL, &fixture->status);
    if (!tree)
        test_fail(__FILE__, __LINE__, "%s", fixture->status.message);
    return tree;
}

static const struct json *find(void *context, const char *resource, struct slice name)
{
    const struct fixture *fixture = context;
    if (strcmp(resource, "configmaps") == 0)
        return slice_is(name, "settings") ? fixture->config_map : NULL;
    return slice_is(name, "keys") ? fixture->secret : NULL;
}

static void start(struct fixture *fixture)
{
    static const char *const pod_addresses[] = {"10.0.0.9", "fd00::9", NULL};
    static const char *const host_addresses[] = {"192.168.0.1", NULL};
    *fixture = (struct fixture){0};
    arena_init(&fixture->arena);
    status_init(&fixture->status);
    fixture->downward = (struct downward){
        .pod = parse(fixture,
                     "{\"metadata\":{\"name\":\"p\",\"namespace\":\"n\",\"uid\":\"u\","
                     "\"labels\":{\"b\":\"2\",\"a\":\"say \\\"hi\\\"\"}},\"spec\":{"
                     "\"serviceAccountName\":\"sa\",\"containers\":[{\"name\":\"c\",\"resources\":"
                     "{\"limits\":{\"cpu\":\"1500m\"},\"requests\":{\"memory\":\"100Mi\"}}}]}}"),
        .node_name = "box",
        .pod_addresses = pod_addresses,
        .host_addresses = host_addresses,
        .node_cpu_millis = 8000,
        .node_memory_bytes = INT64_C(4) << 30,
    };
    fixture->config_map =
        parse(fixture, "{\"data\":{\"color\":\"blue\",\"bad=key\":\"x\",\"size\":\"9\"}}");
    fixture->secret = parse(fixture, "{\"data\":{\"token\":\"c2VjcmV0\"}}");
}

static void stop(struct fixture *fixture)
{
    status_release(&fixture->status);
    arena_release(&fixture->arena);
}

static void make(struct fixture *fixture, const char *container)
{
    static const char *const image[] = {"PATH=/bin", "color=image", NULL};
    struct environment_request request = {
        .downward = &fixture->downward,
        .container = parse(fixture, container),
        .image = image,
        .api_host = "10.0.0.1",
        .api_port = "443",
        .services = parse(fixture, "[{\"metadata\":{\"name\":\"my-db\"},\"spec\":{\"clusterIP\":"
                                   "\"10.96.0.7\",\"ports\":[{\"name\":\"sql\",\"port\":5432}]}},"
                                   "{\"metadata\":{\"name\":\"none\"},\"spec\":{\"clusterIP\":"
                                   "\"None\"}}]"),
        .find = find,
        .context = fixture,
    };
    status_clear(&fixture->status);
    fixture->failed = environment_make(&fixture->arena, &request, &fixture->made, &fixture->status);
}

static const char *value(const struct fixture *fixture, const char *name)
{
    for (size_t i = 0; fixture->made.texts[i]; i++) {
        struct slice rest = slice_of(fixture->made.texts[i]), own;
        slice_split(&rest, '=', &own);
        if (slice_is(own, name))
            return rest.data;
    }
    return NULL;
}

TEST("values come from every source, later ones win, and what they name is put in")
{
    struct fixture f;
    start(&f);
    make(&f,
         "{\"envFrom\":[{\"configMapRef\":{\"name\":\"settings\"}},{\"prefix\":\"S_\","
         "\"secretRef\":{\"name\":\"keys\"}}],\"env\":["
         "{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"B\",\"value\":\"$(A)-$(size)-$(X)-$$(A)\"},"
         "{\"name\":\"size\",\"value\":\"10\"},"
         "{\"name\":\"T\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"keys\",\"key\":\"token\"}}},"
         "{\"name\":\"C\",\"valueFrom\":{\"configMapKeyRef\":{\"name\":\"settings\","
         "\"key\":\"color\"}}}]}");
    EXPECT_EQ(f.failed, 0);
    EXPECT_TEXT(value(&f, "PATH"), "/bin");
    EXPECT_TEXT(value(&f, "color"), "blue");
    EXPECT_TEXT(value(&f, "S_token"), "secret");
    EXPECT_TEXT(value(&f, "B"), "1-9-$(X)-$(A)");
    EXPECT_TEXT(value(&f, "size"), "10");
    EXPECT_TEXT(value(&f, "T"), "secret");
    EXPECT_TEXT(value(&f, "C"), "blue");
    EXPECT_TEXT(f.made.skipped[0], "bad=key");
    EXPECT(f.made.skipped[1] == NULL);
    stop(&f);
}

TEST("fields and amounts of the pod are told")
{
    struct fixture f;
    start(&f);
    make(&f,
         "{\"name\":\"c\",\"resources\":{\"limits\":{\"cpu\":\"1500m\"},\"requests\":{"
         "\"memory\":\"100Mi\"}},\"env\":["
         "{\"name\":\"NAME\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"metadata.name\"}}},"
         "{\"name\":\"IPS\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"status.podIPs\"}}},"
         "{\"name\":\"NODE\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"spec.nodeName\"}}},"
         "{\"name\":\"LABEL\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":"
         "\"metadata.labels['b']\"}}},"
         "{\"name\":\"CPU\",\"valueFrom\":{\"resourceFieldRef\":{\"resource\":\"limits.cpu\"}}},"
         "{\"name\":\"CPUM\",\"valueFrom\":{\"resourceFieldRef\":{\"resource\":\"limits.cpu\","
         "\"divisor\":\"1m\"}}},"
         "{\"name\":\"MEM\",\"valueFrom\":{\"resourceFieldRef\":{\"resource\":"
         "\"limits.memory\",\"divisor\":\"1Mi\"}}},"
         "{\"name\":\"REQ\",\"valueFrom\":{\"resourceFieldRef\":{\"resource\":"
         "\"requests.memory\"}}}]}");
    EXPECT_EQ(f.failed, 0);
    EXPECT_TEXT(value(&f, "NAME"), "p");
    EXPECT_TEXT(value(&f, "IPS"), "10.0.0.9,fd00::9");
    EXPECT_TEXT(value(&f, "NODE"), "box");
    EXPECT_TEXT(value(&f, "LABEL"), "2");
    EXPECT_TEXT(value(&f, "CPU"), "2");
    EXPECT_TEXT(value(&f, "CPUM"), "1500");
    EXPECT_TEXT(value(&f, "MEM"), "4096");
    EXPECT_TEXT(value(&f, "REQ"), "104857600");
    struct slice labels;
    EXPECT_EQ(downward_field(&f.arena, &f.downward, SLICE("metadata.labels"), &labels, &f.status),
              0);
    EXPECT_SLICE(labels, "a=\"say \\\"hi\\\"\"\nb=\"2\"");
    stop(&f);
}

TEST("services of the namespace are told, and the API's address as its service")
{
    struct fixture f;
    start(&f);
    make(&f, "{\"env\":[{\"name\":\"URL\",\"value\":\"db://$(MY_DB_SERVICE_HOST)\"}]}");
    EXPECT_EQ(f.failed, 0);
    EXPECT_TEXT(value(&f, "URL"), "db://10.96.0.7");
    EXPECT_TEXT(value(&f, "MY_DB_SERVICE_PORT_SQL"), "5432");
    EXPECT_TEXT(value(&f, "MY_DB_PORT"), "tcp://10.96.0.7:5432");
    EXPECT_TEXT(value(&f, "MY_DB_PORT_5432_TCP_ADDR"), "10.96.0.7");
    EXPECT_TEXT(value(&f, "KUBERNETES_SERVICE_HOST"), "10.0.0.1");
    EXPECT_TEXT(value(&f, "KUBERNETES_SERVICE_PORT_HTTPS"), "443");
    EXPECT(value(&f, "NONE_SERVICE_HOST") == NULL);
    stop(&f);
}

static void expect_failure(const char *container, const char *why)
{
    struct fixture f;
    start(&f);
    make(&f, container);
    EXPECT_EQ(f.failed, -1);
    EXPECT_TEXT(f.status.message, why);
    stop(&f);
}

TEST("what is missing is named as upstream does, unless it is optional")
{
    struct fixture f;
    expect_failure("{\"envFrom\":[{\"configMapRef\":{\"name\":\"x\"}}]}",
                   "configmap \"x\" not found");
    expect_failure("{\"env\":[{\"name\":\"A\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"x\","
                   "\"key\":\"k\"}}}]}",
                   "secret \"x\" not found");
    expect_failure("{\"env\":[{\"name\":\"A\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"keys\","
                   "\"key\":\"k\"}}}]}",
                   "couldn't find key k in Secret n/keys");
    start(&f);
    make(&f, "{\"envFrom\":[{\"secretRef\":{\"name\":\"x\",\"optional\":true}}],\"env\":[{"
             "\"name\":\"A\",\"valueFrom\":{\"configMapKeyRef\":{\"name\":\"settings\","
             "\"key\":\"k\",\"optional\":true}}}]}");
    EXPECT_EQ(f.failed, 0);
    EXPECT(value(&f, "A") == NULL);
    stop(&f);
}

TEST("commands and arguments are expanded by the pod's own names, not by the image's")
{
    struct fixture f;
    start(&f);
    make(&f, "{\"env\":[{\"name\":\"A\",\"value\":\"1\"}]}");
    const char *const *made = environment_expand(
        &f.arena, parse(&f, "[\"$(A)\",\"$(PATH)\",\"$$(A)\",\"$(A\",\"$\",\"a$(A)$(A)\"]"),
        &f.made);
    static const char *const expected[] = {"1", "$(PATH)", "$(A)", "$(A", "$", "a11"};
    for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
        EXPECT_TEXT(made[i], expected[i]);
    EXPECT(made[ARRAY_SIZE(expected)] == NULL);
    stop(&f);
}

TEST("needs are named once each, and are optional only if all who name them say so")
{
    struct fixture f;
    const struct environment_need *needs;
    size_t count;
    start(&f);
    const struct json *container = parse(
        &f, "{\"envFrom\":[{\"configMapRef\":{\"name\":\"a\",\"optional\":true}}],\"env\":["
            "{\"name\":\"A\",\"valueFrom\":{\"configMapKeyRef\":{\"name\":\"a\",\"key\":\"k\"}}},"
            "{\"name\":\"B\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"s\",\"key\":\"k\","
            "\"optional\":true}}}]}");
    environment_needs(&f.arena, container, &needs, &count);
    EXPECT_EQ(count, 2);
    EXPECT_SLICE(needs[0].name, "a");
    EXPECT(!needs[0].is_optional);
    EXPECT_TEXT(needs[1].resource, "secrets");
    EXPECT(needs[1].is_optional);
    stop(&f);
}
