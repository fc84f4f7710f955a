/* Security settings of pods and containers. Upstream: ValidateSecurityContext. */
#ifndef CORE_KINDS_VALIDATE_SECURITY_H
#define CORE_KINDS_VALIDATE_SECURITY_H

#include "core/kinds/field_path.h"

/* uses_host_users: the pod has no user namespace of its own. */
void container_security_validate(const struct json *security, bool uses_host_users,
                                 const struct field_path *path, struct field_errors *errors);
/* spec.securityContext, and what stands beside it: host namespaces, the operating system. */
void pod_security_validate(const struct json *spec, const struct field_path *path,
                           struct field_errors *errors);

#endif
