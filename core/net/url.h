/* Parts of URLs (RFC 3986). */
#ifndef CORE_NET_URL_H
#define CORE_NET_URL_H

#include "core/arena.h"

/* Decodes %XX, and in queries '+'; the result has a NUL behind it. False on a broken escape. */
bool url_unescape(struct arena *arena, struct slice text, bool is_query, struct slice *decoded);
/* Appends text as a part of a path or a value of a query: all but letters, digits and "-_.~"
 * as %XX. */
void url_escape(struct slice text, struct buffer *out);

#endif
