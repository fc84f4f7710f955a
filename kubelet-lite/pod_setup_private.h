/* What pod_setup.c and container_setup.c share. */
#ifndef KUBELET_POD_SETUP_PRIVATE_H
#define KUBELET_POD_SETUP_PRIVATE_H

#include "kubelet-lite/pod_setup.h"

struct pod_setup {
    struct loop *loop;
    struct pod_setup_options options;
};

/* A file in the pod's folder. */
const char *pod_setup_file(const struct pod_setup *setup, struct arena *arena,
                           const struct json *pod, const char *name);
/* Any thread; blocks. In place: a container that runs has this very file mounted. */
MUST_USE int pod_setup_write(const char *path, const struct buffer *text, struct status *status);

#endif
