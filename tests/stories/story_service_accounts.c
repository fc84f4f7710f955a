/* Pods run as a service account of their namespace; every namespace has one, and the root CA. */
#include "core/kinds/meta.h"
#include "tests/harness/cluster.h"

#define PODS "/api/v1/namespaces/default/pods"
#define ACCOUNTS "/api/v1/namespaces/default/serviceaccounts"

static const char *message(struct cluster *c)
{
    return json_text(json_get(c->object, "message"));
}

/* A pod with this inside of its spec beside one container. */
static int pod(struct cluster *c, const char *name, const char *spec)
{
    return cluster_request(
        c, "POST", PODS,
        arena_format(&c->arena,
                     "{\"metadata\":{\"name\":\"%s\"},\"spec\":{%s\"containers\":[{\"name\":\"c\","
                     "\"image\":\"i\"}]}}",
                     name, spec));
}

static void account(struct cluster *c, const char *name, const char *rest)
{
    cluster_request(c, "POST", ACCOUNTS,
                    arena_format(&c->arena, "{\"metadata\":{\"name\":\"%s\"%s}", name, rest));
    EXPECT_CODE(c, 201);
}

static const struct json *mounts(struct cluster *c)
{
    return json_get(json_first(json_at(c->object, "spec.containers")), "volumeMounts");
}

TEST("a pod runs as default, and finds a token, the CA and its namespace where clients look")
{
    struct cluster *c = cluster_start();
    pod(c, "p", "\"initContainers\":[{\"name\":\"i\",\"image\":\"i\"}],");
    EXPECT_CODE(c, 201);
    EXPECT_TEXT(cluster_text(c, "spec.serviceAccountName"), "default");
    EXPECT_TEXT(cluster_text(c, "spec.serviceAccount"), "default");
    const struct json *volume = json_first(json_at(c->object, "spec.volumes"));
    const char *name = json_text(json_get(volume, "name"));
    EXPECT(slice_starts_with(slice_of(name), SLICE("kube-api-access-")));
    EXPECT_EQ(strlen(name), strlen("kube-api-access-") + 5);
    struct buffer text = {0};
    json_print(json_get(volume, "projected"), &text);
    EXPECT_TEXT(text.data,
                "{\"sources\":[{\"serviceAccountToken\":{\"expirationSeconds\":3607,\"path\":"
                "\"token\"}},{\"configMap\":{\"name\":\"kube-root-ca.crt\",\"items\":[{\"key\":"
                "\"ca.crt\",\"path\":\"ca.crt\"}]}},{\"downwardAPI\":{\"items\":[{\"path\":"
                "\"namespace\",\"fieldRef\":{\"apiVersion\":\"v1\",\"fieldPath\":"
                "\"metadata.namespace\"}}]}}],\"defaultMode\":420}");
    buffer_release(&text);
    const struct json *mount = json_first(mounts(c));
    EXPECT_TEXT(json_text(json_get(mount, "mountPath")),
                "/var/run/secrets/kubernetes.io/serviceaccount");
    EXPECT_TEXT(json_text(json_get(mount, "name")), name);
    EXPECT(json_bool(json_get(mount, "readOnly")));
    const struct json *first = json_first(json_at(c->object, "spec.initContainers"));
    EXPECT_EQ(json_count(json_get(first, "volumeMounts")), 1);
    cluster_stop(c);
}

TEST("who does not want the token says so, the pod before its account")
{
    struct cluster *c = cluster_start();
    account(c, "quiet", "},\"automountServiceAccountToken\":false");
    pod(c, "a", "\"automountServiceAccountToken\":false,");
    EXPECT_EQ(json_count(json_at(c->object, "spec.volumes")), 0);
    EXPECT_EQ(json_count(mounts(c)), 0);
    pod(c, "b", "\"serviceAccountName\":\"quiet\",");
    EXPECT_EQ(json_count(json_at(c->object, "spec.volumes")), 0);
    pod(c, "d", "\"serviceAccountName\":\"quiet\",\"automountServiceAccountToken\":true,");
    EXPECT_EQ(json_count(json_at(c->object, "spec.volumes")), 1);
    cluster_request(c, "POST", PODS,
                    "{\"metadata\":{\"name\":\"e\"},\"spec\":{\"volumes\":[{\"name\":\"v\","
                    "\"emptyDir\":{}}],\"containers\":[{\"name\":\"c\",\"image\":\"i\","
                    "\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":"
                    "\"/var/run/secrets/kubernetes.io/serviceaccount\"}]}]}}");
    EXPECT_CODE(c, 201);
    EXPECT_EQ(json_count(json_at(c->object, "spec.volumes")), 1);
    EXPECT_EQ(json_count(mounts(c)), 1);
    cluster_stop(c);
}

