/* Giving back much memory without holding the loop: a worker does it. */
#ifndef API_DROP_H
#define API_DROP_H

#include "core/arena.h"
#include "core/net/loop.h"

/* Takes what the arena has, which is empty afterwards. What it owns must not mind the thread:
 * references to objects and pins do not. */
void drop_arena(struct loop *loop, struct arena *arena);

#endif
