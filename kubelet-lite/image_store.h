/* Images on this machine: pulled or loaded, shared layer by layer, mounted, removed.
 *
 *   DIR/configs/HEX        an image: its configuration as it was fetched; its id is sha256:HEX
 *   DIR/layers/HEX32       a layer unpacked, by the first half of its diff id
 *   DIR/names/HEX          a name that leads to an image, one JSON file each
 *   DIR/temporary          what is under way; emptied when the store is opened by an agent
 *
 * The files are the truth: another process may load or remove while an agent runs. A layer is
 * there whole or not at all, and never removed while a mount stands on it.
 *
 * The reserved image coracle.local/host is this machine's own /usr, read-only, under a
 * skeleton root with nothing of /root, /home or /etc's secrets; only where it is allowed.
 *
 * Thread: the loop's, but for image_mount and image_unmount. */
#ifndef KUBELET_IMAGE_STORE_H
#define KUBELET_IMAGE_STORE_H

#include "core/json.h"
#include "core/net/loop.h"

struct image_store;

struct image_store_options {
    const char *directory;
    const char *registries;    /* A file that says how to reach some (docs/images.md); or NULL. */
    bool allows_host_image;
};
struct image_store *image_store_open(struct loop *loop, const struct image_store_options *options,
                                     struct status *status);
void image_store_close(struct image_store *store); /* Nothing may be under way. Takes NULL. */

#define IMAGE_HOST "coracle.local/host"

struct image {
    const char *id;                    /* "sha256:..." */
    const char *const *names;          /* Normalized references and digests; ends with NULL. */
    const char *digest;                /* Of its manifest: "docker.io/library/busybox@sha256:..." */
    const char *const *entrypoint;     /* Each ends with NULL; never NULL. */
    const char *const *command;
    const char *const *environment;
    const char *directory;             /* "" for "/" */
    const char *user;                  /* "", "1000", "nobody:nogroup" */
    const char *stop_signal;           /* "" */
    int64_t size_bytes;
    int64_t used_us;                   /* When a container last asked for it. Wall clock. */
    bool is_used;                      /* A container stands on it. */
};

enum image_policy { IMAGE_IF_NOT_PRESENT, IMAGE_ALWAYS, IMAGE_NEVER };

struct image_call { /* Inside its owner, alive until done; done() comes on the loop. */
    void (*done)(struct image_call *call);
    void (*pulling)(struct image_call *call); /* It is not there and will be fetched; or NULL. */
    struct arena arena;         /* Results live here. */
    struct status status;
    const char *reason;         /* Of a failure, as kubelet names it: "ErrImagePull". */
    struct image image;         /* Of ensure and load. */
    struct image *images;       /* Of list. */
    size_t image_count;
    bool was_pulled;
    int64_t pull_us;            /* How long it took, */
    int64_t pull_bytes;         /* and how much. */
    int64_t freed_bytes;        /* Of collect. */
    void *store_private;
};
void image_call_init(struct image_call *call, void (*done)(struct image_call *call));
void image_call_release(struct image_call *call);

struct image_request {
    const char *reference;      /* As in the pod. */
    enum image_policy policy;
    /* Docker configuration files with credentials (imagePullSecrets); ends with NULL; may be NULL. */
    const char *const *secrets;
};
/* Sees to it that an image is there. Borrows the request until done. */
void image_store_ensure(struct image_store *store, const struct image_request *request,
                        struct image_call *call);
/* From a file: an archive of `docker save`, an OCI archive, or the folder of an OCI layout. */
void image_store_load(struct image_store *store, const char *path, struct image_call *call);
void image_store_list(struct image_store *store, struct image_call *call);
/* By name or id; CONFLICT while a container stands on it. */
void image_store_remove(struct image_store *store, const char *reference, struct image_call *call);
/* Removes unused images, the least recently used first, until so many bytes are freed; not
 * those used after. INT64_MAX: all. */
void image_store_collect(struct image_store *store, int64_t bytes, int64_t not_after_us,
                         struct image_call *call);

/* Any thread; blocks. Makes BUNDLE/rootfs of an image: an overlay over BUNDLE/upper where the
 * kernel has it, else a copy. */
MUST_USE int image_mount(const struct image_store *store, const char *id, const char *bundle,
                         struct status *status);
MUST_USE int image_unmount(const char *bundle, struct status *status);

#endif
