/* Which secrets a pod may name.
 *
 * A service account with the annotation kubernetes.io/enforce-mountable-secrets limits its pods to
 * the secrets that it lists itself; a mirror of a static pod may name none. Rules and texts:
 * k8s.io/kubernetes plugin/pkg/admission/serviceaccount. Pure: each gives why it is refused, or
 * NULL. */
#ifndef API_POD_SECRETS_H
#define API_POD_SECRETS_H

#include "core/json.h"

#define ACCOUNT_ENFORCES_SECRETS "kubernetes.io/enforce-mountable-secrets"

bool pod_secrets_are_limited(const struct json *account);
const char *pod_secrets_check(struct arena *arena, const struct json *pod,
                              const struct json *account);
const char *pod_secrets_check_ephemeral(struct arena *arena, const struct json *pod,
                                        const struct json *account);
/* Service accounts and their tokens too. */
const char *pod_secrets_check_mirror(const struct json *pod);

#endif
