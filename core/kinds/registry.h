/* The kinds that a server serves: a run-time object, seeded from the built-in rows.
 *
 * Thread: changed on the loop thread, read by it; workers get what they need
 * handed over. Ownership: rows are borrowed and outlive the registry. */
#ifndef CORE_KINDS_REGISTRY_H
#define CORE_KINDS_REGISTRY_H

#include <stddef.h>

#include "core/kinds/kind.h"

struct registry;

struct registry *registry_create(void);           /* Empty. */
struct registry *registry_create_built_in(void);  /* Every core/kinds/kind_*.c. */
void registry_destroy(struct registry *registry);
void registry_add(struct registry *registry, const struct kind *kind);

/* By plural resource; NULL when there is none, or it is not served. */
const struct kind *registry_by_resource(const struct registry *registry, struct slice group,
                                        struct slice version, struct slice resource);
const struct kind *registry_by_kind(const struct registry *registry, struct slice group,
                                    struct slice version, struct slice kind);
/* The row whose shape is stored under this key's "GROUP/RESOURCE". */
const struct kind *registry_by_key(const struct registry *registry, struct slice key);
/* The view of a stored object, from its body: where VIEW_FORMAT has changed (store_options). -1
 * when no row is for it, or the body is no JSON. */
int registry_remake_view(void *registry, struct slice key, struct slice body, struct buffer *view);
/* All rows, in order of group ("" first), then version priority, then resource. */
size_t registry_count(const struct registry *registry);
const struct kind *registry_at(const struct registry *registry, size_t index);
/* Kubernetes' order of versions: v2 before v1 before v1beta2 before v1beta1 before v1alpha1. */
int version_compare(struct slice a, struct slice b);

#endif
