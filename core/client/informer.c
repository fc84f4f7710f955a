#include "core/client/informer.h"

#include "core/map.h"
#include "core/trace.h"

#define WAIT_FIRST_US INT64_C(800000)
#define WAIT_MAX_US INT64_C(30000000)
#define WAIT_FORGET_US INT64_C(120000000) /* A watch that lived this long was a good one. */

struct known {
    const struct object *object; /* A reference. */
    uint64_t round;              /* The list in which it was last seen. */
};

struct informer {
    struct informer_options options;
    struct client_watch watch;
    struct map known;
    uint64_t round;      /* Counts lists. */
    int64_t revision;    /* Up to which all is known; 0: list. */
    bool is_listing;
    bool is_synced;
    bool is_connected;
    bool is_stopped;
    int inside;          /* Callbacks that run now. */
    int64_t wait_us;
    int64_t started_us;
    struct timer timer;
};

static void free_informer(struct informer *informer)
{
    if (informer->inside > 0)
        return;
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&informer->known, &cursor, &entry)) {
        object_unref(((struct known *)entry.value)->object);
        mem_free(entry.value);
    }
    map_release(&informer->known);
    mem_free(informer);
}

/* --- Changes --- */

static void tell(struct informer *informer, const struct object *old, const struct object *new)
{
    informer->options.changed(informer->options.context, old, new);
}

static void learn(struct informer *informer, const struct object *object)
{
    struct known *known = map_get(&informer->known, object_key(object));
    const struct object *old = known ? known->object : NULL;
    if (!known) {
        known = mem_alloc(sizeof(*known));
        map_set(&informer->known, object_key(object), known);
    }
    known->object = object_ref(object);
    known->round = informer->round;
    if (!old || old->revision != object->revision)
        tell(informer, old, object);
    object_unref(old);
}

static void forget(struct informer *informer, struct slice key)
{
    struct known *known = map_remove(&informer->known, key);
    if (!known)
        return;
    tell(informer, known->object, NULL);
    object_unref(known->object);
    mem_free(known);
}

/* Those that the last list did not have have gone. */
static void forget_missed(struct informer *informer)
{
    const struct object **missed = mem_alloc((informer->known.count + 1) * sizeof(*missed));
    size_t cursor = 0, count = 0;
    struct map_entry entry;
    while (map_next(&informer->known, &cursor, &entry)) {
        const struct known *known = entry.value;
        if (known->round != informer->round)
            missed[count++] = object_ref(known->object);
    }
    for (size_t i = 0; i < count; i++) {
        if (!informer->is_stopped)
            forget(informer, object_key(missed[i]));
        object_unref(missed[i]);
    }
    mem_free(missed);
}

static void end_list(struct informer *informer)
{
    informer->is_listing = false;
    informer->is_synced = true;
    forget_missed(informer);
    if (!informer->is_stopped && informer->options.synced)
        informer->options.synced(informer->options.context);
}

/* --- The watch --- */

static void watch_event(struct client_watch *watch, const struct client_event *event);

static void start(struct informer *informer)
{
    const struct informer_options *options = &informer->options;
    informer->is_listing = informer->revision == 0;
    informer->round += informer->is_listing;
    informer->is_connected = true;
    informer->started_us = clock_steady_us(loop_clock(options->client->loop));
    informer->watch = (struct client_watch){
        .path = options->path,
        .revision = informer->revision,
        .query = options->query,
        .event = watch_event,
        .context = informer,
    };
    options->client->operations->watch_start(options->client, &informer->watch);
}

static void wait_is_over(struct timer *timer)
{
    start(CONTAINER_OF(timer, struct informer, timer));
}

static void start_again(struct informer *informer, const struct status *why)
{
    struct loop *loop = informer->options.client->loop;
    int64_t lived_us = clock_steady_us(loop_clock(loop)) - informer->started_us;
    bool is_anew = informer->wait_us == 0 || lived_us > WAIT_FORGET_US;
    informer->wait_us = is_anew ? WAIT_FIRST_US : informer->wait_us * 2;
    if (informer->wait_us > WAIT_MAX_US)
        informer->wait_us = WAIT_MAX_US;
    /* Only these say that the revision is good for nothing; the rest says nothing of it. */
    if (why->code == 410 || why->reason == STATUS_BAD_REQUEST || informer->is_listing)
        informer->revision = 0;
    informer->is_connected = false;
    int64_t jitter_us = (int64_t)random_below(loop_random(loop), (uint64_t)informer->wait_us);
    timer_start_us(&informer->timer, informer->wait_us + jitter_us);
    log_line(LOG_DEBUG, "a watch has ended", "resource=%s why=\"%s\" wait_ms=%lld",
             informer->options.path.resource, why->message, (long long)informer->wait_us / 1000);
}

static void take_event(struct informer *informer, const struct client_event *event)
{
    switch (event->type) {
    case EVENT_ADDED:
    case EVENT_MODIFIED: learn(informer, event->object); break;
    case EVENT_DELETED: forget(informer, object_key(event->object)); break;
    case EVENT_BOOKMARK:
        if (informer->is_listing)
            end_list(informer);
        break;
    case EVENT_ERROR: start_again(informer, event->status); return;
    }
    if (!informer->is_listing) /* Within a list the order is that of names. */
        informer->revision = event->revision;
}

static void watch_event(struct client_watch *watch, const struct client_event *event)
{
    struct informer *informer = watch->context;
    informer->inside++;
    take_event(informer, event);
    informer->inside--;
    if (informer->is_stopped)
        free_informer(informer);
}

/* --- Life --- */

struct informer *informer_start(const struct informer_options *options)
{
    struct informer *informer = mem_alloc(sizeof(*informer));
    informer->options = *options;
    map_init(&informer->known);
    timer_init(&informer->timer, options->client->loop, wait_is_over);
    start(informer);
    return informer;
}

void informer_stop(struct informer *informer)
{
    if (!informer)
        return;
    struct client *client = informer->options.client;
    informer->is_stopped = true;
    timer_stop(&informer->timer);
    client->operations->watch_stop(client, &informer->watch);
    free_informer(informer);
}

bool informer_is_synced(const struct informer *informer)
{
    return informer->is_synced;
}

bool informer_is_connected(const struct informer *informer)
{
    return informer->is_connected;
}

const struct object *informer_get(const struct informer *informer, struct slice key)
{
    const struct known *known = map_get(&informer->known, key);
    return known ? known->object : NULL;
}

void informer_each(const struct informer *informer,
                   void (*each)(void *context, const struct object *object), void *context)
{
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&informer->known, &cursor, &entry))
        each(context, ((struct known *)entry.value)->object);
}
