#include "api/api.h"

#include "api/authz.h"
#include "api/discovery.h"

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
    api->discovery = discovery_create(api->registry);
    return api;
}

void api_stop(struct api *api)
{
    authz_stop(api, api->authz);
}

void api_destroy(struct api *api)
{
    if (!api)
        return;
    authz_destroy(api->authz);
    discovery_destroy(api->discovery);
    mem_free(api);
}
