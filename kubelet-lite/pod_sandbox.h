/* The sandbox of a pod, as its worker wants it: there, stopped, or removed.
 *
 * Each function asks for the next verb if none is under way and none must wait, and
 * says whether what it is named for holds already. What fails is tried again after 1 s,
 * doubling to a minute while it is wanted. For pod_worker.c only. */
#ifndef KUBELET_POD_SANDBOX_H
#define KUBELET_POD_SANDBOX_H

#include "kubelet-lite/pod_worker.h"

bool pod_sandbox_ensure(struct pod_worker *worker); /* An old one goes first. */
bool pod_sandbox_stop(struct pod_worker *worker);   /* Its containers must have ended. */
bool pod_sandbox_remove(struct pod_worker *worker);

#endif
