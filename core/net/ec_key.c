#include "core/net/ec_key.h"

#include <bearssl.h>

#include "core/crypto.h"
#include "core/net/der.h"
#include "core/net/oid.h"
#include "core/net/pem.h"

/* The order of the group: secrets are 1 to this less 1 (SEC 2, 2.4.2). */
static const uint8_t order[EC_SECRET_SIZE] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
};

static bool is_valid_secret(const uint8_t secret[EC_SECRET_SIZE])
{
    static const uint8_t zero[EC_SECRET_SIZE];
    return memcmp(secret, zero, EC_SECRET_SIZE) != 0 && memcmp(secret, order, EC_SECRET_SIZE) < 0;
}

static void compute_public(struct ec_key *key)
{
    const br_ec_impl *ec = br_ec_get_default();
    size_t size = ec->mulgen(key->public, key->secret, EC_SECRET_SIZE, BR_EC_secp256r1);
    POST(size == EC_PUBLIC_SIZE);
}

void ec_key_generate(struct random *random, struct ec_key *key)
{
    do {
        random->fill(random, key->secret, EC_SECRET_SIZE);
    } while (!is_valid_secret(key->secret));
    compute_public(key);
}

void ec_key_wipe(struct ec_key *key)
{
    explicit_bzero(key->secret, EC_SECRET_SIZE);
}

static struct slice bytes_of(const uint8_t *bytes, size_t size)
{
    return (struct slice){(const char *)bytes, size};
}

/* A point that lies on the curve: multiplying it by one succeeds. */
static bool is_on_curve(const uint8_t public[EC_PUBLIC_SIZE])
{
    uint8_t copy[EC_PUBLIC_SIZE];
    static const uint8_t one = 1;
    memcpy(copy, public, sizeof(copy));
    return public[0] == 4 &&
           br_ec_get_default()->mul(copy, sizeof(copy), &one, 1, BR_EC_secp256r1) == 1;
}

/* ECPrivateKey of RFC 5915: version, secret, [0] curve, [1] public key. */
static bool read_sec1(struct slice der, bool curve_known, struct ec_key *key)
{
    struct slice sequence, version, secret, curve, oid;
    if (!der_take(&der, DER_SEQUENCE, &sequence) || !der_take(&sequence, DER_INTEGER, &version) ||
        !der_take(&sequence, DER_OCTET_STRING, &secret) || secret.size > EC_SECRET_SIZE)
        return false;
    der_take_optional(&sequence, DER_CONTEXT_SET(0), &curve);
    if (curve.data && (!der_take(&curve, DER_OID, &oid) || !slice_equal(oid, oid_p256)))
        return false;
    if (!curve.data && !curve_known)
        return false;
    memset(key->secret, 0, EC_SECRET_SIZE);
    memcpy(key->secret + EC_SECRET_SIZE - secret.size, secret.data, secret.size);
    if (!is_valid_secret(key->secret))
        return false;
    compute_public(key);
    return true;
}

/* AlgorithmIdentifier's content: id-ecPublicKey on P-256. */
static bool is_p256(struct slice algorithm)
{
    struct slice oid, curve;
    return der_take(&algorithm, DER_OID, &oid) && slice_equal(oid, oid_ec_public_key) &&
           der_take(&algorithm, DER_OID, &curve) && slice_equal(curve, oid_p256);
}

/* PrivateKeyInfo of RFC 5208: version, algorithm, the key within a string. */
static bool read_pkcs8(struct slice der, struct ec_key *key)
{
    struct slice sequence, version, algorithm, inner;
    return der_take(&der, DER_SEQUENCE, &sequence) && der_take(&sequence, DER_INTEGER, &version) &&
           der_take(&sequence, DER_SEQUENCE, &algorithm) && is_p256(algorithm) &&
           der_take(&sequence, DER_OCTET_STRING, &inner) && read_sec1(inner, true, key);
}

static bool read_public(struct slice der, struct ec_key *key)
{
    struct slice sequence, algorithm, bits, point;
    if (!der_take(&der, DER_SEQUENCE, &sequence) ||
        !der_take(&sequence, DER_SEQUENCE, &algorithm) || !is_p256(algorithm) ||
        !der_take(&sequence, DER_BIT_STRING, &bits) || !der_bits(bits, &point) ||
        point.size != EC_PUBLIC_SIZE)
        return false;
    memset(key->secret, 0, EC_SECRET_SIZE);
    memcpy(key->public, point.data, EC_PUBLIC_SIZE);
    return is_on_curve(key->public);
}

