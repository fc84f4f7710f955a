/* Every route and verb, for every kind of caller: what the tables of the server say is compared,
 * cell by cell, with what this file says, which was written apart from them. */
#include "tests/harness/cluster.h"

#include "api/authn.h"
#include "api/route.h"
#include "core/kinds/registry.h"

/* --- Callers --- */

enum caller {
    ADMIN,
    ANONYMOUS,
    PLAIN,
    VIEWER,
    EDITOR,
    ACCOUNT,
    NODE,
    JOINER,
    IMPERSONATOR,
    CALLERS
};

#define KNOWN "system:authenticated"
static const char *const plain_groups[] = {KNOWN, NULL};
static const char *const account_groups[] = {"system:serviceaccounts",
                                             "system:serviceaccounts:default", KNOWN, NULL};
static const char *const node_groups[] = {"system:nodes", KNOWN, NULL};
static const char *const joiner_groups[] = {"system:bootstrappers", KNOWN, NULL};

static const struct user users[CALLERS] = {
    [PLAIN] = {.name = "plain", .uid = "", .groups = plain_groups},
    [VIEWER] = {.name = "viewer", .uid = "", .groups = plain_groups},
    [EDITOR] = {.name = "editor", .uid = "", .groups = plain_groups},
    [ACCOUNT] = {.name = "system:serviceaccount:default:robot",
                 .uid = "",
                 .groups = account_groups},
    [NODE] = {.name = "system:node:n1", .uid = "", .groups = node_groups},
    [JOINER] = {.name = "system:bootstrap:abcdef", .uid = "", .groups = joiner_groups},
    /* Acts as viewer. */
    [IMPERSONATOR] = {.name = "impersonator", .uid = "", .groups = plain_groups},
};

static const struct user *user_of(enum caller caller)
{
    return caller == ADMIN ? &user_admin : caller == ANONYMOUS ? &user_anonymous : &users[caller];
}

/* --- What is expected --- */

struct asked {
    const char *verb;
    const char *group;
    const char *resource; /* With its part: "pods/log". NULL: path is no resource. */
    const char *namespace;
    const char *name;
    const char *path;
};

static bool in_words(const char *words, const char *word)
{
    struct slice rest = slice_of(words), one;
    while (slice_split(&rest, ' ', &one))
        if (slice_is(one, word))
            return true;
    return false;
}

static bool is_write(const char *verb)
{
    return in_words("create update patch delete deletecollection", verb);
}
static bool is_read(const char *verb)
{
    return in_words("get list watch", verb);
}

/* What everybody who is known may do. */
static bool everybody_may(const struct asked *asked)
{
    if (!asked->resource)
        return in_words("/healthz /livez /readyz /version /api /api/v1 /apis /apis/x /openapi/v2 "
                        "/openapi/v3 /openapi/v3/x",
                        asked->path);
    if (strcmp(asked->verb, "create") != 0)
        return false;
    return (strcmp(asked->group, "authorization.k8s.io") == 0 &&
            in_words("selfsubjectaccessreviews selfsubjectrulesreviews", asked->resource)) ||
           (strcmp(asked->group, "authentication.k8s.io") == 0 &&
            strcmp(asked->resource, "selfsubjectreviews") == 0);
}

