/* P-256 keys: made, read, written, and what they sign.
 *
 * Signing is deterministic (RFC 6979). Thread: any. */
#ifndef CORE_NET_EC_KEY_H
#define CORE_NET_EC_KEY_H

#include "core/buffer.h"
#include "core/random.h"
#include "core/status.h"

#define EC_SECRET_SIZE 32
#define EC_PUBLIC_SIZE 65    /* 04, x, y. */
#define EC_SIGNATURE_SIZE 64 /* r, s: the form that JWTs use (RFC 7518 3.4). */

struct ec_key {
    uint8_t secret[EC_SECRET_SIZE]; /* Zero in a key that can only verify. */
    uint8_t public[EC_PUBLIC_SIZE];
};

void ec_key_generate(struct random *random, struct ec_key *key);
/* Overwrites the secret. */
void ec_key_wipe(struct ec_key *key);

/* PEM "EC PRIVATE KEY" (SEC 1) or "PRIVATE KEY" (PKCS #8). Fails with BAD_REQUEST. */
MUST_USE int ec_key_read_pem(struct slice text, struct ec_key *key, struct status *status);
/* PEM "PUBLIC KEY" (or a private one). Fails with BAD_REQUEST. */
MUST_USE int ec_key_read_public_pem(struct slice text, struct ec_key *key, struct status *status);
void ec_key_write_pem(const struct ec_key *key, struct buffer *text); /* SEC 1. */
void ec_key_write_public_pem(const struct ec_key *key, struct buffer *text);
/* SubjectPublicKeyInfo, DER. */
void ec_key_write_public_der(const struct ec_key *key, struct buffer *der);

/* ES256: ECDSA over SHA-256 of data. */
void ec_key_sign(const struct ec_key *key, struct slice data, uint8_t signature[EC_SIGNATURE_SIZE]);
bool ec_key_verify(const struct ec_key *key, struct slice data, struct slice signature);
/* The same signature as certificates carry it: SEQUENCE of r and s. */
void ec_key_sign_der(const struct ec_key *key, struct slice data, struct buffer *signature);

#endif
