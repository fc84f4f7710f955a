/* llhttp finds the pieces; this file keeps them, counts them and judges them.
 *
 * A head's bytes are gathered in head_text with a span per header, because
 * they may come in any number of pieces; the slices are made when the head is
 * complete. llhttp's lenient flags stay off. */
#include "core/net/http_parser.h"

#define EXCESS_MAX (16 * 1024) /* As in Go's chunkedReader. */

#define PARSER(pointer) CONTAINER_OF(pointer, struct http_parser, llhttp)

/* Returns llhttp's way to stop. */
static int refuse(struct http_parser *parser, int code, const char *why)
{
    parser->event = HTTP_EVENT_BAD;
    parser->error_code = code;
    parser->error = why;
    return HPE_USER;
}

static uint32_t text_size(const struct http_parser *parser)
{
    return (uint32_t)parser->head_text.size;
}

static int on_target(llhttp_t *llhttp, const char *at, size_t size)
{
    struct http_parser *parser = PARSER(llhttp);
    buffer_append(&parser->head_text, at, size);
    parser->target.value_size = text_size(parser);
    return 0;
}

static int add_header(struct http_parser *parser)
{
    if (parser->header_count == parser->header_count_max)
        return refuse(parser, 431, "too many headers");
    if (parser->header_count == parser->header_capacity) {
        parser->header_capacity = parser->header_capacity ? 2 * parser->header_capacity : 16;
        parser->spans = mem_resize(parser->spans, parser->header_capacity * sizeof(*parser->spans));
        parser->headers =
            mem_resize(parser->headers, parser->header_capacity * sizeof(*parser->headers));
    }
    parser->spans[parser->header_count++] = (struct http_span){.name = text_size(parser)};
    return 0;
}

static int on_name(llhttp_t *llhttp, const char *at, size_t size)
{
    struct http_parser *parser = PARSER(llhttp);
    if (!parser->in_head) /* A trailer: read over. */
        return 0;
    if (!parser->in_name && add_header(parser))
        return HPE_USER;
    parser->in_name = true;
    buffer_append(&parser->head_text, at, size);
    return 0;
}

static int on_name_end(llhttp_t *llhttp)
{
    struct http_parser *parser = PARSER(llhttp);
    if (!parser->in_head)
        return 0;
    struct http_span *span = &parser->spans[parser->header_count - 1];
    parser->in_name = false;
    span->name_size = text_size(parser) - span->name;
    span->value = text_size(parser);
    return 0;
}

static int on_value(llhttp_t *llhttp, const char *at, size_t size)
{
    struct http_parser *parser = PARSER(llhttp);
    if (parser->in_head)
        buffer_append(&parser->head_text, at, size);
    return 0;
}

static int on_value_end(llhttp_t *llhttp)
{
    struct http_parser *parser = PARSER(llhttp);
    if (!parser->in_head)
        return 0;
    struct http_span *span = &parser->spans[parser->header_count - 1];
    span->value_size = text_size(parser) - span->value;
    return 0;
}

static int on_body(llhttp_t *llhttp, const char *at, size_t size)
{
    struct http_parser *parser = PARSER(llhttp);
    if (parser->body.size == 0) {
        parser->body = (struct slice){at, size};
        return 0;
    }
    if (parser->joined.size == 0)
        buffer_append_slice(&parser->joined, parser->body);
    buffer_append(&parser->joined, at, size);
    parser->body = buffer_slice(&parser->joined);
    return 0;
}

static int on_chunk(llhttp_t *llhttp)
{
    PARSER(llhttp)->excess -= 16;
    return 0;
}

static struct http_headers make_headers(struct http_parser *parser)
{
    const char *text = parser->head_text.data;
    size_t count = parser->header_count;
    for (size_t i = 0; i < count; i++) {
        struct http_span span = parser->spans[i];
        parser->headers[i] = (struct http_header){
            {text + span.name, span.name_size},
            slice_trim((struct slice){text + span.value, span.value_size}),
        };
    }
    return (struct http_headers){parser->headers, count};
}

/* What a text on the wire may hold: RFC 9110 5.5 without obs-text's doubts,
 * which are bytes over 0x7f and pass. */
static bool has_control(struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return true;
    }
    return false;
}

static bool has_controls(struct http_headers headers)
{
    for (size_t i = 0; i < headers.count; i++) {
        if (has_control(headers.items[i].value))
            return true;
    }
    return false;
}

