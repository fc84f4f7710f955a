/* Pins: a whole state at one revision, for any thread. */
#include <stdatomic.h>

#include "store/store_private.h"

struct pin {
    atomic_uint references;
    int64_t revision;
    struct state state;
};

struct pin *pin_create(struct state state, int64_t revision)
{
    struct pin *pin = mem_alloc(sizeof(*pin));
    atomic_init(&pin->references, 1);
    pin->revision = revision;
    pin->state = state;
    return pin;
}

struct pin *store_pin(struct store *store, enum reading reading)
{
    const struct state_reading *of = reading == HEAD ? &store->head : &store->committed;
    return pin_create(state_copy(&of->state), of->revision);
}

const struct state *pin_state(const struct pin *pin)
{
    return &pin->state;
}

struct pin *pin_ref(struct pin *pin)
{
    atomic_fetch_add_explicit(&pin->references, 1, memory_order_relaxed);
    return pin;
}

void pin_unref(struct pin *pin)
{
    if (pin == NULL || atomic_fetch_sub_explicit(&pin->references, 1, memory_order_acq_rel) > 1)
        return;
    state_release(&pin->state);
    mem_free(pin);
}

int64_t pin_revision(const struct pin *pin)
{
    return pin->revision;
}

const struct object *pin_get(const struct pin *pin, struct slice key)
{
    return state_get(&pin->state, key);
}

int64_t pin_count(const struct pin *pin, struct slice prefix)
{
    return state_count_prefix(&pin->state, prefix);
}

/* A struct pin_cursor is the places of a state_cursor, and the prefix. */
static struct state_cursor walk_of(struct pin_cursor *cursor)
{
    return (struct state_cursor){cursor->path, cursor->place, cursor->depth};
}

static const struct object *checked(struct pin_cursor *cursor, const struct state_cursor *walk,
                                    const struct object *object)
{
    struct slice prefix = {cursor->prefix, cursor->prefix_size};
    cursor->depth = walk->depth;
    if (object && slice_starts_with(object_key(object), prefix))
        return object;
    cursor->depth = 0; /* At the end, and stays there. */
    return NULL;
}

const struct object *pin_first(const struct pin *pin, struct slice prefix, struct slice from,
                               struct pin_cursor *cursor)
{
    PRE(prefix.size <= sizeof(cursor->prefix));
    _Static_assert(ARRAY_SIZE(cursor->path) == STATE_DEPTH_MAX, "a cursor holds a whole path");
    cursor->pin = pin;
    cursor->prefix_size = prefix.size;
    if (prefix.size > 0)
        memcpy(cursor->prefix, prefix.data, prefix.size);
    struct state_cursor walk = walk_of(cursor);
    struct slice start = slice_compare(from, prefix) > 0 ? from : prefix;
    return checked(cursor, &walk, state_seek(&pin->state, start, &walk));
}

const struct object *pin_next(struct pin_cursor *cursor)
{
    struct state_cursor walk = walk_of(cursor);
    return checked(cursor, &walk, state_next(&walk));
}
