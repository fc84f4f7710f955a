#include "api/status_print.h"

static void set_if(struct arena *arena, struct json *object, const char *key, const char *text)
{
    if (text && *text)
        json_set_text(arena, object, key, text);
}

static struct json *causes_to_json(const struct status *status, struct arena *arena)
{
    struct json *causes = json_new_array(arena);
    for (const struct status_cause *cause = status->causes; cause; cause = cause->next) {
        struct json *one = json_new_object(arena);
        set_if(arena, one, "reason", cause->reason);
        set_if(arena, one, "message", cause->message);
        set_if(arena, one, "field", cause->field);
        json_append(causes, one);
    }
    return causes;
}

static struct json *details_to_json(const struct status *status, struct arena *arena)
{
    struct json *details = json_new_object(arena);
    set_if(arena, details, "name", status->name);
    set_if(arena, details, "group", status->group);
    set_if(arena, details, "kind", status->kind);
    set_if(arena, details, "uid", status->uid);
    if (status->causes)
        json_set(arena, details, "causes", causes_to_json(status, arena));
    if (status->retry_after_seconds > 0)
        json_set_int(arena, details, "retryAfterSeconds", status->retry_after_seconds);
    return details;
}

struct json *status_to_json(const struct status *status, struct arena *arena)
{
    struct json *object = json_new_object(arena);
    json_set_text(arena, object, "kind", "Status");
    json_set_text(arena, object, "apiVersion", "v1");
    struct json *metadata = json_ensure_object(arena, object, "metadata");
    set_if(arena, metadata, "continue", status->next_page);
    json_set_text(arena, object, "status", status_ok(status) ? "Success" : "Failure");
    set_if(arena, object, "message", status->message);
    if (!status->reason_hidden)
        set_if(arena, object, "reason", status_reason_text(status->reason));
    struct json *details = details_to_json(status, arena);
    /* NotFound always carries details, though they may be empty. */
    if (json_count(details) > 0 || status->reason == STATUS_NOT_FOUND)
        json_set(arena, object, "details", details);
    if (status->code != 200)
        json_set_int(arena, object, "code", status->code);
    return object;
}

void status_print(const struct status *status, struct buffer *text)
{
    struct arena arena;
    arena_init(&arena);
    json_print(status_to_json(status, &arena), text);
    arena_release(&arena);
}
