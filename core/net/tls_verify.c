/* The peer's chain. BearSSL's own check (br_x509_minimal) leaves four things
 * open, which are closed here:
 *   - With BR_OPT_TOLERATE_NO_CLIENT_AUTH a client whose chain was refused
 *     finishes its handshake all the same: the verdict is recorded, and only
 *     a good one makes an identity.
 *   - Extended key usages are not looked at: the leaf must allow the role.
 *   - IP addresses in names are not matched: hosts are checked by x509.h.
 *   - Of several O= one is given, before trust is known: the names are read
 *     from the leaf when the verdict is there.
 * The chain is gathered first and then given to br_x509_minimal, so that a CA
 * that is known by its hash only can be found in it. */
#include "core/net/public_key.h"
#include "core/net/tls_private.h"

#define VERIFIER(context) ((struct tls_verifier *)(void *)(context))

/* Days from the year 0 to 1970, BearSSL's to Unix's. */
#define EPOCH_DAYS 719528

static void start_chain(const br_x509_class **context, const char *host)
{
    (void)host; /* VERIFIER's own; this one is NULL for addresses. */
    VERIFIER(context)->count = 0;
    buffer_clear(&VERIFIER(context)->chain);
}

static void start_certificate(const br_x509_class **context, uint32_t size)
{
    struct tls_verifier *verifier = VERIFIER(context);
    if (verifier->count == TLS_CHAIN_COUNT_MAX || size > TLS_CHAIN_SIZE_MAX - verifier->chain.size)
        verifier->too_large = true;
}

static void append_bytes(const br_x509_class **context, const unsigned char *bytes, size_t size)
{
    if (!VERIFIER(context)->too_large)
        buffer_append(&VERIFIER(context)->chain, bytes, size);
}

static void end_certificate(const br_x509_class **context)
{
    struct tls_verifier *verifier = VERIFIER(context);
    if (!verifier->too_large)
        verifier->ends[verifier->count++] = verifier->chain.size;
}

static struct slice certificate_at(const struct tls_verifier *verifier, size_t n)
{
    return slice_sub(buffer_slice(&verifier->chain), n == 0 ? 0 : verifier->ends[n - 1],
                     verifier->ends[n]);
}

/* The CA in the chain whose key has the pinned hash. */
static bool find_pinned(struct tls_verifier *verifier, br_x509_trust_anchor *anchor)
{
    struct status status;
    bool found = false;
    status_init(&status);
    for (size_t n = 0; n < verifier->count && !found; n++) {
        struct x509_certificate ca;
        uint8_t digest[SHA256_SIZE];
        if (x509_parse(verifier->arena, certificate_at(verifier, n), &ca, &status)) {
            status_clear(&status);
            continue;
        }
        sha256(ca.public_key, digest);
        found = ca.is_ca && memcmp(digest, verifier->config->pin, sizeof(digest)) == 0 &&
                public_key_read(ca.public_key, &anchor->pkey);
        anchor->dn = (br_x500_name){(unsigned char *)ca.subject.data, ca.subject.size};
        anchor->flags = BR_X509_TA_CA;
        verifier->peer->ca = found ? ca.der : verifier->peer->ca;
    }
    status_release(&status);
    return found;
}

static unsigned check_chain(struct tls_verifier *verifier, const br_x509_trust_anchor *anchors,
                            size_t anchor_count)
{
    br_x509_minimal_context *minimal = &verifier->minimal;
    const br_x509_class **context = &minimal->vtable;
    int64_t seconds = verifier->wall_us / 1000000;
    br_x509_minimal_init(minimal, &br_sha256_vtable, anchors, anchor_count);
    br_x509_minimal_set_hash(minimal, br_sha256_ID, &br_sha256_vtable);
    br_x509_minimal_set_hash(minimal, br_sha384_ID, &br_sha384_vtable);
    br_x509_minimal_set_hash(minimal, br_sha512_ID, &br_sha512_vtable);
    br_x509_minimal_set_rsa(minimal, br_rsa_pkcs1_vrfy_get_default());
    br_x509_minimal_set_ecdsa(minimal, br_ec_get_default(), br_ecdsa_vrfy_asn1_get_default());
    br_x509_minimal_set_time(minimal, (uint32_t)(seconds / 86400 + EPOCH_DAYS),
                             (uint32_t)(seconds % 86400));
    (*context)->start_chain(context, NULL);
    for (size_t n = 0; n < verifier->count; n++) {
        struct slice der = certificate_at(verifier, n);
        (*context)->start_cert(context, (uint32_t)der.size);
        (*context)->append(context, (const unsigned char *)der.data, der.size);
        (*context)->end_cert(context);
    }
    return (*context)->end_chain(context);
}

