/* A status as the Status object that clients read (meta/v1 Status). Pure. */
#ifndef API_STATUS_PRINT_H
#define API_STATUS_PRINT_H

#include "core/buffer.h"
#include "core/json.h"
#include "core/status.h"

struct json *status_to_json(const struct status *status, struct arena *arena);
void status_print(const struct status *status, struct buffer *text);

#endif
