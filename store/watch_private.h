/* How commits reach watchers; for this folder alone. */
#ifndef STORE_WATCH_PRIVATE_H
#define STORE_WATCH_PRIVATE_H

#include "core/list.h"
#include "core/map.h"
#include "store/errand.h"

#define WATCH_PREFIX_MAX 512

struct store;
struct watches {
    struct map buckets;      /* Prefix -> struct watch_bucket. */
    uint32_t lengths[WATCH_PREFIX_MAX + 1]; /* How many buckets have a prefix of this size. */
    size_t longest;
    struct list ready;       /* Watches whose owner is to be told. */
    struct reminder *tell;
};

void watches_init(struct store *store);
void watches_release(struct store *store); /* All watches must be closed. */
/* The event with this number is new. */
void watches_notice(struct store *store, uint64_t number);

#endif
