/* One scalar as a value or as a key: what sigs.k8s.io/yaml makes of it. */
#ifndef CORE_YAML_VALUE_H
#define CORE_YAML_VALUE_H

#include "core/yaml_events.h"
#include "core/yaml_scalar.h"

struct yaml_value {
    struct yaml_scalar scalar;
    struct slice text; /* The event's, or in the arena. */
    struct yaml_position at;
};

MUST_USE int yaml_value_resolve(struct arena *arena, const struct yaml_event *event,
                                struct yaml_value *value, struct status *status);
/* Fails for infinities and what is no number, which JSON does not have. */
MUST_USE int yaml_value_node(struct arena *arena, const struct yaml_value *value,
                             struct json **node, struct status *status);
/* A key is always text: 1 is "1", yes is "true". Fails for null, and for a whole
 * number above int64. */
MUST_USE int yaml_value_key(struct arena *arena, const struct yaml_value *value, struct slice *key,
                            struct status *status);

#endif
