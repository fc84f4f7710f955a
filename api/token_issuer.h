/* Who issues the tokens of service accounts: a key, a name, and what both are in public.
 *
 * Rules: k8s.io/kubernetes pkg/serviceaccount and pkg/routes/openidmetadata.go (KEP-1393): the
 * OpenID discovery document and the key set are there for who may ask, by the ClusterRole
 * system:service-account-issuer-discovery. Any thread may read it. */
#ifndef API_TOKEN_ISSUER_H
#define API_TOKEN_ISSUER_H

#include "api/api.h"
#include "core/net/jwt.h"

#define TOKEN_ISSUER "https://kubernetes.default.svc" /* Also the API's own audience. */

struct token_issuer {
    struct ec_key key;
    char key_id[JWT_KEY_ID_SIZE];
    struct buffer header; /* How all its tokens begin. */
};

/* key NULL: one by chance, whose tokens end with the process. */
void token_issuer_init(struct token_issuer *issuer, const struct ec_key *key,
                       struct random *random);
void token_issuer_release(struct token_issuer *issuer); /* Overwrites the key. */
/* The audiences of who names none: the API's. */
extern const struct slice token_issuer_audiences[1];

/* Routes /.well-known/openid-configuration and /openid/v1/jwks. */
void token_issuer_serve_configuration(struct api *api, struct request *request);
void token_issuer_serve_keys(struct api *api, struct request *request);

#endif
