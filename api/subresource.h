/* Subresources with code of their own: a row each, api/sub_<name>.c.
 *
 * Those that are only another view of their object (status, resize) are data in
 * the kind's row and are served by the ordinary verbs. */
#ifndef API_SUBRESOURCE_H
#define API_SUBRESOURCE_H

#include "api/write.h"

struct subresource {
    const char *resource; /* "pods"; NULL: of any kind. */
    const char *name;     /* "binding" */
    void (*serve)(struct request *request); /* NULL: write_run() with plan. */
    write_plan_fn *plan;                    /* NULL: it writes nothing. */
};

/* A kind's row names all subresources that upstream has; served and discovered are those that
 * something here carries out. */
bool subresource_is_served(const struct kind *kind, const struct kind_subresource *sub);
/* Whether a kind has routes and stands in discovery: one that is answered and not stored needs
 * something that answers it. */
bool kind_is_served(const struct kind *kind);
/* The reply of one that makes nothing that could be shown: a Status of success, 201. */
void subresource_reply_created(struct request *request);
const struct subresource *subresource_find(const struct kind *kind, const char *name);

#endif