/* Both lengths, a doubled one, or a coding that is not just "chunked". */
static const char *judge_length(const struct http_parser *parser, struct http_headers headers)
{
    size_t lengths = http_header_count(headers, "content-length");
    size_t codings = http_header_count(headers, "transfer-encoding");
    if (lengths > 1)
        return "too many Content-Lengths";
    if (lengths > 0 && codings > 0)
        return "both Content-Length and Transfer-Encoding";
    if (codings > 1)
        return "too many transfer encodings";
    if (codings == 0)
        return NULL;
    if (!http_name_is(http_header_get(headers, "transfer-encoding"), "chunked"))
        return "unsupported transfer encoding";
    if (parser->llhttp.http_minor == 0)
        return "Transfer-Encoding in HTTP/1.0";
    return NULL;
}

static const char *judge_host(const struct http_parser *parser, struct http_headers headers)
{
    size_t hosts = http_header_count(headers, "host");
    struct slice host = http_header_get(headers, "host");
    if (hosts > 1)
        return "too many Host headers";
    if (hosts == 0 && parser->llhttp.http_minor > 0)
        return "missing required Host header";
    for (size_t i = 0; i < host.size; i++) {
        if (host.data[i] <= ' ' || strchr("/@#?\\,", host.data[i]))
            return "malformed Host header";
    }
    return NULL;
}

/* Origin form, "*" of OPTIONS, or absolute form, of which the path is kept. */
static const char *judge_target(struct http_request *request)
{
    struct slice target = request->target;
    if (target.size == 0 || has_control(target))
        return "malformed request target";
    if (slice_is(target, "*"))
        request->path = target;
    else if (target.data[0] == '/')
        request->path = target;
    else if (slice_starts_with(target, SLICE("http://")) ||
             slice_starts_with(target, SLICE("https://"))) {
        struct slice rest = slice_sub(target, (size_t)slice_find(target, '/') + 2, target.size);
        ptrdiff_t slash = slice_find(rest, '/');
        request->path = slash < 0 ? SLICE("/") : slice_sub(rest, (size_t)slash, rest.size);
    } else
        return "malformed request target";
    ptrdiff_t mark = slice_find(request->path, '?');
    if (mark < 0)
        return NULL;
    request->query = slice_sub(request->path, (size_t)mark + 1, request->path.size);
    request->path = slice_sub(request->path, 0, (size_t)mark);
    return NULL;
}

static int64_t body_size(const struct http_parser *parser)
{
    const llhttp_t *llhttp = &parser->llhttp;
    if (llhttp->flags & F_CHUNKED)
        return HTTP_CHUNKED;
    return llhttp->content_length > INT64_MAX ? INT64_MAX : (int64_t)llhttp->content_length;
}

static const char *judge_request(struct http_parser *parser, struct http_headers headers)
{
    struct http_request *request = &parser->request;
    *request = (struct http_request){
        .method = slice_of(llhttp_method_name((llhttp_method_t)parser->llhttp.method)),
        .target = {parser->head_text.data, parser->target.value_size},
        .headers = headers,
        .body_size = body_size(parser),
        .keep_alive = llhttp_should_keep_alive(&parser->llhttp) && parser->llhttp.http_minor > 0,
        .expects_continue = http_name_is(http_header_get(headers, "expect"), "100-continue"),
    };
    if (http_header_has(headers, "connection", "upgrade"))
        request->upgrade = http_header_get(headers, "upgrade");
    const char *why = judge_length(parser, headers);
    if (!why)
        why = judge_host(parser, headers);
    return why ? why : judge_target(request);
}

static const char *judge_response(struct http_parser *parser, struct http_headers headers)
{
    const llhttp_t *llhttp = &parser->llhttp;
    int code = llhttp->status_code;
    bool bodiless = parser->to_head_request || code < 200 || code == 204 || code == 304;
    parser->response = (struct http_response){
        .code = code,
        .headers = headers,
        .body_size = bodiless                           ? 0
                     : llhttp_message_needs_eof(llhttp) ? HTTP_CHUNKED
                                                        : body_size(parser),
        .keep_alive = llhttp_should_keep_alive(llhttp) && llhttp->http_minor > 0,
    };
    return judge_length(parser, headers);
}

static int on_head(llhttp_t *llhttp)
{
    struct http_parser *parser = PARSER(llhttp);
    struct http_headers headers = make_headers(parser);
    if (llhttp->http_major != 1 || llhttp->http_minor > 1)
        return refuse(parser, 505, "unsupported protocol version");
    const char *why =
        parser->is_request ? judge_request(parser, headers) : judge_response(parser, headers);
    if (!why && has_controls(headers))
        why = "control character in a header";
    if (why)
        return refuse(parser, 400, why);
    parser->in_head = false;
    parser->event = HTTP_EVENT_HEAD;
    if (parser->to_head_request)
        llhttp->flags |= F_SKIPBODY;
    return HPE_PAUSED;
}

