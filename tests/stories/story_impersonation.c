/* One user acts as another: who may, whom they become, and what is told of it. */
#include "tests/harness/cluster.h"

#include "api/authn.h"
#include "core/status.h"

#define WHOAMI "/apis/authentication.k8s.io/v1/selfsubjectreviews"

static const char *const known[] = {"system:authenticated", NULL};
static const struct user jane = {.name = "jane", .uid = "", .groups = known};

struct asked {
    struct request request;
    bool is_done;
};

static void done(struct request *request)
{
    CONTAINER_OF(request, struct asked, request)->is_done = true;
}

/* Asks who one is with these headers: names and values, then NULL. Leaves the reply in c. */
static void ask(struct cluster *c, const struct user *user, const char *const *headers)
{
    struct http_header items[16];
    struct asked asked = {0};
    struct request *request = &asked.request;
    struct status status;
    size_t count = 0;
    for (; headers[2 * count]; count++)
        items[count] =
            (struct http_header){slice_of(headers[2 * count]), slice_of(headers[2 * count + 1])};
    request_init(request);
    request->method = SLICE("POST");
    request->path = SLICE(WHOAMI);
    request->content_type = SLICE("application/json");
    request->body = SLICE("{}");
    request->headers = (struct http_headers){items, count};
    request->user = user;
    request->done = done;
    api_serve(c->api, request);
    cluster_run_ms(c, 100);
    EXPECT(asked.is_done);
    status_init(&status);
    c->code = request->reply.code;
    c->reply = arena_copy_slice(&c->arena, buffer_slice(&request->reply.body));
    c->object = json_parse(&c->arena, slice_of(c->reply), NULL, &status);
    status_release(&status);
    request_release(request);
}
#define ASK(c, user, ...) ask(c, user, (const char *const[]){__VA_ARGS__, NULL, NULL})

static const char *message(struct cluster *c)
{
    return json_text(json_get(c->object, "message"));
}

static const char *groups(struct cluster *c)
{
    return cluster_text(c, "status.userInfo.groups");
}

static void allow(struct cluster *c, const char *rules)
{
    cluster_request(
        c, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        arena_format(&c->arena, "{\"metadata\":{\"name\":\"r\"},\"rules\":[%s]}", rules));
    EXPECT_CODE(c, 201);
    cluster_request(c, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                    "{\"metadata\":{\"name\":\"r\"},\"roleRef\":{\"apiGroup\":"
                    "\"rbac.authorization.k8s.io\",\"kind\":\"ClusterRole\",\"name\":\"r\"},"
                    "\"subjects\":[{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"User\","
                    "\"name\":\"jane\"}]}");
    EXPECT_CODE(c, 201);
}

TEST("who is acted as is known, and a service account is in its groups")
{
    struct cluster *c = cluster_start();
    ASK(c, NULL, "Impersonate-User", "bob");
    EXPECT_CODE(c, 403); /* Nobody may act as anybody. */
    ask(c, &user_admin, (const char *const[]){"Impersonate-User", "bob", NULL});
    EXPECT_TEXT(cluster_text(c, "status.userInfo.username"), "bob");
    EXPECT_TEXT(groups(c), "[\"system:authenticated\"]");
    ASK(c, &user_admin, "Impersonate-User", "bob", "Impersonate-Group", "dev");
    EXPECT_TEXT(groups(c), "[\"dev\",\"system:authenticated\"]");
    ASK(c, &user_admin, "Impersonate-User", "system:serviceaccount:ns:sa");
    EXPECT_TEXT(groups(c), "[\"system:serviceaccounts\",\"system:serviceaccounts:ns\","
                           "\"system:authenticated\"]");
    ASK(c, &user_admin, "Impersonate-User", "system:serviceaccount:ns:sa", "Impersonate-Group",
        "dev");
    EXPECT_TEXT(groups(c), "[\"dev\",\"system:authenticated\"]");
    cluster_stop(c);
}

