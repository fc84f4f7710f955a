/* Where the image store keeps what, and its records; for image_*.c and layer_*.c.
 *
 * Thread: any; blocks. Every write is a new file renamed into place. */
#ifndef KUBELET_IMAGE_FILES_H
#define KUBELET_IMAGE_FILES_H

#include "kubelet-lite/image_reference.h"
#include "kubelet-lite/image_store.h"

enum { LAYERS_MAX = 100 };
#define IMAGE_CONFIG_MAX (4 << 20)

struct image_files {
    char *folder;             /* DIR/images */
    bool allows_host_image;
    char host_root[40];       /* DIR/host/NAME: the skeleton of the reserved image. */
};

/* Of these the arena is where the text goes. */
const char *image_files_path(const struct image_files *files, struct arena *arena,
                             const char *folder, const char *name);
/* DIR/layers/HEX32 of "sha256:HEX". */
const char *image_files_layer(const struct image_files *files, struct arena *arena,
                              const char *diff_id);
/* The folder of what is under way, with a name of its own. */
const char *image_files_temporary(const struct image_files *files, struct arena *arena,
                                  const char *what);
MUST_USE int image_files_prepare(const struct image_files *files, struct status *status);

/* An image's configuration: of id, parsed. NOT_FOUND. */
struct json *image_files_read_config(const struct image_files *files, struct arena *arena,
                                     const char *id, struct status *status);
MUST_USE int image_files_write_config(const struct image_files *files, const char *id,
                                      struct slice bytes, struct status *status);
/* What an image is; size and use as well where all is true. */
MUST_USE int image_files_describe(const struct image_files *files, struct arena *arena,
                                  const char *id, bool all, struct image *image,
                                  struct status *status);
/* The id that a name (normalized) leads to; NULL when none does. */
const char *image_files_resolve(const struct image_files *files, struct arena *arena,
                                const char *name);
/* digest: "docker.io/library/busybox@sha256:..." or "". */
MUST_USE int image_files_write_name(const struct image_files *files, const char *name,
                                    const char *id, const char *digest, struct status *status);
/* Remembers that a container has asked for it, for image_store_collect. */
void image_files_touch(const struct image_files *files, const char *id);

struct image_name { /* A file of DIR/names. */
    const char *name, *id, *digest;
    const char *path;
    struct image_name *next;
};
struct image_name *image_files_names(const struct image_files *files, struct arena *arena);

/* The layers of a configuration, the lowest first; diff ids, ends with NULL. */
const char *const *image_files_layers(const struct json *config, struct arena *arena);
bool image_files_has_layer(const struct image_files *files, const char *diff_id);
/* Whether a mount stands on it. mounts is the text of /proc/self/mountinfo. */
bool image_files_layer_is_used(const char *diff_id, struct slice mounts);

/* The reserved image. */
#define IMAGE_HOST_ID "sha256:c0ac1e0000000000000000000000000000000000000000000000000000000000"
bool image_is_host(const char *reference);
MUST_USE int image_host_prepare(struct image_files *files, struct status *status);
void image_host_describe(struct arena *arena, struct image *image);
MUST_USE int image_host_mount(const struct image_files *files, const char *bundle,
                              struct status *status);

/* An overlay of layers (lowest first, folders below base) over BUNDLE/upper at BUNDLE/rootfs;
 * a copy of them where the kernel has no overlay. */
MUST_USE int image_overlay_mount(const char *base, const char *const *layers, const char *bundle,
                                 struct status *status);

#endif
