/* The machine's devices, for a privileged container: all of /dev but what every container has of
 * its own. Thread: any; blocks. */
#ifndef KUBELET_HOST_DEVICES_H
#define KUBELET_HOST_DEVICES_H

#include "kubelet-lite/runtime.h"

size_t host_devices_list(struct arena *arena, struct device **devices);

#endif
