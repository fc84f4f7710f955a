/* Names of images: "busybox" is docker.io/library/busybox:latest. Pure.
 *
 * Rules: github.com/distribution/reference. A domain is there when the part before the first
 * slash has a dot or a colon, is "localhost", or has a capital letter. */
#ifndef KUBELET_IMAGE_REFERENCE_H
#define KUBELET_IMAGE_REFERENCE_H

#include "core/arena.h"
#include "core/status.h"

struct image_reference {
    const char *domain;  /* "docker.io", "localhost:5000" */
    const char *path;    /* "library/busybox" */
    const char *tag;     /* "latest"; "" when there is only a digest. */
    const char *digest;  /* "sha256:..."; "" when there is none. */
    const char *name;    /* All of it, normalized: "docker.io/library/busybox:latest". */
};

/* Fails with BAD_REQUEST and "invalid reference format". */
MUST_USE int image_reference_parse(struct arena *arena, const char *text,
                                   struct image_reference *reference, struct status *status);
/* "sha256:" and 64 small hexadecimal digits. */
bool image_digest_is_valid(struct slice digest);
#define IMAGE_DIGEST_SIZE 72 /* With its NUL. */
void image_digest_of(struct slice bytes, char digest[IMAGE_DIGEST_SIZE]);

#endif
