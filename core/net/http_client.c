/* How a call goes:
 *   1. An idle connection is taken, or one is opened; the request is written.
 *   2. The response's head comes, then its body, then the call is over and the
 *      connection idle, or closed when it cannot be used again.
 * What goes wrong:
 *   - The dial, the handshake or the stream fails, or time is over: on_error.
 *   - A connection that had been idle breaks before it has answered: the server
 *     closed it while the request was under way; the call is made again.
 * A connection and its call point at each other; either may go first. */
#include "core/net/http_client.h"

#include "core/net/address.h"
#include "core/net/dial.h"
#include "core/net/http_parser.h"
#include "core/phase.h"

#define HEAD_SIZE_MAX (256 * 1024)
#define HEADER_COUNT_MAX 256
#define SECOND INT64_C(1000000)

enum { DIALLING, BUSY, IDLE, CLOSED };

static const struct phase phases[] = {
    [DIALLING] = {"dialling", TO(BUSY) | TO(CLOSED)},
    [BUSY] = {"busy", TO(IDLE) | TO(CLOSED)},
    [IDLE] = {"idle", TO(BUSY) | TO(CLOSED)},
    [CLOSED] = {"closed", 0},
};

struct http_client {
    struct loop *loop;
    struct http_client_options options; /* Its texts are ours. */
    struct list connections;
    struct connection *idle;            /* At most one. */
};

struct connection {
    struct http_client *client; /* NULL when the client has closed. */
    struct list link;
    int phase;
    struct dial *dial;
    struct stream *stream;
    struct http_parser parser;
    struct http_call *call;     /* NULL when idle or closed. */
    struct buffer input;        /* Come and not parsed, from input_used on. */
    size_t input_used;
    struct timer idle_timer;
    struct message turn;        /* Reads on after a pause. */
    bool turn_posted;
    bool reading;               /* read_input() runs. */
    bool was_idle;              /* This call is not its first, */
    bool heard;                 /* and bytes have come since it began. */
    bool peer_ended;
};

struct http_call {
    struct http_client *client;
    struct connection *connection;
    const struct http_call_handler *handler;
    void *context;
    char *name;             /* "GET /path", for errors. */
    struct buffer request;  /* What is to be written once there is a connection, */
    bool repeatable;        /* and what to write again. */
    bool is_head;
    bool streams;           /* http_call_end() has not been called. */
    bool paused;
    bool answered;          /* on_response was called. */
    bool upgrading;         /* The response is 101. */
    struct timer timer;
};

static void dial_done(void *context, struct stream *stream, const struct status *status);

/* --- Connections --- */

static void free_connection_if_done(struct connection *connection)
{
    if (connection->phase != CLOSED || connection->stream || connection->turn_posted
        || connection->reading)
        return;
    http_parser_release(&connection->parser);
    buffer_release(&connection->input);
    mem_free(connection);
}

/* Parts from call and client; the memory goes when the stream has. */
static void close_connection(struct connection *connection)
{
    phase_move(phases, &connection->phase, CLOSED);
    timer_stop(&connection->idle_timer);
    list_remove(&connection->link);
    if (connection->client->idle == connection)
        connection->client->idle = NULL;
    if (connection->call)
        connection->call->connection = NULL;
    connection->call = NULL;
    connection->client = NULL;
    dial_close(connection->dial);
    connection->dial = NULL;
    if (connection->stream)
        stream_close(connection->stream);
    free_connection_if_done(connection);
}

static void free_call(struct http_call *call)
{
    timer_stop(&call->timer);
    buffer_release(&call->request);
    mem_free(call->name);
    mem_free(call);
}

/* Ends the call with an error. The connection has been closed. */
static void fail_call(struct http_call *call, enum status_reason reason, const char *why)
{
    struct status status;
    status_init(&status);
    status_fail(&status, reason, "%s: %s", call->name, why);
    call->handler->on_error(call->context, &status);
    status_release(&status);
    free_call(call);
}

static void idle_over(struct timer *timer)
{
    close_connection(CONTAINER_OF(timer, struct connection, idle_timer));
}

static void take_turn(struct message *turn);

/* The host of an address as its owner: "[::1]:80" gives "::1". */
static char *host_of(const char *address)
{
    struct slice host = {0};
    struct status status;
    uint16_t port;
    status_init(&status);
    if (address[0] == '/' || address_split(address, &host, &port, &status) || host.size == 0)
        host = SLICE("localhost");
    status_release(&status);
    return mem_copy_slice(host);
}

