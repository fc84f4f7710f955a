#include "tests/bench/load.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/net/dial.h"

enum part { IDLE, HEAD, BODY, CHUNK_HEAD, CHUNK, CHUNK_END };

struct connection {
    struct load *load;
    struct stream *stream;
    int number;
    enum part part;
    bool is_head_done;   /* Of the first reply. */
    bool is_last_chunk;
    int64_t left;        /* Of a body or chunk. */
    int64_t began_us;
    struct buffer line;  /* A head, or a chunk's size, while it is not whole. */
};

struct load {
    struct load_options options;
    struct loop *loop;
    struct connection *connections;
    int connected;
    int heads;
    int busy;
    int64_t next;
    int64_t end_us;
    struct load_result result;
    struct samples *samples;
    struct buffer request;
    struct timer pace;
    int64_t begun_us;
    int64_t paced;
};

static int64_t now_us(void)
{
    return clock_steady_us(clock_real());
}

static _Noreturn void give_up(const char *what, struct slice text)
{
    fprintf(stderr, "bench: %s: " SLICE_FORMAT "\n", what, SLICE_ARGS(text));
    exit(1);
}

static void begin(struct connection *connection)
{
    struct load *load = connection->load;
    buffer_clear(&load->request);
    load->options.make(load->options.context, load->next++, &load->request);
    connection->part = HEAD;
    connection->began_us = now_us();
    load->busy++;
    load->result.begun++;
    stream_write(connection->stream, buffer_slice(&load->request));
}

static void replied(struct connection *connection)
{
    struct load *load = connection->load;
    int64_t time_us = now_us();
    connection->part = IDLE;
    load->busy--;
    if (time_us < load->end_us) {
        load->result.replies++;
        if (load->samples)
            samples_add(load->samples, (double)(time_us - connection->began_us) / 1e6);
        if (load->options.per_second <= 0)
            begin(connection);
    } else if (load->busy == 0) {
        loop_stop(load->loop);
    }
}

/* --- Reading replies --- */

static struct slice header(struct slice head, const char *name)
{
    const char *at = memmem(head.data, head.size, name, strlen(name));
    if (!at)
        return (struct slice){0};
    at += strlen(name);
    const char *end = memchr(at, '\r', (size_t)(head.data + head.size - at));
    return (struct slice){at, end ? (size_t)(end - at) : 0};
}

static void head_came(struct connection *connection, struct slice head)
{
    struct load *load = connection->load;
    int64_t size;
    if (head.size < 12 || atoi(head.data + 9) != load->options.code)
        give_up("unexpected reply", head);
    if (!connection->is_head_done && ++load->heads == load->options.connections &&
        load->end_us == INT64_MAX)
        loop_stop(load->loop);
    connection->is_head_done = true;
    if (slice_to_int64(header(head, "\r\nContent-Length: "), &size)) {
        connection->left = size;
        connection->part = BODY;
    } else {
        connection->part = CHUNK_HEAD;
    }
}

/* Gives how much of data belongs to a line that ends with `end`, and whether it is whole. */
static size_t gather(struct connection *connection, struct slice data, const char *end, bool *whole)
{
    struct buffer *line = &connection->line;
    size_t end_size = strlen(end);
    size_t before = line->size;
    buffer_append_slice(line, slice_sub(data, 0, 16 * 1024));
    size_t from = before > end_size ? before - end_size : 0;
    const char *at = memmem(line->data + from, line->size - from, end, end_size);
    *whole = at != NULL;
    if (at)
        line->size = (size_t)(at - line->data) + end_size;
    return line->size - before;
}

static size_t take_head(struct connection *connection, struct slice data)
{
    bool whole;
    size_t used = gather(connection, data, "\r\n\r\n", &whole);
    if (whole) {
        buffer_append_byte(&connection->line, '\0');
        connection->line.size--;
        head_came(connection, buffer_slice(&connection->line));
        buffer_clear(&connection->line);
    }
    return used;
}

static size_t take_chunk_head(struct connection *connection, struct slice data)
{
    bool whole;
    size_t used = gather(connection, data, "\r\n", &whole);
    if (whole) {
        connection->left = strtoll(connection->line.data, NULL, 16);
        connection->is_last_chunk = connection->left == 0;
        connection->part = connection->is_last_chunk ? CHUNK_END : CHUNK;
        buffer_clear(&connection->line);
    }
    return used;
}

static size_t take_chunk_end(struct connection *connection, struct slice data)
{
    bool whole;
    size_t used = gather(connection, data, "\r\n", &whole);
    if (whole) {
        buffer_clear(&connection->line);
        if (connection->is_last_chunk)
            replied(connection);
        else
            connection->part = CHUNK_HEAD;
    }
    return used;
}

