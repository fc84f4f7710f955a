/* Things that the store has given to the loop and may want back.
 *
 * A store can be closed while work of it is on the commit lane or a message is
 * on its way. The loop cannot forget those, so they are small pieces of memory
 * of their own, which outlive the store and then do nothing.
 *
 * An errand is one piece of work at a time on LANE_COMMIT. A reminder is a
 * message to the loop thread that is posted at most once at a time.
 *
 * Thread: the loop thread, but for the work itself. */
#ifndef STORE_ERRAND_H
#define STORE_ERRAND_H

#include <stdbool.h>

#include "core/net/loop.h"

struct errand_ticket;
struct errand {
    struct loop *loop;
    struct errand_ticket *ticket; /* NULL: nothing is under way. */
};

void errand_init(struct errand *errand, struct loop *loop);
static inline bool errand_is_busy(const struct errand *errand)
{
    return errand->ticket != NULL;
}
/* Runs work(context) on the lane, then done(context) on the loop. Not while busy. */
void errand_start(struct errand *errand, void (*work)(void *context), void (*done)(void *context),
                  void *context);
/* Finishes here and now what is under way: waits for it, or does it on this thread if the lane
 * has not begun; then calls done. Harmless when nothing is under way. */
void errand_finish(struct errand *errand);

struct reminder;
struct reminder *reminder_create(struct loop *loop, void (*deliver)(void *context), void *context);
void reminder_post(struct reminder *reminder); /* Nothing if it is on its way. */
void reminder_destroy(struct reminder *reminder); /* deliver is not called any more. Takes NULL. */

#endif
