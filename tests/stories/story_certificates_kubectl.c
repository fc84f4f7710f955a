/* Certificates with real clients: kubectl, openssl and curl against the real server. */
#include "tests/harness/real_server.h"

static const char ask_for_jane[] =
    "openssl ecparam -name prime256v1 -genkey -noout -out jane.key && "
    "openssl req -new -key jane.key -subj /CN=jane -out jane.csr && "
    "echo '{\"apiVersion\":\"certificates.k8s.io/v1\",\"kind\":\"CertificateSigningRequest\","
    "\"metadata\":{\"name\":\"jane\"},\"spec\":{\"signerName\":"
    "\"kubernetes.io/kube-apiserver-client\",\"usages\":[\"client auth\"],"
    "\"expirationSeconds\":3600,\"request\":\"'$(base64 -w0 jane.csr)'\"}}' > jane.json && "
    "kubectl create -f jane.json && kubectl certificate approve jane && "
    "kubectl wait csr/jane --for=jsonpath='{.status.certificate}' --timeout=10s && "
    "kubectl get csr jane -o jsonpath='{.status.certificate}' | base64 -d > jane.crt";

/* A certificate of nobody's CA that says what the administrator's says. */
static const char make_rogue[] =
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout rogue.key "
    "-out rogue.crt -subj /O=system:masters/CN=kubernetes-admin -days 1";

/* What curl gets with a certificate NAME.crt and its key, or without one. */
static void expect_code(struct real_server *server, const char *name, const char *path,
                        const char *code)
{
    const char *shown = *name ? "--cert" : "";
    struct buffer command = {0};
    buffer_format(&command, "cd %s && curl -s -o body -w '%%{http_code}' --cacert pki/ca.crt %s",
                  server->folder, shown);
    if (*name)
        buffer_format(&command, " %s.crt --key %s.key", name, name);
    EXPECT_RUNS(server, "%s https://%s%s", command.data, server->address, path);
    if (!strstr(server->output.data, code))
        test_fail(__FILE__, __LINE__, "%s as \"%s\": %s, not %s", path, name, server->output.data,
                  code);
    buffer_release(&command);
}

#define PODS "/api/v1/namespaces/default/pods"

TEST_LIMIT(60, "a person's certificate is asked for, approved and used; others prove nothing")
{
    struct real_server server = {0};
    if (access("/usr/bin/openssl", X_OK) || access("/usr/bin/curl", X_OK))
        SKIP("there is no openssl or no curl");
    real_server_start(&server, "server", "");
    EXPECT_RUNS(&server, "cd %s && %s", server.folder, ask_for_jane);
    EXPECT_RUNS(&server, "kubectl get csr");
    EXPECT_SAID(&server, "Approved,Issued");
    expect_code(&server, "jane", PODS, "403");
    EXPECT_RUNS(&server, "kubectl create rolebinding v --clusterrole=view --user=jane");
    expect_code(&server, "jane", PODS, "200");
    expect_code(&server, "jane", "/api/v1/namespaces/default/secrets", "403");
    expect_code(&server, "pki/admin", "/api/v1/secrets", "200");
    EXPECT_RUNS(&server, "cd %s && %s", server.folder, make_rogue);
    expect_code(&server, "rogue", "/api/v1/secrets", "401");
    expect_code(&server, "rogue", "/version", "401");
    expect_code(&server, "pki/server", "/api/v1/secrets", "401"); /* It may not be a client. */
    expect_code(&server, "", "/version", "200");
    expect_code(&server, "", PODS, "403");
    EXPECT_RUNS(&server, "grep -c certificatesigningrequests %s/audit.log", server.folder);
    EXPECT_RUNS(&server, "kubectl auth can-i list pods --as jane");
    EXPECT_SAID(&server, "yes");
    EXPECT_FAILS(&server, "kubectl auth can-i list secrets --as jane");
    real_server_stop(&server);
}
