#include "kubelet-lite/server_link.h"

#include "core/client/client_remote.h"
#include "core/list.h"
#include "core/net/http_client.h"
#include "core/trace.h"

#define WAIT_FIRST_US INT64_C(1000000)
#define WAIT_MAX_US INT64_C(30000000)
enum { DIALS_MAX = 256, LINE_MAX_SIZE = 64 };

struct dialled { /* A connection under way. */
    struct list link;
    struct server_link *owner;
    struct http_call *call;
    bool is_control;
};

struct server_link {
    struct loop *loop;
    struct server_link_options options;
    struct list dials;
    size_t dial_count;
    struct stream *control;  /* NULL: not linked. */
    struct buffer input;
    struct timer timer;
    int64_t wait_us;
    bool is_told;            /* That there is no link. */
};

static void dial(struct server_link *link, bool is_control);

/* --- Trying again --- */

static void try_later(struct server_link *link, const char *why)
{
    link->wait_us = link->wait_us == 0 ? WAIT_FIRST_US : link->wait_us * 2;
    if (link->wait_us > WAIT_MAX_US)
        link->wait_us = WAIT_MAX_US;
    if (!link->is_told)
        log_line(LOG_WARN, "no link to the server", "why=\"%s\"", why);
    link->is_told = true;
    uint64_t jitter_us = random_below(loop_random(link->loop), (uint64_t)link->wait_us);
    timer_start_us(&link->timer, link->wait_us + (int64_t)jitter_us);
}

static void time_came(struct timer *timer)
{
    dial(CONTAINER_OF(timer, struct server_link, timer), true);
}

/* --- The control stream --- */

static void lose_control(struct server_link *link, const char *why)
{
    stream_set_handler(link->control, NULL, NULL);
    stream_close(link->control);
    link->control = NULL;
    buffer_clear(&link->input);
    try_later(link, why);
}

static void take_line(struct server_link *link, struct slice line)
{
    const struct server_link_options *options = &link->options;
    if (slice_is(line, "dial") && link->dial_count < DIALS_MAX)
        dial(link, false);
    else if (slice_is(line, "go") || slice_is(line, "keep"))
        options->unknown_may_go(options->context, slice_is(line, "go"));
}

static void control_read(void *context, struct slice data)
{
    struct server_link *link = context;
    buffer_append_slice(&link->input, data);
    while (link->control) {
        struct slice input = buffer_slice(&link->input);
        ptrdiff_t end = slice_find(input, '\n');
        if (end < 0)
            break;
        take_line(link, slice_sub(input, 0, (size_t)end));
        buffer_consume(&link->input, (size_t)end + 1);
    }
    if (link->control && link->input.size > LINE_MAX_SIZE)
        lose_control(link, "the server does not speak as it should");
}

static void control_ended(void *context)
{
    lose_control(context, "the server has ended it");
}

static void control_broke(void *context, const char *why)
{
    lose_control(context, why);
}

static const struct stream_handler control_handler = {
    .on_read = control_read, .on_end = control_ended, .on_error = control_broke};

static void begin_control(struct server_link *link, struct stream *stream, struct slice early)
{
    link->control = stream;
    link->wait_us = 0;
    link->is_told = false;
    log_line(LOG_INFO, "linked to the server", "node=%s", link->options.node_name);
    stream_set_handler(stream, &control_handler, link);
    stream_read_start(stream);
    if (early.size > 0)
        control_read(link, early);
}

/* --- Dialling --- */

static void forget(struct dialled *dialled)
{
    dialled->owner->dial_count--;
    list_remove(&dialled->link);
    mem_free(dialled);
}

static void on_response(void *context, struct http_call *call, const struct http_response *response)
{
    struct dialled *dialled = context;
    struct server_link *link = dialled->owner;
    struct buffer early = {0};
    if (response->code != 101)
        return; /* Told at its end. */
    bool is_control = dialled->is_control;
    struct stream *stream = http_call_upgrade(call, &early);
    forget(dialled);
    if (is_control)
        begin_control(link, stream, buffer_slice(&early));
    else
        link->options.accept(link->options.context, stream, buffer_slice(&early));
    buffer_release(&early);
}

static void on_end(void *context)
{
    struct dialled *dialled = context;
    if (dialled->is_control)
        try_later(dialled->owner, "the server refuses it");
    forget(dialled);
}

static void on_error(void *context, const struct status *status)
{
    struct dialled *dialled = context;
    if (dialled->is_control)
        try_later(dialled->owner, status->message);
    forget(dialled);
}

static const struct http_call_handler handler = {
    .on_response = on_response, .on_end = on_end, .on_error = on_error};

static void dial(struct server_link *link, bool is_control)
{
    static const struct http_header headers[] = {
        {{"Connection", 10}, {"Upgrade", 7}},
        {{"Upgrade", 7}, {"coracle-link", 12}},
    };
    struct dialled *dialled = mem_alloc(sizeof(*dialled));
    struct buffer target = {0};
    dialled->owner = link;
    dialled->is_control = is_control;
    list_push_back(&link->dials, &dialled->link);
    link->dial_count++;
    buffer_format(&target, "/coracle/v1/nodes/%s/%s", link->options.node_name,
                  is_control ? "control" : "connection");
    struct http_call_options options = {
        .method = "GET",
        .target = target.data,
        .headers = headers,
        .header_count = ARRAY_SIZE(headers),
        .timeout_us = INT64_C(30000000),
    };
    dialled->call =
        http_call_open(client_remote_http(link->options.client), &options, &handler, dialled);
    buffer_release(&target);
}

/* --- Life --- */

struct server_link *server_link_open(struct loop *loop, const struct server_link_options *options)
{
    struct server_link *link = mem_alloc(sizeof(*link));
    link->loop = loop;
    link->options = *options;
    list_init(&link->dials);
    timer_init(&link->timer, loop, time_came);
    dial(link, true);
    return link;
}

void server_link_close(struct server_link *link)
{
    if (!link)
        return;
    timer_stop(&link->timer);
    if (link->control) {
        stream_set_handler(link->control, NULL, NULL);
        stream_close(link->control);
    }
    LIST_EACH(at, &link->dials) {
        struct dialled *dialled = CONTAINER_OF(at, struct dialled, link);
        http_call_close(dialled->call);
        forget(dialled);
    }
    buffer_release(&link->input);
    mem_free(link);
}

bool server_link_is_up(const struct server_link *link)
{
    return link->control != NULL;
}
