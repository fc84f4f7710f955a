#include "api/audit_event.h"

#include "api/api.h"
#include "api/decode.h"
#include "api/negotiate.h"
#include "api/status_print.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/kinds/meta.h"
#include "core/kinds/view.h"

#define USER_AGENT_MAX 1024

static void append_text(struct buffer *line, const char *key, struct slice value)
{
    buffer_format(line, "\"%s\":", key);
    json_print_string(value, line);
    buffer_append_byte(line, ',');
}

static void append_some_text(struct buffer *line, const char *key, struct slice value)
{
    if (value.size > 0)
        append_text(line, key, value);
}

/* Ends an object or a list that was begun: its last comma goes. */
static void close_with(struct buffer *line, char bracket)
{
    if (line->data[line->size - 1] == ',')
        line->size--;
    buffer_append_byte(line, bracket);
}

static void append_time(struct buffer *line, const char *key, int64_t wall_us)
{
    char time[TIME_TEXT_SIZE];
    time_format_micro(wall_us, time);
    append_text(line, key, slice_of(time));
}

/* --- Who --- */

/* Values of one key stand together in the pairs. */
static void append_extra(struct buffer *line, const char *const *extra)
{
    buffer_append_text(line, "\"extra\":{");
    for (size_t i = 0; extra[i]; i += 2) {
        bool is_new = i == 0 || strcmp(extra[i], extra[i - 2]) != 0;
        bool is_last = !extra[i + 2] || strcmp(extra[i], extra[i + 2]) != 0;
        if (is_new) {
            json_print_string(slice_of(extra[i]), line);
            buffer_append_text(line, ":[");
        }
        json_print_string(slice_of(extra[i + 1]), line);
        buffer_append_text(line, is_last ? "]," : ",");
    }
    close_with(line, '}');
    buffer_append_byte(line, ',');
}

static void append_user(struct buffer *line, const char *key, const struct user *user)
{
    buffer_format(line, "\"%s\":{", key);
    append_some_text(line, "username", slice_of(user->name));
    append_some_text(line, "uid", slice_of(user->uid));
    if (user->groups && user->groups[0]) {
        buffer_append_text(line, "\"groups\":[");
        for (size_t i = 0; user->groups[i]; i++) {
            json_print_string(slice_of(user->groups[i]), line);
            buffer_append_byte(line, ',');
        }
        close_with(line, ']');
        buffer_append_byte(line, ',');
    }
    if (user->extra && user->extra[0])
        append_extra(line, user->extra);
    close_with(line, '}');
    buffer_append_byte(line, ',');
}

/* Proxies first, as they say; then who is connected. */
static void append_sources(struct buffer *line, const struct request *request)
{
    struct slice rest = http_header_get(request->headers, "X-Forwarded-For");
    struct slice address;
    buffer_append_text(line, "\"sourceIPs\":[");
    while (slice_split(&rest, ',', &address)) {
        json_print_string(slice_trim(address), line);
        buffer_append_byte(line, ',');
    }
    if (request->source.size > 0) {
        json_print_string(request->source, line);
        buffer_append_byte(line, ',');
    }
    close_with(line, ']');
    buffer_append_byte(line, ',');
}

static void append_agent(struct buffer *line, struct slice agent)
{
    static const char cut[] = "...TRUNCATED";
    struct buffer text = {0};
    if (agent.size <= USER_AGENT_MAX) {
        append_some_text(line, "userAgent", agent);
        return;
    }
    buffer_append_slice(&text, slice_sub(agent, 0, USER_AGENT_MAX));
    buffer_append_text(&text, cut);
    append_text(line, "userAgent", buffer_slice(&text));
    buffer_release(&text);
}

/* --- What --- */

static void append_object_reference(struct buffer *line, const struct request *request)
{
    const struct request_info *info = &request->info;
    const struct object *result = request->result;
    struct slice name = info->name;
    if (!info->is_resource)
        return;
    if (name.size == 0 && result)
        name = key_name(object_key(result));
    buffer_append_text(line, "\"objectRef\":{");
    append_some_text(line, "resource", slice_of(info->resource));
    append_some_text(line, "namespace", info->namespace);
    append_some_text(line, "name", name);
    if (result && !info->subresource)
        append_some_text(line, "uid", view_uid(result));
    append_some_text(line, "apiGroup", slice_of(info->group));
    append_some_text(line, "apiVersion", slice_of(info->version));
    append_some_text(line, "subresource", slice_of(info->subresource));
    close_with(line, '}');
    buffer_append_byte(line, ',');
}

static void append_status(struct buffer *line, struct request *request)
{
    struct json *status;
    if (status_ok(&request->status)) {
        buffer_format(line, "\"responseStatus\":{\"metadata\":{},\"code\":%d},",
                      request->reply.code);
        return;
    }
    status = status_to_json(&request->status, &request->arena);
    json_remove(status, "kind");
    json_remove(status, "apiVersion");
    buffer_append_text(line, "\"responseStatus\":");
    json_print(status, line);
    buffer_append_byte(line, ',');
}

