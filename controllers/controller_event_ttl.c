/* Events are news, not state: they go an hour after they were last told, and sooner when there are
 * more bytes of them than --event-bytes.
 *
 * Each Event has an entry, by when it is due: last written plus --event-ttl, as upstream's leases
 * (an update renews them). After a start it is not known when one was last written, so its
 * creation counts; before it is deleted, its own times are asked once. Oldest first, at most
 * DELETIONS_MAX in one commit, until nothing is due and all fit.
 *
 * Memory: about 150 bytes an Event. */
#include "controllers/controller.h"
#include "core/clock.h"
#include "core/heap.h"
#include "core/kinds/view.h"
#include "core/map.h"

enum { DELETIONS_MAX = 64 };
#define TTL_US INT64_C(3600000000)
#define BYTES_MAX (INT64_C(32) << 20)
#define PASS "pass"

struct entry {
    struct slice key; /* Owned. */
    struct heap_node node;
    int64_t due_us;   /* Wall clock. */
    int64_t bytes;
    uint64_t order;
    bool is_certain;  /* due_us is by a write that was seen, or by the Event's own times. */
};

struct event_ttl {
    struct map entries;
    struct heap by_due;
    int64_t bytes;
    int64_t leaving;     /* Of those in no heap: their deletion is on its way. */
    uint64_t order;
    bool is_made;
};

static int64_t ttl_us(const struct controller_options *options)
{
    return options->event_ttl_us > 0 ? options->event_ttl_us : TTL_US;
}

static int64_t bytes_max(const struct controller_options *options)
{
    return options->event_bytes > 0 ? options->event_bytes : BYTES_MAX;
}

