/* How a machine gets its certificate, who may say yes, and when requests go. */
#include "tests/harness/cluster.h"

#include "core/crypto.h"
#include "core/net/certificate_authority.h"
#include "core/net/pem.h"

#define CSRS "/apis/certificates.k8s.io/v1/certificatesigningrequests"
#define JSON "application/json"
#define CLIENT "kubernetes.io/kube-apiserver-client"
#define KUBELET CLIENT "-kubelet"
#define NODE_USAGES "\"digital signature\",\"client auth\""
#define YEAR_US (INT64_C(365) * 86400 * 1000000)

static const char *const bootstrappers[] = {"system:bootstrappers", "system:authenticated", NULL};
static const struct user joiner = {
    .name = "system:bootstrap:abcdef", .uid = "", .groups = bootstrappers};
static const char *const node_groups[] = {"system:nodes", "system:authenticated", NULL};
static const struct user node = {.name = "system:node:n1", .uid = "", .groups = node_groups};
static const char *const known[] = {"system:authenticated", NULL};
static const struct user jane = {.name = "jane", .uid = "", .groups = known};

static struct random_seeded seeded;
static struct certificate_authority authority;
static struct ec_key key;

static void open_authority(struct cluster *c)
{
    struct buffer der = {0}, pem = {0}, key_pem = {0};
    struct ec_key ca_key;
    int64_t now_us = clock_wall_us(loop_clock(c->loop));
    struct x509_template template = {
        .common_name = "ca", .not_before_us = now_us, .not_after_us = now_us + 10 * YEAR_US};
    struct status status;
    status_init(&status);
    random_seeded_init(&seeded, 1);
    ec_key_generate(&seeded.random, &ca_key);
    ec_key_generate(&seeded.random, &key);
    x509_make_ca(&seeded.random, &template, &ca_key, &der);
    pem_write("CERTIFICATE", buffer_slice(&der), &pem);
    ec_key_write_pem(&ca_key, &key_pem);
    EXPECT_EQ(
        certificate_authority_open(&authority, buffer_slice(&pem), buffer_slice(&key_pem), &status),
        0);
    status_release(&status);
    buffer_release(&der);
    buffer_release(&pem);
    buffer_release(&key_pem);
    c->controllers.authority = &authority;
}

static struct cluster *start(void)
{
    struct cluster *c = cluster_start();
    open_authority(c);
    cluster_start_controllers(c);
    cluster_run_ms(c, 2000);
    return c;
}

static void stop(struct cluster *c)
{
    cluster_stop(c);
    certificate_authority_release(&authority);
}

/* A request of this name and group for a signer; usages as JSON. */
static const char *request(struct cluster *c, const char *name, const char *group,
                           const char *signer, const char *usages, const char *rest)
{
    const char *const groups[] = {group, NULL};
    struct x509_template wanted = {.common_name = name, .organizations = group ? groups : NULL};
    struct buffer pem = {0}, text = {0};
    x509_request_make(&wanted, &key, &pem);
    base64_encode(buffer_slice(&pem), &text);
    const char *body = arena_format(&c->arena,
                                    "{\"metadata\":{\"name\":\"r\"},\"spec\":{\"request\":\"%s\","
                                    "\"signerName\":\"%s\",\"usages\":[%s]%s}}",
                                    text.data, signer, usages, rest);
    buffer_release(&pem);
    buffer_release(&text);
    return body;
}

static void post(struct cluster *c, const struct user *user, const char *body)
{
    cluster_request_as(c, user, "POST", CSRS, JSON, NULL, body);
}

static void look(struct cluster *c)
{
    cluster_run_ms(c, 2000);
    cluster_request(c, "GET", CSRS "/r", NULL);
}

static void approve(struct cluster *c, const struct user *user, const char *type)
{
    cluster_request_as(c, user, "PATCH", CSRS "/r/approval", "application/merge-patch+json", NULL,
                       arena_format(&c->arena,
                                    "{\"status\":{\"conditions\":[{\"type\":\"%s\",\"status\":"
                                    "\"True\",\"reason\":\"r\"}]}}",
                                    type));
}

static void read_certificate(struct cluster *c, struct x509_certificate *certificate)
{
    struct buffer pem = {0};
    struct status status;
    status_init(&status);
    EXPECT_EQ(base64_decode(slice_of(cluster_text(c, "status.certificate")), &pem), 0);
    EXPECT_EQ(x509_parse_pem(&c->arena, buffer_slice(&pem), certificate, &status), 0);
    buffer_release(&pem);
    status_release(&status);
}

