/* Keys and certificates: what we make, others read; what others make, we read. */
#include <stdio.h>
#include <stdlib.h>

#include "core/clock.h"
#include "core/net/der.h"
#include "core/net/pem.h"
#include "core/net/x509.h"
#include "tests/harness/test.h"

#define DAY INT64_C(86400000000)
#define START INT64_C(1767225600000000) /* 2026-01-01 */

static const char *const groups[] = {"system:masters", "second group", NULL};
static const char *const dns_names[] = {"kubernetes", "*.example.org", NULL};
static const char *const addresses[] = {"127.0.0.1", "::1", NULL};

/* A CA, and one certificate of it for a server that is a client too. */
struct office {
    struct random_seeded random;
    struct ec_key ca_key, key;
    struct buffer ca, leaf, public_key;
    struct arena arena;
    struct status status;
};

static struct office *office_open(void)
{
    struct office *office = mem_alloc(sizeof(*office));
    struct x509_template ca = {
        .common_name = "test-ca", .not_before_us = START, .not_after_us = START + 3650 * DAY};
    struct x509_template leaf = {
        .common_name = "admin",
        .organizations = groups,
        .dns_names = dns_names,
        .addresses = addresses,
        .not_before_us = START,
        .not_after_us = START + 365 * DAY,
        .usage = X509_SERVER_AUTH | X509_CLIENT_AUTH,
    };
    random_seeded_init(&office->random, 11);
    status_init(&office->status);
    arena_init(&office->arena);
    ec_key_generate(&office->random.random, &office->ca_key);
    ec_key_generate(&office->random.random, &office->key);
    ec_key_write_public_der(&office->key, &office->public_key);
    x509_make_ca(&office->random.random, &ca, &office->ca_key, &office->ca);
    EXPECT_EQ(x509_sign(&office->random.random, &leaf, buffer_slice(&office->public_key),
                        buffer_slice(&office->ca), &office->ca_key, &office->leaf, &office->status),
              0);
    return office;
}

static void office_close(struct office *office)
{
    buffer_release(&office->ca);
    buffer_release(&office->leaf);
    buffer_release(&office->public_key);
    arena_release(&office->arena);
    status_release(&office->status);
    mem_free(office);
}

static const char *folder(void) /* One for the test, where test_folder() makes one a call. */
{
    static const char *path;
    if (!path)
        path = test_folder();
    return path;
}

static void write_file(const char *path, struct slice text)
{
    FILE *file = fopen(path, "w");
    EXPECT(file);
    EXPECT_EQ(fwrite(text.data, 1, text.size, file), text.size);
    fclose(file);
}

static void write_pem(const char *path, const char *label, struct slice der)
{
    struct buffer text = {0};
    pem_write(label, der, &text);
    write_file(path, buffer_slice(&text));
    buffer_release(&text);
}

static struct buffer read_file(const char *path)
{
    struct buffer text = {0};
    char piece[4096];
    FILE *file = fopen(path, "r");
    EXPECT(file);
    for (size_t size; (size = fread(piece, 1, sizeof(piece), file)) > 0;)
        buffer_append(&text, piece, size);
    fclose(file);
    return text;
}

/* Runs a command in the test's folder; gives what it printed. */
static char *run(const char *command)
{
    struct buffer line = {0}, output = {0};
    char piece[4096];
    buffer_format(&line, "cd %s && (%s) 2>&1", folder(), command);
    FILE *pipe = popen(line.data, "r");
    EXPECT(pipe);
    for (size_t size; (size = fread(piece, 1, sizeof(piece), pipe)) > 0;)
        buffer_append(&output, piece, size);
    pclose(pipe);
    buffer_release(&line);
    return buffer_take(&output);
}

static void need_openssl(void)
{
    if (system("openssl version > /dev/null 2>&1") != 0)
        SKIP("openssl is not installed");
}

/* --- DER and PEM --- */

