/* watch: committed changes as a stream of events, one JSON object a line.
 *
 * A stream is a cursor (store/watch.h) and at most one pinned snapshot whose
 * objects are sent first. It is pulled: fill() makes events only when the
 * transport can send, so a slow reader costs a cursor, not a queue.
 *
 *   happy path: INITIAL (objects of the pin) -> LIVE (events, bookmarks) -> ENDED
 *   expired:    an ERROR event with a 410 Status -> ENDED, at the start too: who could ask is
 *               answered 200, as the watch cache does
 *   time is up: what is there is sent, then the stream ends without an error
 *
 * Rules: k8s.io/apiserver pkg/storage/cacher and handlers/watch.go; KEP-3157
 * (WatchList) for initial events and the bookmark that ends them. */
#include <stdio.h>

#include "api/api.h"
#include "api/list_options.h"
#include "api/render.h"
#include "api/status_print.h"
#include "api/verbs.h"
#include "core/phase.h"
#include "store/watch.h"

enum { INITIAL, LIVE, ENDED };

static const struct phase phases[] = {
    [INITIAL] = {"initial", TO(LIVE) | TO(ENDED)},
    [LIVE] = {"live", TO(ENDED)},
    [ENDED] = {"ended", 0},
};

enum {
    FILL_BYTES = 64 * 1024, /* What one fill() makes at most, about. */
    FILL_LOOKS = 256,       /* And how many objects or events it looks at. */
    BOOKMARK_US = 60 * 1000000,
    TIMEOUT_SECONDS_MIN = 1800, /* Default: a random time from here to twice it. */
};

struct watch_stream {
    struct stream_reply stream;
    struct request *request;
    int phase;
    struct list_options options;
    struct render render;
    struct arena scratch;
    struct pin *pin;
    struct pin_cursor cursor;
    const struct object *next; /* Of the pin, while INITIAL. */
    struct slice prefix;
    struct watch *watch;
    struct status expired;     /* Why there is no watch; the first event tells. */
    bool marks_end_of_initial;
    bool wants_bookmark;
    bool is_late;              /* timeoutSeconds have passed. */
    int64_t bookmarked;        /* Revision last told by a bookmark. */
    struct metric *events;     /* Counts them; or NULL. */
    struct timer timeout;
    struct timer bookmark;
};

static void wake(struct watch_stream *stream)
{
    if (stream->stream.ready)
        stream->stream.ready(stream->stream.context);
}

static void watch_ready(void *context)
{
    wake(context);
}

static void timeout_fired(struct timer *timer)
{
    struct watch_stream *stream = CONTAINER_OF(timer, struct watch_stream, timeout);
    stream->is_late = true;
    wake(stream);
}

static void bookmark_fired(struct timer *timer)
{
    struct watch_stream *stream = CONTAINER_OF(timer, struct watch_stream, bookmark);
    stream->wants_bookmark = true;
    timer_start_us(timer, BOOKMARK_US);
    wake(stream);
}

static void append_event_start(struct buffer *bytes, const char *type)
{
    buffer_format(bytes, "{\"type\":\"%s\",\"object\":", type);
}

static void append_event_end(struct buffer *bytes)
{
    buffer_append_text(bytes, "}\n");
}

static void append_error(struct watch_stream *stream, const struct status *status,
                         struct buffer *bytes)
{
    append_event_start(bytes, "ERROR");
    status_print(status, bytes);
    append_event_end(bytes);
    phase_move(phases, &stream->phase, ENDED);
}

static void append_object(struct watch_stream *stream, const char *type,
                          const struct object *object, struct buffer *bytes)
{
    struct status status;
    status_init(&status);
    size_t start = bytes->size;
    append_event_start(bytes, type);
    if (render_object(&stream->render, object, bytes, &status)) {
        bytes->size = start;
        append_error(stream, &status, bytes);
    } else {
        append_event_end(bytes);
        stream->render.skips_columns = true;
        if (stream->events)
            metric_add(stream->events, 1);
    }
    status_release(&status);
}

