#include "api/drop.h"

struct drop {
    struct task task;
    struct arena arena;
};

static void work(struct task *task)
{
    arena_release(&CONTAINER_OF(task, struct drop, task)->arena);
}

static void done(struct task *task)
{
    mem_free(CONTAINER_OF(task, struct drop, task));
}

void drop_arena(struct loop *loop, struct arena *arena)
{
    struct drop *drop = mem_alloc(sizeof(*drop));
    drop->task = (struct task){.work = work, .done = done};
    drop->arena = *arena;
    arena_init(arena);
    loop_submit(loop, LANE_WORKERS, &drop->task);
}
