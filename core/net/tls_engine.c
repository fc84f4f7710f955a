#include <stdio.h>

#include "core/net/address.h"
#include "core/net/tls_private.h"

/* On machines with AES instructions AES-GCM is 3 to 8 times faster than
 * ChaCha20, on others ChaCha20 4 times faster than AES-GCM. */
static const uint16_t suites_aes_first[] = {
    BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
};
static const uint16_t suites_chacha_first[] = {
    BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
};

/* BearSSL copies neither texts nor pointers to them. */
static const char *protocols[] = {"http/1.1"};

static void set_algorithms(br_ssl_engine_context *engine)
{
    bool aes = br_aes_x86ni_ctr_get_vtable() != NULL || br_aes_pwr8_ctr_get_vtable() != NULL;
    br_ssl_engine_set_versions(engine, BR_TLS12, BR_TLS12);
    br_ssl_engine_set_suites(engine, aes ? suites_aes_first : suites_chacha_first,
                             ARRAY_SIZE(suites_aes_first));
    br_ssl_engine_set_hash(engine, br_sha256_ID, &br_sha256_vtable);
    br_ssl_engine_set_hash(engine, br_sha384_ID, &br_sha384_vtable);
    br_ssl_engine_set_hash(engine, br_sha512_ID, &br_sha512_vtable);
    br_ssl_engine_set_prf_sha256(engine, &br_tls12_sha256_prf);
    br_ssl_engine_set_prf_sha384(engine, &br_tls12_sha384_prf);
    br_ssl_engine_set_default_ec(engine);
    br_ssl_engine_set_default_ecdsa(engine); /* To check the peer's signatures, */
    br_ssl_engine_set_default_rsavrfy(engine); /* of either kind of key. */
    br_ssl_engine_set_default_aes_gcm(engine);
    br_ssl_engine_set_default_chapol(engine);
    br_ssl_engine_set_protocol_names(engine, protocols, ARRAY_SIZE(protocols));
    br_ssl_engine_add_flags(engine, BR_OPT_NO_RENEGOTIATION);
}

/* All of its randomness comes from random: in production that is the system's,
 * in simulated runs a seed. BearSSL's own seeder would open a device file for
 * every connection. */
static void seed(br_ssl_engine_context *engine, struct random *random)
{
    uint8_t entropy[64];
    random->fill(random, entropy, sizeof(entropy));
    engine->rng_os_rand_done = 1;
    br_ssl_engine_inject_entropy(engine, entropy, sizeof(entropy));
    explicit_bzero(entropy, sizeof(entropy));
}

static void start_server(struct tls_engine *self, const struct tls_config *config)
{
    br_ssl_server_context *server = &self->context.server;
    br_ssl_server_set_single_ec(server, config->chain, config->chain_count, &config->secret,
                                BR_KEYTYPE_SIGN, BR_KEYTYPE_EC, br_ec_get_default(),
                                br_ecdsa_sign_asn1_get_default());
    if (config->anchor_count > 0) {
        br_ssl_server_set_trust_anchor_names_alt(server, config->anchors, config->anchor_count);
        br_ssl_engine_add_flags(&server->eng, BR_OPT_TOLERATE_NO_CLIENT_AUTH);
    }
    br_ssl_engine_add_flags(&server->eng, BR_OPT_ENFORCE_SERVER_PREFERENCES);
    br_ssl_server_reset(server);
}

static void start_client(struct tls_engine *self, const struct tls_config *config, const char *host)
{
    br_ssl_client_context *client = &self->context.client;
    if (config->chain_count > 0)
        br_ssl_client_set_single_ec(client, config->chain, config->chain_count, &config->secret,
                                    BR_KEYTYPE_SIGN, BR_KEYTYPE_EC, br_ec_get_default(),
                                    br_ecdsa_sign_asn1_get_default());
    br_ssl_client_reset(client, host, 0);
}

void tls_engine_start(struct tls_engine *self, const struct tls_config *config,
                      struct tls_verifier *verifier, struct random *random)
{
    br_ssl_engine_context *engine = &self->context.engine;
    uint8_t address[16];
    if (verifier->host)
        br_ssl_client_zero(&self->context.client);
    else
        br_ssl_server_zero(&self->context.server);
    set_algorithms(engine);
    self->memory = mem_resize(NULL, BR_SSL_BUFSIZE_BIDI);
    br_ssl_engine_set_buffer(engine, self->memory, BR_SSL_BUFSIZE_BIDI, 1);
    br_ssl_engine_set_x509(engine, &verifier->vtable);
    seed(engine, random);
    if (!verifier->host)
        start_server(self, config);
    else /* RFC 6066 3: an address is no server name. */
        start_client(self, config,
                     address_parse_ip(slice_of(verifier->host), address) ? NULL : verifier->host);
}

void tls_engine_release(struct tls_engine *self)
{
    explicit_bzero(&self->context, sizeof(self->context));
    mem_free(self->memory);
    self->memory = NULL;
}

const char *tls_error_text(int error, char buffer[64])
{
    if (error >= BR_ERR_SEND_FATAL_ALERT)
        snprintf(buffer, 64, "tls: sent alert %d", error - BR_ERR_SEND_FATAL_ALERT);
    else if (error >= BR_ERR_RECV_FATAL_ALERT)
        snprintf(buffer, 64, "remote error: tls: alert %d", error - BR_ERR_RECV_FATAL_ALERT);
    else
        snprintf(buffer, 64, "tls: protocol error %d", error);
    switch (error) {
    case BR_ERR_UNSUPPORTED_VERSION:
    case BR_ERR_BAD_VERSION: return "tls: the peer offers no TLS 1.2";
    case BR_ERR_BAD_CIPHER_SUITE: return "tls: no cipher suite supported by both ends";
    case BR_ERR_BAD_MAC: return "tls: bad record MAC";
    case BR_ERR_UNKNOWN_TYPE: return "tls: first record does not look like a TLS handshake";
    case BR_ERR_BAD_SIGNATURE:
        return "tls: the peer did not prove that it holds its certificate's key";
    default: return buffer;
    }
}
