/* Tokens of service accounts and bootstrap tokens: given out, believed, and ended in time. */
#include "tests/harness/cluster.h"

#define ACCOUNTS "/api/v1/namespaces/default/serviceaccounts"
#define REVIEWS "/apis/authentication.k8s.io/v1/tokenreviews"
#define WHO "/apis/authentication.k8s.io/v1/selfsubjectreviews"
#define ISSUER "https://kubernetes.default.svc"

static const char *message(struct cluster *c)
{
    return json_text(json_get(c->object, "message"));
}

/* A token of robot with this spec (the inside of an object); as the last reply. */
static const char *token_with(struct cluster *c, const char *spec)
{
    cluster_request(c, "POST", ACCOUNTS "/robot/token",
                    arena_format(&c->arena, "{\"spec\":{%s}}", spec));
    EXPECT_CODE(c, 201);
    return cluster_text(c, "status.token");
}

static void make_robot(struct cluster *c)
{
    cluster_request(c, "POST", ACCOUNTS, "{\"metadata\":{\"name\":\"robot\"}}");
    EXPECT_CODE(c, 201);
}

static void make_pod(struct cluster *c, const char *name)
{
    cluster_request(c, "POST", "/api/v1/namespaces/default/pods",
                    arena_format(&c->arena,
                                 "{\"metadata\":{\"name\":\"%s\"},\"spec\":{\"serviceAccountName\":"
                                 "\"robot\",\"terminationGracePeriodSeconds\":0,\"containers\":[{"
                                 "\"name\":\"c\",\"image\":\"i\"}]}}",
                                 name));
    EXPECT_CODE(c, 201);
}

/* Who a token is, for the API: 201, or 401. */
static int who(struct cluster *c, const char *token)
{
    return cluster_request_with(c, token, "POST", WHO, "{}");
}

static void review(struct cluster *c, const char *token, const char *audiences)
{
    cluster_request(c, "POST", REVIEWS,
                    arena_format(&c->arena, "{\"spec\":{\"token\":\"%s\",\"audiences\":[%s]}}",
                                 token, audiences));
    EXPECT_CODE(c, 201);
}

TEST("a token says who its account is, and its groups and id go with it")
{
    struct cluster *c = cluster_start();
    make_robot(c);
    const char *token = token_with(c, "");
    EXPECT_TEXT(cluster_text(c, "kind"), "TokenRequest");
    EXPECT_TEXT(cluster_text(c, "metadata.name"), "robot");
    EXPECT_TEXT(cluster_text(c, "spec.audiences"), "[\"" ISSUER "\"]");
    EXPECT_TEXT(cluster_text(c, "spec.expirationSeconds"), "3600");
    EXPECT(*cluster_text(c, "status.expirationTimestamp"));
    const char *uid = cluster_text(c, "metadata.uid");
    EXPECT_EQ(who(c, token), 201);
    EXPECT_TEXT(cluster_text(c, "status.userInfo.username"), "system:serviceaccount:default:robot");
    EXPECT_TEXT(cluster_text(c, "status.userInfo.uid"), uid);
    EXPECT_TEXT(cluster_text(c, "status.userInfo.groups"),
                "[\"system:serviceaccounts\",\"system:serviceaccounts:default\","
                "\"system:authenticated\"]");
    const struct json *extra = json_at(c->object, "status.userInfo.extra");
    const struct json *id =
        json_first(json_get(extra, "authentication.kubernetes.io/credential-id"));
    EXPECT(slice_starts_with(json_string(id), SLICE("JTI=")));
    cluster_request_with(c, token, "GET", "/api/v1/namespaces/default/pods", NULL);
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "pods is forbidden: User \"system:serviceaccount:default:robot\" "
                            "cannot list resource \"pods\" in API group \"\" in the namespace "
                            "\"default\"");
    cluster_stop(c);
}

TEST("what is no token of ours is 401, and another scheme is nobody")
{
    struct cluster *c = cluster_start();
    make_robot(c);
    const char *token = token_with(c, "");
    char *bent = arena_copy_text(&c->arena, token);
    bent[strlen(bent) - 10] = bent[strlen(bent) - 10] == 'A' ? 'B' : 'A';
    const char *const bad[] = {"x", "a.b.c", "abcdef.0123456789abcdef", bent};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        EXPECT_EQ(who(c, bad[i]), 401);
        EXPECT_TEXT(message(c), "Unauthorized");
        EXPECT_TEXT(cluster_text(c, "reason"), "Unauthorized");
    }
    EXPECT_EQ(who(c, token), 201);
    cluster_stop(c);
}

