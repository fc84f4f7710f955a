#include "kubelet-lite/runtime.h"

void runtime_call_init(struct runtime_call *call, void (*done)(struct runtime_call *call))
{
    *call = (struct runtime_call){.done = done};
    arena_init(&call->arena);
    status_init(&call->status);
}

void runtime_call_release(struct runtime_call *call)
{
    arena_release(&call->arena);
    status_release(&call->status);
}
