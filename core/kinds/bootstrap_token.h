/* Bootstrap tokens: what somebody shows who has nothing else yet, above all a node that joins.
 *
 *     ID "." SECRET                          6 and 16 of [a-z0-9]; what is shown to the API
 *     ID "." SECRET "@sha256:" HASH          what `coracle token create` prints: with it goes
 *                                            how to know the server, the SHA-256 of its CA's
 *                                            public key (SubjectPublicKeyInfo) in hex, the same
 *                                            number as kubeadm's --discovery-token-ca-cert-hash
 *
 * The server keeps a token as a Secret of kube-system of type bootstrap.kubernetes.io/token,
 * named bootstrap-token-ID. Rules: k8s.io/cluster-bootstrap token/api, util/tokens and
 * util/secrets. Pure. */
#ifndef CORE_KINDS_BOOTSTRAP_TOKEN_H
#define CORE_KINDS_BOOTSTRAP_TOKEN_H

#include "core/json.h"
#include "core/random.h"

#define BOOTSTRAP_TOKEN_ID_SIZE 6
#define BOOTSTRAP_TOKEN_SECRET_SIZE 16
#define BOOTSTRAP_TOKEN_CA_HASH_SIZE 64 /* Hex digits. */
#define BOOTSTRAP_TOKEN_SECRET_TYPE "bootstrap.kubernetes.io/token"
#define BOOTSTRAP_TOKEN_NAME_PREFIX "bootstrap-token-"
#define BOOTSTRAP_TOKEN_NAMESPACE "kube-system"
#define BOOTSTRAP_TOKEN_GROUP "system:bootstrappers"

struct bootstrap_token {
    char id[BOOTSTRAP_TOKEN_ID_SIZE + 1];
    char secret[BOOTSTRAP_TOKEN_SECRET_SIZE + 1];
    char ca_hash[BOOTSTRAP_TOKEN_CA_HASH_SIZE + 1]; /* "" when the text has none. */
};

/* false: it is none. Hex digits may be capitals and are given as small ones. */
bool bootstrap_token_parse(struct slice text, struct bootstrap_token *token);
bool bootstrap_token_id_is_good(struct slice id);
/* With "@sha256:..." if there is a ca_hash. Appends. */
void bootstrap_token_print(const struct bootstrap_token *token, struct buffer *text);
/* id and secret by chance. */
void bootstrap_token_generate(struct random *random, struct bootstrap_token *token);

/* A value of a Secret's data as text, in the arena; "" when it is not there. */
const char *bootstrap_token_data(struct arena *arena, const struct json *secret, const char *key);
/* Whether the Secret's `expiration` is reached; a time that cannot be read is. *left_us, which may
 * be NULL: how long until then; -1: it has none. */
bool bootstrap_token_is_expired(struct arena *arena, const struct json *secret, int64_t now_us,
                                int64_t *left_us);
/* The groups of who shows it, sorted, ending with NULL; NULL when auth-extra-groups names one that
 * may not be given so. */
const char *const *bootstrap_token_groups(struct arena *arena, const struct json *secret);

#endif
