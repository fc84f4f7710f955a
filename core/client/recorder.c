#include "core/client/recorder.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/client/event_correlator.h"
#include "core/json.h"
#include "core/list.h"
#include "core/map.h"
#include "core/trace.h"

enum { KNOWN_MAX = 4096 /* Events remembered for their counts. */ };

/* An Event that was written and may be told again. */
struct known_event {
    struct slice key;  /* Of the map; owned. */
    char *namespace;
    char *name;
    int64_t count;
    struct list link;  /* Oldest first. */
};

struct pending_event {
    struct recorder *recorder;
    struct call call;
    struct list link;
    bool is_sent;
};

struct recorder {
    struct client *client;
    const char *component;
    const char *host;
    struct map known;
    struct list known_order;
    struct event_correlator correlator;
    struct list pending;
    size_t pending_count;
    int64_t dropped;
};

struct recorder *recorder_create(struct client *client, const char *component, const char *host)
{
    struct recorder *recorder = mem_alloc(sizeof(*recorder));
    recorder->client = client;
    recorder->component = component;
    recorder->host = host ? host : "";
    map_init_borrowing(&recorder->known);
    list_init(&recorder->known_order);
    event_correlator_init(&recorder->correlator);
    list_init(&recorder->pending);
    return recorder;
}

static void forget(struct recorder *recorder, struct known_event *known)
{
    map_remove(&recorder->known, known->key);
    list_remove(&known->link);
    mem_free((char *)(uintptr_t)known->key.data);
    mem_free(known->namespace);
    mem_free(known->name);
    mem_free(known);
}

static void free_pending(struct pending_event *pending)
{
    list_remove(&pending->link);
    call_release(&pending->call);
    mem_free(pending);
}

void recorder_destroy(struct recorder *recorder)
{
    if (!recorder)
        return;
    LIST_EACH(link, &recorder->pending) {
        /* One that is under way ends by itself and finds no recorder. */
        struct pending_event *pending = CONTAINER_OF(link, struct pending_event, link);
        pending->recorder = NULL;
        list_remove(&pending->link);
    }
    LIST_EACH(link, &recorder->known_order)
        forget(recorder, CONTAINER_OF(link, struct known_event, link));
    map_release(&recorder->known);
    event_correlator_release(&recorder->correlator);
    mem_free(recorder);
}

int64_t recorder_dropped(const struct recorder *recorder)
{
    return recorder->dropped;
}

static void call_done(struct call *call)
{
    struct pending_event *pending = CONTAINER_OF(call, struct pending_event, call);
    if (!status_ok(&call->status))
        log_line(LOG_WARN, "an event was not written", "why=\"%s\"", call->status.message);
    if (pending->recorder)
        pending->recorder->pending_count--;
    free_pending(pending);
}

static struct pending_event *new_call(struct recorder *recorder, const char *verb)
{
    struct pending_event *pending = mem_alloc(sizeof(*pending));
    pending->recorder = recorder;
    call_init(&pending->call);
    pending->call.verb = verb;
    pending->call.done = call_done;
    list_push_back(&recorder->pending, &pending->link);
    recorder->pending_count++;
    return pending;
}

static void send(struct pending_event *pending, const struct json *body, struct slice namespace,
                 struct slice name)
{
    struct arena *arena = &pending->call.arena;
    struct buffer text = {0};
    json_print(body, &text);
    struct slice slice = {arena_copy_slice(arena, buffer_slice(&text)), text.size};
    buffer_release(&text);
    pending->call.body = slice;
    pending->call.path = (struct resource_path){
        .group = "",
        .version = "v1",
        .resource = "events",
        .namespace = {arena_copy_slice(arena, namespace), namespace.size},
        .name = {name.size ? arena_copy_slice(arena, name) : NULL, name.size},
    };
    client_call(pending->recorder->client, &pending->call);
}

static void set_slice(struct arena *arena, struct json *object, const char *key, struct slice value)
{
    if (value.size > 0)
        json_set(arena, object, key, json_new_string(arena, value));
}

static void describe_subject(struct arena *arena, struct json *event,
                             const struct event_subject *subject)
{
    struct json *involved = json_ensure_object(arena, event, "involvedObject");
    json_set_text(arena, involved, "kind", subject->kind);
    json_set_text(arena, involved, "apiVersion", subject->api_version);
    set_slice(arena, involved, "namespace", subject->namespace);
    set_slice(arena, involved, "name", subject->name);
    set_slice(arena, involved, "uid", subject->uid);
}

struct news {
    const struct event_subject *subject;
    const char *type;
    const char *reason;
    const char *action;
    const char *message;
    const char *name;
    struct slice namespace;
    bool is_combined; /* Of several messages; the count tells of them all. */
    char now[TIME_TEXT_SIZE];
};

static void create_event(struct recorder *recorder, const struct news *news)
{
    struct pending_event *pending = new_call(recorder, "create");
    struct arena *arena = &pending->call.arena;
    struct json *event = json_new_object(arena);
    json_set_text(arena, event, "apiVersion", "v1");
    json_set_text(arena, event, "kind", "Event");
    struct json *metadata = json_ensure_object(arena, event, "metadata");
    json_set_text(arena, metadata, "name", news->name);
    set_slice(arena, metadata, "namespace", news->namespace);
    describe_subject(arena, event, news->subject);
    json_set_text(arena, event, "reason", news->reason);
    json_set_text(arena, event, "message", news->message);
    json_set_text(arena, event, "type", news->type);
    if (news->action)
        json_set_text(arena, event, "action", news->action);
    struct json *source = json_ensure_object(arena, event, "source");
    json_set_text(arena, source, "component", recorder->component);
    if (*recorder->host)
        json_set_text(arena, source, "host", recorder->host);
    json_set_text(arena, event, "reportingComponent", recorder->component);
    json_set_text(arena, event, "reportingInstance", recorder->host);
    json_set_text(arena, event, "firstTimestamp", news->now);
    json_set_text(arena, event, "lastTimestamp", news->now);
    json_set_int(arena, event, "count", 1);
    send(pending, event, news->namespace, (struct slice){0});
}