static bool is_viewable(const struct asked *asked)
{
    static const char *const viewable[][2] = {
        {"", "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods "
             "replicationcontrollers replicationcontrollers/scale serviceaccounts services "
             "services/status bindings events limitranges namespaces/status pods/log pods/status "
             "replicationcontrollers/status resourcequotas resourcequotas/status namespaces"},
        {"events.k8s.io", "events"},
        {"discovery.k8s.io", "endpointslices"},
        {"apps", "controllerrevisions daemonsets daemonsets/status deployments deployments/status "
                 "deployments/scale replicasets replicasets/status replicasets/scale statefulsets "
                 "statefulsets/status statefulsets/scale"},
        {"batch", "cronjobs cronjobs/status jobs jobs/status"},
        {"autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status"},
        {"policy", "poddisruptionbudgets poddisruptionbudgets/status"},
        {"networking.k8s.io", "ingresses ingresses/status networkpolicies"},
        {"scheduling.k8s.io", "podgroups podgroups/status workloads"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(viewable); i++)
        if (strcmp(viewable[i][0], asked->group) == 0 && in_words(viewable[i][1], asked->resource))
            return true;
    return false;
}

static bool is_editable(const struct asked *asked)
{
    static const char *const editable[][2] = {
        {"", "pods pods/attach pods/exec pods/portforward pods/proxy configmaps events "
             "persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets "
             "serviceaccounts services services/proxy"},
        {"apps", "daemonsets deployments deployments/scale replicasets replicasets/scale "
                 "statefulsets statefulsets/scale"},
        {"batch", "cronjobs jobs"},
        {"autoscaling", "horizontalpodautoscalers"},
        {"policy", "poddisruptionbudgets"},
        {"networking.k8s.io", "ingresses networkpolicies"},
        {"coordination.k8s.io", "leases"},
        {"scheduling.k8s.io", "podgroups workloads"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(editable); i++)
        if (strcmp(editable[i][0], asked->group) == 0 && in_words(editable[i][1], asked->resource))
            return true;
    return false;
}

static bool viewer_may(const struct asked *asked)
{
    return asked->resource && strcmp(asked->namespace, "default") == 0 && is_read(asked->verb) &&
           is_viewable(asked);
}

static bool editor_may(const struct asked *asked)
{
    if (!asked->resource || strcmp(asked->namespace, "default") != 0)
        return false;
    bool is_core = *asked->group == '\0';
    if (is_core && in_words("pods/eviction serviceaccounts/token", asked->resource))
        return strcmp(asked->verb, "create") == 0;
    if (is_core && strcmp(asked->resource, "pods/resize") == 0)
        return in_words("get patch update", asked->verb);
    if (is_write(asked->verb))
        return is_editable(asked);
    return is_viewable(asked) ||
           (is_core && in_words("pods/attach pods/exec pods/portforward pods/proxy secrets "
                                "services/proxy",
                                asked->resource)) ||
           strcmp(asked->resource, "leases") == 0;
}

static bool account_may(const struct asked *asked)
{
    return !asked->resource &&
           in_words("/.well-known/openid-configuration /openid/v1/jwks", asked->path);
}

/* There are no pods: nothing is its own but its Node and its Lease. */
static bool node_may_core(const struct asked *asked)
{
    const char *verb = asked->verb;
    if (in_words("services", asked->resource))
        return is_read(verb);
    if (in_words("endpoints", asked->resource))
        return strcmp(verb, "get") == 0;
    if (in_words("nodes", asked->resource))
        return in_words("create update patch", verb) ||
               (is_read(verb) && strcmp(asked->name, "n1") == 0);
    if (in_words("nodes/status pods/status", asked->resource))
        return in_words("update patch", verb);
    if (in_words("pods", asked->resource))
        return in_words("create delete", verb);
    if (in_words("pods/eviction", asked->resource))
        return strcmp(verb, "create") == 0;
    return in_words("events", asked->resource) && in_words("create update patch", verb);
}

static bool node_may(const struct asked *asked)
{
    const char *verb = asked->verb;
    if (!asked->resource)
        return false;
    if (*asked->group == '\0')
        return node_may_core(asked);
    if (in_words("leases", asked->resource))
        return strcmp(asked->namespace, "kube-node-lease") == 0 &&
               (strcmp(verb, "create") == 0 ||
                (in_words("get update patch delete", verb) && strcmp(asked->name, "n1") == 0));
    if (in_words("certificatesigningrequests", asked->resource))
        return is_read(verb) || strcmp(verb, "create") == 0;
    if (in_words("csidrivers runtimeclasses", asked->resource))
        return is_read(verb);
    return in_words("tokenreviews subjectaccessreviews localsubjectaccessreviews",
                    asked->resource) &&
           strcmp(verb, "create") == 0;
}

static bool joiner_may(const struct asked *asked)
{
    return asked->resource && strcmp(asked->group, "certificates.k8s.io") == 0 &&
           strcmp(asked->resource, "certificatesigningrequests") == 0 &&
           (is_read(asked->verb) || strcmp(asked->verb, "create") == 0);
}

/* Open to all here, because who may stands in the path: the link of node x is for node x, and
 * api/node_links.c says so. */
static bool asks_itself(const struct asked *asked)
{
    return !asked->resource && strcmp(asked->path, "/coracle/v1/nodes/x") == 0;
}

static bool expected(enum caller caller, const struct asked *asked)
{
    if (asks_itself(asked))
        return true;
    switch (caller) {
    case ADMIN: return true;
    case ANONYMOUS:
        return !asked->resource && in_words("/healthz /livez /readyz /version", asked->path);
    case PLAIN: return everybody_may(asked);
    case IMPERSONATOR:
    case VIEWER: return everybody_may(asked) || viewer_may(asked);
    case EDITOR: return everybody_may(asked) || editor_may(asked);
    case ACCOUNT: return everybody_may(asked) || account_may(asked);
    case NODE: return everybody_may(asked) || node_may(asked);
    case JOINER: return everybody_may(asked) || joiner_may(asked);
    case CALLERS: break;
    }
    return false;
}

/* --- Asking --- */

static enum status_reason decide(struct cluster *c, enum caller caller, const char *method,
                                 const char *path)
{
    static const struct http_header as_viewer[] = {{{"Impersonate-User", 16}, {"viewer", 6}}};
    struct request request;
    struct slice rest = slice_of(path);
    request_init(&request);
    request.method = slice_of(method);
    slice_split(&rest, '?', &request.path);
    request.query_text = rest;
    request.user = user_of(caller);
    if (caller == IMPERSONATOR) {
        request.headers.items = as_viewer;
        request.headers.count = 1;
    }
    int failed = request_decide(c->api, &request);
    enum status_reason reason = failed ? request.status.reason : STATUS_OK;
    request_release(&request);
    return reason;
}

static int cells;

static void check(struct cluster *c, const struct asked *asked, const char *method,
                  const char *path)
{
    for (enum caller caller = ADMIN; caller < CALLERS; caller++) {
        bool allowed = decide(c, caller, method, path) != STATUS_FORBIDDEN;
        cells++;
        if (allowed != expected(caller, asked))
            test_fail(__FILE__, __LINE__, "%s %s (%s) by %s is %s", method, path, asked->verb,
                      user_of(caller)->name, allowed ? "allowed" : "forbidden");
    }
}

/* --- The table --- */

static const struct {
    const char *verb;
    const char *method;
    const char *query;
    bool has_name;
} verbs[] = {
    {"get", "GET", "", true},
    {"list", "GET", "", false},
    {"watch", "GET", "?watch=1", false},
    {"create", "POST", "", false},
    {"update", "PUT", "", true},
    {"patch", "PATCH", "", true},
    {"delete", "DELETE", "", true},
    {"deletecollection", "DELETE", "", false},
};

static void check_resource(struct cluster *c, const struct kind *kind, const char *sub,
                           const char *namespace, const char *name)
{
    struct arena *arena = &c->arena;
    const char *base =
        *kind->group ? arena_format(arena, "/apis/%s/%s", kind->group, kind->version) : "/api/v1";
    const char *within = *namespace ? arena_format(arena, "/namespaces/%s", namespace) : "";
    bool is_namespace = strcmp(kind->resource, "namespaces") == 0;
    for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
        bool has_name = verbs[i].has_name || (sub && strcmp(verbs[i].verb, "create") == 0);
        if (sub && !has_name)
            continue;
        struct asked asked = {
            .verb = verbs[i].verb,
            .group = kind->group,
            .resource = sub ? arena_format(arena, "%s/%s", kind->resource, sub) : kind->resource,
            .namespace = is_namespace && has_name ? name : namespace,
            .name = has_name ? name : "",
            .path = "",
        };
        check(c, &asked, verbs[i].method,
              arena_format(arena, "%s%s/%s%s%s%s%s%s", base, within, kind->resource,
                           has_name ? "/" : "", has_name ? name : "", sub ? "/" : "",
                           sub ? sub : "", verbs[i].query));
    }
}

static void check_kind(struct cluster *c, const struct kind *kind)
{
    static const char *const namespaces[] = {"", "default", "kube-node-lease"};
    static const char *const names[] = {"x", "n1", "default"};
    for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++) {
        if (*namespaces[i] && !kind->namespaced)
            continue;
        for (size_t j = 0; j < ARRAY_SIZE(names); j++) {
            check_resource(c, kind, NULL, namespaces[i], names[j]);
            for (const struct kind_subresource *sub = kind->subresources; sub && sub->name; sub++)
                check_resource(c, kind, sub->name, namespaces[i], names[j]);
        }
    }
}

