/* What a CA makes of what is asked for: names, usages, times. */
#include "core/clock.h"
#include "core/net/certificate_authority.h"
#include "core/net/pem.h"
#include "tests/harness/test.h"

#define NOW_US (INT64_C(1800000000) * 1000000)
#define MINUTE_US (INT64_C(60) * 1000000)
#define HOUR_US (60 * MINUTE_US)

static struct random_seeded seeded;
static struct arena arena;
static struct certificate_authority authority;
static struct ec_key key;
static struct status status;

static void open_authority(int64_t not_after_us)
{
    struct buffer der = {0}, pem = {0}, key_pem = {0};
    struct ec_key ca_key;
    struct x509_template template = {
        .common_name = "ca", .not_before_us = NOW_US - HOUR_US, .not_after_us = not_after_us};
    random_seeded_init(&seeded, 1);
    arena_init(&arena);
    status_init(&status);
    ec_key_generate(&seeded.random, &ca_key);
    ec_key_generate(&seeded.random, &key);
    x509_make_ca(&seeded.random, &template, &ca_key, &der);
    pem_write("CERTIFICATE", buffer_slice(&der), &pem);
    ec_key_write_pem(&ca_key, &key_pem);
    EXPECT_EQ(
        certificate_authority_open(&authority, buffer_slice(&pem), buffer_slice(&key_pem), &status),
        0);
    buffer_release(&der);
    buffer_release(&pem);
    buffer_release(&key_pem);
}

static void close_authority(void)
{
    certificate_authority_release(&authority);
    status_release(&status);
    arena_release(&arena);
}

static int sign(const struct x509_template *asked, const struct certificate_wish *how,
                struct x509_certificate *certificate)
{
    struct buffer request_pem = {0}, pem = {0};
    struct x509_request request;
    struct certificate_wish wish = *how;
    x509_request_make(asked, &key, &request_pem);
    EXPECT_EQ(x509_request_parse(&arena, buffer_slice(&request_pem), &request, &status), 0);
    wish.request = &request;
    int failed = certificate_authority_sign(&authority, &seeded.random, &wish, &pem, &status);
    if (!failed)
        EXPECT_EQ(x509_parse_pem(&arena, buffer_slice(&pem), certificate, &status), 0);
    buffer_release(&request_pem);
    buffer_release(&pem);
    return failed;
}

static const char *const nodes[] = {"system:nodes", NULL};

TEST("a certificate bears the names that were asked for and is signed by the CA")
{
    static const char *const dns_names[] = {"n1", NULL};
    static const char *const addresses[] = {"10.0.0.1", "::1", NULL};
    struct x509_template asked = {.common_name = "system:node:n1",
                                  .organizations = nodes,
                                  .dns_names = dns_names,
                                  .addresses = addresses};
    struct certificate_wish wish = {.key_usage = X509_DIGITAL_SIGNATURE,
                                    .usage = X509_SERVER_AUTH,
                                    .seconds = 3600,
                                    .now_us = NOW_US};
    struct x509_certificate made, ca;
    open_authority(NOW_US + 1000 * HOUR_US);
    EXPECT_EQ(sign(&asked, &wish, &made), 0);
    EXPECT_SLICE(made.names.common_name, "system:node:n1");
    EXPECT_EQ(made.names.organization_count, 1);
    EXPECT(x509_is_for_host(&made, SLICE("n1")) && x509_is_for_host(&made, SLICE("10.0.0.1")) &&
           x509_is_for_host(&made, SLICE("::1")));
    EXPECT_EQ(made.usage, X509_SERVER_AUTH);
    EXPECT_EQ(made.key_usage, X509_DIGITAL_SIGNATURE);
    EXPECT(!made.is_ca);
    EXPECT_EQ(x509_parse(&arena, buffer_slice(&authority.der), &ca, &status), 0);
    EXPECT(x509_is_signed_by(&made, &ca));
    close_authority();
}

TEST("it is good from five minutes ago, to when it was asked for, and never longer than the CA")
{
    struct x509_template asked = {.common_name = "a", .organizations = nodes};
    struct certificate_wish wish = {
        .usage = X509_CLIENT_AUTH, .seconds = 8 * 3600 - 1, .now_us = NOW_US};
    struct x509_certificate made;
    open_authority(NOW_US + 100 * HOUR_US);
    EXPECT_EQ(sign(&asked, &wish, &made), 0);
    EXPECT_EQ(made.not_before_us, NOW_US - 5 * MINUTE_US);
    EXPECT_EQ(made.not_after_us, NOW_US + 8 * HOUR_US - 1000000);
    EXPECT_EQ(made.key_usage, 0);
    wish.seconds = 8 * 3600;
    EXPECT_EQ(sign(&asked, &wish, &made), 0);
    EXPECT_EQ(made.not_after_us, NOW_US + 8 * HOUR_US - 5 * MINUTE_US);
    wish.seconds = 1000 * 3600;
    EXPECT_EQ(sign(&asked, &wish, &made), 0);
    EXPECT_EQ(made.not_after_us, NOW_US + 100 * HOUR_US);
    wish.now_us = NOW_US + 100 * HOUR_US;
    EXPECT_EQ(sign(&asked, &wish, &made), -1);
    EXPECT(strstr(status.message, "refusing to sign a certificate that expired in the past"));
    close_authority();
}
