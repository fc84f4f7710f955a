#include "core/client/event_correlator.h"

struct entry {
    struct slice key;  /* Of the map; owned. */
    struct list link;
    int64_t last_us;
    double tokens;     /* Of a subject. */
    uint64_t messages[CORRELATOR_MESSAGES]; /* Of a reason: their hashes. */
    size_t message_count;
};

static void cache_init(struct correlator_cache *cache)
{
    map_init_borrowing(&cache->entries);
    list_init(&cache->order);
}

static void forget(struct correlator_cache *cache, struct entry *entry)
{
    map_remove(&cache->entries, entry->key);
    list_remove(&entry->link);
    mem_free((char *)(uintptr_t)entry->key.data);
    mem_free(entry);
}

static void cache_release(struct correlator_cache *cache)
{
    LIST_EACH(link, &cache->order)
        forget(cache, CONTAINER_OF(link, struct entry, link));
    map_release(&cache->entries);
}

/* The entry of key, now the one used last; a new one has last_us 0. */
static struct entry *use(struct correlator_cache *cache, struct slice key)
{
    struct entry *entry = map_get(&cache->entries, key);
    if (!entry) {
        if (cache->entries.count >= CORRELATOR_MAX)
            forget(cache, CONTAINER_OF(cache->order.next, struct entry, link));
        entry = mem_alloc(sizeof(*entry));
        entry->key = (struct slice){mem_copy_slice(key), key.size};
        list_init(&entry->link);
        map_set(&cache->entries, entry->key, entry);
    }
    list_remove(&entry->link);
    list_push_back(&cache->order, &entry->link);
    return entry;
}

void event_correlator_init(struct event_correlator *correlator)
{
    cache_init(&correlator->subjects);
    cache_init(&correlator->reasons);
}

void event_correlator_release(struct event_correlator *correlator)
{
    cache_release(&correlator->subjects);
    cache_release(&correlator->reasons);
}

bool event_correlator_admits(struct event_correlator *correlator, struct slice subject,
                             int64_t steady_us)
{
    struct entry *entry = use(&correlator->subjects, subject);
    if (entry->last_us == 0)
        entry->tokens = CORRELATOR_BURST;
    else
        entry->tokens += (double)(steady_us - entry->last_us) / (double)CORRELATOR_REFILL_US;
    if (entry->tokens > CORRELATOR_BURST)
        entry->tokens = CORRELATOR_BURST;
    entry->last_us = steady_us > 0 ? steady_us : 1;
    if (entry->tokens < 1)
        return false;
    entry->tokens -= 1;
    return true;
}

static bool is_known(const struct entry *entry, uint64_t message)
{
    for (size_t i = 0; i < entry->message_count; i++)
        if (entry->messages[i] == message)
            return true;
    return false;
}

bool event_correlator_combines(struct event_correlator *correlator, struct slice reason,
                               struct slice message, int64_t steady_us)
{
    struct entry *entry = use(&correlator->reasons, reason);
    uint64_t hash = map_hash(message);
    if (steady_us - entry->last_us > CORRELATOR_INTERVAL_US)
        entry->message_count = 0;
    entry->last_us = steady_us;
    if (is_known(entry, hash))
        return entry->message_count >= CORRELATOR_MESSAGES;
    /* The tenth is combined, and not kept: so the set stays one below. */
    if (entry->message_count + 1 >= CORRELATOR_MESSAGES)
        return true;
    entry->messages[entry->message_count++] = hash;
    return false;
}
