#include "api/node_links.h"

#include "api/api.h"
#include "api/authz_node.h"
#include "core/map.h"
#include "core/net/splice.h"
#include "core/trace.h"

#define PREFIX "/coracle/v1/nodes/"
#define PROTOCOL "coracle-link"
#define LOOK_AGAIN_US INT64_C(10000000)

struct node_links {
    struct api *api;
    struct map links;      /* By node: struct node_link. */
    struct list splices;
    struct list users;     /* Calls that are under way. */
    struct nodes_in_process in_process;
    struct timer look_again; /* While somebody was told to keep. */
    bool is_stopped;
};

struct node_link {
    struct node_links *links;
    char *node;
    struct stream *control; /* NULL: the agent is not connected. */
    struct http_connector connector;
    struct http_client *http;
    struct list asked;      /* Connections that were asked for, the oldest first. */
    bool was_told_to_keep;
};

struct asked { /* A connection that somebody waits for. */
    struct list link;
    struct node_link *owner;
    struct timer timer;
    struct message turn;   /* In this process: it is there already. */
    bool is_turn_posted;
    dial_done_fn *done;
    void *context;
};

/* --- Asking for connections --- */

static void forget(struct asked *asked)
{
    list_remove(&asked->link);
    timer_stop(&asked->timer);
    if (!asked->is_turn_posted)
        mem_free(asked);
    else
        asked->done = NULL; /* Freed by its turn. */
}

static void give(struct asked *asked, struct stream *stream, const struct status *status)
{
    dial_done_fn *done = asked->done;
    void *context = asked->context;
    PRE(done != NULL); /* What was forgotten is in no list and has no timer. */
    forget(asked);
    done(context, stream, status);
}

static void refuse(struct asked *asked, enum status_reason reason, const char *why)
{
    struct status status;
    status_init(&status);
    status_fail(&status, reason, "node \"%s\" %s", asked->owner->node, why);
    give(asked, NULL, &status);
    status_release(&status);
}

static void time_over(struct timer *timer)
{
    refuse(CONTAINER_OF(timer, struct asked, timer), STATUS_TIMEOUT, "did not connect in time");
}

static void take_turn(struct message *message)
{
    struct asked *asked = CONTAINER_OF(message, struct asked, turn);
    struct node_links *links = asked->owner->links;
    asked->is_turn_posted = false;
    if (!asked->done) {
        mem_free(asked);
        return;
    }
    struct slice node = slice_of(asked->owner->node);
    if (!asked->owner->control && links->in_process.has &&
        links->in_process.has(links->in_process.context, node)) {
        struct status status;
        status_init(&status);
        give(asked, links->in_process.connect(links->in_process.context, node), &status);
        status_release(&status);
    } else if (!asked->owner->control) {
        refuse(asked, STATUS_SERVICE_UNAVAILABLE, "is not connected");
    }
}

static void *ask(void *context, int64_t timeout_us, dial_done_fn *done, void *done_context)
{
    struct node_link *link = context;
    struct asked *asked = mem_alloc(sizeof(*asked));
    asked->owner = link;
    asked->done = done;
    asked->context = done_context;
    timer_init(&asked->timer, link->links->api->loop, time_over);
    timer_start_us(&asked->timer, timeout_us);
    list_push_back(&link->asked, &asked->link);
    if (link->control) {
        stream_write(link->control, SLICE("dial\n"));
        return asked;
    }
    asked->turn.deliver = take_turn;
    asked->is_turn_posted = true;
    loop_post(link->links->api->loop, &asked->turn);
    return asked;
}

static void stop_asking(void *context, void *asked)
{
    (void)context;
    forget(asked);
}

/* --- Links --- */

static struct node_link *find_link(struct node_links *links, struct slice node)
{
    struct node_link *link = map_get(&links->links, node);
    if (link)
        return link;
    link = mem_alloc(sizeof(*link));
    link->links = links;
    link->node = mem_copy_slice(node);
    list_init(&link->asked);
    link->connector = (struct http_connector){ask, stop_asking, link};
    struct http_client_options options = {
        .address = "/", /* For the Host header alone: localhost. */
        .connector = &link->connector,
    };
    link->http = http_client_open(links->api->loop, &options);
    map_set(&links->links, node, link);
    return link;
}

static void lose_control(struct node_link *link)
{
    if (!link->control)
        return;
    stream_set_handler(link->control, NULL, NULL);
    stream_close(link->control);
    link->control = NULL;
    while (!list_is_empty(&link->asked))
        refuse(CONTAINER_OF(link->asked.next, struct asked, link), STATUS_SERVICE_UNAVAILABLE,
               "has gone");
}

static void control_read(void *context, struct slice data)
{
    (void)context; /* An agent has nothing to say here. */
    (void)data;
}

static void control_ended(void *context)
{
    struct node_link *link = context;
    log_line(LOG_INFO, "an agent has gone", "node=%s", link->node);
    lose_control(link);
}

static void control_broke(void *context, const char *why)
{
    struct node_link *link = context;
    log_line(LOG_INFO, "an agent is cut off", "node=%s why=\"%s\"", link->node, why);
    lose_control(link);
}

static const struct stream_handler control_handler = {
    .on_read = control_read, .on_end = control_ended, .on_error = control_broke};

static void tell_unknown(struct node_link *link)
{
    struct node_links *links = link->links;
    bool must_keep = store_is_lossy(links->api->store);
    stream_write(link->control, must_keep ? SLICE("keep\n") : SLICE("go\n"));
    link->was_told_to_keep = must_keep;
    if (must_keep && !timer_is_running(&links->look_again))
        timer_start_us(&links->look_again, LOOK_AGAIN_US);
}

