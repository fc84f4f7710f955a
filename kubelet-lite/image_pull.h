/* One image fetched from a registry: manifest, configuration, the layers that are not there.
 *
 * The protocol is the OCI distribution specification's: three kinds of GET. What comes is
 * checked against its digest before anything else looks at it. Thread: the loop's. */
#ifndef KUBELET_IMAGE_PULL_H
#define KUBELET_IMAGE_PULL_H

#include "kubelet-lite/image_files.h"
#include "kubelet-lite/registries.h"

struct image_pull;

struct image_pull_options {
    const struct image_files *files;          /* Borrowed until done. */
    const struct registries *registries;      /* Borrowed until done. */
    const struct image_reference *reference;  /* Borrowed until done. */
    const char *const *secrets;               /* Docker configuration files; NULL: none. */
    /* The last thing that it does. id is NULL when it failed, and status says why. */
    void (*done)(void *context, const char *id, int64_t bytes, const struct status *status);
    void *context;
};
struct image_pull *image_pull_open(struct loop *loop, const struct image_pull_options *options);

#endif
