/* The owner index: it says at any time exactly what the objects' views say. */
#include <stdio.h>

#include "core/kinds/view.h"
#include "core/random.h"
#include "store/state.h"
#include "tests/harness/test.h"

static struct object *owned(const char *key, const char *const *uids, size_t count)
{
    struct buffer view = {0};
    view_append(&view, VIEW_UID, slice_of(key));
    for (size_t i = 0; i < count; i++) {
        struct buffer owner = {0};
        buffer_append_text(&owner, uids[i]);
        buffer_append(&owner, "\0c\0v1\0Pod\0web", 13);
        view_append(&view, VIEW_OWNER, buffer_slice(&owner));
        buffer_release(&owner);
    }
    struct object *object =
        object_create(slice_of(key), 1, buffer_slice(&view), SLICE("{}"), 1, SLICE(""));
    buffer_release(&view);
    return object;
}

static int64_t count_owned(const struct state *state, const char *uid)
{
    struct buffer prefix = {0};
    state_owned_prefix(slice_of(uid), &prefix);
    int64_t count = tree_count_prefix(&state->owned, buffer_slice(&prefix));
    buffer_release(&prefix);
    return count;
}

static void put(struct state *state, const char *key, const char *uid)
{
    object_unref(state_put(state, owned(key, &uid, uid ? 1 : 0)));
}

TEST("an owner's dependents come and go with their references")
{
    struct state state = {0};
    put(&state, "/pods/default/a", "u1");
    put(&state, "/pods/default/b", "u1");
    put(&state, "/pods/default/c", "u2");
    EXPECT_EQ(count_owned(&state, "u1"), 2);
    put(&state, "/pods/default/a", "u2");
    EXPECT_EQ(count_owned(&state, "u1"), 1);
    EXPECT_EQ(count_owned(&state, "u2"), 2);
    put(&state, "/pods/default/b", NULL);
    object_unref(state_remove(&state, SLICE("/pods/default/c")));
    EXPECT_EQ(count_owned(&state, "u1"), 0);
    EXPECT_EQ(count_owned(&state, "u2"), 1);
    EXPECT(state_remove(&state, SLICE("/pods/default/none")) == NULL);
    state_release(&state);
}

TEST("a uid that begins like another has dependents of its own")
{
    struct state state = {0};
    put(&state, "/pods/default/a", "u1");
    put(&state, "/pods/default/b", "u11");
    EXPECT_EQ(count_owned(&state, "u1"), 1);
    state_release(&state);
}

TEST("references to uids that no object can have are not indexed")
{
    char uid[OWNER_UID_MAX + 2];
    struct state state = {0};
    memset(uid, 'x', sizeof(uid));
    uid[OWNER_UID_MAX] = '\0';
    put(&state, "/pods/default/a", uid);
    EXPECT_EQ(tree_count(&state.owned), 1);
    uid[OWNER_UID_MAX] = 'x';
    uid[OWNER_UID_MAX + 1] = '\0';
    put(&state, "/pods/default/b", uid);
    put(&state, "/pods/default/c", "");
    EXPECT_EQ(tree_count(&state.owned), 1);
    state_release(&state);
}

/* Counted from the views. */
static int64_t count_by_walk(const struct state *state, const char *uid)
{
    const void *path[TREE_DEPTH_MAX];
    uint16_t place[TREE_DEPTH_MAX];
    struct tree_cursor cursor = {path, place, 0};
    int64_t count = 0;
    for (const struct object *object = tree_seek(&state->objects, SLICE(""), &cursor); object;
         object = tree_next(&cursor)) {
        struct view_cursor in = {0};
        struct view_entry entry;
        bool has = false;
        while (view_next(object_view(object), &in, &entry))
            has = has || (entry.tag == VIEW_OWNER && slice_starts_with(entry.value, slice_of(uid)));
        count += has;
    }
    return count;
}

TEST("after any changes the index is what the views say, in every copy")
{
    static const char *const uids[] = {"aa", "bb", "cc", "dd"};
    struct random_seeded seeded;
    random_seeded_init(&seeded, 7);
    struct random *random = &seeded.random;
    struct state state = {0}, copy = {0};
    int64_t before[4] = {0};
    for (int n = 0; n < 3000; n++) {
        char key[32];
        const char *two[2] = {uids[random_u64(random) % 4], uids[random_u64(random) % 4]};
        snprintf(key, sizeof(key), "/pods/default/%d", (int)(random_u64(random) % 60));
        if (random_u64(random) % 4 == 0)
            object_unref(state_remove(&state, slice_of(key)));
        else
            object_unref(state_put(&state, owned(key, two, random_u64(random) % 3)));
        if (n == 1500) {
            copy = state_copy(&state);
            for (int i = 0; i < 4; i++)
                before[i] = count_owned(&copy, uids[i]);
        }
    }
    for (int i = 0; i < 4; i++) {
        EXPECT_EQ(count_owned(&state, uids[i]), count_by_walk(&state, uids[i]));
        EXPECT_EQ(count_owned(&copy, uids[i]), before[i]);
        EXPECT_EQ(count_by_walk(&copy, uids[i]), before[i]);
    }
    state_release(&state);
    state_release(&copy);
}