static void bind(struct cluster *c, const char *name, const char *role)
{
    cluster_request(c, "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
                    arena_format(&c->arena,
                                 "{\"metadata\":{\"name\":\"%s\"},\"roleRef\":{\"apiGroup\":"
                                 "\"rbac.authorization.k8s.io\",\"kind\":\"ClusterRole\",\"name\":"
                                 "\"%s\"},\"subjects\":[{\"apiGroup\":\"rbac.authorization.k8s.io\""
                                 ",\"kind\":\"User\",\"name\":\"%s\"}]}",
                                 name, role, name));
    EXPECT_CODE(c, 201);
}

static struct cluster *start(void)
{
    struct cluster *c = cluster_start();
    cluster_start_controllers(c);
    cluster_run_ms(c, 2000);
    bind(c, "viewer", "view");
    bind(c, "editor", "edit");
    cluster_request(c, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles",
                    "{\"metadata\":{\"name\":\"impersonator\"},\"rules\":[{\"apiGroups\":[\"\"],"
                    "\"resources\":[\"users\"],\"resourceNames\":[\"viewer\"],\"verbs\":["
                    "\"impersonate\"]}]}");
    EXPECT_CODE(c, 201);
    cluster_request(c, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                    "{\"metadata\":{\"name\":\"impersonator\"},\"roleRef\":{\"apiGroup\":"
                    "\"rbac.authorization.k8s.io\",\"kind\":\"ClusterRole\",\"name\":"
                    "\"impersonator\"},\"subjects\":[{\"apiGroup\":\"rbac.authorization.k8s.io\","
                    "\"kind\":\"User\",\"name\":\"impersonator\"}]}");
    EXPECT_CODE(c, 201);
    return c;
}

