/* The server's certificates: made, kept, renewed while it runs, and never readable by others. */
#include "cli/identity.h"

#include <stdio.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/net/x509.h"
#include "tests/harness/test.h"

#define DAY_US (INT64_C(86400) * 1000000)

static const char *const addresses[] = {"127.0.0.1", "::1", "10.96.0.1", NULL};
static const char *folder;
static struct loop *loop;
static struct identity identity;
static struct arena arena;
static struct status status;

static const char *in_folder(const char *name)
{
    return arena_format(&arena, "%s/%s", folder, name);
}

static void open_identity(void)
{
    EXPECT_EQ(identity_open(&identity, loop, folder, addresses, &status), 0);
    EXPECT_EQ(identity_keep(&identity, "https://127.0.0.1:1", in_folder("kubeconfig"), &status), 0);
}

static void start(void)
{
    folder = test_folder();
    loop = loop_create_simulated(1);
    arena_init(&arena);
    status_init(&status);
    open_identity();
}

static void stop(void)
{
    identity_release(&identity);
    loop_destroy(loop);
    arena_release(&arena);
    status_release(&status);
}

static const char *read_file(const char *name)
{
    struct buffer text = {0};
    EXPECT_EQ(file_read(in_folder(name), &text, &status), 0);
    const char *copy = arena_copy_slice(&arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

static struct x509_certificate certificate(const char *name)
{
    struct x509_certificate certificate;
    EXPECT_EQ(x509_parse_pem(&arena, slice_of(read_file(name)), &certificate, &status), 0);
    return certificate;
}

static int mode_of(const char *name)
{
    struct stat found;
    EXPECT_EQ(stat(in_folder(name), &found), 0);
    return found.st_mode & 0777;
}

TEST("keys and the kubeconfig are the owner's alone, also when they were not")
{
    start();
    EXPECT_EQ(mode_of("pki"), 0700);
    static const char *const secrets[] = {"pki/ca.key", "pki/server.key", "pki/admin.key",
                                          "kubeconfig"};
    for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
        EXPECT_EQ(mode_of(secrets[i]), 0600);
    EXPECT_EQ(chmod(in_folder("pki/ca.key"), 0644), 0);
    identity_release(&identity);
    open_identity();
    EXPECT_EQ(mode_of("pki/ca.key"), 0600);
    stop();
}

TEST("the certificate names where the API is served, and all its names")
{
    start();
    struct x509_certificate server = certificate("pki/server.crt");
    static const char *const hosts[] = {"127.0.0.1",
                                        "::1",
                                        "10.96.0.1",
                                        "localhost",
                                        "kubernetes",
                                        "kubernetes.default",
                                        "kubernetes.default.svc",
                                        "kubernetes.default.svc.cluster.local"};
    for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
        EXPECT(x509_is_for_host(&server, slice_of(hosts[i])));
    EXPECT(!x509_is_for_host(&server, SLICE("10.0.0.1")));
    EXPECT(!x509_allows(&server, X509_CLIENT_AUTH));
    stop();
}

TEST("a second start keeps what is good, and makes anew what does not fit")
{
    start();
    const char *server = read_file("pki/server.crt"), *admin = read_file("pki/admin.crt");
    identity_release(&identity);
    open_identity();
    EXPECT_TEXT(read_file("pki/server.crt"), server);
    identity_release(&identity);
    /* A crash between its two files has left a new key beside the old certificate. */
    EXPECT_EQ(file_write(in_folder("pki/server.key"), 0600, slice_of(read_file("pki/admin.key")),
                         &status),
              0);
    open_identity();
    EXPECT(strcmp(read_file("pki/server.crt"), server) != 0);
    EXPECT_TEXT(read_file("pki/admin.crt"), admin);
    stop();
}

TEST("certificates are renewed 30 days before they end, while the server runs")
{
    start();
    const char *server = read_file("pki/server.crt"), *ca = read_file("pki/ca.crt");
    const char *kubeconfig = read_file("kubeconfig");
    struct tls_config *tls = identity.tls;
    loop_run_for_us(loop, 334 * DAY_US);
    EXPECT_TEXT(read_file("pki/server.crt"), server);
    EXPECT(identity.tls == tls);
    loop_run_for_us(loop, 2 * DAY_US);
    EXPECT(strcmp(read_file("pki/server.crt"), server) != 0);
    EXPECT(identity.tls != tls);
    EXPECT(strcmp(read_file("kubeconfig"), kubeconfig) != 0);
    EXPECT_TEXT(read_file("pki/ca.crt"), ca);
    int64_t now_us = clock_wall_us(loop_clock(loop));
    EXPECT(certificate("pki/server.crt").not_after_us > now_us + 360 * DAY_US);
    stop();
}

TEST("the CA is made anew with the same key before anything that it signed outlives it")
{
    start();
    struct x509_certificate old = certificate("pki/ca.crt");
    identity_release(&identity);
    loop_run_for_us(loop, (10 * 365 - 394) * DAY_US);
    open_identity();
    struct x509_certificate ca = certificate("pki/ca.crt");
    EXPECT(ca.not_after_us > old.not_after_us);
    EXPECT(slice_equal(ca.public_key, old.public_key) && slice_equal(ca.subject, old.subject));
    struct x509_certificate server = certificate("pki/server.crt");
    EXPECT(x509_is_signed_by(&server, &old) && x509_is_signed_by(&server, &ca));
    EXPECT(server.not_after_us < ca.not_after_us);
    stop();
}

static void stopped(void *context)
{
    *(bool *)context = true;
}

TEST("it stops at once where nobody looks")
{
    bool is_stopped = false;
    start();
    identity_stop(&identity, stopped, &is_stopped);
    EXPECT(is_stopped);
    stop();
}