static int read_pem(struct slice text, bool public_too, struct ec_key *key, struct status *status)
{
    struct buffer der = {0};
    struct slice label;
    int result, found = 0;
    while (!found && (result = pem_next(&text, &label, &der, status)) == 1) {
        struct slice bytes = buffer_slice(&der);
        if (slice_is(label, "EC PRIVATE KEY"))
            found = read_sec1(bytes, false, key) ? 1 : -1;
        else if (slice_is(label, "PRIVATE KEY"))
            found = read_pkcs8(bytes, key) ? 1 : -1;
        else if (public_too && slice_is(label, "PUBLIC KEY"))
            found = read_public(bytes, key) ? 1 : -1;
    }
    if (der.data)
        explicit_bzero(der.data, der.size);
    buffer_release(&der);
    if (found == 1)
        return 0;
    if (found == 0 && result < 0)
        return -1;
    return status_fail(status, STATUS_BAD_REQUEST,
                       found ? "the key is not a good P-256 key" : "there is no key in the PEM");
}

int ec_key_read_pem(struct slice text, struct ec_key *key, struct status *status)
{
    return read_pem(text, false, key, status);
}

int ec_key_read_public_pem(struct slice text, struct ec_key *key, struct status *status)
{
    return read_pem(text, true, key, status);
}

void ec_key_write_pem(const struct ec_key *key, struct buffer *text)
{
    struct buffer der = {0};
    size_t sequence = der_open(&der, DER_SEQUENCE);
    der_add_uint(&der, SLICE("\1"));
    der_add(&der, DER_OCTET_STRING, bytes_of(key->secret, EC_SECRET_SIZE));
    size_t curve = der_open(&der, DER_CONTEXT_SET(0));
    der_add(&der, DER_OID, oid_p256);
    der_close(&der, curve);
    size_t public = der_open(&der, DER_CONTEXT_SET(1));
    der_add_bits(&der, bytes_of(key->public, EC_PUBLIC_SIZE));
    der_close(&der, public);
    der_close(&der, sequence);
    pem_write("EC PRIVATE KEY", buffer_slice(&der), text);
    explicit_bzero(der.data, der.size);
    buffer_release(&der);
}

void ec_key_write_public_der(const struct ec_key *key, struct buffer *der)
{
    size_t sequence = der_open(der, DER_SEQUENCE);
    size_t algorithm = der_open(der, DER_SEQUENCE);
    der_add(der, DER_OID, oid_ec_public_key);
    der_add(der, DER_OID, oid_p256);
    der_close(der, algorithm);
    der_add_bits(der, bytes_of(key->public, EC_PUBLIC_SIZE));
    der_close(der, sequence);
}

void ec_key_write_public_pem(const struct ec_key *key, struct buffer *text)
{
    struct buffer der = {0};
    ec_key_write_public_der(key, &der);
    pem_write("PUBLIC KEY", buffer_slice(&der), text);
    buffer_release(&der);
}

void ec_key_sign(const struct ec_key *key, struct slice data, uint8_t signature[EC_SIGNATURE_SIZE])
{
    br_ec_private_key secret = {BR_EC_secp256r1, (unsigned char *)key->secret, EC_SECRET_SIZE};
    uint8_t digest[SHA256_SIZE];
    sha256(data, digest);
    size_t size = br_ecdsa_sign_raw_get_default()(br_ec_get_default(), &br_sha256_vtable, digest,
                                                  &secret, signature);
    PRE(size == EC_SIGNATURE_SIZE); /* Fails only for a key without its secret. */
}

bool ec_key_verify(const struct ec_key *key, struct slice data, struct slice signature)
{
    br_ec_public_key public = {BR_EC_secp256r1, (unsigned char *)key->public, EC_PUBLIC_SIZE};
    uint8_t digest[SHA256_SIZE];
    if (signature.size != EC_SIGNATURE_SIZE)
        return false;
    sha256(data, digest);
    return br_ecdsa_vrfy_raw_get_default()(br_ec_get_default(), digest, sizeof(digest), &public,
                                           signature.data, signature.size) == 1;
}

void ec_key_sign_der(const struct ec_key *key, struct slice data, struct buffer *signature)
{
    uint8_t raw[EC_SIGNATURE_SIZE];
    ec_key_sign(key, data, raw);
    size_t sequence = der_open(signature, DER_SEQUENCE);
    der_add_uint(signature, bytes_of(raw, EC_SIGNATURE_SIZE / 2));
    der_add_uint(signature, bytes_of(raw + EC_SIGNATURE_SIZE / 2, EC_SIGNATURE_SIZE / 2));
    der_close(signature, sequence);
}
