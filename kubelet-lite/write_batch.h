/* Writes that leave together: one commit for all that one turn of the loop brought.
 *
 * A batch is filled, committed, and then tells each owner how it ended. When one
 * write is refused nothing of the batch was written: its owner is told why, the
 * others are told to try again.
 *
 * Thread: the loop's. Near clients only (core/client/client.h, commit). */
#ifndef KUBELET_WRITE_BATCH_H
#define KUBELET_WRITE_BATCH_H

#include "core/client/client.h"
#include "core/json.h"

enum write_outcome {
    WRITE_DONE,
    WRITE_REFUSED, /* This one cannot be written as it is; status says why. */
    WRITE_AGAIN,   /* It was not at fault; nothing was written. */
    WRITE_FAILED,  /* The whole commit failed: try again later. */
};

struct write_batch;
/* Called once for each owner of the batch, in the order of its writes. */
typedef void write_ended_fn(void *context, void *owner, enum write_outcome outcome,
                            const struct status *status);

struct write_batch *write_batch_create(struct client *client, size_t capacity);
struct arena *write_batch_arena(struct write_batch *batch); /* Lives until all was told. */
size_t write_batch_count(const struct write_batch *batch);
/* Whether this many more writes fit. */
bool write_batch_has_room(const struct write_batch *batch, size_t more);

/* Texts of path and body live in the batch's arena or until all was told. Several writes may
 * have one owner, if they stand together. body may be NULL. */
void write_batch_add(struct write_batch *batch, const char *verb, const struct resource_path *path,
                     const struct json *body, void *owner);

/* Commits; then ended() is called for each owner and finished() once. An empty batch is dropped
 * without a call. Takes the batch. */
void write_batch_commit(struct write_batch *batch, write_ended_fn *ended,
                        void (*finished)(void *context), void *context);

#endif