TEST("an account that is not there is refused in upstream's words")
{
    struct cluster *c = cluster_start();
    pod(c, "p", "\"serviceAccountName\":\"ghost\",");
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "pods \"p\" is forbidden: error looking up service account "
                            "default/ghost: serviceaccount \"ghost\" not found");
    int64_t before_us = clock_steady_us(loop_clock(c->loop));
    cluster_request(c, "DELETE", ACCOUNTS "/default", NULL);
    pod(c, "p", "");
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "pods \"p\" is forbidden: error looking up service account "
                            "default/default: serviceaccount \"default\" not found");
    EXPECT(clock_steady_us(loop_clock(c->loop)) - before_us >= 900000); /* It was waited for. */
    cluster_stop(c);
}

TEST("pull secrets come from the account, unless the pod names its own")
{
    struct cluster *c = cluster_start();
    account(c, "puller", "},\"imagePullSecrets\":[{\"name\":\"a\"},{\"name\":\"b\"}]");
    pod(c, "p", "\"serviceAccountName\":\"puller\",");
    EXPECT_TEXT(cluster_text(c, "spec.imagePullSecrets"), "[{\"name\":\"a\"},{\"name\":\"b\"}]");
    pod(c, "q", "\"serviceAccountName\":\"puller\",\"imagePullSecrets\":[{\"name\":\"x\"}],");
    EXPECT_TEXT(cluster_text(c, "spec.imagePullSecrets"), "[{\"name\":\"x\"}]");
    cluster_stop(c);
}

TEST("an account may limit its pods to the secrets that it lists")
{
    struct cluster *c = cluster_start();
    account(c, "strict",
            ",\"annotations\":{\"kubernetes.io/enforce-mountable-secrets\":\"true\"}},\"secrets\":"
            "[{\"name\":\"good\"}],\"imagePullSecrets\":[{\"name\":\"pull\"}]");
#define STRICT "\"serviceAccountName\":\"strict\","
    pod(c, "a", STRICT "\"volumes\":[{\"name\":\"v\",\"secret\":{\"secretName\":\"good\"}}],");
    EXPECT_CODE(c, 201);
    pod(c, "b", STRICT "\"volumes\":[{\"name\":\"v\",\"secret\":{\"secretName\":\"bad\"}}],");
    EXPECT_TEXT(message(c),
                "pods \"b\" is forbidden: volume with secret.secretName=\"bad\" is not allowed "
                "because service account strict does not reference that secret");
    pod(c, "b",
        STRICT "\"initContainers\":[{\"name\":\"i\",\"image\":\"i\",\"env\":[{\"name\":"
               "\"E\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"bad\",\"key\":\"k\"}}}]"
               "}],");
    EXPECT_TEXT(message(c),
                "pods \"b\" is forbidden: init container i with envVar E referencing "
                "secret.secretName=\"bad\" is not allowed because service account strict does not "
                "reference that secret");
    pod(c, "b", STRICT "\"imagePullSecrets\":[{\"name\":\"pull\"},{\"name\":\"bad\"}],");
    EXPECT_TEXT(message(c),
                "pods \"b\" is forbidden: imagePullSecrets[1].name=\"bad\" is not allowed because "
                "service account strict does not reference that imagePullSecret");
    cluster_stop(c);
}

static int mirror(struct cluster *c, const char *spec)
{
    return cluster_request(
        c, "POST", PODS,
        arena_format(
            &c->arena,
            "{\"metadata\":{\"name\":\"m\",\"annotations\":{\"kubernetes.io/config.mirror\":"
            "\"x\"}},\"spec\":{\"nodeName\":\"n\",%s\"containers\":[{\"name\":\"c\","
            "\"image\":\"i\"}]}}",
            spec));
}

TEST("a mirror of a static pod stays as it is, and uses neither accounts nor secrets")
{
    struct cluster *c = cluster_start();
    cluster_node(c, "n", "cpu=1");
    mirror(c, "\"serviceAccountName\":\"default\",");
    EXPECT_TEXT(message(c),
                "pods \"m\" is forbidden: a mirror pod may not reference service accounts");
    mirror(c, "\"volumes\":[{\"name\":\"v\",\"secret\":{\"secretName\":\"s\"}}],");
    EXPECT_TEXT(message(c), "pods \"m\" is forbidden: a mirror pod may not reference secrets");
    mirror(c, "\"imagePullSecrets\":[{\"name\":\"s\"}],");
    EXPECT_TEXT(message(c), "pods \"m\" is forbidden: a mirror pod may not reference secrets");
    mirror(c, "");
    EXPECT_CODE(c, 201);
    EXPECT_TEXT(cluster_text(c, "spec.serviceAccountName"), "");
    EXPECT_EQ(json_count(json_at(c->object, "spec.volumes")), 0);
    cluster_stop(c);
}

/* --- The controllers --- */

static void make_namespace(struct cluster *c, const char *name)
{
    cluster_request(c, "POST", "/api/v1/namespaces",
                    arena_format(&c->arena, "{\"metadata\":{\"name\":\"%s\"}}", name));
    EXPECT_CODE(c, 201);
}

