#include "api/api.h"

#include "api/authz.h"
#include "api/discovery.h"
#include "api/service_ranges.h"

struct api *api_create(const struct api_options *options)
{
    struct api *api = mem_alloc(sizeof(*api));
    api->loop = options->loop;
    api->store = options->store;
    api->registry = options->registry;
    api->trace = options->trace;
    api->metrics = options->metrics;
    api->server_address = options->server_address ? options->server_address : "";
    api->authz = authz_create(api);
    api->service_ranges = service_ranges_create(
        api->store, options->service_ranges ? options->service_ranges : &service_ranges_default);
    api->discovery = discovery_create(api->registry);
    return api;
}

void api_stop(struct api *api)
{
    authz_stop(api, api->authz);
    service_ranges_stop(api->service_ranges);
}

void api_destroy(struct api *api)
{
    if (!api)
        return;
    authz_destroy(api->authz);
    service_ranges_destroy(api->service_ranges);
    discovery_destroy(api->discovery);
    mem_free(api);
}
