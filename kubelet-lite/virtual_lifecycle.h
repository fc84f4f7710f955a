/* The life that a pod on a virtual node declares for itself, by annotations.
 *
 *   virtual.coracle.dev/start-delay    "2s"    from acceptance to running; default 0s
 *   virtual.coracle.dev/run-time       "1m"    how long its containers run; absent: for ever
 *   virtual.coracle.dev/exit-code      "3"     with which they end; default 0
 *   virtual.coracle.dev/failure-odds   "0.25"  chance that a run ends with exit-code (or 1)
 *                                              instead of 0
 *   virtual.coracle.dev/stop-delay     "5s"    from deletion to the end, cut at the grace period;
 *                                              default 0s
 *
 * Chance is drawn from the pod's UID and the number of the run, so a run that is
 * looked at twice ends the same way. Pure. */
#ifndef KUBELET_VIRTUAL_LIFECYCLE_H
#define KUBELET_VIRTUAL_LIFECYCLE_H

#include "core/json.h"

#define VIRTUAL_ANNOTATION "virtual.coracle.dev/"
#define LIFECYCLE_FOR_EVER INT64_MAX

struct virtual_lifecycle {
    int64_t start_delay_us;
    int64_t run_time_us;  /* Or LIFECYCLE_FOR_EVER. */
    int64_t stop_delay_us;
    int64_t exit_code;    /* 0 to 255. */
    double failure_odds;  /* 0 to 1; negative: every run ends with exit_code. */
};

/* Reads a pod's annotations. Returns NULL, or what is wrong as a text in arena. */
const char *virtual_lifecycle_read(struct arena *arena, const struct json *pod,
                                   struct virtual_lifecycle *lifecycle);
/* The exit code of a run: the first is 0. */
int64_t virtual_lifecycle_exit_code(const struct virtual_lifecycle *lifecycle, struct slice uid,
                                    int64_t run);

#endif