static int on_end(llhttp_t *llhttp)
{
    PARSER(llhttp)->event = HTTP_EVENT_END;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_url = on_target,
    .on_header_field = on_name,
    .on_header_field_complete = on_name_end,
    .on_header_value = on_value,
    .on_header_value_complete = on_value_end,
    .on_headers_complete = on_head,
    .on_body = on_body,
    .on_chunk_header = on_chunk,
    .on_message_complete = on_end,
};

void http_parser_init(struct http_parser *parser, bool requests, size_t head_size_max,
                      size_t header_count_max)
{
    *parser = (struct http_parser){
        .head_size_max = head_size_max,
        .header_count_max = header_count_max,
        .is_request = requests,
        .in_head = true,
    };
    llhttp_init(&parser->llhttp, requests ? HTTP_REQUEST : HTTP_RESPONSE, &settings);
}

void http_parser_rest(struct http_parser *parser)
{
    buffer_release(&parser->head_text);
    buffer_release(&parser->joined);
    mem_free(parser->spans);
    mem_free(parser->headers);
    parser->spans = NULL;
    parser->headers = NULL;
    parser->header_capacity = 0;
}

void http_parser_release(struct http_parser *parser)
{
    http_parser_rest(parser);
}

/* The next message begins. */
static void begin(struct http_parser *parser)
{
    parser->in_head = true;
    parser->in_name = false;
    parser->head_size = 0;
    parser->excess = 0;
    parser->header_count = 0;
    buffer_clear(&parser->head_text);
}

static void resume(struct http_parser *parser)
{
    if (parser->event == HTTP_EVENT_END)
        begin(parser);
    parser->event = HTTP_EVENT_MORE;
    parser->body = (struct slice){NULL, 0};
    buffer_clear(&parser->joined);
    llhttp_resume(&parser->llhttp);
}

/* A head may have head_size_max bytes, a body's framing EXCESS_MAX over two
 * bytes for each of the body's and 16 for each chunk. */
static void count(struct http_parser *parser, size_t used, bool was_in_head)
{
    if (was_in_head) {
        parser->head_size += used;
        if (parser->head_size > parser->head_size_max && parser->event != HTTP_EVENT_BAD)
            refuse(parser, 431, "the head is too large");
        return;
    }
    parser->excess += (int64_t)used - 3 * (int64_t)parser->body.size;
    if (parser->excess < 0)
        parser->excess = 0;
    if (parser->excess > EXCESS_MAX && parser->event != HTTP_EVENT_BAD)
        refuse(parser, 400, "chunked encoding contains too much non-data");
}

enum http_event http_parser_feed(struct http_parser *parser, struct slice *input,
                                 struct slice *body)
{
    *body = (struct slice){NULL, 0};
    if (parser->event == HTTP_EVENT_BAD)
        return HTTP_EVENT_BAD;
    resume(parser);
    bool was_in_head = parser->in_head;
    size_t most = parser->head_size_max - parser->head_size + 1;
    size_t size = was_in_head && input->size > most ? most : input->size;
    llhttp_errno_t error = llhttp_execute(&parser->llhttp, input->data, size);
    if (error == HPE_PAUSED_UPGRADE) { /* Behind an upgrade's end, which we have told. */
        llhttp_resume_after_upgrade(&parser->llhttp);
        error = llhttp_execute(&parser->llhttp, input->data, size);
    }
    size_t used =
        error == HPE_OK ? size : (size_t)(llhttp_get_error_pos(&parser->llhttp) - input->data);
    if (error != HPE_OK && error != HPE_PAUSED && parser->event != HTTP_EVENT_BAD)
        refuse(parser, 400, llhttp_get_error_reason(&parser->llhttp));
    count(parser, used, was_in_head);
    *input = slice_sub(*input, used, input->size);
    *body = parser->body;
    return parser->event;
}

enum http_event http_parser_finish(struct http_parser *parser)
{
    if (parser->event == HTTP_EVENT_BAD)
        return HTTP_EVENT_BAD;
    resume(parser);
    llhttp_errno_t error = llhttp_execute(&parser->llhttp, "", 0); /* Out of the pause. */
    if (error == HPE_OK)
        error = llhttp_finish(&parser->llhttp);
    if (error != HPE_OK && error != HPE_PAUSED)
        refuse(parser, 400, "unexpected end");
    return parser->event;
}