TEST("DER lengths are written in their shortest form and read back")
{
    static const size_t sizes[] = {0, 1, 127, 128, 255, 256, 65535, 65536, 70000};
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        struct buffer content = {0}, der = {0};
        struct slice rest, back;
        buffer_reserve(&content, sizes[i] + 1);
        memset(content.data, 'x', sizes[i]);
        content.size = sizes[i];
        der_add(&der, DER_OCTET_STRING, buffer_slice(&content));
        rest = buffer_slice(&der);
        EXPECT(der_take(&rest, DER_OCTET_STRING, &back));
        EXPECT(slice_equal(back, buffer_slice(&content)));
        EXPECT_EQ(rest.size, 0);
        buffer_release(&content);
        buffer_release(&der);
    }
}

TEST("DER that is not in its one form is refused")
{
    static const struct slice bad[] = {
        {"\x04", 1},                 /* No length. */
        {"\x04\x05zzzz", 6},         /* Short. */
        {"\x04\x80zz\0\0", 6},       /* Indefinite. */
        {"\x04\x81\x04zzzz", 7},     /* Long form for a small length. */
        {"\x04\x82\x00\x81zz", 6},   /* A leading zero. */
        {"\x1f\x81\x01\x01z", 5},    /* A long tag. */
        {"\x04\x85\x01\x00\x00\x00\x00z", 8},
    };
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct slice rest = bad[i];
        struct der_item item;
        EXPECT(!der_next(&rest, &item));
    }
}

TEST("times are written as RFC 5280 wants them and read back")
{
    static const struct {
        const char *text;
        const char *der;
    } cases[] = {{"2026-01-02T03:04:05Z", "260102030405Z"},
                 {"2049-12-31T23:59:59Z", "491231235959Z"},
                 {"2050-01-01T00:00:00Z", "20500101000000Z"},
                 {"2126-06-07T08:09:10Z", "21260607080910Z"}};
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct buffer der = {0};
        struct der_item item;
        int64_t time_us, back_us;
        EXPECT(time_parse(slice_of(cases[i].text), &time_us));
        der_add_time(&der, time_us);
        struct slice rest = buffer_slice(&der);
        EXPECT(der_next(&rest, &item));
        EXPECT_SLICE(item.content, cases[i].der);
        EXPECT(der_time(&item, &back_us));
        EXPECT_EQ(back_us, time_us);
        buffer_release(&der);
    }
}

TEST("PEM blocks are found among other text, and broken ones refused")
{
    static const char text[] = "words\r\n-----BEGIN A-----\r\nAAEC\r\n-----END A-----\r\n"
                               "-----BEGIN B-----\nAwQF\nBgcI\n-----END B-----";
    struct slice rest = slice_of(text), label;
    struct buffer der = {0};
    struct status status;
    status_init(&status);
    EXPECT_EQ(pem_next(&rest, &label, &der, &status), 1);
    EXPECT_SLICE(label, "A");
    EXPECT_SLICE(buffer_slice(&der), SLICE("\0\1\2"));
    EXPECT_EQ(pem_next(&rest, &label, &der, &status), 1);
    EXPECT_SLICE(label, "B");
    EXPECT_EQ(der.size, 6);
    EXPECT_EQ(pem_next(&rest, &label, &der, &status), 0);
    EXPECT_EQ(pem_find(SLICE("-----BEGIN A-----\nAA!C\n-----END A-----\n"), "A", &der, &status),
              -1);
    EXPECT_EQ(pem_find(SLICE("-----BEGIN A-----\nAAEC\n-----END B-----\n"), "A", &der, &status),
              -1);
    EXPECT_EQ(pem_find(SLICE("-----BEGIN A-----\nAAEC\n"), "A", &der, &status), -1);
    EXPECT_EQ(pem_find(SLICE("nothing"), "A", &der, &status), -1);
    buffer_release(&der);
    status_release(&status);
}

/* --- Keys --- */

