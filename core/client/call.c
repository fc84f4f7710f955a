#include "core/client/client.h"

void call_init(struct call *call)
{
    memset(call, 0, sizeof(*call));
    arena_init(&call->arena);
    status_init(&call->status);
}

void call_release(struct call *call)
{
    status_release(&call->status);
    arena_release(&call->arena);
}