static void look_again(struct timer *timer)
{
    struct node_links *links = CONTAINER_OF(timer, struct node_links, look_again);
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&links->links, &cursor, &entry)) {
        struct node_link *link = entry.value;
        if (link->control && link->was_told_to_keep)
            tell_unknown(link);
    }
}

static void begin_control(struct node_link *link, struct stream *stream)
{
    lose_control(link); /* An agent that was cut off and has come back. */
    link->control = stream;
    stream_set_handler(stream, &control_handler, link);
    stream_read_start(stream);
    log_line(LOG_INFO, "an agent is connected", "node=%s from=%s", link->node,
             stream->peer.address);
    tell_unknown(link);
}

static void take_connection(struct node_link *link, struct stream *stream)
{
    if (list_is_empty(&link->asked)) {
        stream_close(stream); /* Whoever wanted it has gone. */
        return;
    }
    struct status status;
    status_init(&status);
    give(CONTAINER_OF(link->asked.next, struct asked, link), stream, &status);
    status_release(&status);
}

/* --- The route --- */

struct link_upgrade {
    struct reply_upgrade upgrade;
    struct node_links *links;
    struct slice node;
    bool is_control;
};

static void take(struct reply_upgrade *upgrade, struct stream *stream, struct slice early)
{
    struct link_upgrade *own = CONTAINER_OF(upgrade, struct link_upgrade, upgrade);
    (void)early; /* An agent waits to be spoken to. */
    if (!stream)
        return;
    if (own->links->is_stopped)
        stream_close(stream);
    else if (own->is_control)
        begin_control(find_link(own->links, own->node), stream);
    else
        take_connection(find_link(own->links, own->node), stream);
}

static int check_request(struct request *request, struct slice node, struct slice what)
{
    struct slice own;
    if (node.size == 0 || (!slice_is(what, "control") && !slice_is(what, "connection")))
        return status_fail(&request->status, STATUS_NOT_FOUND,
                           "the server could not find the requested resource");
    bool is_self = user_is_node(request->user, &own) && slice_equal(own, node);
    if (!is_self && !user_in_group(request->user, "system:masters"))
        return status_fail(&request->status, STATUS_FORBIDDEN,
                           "forbidden: only node \"" SLICE_FORMAT "\" may open its link",
                           SLICE_ARGS(node));
    if (!http_header_has(request->headers, "Upgrade", PROTOCOL))
        return status_fail(&request->status, STATUS_BAD_REQUEST,
                           "this path is for Upgrade: " PROTOCOL);
    return 0;
}

void node_links_serve(struct api *api, struct request *request)
{
    struct slice what = slice_sub(slice_of(request->info.path), strlen(PREFIX), SIZE_MAX), node;
    slice_split(&what, '/', &node);
    if (check_request(request, node, what)) {
        request_fail(request);
        return;
    }
    struct link_upgrade *own = ARENA_NEW(&request->arena, struct link_upgrade);
    *own = (struct link_upgrade){{take}, api->links, node, slice_is(what, "control")};
    request->reply.code = 101;
    request_add_header(request, "Connection", "Upgrade");
    request_add_header(request, "Upgrade", PROTOCOL);
    request->reply.upgrade = &own->upgrade;
    request_reply(request);
}

/* --- For those who ask --- */

struct http_client *node_links_client(struct node_links *links, struct slice node)
{
    struct node_link *link = map_get(&links->links, node);
    if (links->is_stopped)
        return NULL;
    if (link && link->control)
        return link->http;
    if (links->in_process.has && links->in_process.has(links->in_process.context, node))
        return find_link(links, node)->http;
    return NULL;
}

struct list *node_links_splices(struct node_links *links)
{
    return &links->splices;
}

void node_links_join(struct node_links *links, struct node_links_user *user)
{
    list_push_back(&links->users, &user->link);
}

void node_links_set_in_process(struct node_links *links, const struct nodes_in_process *nodes)
{
    links->in_process = *nodes;
}

/* --- Life --- */

struct node_links *node_links_create(struct api *api)
{
    struct node_links *links = mem_alloc(sizeof(*links));
    links->api = api;
    map_init(&links->links);
    list_init(&links->splices);
    list_init(&links->users);
    timer_init(&links->look_again, api->loop, look_again);
    return links;
}

void node_links_stop(struct node_links *links)
{
    size_t cursor = 0;
    struct map_entry entry;
    if (links->is_stopped)
        return;
    links->is_stopped = true;
    links->in_process = (struct nodes_in_process){0};
    timer_stop(&links->look_again);
    splice_close_all(&links->splices);
    while (!list_is_empty(&links->users)) {
        struct node_links_user *user =
            CONTAINER_OF(links->users.next, struct node_links_user, link);
        list_remove(&user->link);
        user->stopped(user);
    }
    while (map_next(&links->links, &cursor, &entry)) {
        struct node_link *link = entry.value;
        lose_control(link);
        while (!list_is_empty(&link->asked))
            refuse(CONTAINER_OF(link->asked.next, struct asked, link), STATUS_SERVICE_UNAVAILABLE,
                   "cannot be reached: the server stops");
        http_client_close(link->http); /* Those that are kept for the next call. */
    }
}

void node_links_destroy(struct node_links *links)
{
    size_t cursor = 0;
    struct map_entry entry;
    if (!links)
        return;
    node_links_stop(links);
    while (map_next(&links->links, &cursor, &entry)) {
        struct node_link *link = entry.value;
        mem_free(link->node);
        mem_free(link);
    }
    map_release(&links->links);
    mem_free(links);
}