TEST("a token ends when its time does, a minute of leeway later")
{
    struct cluster *c = cluster_start();
    make_robot(c);
    const char *token = token_with(c, "\"expirationSeconds\":600");
    cluster_run_ms(c, 600 * 1000);
    EXPECT_EQ(who(c, token), 201);
    cluster_run_ms(c, 62 * 1000);
    EXPECT_EQ(who(c, token), 401);
    review(c, token, "");
    EXPECT_TEXT(cluster_text(c, "status.error"),
                "[invalid bearer token, service account token has expired]");
    EXPECT_TEXT(cluster_text(c, "status.authenticated"), "");
    cluster_stop(c);
}

TEST("an account that is made again is another: tokens of the first are dead")
{
    struct cluster *c = cluster_start();
    make_robot(c);
    const char *token = token_with(c, "");
    EXPECT_EQ(who(c, token), 201);
    cluster_request(c, "DELETE", ACCOUNTS "/robot", NULL);
    EXPECT_EQ(who(c, token), 401);
    review(c, token, "");
    EXPECT_TEXT(cluster_text(c, "status.error"),
                "[invalid bearer token, serviceaccounts \"robot\" not found]");
    make_robot(c);
    EXPECT_EQ(who(c, token), 401);
    review(c, token, "");
    EXPECT(strstr(cluster_text(c, "status.error"), "does not match claim (") != NULL);
    EXPECT_EQ(who(c, token_with(c, "")), 201);
    cluster_stop(c);
}

TEST("a token that is bound to a pod tells of it, and ends with it")
{
    struct cluster *c = cluster_start();
    make_robot(c);
    make_pod(c, "p");
    const char *uid = cluster_text(c, "metadata.uid");
    const char *token = token_with(
        c, arena_format(&c->arena,
                        "\"boundObjectRef\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"name\":\"p\","
                        "\"uid\":\"%s\"}",
                        uid));
    EXPECT_EQ(who(c, token), 201);
    const struct json *extra = json_at(c->object, "status.userInfo.extra");
    EXPECT_TEXT(json_text(json_first(json_get(extra, "authentication.kubernetes.io/pod-name"))),
                "p");
    EXPECT_TEXT(json_text(json_first(json_get(extra, "authentication.kubernetes.io/pod-uid"))),
                uid);
    cluster_request(c, "DELETE", "/api/v1/namespaces/default/pods/p", NULL);
    EXPECT_EQ(who(c, token), 401);
    review(c, token, "");
    EXPECT_TEXT(cluster_text(c, "status.error"),
                "[invalid bearer token, service account token has been invalidated]");
    make_pod(c, "p");
    review(c, token, "");
    EXPECT(strstr(cluster_text(c, "status.error"), "[invalid bearer token, pod UID (") != NULL);
    cluster_stop(c);
}

TEST("a token that is bound to a secret or a node ends with it too")
{
    struct cluster *c = cluster_start();
    make_robot(c);
    cluster_request(c, "POST", "/api/v1/namespaces/default/secrets",
                    "{\"metadata\":{\"name\":\"s\"}}");
    cluster_node(c, "n", "cpu=1");
    const char *by_secret = token_with(c, "\"boundObjectRef\":{\"kind\":\"Secret\",\"apiVersion\":"
                                          "\"v1\",\"name\":\"s\"}");
    const char *by_node = token_with(c, "\"boundObjectRef\":{\"kind\":\"Node\",\"apiVersion\":"
                                        "\"v1\",\"name\":\"n\"}");
    EXPECT_EQ(who(c, by_secret), 201);
    EXPECT_EQ(who(c, by_node), 201);
    const struct json *extra = json_at(c->object, "status.userInfo.extra");
    EXPECT_TEXT(json_text(json_first(json_get(extra, "authentication.kubernetes.io/node-name"))),
                "n");
    cluster_request(c, "DELETE", "/api/v1/namespaces/default/secrets/s", NULL);
    cluster_request(c, "DELETE", "/api/v1/nodes/n", NULL);
    EXPECT_EQ(who(c, by_secret), 401);
    EXPECT_EQ(who(c, by_node), 401);
    cluster_stop(c);
}

