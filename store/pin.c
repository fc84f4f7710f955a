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
    return tree_count_prefix(&pin->state.objects, prefix);
}

/* A struct pin_cursor is the places of a tree_cursor, and the prefix. */
static struct tree_cursor walk_of(struct pin_cursor *cursor)
{
    return (struct tree_cursor){cursor->path, cursor->place, cursor->depth};
}

static const struct object *checked(struct pin_cursor *cursor, const struct tree_cursor *walk,
                                    const struct object *object)
{
    struct slice prefix = {cursor->prefix, cursor->prefix_size};
    cursor->depth = walk->depth;
    if (object && slice_starts_with(object_key(object), prefix))
        return object;
    cursor->depth = 0; /* At the end, and stays there. */
    return NULL;
}

static const struct object *first(const struct pin *pin, const struct tree *tree,
                                  struct slice prefix, struct slice from, struct pin_cursor *cursor)
{
    PRE(prefix.size <= sizeof(cursor->prefix));
    _Static_assert(ARRAY_SIZE(cursor->path) == TREE_DEPTH_MAX, "a cursor holds a whole path");
    cursor->pin = pin;
    cursor->prefix_size = prefix.size;
    if (prefix.size > 0)
        memcpy(cursor->prefix, prefix.data, prefix.size);
    struct tree_cursor walk = walk_of(cursor);
    struct slice start = slice_compare(from, prefix) > 0 ? from : prefix;
    return checked(cursor, &walk, tree_seek(tree, start, &walk));
}

const struct object *pin_first(const struct pin *pin, struct slice prefix, struct slice from,
                               struct pin_cursor *cursor)
{
    return first(pin, &pin->state.objects, prefix, from, cursor);
}

const struct object *pin_next(struct pin_cursor *cursor)
{
    struct tree_cursor walk = walk_of(cursor);
    return checked(cursor, &walk, tree_next(&walk));
}

/* --- By owner --- */

static const struct object *dependent(const struct pin *pin, const struct object *entry)
{
    return entry ? state_get(&pin->state, state_owned_key(entry)) : NULL;
}

const struct object *pin_first_owned(const struct pin *pin, struct slice uid,
                                     struct pin_cursor *cursor)
{
    struct buffer prefix = {0};
    cursor->depth = 0;
    if (uid.size == 0 || uid.size > OWNER_UID_MAX)
        return NULL;
    state_owned_prefix(uid, &prefix);
    const struct object *entry =
        first(pin, &pin->state.owned, buffer_slice(&prefix), SLICE(""), cursor);
    buffer_release(&prefix);
    return dependent(pin, entry);
}

const struct object *pin_next_owned(struct pin_cursor *cursor)
{
    return dependent(cursor->pin, pin_next(cursor));
}