TEST("a signature is good for its key and data alone")
{
    struct random_seeded random;
    struct ec_key key, other;
    uint8_t signature[EC_SIGNATURE_SIZE];
    struct slice bytes = {(const char *)signature, sizeof(signature)};
    random_seeded_init(&random, 3);
    ec_key_generate(&random.random, &key);
    ec_key_generate(&random.random, &other);
    ec_key_sign(&key, SLICE("header.payload"), signature);
    EXPECT(ec_key_verify(&key, SLICE("header.payload"), bytes));
    EXPECT(!ec_key_verify(&key, SLICE("header.payloae"), bytes));
    EXPECT(!ec_key_verify(&other, SLICE("header.payload"), bytes));
    EXPECT(!ec_key_verify(&key, SLICE("header.payload"), slice_sub(bytes, 0, 63)));
    signature[10] ^= 1;
    EXPECT(!ec_key_verify(&key, SLICE("header.payload"), bytes));
    memset(signature, 0, sizeof(signature));
    EXPECT(!ec_key_verify(&key, SLICE("header.payload"), bytes));
    ec_key_wipe(&key);
    EXPECT_DIES(ec_key_sign(&key, SLICE("x"), signature));
}

TEST("a key written as PEM is read back, and openssl agrees with it")
{
    struct office *office = office_open();
    struct ec_key back;
    struct buffer text = {0}, public = {0};
    ec_key_write_pem(&office->key, &text);
    ec_key_write_public_pem(&office->key, &public);
    EXPECT_EQ(ec_key_read_pem(buffer_slice(&text), &back, &office->status), 0);
    EXPECT(memcmp(&back, &office->key, sizeof(back)) == 0);
    EXPECT_EQ(ec_key_read_public_pem(buffer_slice(&public), &back, &office->status), 0);
    EXPECT(memcmp(back.public, office->key.public, EC_PUBLIC_SIZE) == 0);
    EXPECT_EQ(ec_key_read_pem(buffer_slice(&public), &back, &office->status), -1);
    need_openssl();
    char path[200];
    snprintf(path, sizeof(path), "%s/key.pem", folder());
    write_file(path, buffer_slice(&text));
    char *output = run("openssl ec -in key.pem -pubout 2> /dev/null");
    EXPECT_TEXT(output, public.data);
    mem_free(output);
    mem_free(run("openssl pkcs8 -topk8 -nocrypt -in key.pem -out key8.pem"));
    snprintf(path, sizeof(path), "%s/key8.pem", folder());
    struct buffer pkcs8 = read_file(path);
    EXPECT(strstr(pkcs8.data, "BEGIN PRIVATE KEY"));
    EXPECT_EQ(ec_key_read_pem(buffer_slice(&pkcs8), &back, &office->status), 0);
    EXPECT(memcmp(&back, &office->key, sizeof(back)) == 0);
    buffer_release(&pkcs8);
    buffer_release(&text);
    buffer_release(&public);
    office_close(office);
}

TEST("keys that are none, or of another curve, are refused")
{
    struct ec_key key;
    struct status status;
    struct buffer der = {0}, text = {0};
    struct random_seeded random;
    status_init(&status);
    random_seeded_init(&random, 3);
    ec_key_generate(&random.random, &key);
    key.public[40] ^= 1; /* Off the curve. */
    ec_key_write_public_pem(&key, &text);
    EXPECT_EQ(ec_key_read_public_pem(buffer_slice(&text), &key, &status), -1);
    status_clear(&status);
    EXPECT_EQ(ec_key_read_pem(SLICE("-----BEGIN EC PRIVATE KEY-----\nMAMCAQE=\n"
                                    "-----END EC PRIVATE KEY-----\n"),
                              &key, &status),
              -1);
    status_clear(&status);
    EXPECT_EQ(ec_key_read_pem(SLICE(""), &key, &status), -1);
    EXPECT_TEXT(status.message, "there is no key in the PEM");
    if (system("openssl version > /dev/null 2>&1") == 0) {
        char *p384 = run("openssl ecparam -name secp384r1 -genkey -noout");
        EXPECT_EQ(ec_key_read_pem(slice_of(p384), &key, &status), -1);
        mem_free(p384);
    }
    buffer_release(&der);
    buffer_release(&text);
    status_release(&status);
}

