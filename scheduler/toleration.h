/* Whether tolerations of a pod bear a taint (core/v1 helpers, ToleratesTaint). Pure. */
#ifndef SCHEDULER_TOLERATION_H
#define SCHEDULER_TOLERATION_H

#include "core/json.h"
#include "scheduler/cluster_state.h"

/* tolerations: spec.tolerations, or NULL. */
bool tolerates(const struct json *tolerations, const struct facts_taint *taint);

#endif
