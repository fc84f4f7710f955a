/* Which requests are written to the audit log, and how much of each: audit.k8s.io/v1 Policy.
 *
 * The first rule that fits decides; none is None. Rules: k8s.io/apiserver pkg/audit/policy,
 * pkg/apis/audit/validation. Immutable once read; any thread. */
#ifndef API_AUDIT_POLICY_H
#define API_AUDIT_POLICY_H

#include "api/authz.h"

/* Each holds what the one before it holds. */
enum audit_level { AUDIT_NONE, AUDIT_METADATA, AUDIT_REQUEST, AUDIT_REQUEST_RESPONSE };
enum audit_stage {
    AUDIT_RECEIVED = 1 << 0, /* RequestReceived */
    AUDIT_STARTED = 1 << 1,  /* ResponseStarted, of what goes on long: a watch. */
    AUDIT_COMPLETE = 1 << 2, /* ResponseComplete */
    AUDIT_PANIC = 1 << 3,    /* Never here: a broken promise ends the process. */
};

struct audit_decision {
    enum audit_level level;
    unsigned omitted; /* enum audit_stage bits. */
    bool omits_managed_fields;
};

struct audit_policy;
/* Reads a Policy from YAML or JSON. NULL and BAD_REQUEST or INVALID. */
struct audit_policy *audit_policy_read(struct slice text, struct status *status);
/* Writes of people and clients as Metadata; see the text in audit_policy_default.c. */
struct audit_policy *audit_policy_default(void);
void audit_policy_destroy(struct audit_policy *policy); /* Takes NULL. */
/* The default looks at what comes from outside only: components in this process write by the
 * thousands, and all that they do follows from what others asked for. */
bool audit_policy_skips_components(const struct audit_policy *policy);

struct audit_decision audit_policy_decide(const struct audit_policy *policy,
                                          const struct authz_attributes *attributes);

#endif
