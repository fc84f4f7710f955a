/* TLS 1.2 as a stream over another stream, for both ends.
 *
 * Suites: ECDHE with AES-GCM or ChaCha20-Poly1305. No renegotiation, no
 * resumption (a resumed session would carry no certificate: who was admin
 * would become anonymous). The costly steps of a handshake run on the loop's
 * workers; records after it on the loop.
 *
 * A server asks for client certificates as kube-apiserver does (Go's
 * RequestClientCert): without one, or with one that is not trusted, the
 * handshake succeeds and tls_peer says so. Only TLS_PEER_TRUSTED is an
 * identity: the chain leads to a CA of ours, the times hold, the certificate
 * may be used by clients, and the peer has proved that it holds the key. A
 * client that does not trust its server fails.
 *
 * Thread: the loop's. Memory: a config is counted; streams hold it. */
#ifndef CORE_NET_TLS_H
#define CORE_NET_TLS_H

#include "core/crypto.h"
#include "core/net/stream.h"
#include "core/net/x509.h"
#include "core/status.h"

struct tls_config;

struct tls_options {
    struct slice certificate_pem; /* Our chain, our own first; a server must have it. */
    struct slice key_pem;         /* Its P-256 key. */
    struct slice ca_pem;          /* Whom we trust: a server's clients, a client's servers.
                                     A server without it asks for no certificate. */
    const uint8_t *ca_key_sha256; /* Client: in place of ca_pem, the hash of the CA's
                                     SubjectPublicKeyInfo; the server must send the CA. */
    bool insecure;                /* Client: takes any server. */
};

/* Gives a config with one reference. Fails with BAD_REQUEST. */
struct tls_config *tls_config_create(const struct tls_options *options, struct status *status);
struct tls_config *tls_config_ref(struct tls_config *config);
void tls_config_unref(struct tls_config *config); /* Takes NULL. */

enum tls_peer_state {
    TLS_PEER_NONE,      /* No certificate was shown. */
    TLS_PEER_UNTRUSTED, /* One was, and it proves nothing; why says the reason. */
    TLS_PEER_TRUSTED,
};

struct tls_peer {
    enum tls_peer_state state;
    const char *why;                     /* NULL when trusted. */
    struct x509_certificate certificate; /* Empty when none, or when it is malformed. */
    struct slice ca;                     /* Client: the server's CA, DER, if it was sent. */
    char hash[SHA256_SIZE * 2 + 1];      /* Of a trusted certificate's DER, in hex. */
};

/* Both take lower and give the stream above it. Bytes may be written at once:
 * they wait for the handshake. Until it is done peer.tls is NULL. A handshake
 * that fails, or takes over 15 s, is told by on_error. */
struct stream *tls_open_server(struct tls_config *config, struct stream *lower);
/* host is whom the server must be: a DNS name or an IP address. */
struct stream *tls_open_client(struct tls_config *config, struct stream *lower, const char *host);

#endif