static size_t take_bytes(struct connection *connection, struct slice data)
{
    struct load *load = connection->load;
    size_t size = (int64_t)data.size < connection->left ? data.size : (size_t)connection->left;
    if (load->options.on_body && size > 0)
        load->options.on_body(load->options.context, connection->number, slice_sub(data, 0, size));
    load->result.bytes += (int64_t)size;
    connection->left -= (int64_t)size;
    if (connection->left > 0)
        return size;
    if (connection->part == CHUNK)
        connection->part = CHUNK_END;
    else
        replied(connection);
    return size;
}

static size_t take(struct connection *connection, struct slice data)
{
    switch (connection->part) {
    case HEAD: return take_head(connection, data);
    case CHUNK_HEAD: return take_chunk_head(connection, data);
    case CHUNK_END: return take_chunk_end(connection, data);
    case BODY:
    case CHUNK: return take_bytes(connection, data);
    case IDLE: break;
    }
    give_up("bytes that nobody asked for", data);
}

static void on_read(void *context, struct slice data)
{
    struct connection *connection = context;
    while (data.size > 0 || (connection->part == BODY && connection->left == 0))
        data = slice_sub(data, take(connection, data), data.size);
}

static void on_end(void *context)
{
    (void)context;
    give_up("the server ended a connection", SLICE(""));
}

static void on_error(void *context, const char *why)
{
    (void)context;
    give_up("connection", slice_of(why));
}

static const struct stream_handler handler = {
    .on_read = on_read, .on_end = on_end, .on_error = on_error};

/* --- Life --- */

static void dial_next(struct load *load);

static void dialled(void *context, struct stream *stream, const struct status *status)
{
    struct load *load = context;
    if (!stream)
        give_up("dial", slice_of(status->message));
    struct connection *connection = &load->connections[load->connected];
    *connection = (struct connection){.load = load, .number = load->connected, .stream = stream};
    load->connected++;
    if (load->options.tls)
        connection->stream = tls_open_client(load->options.tls, stream, "127.0.0.1");
    stream_set_handler(connection->stream, &handler, connection);
    stream_read_start(connection->stream);
    dial_next(load);
}

static void dial_next(struct load *load)
{
    static const int64_t timeout_us = 30000000;
    if (load->connected == load->options.connections)
        loop_stop(load->loop);
    else
        dial_open(load->loop, load->options.address, timeout_us, dialled, load);
}

static void paced(struct timer *timer)
{
    struct load *load = CONTAINER_OF(timer, struct load, pace);
    int64_t time_us = now_us();
    double due = (double)(time_us - load->begun_us) / 1e6 * load->options.per_second;
    for (int i = 0; i < load->options.connections && (double)load->paced < due; i++) {
        struct connection *connection = &load->connections[i];
        if (connection->part != IDLE)
            continue;
        load->paced++;
        begin(connection);
    }
    if (time_us < load->end_us)
        timer_start_us(timer, 1000);
    else if (load->busy == 0)
        loop_stop(load->loop);
}

struct load *load_open(const struct load_options *options)
{
    struct load *load = mem_alloc(sizeof(*load));
    load->options = *options;
    load->loop = loop_create(1);
    load->connections = mem_alloc((size_t)options->connections * sizeof(struct connection));
    timer_init(&load->pace, load->loop, paced);
    dial_next(load);
    loop_run(load->loop);
    return load;
}

static void start_all(struct load *load)
{
    load->begun_us = now_us();
    load->paced = 0;
    if (load->options.per_second > 0) {
        timer_start_us(&load->pace, 0);
        return;
    }
    for (int i = 0; i < load->options.connections; i++)
        begin(&load->connections[i]);
}

struct load_result load_run(struct load *load, double seconds, struct samples *samples)
{
    load->result = (struct load_result){.seconds = seconds};
    load->samples = samples;
    load->end_us = now_us() + (int64_t)(seconds * 1e6);
    start_all(load);
    loop_run(load->loop);
    return load->result;
}

void load_start(struct load *load)
{
    load->end_us = INT64_MAX;
    start_all(load);
    loop_run(load->loop);
}

struct loop *load_loop(struct load *load)
{
    return load->loop;
}

void load_close(struct load *load)
{
    for (int i = 0; i < load->options.connections; i++) {
        stream_close(load->connections[i].stream);
        buffer_release(&load->connections[i].line);
    }
    loop_destroy(load->loop);
    buffer_release(&load->request);
    mem_free(load->connections);
    mem_free(load);
}
