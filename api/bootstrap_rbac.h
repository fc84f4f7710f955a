/* Roles and bindings at a start: those that are missing are made, the others
 * completed (see bootstrap.h). */
#ifndef API_BOOTSTRAP_RBAC_H
#define API_BOOTSTRAP_RBAC_H

#include "api/bootstrap_roles.h"
#include "core/json.h"

struct bootstrap;

/* Adds the writes that it takes. */
void bootstrap_add_rbac(struct bootstrap *bootstrap);
/* A table as an array of PolicyRule. */
struct json *bootstrap_rules(struct arena *arena, const struct default_rule *rules);

#endif
