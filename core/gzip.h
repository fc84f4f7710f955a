/* gzip (RFC 1952), as bytes come: several members one after the other are one stream.
 *
 * Thread: one at a time for one stream. */
#ifndef CORE_GZIP_H
#define CORE_GZIP_H

#include "core/buffer.h"
#include "core/status.h"

bool gzip_is(struct slice data); /* Of at least two bytes: whether they begin like it. */

struct gunzip;
struct gunzip *gunzip_open(void);
void gunzip_close(struct gunzip *gunzip); /* Takes NULL. */
/* Calls each() with pieces of what comes out, borrowed; each() returns false to stop, having
 * said why. Fails with BAD_REQUEST when the bytes are none. */
MUST_USE int gunzip_feed(struct gunzip *gunzip, struct slice data,
                         bool (*each)(void *context, struct slice piece, struct status *status),
                         void *context, struct status *status);
/* No more bytes come: fails when the stream is cut off. */
MUST_USE int gunzip_finish(const struct gunzip *gunzip, struct status *status);

#endif