TEST("every namespace has its account, made again when it is deleted, and a first pod waits for it")
{
    struct cluster *c = cluster_start();
    cluster_start_controllers(c);
    make_namespace(c, "new");
    cluster_request(c, "POST", "/api/v1/namespaces/new/pods",
                    "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[{\"name\":\"c\","
                    "\"image\":\"i\"}]}}");
    EXPECT_CODE(c, 201);
    cluster_request(c, "GET", "/api/v1/namespaces/new/serviceaccounts/default", NULL);
    EXPECT_CODE(c, 200);
    const char *uid = cluster_text(c, "metadata.uid");
    cluster_request(c, "DELETE", "/api/v1/namespaces/new/serviceaccounts/default", NULL);
    cluster_run_ms(c, 100);
    cluster_request(c, "GET", "/api/v1/namespaces/new/serviceaccounts/default", NULL);
    EXPECT_CODE(c, 200);
    EXPECT(strcmp(cluster_text(c, "metadata.uid"), uid) != 0);
    cluster_request(c, "GET", "/api/v1/namespaces/kube-system/serviceaccounts/default", NULL);
    EXPECT_CODE(c, 200);
    cluster_stop(c);
}

#define CA "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"
#define ROOT_CA "/api/v1/namespaces/default/configmaps/kube-root-ca.crt"

static const char *root_ca(struct cluster *c)
{
    cluster_run_ms(c, 100);
    cluster_request(c, "GET", ROOT_CA, NULL);
    EXPECT_CODE(c, 200);
    return json_text(json_get(json_get(c->object, "data"), "ca.crt"));
}

TEST("the root CA is in every namespace, and comes back as it was")
{
    struct cluster *c = cluster_start();
    c->controllers.root_ca = SLICE(CA);
    cluster_start_controllers(c);
    EXPECT_TEXT(root_ca(c), CA);
    EXPECT(meta_annotation(c->object, "kubernetes.io/description").size > 0);
    cluster_request_as(c, NULL, "PATCH", ROOT_CA, "application/merge-patch+json", NULL,
                       "{\"data\":{\"ca.crt\":\"bad\",\"more\":\"x\"}}");
    EXPECT_CODE(c, 200);
    EXPECT_TEXT(root_ca(c), CA);
    EXPECT_EQ(json_count(json_get(c->object, "data")), 1);
    cluster_request(c, "DELETE", ROOT_CA, NULL);
    EXPECT_TEXT(root_ca(c), CA);
    const char *revision = cluster_text(c, "metadata.resourceVersion");
    cluster_run_ms(c, 60000);
    root_ca(c);
    EXPECT_TEXT(cluster_text(c, "metadata.resourceVersion"), revision);
    cluster_stop(c);
}

TEST("a namespace that is deleted is not filled again while it empties")
{
    struct cluster *c = cluster_start();
    c->controllers.root_ca = SLICE(CA);
    cluster_start_controllers(c);
    make_namespace(c, "gone");
    cluster_run_ms(c, 100);
    cluster_request(c, "DELETE", "/api/v1/namespaces/gone", NULL);
    cluster_run_ms(c, 10000);
    EXPECT_EQ(cluster_request(c, "GET", "/api/v1/namespaces/gone", NULL), 404);
    cluster_request(c, "GET", "/api/v1/namespaces/gone/configmaps", NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 0);
    cluster_stop(c);
}

TEST("the secret of an expired bootstrap token is cleared away, and no other")
{
    struct cluster *c = cluster_start();
    char end[TIME_TEXT_SIZE];
    static const char secrets[] = "/api/v1/namespaces/kube-system/secrets";
    cluster_start_controllers(c);
    time_format(clock_wall_us(loop_clock(c->loop)) + INT64_C(60000000), end);
    static const char *const types[] = {"bootstrap.kubernetes.io/token", "Opaque"};
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        cluster_request(c, "POST", secrets,
                        arena_format(&c->arena,
                                     "{\"metadata\":{\"name\":\"bootstrap-token-aaaaa%zu\"},"
                                     "\"type\":\"%s\",\"stringData\":{\"expiration\":\"%s\"}}",
                                     i, types[i], end));
        EXPECT_CODE(c, 201);
    }
    cluster_run_ms(c, 58000);
    EXPECT_EQ(cluster_request(
                  c, "GET", "/api/v1/namespaces/kube-system/secrets/bootstrap-token-aaaaa0", NULL),
              200);
    cluster_run_ms(c, 3000);
    EXPECT_EQ(cluster_request(
                  c, "GET", "/api/v1/namespaces/kube-system/secrets/bootstrap-token-aaaaa0", NULL),
              404);
    EXPECT_EQ(cluster_request(
                  c, "GET", "/api/v1/namespaces/kube-system/secrets/bootstrap-token-aaaaa1", NULL),
              200);
    cluster_stop(c);
}
