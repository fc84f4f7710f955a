/* How long a connection waits, and for what. One timer stands for all of it:
 * it may fire too early, which costs a look, but never too late. */
#include "core/net/http_connection.h"

#define LINGER_US INT64_C(2000000)
#define BODY_BYTES_PER_SECOND_MIN 1024 /* Of a collected body, after its first timeout. */

static int64_t body_deadline_us(const struct http_connection *connection)
{
    int64_t earned_us = 0;
    if (connection->body_state != BODY_STREAMED)
        earned_us = connection->body_bytes * 1000000 / BODY_BYTES_PER_SECOND_MIN;
    return connection->since_us + connection->server->options.body_timeout_us + earned_us;
}

static int64_t reading_deadline_us(const struct http_connection *connection)
{
    const struct http_server_options *options = &connection->server->options;
    switch (connection->phase) {
    case READING_HEAD:
        if (connection->parser.in_head) /* Of the first request, or begun. */
            return connection->since_us + options->head_timeout_us;
        return connection->since_us + options->idle_timeout_us;
    case HANDLING:
        return http_connection_wants_body(connection) ? body_deadline_us(connection) : INT64_MAX;
    case DROPPING: return body_deadline_us(connection);
    case LINGERING:
        return stream_pending(connection->stream) > 0 ? INT64_MAX
                                                      : connection->since_us + LINGER_US;
    default: return INT64_MAX;
    }
}

static int64_t deadline_us(const struct http_connection *connection)
{
    int64_t reading_us = reading_deadline_us(connection);
    if (connection->gone || stream_pending(connection->stream) == 0)
        return reading_us;
    int64_t writing_us = connection->taken_us + connection->server->options.write_timeout_us;
    return writing_us < reading_us ? writing_us : reading_us;
}

void http_connection_arm(struct http_connection *connection)
{
    int64_t due_us = deadline_us(connection);
    if (due_us == INT64_MAX)
        return;
    if (!timer_is_running(&connection->timer) || connection->timer.due_us > due_us)
        timer_start_us(&connection->timer, due_us - http_connection_now_us(connection));
}

void http_connection_note_progress(struct http_connection *connection)
{
    uint64_t taken = connection->given - stream_pending(connection->stream);
    if (taken == connection->taken)
        return;
    connection->taken = taken;
    connection->taken_us = http_connection_now_us(connection);
}

void http_connection_time_over(struct timer *timer)
{
    struct http_connection *connection = CONTAINER_OF(timer, struct http_connection, timer);
    http_connection_note_progress(connection);
    if (deadline_us(connection) <= http_connection_now_us(connection))
        http_connection_lose(connection);
    else
        http_connection_arm(connection);
}
