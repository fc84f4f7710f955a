/* What a request's line and headers say: path, query, list options, content types. Four lines of
 * input: METHOD, PATH?QUERY, Accept, Content-Type. Nothing breaks the readers; what they give
 * names at most one object, in at most one namespace, whatever is escaped how. */
#include <stdint.h>

#include "api/list_options.h"
#include "api/negotiate.h"
#include "core/kinds/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_one_part(struct slice text)
{
    return slice_find(text, '/') < 0 && !slice_is(text, ".") && !slice_is(text, "..");
}

static void check_info(const struct request_info *info)
{
    POST(info->verb && info->path);
    if (!info->is_resource)
        return;
    POST(*info->resource && *info->version && info->group);
    POST(is_one_part(slice_of(info->resource)) && is_one_part(slice_of(info->version)));
    POST(is_one_part(info->namespace) && is_one_part(info->name));
    POST(!info->subresource || info->name.size > 0);
}

static void check_options(struct request *request, bool is_watch)
{
    struct list_options options;
    status_clear(&request->status);
    int failed = list_options_parse(request, is_watch, &options);
    POST((failed != 0) == !status_ok(&request->status));
    if (failed)
        return;
    POST(options.limit >= 0 && options.revision >= 0);
    if (options.next_page.size == 0)
        return;
    int64_t revision;
    struct slice start;
    failed = page_parse(&request->arena, options.next_page, &revision, &start, &request->status);
    POST((failed != 0) == !status_ok(&request->status));
}

static void check_negotiation(struct request *request, struct slice accept, struct slice type)
{
    enum media media;
    for (int way = 0; way < 4; way++) {
        status_clear(&request->status);
        int failed = negotiate(accept, request->query, way & 1, way & 2, &request->negotiated,
                               &request->status);
        POST((failed != 0) == !status_ok(&request->status));
        POST(failed || (way & 2) || request->negotiated.as == AS_IS ||
             request->negotiated.as == AS_DISCOVERY);
    }
    status_clear(&request->status);
    POST((negotiate_body(type, &media, &request->status) != 0) == !status_ok(&request->status));
}

static void check_request(struct request *request, struct slice lines)
{
    struct slice target = {0}, accept = {0}, type = {0};
    slice_split(&lines, '\n', &request->method);
    slice_split(&lines, '\n', &target);
    slice_split(&lines, '\n', &accept);
    slice_split(&lines, '\n', &type);
    slice_split(&target, '?', &request->path);
    request->query = query_parse(&request->arena, target);
    if (request_info_parse(&request->info, &request->arena, request->method, request->path,
                           request->query))
        check_info(&request->info);
    check_options(request, false);
    check_options(request, true);
    check_negotiation(request, accept, type);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request request;
    static struct registry *registry; /* Made once: it is only read. */
    if (!registry)
        registry = registry_create_built_in();
    request_init(&request);
    request.kind = registry_by_resource(registry, SLICE(""), SLICE("v1"), SLICE("pods"));
    check_request(&request, (struct slice){(const char *)data, size});
    request_release(&request);
    return 0;
}
