/* What this machine can do for a node, why not, and how to mend it; `coracle doctor` prints it.
 *
 * Blocks, for a few milliseconds; changes nothing. */
#ifndef KUBELET_MACHINE_CHECK_H
#define KUBELET_MACHINE_CHECK_H

#include "core/arena.h"

enum machine_verdict {
    MACHINE_GOOD,
    MACHINE_LACKS, /* The node runs without it. */
    MACHINE_BAD,   /* No containers here. */
};

struct machine_finding {
    const char *subject;  /* "control groups" */
    enum machine_verdict verdict;
    const char *seen;     /* "version 1: cpu, memory, pids" */
    const char *mend;     /* "" when there is nothing to mend, or nothing that helps. */
};

/* In arena. directory: where the node would keep its state; may not be there yet. */
const struct machine_finding *machine_check(struct arena *arena, const char *directory,
                                            size_t *count);
/* "root", "rootless" or "virtual": the fullest mode that this machine allows. */
const char *machine_mode(const struct machine_finding *findings, size_t count);

#endif
