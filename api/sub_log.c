/* pods/log: what a container has written, by the pod's agent.
 *
 * Upstream: registry/core/pod/strategy.go (LogLocation), apis/core/validation
 * (ValidatePodLogOptions). A pod without a node has an empty log. */
#include "api/node_proxy.h"
#include "api/subresource.h"
#include "core/client/request_text.h"
#include "core/clock.h"
#include "core/kinds/field_path.h"
#include "core/kinds/meta.h"

/* One of the numbers; absent when the key is. */
static int read_number(struct request *request, const char *key, struct json **number)
{
    struct slice text = query_get(request->query, key);
    int64_t value;
    *number = NULL;
    if (!text.data)
        return 0;
    if (!slice_to_int64(text, &value))
        return status_fail(&request->status, STATUS_BAD_REQUEST,
                           "strconv.ParseInt: parsing %s: invalid syntax",
                           field_value_text(&request->arena, text));
    *number = json_new_int(&request->arena, value);
    return 0;
}

static void check_least(struct field_errors *errors, const char *name, const struct json *number,
                        int64_t least)
{
    int64_t value;
    if (json_to_int64(number, &value) && value < least)
        path_invalid(errors, AT(NULL, name), number, "%s",
                     least == 0 ? "must be greater than or equal to 0" : "must be greater than 0");
}

static int check_options(struct request *request)
{
    static const struct {
        const char *name;
        int64_t least;
    } numbers[] = {{"tailLines", 0}, {"limitBytes", 1}, {"sinceSeconds", 1}};
    struct field_errors errors;
    struct slice since = query_get(request->query, "sinceTime");
    int64_t when;
    field_errors_init(&errors, &request->arena);
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        struct json *number;
        if (read_number(request, numbers[i].name, &number))
            return -1;
        check_least(&errors, numbers[i].name, number, numbers[i].least);
    }
    if (since.size > 0 && !time_parse(since, &when))
        return status_fail(&request->status, STATUS_BAD_REQUEST,
                           "parsing time %s as \"2006-01-02T15:04:05Z07:00\": cannot parse it",
                           field_value_text(&request->arena, since));
    if (since.size > 0 && query_get(request->query, "sinceSeconds").data)
        path_forbidden(&errors, AT(NULL, "sinceSeconds"),
                       "at most one of `sinceTime` or `sinceSeconds` may be specified");
    return field_errors_status(&errors, "", "PodLogOptions",
                               arena_copy_slice(&request->arena, request->info.name),
                               &request->status);
}

static void append_options(const struct request *request, struct buffer *target)
{
    static const char *const switches[] = {"follow", "previous", "timestamps"};
    static const char *const values[] = {"sinceSeconds", "sinceTime", "tailLines", "limitBytes"};
    char separator = '?';
    for (size_t i = 0; i < ARRAY_SIZE(switches); i++) {
        if (!query_bool(request->query, switches[i]))
            continue;
        buffer_format(target, "%c%s=true", separator, switches[i]);
        separator = '&';
    }
    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        struct slice value = query_get(request->query, values[i]);
        if (value.size == 0)
            continue;
        buffer_format(target, "%c%s=", separator, values[i]);
        url_escape(value, target);
        separator = '&';
    }
}

static int find_target(struct request *request, struct slice *node, const char **target)
{
    struct slice container;
    struct buffer text = {0};
    const struct json *pod = node_proxy_pod(request);
    if (!pod || check_options(request) || node_proxy_container(request, pod, &container))
        return -1;
    *node = json_string(json_at(pod, "spec.nodeName"));
    buffer_format(&text, "/containerLogs/" SLICE_FORMAT "/" SLICE_FORMAT "/" SLICE_FORMAT,
                  SLICE_ARGS(meta_namespace(pod)), SLICE_ARGS(meta_name(pod)),
                  SLICE_ARGS(container));
    append_options(request, &text);
    *target = arena_copy_slice(&request->arena, buffer_slice(&text));
    buffer_release(&text);
    return 0;
}

static void serve(struct request *request)
{
    struct slice node;
    const char *target;
    if (find_target(request, &node, &target)) {
        request_fail(request);
    } else if (node.size == 0) {
        request->reply.code = 200;
        request->reply.content_type = "text/plain";
        request_reply(request);
    } else {
        node_proxy_get(request, node, target);
    }
}

const struct subresource sub_log = {.resource = "pods", .name = "log", .serve = serve};