TEST("requests for tokens that cannot be are refused in upstream's words")
{
    struct cluster *c = cluster_start();
    make_robot(c);
    make_pod(c, "p");
    cluster_request(c, "POST", "/api/v1/namespaces/default/configmaps",
                    "{\"metadata\":{\"name\":\"m\"}}");
    struct {
        const char *account, *body;
        int code;
        const char *message;
    } cases[] = {
        {"nobody", "{\"spec\":{}}", 404, "serviceaccounts \"nobody\" not found"},
        {"robot", "{\"spec\":{\"expirationSeconds\":599}}", 422,
         "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid "
         "value: 599: may not specify a duration less than 10 minutes"},
        {"robot", "{\"spec\":{\"expirationSeconds\":4294967297}}", 422,
         "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid "
         "value: 4294967297: may not specify a duration larger than 2^32 seconds"},
        {"robot", "{\"metadata\":{\"name\":\"other\"},\"spec\":{}}", 422,
         "TokenRequest.authentication.k8s.io \"robot\" is invalid: metadata.name: Invalid value: "
         "\"other\": must match the service account name if specified"},
        {"robot", "{\"metadata\":{\"namespace\":\"other\"},\"spec\":{}}", 400,
         "the namespace of the provided object does not match the namespace sent on the request"},
        {"robot",
         "{\"spec\":{\"boundObjectRef\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"name\":\"x\"}}}",
         404, "pods \"x\" not found"},
        {"robot",
         "{\"spec\":{\"boundObjectRef\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"name\":\"p\","
         "\"uid\":\"u\"}}}",
         409,
         "Operation cannot be fulfilled on Pod \"p\": the UID in the bound object reference (u) "
         "does not match the UID in record. The object might have been deleted and then "
         "recreated"},
        {"default",
         "{\"spec\":{\"boundObjectRef\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"name\":\"p\"}}}",
         400,
         "cannot bind token for serviceaccount \"default\" to pod running with different "
         "serviceaccount name."},
        {"robot",
         "{\"spec\":{\"boundObjectRef\":{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"name\":"
         "\"m\"}}}",
         400, "cannot bind token to object of type /v1, Kind=ConfigMap"},
        {"robot",
         "{\"spec\":{\"boundObjectRef\":{\"kind\":\"Pod\",\"apiVersion\":\"apps/v1\",\"name\":"
         "\"p\"}}}",
         400, "cannot bind token to object of type apps/v1, Kind=Pod"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        cluster_request(c, "POST", arena_format(&c->arena, ACCOUNTS "/%s/token", cases[i].account),
                        cases[i].body);
        EXPECT_CODE(c, cases[i].code);
        EXPECT_TEXT(message(c), cases[i].message);
    }
    cluster_request(c, "POST", ACCOUNTS "/robot/token",
                    "{\"metadata\":{\"uid\":\"u\"},\"spec\":{}}");
    EXPECT_CODE(c, 409);
    token_with(c, "\"expirationSeconds\":600");
    token_with(c, "\"expirationSeconds\":4294967296");
    cluster_request(c, "GET", ACCOUNTS "/robot/token", NULL);
    EXPECT_CODE(c, 405);
    cluster_stop(c);
}

TEST("a pod's token outlives the hour that was asked for, others do not")
{
    struct cluster *c = cluster_start();
    make_robot(c);
    make_pod(c, "p");
    const char *long_one =
        token_with(c, "\"expirationSeconds\":3607,\"boundObjectRef\":{\"kind\":\"Pod\","
                      "\"apiVersion\":\"v1\",\"name\":\"p\"}");
    const char *short_one = token_with(c, "\"expirationSeconds\":3607");
    cluster_run_ms(c, 2 * 3600 * 1000);
    EXPECT_EQ(who(c, long_one), 201);
    EXPECT_EQ(who(c, short_one), 401);
    cluster_stop(c);
}

TEST("a token for others is none for the API, and a review tells for whom it is good")
{
    struct cluster *c = cluster_start();
    make_robot(c);
    const char *token = token_with(c, "\"audiences\":[\"vault\",\"x\"]");
    EXPECT_EQ(who(c, token), 401);
    review(c, token, "");
    EXPECT_TEXT(cluster_text(c, "status.error"),
                "[invalid bearer token, token audiences [\"vault\" \"x\"] is invalid for the "
                "target audiences [\"" ISSUER "\"]]");
    review(c, token, "\"y\",\"vault\"");
    EXPECT_TEXT(cluster_text(c, "status.authenticated"), "true");
    EXPECT_TEXT(cluster_text(c, "status.audiences"), "[\"vault\"]");
    EXPECT_TEXT(cluster_text(c, "status.user.username"), "system:serviceaccount:default:robot");
    review(c, token, "\"y\"");
    EXPECT_TEXT(cluster_text(c, "status.authenticated"), "");
    review(c, "nonsense", "");
    EXPECT_TEXT(cluster_text(c, "status.error"), "invalid bearer token");
    cluster_request(c, "POST", REVIEWS, "{\"spec\":{}}");
    EXPECT_CODE(c, 400);
    EXPECT_TEXT(message(c), "token is required for TokenReview in authentication");
    cluster_stop(c);
}

/* --- Bootstrap tokens --- */

#define SECRETS "/api/v1/namespaces/kube-system/secrets"

static void make_secret(struct cluster *c, const char *id, const char *more)
{
    cluster_request(
        c, "POST", SECRETS,
        arena_format(&c->arena,
                     "{\"metadata\":{\"name\":\"bootstrap-token-%s\"},\"type\":"
                     "\"bootstrap.kubernetes.io/token\",\"stringData\":{\"token-id\":\"%s\","
                     "\"token-secret\":\"0123456789abcdef\"%s}}",
                     id, id, more));
    EXPECT_CODE(c, 201);
}

TEST("a bootstrap token is who shows it, until it expires or its secret goes")
{
    struct cluster *c = cluster_start();
    char end[TIME_TEXT_SIZE];
    time_format(clock_wall_us(loop_clock(c->loop)) + INT64_C(100000000), end);
    make_secret(c, "aaaaaa",
                arena_format(&c->arena,
                             ",\"usage-bootstrap-authentication\":\"true\",\"auth-extra-groups\":"
                             "\"system:bootstrappers:b:a,system:bootstrappers:a\",\"expiration\":"
                             "\"%s\"",
                             end));
    EXPECT_EQ(who(c, "aaaaaa.0123456789abcdef"), 201);
    EXPECT_TEXT(cluster_text(c, "status.userInfo.username"), "system:bootstrap:aaaaaa");
    EXPECT_TEXT(cluster_text(c, "status.userInfo.groups"),
                "[\"system:bootstrappers\",\"system:bootstrappers:a\","
                "\"system:bootstrappers:b:a\",\"system:authenticated\"]");
    EXPECT_EQ(who(c, "aaaaaa.0123456789abcdee"), 401);
    review(c, "aaaaaa.0123456789abcdef", "\"other\"");
    EXPECT_TEXT(cluster_text(c, "status.authenticated"), "");
    cluster_run_ms(c, 99000);
    EXPECT_EQ(who(c, "aaaaaa.0123456789abcdef"), 201);
    cluster_run_ms(c, 2000);
    EXPECT_EQ(who(c, "aaaaaa.0123456789abcdef"), 401);
    make_secret(c, "bbbbbb", ",\"usage-bootstrap-authentication\":\"true\"");
    EXPECT_EQ(who(c, "bbbbbb.0123456789abcdef"), 201);
    cluster_request(c, "DELETE", SECRETS "/bootstrap-token-bbbbbb", NULL);
    EXPECT_EQ(who(c, "bbbbbb.0123456789abcdef"), 401);
    cluster_stop(c);
}

TEST("a bootstrap secret that does not say all of it lets nobody in")
{
    struct cluster *c = cluster_start();
    static const char *const parts[] = {
        "",
        ",\"usage-bootstrap-authentication\":\"false\"",
        ",\"usage-bootstrap-authentication\":\"true\",\"auth-extra-groups\":\"system:masters\"",
        (",\"usage-bootstrap-authentication\":\"true\","
         "\"auth-extra-groups\":\"system:bootstrappers:a,\""),
        ",\"usage-bootstrap-authentication\":\"true\",\"expiration\":\"tomorrow\"",
    };
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        const char *id = arena_format(&c->arena, "cccc%02zu", i);
        make_secret(c, id, parts[i]);
        EXPECT_EQ(who(c, arena_format(&c->arena, "%s.0123456789abcdef", id)), 401);
    }
    cluster_stop(c);
}

/* --- What is public --- */

TEST("the issuer tells its keys to who may ask")
{
    struct cluster *c = cluster_start();
    cluster_request(c, "GET", "/.well-known/openid-configuration", NULL);
    EXPECT_CODE(c, 200);
    EXPECT_TEXT(cluster_text(c, "issuer"), ISSUER);
    EXPECT_TEXT(cluster_text(c, "jwks_uri"), "https://127.0.0.1:6443/openid/v1/jwks");
    cluster_request(c, "GET", "/openid/v1/jwks", NULL);
    EXPECT_CODE(c, 200);
    EXPECT_TEXT(c->content_type, "application/jwk-set+json");
    EXPECT_TEXT(json_text(json_get(json_first(json_get(c->object, "keys")), "alg")), "ES256");
    make_robot(c);
    const char *token = token_with(c, "");
    cluster_request_with(c, token, "GET", "/openid/v1/jwks", NULL);
    EXPECT_CODE(c, 200);
    cluster_request_with(c, token, "GET", "/.well-known/openid-configuration", NULL);
    EXPECT_CODE(c, 200);
    cluster_stop(c);
}