TEST("groups that say whether somebody is known are not said twice, or against each other")
{
    struct cluster *c = cluster_start();
    ASK(c, &user_admin, "Impersonate-User", "bob", "Impersonate-Group", "system:authenticated");
    EXPECT_TEXT(groups(c), "[\"system:authenticated\"]");
    ASK(c, &user_admin, "Impersonate-User", "bob", "Impersonate-Group", "system:unauthenticated");
    EXPECT_CODE(c, 403); /* Who is not known asks nothing. */
    ASK(c, &user_admin, "Impersonate-User", "system:anonymous");
    EXPECT_CODE(c, 403);
    EXPECT(strstr(message(c), "User \"system:anonymous\" cannot create resource"));
    ASK(c, &user_admin, "Impersonate-User", "bob", "Impersonate-Group", "system:masters");
    EXPECT_TEXT(groups(c), "[\"system:masters\",\"system:authenticated\"]");
    cluster_stop(c);
}

TEST("ids and extra fields are taken over; keys in lower case and without escapes")
{
    struct cluster *c = cluster_start();
    ASK(c, &user_admin, "Impersonate-User", "bob", "Impersonate-Uid", "u1",
        "Impersonate-Extra-Acme.Com%2Fproject", "p1", "Impersonate-Extra-Scopes", "view",
        "Impersonate-Extra-Scopes", "edit");
    EXPECT_TEXT(cluster_text(c, "status.userInfo.uid"), "u1");
    EXPECT_TEXT(cluster_text(c, "status.userInfo.extra"),
                "{\"acme.com/project\":[\"p1\"],\"scopes\":[\"view\",\"edit\"]}");
    cluster_stop(c);
}

TEST("each thing that is taken over must be allowed by itself")
{
    struct cluster *c = cluster_start();
    ASK(c, &jane, "Impersonate-User", "bob");
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "users \"bob\" is forbidden: User \"jane\" cannot impersonate resource "
                            "\"users\" in API group \"\" at the cluster scope");
    allow(c, "{\"apiGroups\":[\"\"],\"resources\":[\"users\"],\"verbs\":[\"impersonate\"]},"
             "{\"apiGroups\":[\"authentication.k8s.io\"],\"resources\":[\"userextras/scopes\"],"
             "\"resourceNames\":[\"view\"],\"verbs\":[\"impersonate\"]}");
    ASK(c, &jane, "Impersonate-User", "bob");
    EXPECT_CODE(c, 201);
    ASK(c, &jane, "Impersonate-User", "bob", "Impersonate-Extra-Scopes", "view");
    EXPECT_CODE(c, 201);
    ASK(c, &jane, "Impersonate-User", "bob", "Impersonate-Extra-Scopes", "edit");
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "userextras.authentication.k8s.io \"edit\" is forbidden: User \"jane\" "
                            "cannot impersonate resource \"userextras/scopes\" in API group "
                            "\"authentication.k8s.io\" at the cluster scope");
    ASK(c, &jane, "Impersonate-User", "bob", "Impersonate-Group", "system:masters");
    EXPECT_CODE(c, 403);
    EXPECT(strstr(message(c), "groups \"system:masters\" is forbidden"));
    ASK(c, &jane, "Impersonate-User", "bob", "Impersonate-Uid", "u");
    EXPECT_CODE(c, 403);
    EXPECT(strstr(message(c), "uids.authentication.k8s.io \"u\" is forbidden"));
    ASK(c, &jane, "Impersonate-User", "system:serviceaccount:default:x");
    EXPECT_CODE(c, 403);
    EXPECT(strstr(message(c), "serviceaccounts \"x\" is forbidden: User \"jane\" cannot "
                              "impersonate resource \"serviceaccounts\" in API group \"\" in the "
                              "namespace \"default\""));
    cluster_stop(c);
}

TEST("a group, an id or a field without a user is a mistake")
{
    struct cluster *c = cluster_start();
    ASK(c, &user_admin, "Impersonate-Group", "dev");
    EXPECT_CODE(c, 400);
    EXPECT_TEXT(message(c), "requested [{Group  dev    }] without impersonating a user");
    ASK(c, &user_admin, "Impersonate-Uid", "u");
    EXPECT_CODE(c, 400);
    EXPECT_TEXT(message(c), "requested [{UID  u  authentication.k8s.io/v1  }] without "
                            "impersonating a user");
    ASK(c, &user_admin, "Impersonate-Extra-A", "b");
    EXPECT_CODE(c, 400);
    cluster_stop(c);
}