static struct connection *open_connection(struct http_client *client)
{
    struct connection *connection = mem_alloc(sizeof(*connection));
    connection->client = client;
    connection->phase = DIALLING;
    connection->turn.deliver = take_turn;
    timer_init(&connection->idle_timer, client->loop, idle_over);
    http_parser_init(&connection->parser, false, HEAD_SIZE_MAX, HEADER_COUNT_MAX);
    list_push_back(&client->connections, &connection->link);
    connection->dial = dial_open(client->loop, client->options.address,
                                 client->options.connect_timeout_us, dial_done, connection);
    return connection;
}

static void write_request(struct connection *connection)
{
    struct http_call *call = connection->call;
    connection->heard = false;
    connection->parser.to_head_request = call->is_head;
    stream_read_start(connection->stream);
    stream_write(connection->stream, buffer_slice(&call->request));
    if (!call->repeatable)
        buffer_release(&call->request);
}

static void assign(struct http_call *call)
{
    struct connection *connection = call->client->idle;
    call->client->idle = NULL;
    if (!connection)
        connection = open_connection(call->client);
    connection->call = call;
    call->connection = connection;
    if (connection->phase != IDLE)
        return; /* dial_done() goes on. */
    timer_stop(&connection->idle_timer);
    connection->was_idle = true;
    phase_move(phases, &connection->phase, BUSY);
    write_request(connection);
}

/* The connection is of no more use; its call may be made again. */
static void lose(struct connection *connection, enum status_reason reason, const char *why)
{
    struct http_call *call = connection->call;
    bool again = call && connection->was_idle && call->repeatable && !call->answered
              && !connection->heard;
    close_connection(connection);
    if (again)
        assign(call);
    else if (call)
        fail_call(call, reason, why);
}

static void settle(struct connection *connection)
{
    struct http_client *client = connection->client;
    bool usable = connection->parser.response.keep_alive && !connection->peer_ended
               && connection->input_used == connection->input.size && !client->idle;
    connection->call = NULL;
    if (!usable) {
        close_connection(connection);
        return;
    }
    phase_move(phases, &connection->phase, IDLE);
    client->idle = connection;
    stream_read_start(connection->stream); /* To notice when the server closes it. */
    timer_start_us(&connection->idle_timer, client->options.idle_timeout_us);
}

/* --- Reading --- */

static bool has_input(const struct connection *connection)
{
    return connection->input_used < connection->input.size;
}

/* What a paused call does not want stays with the server. */
static void follow_reading(struct connection *connection)
{
    if (connection->call->paused || connection->call->upgrading)
        stream_read_stop(connection->stream);
    else
        stream_read_start(connection->stream);
}

static void message_ended(struct connection *connection)
{
    struct http_call *call = connection->call;
    if (!call->answered || call->upgrading) /* Of a 100 Continue, or of the message before. */
        return;
    if (call->streams) /* Answered before the request was complete. */
        connection->parser.response.keep_alive = false;
    settle(connection);
    call->handler->on_end(call->context);
    free_call(call);
}

static void head_came(struct connection *connection)
{
    struct http_call *call = connection->call;
    const struct http_response *response = &connection->parser.response;
    if (response->code < 200 && response->code != 101)
        return;
    timer_stop(&call->timer);
    buffer_release(&call->request);
    call->answered = true;
    call->upgrading = response->code == 101;
    if (call->handler->on_response)
        call->handler->on_response(call->context, call, response);
    /* llhttp tells the end of a bodiless message with the next one's first byte. */
    if (connection->call == call && response->body_size == 0)
        message_ended(connection);
}

static void read_event(struct connection *connection)
{
    struct buffer *buffer = &connection->input;
    struct slice input = slice_sub(buffer_slice(buffer), connection->input_used, buffer->size);
    struct slice body;
    struct http_call *call = connection->call;
    enum http_event event = http_parser_feed(&connection->parser, &input, &body);
    connection->input_used = buffer->size - input.size;
    if (body.size > 0 && call->handler->on_data)
        call->handler->on_data(call->context, body);
    if (connection->call != call) /* Closed meanwhile. */
        return;
    if (event == HTTP_EVENT_HEAD)
        head_came(connection);
    else if (event == HTTP_EVENT_END)
        message_ended(connection);
    else if (event == HTTP_EVENT_BAD)
        lose(connection, STATUS_SERVICE_UNAVAILABLE, connection->parser.error);
}

