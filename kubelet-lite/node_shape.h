/* What a node has, as one line: "cpu=32,memory=256Gi,nvidia.com/gpu=8". Pure. */
#ifndef KUBELET_NODE_SHAPE_H
#define KUBELET_NODE_SHAPE_H

#include "core/json.h"

#define NODE_SHAPE_DEFAULT "cpu=32,memory=256Gi,nvidia.com/gpu=8"

/* Gives a ResourceList. What a node cannot be without and text does not name is added: cpu=32,
 * memory=256Gi, ephemeral-storage=1Ti, pods=110. text NULL: the default. NULL and BAD_REQUEST
 * when it is no shape. */
MUST_USE struct json *node_shape_parse(struct arena *arena, const char *text,
                                       struct status *status);

#endif
