/* /healthz, /livez, /readyz: "ok", or with ?verbose a line for each check; ?exclude=NAME passes
 * one over, and /readyz/NAME asks one alone (k8s.io/apiserver pkg/server/healthz). */
#ifndef API_HEALTH_H
#define API_HEALTH_H

#include "api/api.h"

void health_serve_live(struct api *api, struct request *request); /* And /healthz. */
void health_serve_ready(struct api *api, struct request *request);

#endif