static const char *message(struct cluster *c)
{
    return json_text(json_get(c->object, "message"));
}

TEST("who joins by a token is approved, and gets a certificate as a node for a year")
{
    struct cluster *c = start();
    struct x509_certificate certificate;
    post(c, &joiner, request(c, "system:node:n1", "system:nodes", KUBELET, NODE_USAGES, ""));
    EXPECT_CODE(c, 201);
    EXPECT_TEXT(cluster_text(c, "spec.username"), "system:bootstrap:abcdef");
    look(c);
    EXPECT(strstr(c->reply, "Auto approving kubelet client certificate after SubjectAccessReview"));
    read_certificate(c, &certificate);
    EXPECT_SLICE(certificate.names.common_name, "system:node:n1");
    EXPECT_SLICE(certificate.names.organizations[0], "system:nodes");
    EXPECT_EQ(certificate.usage, X509_CLIENT_AUTH);
    EXPECT_EQ(certificate.key_usage, X509_DIGITAL_SIGNATURE);
    EXPECT_EQ(certificate.not_after_us - certificate.not_before_us, YEAR_US);
    stop(c);
}

TEST("a node renews its own certificate, and not another's")
{
    struct cluster *c = start();
    post(c, &node,
         request(c, "system:node:n1", "system:nodes", KUBELET, NODE_USAGES,
                 ",\"expirationSeconds\":600"));
    look(c);
    EXPECT(strstr(c->reply, "Auto approving self kubelet client certificate"));
    struct x509_certificate certificate;
    read_certificate(c, &certificate);
    EXPECT_EQ(certificate.not_after_us - certificate.not_before_us, INT64_C(900) * 1000000);
    cluster_request(c, "DELETE", CSRS "/r", NULL);
    post(c, &node, request(c, "system:node:n2", "system:nodes", KUBELET, NODE_USAGES, ""));
    look(c);
    EXPECT_TEXT(cluster_text(c, "status.conditions"), "");
    stop(c);
}

TEST("an approved request that does not fit its signer fails, and says why")
{
    struct cluster *c = start();
    post(c, &jane, request(c, "system:node:n1", "others", KUBELET, NODE_USAGES, ""));
    EXPECT_CODE(c, 403);
    post(c, NULL, request(c, "system:node:n1", "others", KUBELET, NODE_USAGES, ""));
    EXPECT_CODE(c, 201);
    approve(c, NULL, "Approved");
    EXPECT_CODE(c, 200);
    look(c);
    EXPECT(strstr(c->reply, "\"reason\":\"SignerValidationFailure\""));
    EXPECT(strstr(c->reply, "subject organization is not system:nodes"));
    EXPECT_TEXT(cluster_text(c, "status.certificate"), "");
    stop(c);
}

TEST("a person's certificate waits for somebody who may approve for its signer")
{
    struct cluster *c = start();
    post(c, NULL, request(c, "jane", NULL, CLIENT, "\"client auth\"", ""));
    EXPECT_CODE(c, 201);
    look(c);
    EXPECT_TEXT(cluster_text(c, "status.conditions"), "");
    cluster_request(c, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles",
                    "{\"metadata\":{\"name\":\"csr\"},\"rules\":[{\"apiGroups\":[\"certificates."
                    "k8s.io\"],\"resources\":[\"certificatesigningrequests\","
                    "\"certificatesigningrequests/approval\",\"certificatesigningrequests/"
                    "status\"],\"verbs\":[\"*\"]}]}");
    cluster_request(c, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                    "{\"metadata\":{\"name\":\"csr\"},\"roleRef\":{\"apiGroup\":"
                    "\"rbac.authorization.k8s.io\",\"kind\":\"ClusterRole\",\"name\":\"csr\"},"
                    "\"subjects\":[{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"User\","
                    "\"name\":\"jane\"}]}");
    approve(c, &jane, "Approved");
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "certificatesigningrequests.certificates.k8s.io \"r\" is forbidden: "
                            "user not permitted to approve requests with signerName "
                            "\"" CLIENT "\"");
    cluster_request_as(c, &jane, "PATCH", CSRS "/r/status", "application/merge-patch+json", NULL,
                       "{\"status\":{\"conditions\":[{\"type\":\"x\",\"status\":\"True\"}]}}");
    EXPECT_CODE(c, 403);
    EXPECT(strstr(message(c), "user not permitted to sign requests with signerName"));
    approve(c, NULL, "Approved");
    look(c);
    struct x509_certificate certificate;
    read_certificate(c, &certificate);
    EXPECT_SLICE(certificate.names.common_name, "jane");
    EXPECT_EQ(certificate.key_usage, 0);
    stop(c);
}

