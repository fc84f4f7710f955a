/* One layer on its way into the store, and what manifests say. Used by image_load.c, image_pull.c. */
#ifndef KUBELET_IMAGE_LAYER_H
#define KUBELET_IMAGE_LAYER_H

#include "kubelet-lite/image_files.h"

struct image_layer;

/* Any thread, one at a time; blocks. */
struct image_layer *image_layer_open(const struct image_files *files, struct status *status);
MUST_USE int image_layer_feed(struct image_layer *layer, struct slice data, struct status *status);
/* It is the one that was wanted: into the store with it. */
MUST_USE int image_layer_finish(struct image_layer *layer, const char *diff_id,
                                struct status *status);
void image_layer_close(struct image_layer *layer); /* What was not finished goes. Takes NULL. */

/* --- Manifests; pure --- */

/* An index or manifest list: the descriptor of the manifest for this machine; NULL: there is none. */
const struct json *image_index_pick(const struct json *index);
bool image_is_index(const struct json *document);
/* The configuration's and layers' descriptors are there, digests are valid, counts agree. */
MUST_USE int image_manifest_check(const struct json *manifest, struct status *status);
MUST_USE int image_config_check(const struct json *config, const struct json *manifest,
                                struct status *status);

#endif