/* The server has ended its side, and all that it sent is read. */
static void finish(struct connection *connection)
{
    struct http_call *call = connection->call;
    if (connection->phase == BUSY && call->answered
        && http_parser_finish(&connection->parser) == HTTP_EVENT_END)
        message_ended(connection);
    else
        lose(connection, STATUS_SERVICE_UNAVAILABLE, "unexpected EOF");
}

static bool may_read(const struct connection *connection)
{
    return connection->phase == BUSY && !connection->call->paused
        && !connection->call->upgrading;
}

static void read_input(struct connection *connection)
{
    connection->reading = true;
    while (has_input(connection) && may_read(connection))
        read_event(connection);
    if (connection->phase == IDLE && has_input(connection))
        close_connection(connection); /* Nobody asked. */
    if (!has_input(connection)) {
        buffer_release(&connection->input);
        connection->input_used = 0;
        if (connection->peer_ended && (connection->phase == IDLE || may_read(connection)))
            finish(connection);
    }
    if (connection->phase == BUSY)
        follow_reading(connection);
    connection->reading = false;
    free_connection_if_done(connection);
}

static void take_turn(struct message *turn)
{
    struct connection *connection = CONTAINER_OF(turn, struct connection, turn);
    connection->turn_posted = false;
    if (connection->phase == CLOSED)
        free_connection_if_done(connection);
    else
        read_input(connection);
}

static void on_read(void *context, struct slice data)
{
    struct connection *connection = context;
    connection->heard = true;
    buffer_append_slice(&connection->input, data);
    read_input(connection);
}

static void on_end(void *context)
{
    struct connection *connection = context;
    connection->peer_ended = true;
    read_input(connection);
}

static void on_drain(void *context)
{
    struct http_call *call = ((struct connection *)context)->call;
    if (call && call->handler->on_drain)
        call->handler->on_drain(call->context, call);
}

static void on_error(void *context, const char *why)
{
    struct connection *connection = context;
    lose(connection, STATUS_SERVICE_UNAVAILABLE, why);
}

static void on_close(void *context)
{
    struct connection *connection = context;
    connection->stream = NULL;
    free_connection_if_done(connection);
}

static const struct stream_handler handler = {on_read, on_end, on_drain, on_error, on_close};

static void dial_done(void *context, struct stream *stream, const struct status *status)
{
    struct connection *connection = context;
    const struct http_client_options *options = &connection->client->options;
    connection->dial = NULL;
    if (!stream) {
        lose(connection, status->reason, status->message);
        return;
    }
    if (options->tls)
        stream = tls_open_client(options->tls, stream, options->host);
    connection->stream = stream;
    stream_set_handler(stream, &handler, connection);
    phase_move(phases, &connection->phase, BUSY);
    write_request(connection);
}

/* --- The client --- */

struct http_client *http_client_open(struct loop *loop, const struct http_client_options *options)
{
    struct http_client *client = mem_alloc(sizeof(*client));
    struct http_client_options *own = &client->options;
    client->loop = loop;
    *own = *options;
    own->address = mem_copy_text(options->address);
    own->host = options->host ? mem_copy_text(options->host) : host_of(options->address);
    if (own->tls)
        tls_config_ref(own->tls);
    if (own->connect_timeout_us == 0)
        own->connect_timeout_us = 10 * SECOND;
    if (own->idle_timeout_us == 0)
        own->idle_timeout_us = 60 * SECOND;
    list_init(&client->connections);
    return client;
}

void http_client_close(struct http_client *client)
{
    if (!client)
        return;
    LIST_EACH (link, &client->connections) {
        struct connection *connection = CONTAINER_OF(link, struct connection, link);
        struct http_call *call = connection->call;
        close_connection(connection);
        if (call)
            free_call(call);
    }
    tls_config_unref(client->options.tls);
    mem_free((char *)client->options.address);
    mem_free((char *)client->options.host);
    mem_free(client);
}

/* --- Calls --- */

static void time_over(struct timer *timer)
{
    struct http_call *call = CONTAINER_OF(timer, struct http_call, timer);
    close_connection(call->connection);
    fail_call(call, STATUS_TIMEOUT, "no response in time");
}

