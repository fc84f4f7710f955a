/* /debug/: what is under way, for people. */
#ifndef API_DEBUG_H
#define API_DEBUG_H

#include "api/api.h"

/* One line a request, the oldest first: its phase, age, user and what it asks; watches and other
 * streams too, with the bytes they have been sent. Then the turns of the loop, and the store. */
void debug_serve_requests(struct api *api, struct request *request);

#endif
