/* A tree of files laid over another: for where the kernel cannot do it (overlay).
 *
 * Layers are as overlay wants them: a character device 0:0 takes away what is below of that
 * name, a folder with the attribute "opaque" all that it had. Owners, modes, times, links,
 * devices and extended attributes go along. Thread: any; blocks. */
#ifndef KUBELET_FOLDER_COPY_H
#define KUBELET_FOLDER_COPY_H

#include "core/status.h"

MUST_USE int folder_copy(const char *from, const char *to, struct status *status);

#define TREE_OPAQUE "trusted.overlay.opaque"

#endif
