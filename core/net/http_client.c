/* How a call goes:
 *   1. An idle connection is taken, or one is opened; the request is written.
 *   2. The response's head comes, then its body, then the call is over and the
 *      connection idle, or closed when it cannot be used again.
 * What goes wrong:
 *   - The dial, the handshake or the stream fails, or time is over: on_error.
 *   - A connection that had been idle breaks before it has answered: the server
 *     closed it while the request was under way; the call is made again.
 * A connection and its call point at each other; either may go first. */
#include "core/net/http_client_private.h"

#include "core/net/address.h"
#include "core/phase.h"

#define HEAD_SIZE_MAX (256 * 1024)
#define HEADER_COUNT_MAX 256
#define SECOND INT64_C(1000000)

static const struct phase phases[] = {
    [DIALLING] = {"dialling", TO(BUSY) | TO(CLOSED)},
    [BUSY] = {"busy", TO(IDLE) | TO(CLOSED)},
    [IDLE] = {"idle", TO(BUSY) | TO(CLOSED)},
    [CLOSED] = {"closed", 0},
};

static void dial_done(void *context, struct stream *stream, const struct status *status);

/* --- Connections --- */

static void free_connection_if_done(struct client_connection *connection)
{
    if (connection->phase != CLOSED || connection->stream || connection->turn_posted ||
        connection->reading)
        return;
    http_parser_release(&connection->parser);
    buffer_release(&connection->input);
    mem_free(connection);
}

static void stop_asking(struct client_connection *connection)
{
    const struct http_connector *connector = connection->client->options.connector;
    if (connection->asked)
        connector->close(connector->context, connection->asked);
    connection->asked = NULL;
    dial_close(connection->dial);
    connection->dial = NULL;
}

void http_client_drop(struct client_connection *connection)
{
    phase_move(phases, &connection->phase, CLOSED);
    timer_stop(&connection->idle_timer);
    list_remove(&connection->link);
    if (connection->client->idle == connection)
        connection->client->idle = NULL;
    if (connection->call)
        connection->call->connection = NULL;
    stop_asking(connection);
    connection->call = NULL;
    connection->client = NULL;
    if (connection->stream)
        stream_close(connection->stream);
    free_connection_if_done(connection);
}

