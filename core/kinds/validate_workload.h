/* What Workloads and PodGroups have in common: how a group of pods is placed.
 *
 * Upstream declares these rules (1.37, pkg/apis/scheduling with +k8s: tags), so
 * their texts are those of k8s.io/apimachinery pkg/api/validate. */
#ifndef CORE_KINDS_VALIDATE_WORKLOAD_H
#define CORE_KINDS_VALIDATE_WORKLOAD_H

#include "core/kinds/field_path.h"

/* schedulingPolicy, schedulingConstraints, disruptionMode and the rest, of a template or of a
 * PodGroup's spec. */
void group_validate(const struct json *group, const struct field_path *path,
                    struct field_errors *errors);
/* All but gang.minCount stays. */
void group_validate_update(const struct json *group, const struct json *old,
                           const struct field_path *path, struct field_errors *errors);

/* What a workload says of the object that makes its pods. */
void controller_reference_validate(const struct json *reference, const struct field_path *path,
                                   struct field_errors *errors);

/* Exactly one member of a union: `must specify one of: ...`. */
void union_validate(const struct json *object, const char *const *members,
                    const struct field_path *path, struct field_errors *errors);
/* `field is immutable`, with the value that declared rules tell: null. */
void unchanged_validate(const struct json *object, const struct json *old, const char *name,
                        const struct field_path *path, struct field_errors *errors);

#endif
