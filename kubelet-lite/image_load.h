/* Images out of files: an archive of `docker save`, an OCI archive, the folder of an OCI layout. */
#ifndef KUBELET_IMAGE_LOAD_H
#define KUBELET_IMAGE_LOAD_H

#include "kubelet-lite/image_files.h"

/* Any thread; blocks. Gives the id of the last image in it, in arena. */
MUST_USE int image_load(const struct image_files *files, const char *path, struct arena *arena,
                        const char **id, struct status *status);

#endif
