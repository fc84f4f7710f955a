#include "store/state.h"

#include "core/kinds/view.h"

/* --- The owner index --- */

/* The uid of the next owner reference that is indexed. */
static bool next_owner(struct slice view, struct view_cursor *cursor, struct slice *uid)
{
    struct view_owner owner;
    while (view_next_owner(view, cursor, &owner)) {
        *uid = owner.uid;
        if (uid->size > 0 && uid->size <= OWNER_UID_MAX)
            return true;
    }
    return false;
}

static bool has_owner(struct slice view, struct slice wanted)
{
    struct view_cursor cursor = {0};
    struct slice uid;
    while (next_owner(view, &cursor, &uid))
        if (slice_equal(uid, wanted))
            return true;
    return false;
}

void state_owned_prefix(struct slice uid, struct buffer *prefix)
{
    buffer_append_slice(prefix, uid);
    buffer_append_byte(prefix, '\0');
}

struct slice state_owned_key(const struct object *entry)
{
    struct slice key = object_key(entry), uid;
    slice_split(&key, '\0', &uid);
    return key;
}

static void put_entry(struct state *state, struct slice key)
{
    object_unref(
        tree_put(&state->owned, object_create(key, 0, SLICE(""), SLICE(""), 0, SLICE(""))));
}

static void remove_entry(struct state *state, struct slice key)
{
    object_unref(tree_remove(&state->owned, key));
}

/* For each owner in view that is not in other: puts or removes the entry of key. */
static void change_entries(struct state *state, struct slice view, struct slice other,
                           struct slice key, void (*change)(struct state *, struct slice))
{
    struct view_cursor cursor = {0};
    struct slice uid;
    while (next_owner(view, &cursor, &uid)) {
        if (has_owner(other, uid))
            continue;
        struct buffer entry = {0};
        state_owned_prefix(uid, &entry);
        buffer_append_slice(&entry, key);
        change(state, buffer_slice(&entry));
        buffer_release(&entry);
    }
}

/* before and after are views; of nothing, empty. */
static void change_owners(struct state *state, struct slice key, struct slice before,
                          struct slice after)
{
    change_entries(state, after, before, key, put_entry);
    change_entries(state, before, after, key, remove_entry);
}

/* --- Both trees --- */

void state_release(struct state *state)
{
    tree_release(&state->objects);
    tree_release(&state->owned);
}

struct state state_copy(const struct state *state)
{
    return (struct state){.objects = tree_copy(&state->objects), .owned = tree_copy(&state->owned)};
}

struct object *state_get(const struct state *state, struct slice key)
{
    return tree_get(&state->objects, key);
}

struct object *state_put(struct state *state, struct object *object)
{
    struct object *old = tree_put(&state->objects, object);
    change_owners(state, object_key(object), old ? object_view(old) : SLICE(""),
                  object_view(object));
    return old;
}

struct object *state_remove(struct state *state, struct slice key)
{
    struct object *old = tree_remove(&state->objects, key);
    if (old)
        change_owners(state, object_key(old), object_view(old), SLICE(""));
    return old;
}

int64_t state_count(const struct state *state)
{
    return tree_count(&state->objects);
}