static void write_head(struct http_call *call, const struct http_call_options *options)
{
    const struct http_client_options *server = &call->client->options;
    const char *port = server->address[0] == '/' ? NULL : strrchr(server->address, ':');
    bool bracket = strchr(server->host, ':') != NULL;
    struct buffer *request = &call->request;
    buffer_format(request, "%s %s HTTP/1.1\r\nHost: %s%s%s%s\r\n", options->method,
                  options->target, bracket ? "[" : "", server->host, bracket ? "]" : "",
                  port ? port : "");
    http_write_headers(options->headers, options->header_count, request);
    bool takes_body = strcmp(options->method, "GET") != 0 && strcmp(options->method, "HEAD") != 0;
    if (options->streams_body)
        buffer_append_text(request, "Transfer-Encoding: chunked\r\n");
    else if (options->body.size > 0 || takes_body)
        buffer_format(request, "Content-Length: %zu\r\n", options->body.size);
    buffer_append(request, "\r\n", 2);
    buffer_append_slice(request, options->body);
}

static bool is_idempotent(const char *method)
{
    static const char *const methods[] = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"};
    for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
        if (strcmp(method, methods[i]) == 0)
            return true;
    }
    return false;
}

struct http_call *http_call_open(struct http_client *client,
                                 const struct http_call_options *options,
                                 const struct http_call_handler *call_handler, void *context)
{
    struct http_call *call = mem_alloc(sizeof(*call));
    struct buffer name = {0};
    buffer_format(&name, "%s %s", options->method, options->target);
    call->client = client;
    call->handler = call_handler;
    call->context = context;
    call->name = buffer_take(&name);
    call->is_head = strcmp(options->method, "HEAD") == 0;
    call->streams = options->streams_body;
    call->repeatable = !options->streams_body && is_idempotent(options->method);
    timer_init(&call->timer, client->loop, time_over);
    write_head(call, options);
    assign(call);
    if (options->timeout_us > 0)
        timer_start_us(&call->timer, options->timeout_us);
    return call;
}

void http_call_close(struct http_call *call)
{
    if (!call)
        return;
    close_connection(call->connection);
    free_call(call);
}

static bool is_connected(const struct http_call *call)
{
    return call->connection->phase == BUSY;
}

void http_call_write(struct http_call *call, struct slice data)
{
    struct buffer chunk = {0};
    PRE(call->streams);
    if (data.size == 0)
        return;
    buffer_format(&chunk, "%zx\r\n", data.size);
    buffer_append_slice(&chunk, data);
    buffer_append(&chunk, "\r\n", 2);
    if (is_connected(call))
        stream_write(call->connection->stream, buffer_slice(&chunk));
    else
        buffer_append_slice(&call->request, buffer_slice(&chunk));
    buffer_release(&chunk);
}

size_t http_call_pending(const struct http_call *call)
{
    return is_connected(call) ? stream_pending(call->connection->stream) : call->request.size;
}

void http_call_end(struct http_call *call)
{
    PRE(call->streams);
    call->streams = false;
    if (is_connected(call))
        stream_write(call->connection->stream, SLICE("0\r\n\r\n"));
    else
        buffer_append_text(&call->request, "0\r\n\r\n");
}

void http_call_pause(struct http_call *call)
{
    call->paused = true;
    if (is_connected(call) && !call->connection->reading)
        follow_reading(call->connection);
}

void http_call_resume(struct http_call *call)
{
    struct connection *connection = call->connection;
    call->paused = false;
    if (!is_connected(call) || connection->reading || connection->turn_posted)
        return;
    connection->turn_posted = true;
    loop_post(call->client->loop, &connection->turn);
}

struct stream *http_call_upgrade(struct http_call *call, struct buffer *early)
{
    struct connection *connection = call->connection;
    struct stream *stream = connection->stream;
    PRE(call->upgrading);
    stream_read_stop(stream);
    buffer_clear(early);
    buffer_append(early, connection->input.data + connection->input_used,
                  connection->input.size - connection->input_used);
    connection->stream = NULL;
    stream_set_handler(stream, NULL, NULL);
    close_connection(connection);
    free_call(call);
    return stream;
}

const struct stream_peer *http_call_peer(const struct http_call *call)
{
    return &call->connection->stream->peer;
}