static unsigned check_trust(struct tls_verifier *verifier)
{
    const struct tls_config *config = verifier->config;
    br_x509_trust_anchor pinned;
    if (config->insecure)
        return 0;
    if (!config->pinned)
        return check_chain(verifier, config->anchors, config->anchor_count);
    return find_pinned(verifier, &pinned) ? check_chain(verifier, &pinned, 1)
                                          : BR_ERR_X509_NOT_TRUSTED;
}

/* Go's words (crypto/x509), which people know how to search for. */
static const char *why(unsigned error)
{
    switch (error) {
    case BR_ERR_X509_EXPIRED: return "x509: certificate has expired or is not yet valid";
    case BR_ERR_X509_NOT_TRUSTED:
    case BR_ERR_X509_DN_MISMATCH: return "x509: certificate signed by unknown authority";
    case BR_ERR_X509_BAD_SIGNATURE: return "x509: certificate signature is not valid";
    case BR_ERR_X509_BAD_SERVER_NAME:
        return "x509: certificate is not valid for the name or address asked for";
    case BR_ERR_X509_FORBIDDEN_KEY_USAGE:
        return "x509: certificate specifies an incompatible key usage";
    case BR_ERR_X509_LIMIT_EXCEEDED: return "x509: the certificate chain is too large";
    case BR_ERR_X509_NOT_CA: return "x509: a certificate was signed by one that is no CA";
    default: return "x509: malformed or unsupported certificate";
    }
}

static unsigned check_leaf(struct tls_verifier *verifier)
{
    const struct x509_certificate *leaf = &verifier->peer->certificate;
    enum x509_usage usage = verifier->host ? X509_SERVER_AUTH : X509_CLIENT_AUTH;
    if (verifier->config->insecure)
        return 0;
    if (!x509_allows(leaf, usage))
        return BR_ERR_X509_FORBIDDEN_KEY_USAGE;
    if (verifier->host && !x509_is_for_host(leaf, slice_of(verifier->host)))
        return BR_ERR_X509_BAD_SERVER_NAME;
    return 0;
}

static unsigned judge(struct tls_verifier *verifier)
{
    struct x509_certificate *leaf = &verifier->peer->certificate;
    struct status status;
    if (verifier->too_large)
        return BR_ERR_X509_LIMIT_EXCEEDED;
    if (verifier->count == 0)
        return BR_ERR_X509_EMPTY_CHAIN;
    struct slice der = certificate_at(verifier, 0);
    der.data = arena_copy(verifier->arena, der.data, der.size);
    status_init(&status);
    int malformed = x509_parse(verifier->arena, der, leaf, &status);
    status_release(&status);
    if (malformed || !public_key_read(leaf->public_key, &verifier->key)) {
        *leaf = (struct x509_certificate){0};
        return BR_ERR_X509_UNSUPPORTED;
    }
    unsigned error = check_trust(verifier);
    return error ? error : check_leaf(verifier);
}

/* What stays from the chain goes into the connection's arena. */
static unsigned end_chain(const br_x509_class **context)
{
    struct tls_verifier *verifier = VERIFIER(context);
    struct tls_peer *peer = verifier->peer;
    unsigned error = judge(verifier);
    peer->state = error || verifier->config->insecure ? TLS_PEER_UNTRUSTED : TLS_PEER_TRUSTED;
    if (peer->state == TLS_PEER_TRUSTED)
        sha256_hex(peer->certificate.der, peer->hash);
    peer->why = error                         ? why(error)
                : verifier->config->insecure ? "the certificate was not checked"
                                             : NULL;
    if (peer->ca.size > 0)
        peer->ca.data = arena_copy(verifier->arena, peer->ca.data, peer->ca.size);
    return error;
}

static const br_x509_pkey *get_key(const br_x509_class *const *context, unsigned *usages)
{
    const struct tls_verifier *verifier = (const void *)context;
    if (usages)
        *usages = BR_KEYTYPE_SIGN; /* All suites are ECDHE: keys only sign. */
    return &verifier->key;
}

static const br_x509_class vtable = {
    .context_size = sizeof(struct tls_verifier),
    .start_chain = start_chain,
    .start_cert = start_certificate,
    .append = append_bytes,
    .end_cert = end_certificate,
    .end_chain = end_chain,
    .get_pkey = get_key,
};

void tls_verifier_init(struct tls_verifier *verifier, const struct tls_config *config,
                       const char *host, int64_t wall_us, struct arena *arena,
                       struct tls_peer *peer)
{
    verifier->vtable = &vtable;
    verifier->config = config;
    verifier->host = host;
    verifier->wall_us = wall_us;
    verifier->arena = arena;
    verifier->peer = peer;
    peer->state = TLS_PEER_NONE;
    peer->why = "no certificate";
}

void tls_verifier_release(struct tls_verifier *verifier)
{
    buffer_release(&verifier->chain);
}
