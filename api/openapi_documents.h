/* OpenAPI as it is served: the v3 index, a v3 document for each group and version, and v2.
 *
 * All are made at once, by a worker, when the first is asked for; requests that come
 * meanwhile wait. Afterwards nothing changes. Loop thread; no request is in flight
 * when it is destroyed. */
#ifndef API_OPENAPI_DOCUMENTS_H
#define API_OPENAPI_DOCUMENTS_H

#include "api/api.h"

struct openapi_documents;
struct openapi_documents *openapi_documents_create(const struct registry *registry);
void openapi_documents_destroy(struct openapi_documents *documents);

/* Serve functions of routes. */
void openapi_serve_v3(struct api *api, struct request *request); /* /openapi/v3... */
void openapi_serve_v2(struct api *api, struct request *request); /* /openapi/v2 */

#endif
