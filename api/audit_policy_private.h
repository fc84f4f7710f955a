/* What audit_policy.c and audit_policy_default.c share. */
#ifndef API_AUDIT_POLICY_PRIVATE_H
#define API_AUDIT_POLICY_PRIVATE_H

extern const char audit_policy_default_text[];

#endif
