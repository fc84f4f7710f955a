/* Documents that are made once and answered many times: discovery and OpenAPI. */
#ifndef API_DOCUMENT_H
#define API_DOCUMENT_H

#include "api/request.h"
#include "core/crypto.h"

/* A text and the hash of its bytes, its ETag. */
struct document {
    struct buffer text;
    char hash[SHA256_SIZE * 2 + 1];
};

void document_finish(struct document *document); /* The text is whole: hashes it. */
void document_release(struct document *document);
/* Ends the request: 304 for who has it, else the text. */
void document_reply(const struct document *document, struct request *request,
                    const char *content_type);

#endif
