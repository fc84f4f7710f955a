/* What is not a resource: health, version, metrics, discovery, OpenAPI.
 *
 * One table of paths; /readyz/NAME and the like are its prefixes. */
#ifndef API_ROUTE_H
#define API_ROUTE_H

#include <stdbool.h>

#include "api/api.h"

struct route {
    const char *path;  /* Exact, or a prefix when it ends with '*'. */
    bool is_public;    /* Everyone may ask, whatever the roles say (always-allow-paths). */
    void (*serve)(struct api *api, struct request *request);
};

extern const struct route routes[]; /* Ends with path NULL. */

/* The route of a path, or NULL. */
const struct route *route_find(const char *path);

#endif