static void drop_managed_fields(struct json *object)
{
    json_remove(json_get(object, "metadata"), "managedFields");
    JSON_EACH(item, json_get(object, "items"))
        json_remove(json_get(item, "metadata"), "managedFields");
    JSON_EACH(row, json_get(object, "rows"))
        json_remove(json_at(row, "object.metadata"), "managedFields");
}

void audit_event_object(struct request *request, const struct json *object, struct buffer *text)
{
    if (!request->audit.omits_managed_fields) {
        json_print(object, text);
        return;
    }
    struct json *copy = json_copy(&request->arena, object);
    drop_managed_fields(copy);
    json_print(copy, text);
}

/* JSON, or YAML, as an object; nothing where it is neither. */
static void append_body(struct buffer *line, struct request *request, const char *key,
                        struct slice body)
{
    struct json_duplicate *duplicates = NULL;
    struct status status;
    status_init(&status);
    const struct json *tree =
        body.size > 0 ? decode_yaml(&request->arena, body, &duplicates, &status) : NULL;
    if (tree) {
        buffer_format(line, "\"%s\":", key);
        audit_event_object(request, tree, line);
        buffer_append_byte(line, ',');
    }
    status_release(&status);
}

static void append_request_object(struct buffer *line, struct request *request)
{
    if (request->audit.object)
        buffer_format(line, "\"requestObject\":%s,", request->audit.object);
    else if (strcmp(request->info.verb, "patch") == 0)
        append_body(line, request, "requestObject", request->body);
}

static void append_response_object(struct buffer *line, struct request *request)
{
    struct buffer body = {0};
    bool is_text = request->reply.content_type &&
                   strncmp(request->reply.content_type, "application/json", 16) == 0;
    if (request->reply.stream)
        return;
    if (is_text)
        append_body(line, request, "responseObject", buffer_slice(&request->reply.body));
    else if (request->result) {
        object_append_json(request->result, &body);
        append_body(line, request, "responseObject", buffer_slice(&body));
    }
    buffer_release(&body);
}

/* --- All --- */

static const char *stage_name(enum audit_stage stage)
{
    switch (stage) {
    case AUDIT_RECEIVED: return "RequestReceived";
    case AUDIT_STARTED: return "ResponseStarted";
    case AUDIT_COMPLETE: return "ResponseComplete";
    case AUDIT_PANIC: break;
    }
    return "Panic";
}

static const char *level_name(int level)
{
    static const char *const names[] = {"None", "Metadata", "Request", "RequestResponse"};
    return names[level];
}

static void append_uri(struct buffer *line, const struct request *request)
{
    struct buffer uri = {0};
    buffer_append_slice(&uri, request->path);
    if (request->query_text.size > 0)
        buffer_format(&uri, "?" SLICE_FORMAT, SLICE_ARGS(request->query_text));
    append_text(line, "requestURI", buffer_slice(&uri));
    buffer_release(&uri);
}

static void append_annotations(struct buffer *line, const struct request *request)
{
    if (!request->annotations)
        return;
    buffer_append_text(line, "\"annotations\":{");
    for (const struct reply_header *a = request->annotations; a; a = a->next)
        append_text(line, a->name, slice_of(a->value));
    close_with(line, '}');
    buffer_append_byte(line, ',');
}

static void append_asker(struct buffer *line, const struct request *request)
{
    static const struct user nobody = {.name = "", .uid = ""};
    const struct user *user = request->audit.user ? request->audit.user : &nobody;
    append_user(line, "user", user);
    if (request->user && request->user != user && request->audit.user)
        append_user(line, "impersonatedUser", request->user);
    append_sources(line, request);
    append_agent(line, request->user_agent);
}

void audit_event_print(struct request *request, enum audit_stage stage, struct buffer *line)
{
    const struct audit_record *record = &request->audit;
    buffer_format(line, "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"%s\",",
                  level_name(record->level));
    append_text(line, "auditID", slice_of(record->id));
    append_text(line, "stage", slice_of(stage_name(stage)));
    append_uri(line, request);
    append_text(line, "verb", slice_of(request->info.verb));
    append_asker(line, request);
    append_object_reference(line, request);
    if (stage != AUDIT_RECEIVED)
        append_status(line, request);
    if (stage != AUDIT_RECEIVED && record->level >= AUDIT_REQUEST)
        append_request_object(line, request);
    if (stage == AUDIT_COMPLETE && record->level >= AUDIT_REQUEST_RESPONSE)
        append_response_object(line, request);
    append_time(line, "requestReceivedTimestamp", record->received_us);
    append_time(line, "stageTimestamp", clock_wall_us(loop_clock(request->api->loop)));
    append_annotations(line, request);
    close_with(line, '}');
}
