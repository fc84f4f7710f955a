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
    bool ends_itself; /* answer() calls review_end(), at once or after request_wait(). */
};

/* NULL: nothing answers this kind. */
const struct review *review_find(const struct kind *kind);
void review_serve(struct request *request, const struct review *review);
/* Replies with a review that is answered. */
void review_end(struct request *request, const struct json *object);

/* review_token.c: a row. */
int review_answer_token(struct request *request, struct json *review);

#endif