static void idle_over(struct timer *timer)
{
    http_client_drop(CONTAINER_OF(timer, struct client_connection, idle_timer));
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

static struct client_connection *open_connection(struct http_client *client)
{
    struct client_connection *connection = mem_alloc(sizeof(*connection));
    connection->client = client;
    connection->phase = DIALLING;
    connection->turn.deliver = take_turn;
    timer_init(&connection->idle_timer, client->loop, idle_over);
    http_parser_init(&connection->parser, false, HEAD_SIZE_MAX, HEADER_COUNT_MAX);
    list_push_back(&client->connections, &connection->link);
    const struct http_client_options *options = &client->options;
    const struct http_connector *connector = options->connector;
    if (connector)
        connection->asked =
            connector->open(connector->context, options->connect_timeout_us, dial_done, connection);
    else
        connection->dial = dial_open(client->loop, options->address, options->connect_timeout_us,
                                     dial_done, connection);
    return connection;
}

static void write_request(struct client_connection *connection)
{
    struct http_call *call = connection->call;
    connection->heard = false;
    connection->parser.to_head_request = call->is_head;
    stream_read_start(connection->stream);
    stream_write(connection->stream, buffer_slice(&call->request));
    if (!call->repeatable)
        buffer_release(&call->request);
}

void http_client_assign(struct http_call *call)
{
    struct client_connection *connection = call->client->idle;
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
static void lose(struct client_connection *connection, enum status_reason reason, const char *why)
{
    struct http_call *call = connection->call;
    bool again =
        call && connection->was_idle && call->repeatable && !call->answered && !connection->heard;
    http_client_drop(connection);
    if (again)
        http_client_assign(call);
    else if (call)
        http_call_fail(call, reason, why);
}

static void settle(struct client_connection *connection)
{
    struct http_client *client = connection->client;
    bool usable = connection->parser.response.keep_alive && !connection->peer_ended &&
                  connection->input_used == connection->input.size && !client->idle;
    connection->call = NULL;
    if (!usable) {
        http_client_drop(connection);
        return;
    }
    phase_move(phases, &connection->phase, IDLE);
    client->idle = connection;
    stream_read_start(connection->stream); /* To notice when the server closes it. */
    timer_start_us(&connection->idle_timer, client->options.idle_timeout_us);
}

/* --- Reading --- */

static bool has_input(const struct client_connection *connection)
{
    return connection->input_used < connection->input.size;
}

void http_client_follow_reading(struct client_connection *connection)
{
    PRE(connection->call != NULL);
    if (connection->call->paused || connection->call->upgrading)
        stream_read_stop(connection->stream);
    else
        stream_read_start(connection->stream);
}

static void message_ended(struct client_connection *connection)
{
    struct http_call *call = connection->call;
    if (!call->answered || call->upgrading) /* Of a 100 Continue, or of the message before. */
        return;
    if (call->streams) /* Answered before the request was complete. */
        connection->parser.response.keep_alive = false;
    settle(connection);
    call->handler->on_end(call->context);
    http_call_free(call);
}

static void head_came(struct client_connection *connection)
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

static void read_event(struct client_connection *connection)
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
static void finish(struct client_connection *connection)
{
    struct http_call *call = connection->call;
    if (connection->phase == BUSY && call->answered &&
        http_parser_finish(&connection->parser) == HTTP_EVENT_END)
        message_ended(connection);
    else
        lose(connection, STATUS_SERVICE_UNAVAILABLE, "unexpected EOF");
}

static bool may_read(const struct client_connection *connection)
{
    return connection->phase == BUSY && connection->call && !connection->call->paused &&
           !connection->call->upgrading;
}

static void read_input(struct client_connection *connection)
{
    connection->reading = true;
    while (has_input(connection) && may_read(connection))
        read_event(connection);
    if (connection->phase == IDLE && has_input(connection))
        http_client_drop(connection); /* Nobody asked. */
    if (!has_input(connection)) {
        buffer_release(&connection->input);
        connection->input_used = 0;
        if (connection->peer_ended && (connection->phase == IDLE || may_read(connection)))
            finish(connection);
    }
    if (connection->phase == BUSY)
        http_client_follow_reading(connection);
    connection->reading = false;
    free_connection_if_done(connection);
}

static void take_turn(struct message *turn)
{
    struct client_connection *connection = CONTAINER_OF(turn, struct client_connection, turn);
    connection->turn_posted = false;
    if (connection->phase == CLOSED)
        free_connection_if_done(connection);
    else
        read_input(connection);
}

static void on_read(void *context, struct slice data)
{
    struct client_connection *connection = context;
    connection->heard = true;
    buffer_append_slice(&connection->input, data);
    read_input(connection);
}

static void on_end(void *context)
{
    struct client_connection *connection = context;
    connection->peer_ended = true;
    read_input(connection);
}

static void on_drain(void *context)
{
    struct http_call *call = ((struct client_connection *)context)->call;
    if (call && call->handler->on_drain)
        call->handler->on_drain(call->context, call);
}

static void on_error(void *context, const char *why)
{
    struct client_connection *connection = context;
    lose(connection, STATUS_SERVICE_UNAVAILABLE, why);
}

static void on_close(void *context)
{
    struct client_connection *connection = context;
    connection->stream = NULL;
    free_connection_if_done(connection);
}

static const struct stream_handler handler = {on_read, on_end, on_drain, on_error, on_close};

static void dial_done(void *context, struct stream *stream, const struct status *status)
{
    struct client_connection *connection = context;
    const struct http_client_options *options = &connection->client->options;
    connection->dial = NULL;
    connection->asked = NULL;
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
    LIST_EACH(link, &client->connections) {
        struct client_connection *connection = CONTAINER_OF(link, struct client_connection, link);
        struct http_call *call = connection->call;
        http_client_drop(connection);
        if (call)
            http_call_free(call);
    }
    tls_config_unref(client->options.tls);
    mem_free((char *)client->options.address);
    mem_free((char *)client->options.host);
    mem_free(client);
}
