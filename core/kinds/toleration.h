/* Whether tolerations of a pod bear a taint (core/v1 helpers, ToleratesTaint). Pure. */
#ifndef CORE_KINDS_TOLERATION_H
#define CORE_KINDS_TOLERATION_H

#include "core/json.h"
#include "core/kinds/facts_node.h"

/* One item of spec.tolerations. */
bool toleration_bears(const struct json *toleration, const struct facts_taint *taint);
/* tolerations: spec.tolerations, or NULL. */
bool tolerates(const struct json *tolerations, const struct facts_taint *taint);

#endif
