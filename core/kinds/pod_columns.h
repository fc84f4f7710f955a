/* The columns of `kubectl get pods`. Upstream: pkg/printers/internalversion, printPod. */
#ifndef CORE_KINDS_POD_COLUMNS_H
#define CORE_KINDS_POD_COLUMNS_H

#include "core/kinds/kind.h"

extern const struct kind_column pod_columns[]; /* Ends with name NULL. */

#endif
