/* Which objects of its namespace a pod's spec names: what its node may read.
 *
 * Rules: k8s.io/kubernetes pkg/api/pod (VisitPodSecretNames, VisitPodConfigmapNames) over all
 * containers, init and ephemeral ones too, and plugin/pkg/auth/authorizer/node. Pure. */
#ifndef CORE_KINDS_POD_REFERENCES_H
#define CORE_KINDS_POD_REFERENCES_H

#include "core/json.h"

enum pod_reference {
    POD_NAMES_SECRET,
    POD_NAMES_CONFIG_MAP,
    POD_NAMES_CLAIM,           /* Of its ephemeral volumes too: POD-VOLUME. */
    POD_NAMES_SERVICE_ACCOUNT,
};

/* Calls visit with each name until it returns true, which is then returned. */
bool pod_each_reference(struct arena *arena, const struct json *pod, enum pod_reference reference,
                        bool (*visit)(void *context, struct slice name), void *context);
/* Whether the pod names that one; name data NULL: any. */
bool pod_refers_to(struct arena *arena, const struct json *pod, enum pod_reference reference,
                   struct slice name);

#endif
