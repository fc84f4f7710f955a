/* A pod's phase and conditions, from the states of its containers.
 *
 * Upstream: pkg/kubelet/kubelet_pods.go (getPhase, generateAPIPodStatus) and
 * pkg/kubelet/status/generate.go; reasons and texts are theirs. Pure: real and
 * virtual nodes use the same. */
#ifndef KUBELET_POD_STATUS_H
#define KUBELET_POD_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/json.h"
#include "core/kinds/facts_pod.h"

struct pod_status_facts {  /* What the containers do not tell. */
    int64_t now_us;
    bool is_terminal;      /* No container will be started again: deleted, or ended by the node. */
    bool has_sandbox;      /* Its namespaces and network are there. */
    const char *reason;    /* The node ended it: "DeadlineExceeded"; NULL: it did not. */
    const char *message;
};

/* The phase that containerStatuses and initContainerStatuses of status lead to. */
enum pod_phase pod_status_phase(const struct json *pod, const struct json *status,
                                bool is_terminal);
const char *pod_phase_text(enum pod_phase phase);

/* Completes status, which holds the statuses of containers, addresses and startTime: adds phase,
 * reason, message, the conditions that are the node's, qosClass and observedGeneration. A phase
 * that is final stays; a condition keeps its time unless it turns. */
void pod_status_complete(struct arena *arena, const struct json *pod, struct json *status,
                         const struct pod_status_facts *facts);

/* Sets "podIP" and "podIPs", or "hostIP" and "hostIPs"; nothing when address is NULL or "". */
void pod_status_set_address(struct arena *arena, struct json *status, const char *member,
                            const char *address);

/* The strategic merge patch that turns the pod's status into status, which has all that is the
 * node's; with the pod's UID, so that a namesake is never patched. NULL: nothing differs. */
struct json *pod_status_patch(struct arena *arena, const struct json *pod,
                              const struct json *status);

/* A regular container runs or ran (counts_last: in an earlier run): what init containers do
 * from then on no longer matters. */
bool pod_status_has_begun(const struct json *status, bool counts_last);
bool pod_status_is_final(const struct json *pod); /* Succeeded or Failed. */

#endif
