/* JSON Web Tokens: signed, read, proved (RFC 7519, in the compact form of RFC 7515).
 *
 *     base64url(HEADER) "." base64url(CLAIMS) "." base64url(SIGNATURE)
 *
 * There is one algorithm, ES256 (RFC 7518 3.4), and the token has no say in it: a
 * header that names another, or asks for an extension ("crit"), is not read. Reading is
 * strict where two readers could differ: no padding, no stray bits, no member twice.
 * What was read is a stranger's word until jwt_is_signed_by() is true. Thread: any. */
#ifndef CORE_NET_JWT_H
#define CORE_NET_JWT_H

#include "core/json.h"
#include "core/net/ec_key.h"

#define JWT_SIZE_MAX ((size_t)16 * 1024)
#define JWT_KEY_ID_SIZE 44 /* With the NUL. */

struct jwt {
    struct slice signed_part; /* HEADER "." CLAIMS, in the token. */
    uint8_t signature[EC_SIGNATURE_SIZE];
    struct slice key_id;      /* "kid"; empty: the header names none. */
    const struct json *claims;
    /* The registered claims (RFC 7519 4.1). iss, sub, aud and exp must be there. */
    struct slice issuer;
    struct slice subject;
    struct slice id;          /* "jti"; may be empty. */
    const struct slice *audiences;
    size_t audience_count;    /* At least 1. */
    int64_t expires_s;        /* Seconds since 1970. */
    int64_t not_before_s;     /* INT64_MIN: not told. */
    int64_t issued_s;         /* INT64_MIN: not told. */
};

/* Which key: the SHA-256 of its SubjectPublicKeyInfo, base64url, as upstream names keys. */
void jwt_key_id(const struct ec_key *key, char id[JWT_KEY_ID_SIZE]);
/* How every token that jwt_sign() makes with this key begins, its first dot included. Who does
 * not know the key cannot guess it. Appends. */
void jwt_print_header(const char *key_id, struct buffer *text);
/* Appends a token with these claims. key has its secret. */
void jwt_sign(const struct ec_key *key, const char *key_id, const struct json *claims,
              struct buffer *token);
/* The keys as a JSON Web Key Set (RFC 7517): one key. Appends. */
void jwt_print_key_set(const struct ec_key *key, const char *key_id, struct buffer *text);

/* Reads a token, which must live as long as what is read; false when it is none. */
MUST_USE bool jwt_read(struct arena *arena, struct slice token, struct jwt *jwt);
bool jwt_is_signed_by(const struct jwt *jwt, const struct ec_key *key);

enum jwt_time { JWT_IN_TIME, JWT_EXPIRED, JWT_NOT_YET_VALID, JWT_ISSUED_IN_FUTURE };
/* Clocks may differ by a minute (RFC 7519 4.1.4; go-jose's default leeway). */
enum jwt_time jwt_judge_time(int64_t expires_s, int64_t not_before_s, int64_t issued_s,
                             int64_t now_us);

#endif
