#include "core/net/signature.h"

#include <bearssl.h>

#include "core/net/der.h"
#include "core/net/oid.h"
#include "core/net/public_key.h"

#define RSA_SIZE_MIN 256 /* Bytes of the modulus. */
#define RSA_SIZE_MAX 512

struct digest {
    uint8_t bytes[64];
    size_t size;
    const unsigned char *rsa_oid; /* As PKCS #1 v1.5 pads it. */
};

static void digest_with(const br_hash_class *hash, size_t size, const unsigned char *rsa_oid,
                        struct slice data, struct digest *digest)
{
    br_hash_compat_context context;
    hash->init(&context.vtable);
    hash->update(&context.vtable, data.data, data.size);
    hash->out(&context.vtable, digest->bytes);
    digest->size = size;
    digest->rsa_oid = rsa_oid;
}

static bool make_digest(struct slice oid, bool rsa, struct slice data, struct digest *digest)
{
    if (slice_equal(oid, rsa ? oid_rsa_sha256 : oid_ecdsa_sha256))
        digest_with(&br_sha256_vtable, 32, BR_HASH_OID_SHA256, data, digest);
    else if (slice_equal(oid, rsa ? oid_rsa_sha384 : oid_ecdsa_sha384))
        digest_with(&br_sha384_vtable, 48, BR_HASH_OID_SHA384, data, digest);
    else if (slice_equal(oid, rsa ? oid_rsa_sha512 : oid_ecdsa_sha512))
        digest_with(&br_sha512_vtable, 64, BR_HASH_OID_SHA512, data, digest);
    else
        return false;
    return true;
}

/* The integer's bytes without the zero that keeps it positive. */
static struct slice magnitude(struct slice integer)
{
    while (integer.size > 0 && integer.data[0] == 0)
        integer = slice_sub(integer, 1, integer.size);
    return integer;
}

static bool read_rsa(struct slice der, br_x509_pkey *key)
{
    struct slice sequence, n, e;
    if (!der_take(&der, DER_SEQUENCE, &sequence) || !der_take(&sequence, DER_INTEGER, &n) ||
        !der_take(&sequence, DER_INTEGER, &e))
        return false;
    n = magnitude(n);
    e = magnitude(e);
    if (n.size < RSA_SIZE_MIN || n.size > RSA_SIZE_MAX || e.size == 0 || e.size > 8)
        return false;
    key->key_type = BR_KEYTYPE_RSA;
    key->key.rsa =
        (br_rsa_public_key){(unsigned char *)n.data, n.size, (unsigned char *)e.data, e.size};
    return true;
}

static bool read_ec(struct slice curve, struct slice point, br_x509_pkey *key)
{
    int number = slice_equal(curve, oid_p256)   ? BR_EC_secp256r1
                 : slice_equal(curve, oid_p384) ? BR_EC_secp384r1
                 : slice_equal(curve, oid_p521) ? BR_EC_secp521r1
                                                : 0;
    if (number == 0 || point.size == 0)
        return false;
    key->key_type = BR_KEYTYPE_EC;
    key->key.ec = (br_ec_public_key){number, (unsigned char *)point.data, point.size};
    return true;
}

bool public_key_read(struct slice der, br_x509_pkey *key)
{
    struct slice sequence, algorithm, oid, curve, bits, inner;
    if (!der_take(&der, DER_SEQUENCE, &sequence) ||
        !der_take(&sequence, DER_SEQUENCE, &algorithm) || !der_take(&algorithm, DER_OID, &oid) ||
        !der_take(&sequence, DER_BIT_STRING, &bits) || !der_bits(bits, &inner))
        return false;
    if (slice_equal(oid, oid_rsa))
        return read_rsa(inner, key);
    return slice_equal(oid, oid_ec_public_key) && der_take(&algorithm, DER_OID, &curve) &&
           read_ec(curve, inner, key);
}

bool public_key_is_supported(struct slice public_key)
{
    br_x509_pkey key;
    return public_key_read(public_key, &key);
}

static bool check_rsa(const br_x509_pkey *key, const struct digest *digest, struct slice signature)
{
    uint8_t signed_digest[64];
    return br_rsa_pkcs1_vrfy_get_default()((const unsigned char *)signature.data, signature.size,
                                           digest->rsa_oid, digest->size, &key->key.rsa,
                                           signed_digest) == 1 &&
           memcmp(signed_digest, digest->bytes, digest->size) == 0;
}

bool signature_is_good(struct slice public_key, struct slice algorithm, struct slice data,
                       struct slice signature)
{
    br_x509_pkey key;
    struct digest digest;
    struct slice oid;
    if (!public_key_read(public_key, &key) || !der_take(&algorithm, DER_OID, &oid) ||
        !make_digest(oid, key.key_type == BR_KEYTYPE_RSA, data, &digest))
        return false;
    if (key.key_type == BR_KEYTYPE_RSA)
        return check_rsa(&key, &digest, signature);
    return br_ecdsa_vrfy_asn1_get_default()(br_ec_get_default(), digest.bytes, digest.size,
                                            &key.key.ec, signature.data, signature.size) == 1;
}
