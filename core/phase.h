/* State machines as tables of allowed moves.
 *
 * One struct per operation; one enum of phases; one table that says which
 * phase may follow which; one x_step() that holds all control flow. A move
 * that the table does not have ends the process. */
#ifndef CORE_PHASE_H
#define CORE_PHASE_H

#include <stdint.h>

#include "core/check.h"

struct phase {
    const char *name;
    uint32_t next; /* Bit n set: phase n may follow. */
};

#define TO(phase) (UINT32_C(1) << (phase))

static inline void phase_move(const struct phase *phases, int *current, int next)
{
    PRE((phases[*current].next & TO(next)) != 0);
    *current = next;
}
/* To clang an enum without negative constants is unsigned, to gcc it may be an int: say which. */
#define phase_move(phases, current, next) phase_move(phases, current, (int)(next))

#endif
