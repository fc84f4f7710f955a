/* What a token of a service account says: whose it is, and with what it ends.
 *
 * The private claims stand under "kubernetes.io" (k8s.io/kubernetes pkg/serviceaccount). */
#ifndef API_TOKEN_CLAIMS_H
#define API_TOKEN_CLAIMS_H

#include "core/net/jwt.h"

struct token_reference {
    struct slice name; /* Empty: to nothing of this kind. */
    struct slice uid;
};

struct token_claims {
    struct slice namespace;
    struct token_reference account;
    /* Ends with the pod, else the secret, else the node; beside a pod the node only tells. */
    struct token_reference pod, secret, node;
    struct slice id; /* "jti" */
    const struct slice *audiences;
    size_t audience_count;
    int64_t expires_s, not_before_s, issued_s; /* Seconds, as in struct jwt. */
    int64_t warn_after_s;                      /* 0: none. */
};

/* "system:serviceaccount:NAMESPACE:NAME" */
const char *token_claims_user(struct arena *arena, const struct token_claims *claims);
/* As the claims of a JWT, members sorted. */
struct json *token_claims_print(struct arena *arena, const struct token_claims *claims,
                                const char *issuer);
/* false: it is no token of a service account. Slices point into what jwt holds. */
MUST_USE bool token_claims_read(struct arena *arena, const struct jwt *jwt,
                                struct token_claims *claims);

#endif
