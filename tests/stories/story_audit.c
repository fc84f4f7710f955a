/* What the audit log tells of requests. */
#include "tests/harness/cluster.h"

#include <stdio.h>

#include "api/audit.h"
#include "core/file.h"

#define MAPS "/api/v1/namespaces/default/configmaps"

static const char *const known[] = {"system:authenticated", NULL};
static const struct user jane = {.name = "jane", .uid = "u1", .groups = known};
static char path[4096];

static struct cluster *start(const char *rules)
{
    struct cluster *c = cluster_start();
    struct buffer text = {0};
    struct status status;
    status_init(&status);
    snprintf(path, sizeof(path), "%s/audit.log", test_folder());
    struct audit_log_options options = {.loop = c->loop, .path = path};
    buffer_format(&text, "apiVersion: audit.k8s.io/v1\nkind: Policy\n%s", rules ? rules : "");
    struct audit_policy *policy =
        rules ? audit_policy_read(buffer_slice(&text), &status) : audit_policy_default();
    EXPECT(policy != NULL);
    c->api->audit = audit_create(policy, audit_log_open(&options, &status));
    buffer_release(&text);
    status_release(&status);
    return c;
}

static void stopped(void *context)
{
    *(bool *)context = true;
}

static void stop(struct cluster *c)
{
    bool is_stopped = false;
    audit_stop(c->api->audit, stopped, &is_stopped);
    cluster_run_ms(c, 1000);
    EXPECT(is_stopped);
    audit_destroy(c->api->audit);
    c->api->audit = NULL;
    cluster_stop(c);
}

/* The nth line of the log, as a tree; NULL when there are fewer. */
static struct json *event(struct cluster *c, int n)
{
    struct buffer text = {0};
    struct status status;
    struct slice rest, line;
    status_init(&status);
    cluster_run_ms(c, 1000);
    EXPECT_EQ(file_read(path, &text, &status), 0);
    rest = buffer_slice(&text);
    struct json *tree = NULL;
    while (slice_split(&rest, '\n', &line) && line.size > 0)
        if (n-- == 0) {
            tree = json_parse(&c->arena, line, NULL, &status);
            EXPECT(tree != NULL);
        }
    buffer_release(&text);
    status_release(&status);
    return tree;
}

static const char *text(const struct json *event, const char *at)
{
    return json_text(json_at(event, at));
}

static const char *annotation(const struct json *event, const char *key)
{
    return json_text(json_get(json_get(event, "annotations"), key));
}

static int64_t number(const struct json *event, const char *at)
{
    int64_t value = -1;
    json_to_int64(json_at(event, at), &value);
    return value;
}

TEST("a write is told as who, what, when, and how it went; a read by default is not")
{
    struct cluster *c = start(NULL);
    cluster_request(c, "GET", MAPS, NULL);
    cluster_request(c, "POST", MAPS "?fieldManager=m", "{\"metadata\":{\"name\":\"a\"}}");
    EXPECT_CODE(c, 201);
    struct json *e = event(c, 0);
    EXPECT(event(c, 1) == NULL);
    EXPECT_TEXT(text(e, "kind"), "Event");
    EXPECT_TEXT(text(e, "apiVersion"), "audit.k8s.io/v1");
    EXPECT_TEXT(text(e, "level"), "Metadata");
    EXPECT_EQ(strlen(text(e, "auditID")), 36);
    EXPECT_TEXT(text(e, "stage"), "ResponseComplete");
    EXPECT_TEXT(text(e, "requestURI"), MAPS "?fieldManager=m");
    EXPECT_TEXT(text(e, "verb"), "create");
    EXPECT_TEXT(text(e, "user.username"), "kubernetes-admin");
    EXPECT_EQ(json_count(json_at(e, "user.groups")), 2);
    EXPECT_TEXT(text(e, "userAgent"), "test/1");
    EXPECT_TEXT(text(e, "objectRef.resource"), "configmaps");
    EXPECT_TEXT(text(e, "objectRef.namespace"), "default");
    EXPECT_TEXT(text(e, "objectRef.name"), "a");
    EXPECT_TEXT(text(e, "objectRef.apiVersion"), "v1");
    EXPECT_EQ(number(e, "responseStatus.code"), 201);
    EXPECT_TEXT(annotation(e, "authorization.k8s.io/decision"), "allow");
    EXPECT_EQ(strlen(text(e, "stageTimestamp")), strlen("2026-01-01T00:00:00.000000Z"));
    EXPECT(!json_get(e, "requestObject") && !json_get(e, "responseObject"));
    stop(c);
}

