/* How a list goes:
 *   1. The first piece is made, at once for a short list, else on a worker. A list with a limit is
 *      walked to its page's end before, since the token for the next page stands in front.
 *   2. The list is over: an ordinary reply. Else the reply begins as a stream, and each piece that
 *      is taken lets a worker make the next one.
 * What goes wrong:
 *   - An object cannot be rendered: a Status in the first piece, a cut connection later.
 *   - The peer goes: the transport waits until no worker is at it (stream.is_busy). */
#include "api/list_reply.h"

#include "api/api.h"
#include "api/render.h"

enum {
    PIECE_BYTES = 256 * 1024,  /* Of text, in one piece. */
    PARSED_BYTES = 64 * 1024,  /* Of bodies that are parsed at once, on the loop. */
    INLINE_OBJECTS_MAX = 64,   /* More are looked at on a worker. */
    ARENA_RESET_BYTES = 1 << 20,
};

struct list_reply {
    struct stream_reply stream;
    struct request *request;
    struct list_source source;
    struct render render;
    struct arena scratch;
    struct render_frame frame;
    /* The walk. */
    struct pin_cursor cursor;
    const struct object *next;
    size_t place;              /* In source.objects. */
    int64_t left;              /* Objects of the page; < 0: no limit. */
    bool is_first;
    bool is_over;
    bool is_failed;
    struct buffer piece;
    struct task task;
};

/* --- The walk --- */

static const struct object *next_of(struct list_reply *list)
{
    if (list->source.pin)
        return pin_next(&list->cursor);
    return list->place < list->source.object_count ? list->source.objects[list->place++] : NULL;
}

/* The first object from here on that is wanted. */
static const struct object *seek(struct list_reply *list, const struct object *object)
{
    const struct list_options *options = list->source.options;
    while (object && options && options->has_selector && !list_options_match(options, object))
        object = next_of(list);
    return object;
}

static void rewind_walk(struct list_reply *list)
{
    const struct list_source *source = &list->source;
    list->place = 0;
    list->next = seek(
        list, source->pin ? pin_first(source->pin, source->prefix, source->start, &list->cursor)
                          : next_of(list));
}

static void step_walk(struct list_reply *list)
{
    list->next = seek(list, next_of(list));
}

/* --- The page --- */

/* Where the page ends, and what its head says of the rest. */
static void measure_page(struct list_reply *list, struct render_list *head)
{
    struct request *request = list->request;
    int64_t limit = list->source.options ? list->source.options->limit : 0;
    struct slice last = {0};
    *head = (struct render_list){.revision = list->source.revision, .remaining = -1};
    list->left = -1;
    rewind_walk(list);
    if (limit <= 0)
        return;
    for (list->left = 0; list->next && list->left < limit; list->left++, step_walk(list))
        last = object_key(list->next);
    if (list->next) {
        head->next_page = page_token(&request->arena, head->revision, last);
        if (!list->source.options->has_selector && list->source.start.size == 0)
            head->remaining = list->source.total - list->left;
    }
    rewind_walk(list);
}

static void begin_list(struct list_reply *list)
{
    struct render_list head;
    measure_page(list, &head);
    render_list_open(&list->render, &list->request->arena, &head, &list->frame);
    buffer_append_slice(&list->piece, list->frame.head);
    list->is_first = true;
}

/* Goes on until the piece is full or the list is over. parsed_max: how much may be parsed. */
static void make_piece(struct list_reply *list, size_t parsed_max)
{
    bool is_whole = render_list_is_whole(&list->render);
    size_t parsed = 0;
    struct status *status = &list->request->status;
    while (list->next && list->left != 0) {
        if (parsed > parsed_max || (!is_whole && list->piece.size >= PIECE_BYTES))
            return;
        if (render_list_item(&list->render, list->next, list->is_first, &list->piece, status)) {
            list->is_failed = list->is_over = true;
            return;
        }
        if (!render_is_straight(&list->render))
            parsed += object_memory(list->next);
        if (list->scratch.size > ARENA_RESET_BYTES)
            arena_reset(&list->scratch);
        list->is_first = false;
        list->left -= list->left > 0;
        step_walk(list);
    }
    render_list_close(&list->render, &list->frame, list->is_first, &list->piece);
    list->is_over = true;
    pin_unref(list->source.pin); /* Here, where much that was deleted since may end with it. */
    list->source.pin = NULL;
}

/* --- The stream --- */

static void piece_work(struct task *task)
{
    struct list_reply *list = CONTAINER_OF(task, struct list_reply, task);
    make_piece(list, SIZE_MAX);
}

static void piece_done(struct task *task)
{
    struct list_reply *list = CONTAINER_OF(task, struct list_reply, task);
    list->stream.is_busy = false;
    if (list->stream.ready)
        list->stream.ready(list->stream.context);
}

static void order_piece(struct list_reply *list)
{
    list->stream.is_busy = true;
    list->task.work = piece_work;
    list->task.done = piece_done;
    loop_submit(list->request->api->loop, LANE_WORKERS, &list->task);
}

static enum stream_state fill(struct stream_reply *stream, struct buffer *bytes)
{
    struct list_reply *list = CONTAINER_OF(stream, struct list_reply, stream);
    if (stream->is_busy)
        return STREAM_WAIT;
    if (list->is_failed)
        return STREAM_BROKEN;
    buffer_append_slice(bytes, buffer_slice(&list->piece));
    buffer_clear(&list->piece);
    if (list->is_over)
        return STREAM_END;
    order_piece(list);
    return STREAM_WAIT;
}

static void close_stream(struct stream_reply *stream)
{
    PRE(!stream->is_busy); /* The list ends with the request's arena. */
}

/* --- The beginning --- */

/* What is whole leaves as a whole; the rest follows as a stream. */
static void choose_form(struct list_reply *list)
{
    struct request *request = list->request;
    if (!list->is_over) {
        request->reply.stream = &list->stream;
        return;
    }
    buffer_release(&request->reply.body);
    request->reply.body = list->piece;
    list->piece = (struct buffer){0};
}

static void first_work(struct task *task)
{
    struct request *request = CONTAINER_OF(task, struct request, task);
    struct list_reply *list = request->work;
    if (!list->frame.head.data)
        begin_list(list);
    make_piece(list, SIZE_MAX);
    choose_form(list);
}

static void release_list(void *memory)
{
    struct list_reply *list = memory;
    pin_unref(list->source.pin);
    buffer_release(&list->piece);
    arena_release(&list->scratch);
}

static bool is_short(const struct list_reply *list)
{
    return list->source.total <= INLINE_OBJECTS_MAX;
}

void list_reply_start(struct request *request, const struct list_source *source)
{
    struct list_reply *list = ARENA_NEW(&request->arena, struct list_reply);
    list->request = request;
    list->source = *source;
    list->stream = (struct stream_reply){.fill = fill, .close = close_stream};
    arena_init(&list->scratch);
    arena_own(&request->arena, list, release_list);
    if (render_init(&list->render, request)) {
        request_fail(request);
        return;
    }
    list->render.context.arena = &list->scratch;
    request->reply.code = 200;
    request->reply.content_type = render_content_type(&list->render);
    request->work = list;
    if (is_short(list)) {
        begin_list(list);
        make_piece(list, PARSED_BYTES);
    }
    if (!list->is_over) {
        request_work(request, first_work);
        return;
    }
    choose_form(list);
    if (list->is_failed)
        request_fail(request);
    else
        request_reply(request);
}