TEST("nobody asks for system:masters, or with what is no request")
{
    struct cluster *c = start();
    post(c, NULL, request(c, "jane", "system:masters", CLIENT, "\"client auth\"", ""));
    EXPECT_CODE(c, 403);
    EXPECT_TEXT(message(c), "certificatesigningrequests.certificates.k8s.io \"r\" is forbidden: "
                            "use of " CLIENT " signer with system:masters group is not allowed");
    post(c, NULL,
         "{\"metadata\":{\"name\":\"r\"},\"spec\":{\"request\":"
         "\"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K\",\"signerName\":\"a.b/c\","
         "\"usages\":[\"client auth\"]}}");
    EXPECT_CODE(c, 422);
    stop(c);
}

TEST("a decision is one of two, stays, and so does a certificate; only certificates are given")
{
    struct cluster *c = start();
    post(c, NULL, request(c, "jane", NULL, "example.com/own", "\"client auth\"", ""));
    approve(c, NULL, "Approved");
    EXPECT_CODE(c, 200);
    approve(c, NULL, "Denied");
    EXPECT_CODE(c, 422);
    EXPECT(strstr(message(c), "updates may not remove a condition of type \\\"Approved\\\"") ||
           strstr(message(c), "updates may not remove a condition of type \"Approved\""));
    cluster_request_as(c, NULL, "PATCH", CSRS "/r/approval", "application/json-patch+json", NULL,
                       "[{\"op\":\"add\",\"path\":\"/status/conditions/-\",\"value\":{\"type\":"
                       "\"Denied\",\"status\":\"True\"}}]");
    EXPECT_CODE(c, 422);
    EXPECT(strstr(message(c), "Approved and Denied conditions are mutually exclusive"));
    cluster_request_as(c, NULL, "PATCH", CSRS "/r/status", "application/merge-patch+json", NULL,
                       "{\"status\":{\"certificate\":\"eA==\"}}");
    EXPECT_CODE(c, 422);
    EXPECT(strstr(message(c), "must contain at least one CERTIFICATE PEM block"));
    struct buffer text = {0};
    base64_encode(buffer_slice(&authority.pem), &text);
    const char *give = arena_format(&c->arena, "{\"status\":{\"certificate\":\"%s\"}}", text.data);
    cluster_request_as(c, NULL, "PATCH", CSRS "/r/status", "application/merge-patch+json", NULL,
                       give);
    EXPECT_CODE(c, 200);
    cluster_request_as(c, NULL, "PATCH", CSRS "/r/status", "application/merge-patch+json", NULL,
                       "{\"status\":{\"certificate\":null}}");
    EXPECT_CODE(c, 422);
    EXPECT(strstr(message(c), "updates may not modify existing certificate content"));
    cluster_request_as(c, NULL, "PATCH", CSRS "/r", "application/merge-patch+json", NULL,
                       "{\"status\":{\"certificate\":\"eA==\"},\"spec\":{\"signerName\":\"x\"}}");
    EXPECT_CODE(c, 200);
    EXPECT_TEXT(cluster_text(c, "spec.signerName"), "example.com/own");
    buffer_release(&text);
    stop(c);
}

#define HOUR_MS (INT64_C(3600) * 1000)

static void expect_life(const char *type, const char *signer, int64_t hours)
{
    struct cluster *c = start();
    post(c, NULL, request(c, "jane", NULL, signer, "\"client auth\"", ""));
    if (type)
        approve(c, NULL, type);
    cluster_run_ms(c, hours * HOUR_MS - 60000);
    cluster_request(c, "GET", CSRS "/r", NULL);
    EXPECT_CODE(c, 200);
    cluster_run_ms(c, 120000);
    cluster_request(c, "GET", CSRS "/r", NULL);
    EXPECT_CODE(c, 404);
    stop(c);
}

TEST("a request that was answered goes after an hour, one that was not after a day")
{
    expect_life("Denied", CLIENT, 1);
    expect_life("Approved", CLIENT, 1);
    expect_life(NULL, CLIENT, 24);
}
