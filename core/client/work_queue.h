/* Keys to do: each once, however often it was asked for; failures come back later.
 *
 * A key that is added while it is being worked on is done again afterwards. A
 * key that failed comes back after a delay that doubles, 5 ms to 1000 s, until it
 * succeeds (k8s.io/client-go util/workqueue). One is worked on at a time, so a
 * controller never meets itself. Thread: the loop's. */
#ifndef CORE_CLIENT_WORK_QUEUE_H
#define CORE_CLIENT_WORK_QUEUE_H

#include "core/buffer.h"
#include "core/net/loop.h"

struct work_queue;

/* Called with a key that is due; ends by work_queue_done(), at once or later. */
typedef void work_fn(void *context, struct slice key);

struct work_queue *work_queue_create(struct loop *loop, work_fn *work, void *context);
void work_queue_destroy(struct work_queue *queue); /* Takes NULL. No key is under way then. */
void work_queue_add(struct work_queue *queue, struct slice key); /* Copied. */
void work_queue_add_after(struct work_queue *queue, struct slice key, int64_t delay_us);
/* The key under way is done; failed: it comes back. */
void work_queue_done(struct work_queue *queue, bool failed);
/* The key under way has failed the last time. */
bool work_queue_is_retry(const struct work_queue *queue);
bool work_queue_is_idle(const struct work_queue *queue);

#endif
