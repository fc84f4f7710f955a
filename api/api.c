#include "api/api.h"

#include "api/authz.h"
#include "api/discovery.h"
#include "api/node_links.h"
#include "api/openapi_documents.h"
#include "api/service_ranges.h"
#include "api/token_cache.h"
#include "api/token_issuer.h"

/* So many clients with a token of their own each are served without proving it again. */
enum { TOKENS_MAX = 4096 };

struct api *api_create(const struct api_options *options)
{
    struct api *api = mem_alloc(sizeof(*api));
    api->loop = options->loop;
    api->store = options->store;
    api->service_ranges = service_ranges_create(
        api->store, options->service_ranges ? options->service_ranges : &service_ranges_default);
    api->registry = options->registry;
    api->trace = options->trace;
    api->metrics = options->metrics;
    api->server_address = options->server_address ? options->server_address : "";
    api->audit = options->audit;
    list_init(&api->requests);
    flow_init(&api->flow, api->metrics);
    request_metrics_init(&api->request_metrics, api->metrics);
    api->authz = authz_create(api);
    api->links = node_links_create(api);
    api->token_issuer = mem_alloc(sizeof(*api->token_issuer));
    token_issuer_init(api->token_issuer, options->token_key, loop_random(api->loop));
    api->token_cache = token_cache_create(TOKENS_MAX);
    api->discovery = discovery_create(api->registry);
    api->openapi = openapi_documents_create(api->registry);
    return api;
}

void api_stop(struct api *api)
{
    node_links_stop(api->links);
    authz_stop(api, api->authz);
    service_ranges_stop(api->service_ranges);
}

void api_destroy(struct api *api)
{
    if (!api)
        return;
    node_links_destroy(api->links);
    authz_destroy(api->authz);
    service_ranges_destroy(api->service_ranges);
    token_issuer_release(api->token_issuer);
    mem_free(api->token_issuer);
    token_cache_destroy(api->token_cache);
    openapi_documents_destroy(api->openapi);
    discovery_destroy(api->discovery);
    flow_release(&api->flow);
    request_metrics_release(&api->request_metrics);
    mem_free(api);
}
