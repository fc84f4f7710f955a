#include "core/client/request_text.h"

#include "core/json.h"

const char *request_method_of(const char *verb)
{
    static const char *const pairs[][2] = {
        {"get", "GET"},
        {"list", "GET"},
        {"create", "POST"},
        {"update", "PUT"},
        {"patch", "PATCH"},
        {"delete", "DELETE"},
        {"deletecollection", "DELETE"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
        if (strcmp(pairs[i][0], verb) == 0)
            return pairs[i][1];
    UNREACHABLE("a verb that clients do not have");
}

const char *request_content_type_of(enum patch_type type)
{
    switch (type) {
    case PATCH_JSON: return "application/json-patch+json";
    case PATCH_MERGE: return "application/merge-patch+json";
    case PATCH_STRATEGIC: return "application/strategic-merge-patch+json";
    case PATCH_APPLY: return "application/apply-patch+yaml";
    case PATCH_NONE: break;
    }
    return "application/json";
}

static void append_part(struct slice part, struct buffer *text)
{
    buffer_append_byte(text, '/');
    url_escape(part, text);
}

void resource_path_append(const struct resource_path *path, struct buffer *text)
{
    if (*path->group)
        buffer_format(text, "/apis/%s/%s", path->group, path->version);
    else
        buffer_format(text, "/api/%s", path->version);
    if (path->namespace.size > 0) {
        buffer_append_text(text, "/namespaces");
        append_part(path->namespace, text);
    }
    buffer_format(text, "/%s", path->resource);
    if (path->name.size > 0)
        append_part(path->name, text);
    if (path->subresource)
        buffer_format(text, "/%s", path->subresource);
}

/* --- Replies --- */

static enum status_reason reason_of(int code, struct slice text)
{
    static const struct {
        int code;
        const char *text;
    } rows[] = {
#define X(name, code, text) [STATUS_##name] = {code, text},
        STATUS_REASONS(X)
#undef X
    };
    for (size_t i = 1; i < ARRAY_SIZE(rows); i++)
        if (rows[i].code == code && slice_is(text, rows[i].text))
            return (enum status_reason)i;
    for (size_t i = 1; i < ARRAY_SIZE(rows); i++)
        if (rows[i].code == code)
            return (enum status_reason)i;
    return STATUS_INTERNAL_ERROR;
}

static const char *text_or_null(const struct json *object, const char *key)
{
    const struct json *value = json_get(object, key);
    return value ? json_text(value) : NULL;
}

static void read_details(const struct json *details, struct status *status)
{
    int64_t seconds = 0;
    status_details(status, text_or_null(details, "group"), text_or_null(details, "kind"),
                   text_or_null(details, "name"), text_or_null(details, "uid"));
    JSON_EACH(cause, json_get(details, "causes")) {
        status_add_cause(status, json_text(json_get(cause, "reason")), text_or_null(cause, "field"),
                         "%s", json_text(json_get(cause, "message")));
    }
    if (json_to_int64(json_get(details, "retryAfterSeconds"), &seconds))
        status->retry_after_seconds = seconds;
}

void reply_read_status(int code, struct slice body, struct status *status)
{
    struct arena arena;
    struct status bad;
    arena_init(&arena);
    status_init(&bad);
    const struct json *tree = json_parse(&arena, body, NULL, &bad);
    struct slice message = json_string(json_get(tree, "message"));
    if (slice_is(json_string(json_get(tree, "kind")), "Status") && message.size > 0) {
        status_fail(status, reason_of(code, json_string(json_get(tree, "reason"))), SLICE_FORMAT,
                    SLICE_ARGS(message));
        read_details(json_get(tree, "details"), status);
    } else {
        struct slice rest = body, line = body;
        slice_split(&rest, '\n', &line);
        status_fail(status, reason_of(code, SLICE("")), "the server answered %d: " SLICE_FORMAT,
                    code, SLICE_ARGS(slice_sub(line, 0, 200)));
    }
    status->code = code;
    status_release(&bad);
    arena_release(&arena);
}
