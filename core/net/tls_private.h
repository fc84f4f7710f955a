/* What the files of TLS share: tls.c (the stream), tls_handshake.c, tls_config.c
 * (who we are and whom we trust), tls_engine.c (BearSSL set up), tls_verify.c
 * (the peer's chain). */
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

/* --- tls.c --- */

enum tls_phase { HANDSHAKING, OPEN, ENDED, FAILED, CLOSED };

struct tls_stream {
    struct stream stream;
    struct stream *lower; /* NULL when it is gone. */
    struct tls_config *config;
    char *host;           /* Of a client; NULL: a server. */
    int phase;
    struct tls_handshake *handshake; /* NULL when it is done. */
    bool task_runs;
    struct timer timer;
    struct message turn;
    bool turn_posted;
    bool reading;
    bool delivering;  /* on_read is running. */
    bool end_wanted;  /* stream_end() was called, and has not been done. */
    bool lower_ended;
    bool drain_owed;  /* Bytes were written before the handshake was done. */
    char failure_text[64];
    struct buffer received; /* Sealed bytes that the engine has not had. */
    struct buffer early;    /* Bytes written before the handshake was done. */
    struct arena arena;     /* The peer's certificate. */
    struct tls_peer peer;
    struct tls_engine engine;
};

static inline br_ssl_engine_context *tls_engine_of(struct tls_stream *self)
{
    return &self->engine.context.engine;
}
void tls_move(struct tls_stream *self, enum tls_phase phase);
void tls_step(struct tls_stream *self);
void tls_want_turn(struct tls_stream *self); /* A step soon, not from inside a call. */
void tls_fail(struct tls_stream *self, const char *why);
void tls_write_now(struct tls_stream *self, struct slice data); /* OPEN only. */
void tls_free_if_done(struct tls_stream *self);

/* --- tls_handshake.c --- */

void tls_handshake_begin(struct tls_stream *self);
void tls_handshake_step(struct tls_stream *self); /* HANDSHAKING only. */
void tls_handshake_release(struct tls_stream *self);

#endif