TEST_LIMIT(120, "every resource and verb is allowed to whom it should be, and to nobody else")
{
    struct cluster *c = start();
    cells = 0;
    for (size_t i = 0; i < registry_count(c->registry); i++)
        check_kind(c, registry_at(c->registry, i));
    EXPECT(cells > 10000);
    cluster_stop(c);
}

TEST("every route that is no resource is allowed to whom it should be, and to nobody else")
{
    struct cluster *c = start();
    for (const struct route *route = routes; route->path; route++) {
        char path[128];
        size_t size = strlen(route->path);
        memcpy(path, route->path, size + 1);
        if (path[size - 1] == '*')
            path[size - 1] = 'x';
        struct asked asked = {.verb = "get", .path = path};
        check(c, &asked, "GET", path);
    }
    cluster_stop(c);
}

/* --- Tricks --- */

TEST("no way of writing a path leads past the rules")
{
    static const char *const tricks[] = {
        "/api/v1//secrets",
        "//api/v1/secrets",
        "/api//v1/secrets",
        "/api/v1/namespaces//secrets",
        "/api/v1/namespaces/default//secrets",
        "/api/v1/namespaces/default/secrets//x",
        "/api/v1/./secrets",
        "/version/../api/v1/secrets",
        "/healthz/../api/v1/secrets",
        "/healthz/%2e%2e/api/v1/secrets",
        "/healthz%2f..%2fapi%2fv1%2fsecrets",
        "/api/v1%2fsecrets",
        "/api/v1/namespaces/default%2fsecrets",
        "/api/v1/namespaces/default/configmaps/..%2fsecrets",
        "/api/v1/namespaces/default/configmaps/../secrets",
        "/api/v1/namespaces/default/configmaps/%2e%2e/secrets",
        "/api/v1/namespaces/%2e%2e/secrets",
        "/api/v1/secrets/",
        "/api/v1/Secrets",
        "/API/v1/secrets",
        "/api/V1/secrets",
        "/api/v1/namespaces/DEFAULT/secrets",
        "/api/v1/secrets%00",
        "/api/v1/secrets%",
        "/api/v1/secrets;x",
        "/api/v1/%73ecrets",
        "/api/v1/namespaces/default/secrets/x/status/../..",
        "/api/v1/watch/secrets",
        "/api/v1/proxy/secrets",
        "api/v1/secrets",
        "*",
        "",
    };
    struct cluster *c = start();
    for (size_t i = 0; i < ARRAY_SIZE(tricks); i++)
        for (enum caller caller = ANONYMOUS; caller < CALLERS; caller++) {
            enum status_reason reason = decide(c, caller, "GET", tricks[i]);
            if (reason == STATUS_OK && caller != EDITOR)
                test_fail(__FILE__, __LINE__, "\"%s\" by %s is served", tricks[i],
                          user_of(caller)->name);
        }
    /* An escape stands for its letter, and a slash at the end for nothing: the same question. */
    EXPECT_EQ(decide(c, ADMIN, "GET", "/api/v1/%73ecrets"), STATUS_OK);
    EXPECT_EQ(decide(c, ADMIN, "GET", "/api/v1/secrets/"), STATUS_OK);
    EXPECT_EQ(decide(c, EDITOR, "GET", "/api/v1/namespaces/default/configmaps/../secrets"),
              STATUS_NOT_FOUND);
    EXPECT_EQ(decide(c, ADMIN, "GET", "/api/v1/namespaces/default//secrets"), STATUS_NOT_FOUND);
    EXPECT_EQ(decide(c, ADMIN, "GET", "/api/v1/namespaces/default/configmaps/a%2fb"),
              STATUS_NOT_FOUND);
    cluster_stop(c);
}

TEST("a field selector or a name in the query gives no more than the name in the path")
{
    struct cluster *c = start();
    EXPECT_EQ(decide(c, NODE, "GET", "/api/v1/nodes?fieldSelector=metadata.name%3Dn1"), STATUS_OK);
    EXPECT_EQ(decide(c, NODE, "GET", "/api/v1/nodes?fieldSelector=metadata.name%3Dn2"),
              STATUS_FORBIDDEN);
    EXPECT_EQ(
        decide(c, NODE, "GET", "/api/v1/nodes?fieldSelector=metadata.name%3Dn1,metadata.name%3Dn2"),
        STATUS_FORBIDDEN);
    EXPECT_EQ(decide(c, NODE, "GET", "/api/v1/nodes?fieldSelector=metadata.name!%3Dn1"),
              STATUS_FORBIDDEN);
    EXPECT_EQ(decide(c, NODE, "GET",
                     "/api/v1/nodes?fieldSelector=metadata.name%3Dn2&fieldSelector=metadata.name%"
                     "3Dn1"),
              STATUS_FORBIDDEN);
    EXPECT_EQ(decide(c, NODE, "DELETE", "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1"),
              STATUS_FORBIDDEN);
    cluster_stop(c);
}