/* --- Certificates --- */

TEST("a certificate says what it was made to say")
{
    struct office *office = office_open();
    struct x509_certificate leaf, ca;
    EXPECT_EQ(x509_parse(&office->arena, buffer_slice(&office->leaf), &leaf, &office->status), 0);
    EXPECT_EQ(x509_parse(&office->arena, buffer_slice(&office->ca), &ca, &office->status), 0);
    EXPECT_SLICE(leaf.names.common_name, "admin");
    EXPECT_EQ(leaf.names.organization_count, 2);
    EXPECT_SLICE(leaf.names.organizations[0], "system:masters");
    EXPECT_SLICE(leaf.names.organizations[1], "second group");
    EXPECT_EQ(leaf.names.dns_name_count, 2);
    EXPECT_SLICE(leaf.names.dns_names[1], "*.example.org");
    EXPECT_EQ(leaf.names.address_count, 2);
    EXPECT_SLICE(leaf.names.addresses[0], SLICE("\x7f\0\0\1"));
    EXPECT_EQ(leaf.names.addresses[1].size, 16);
    EXPECT_EQ(leaf.not_before_us, START);
    EXPECT_EQ(leaf.not_after_us, START + 365 * DAY);
    EXPECT_EQ(leaf.usage, X509_SERVER_AUTH | X509_CLIENT_AUTH);
    EXPECT_EQ(leaf.key_usage, X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT);
    EXPECT(!leaf.is_ca);
    EXPECT(ca.is_ca);
    EXPECT((ca.key_usage & X509_KEY_CERT_SIGN) != 0);
    EXPECT(slice_equal(leaf.public_key, buffer_slice(&office->public_key)));
    EXPECT(x509_is_signed_by(&leaf, &ca));
    EXPECT(x509_is_signed_by(&ca, &ca));
    EXPECT(!x509_is_signed_by(&ca, &leaf));
    office_close(office);
}

TEST("a certificate is for the hosts that it names, and no others")
{
    struct office *office = office_open();
    struct x509_certificate leaf;
    static const char *const good[] = {"kubernetes", "KUBERNETES", "kubernetes.", "a.example.org",
                                       "127.0.0.1", "::1", "0:0::0:1"};
    static const char *const bad[] = {"admin",
                                      "kubernetes.default",
                                      "example.org",
                                      "a.b.example.org",
                                      ".example.org",
                                      "127.0.0.2",
                                      "::2",
                                      "",
                                      "*.example.org.evil",
                                      "127.0.0.1.",
                                      "aexample.org"};
    EXPECT_EQ(x509_parse(&office->arena, buffer_slice(&office->leaf), &leaf, &office->status), 0);
    for (size_t i = 0; i < ARRAY_SIZE(good); i++)
        EXPECT(x509_is_for_host(&leaf, slice_of(good[i])));
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT(!x509_is_for_host(&leaf, slice_of(bad[i])));
    office_close(office);
}

TEST("a certificate cut short at any byte, or changed, is never a crash")
{
    struct office *office = office_open();
    struct x509_certificate certificate, ca;
    EXPECT_EQ(x509_parse(&office->arena, buffer_slice(&office->ca), &ca, &office->status), 0);
    for (size_t i = 0; i < office->leaf.size; i++) {
        char *copy = mem_copy_slice(slice_sub(buffer_slice(&office->leaf), 0, i));
        EXPECT_EQ(
            x509_parse(&office->arena, (struct slice){copy, i}, &certificate, &office->status), -1);
        status_clear(&office->status);
        mem_free(copy);
    }
    for (size_t i = 0; i < office->leaf.size; i++) {
        office->leaf.data[i] ^= 0x41;
        if (x509_parse(&office->arena, buffer_slice(&office->leaf), &certificate,
                       &office->status) == 0)
            EXPECT(!x509_is_signed_by(&certificate, &ca));
        status_clear(&office->status);
        office->leaf.data[i] ^= 0x41;
    }
    office_close(office);
}

