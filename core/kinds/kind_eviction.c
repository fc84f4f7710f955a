/* Eviction: asks that a pod be removed, if budgets allow it; the body of pods/eviction. */
#include "core/kinds/kind.h"
#include "core/kinds/types.h"

const struct kind kind_eviction = {
    .group = "policy",
    .version = "v1",
    .kind = "Eviction",
    .resource = "evictions",
    .singular = "eviction",
    .namespaced = true,
    .is_unserved = true,
    .is_virtual = true,
    .verbs = VERB_CREATE,
    .schema = &type_eviction,
};