/* The last state that matched, told with the revision of the change that ended it. */
static void append_gone(struct watch_stream *stream, const struct watch_event *event,
                        struct buffer *bytes)
{
    struct status status;
    status_init(&status);
    struct arena *arena = &stream->scratch;
    struct json *tree = json_parse(arena, object_body(event->old), NULL, &status);
    struct json *metadata = json_get(tree, "metadata");
    char revision[24];
    snprintf(revision, sizeof(revision), "%lld", (long long)event->revision);
    json_set_text(arena, metadata, "resourceVersion", revision);
    struct buffer body = {0};
    json_print(tree, &body);
    struct object *gone =
        object_create(object_key(event->old), event->revision, object_view(event->old),
                      buffer_slice(&body), event->old->splice, object_managed(event->old));
    append_object(stream, "DELETED", gone, bytes);
    object_unref(gone);
    buffer_release(&body);
    status_release(&status);
}

static void append_change(struct watch_stream *stream, const struct watch_event *event,
                          struct buffer *bytes)
{
    const struct list_options *options = &stream->options;
    bool before = event->old && list_options_match(options, event->old);
    bool after = !event->is_delete && list_options_match(options, event->new);
    if (event->is_delete && before)
        append_object(stream, "DELETED", event->new, bytes);
    else if (before && after)
        append_object(stream, "MODIFIED", event->new, bytes);
    else if (after)
        append_object(stream, "ADDED", event->new, bytes);
    else if (before)
        append_gone(stream, event, bytes);
}

static void append_bookmark(struct watch_stream *stream, int64_t revision, bool ends_initial,
                            struct buffer *bytes)
{
    const struct kind *kind = stream->render.kind;
    const char *annotations =
        ends_initial ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "";
    append_event_start(bytes, "BOOKMARK");
    if (stream->render.negotiated.as == AS_TABLE)
        buffer_format(bytes,
                      "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":"
                      "{\"resourceVersion\":\"%lld\"},\"columnDefinitions\":[],\"rows\":[{"
                      "\"cells\":[],\"object\":{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":"
                      "\"meta.k8s.io/v1\",\"metadata\":{\"resourceVersion\":\"%lld\"%s}}}]}",
                      (long long)revision, (long long)revision, annotations);
    else if (stream->render.negotiated.as == AS_PARTIAL)
        buffer_format(bytes,
                      "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\","
                      "\"metadata\":{\"resourceVersion\":\"%lld\"%s}}",
                      (long long)revision, annotations);
    else
        buffer_format(bytes,
                      "{\"kind\":\"%s\",\"apiVersion\":\"%s%s%s\",\"metadata\":"
                      "{\"resourceVersion\":\"%lld\"%s}}",
                      kind->kind, kind->group, *kind->group ? "/" : "", kind->version,
                      (long long)revision, annotations);
    append_event_end(bytes);
    stream->bookmarked = revision;
}

static void end_initial(struct watch_stream *stream, struct buffer *bytes)
{
    if (stream->marks_end_of_initial)
        append_bookmark(stream, pin_revision(stream->pin), true, bytes);
    pin_unref(stream->pin);
    stream->pin = NULL;
    phase_move(phases, &stream->phase, LIVE);
}

static void fill_initial(struct watch_stream *stream, struct buffer *bytes)
{
    for (int i = 0;
         stream->next && i < FILL_LOOKS && bytes->size < FILL_BYTES && stream->phase == INITIAL;
         i++) {
        if (list_options_match(&stream->options, stream->next))
            append_object(stream, "ADDED", stream->next, bytes);
        stream->next = pin_next(&stream->cursor);
    }
    if (!stream->next && stream->phase == INITIAL)
        end_initial(stream, bytes);
}

/* True while there may be more. */
static bool fill_live(struct watch_stream *stream, struct buffer *bytes)
{
    struct watch_event event;
    struct status status;
    for (int i = 0; i < FILL_LOOKS && bytes->size < FILL_BYTES && stream->phase == LIVE; i++) {
        status_init(&status);
        int taken = watch_take(stream->watch, &event, &status);
        if (taken < 0)
            append_error(stream, &status, bytes);
        status_release(&status);
        if (taken == 0)
            return false;
        if (taken > 0)
            append_change(stream, &event, bytes);
    }
    return stream->phase == LIVE;
}

static void fill_bookmark(struct watch_stream *stream, struct buffer *bytes)
{
    int64_t revision = watch_bookmark_revision(stream->watch);
    if (stream->wants_bookmark && stream->phase == LIVE && revision > stream->bookmarked)
        append_bookmark(stream, revision, false, bytes);
    stream->wants_bookmark = false;
}

