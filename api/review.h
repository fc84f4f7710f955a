/* Questions that are answered and not stored: who am I, may I, may they.
 *
 * A virtual kind (struct kind, is_virtual) is served where a review answers it.
 * Rules: k8s.io/kubernetes pkg/registry/authentication and authorization. */
#ifndef API_REVIEW_H
#define API_REVIEW_H

#include "api/request.h"

struct review {
    const char *group;
    const char *resource;
    /* Fills status of the review, from its spec. -1 and status when it cannot. */
    int (*answer)(struct request *request, struct json *review);
};

/* NULL: nothing answers this kind. */
const struct review *review_find(const struct kind *kind);
void review_serve(struct request *request, const struct review *review);

#endif