static void raise_count(struct recorder *recorder, struct known_event *known,
                        const struct news *news)
{
    struct pending_event *pending = new_call(recorder, "patch");
    struct arena *arena = &pending->call.arena;
    pending->call.patch_type = PATCH_MERGE;
    struct json *patch = json_new_object(arena);
    json_set_int(arena, patch, "count", ++known->count);
    json_set_text(arena, patch, "lastTimestamp", news->now);
    if (news->is_combined)
        json_set_text(arena, patch, "message", news->message);
    send(pending, patch, slice_of(known->namespace), slice_of(known->name));
}

static void remember(struct recorder *recorder, struct slice key, const struct news *news)
{
    if (recorder->known.count >= KNOWN_MAX)
        forget(recorder, CONTAINER_OF(recorder->known_order.next, struct known_event, link));
    struct known_event *known = mem_alloc(sizeof(*known));
    known->key = (struct slice){mem_copy_slice(key), key.size};
    known->namespace = mem_copy_slice(news->namespace);
    known->name = mem_copy_text(news->name);
    known->count = 1;
    list_init(&known->link);
    list_push_back(&recorder->known_order, &known->link);
    map_set(&recorder->known, known->key, known);
}

static void tell(struct recorder *recorder, struct news *news, struct slice key)
{
    struct known_event *known = map_get(&recorder->known, key);
    if (known) {
        raise_count(recorder, known, news);
        return;
    }
    create_event(recorder, news);
    remember(recorder, key, news);
}

static void cut_message(struct buffer *message)
{
    static const char end[] = " ...";
    if (message->size <= RECORDER_MESSAGE_MAX)
        return;
    message->size = RECORDER_MESSAGE_MAX - (sizeof(end) - 1);
    /* Never in the middle of a character. */
    while (message->size > 0 && ((unsigned char)message->data[message->size] & 0xc0) == 0x80)
        message->size--;
    buffer_append_text(message, end);
}

/* "TYPE/REASON" of a subject, and the message where each counts for itself. */
static void append_key(const struct news *news, struct buffer *key)
{
    buffer_format(key, SLICE_FORMAT "/%s/%s", SLICE_ARGS(news->subject->uid), news->type,
                  news->reason);
    if (!news->is_combined)
        buffer_format(key, "/%s", news->message);
}

/* Combines what is one message too many: message is then another text. */
static void combine(struct recorder *recorder, struct news *news, struct buffer *message)
{
    struct buffer reason = {0}, combined = {0};
    news->is_combined = true;
    append_key(news, &reason);
    news->is_combined = event_correlator_combines(
        &recorder->correlator, buffer_slice(&reason), buffer_slice(message),
        clock_steady_us(loop_clock(recorder->client->loop)));
    if (news->is_combined) {
        buffer_format(&combined, CORRELATOR_COMBINED "%s", news->message);
        buffer_release(message);
        *message = combined;
        cut_message(message);
        news->message = message->data;
    }
    buffer_release(&reason);
}

static bool is_too_much(struct recorder *recorder, const struct event_subject *subject)
{
    struct buffer key = {0};
    buffer_format(&key, "%s/" SLICE_FORMAT "/" SLICE_FORMAT "/" SLICE_FORMAT, subject->kind,
                  SLICE_ARGS(subject->namespace), SLICE_ARGS(subject->name),
                  SLICE_ARGS(subject->uid));
    bool admits = event_correlator_admits(&recorder->correlator, buffer_slice(&key),
                                          clock_steady_us(loop_clock(recorder->client->loop)));
    buffer_release(&key);
    return !admits;
}

static void record(struct recorder *recorder, struct news *news, struct buffer *message)
{
    struct loop *loop = recorder->client->loop;
    struct buffer name = {0}, key = {0};
    buffer_format(&name, SLICE_FORMAT ".%016llx", SLICE_ARGS(news->subject->name),
                  (unsigned long long)random_u64(loop_random(loop)));
    cut_message(message);
    news->message = message->data ? message->data : "";
    news->name = name.data;
    time_format(clock_wall_us(loop_clock(loop)), news->now);
    combine(recorder, news, message);
    append_key(news, &key);
    tell(recorder, news, buffer_slice(&key));
    buffer_release(&key);
    buffer_release(&name);
}

void recorder_event(struct recorder *recorder, const struct event_subject *subject,
                    const char *type, const char *reason, const char *action,
                    const char *message_format, ...)
{
    if (recorder->pending_count >= RECORDER_QUEUE_MAX || is_too_much(recorder, subject)) {
        recorder->dropped++;
        return;
    }
    struct buffer message = {0};
    struct news news = {
        .subject = subject,
        .type = type,
        .reason = reason,
        .action = action,
        .namespace = subject->namespace.size ? subject->namespace : SLICE("default"),
    };
    va_list arguments;
    va_start(arguments, message_format);
    buffer_format_list(&message, message_format, arguments);
    va_end(arguments);
    record(recorder, &news, &message);
    buffer_release(&message);
}
