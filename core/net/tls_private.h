/* What the files of TLS share: tls.c (the stream), tls_config.c (who we are and
 * whom we trust), tls_engine.c (BearSSL set up), tls_verify.c (the peer's chain). */
#ifndef CORE_NET_TLS_PRIVATE_H
#define CORE_NET_TLS_PRIVATE_H

#include <bearssl.h>

#include "core/crypto.h"
#include "core/net/tls.h"

/* Immutable once made: workers read it. Only the loop counts its references. */
struct tls_config {
    size_t references;
    struct arena arena;
    br_x509_certificate *chain;
    size_t chain_count; /* 0: we show no certificate. */
    struct ec_key key;
    br_ec_private_key secret;
    br_x509_trust_anchor *anchors;
    size_t anchor_count;
    bool pinned;
    uint8_t pin[SHA256_SIZE];
    bool insecure;
};

/* --- tls_verify.c --- */

#define TLS_CHAIN_COUNT_MAX 10
#define TLS_CHAIN_SIZE_MAX (64 * 1024)

/* BearSSL's door for chains. It gathers the chain, judges it when it is
 * complete, and records the verdict in peer. Runs on a worker. */
struct tls_verifier {
    const br_x509_class *vtable; /* First: BearSSL's pointer to the whole. */
    const struct tls_config *config;
    const char *host;            /* NULL: the peer is a client. */
    int64_t wall_us;             /* The time by which validity is judged. */
    struct arena *arena;         /* The connection's. */
    struct tls_peer *peer;
    struct buffer chain;         /* All certificates, one behind the other. */
    size_t ends[TLS_CHAIN_COUNT_MAX];
    size_t count;
    bool too_large;
    br_x509_minimal_context minimal;
    br_x509_pkey key;            /* The peer's, in arena. */
};
void tls_verifier_init(struct tls_verifier *verifier, const struct tls_config *config,
                       const char *host, int64_t wall_us, struct arena *arena,
                       struct tls_peer *peer);
void tls_verifier_release(struct tls_verifier *verifier);

/* --- tls_engine.c --- */

/* Memory of an engine: 16 KB records in, 16 KB out. */
struct tls_engine {
    union {
        br_ssl_engine_context engine;
        br_ssl_client_context client;
        br_ssl_server_context server;
    } context;
    unsigned char *memory; /* Not zeroed: what no record has touched costs no page. */
};
/* Sets everything up and begins; a client's hello is ready to be sent then. */
void tls_engine_start(struct tls_engine *engine, const struct tls_config *config,
                      struct tls_verifier *verifier, struct random *random);
void tls_engine_release(struct tls_engine *engine); /* Overwrites the keys. */
/* A text for a BearSSL error. Borrowed, constant but for alerts (buffer). */
const char *tls_error_text(int error, char buffer[64]);

#endif
