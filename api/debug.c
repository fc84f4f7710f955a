#include "api/debug.h"

static void append_request(const struct request *request, int64_t now_us, struct buffer *text)
{
    buffer_format(text, "%-15s %10.3f s  %-40s " SLICE_FORMAT " " SLICE_FORMAT "%s" SLICE_FORMAT,
                  request->reply.stream ? "streaming" : request_phase(request),
                  (double)(now_us - request->received_us) / 1e6,
                  request->user ? request->user->name : "?", SLICE_ARGS(request->method),
                  SLICE_ARGS(request->path), request->query_text.size > 0 ? "?" : "",
                  SLICE_ARGS(request->query_text));
    if (request->reply.stream)
        buffer_format(text, "  %lld bytes sent", (long long)request->sent_bytes);
    buffer_append_byte(text, '\n');
}

void debug_serve_requests(struct api *api, struct request *request)
{
    struct buffer *text = &request->reply.body;
    int64_t now_us = clock_steady_us(loop_clock(api->loop));
    LIST_EACH(link, &api->requests)
        append_request(CONTAINER_OF(link, struct request, link), now_us, text);
    buffer_format(text, "\nplaces taken: %lld of %lld reads, %lld of %lld writes\n",
                  (long long)api->flow.reads.value, (long long)api->flow.reads_max,
                  (long long)api->flow.writes.value, (long long)api->flow.writes_max);
    buffer_format(text, "revision: %lld committed, %lld on head, %lld the oldest for watches\n",
                  (long long)store_revision(api->store, COMMITTED),
                  (long long)store_revision(api->store, HEAD),
                  (long long)store_oldest_revision(api->store));
    request->reply.code = 200;
    request->reply.content_type = "text/plain; charset=utf-8";
    request_reply(request);
}