TEST("a refusal is told with its reason, and so is a failure")
{
    struct cluster *c = start(NULL);
    cluster_request_as(c, &jane, "DELETE", MAPS "/x", NULL, NULL, NULL);
    EXPECT_CODE(c, 403);
    cluster_request(c, "DELETE", MAPS "/x", NULL);
    EXPECT_CODE(c, 404);
    struct json *refused = event(c, 0), *failed = event(c, 1);
    EXPECT_TEXT(text(refused, "user.username"), "jane");
    EXPECT_TEXT(text(refused, "user.uid"), "u1");
    EXPECT_TEXT(annotation(refused, "authorization.k8s.io/decision"), "forbid");
    EXPECT_TEXT(text(refused, "responseStatus.reason"), "Forbidden");
    EXPECT_EQ(number(refused, "responseStatus.code"), 403);
    EXPECT_TEXT(text(failed, "responseStatus.reason"), "NotFound");
    stop(c);
}

TEST("by what somebody was allowed is told: the binding, its role and whom it names")
{
    struct cluster *c = start("rules: [{level: Metadata, users: [jane]}]\n");
    cluster_request_as(c, &jane, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                       "application/json", NULL,
                       "{\"spec\":{\"nonResourceAttributes\":{\"path\":\"/x\",\"verb\":\"get\"}}}");
    EXPECT_CODE(c, 201);
    EXPECT_TEXT(text(event(c, 0), "stage"), "RequestReceived");
    EXPECT_TEXT(annotation(event(c, 1), "authorization.k8s.io/reason"),
                "RBAC: allowed by ClusterRoleBinding \"system:basic-user\" of ClusterRole "
                "\"system:basic-user\" to Group \"system:authenticated\"");
    EXPECT_TEXT(text(event(c, 0), "auditID"), text(event(c, 1), "auditID"));
    stop(c);
}

TEST("objects are told where the policy asks, without managed fields where it says so")
{
    struct cluster *c = start("omitStages: [RequestReceived]\nomitManagedFields: true\nrules:\n"
                              "- {level: RequestResponse, verbs: [create]}\n"
                              "- {level: Request, verbs: [patch]}\n");
    cluster_request(c, "POST", MAPS, "{\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\"v\"}}");
    cluster_request_as(c, NULL, "PATCH", MAPS "/a", "application/merge-patch+json", NULL,
                       "{\"data\":{\"k\":\"w\"}}");
    EXPECT_CODE(c, 200);
    struct json *made = event(c, 0), *patched = event(c, 1);
    EXPECT_TEXT(text(made, "requestObject.data.k"), "v");
    EXPECT(*text(made, "responseObject.metadata.uid"));
    EXPECT(!json_at(made, "responseObject.metadata.managedFields"));
    EXPECT_TEXT(text(patched, "requestObject.data.k"), "w");
    EXPECT(!json_get(patched, "responseObject"));
    stop(c);
}

TEST("a watch is told when it begins and when it ends")
{
    struct cluster *c = start("rules: [{level: Metadata, verbs: [watch]}]\n");
    cluster_request(c, "GET", MAPS "?watch=1", NULL);
    EXPECT_TEXT(text(event(c, 0), "stage"), "RequestReceived");
    EXPECT_TEXT(text(event(c, 1), "stage"), "ResponseStarted");
    EXPECT_TEXT(text(event(c, 2), "stage"), "ResponseComplete");
    EXPECT(event(c, 3) == NULL);
    stop(c);
}

TEST("components are told of where a policy asks for them, all writes of a transaction")
{
    struct cluster *c = start("omitStages: [RequestReceived]\nrules: [{level: Metadata, users: "
                              "['system:kube-scheduler'], resources: [{group: '', resources: "
                              "[pods/binding]}]}]\n");
    cluster_request(c, "POST", "/api/v1/namespaces/default/serviceaccounts",
                    "{\"metadata\":{\"name\":\"default\"}}");
    cluster_start_scheduler(c);
    cluster_node(c, "n", "cpu=4");
    cluster_pod(c, "p", "cpu=1", NULL);
    cluster_run_ms(c, 1000);
    struct json *e = event(c, 0);
    EXPECT_TEXT(text(e, "objectRef.subresource"), "binding");
    EXPECT_TEXT(text(e, "objectRef.name"), "p");
    EXPECT(number(e, "responseStatus.code") / 100 == 2);
    stop(c);
}