static enum stream_state fill(struct stream_reply *reply, struct buffer *bytes)
{
    struct watch_stream *stream = CONTAINER_OF(reply, struct watch_stream, stream);
    stream->render.context.now_us = clock_wall_us(loop_clock(stream->request->api->loop));
    bool more = true;
    if (!status_ok(&stream->expired) && stream->phase != ENDED)
        append_error(stream, &stream->expired, bytes);
    if (stream->phase == INITIAL)
        fill_initial(stream, bytes);
    if (stream->phase == LIVE) {
        more = fill_live(stream, bytes);
        if (!more) {
            stream->wants_bookmark |= stream->is_late && stream->options.bookmarks;
            fill_bookmark(stream, bytes);
        }
    }
    arena_reset(&stream->scratch);
    if (stream->phase == ENDED || (stream->is_late && !more))
        return STREAM_END;
    return more ? STREAM_MORE : STREAM_WAIT;
}

static void close_stream(struct stream_reply *reply)
{
    struct watch_stream *stream = CONTAINER_OF(reply, struct watch_stream, stream);
    timer_stop(&stream->timeout);
    timer_stop(&stream->bookmark);
    watch_close(stream->watch);
    pin_unref(stream->pin);
    status_release(&stream->expired);
    arena_release(&stream->scratch);
    mem_free(stream);
}

static void start_timers(struct watch_stream *stream)
{
    struct loop *loop = stream->request->api->loop;
    int64_t seconds = stream->options.timeout_seconds;
    if (seconds <= 0)
        seconds =
            TIMEOUT_SECONDS_MIN + (int64_t)random_below(loop_random(loop), TIMEOUT_SECONDS_MIN);
    timer_init(&stream->timeout, loop, timeout_fired);
    timer_start_us(&stream->timeout, seconds * 1000000);
    timer_init(&stream->bookmark, loop, bookmark_fired);
    if (stream->options.bookmarks)
        timer_start_us(&stream->bookmark, BOOKMARK_US);
}

/* Where it starts: with the objects of today, or behind a revision. */
static int open_cursor(struct watch_stream *stream)
{
    struct request *request = stream->request;
    struct store *store = request->api->store;
    const struct list_options *options = &stream->options;
    bool from_now = options->revision == 0;
    bool sends_initial = options->has_initial_events ? options->initial_events : from_now;
    int64_t revision = options->revision;
    if (sends_initial && revision > store_revision(store, COMMITTED))
        return watch_open(store, stream->prefix, revision, watch_ready, stream, &stream->watch,
                          &request->status);
    if (sends_initial) {
        stream->pin = store_pin(store, COMMITTED);
        stream->next = pin_first(stream->pin, stream->prefix, SLICE(""), &stream->cursor);
        stream->marks_end_of_initial = options->initial_events && options->bookmarks;
        revision = pin_revision(stream->pin);
    } else {
        stream->phase = LIVE;
    }
    if (!watch_open(store, stream->prefix, from_now ? 0 : revision, watch_ready, stream,
                    &stream->watch, &request->status))
        return 0;
    if (request->status.reason != STATUS_EXPIRED)
        return -1;
    status_copy(&stream->expired, &request->status);
    status_clear(&request->status);
    return 0;
}

void verb_watch(struct request *request)
{
    struct watch_stream *stream = mem_alloc(sizeof(*stream));
    stream->request = request;
    stream->phase = INITIAL;
    stream->stream = (struct stream_reply){.fill = fill, .close = close_stream};
    arena_init(&stream->scratch);
    status_init(&stream->expired);
    timer_init(&stream->timeout, request->api->loop, timeout_fired);
    timer_init(&stream->bookmark, request->api->loop, bookmark_fired);
    stream->prefix = request_prefix(request);
    request->reply.stream = &stream->stream; /* From here on the request closes it. */
    if (list_options_parse(request, true, &stream->options) ||
        render_init(&stream->render, request) || open_cursor(stream)) {
        request->reply.stream = NULL;
        close_stream(&stream->stream);
        request_fail(request);
        return;
    }
    stream->render.context.arena = &stream->scratch;
    stream->events = request_metrics_events(&request->api->request_metrics, request->kind);
    start_timers(stream);
    request->reply.code = 200;
    request->reply.content_type = "application/json";
    request_reply(request);
}