static int compare(const struct heap_node *left, const struct heap_node *right, void *context)
{
    (void)context;
    const struct entry *a = CONTAINER_OF(left, const struct entry, node);
    const struct entry *b = CONTAINER_OF(right, const struct entry, node);
    if (a->due_us != b->due_us)
        return a->due_us < b->due_us ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static void make(struct event_ttl *events)
{
    if (events->is_made)
        return;
    map_init_borrowing(&events->entries);
    heap_init(&events->by_due, compare, NULL);
    events->is_made = true;
}

static void forget(struct event_ttl *events, struct entry *entry)
{
    map_remove(&events->entries, entry->key);
    events->leaving -= heap_contains(&entry->node) ? 0 : entry->bytes;
    heap_remove(&events->by_due, &entry->node);
    events->bytes -= entry->bytes;
    mem_free((char *)(uintptr_t)entry->key.data);
    mem_free(entry);
}

static void release(void *state)
{
    struct event_ttl *events = state;
    struct map_entry each;
    size_t cursor = 0;
    if (!events->is_made)
        return;
    while (map_next(&events->entries, &cursor, &each)) {
        struct entry *entry = each.value;
        mem_free((char *)(uintptr_t)entry->key.data);
        mem_free(entry);
    }
    map_release(&events->entries);
    heap_release(&events->by_due);
}

static bool is_too_much(const struct event_ttl *events, const struct controller_options *options)
{
    return events->bytes - events->leaving > bytes_max(options);
}

/* --- What is written --- */

static struct entry *entry_of(struct event_ttl *events, struct slice key)
{
    struct entry *entry = map_get(&events->entries, key);
    if (entry)
        return entry;
    entry = mem_alloc(sizeof(*entry));
    entry->key = (struct slice){mem_copy_slice(key), key.size};
    map_set(&events->entries, entry->key, entry);
    return entry;
}

static void note(struct event_ttl *events, const struct controller_event *event)
{
    const struct object *object = event->object;
    struct entry *entry = entry_of(events, object_key(object));
    int64_t created_us = view_int(object_view(object), VIEW_CREATED, event->now_us);
    int64_t bytes = (int64_t)object_memory(object);
    /* One that is seen for the first time may be old: what a start finds. */
    bool is_new = event->old || created_us + 1000000 >= event->now_us;
    if (entry->bytes > 0 && !heap_contains(&entry->node))
        events->leaving -= entry->bytes;
    events->bytes += bytes - entry->bytes;
    entry->bytes = bytes;
    entry->is_certain = is_new;
    entry->due_us = (is_new ? event->now_us : created_us) + ttl_us(event->options);
    entry->order = events->order++;
    heap_remove(&events->by_due, &entry->node);
    heap_insert(&events->by_due, &entry->node);
}

static void on_event(struct controller_event *event)
{
    struct event_ttl *events = event->state;
    make(events);
    if (event->type == EVENT_DELETED) {
        struct entry *entry = map_get(&events->entries, object_key(event->object));
        if (entry)
            forget(events, entry);
        return;
    }
    bool was_idle = heap_first(&events->by_due) == NULL;
    note(events, event);
    if (was_idle || is_too_much(events, event->options))
        controller_event_add(event, SLICE(PASS));
}

/* --- What goes --- */

static int64_t last_told_us(const struct json *event)
{
    static const char *const paths[] = {"series.lastObservedTime", "lastTimestamp", "eventTime"};
    int64_t last = 0, when;
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
        if (time_parse(json_string(json_at(event, paths[i])), &when) && when > last)
            last = when;
    return last;
}

/* False when its own times give it longer. */
static bool is_due(struct reconcile *reconcile, struct event_ttl *events, struct entry *entry)
{
    if (entry->is_certain)
        return true;
    int64_t told_us = last_told_us(reconcile_read(reconcile, entry->key));
    if (told_us > reconcile->now_us)
        told_us = reconcile->now_us;
    entry->is_certain = true;
    if (told_us + ttl_us(reconcile->options) <= entry->due_us)
        return true;
    entry->due_us = told_us + ttl_us(reconcile->options);
    heap_update(&events->by_due, &entry->node);
    return false;
}

/* The entry goes when the deletion is told. */
static void delete (struct reconcile *reconcile, struct event_ttl *events, struct entry *entry)
{
    struct resource_path path = {
        .group = "",
        .version = "v1",
        .resource = "events",
        .namespace = key_namespace(entry->key),
        .name = key_name(entry->key),
    };
    heap_remove(&events->by_due, &entry->node);
    events->leaving += entry->bytes;
    if (reconcile->snapshot->operations->get(reconcile->snapshot, entry->key))
        reconcile_write(reconcile, "delete", path, NULL);
}

/* What was to be deleted the last time, and was not. */
static void take_back(struct event_ttl *events)
{
    struct map_entry each;
    size_t cursor = 0;
    while (map_next(&events->entries, &cursor, &each)) {
        struct entry *entry = each.value;
        if (!heap_contains(&entry->node))
            heap_insert(&events->by_due, &entry->node);
    }
    events->leaving = 0;
}

static void reconcile(struct reconcile *reconcile)
{
    struct event_ttl *events = reconcile->state;
    struct heap_node *first;
    make(events);
    if (reconcile->is_retry)
        take_back(events);
    while ((first = heap_first(&events->by_due)) != NULL && reconcile->count < DELETIONS_MAX) {
        struct entry *entry = CONTAINER_OF(first, struct entry, node);
        if (!is_too_much(events, reconcile->options) && entry->due_us > reconcile->now_us)
            break;
        if (is_due(reconcile, events, entry))
            delete (reconcile, events, entry);
    }
    if (!first)
        return;
    int64_t wait_us = CONTAINER_OF(first, struct entry, node)->due_us - reconcile->now_us;
    reconcile->again_us = is_too_much(events, reconcile->options) || wait_us < 1 ? 1 : wait_us;
}

static const struct controller_watch watches[] = {
    {"", "v1", "events", NULL},
    {NULL, NULL, NULL, NULL},
};

const struct controller controller_event_ttl = {
    .name = "event-ttl-controller",
    .user = "system:serviceaccount:kube-system:event-ttl-controller",
    .watches = watches,
    .event = on_event,
    .reconcile = reconcile,
    .reads_head = true,
    .state_size = sizeof(struct event_ttl),
    .release = release,
};
