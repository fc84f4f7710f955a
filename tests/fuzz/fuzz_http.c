/* Outside bytes as HTTP: the parser for both directions, in pieces that the
 * input itself chooses, and a whole server over memory.
 *
 * What must hold: no crash, no endless loop, and the pieces make no difference
 * to what is read. */
#include "core/net/http_parser.h"
#include "core/net/http_server.h"
#include "core/net/stream_pair.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All that a parser tells, as text. */
static struct buffer read_all(bool requests, struct slice input, size_t piece_max)
{
    struct http_parser parser;
    struct buffer told = {0}, bodies = {0};
    enum http_event event = HTTP_EVENT_MORE;
    http_parser_init(&parser, requests, 4096, 32);
    while (input.size > 0 && event != HTTP_EVENT_BAD) {
        struct slice piece = slice_sub(input, 0, piece_max), body;
        input = slice_sub(input, piece.size, input.size);
        do {
            event = http_parser_feed(&parser, &piece, &body);
            buffer_append_slice(&bodies, body);
            if (event == HTTP_EVENT_HEAD && requests)
                buffer_format(&told, SLICE_FORMAT "?" SLICE_FORMAT " %zu\n",
                              SLICE_ARGS(parser.request.path), SLICE_ARGS(parser.request.query),
                              parser.request.headers.count);
            if (event == HTTP_EVENT_END)
                buffer_format(&told, "end %zu\n", bodies.size);
        } while (event == HTTP_EVENT_HEAD || event == HTTP_EVENT_END);
    }
    if (event == HTTP_EVENT_BAD)
        buffer_append_text(&told, "bad");
    http_parser_release(&parser);
    buffer_release(&bodies);
    return told;
}

static void compare_pieces(bool requests, struct slice input, size_t piece_max)
{
    struct buffer whole = read_all(requests, input, SIZE_MAX);
    struct buffer pieces = read_all(requests, input, piece_max);
    PRE(slice_equal(buffer_slice(&whole), buffer_slice(&pieces)));
    buffer_release(&whole);
    buffer_release(&pieces);
}

static void got_body(struct http_exchange *exchange, enum http_body result, struct slice body)
{
    http_reply(exchange, result == HTTP_BODY_COMPLETE ? 200 : 400, NULL, 0, body);
}

static void handle(void *context, struct http_exchange *exchange)
{
    (void)context;
    if (exchange->request.path.size % 2 == 0)
        http_read_body(exchange, 100, got_body);
    else
        http_reply(exchange, 200, NULL, 0, SLICE("x"));
}

static void ignore(void *context, struct slice data)
{
    (void)context;
    (void)data;
}

static const struct stream_handler handler = {.on_read = ignore};

static void serve(struct slice input, size_t chunk_max)
{
    struct loop *loop = loop_create_simulated(1);
    struct http_server *server = http_server_open(loop, NULL, handle, NULL);
    struct stream_pair_options options = {.chunk_max = chunk_max};
    struct stream *near, *far;
    stream_pair_open(loop, &options, &near, &far);
    stream_set_handler(near, &handler, NULL);
    stream_read_start(near);
    http_server_accept(server, far);
    stream_write(near, input);
    loop_run_for_us(loop, 1000);
    stream_close(near);
    loop_run_for_us(loop, 1000);
    http_server_close(server, NULL, NULL);
    loop_run_for_us(loop, 200000000);
    loop_destroy(loop);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct slice input = {(const char *)data + 1, size - 1};
    size_t piece_max = 1 + data[0] % 17;
    compare_pieces(true, input, piece_max);
    compare_pieces(false, input, piece_max);
    serve(input, piece_max);
    return 0;
}