TEST("openssl verifies what we make")
{
    need_openssl();
    struct office *office = office_open();
    char path[200];
    snprintf(path, sizeof(path), "%s/ca.pem", folder());
    write_pem(path, "CERTIFICATE", buffer_slice(&office->ca));
    snprintf(path, sizeof(path), "%s/leaf.pem", folder());
    write_pem(path, "CERTIFICATE", buffer_slice(&office->leaf));
    char *output = run("openssl verify -attime 1780000000 -x509_strict -purpose sslserver"
                       " -CAfile ca.pem leaf.pem && openssl verify -attime 1780000000"
                       " -purpose sslclient -verify_hostname kubernetes -CAfile ca.pem leaf.pem");
    EXPECT_TEXT(output, "leaf.pem: OK\nleaf.pem: OK\n");
    mem_free(output);
    output = run("openssl x509 -in leaf.pem -noout -subject -ext subjectAltName,extendedKeyUsage");
    EXPECT(strstr(output, "O = system:masters, O = second group, CN = admin"));
    EXPECT(strstr(output, "DNS:kubernetes, DNS:*.example.org, IP Address:127.0.0.1, "
                          "IP Address:0:0:0:0:0:0:0:1"));
    EXPECT(strstr(output, "TLS Web Server Authentication, TLS Web Client Authentication"));
    mem_free(output);
    office_close(office);
}

TEST("we read what openssl makes: RSA and P-384 keys, two CNs, other names")
{
    need_openssl();
    struct office *office = office_open();
    struct x509_certificate ca, leaf;
    static const char *const kinds[] = {"rsa:2048", "ec -pkeyopt ec_paramgen_curve:P-384"};
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct buffer command = {0};
        char path[200];
        buffer_format(&command,
                      "openssl req -x509 -newkey %s -nodes -keyout ca.key -subj /CN=other-ca"
                      " -out ca.pem &&"
                      "openssl req -newkey %s -nodes -keyout k -out r.pem"
                      " -subj /O=g1/O=g2/CN=first/CN=last &&"
                      "printf 'subjectAltName=DNS:a.b,email:x@y,URI:spiffe://z\\n"
                      "extendedKeyUsage=clientAuth' > e &&"
                      "openssl x509 -req -in r.pem -CA ca.pem -CAkey ca.key -extfile e"
                      " -out leaf.pem",
                      kinds[i], kinds[i]);
        mem_free(run(command.data));
        snprintf(path, sizeof(path), "%s/ca.pem", folder());
        struct buffer ca_text = read_file(path);
        snprintf(path, sizeof(path), "%s/leaf.pem", folder());
        struct buffer leaf_text = read_file(path);
        EXPECT_EQ(x509_parse_pem(&office->arena, buffer_slice(&ca_text), &ca, &office->status), 0);
        EXPECT_EQ(x509_parse_pem(&office->arena, buffer_slice(&leaf_text), &leaf, &office->status),
                  0);
        EXPECT_SLICE(leaf.names.common_name, "last");
        EXPECT_EQ(leaf.names.organization_count, 2);
        EXPECT_EQ(leaf.names.dns_name_count, 1);
        EXPECT(leaf.names.has_emails && leaf.names.has_uris && !leaf.names.has_other_names);
        EXPECT_EQ(leaf.usage, X509_CLIENT_AUTH);
        EXPECT(!x509_allows(&leaf, X509_SERVER_AUTH));
        EXPECT(x509_allows(&ca, X509_SERVER_AUTH));
        EXPECT(x509_is_signed_by(&leaf, &ca));
        buffer_release(&ca_text);
        buffer_release(&leaf_text);
        buffer_release(&command);
    }
    office_close(office);
}

/* --- Requests --- */

