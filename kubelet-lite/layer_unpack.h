/* A layer's archive becomes a folder that the kernel's overlay can use.
 *
 * Compressed or not, it comes in pieces of any size; what comes out is hashed, so that the diff
 * id can be checked. ".wh.NAME" becomes a character device 0:0 called NAME, ".wh..wh..opq" an
 * attribute of its folder. No entry gets out of the folder, whatever its name, whatever links
 * came before it. Thread: any, one at a time; blocks. */
#ifndef KUBELET_LAYER_UNPACK_H
#define KUBELET_LAYER_UNPACK_H

#include "kubelet-lite/image_reference.h"

struct layer_unpack;

/* folder is there and empty. bytes_max bounds what comes out: a bomb is refused. */
struct layer_unpack *layer_unpack_open(const char *folder, int64_t bytes_max,
                                       struct status *status);
MUST_USE int layer_unpack_feed(struct layer_unpack *unpack, struct slice data,
                               struct status *status);
/* The end: gives the diff id and how many bytes came out. */
MUST_USE int layer_unpack_finish(struct layer_unpack *unpack, char diff_id[IMAGE_DIGEST_SIZE],
                                 int64_t *bytes, struct status *status);
void layer_unpack_close(struct layer_unpack *unpack); /* Takes NULL. */

#endif
