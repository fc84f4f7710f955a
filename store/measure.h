/* What the store tells about itself in /metrics.
 *
 * Thread: the loop thread. */
#ifndef STORE_MEASURE_H
#define STORE_MEASURE_H

#include "core/metrics.h"

struct store;

struct measures {
    struct metrics *registry; /* NULL: nobody asks. */
    struct metric commits;
    struct metric rows;
    struct metric failures;
    struct metric commit_seconds;
    struct metric removed;
    struct metric objects;
    struct metric revision;
    struct metric log_rows;
    struct metric history_events;
    struct metric history_bytes;
    struct metric watches;
};

void measures_init(struct store *store, struct metrics *registry);
void measures_release(struct store *store);
void measure_commit(struct store *store, size_t rows, int64_t took_us);
void measure_failure(struct store *store);
void measure_removal(struct store *store, int64_t rows);
void measure_sizes(struct store *store);
void measure_watches(struct store *store, int by);

#endif