TEST("a request for a certificate is made, read and signed")
{
    struct office *office = office_open();
    struct x509_template template = {.common_name = "system:node:a",
                                     .organizations = groups,
                                     .dns_names = dns_names,
                                     .addresses = addresses};
    struct x509_request request;
    struct buffer pem = {0};
    x509_request_make(&template, &office->key, &pem);
    EXPECT_EQ(x509_request_parse(&office->arena, buffer_slice(&pem), &request, &office->status), 0);
    EXPECT_SLICE(request.names.common_name, "system:node:a");
    EXPECT_EQ(request.names.organization_count, 2);
    EXPECT_EQ(request.names.dns_name_count, 2);
    EXPECT_EQ(request.names.address_count, 2);
    EXPECT(slice_equal(request.public_key, buffer_slice(&office->public_key)));
    buffer_release(&pem);
    office_close(office);
}

TEST("a request that its key did not sign is refused")
{
    struct office *office = office_open();
    struct x509_template template = {.common_name = "system:node:a"};
    struct x509_request request;
    struct buffer pem = {0}, der = {0};
    x509_request_make(&template, &office->key, &pem);
    EXPECT_EQ(pem_find(buffer_slice(&pem), "CERTIFICATE REQUEST", &der, &office->status), 0);
    for (size_t i = 0; i < der.size; i++) {
        der.data[i] ^= 0x22;
        EXPECT_EQ(x509_request_parse(&office->arena, buffer_slice(&der), &request, &office->status),
                  -1);
        status_clear(&office->status);
        der.data[i] ^= 0x22;
    }
    EXPECT_EQ(x509_request_parse(&office->arena, buffer_slice(&der), &request, &office->status), 0);
    buffer_release(&pem);
    buffer_release(&der);
    office_close(office);
}

TEST("openssl reads our requests, and we read those of openssl")
{
    need_openssl();
    struct office *office = office_open();
    struct x509_template template = {
        .common_name = "system:node:a", .organizations = groups, .dns_names = dns_names};
    struct x509_request request;
    struct buffer pem = {0};
    char path[200];
    x509_request_make(&template, &office->key, &pem);
    snprintf(path, sizeof(path), "%s/r.pem", folder());
    write_file(path, buffer_slice(&pem));
    char *output = run("openssl req -in r.pem -noout -verify -subject -text");
    EXPECT(strstr(output, "verify OK"));
    EXPECT(strstr(output, "O = system:masters, O = second group, CN = system:node:a"));
    EXPECT(strstr(output, "DNS:kubernetes"));
    mem_free(output);
    static const char *const kinds[] = {"rsa:2048", "rsa:3072",
                                        "ec -pkeyopt ec_paramgen_curve:P-256",
                                        "ec -pkeyopt ec_paramgen_curve:P-384"};
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct buffer command = {0};
        buffer_format(&command,
                      "openssl req -new -newkey %s -nodes -keyout k -subj /O=dev/CN=jane"
                      " 2> /dev/null",
                      kinds[i]);
        output = run(command.data);
        EXPECT_EQ(x509_request_parse(&office->arena, slice_of(output), &request, &office->status),
                  0);
        EXPECT_SLICE(request.names.common_name, "jane");
        EXPECT_SLICE(request.names.organizations[0], "dev");
        mem_free(output);
        buffer_release(&command);
    }
    output = run("openssl req -new -newkey ed25519 -nodes -keyout k -subj /CN=jane 2> /dev/null");
    EXPECT_EQ(x509_request_parse(&office->arena, slice_of(output), &request, &office->status), -1);
    EXPECT(strstr(office->status.message, "not supported"));
    mem_free(output);
    buffer_release(&pem);
    office_close(office);
}

TEST("a name with a NUL inside is no name")
{
    struct office *office = office_open();
    struct x509_certificate certificate;
    char *at = memmem(office->leaf.data, office->leaf.size, "admin", 5);
    EXPECT(at);
    at[2] = '\0';
    EXPECT_EQ(
        x509_parse(&office->arena, buffer_slice(&office->leaf), &certificate, &office->status), -1);
    office_close(office);
}
