/* Startup, readiness and liveness probes of one pod's containers.
 *
 * A container without a startup probe has started when it runs; without a readiness
 * probe it is ready when it has started. The others are asked only once it has started.
 * A startup or liveness probe that fails failureThreshold times in a row ends the run;
 * the restart policy says what follows. Rules: pkg/kubelet/prober (worker.go).
 *
 * Thread: the loop's. Inside the pod's worker. */
#ifndef KUBELET_PROBER_H
#define KUBELET_PROBER_H

#include "kubelet-lite/container_worker.h"

enum probe_kind { PROBE_STARTUP, PROBE_READINESS, PROBE_LIVENESS };

struct probe;
struct prober {
    struct pod_worker *pod;
    struct list probes;
    int ending;            /* Stopped probes whose check is still under way. */
};

void prober_init(struct prober *prober, struct pod_worker *pod);
/* A container is up: begins to ask. */
void prober_start(struct prober *prober, struct container_worker *container);
/* It is no longer. */
void prober_stop(struct prober *prober, const struct container_worker *container);
bool prober_is_busy(const struct prober *prober);

#endif
