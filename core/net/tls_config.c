#include "core/net/pem.h"
#include "core/net/public_key.h"
#include "core/net/tls_private.h"

/* Calls take for each CERTIFICATE of a PEM text; gives their number, or -1. */
static int each_certificate(struct tls_config *config, struct slice pem, size_t max,
                            int (*take)(struct tls_config *config, struct slice der,
                                        struct status *status),
                            struct status *status)
{
    struct buffer der = {0};
    struct slice label;
    int result, count = 0;
    while ((result = pem_next(&pem, &label, &der, status)) == 1) {
        if (!slice_is(label, "CERTIFICATE"))
            continue;
        struct slice copy = {arena_copy(&config->arena, der.data, der.size), der.size};
        if ((size_t)count == max)
            result = status_fail(status, STATUS_BAD_REQUEST, "too many certificates");
        else
            result = take(config, copy, status);
        if (result)
            break;
        count++;
    }
    buffer_release(&der);
    return result ? -1 : count;
}

static int take_link(struct tls_config *config, struct slice der, struct status *status)
{
    (void)status;
    config->chain[config->chain_count++] =
        (br_x509_certificate){(unsigned char *)der.data, der.size};
    return 0;
}

/* A CA of a system's store that we cannot use is passed over. */
static int take_anchor(struct tls_config *config, struct slice der, struct status *status)
{
    struct x509_certificate ca;
    br_x509_pkey key;
    if (x509_parse(&config->arena, der, &ca, status) || !public_key_read(ca.public_key, &key)) {
        status_clear(status);
        return 0;
    }
    config->anchors[config->anchor_count++] = (br_x509_trust_anchor){
        .dn = {(unsigned char *)ca.subject.data, ca.subject.size},
        .flags = BR_X509_TA_CA,
        .pkey = key,
    };
    return 0;
}

#define ANCHORS_MAX 512

static int load_anchors(struct tls_config *config, struct slice pem, struct status *status)
{
    if (pem.size == 0)
        return 0;
    config->anchors = ARENA_ARRAY(&config->arena, br_x509_trust_anchor, ANCHORS_MAX);
    if (each_certificate(config, pem, ANCHORS_MAX, take_anchor, status) < 0)
        return status_wrap(status, "CA certificates");
    if (config->anchor_count == 0)
        return status_fail(status, STATUS_BAD_REQUEST, "there is no CA certificate in the PEM");
    return 0;
}

static int load_identity(struct tls_config *config, const struct tls_options *options,
                         struct status *status)
{
    struct x509_certificate own;
    struct buffer public_key = {0};
    if (options->certificate_pem.size == 0)
        return 0;
    config->chain = ARENA_ARRAY(&config->arena, br_x509_certificate, TLS_CHAIN_COUNT_MAX);
    int count =
        each_certificate(config, options->certificate_pem, TLS_CHAIN_COUNT_MAX, take_link, status);
    if (count == 0)
        return status_fail(status, STATUS_BAD_REQUEST, "there is no certificate in the PEM");
    if (count < 0 || ec_key_read_pem(options->key_pem, &config->key, status))
        return -1;
    config->secret =
        (br_ec_private_key){BR_EC_secp256r1, config->key.secret, sizeof(config->key.secret)};
    struct slice der = {(const char *)config->chain[0].data, config->chain[0].data_len};
    if (x509_parse(&config->arena, der, &own, status))
        return -1;
    ec_key_write_public_der(&config->key, &public_key);
    bool fits = slice_equal(own.public_key, buffer_slice(&public_key));
    buffer_release(&public_key);
    return fits ? 0
                : status_fail(status, STATUS_BAD_REQUEST,
                              "the private key does not match the certificate");
}

struct tls_config *tls_config_create(const struct tls_options *options, struct status *status)
{
    struct tls_config *config = mem_alloc(sizeof(*config));
    config->references = 1;
    config->insecure = options->insecure;
    arena_init(&config->arena);
    if (options->ca_key_sha256) {
        config->pinned = true;
        memcpy(config->pin, options->ca_key_sha256, sizeof(config->pin));
    }
    if (load_anchors(config, options->ca_pem, status) || load_identity(config, options, status)) {
        tls_config_unref(config);
        return NULL;
    }
    return config;
}

struct tls_config *tls_config_ref(struct tls_config *config)
{
    config->references++;
    return config;
}

void tls_config_unref(struct tls_config *config)
{
    if (!config || --config->references > 0)
        return;
    ec_key_wipe(&config->key);
    arena_release(&config->arena);
    mem_free(config);
}
