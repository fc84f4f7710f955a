/* Discovery, from the registry: /api and /apis.
 *
 * Documents are made at their first use and kept with their hash. Rules:
 * apidiscovery.k8s.io/v2, meta/v1 APIResourceList. Loop thread. */
#ifndef API_DISCOVERY_H
#define API_DISCOVERY_H

#include "api/api.h"

struct discovery;
struct discovery *discovery_create(const struct registry *registry);
void discovery_destroy(struct discovery *discovery);

/* Serve functions of routes. */
void discovery_serve_api(struct api *api, struct request *request);     /* /api */
void discovery_serve_core(struct api *api, struct request *request);    /* /api/v1 */
void discovery_serve_apis(struct api *api, struct request *request);    /* /apis */
void discovery_serve_group(struct api *api, struct request *request);   /* /apis/... */

#endif
