#include "api/request_info.h"

#include <ctype.h>
#include <strings.h>

#include "core/net/url.h"

enum { PARTS_MAX = 12 };

struct parts {
    struct slice at[PARTS_MAX];
    size_t count;
};

bool path_unescape(struct arena *arena, struct slice text, struct slice *decoded)
{
    return url_unescape(arena, text, false, decoded);
}

/* One segment of a path: never empty, ".", ".." or with a slash or NUL inside. */
static bool decode_segment(struct arena *arena, struct slice raw, struct slice *segment)
{
    if (!url_unescape(arena, raw, false, segment))
        return false;
    if (segment->size == 0 || slice_is(*segment, ".") || slice_is(*segment, ".."))
        return false;
    return slice_find(*segment, '/') < 0 && slice_find(*segment, '\0') < 0;
}

/* Splits "/a/b/c". A single slash at the end is allowed, as upstream trims it. */
static bool split_path(struct arena *arena, struct slice path, struct parts *parts)
{
    if (path.size == 0 || path.data[0] != '/')
        return false;
    struct slice rest = slice_sub(path, 1, path.size);
    if (rest.size > 0 && rest.data[rest.size - 1] == '/')
        rest.size--;
    if (rest.size == 0)
        return true;
    struct slice raw;
    while (slice_split(&rest, '/', &raw)) {
        if (parts->count == PARTS_MAX || !decode_segment(arena, raw, &parts->at[parts->count]))
            return false;
        parts->count++;
    }
    return true;
}

static const char *method_verb(struct slice method)
{
    if (slice_is(method, "GET") || slice_is(method, "HEAD"))
        return "get";
    if (slice_is(method, "POST"))
        return "create";
    if (slice_is(method, "PUT"))
        return "update";
    if (slice_is(method, "PATCH"))
        return "patch";
    if (slice_is(method, "DELETE"))
        return "delete";
    return "";
}

/* The name that a field selector of exactly metadata.name=x pins, as upstream uses it
 * to authorize such lists and watches by name. */
static struct slice name_from_selector(const struct query_parameter *query)
{
    struct slice selector = query_get(query, "fieldSelector");
    struct slice prefix = SLICE("metadata.name=");
    if (!slice_starts_with(selector, prefix))
        return (struct slice){0};
    struct slice value = slice_sub(selector, prefix.size, selector.size);
    if (value.size > 0 && value.data[0] == '=')
        value = slice_sub(value, 1, value.size);
    return slice_find(value, ',') < 0 ? value : (struct slice){0};
}

static void refine_verb(struct request_info *info, const struct query_parameter *query)
{
    if (info->name.size > 0)
        return;
    if (strcmp(info->verb, "get") == 0) {
        info->verb = query_bool(query, "watch") ? "watch" : "list";
        info->name = name_from_selector(query);
    } else if (strcmp(info->verb, "delete") == 0) {
        info->verb = "deletecollection";
    }
}

/* Behind /api/VERSION or /apis/GROUP/VERSION: [namespaces/NS/]RESOURCE[/NAME[/SUBRESOURCE]]. */
static void resource_parts(struct request_info *info, struct arena *arena, const struct slice *part,
                           size_t count)
{
    /* /namespaces/NAME/status and .../finalize are parts of the Namespace itself. */
    bool namespaced = count > 2 && slice_is(part[0], "namespaces") &&
                      !slice_is(part[2], "status") && !slice_is(part[2], "finalize");
    if (namespaced) {
        info->namespace = part[1];
        part += 2;
        count -= 2;
    } else if (slice_is(part[0], "namespaces") && count > 1) {
        info->namespace = part[1];
    }
    info->resource = arena_copy_slice(arena, part[0]);
    if (count > 1)
        info->name = part[1];
    if (count > 2)
        info->subresource = arena_copy_slice(arena, part[2]);
}

static const char *lower(struct arena *arena, struct slice text)
{
    char *copy = arena_copy_slice(arena, text);
    for (char *c = copy; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return copy;
}

bool request_info_parse(struct request_info *info, struct arena *arena, struct slice method,
                        struct slice path, const struct query_parameter *query)
{
    *info = (struct request_info){.group = "", .version = "", .resource = ""};
    struct parts parts = {0};
    if (!split_path(arena, path, &parts))
        return false;
    struct slice decoded;
    info->path = url_unescape(arena, path, false, &decoded) ? decoded.data : "";
    info->verb = lower(arena, method);
    size_t used = 0;
    if (parts.count > 2 && slice_is(parts.at[0], "api")) {
        info->version = arena_copy_slice(arena, parts.at[1]);
        used = 2;
    } else if (parts.count > 3 && slice_is(parts.at[0], "apis")) {
        info->group = arena_copy_slice(arena, parts.at[1]);
        info->version = arena_copy_slice(arena, parts.at[2]);
        used = 3;
    } else {
        return true;
    }
    if (parts.count - used > 5)
        return false;
    info->is_resource = true;
    info->verb = method_verb(method);
    resource_parts(info, arena, parts.at + used, parts.count - used);
    refine_verb(info, query);
    return true;
}

struct query_parameter *query_parse(struct arena *arena, struct slice query)
{
    struct query_parameter *first = NULL;
    struct query_parameter **last = &first;
    struct slice pair;
    while (slice_split(&query, '&', &pair)) {
        if (pair.size == 0)
            continue;
        ptrdiff_t equals = slice_find(pair, '=');
        size_t key_size = equals < 0 ? pair.size : (size_t)equals;
        struct query_parameter *parameter = ARENA_NEW(arena, struct query_parameter);
        parameter->key = slice_sub(pair, 0, key_size);
        parameter->value = equals < 0 ? SLICE("") : slice_sub(pair, key_size + 1, pair.size);
        url_unescape(arena, parameter->key, true, &parameter->key);
        url_unescape(arena, parameter->value, true, &parameter->value);
        *last = parameter;
        last = &parameter->next;
    }
    return first;
}

struct slice query_get(const struct query_parameter *query, const char *key)
{
    for (; query; query = query->next)
        if (slice_is(query->key, key))
            return query->value.data ? query->value : SLICE("");
    return (struct slice){0};
}

bool query_bool(const struct query_parameter *query, const char *key)
{
    struct slice value = query_get(query, key);
    if (!value.data)
        return false;
    return !slice_is(value, "0") && !(value.size == 5 && strncasecmp(value.data, "false", 5) == 0);
}
