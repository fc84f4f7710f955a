#include "api/document.h"

void document_finish(struct document *document)
{
    sha256_hex(buffer_slice(&document->text), document->hash);
}

void document_release(struct document *document)
{
    buffer_release(&document->text);
}

void document_reply(const struct document *document, struct request *request,
                    const char *content_type)
{
    const char *etag = arena_format(&request->arena, "\"%s\"", document->hash);
    request_add_header(request, "ETag", etag);
    request_add_header(request, "Vary", "Accept");
    request->reply.content_type = content_type;
    request->reply.code = 200;
    if (slice_is(request->if_none_match, etag))
        request->reply.code = 304;
    else
        buffer_append_slice(&request->reply.body, buffer_slice(&document->text));
    request_reply(request);
}
