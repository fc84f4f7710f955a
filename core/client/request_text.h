/* A call as HTTP has it: method, path, content type; and a reply's Status read back.
 *
 * The near client makes requests of them too, so both clients ask the same way. Pure. */
#ifndef CORE_CLIENT_REQUEST_TEXT_H
#define CORE_CLIENT_REQUEST_TEXT_H

#include "core/client/client.h"
#include "core/net/url.h"

const char *request_method_of(const char *verb); /* "create" -> "POST" */
const char *request_content_type_of(enum patch_type type);
/* Appends "/api/v1/namespaces/default/pods/web/status"; what a path cannot hold is escaped. */
void resource_path_append(const struct resource_path *path, struct buffer *text);

/* What a reply with an error's code says: its Status, or, where it is none, its first line. */
void reply_read_status(int code, struct slice body, struct status *status);

#endif
