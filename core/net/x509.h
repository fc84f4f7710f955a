/* X.509 certificates: read, made, and asked for (RFC 5280, RFC 2986).
 *
 * Trust is not decided here: tls.h checks chains. What is read here from an
 * untrusted certificate is only what it says of itself.
 *
 * Slices of a certificate point into its DER, lists live in the arena. Thread: any. */
#ifndef CORE_NET_X509_H
#define CORE_NET_X509_H

#include "core/arena.h"
#include "core/net/ec_key.h"
#include "core/random.h"
#include "core/status.h"

enum x509_usage { /* Extended key usages, as bits. */
                  X509_SERVER_AUTH = 1,
                  X509_CLIENT_AUTH = 2,
                  X509_ANY_USAGE = 4,
                  X509_OTHER_USAGE = 8,
};

enum x509_key_usage { /* Bit n of RFC 5280 4.2.1.3 is 1 << n. */
                      X509_DIGITAL_SIGNATURE = 1 << 0,
                      X509_KEY_ENCIPHERMENT = 1 << 2,
                      X509_KEY_CERT_SIGN = 1 << 5,
};

struct x509_names {
    struct slice common_name;          /* The last one, as in Go; or empty. */
    const struct slice *organizations; /* Every O, in order: a user's groups. */
    size_t organization_count;
    const struct slice *dns_names;
    size_t dns_name_count;
    const struct slice *addresses;     /* 4 or 16 bytes each, network order. */
    size_t address_count;
    struct slice alternative_names;    /* All four kinds of them, DER one behind the other. */
    bool has_emails;
    bool has_uris;
    bool has_other_names;              /* Of any other kind. */
};

struct x509_certificate {
    struct slice der;
    struct slice serial;     /* Big-endian bytes. */
    struct slice issuer;     /* The whole Name, DER. */
    struct slice subject;
    struct slice public_key; /* SubjectPublicKeyInfo, DER. */
    struct slice subject_key_id;
    struct x509_names names;
    int64_t not_before_us;   /* Wall time; both ends are within. */
    int64_t not_after_us;
    unsigned key_usage;      /* x509_key_usage bits; 0 when it does not say. */
    unsigned usage;          /* x509_usage bits; 0 when it does not say: good for all. */
    bool is_ca;
};

/* Fails with BAD_REQUEST. */
MUST_USE int x509_parse(struct arena *arena, struct slice der, struct x509_certificate *certificate,
                        struct status *status);
/* The first CERTIFICATE of a PEM text, its DER copied into the arena. */
MUST_USE int x509_parse_pem(struct arena *arena, struct slice text,
                            struct x509_certificate *certificate, struct status *status);
/* Whether it may be used so: it names this usage, any usage, or none at all. */
bool x509_allows(const struct x509_certificate *certificate, enum x509_usage usage);
/* Whether it was made for this DNS name or IP address. A wildcard stands for
 * one whole leftmost label (RFC 9525); the common name does not count. */
bool x509_is_for_host(const struct x509_certificate *certificate, struct slice host);
/* Whether child names parent as its issuer and bears its signature. No more:
 * neither times nor rights are looked at. */
bool x509_is_signed_by(const struct x509_certificate *child, const struct x509_certificate *parent);

/* --- Making --- */

struct x509_template {
    const char *common_name;          /* NULL: none. */
    const char *const *organizations; /* Ends with NULL, as the lists below; NULL: none. */
    const char *const *dns_names;
    const char *const *addresses;     /* "127.0.0.1", "::1". Not parsed: ends the process. */
    /* In place of all those: a whole Name, and alternative_names of x509_names. */
    struct slice subject;
    struct slice alternative_names;
    int64_t not_before_us;
    int64_t not_after_us;
    unsigned key_usage;               /* x509_key_usage bits; 0: the usual of a CA, or of others. */
    unsigned usage;                   /* x509_usage bits. */
    bool is_ca;
};
#define X509_KEY_USAGE_UNSAID (1u << 31) /* The certificate says nothing of it. */

/* A self-signed CA (is_ca is taken for granted). Gives DER. */
void x509_make_ca(struct random *random, const struct x509_template *template,
                  const struct ec_key *key, struct buffer *der);
/* A certificate for the holder of public_key (SubjectPublicKeyInfo), signed by
 * the CA. Gives DER. Fails with BAD_REQUEST when ca is no certificate. */
MUST_USE int x509_sign(struct random *random, const struct x509_template *template,
                       struct slice public_key, struct slice ca, const struct ec_key *ca_key,
                       struct buffer *der, struct status *status);

/* --- Asking: PKCS #10 --- */

struct x509_request {
    struct slice subject;
    struct slice public_key;
    struct x509_names names;
};

/* Reads a request and checks that it is signed by the key that it names; DER,
 * or PEM "CERTIFICATE REQUEST". Fails with BAD_REQUEST. */
MUST_USE int x509_request_parse(struct arena *arena, struct slice text,
                                struct x509_request *request, struct status *status);
/* Gives PEM. Times, usage and is_ca of the template do not matter. */
void x509_request_make(const struct x509_template *template, const struct ec_key *key,
                       struct buffer *pem);

#endif
