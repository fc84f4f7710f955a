/* The tree against a sorted list, and what copies promise each other. */
#include <stdio.h>
#include <stdlib.h>

#include "core/random.h"
#include "store/tree.h"
#include "tests/harness/test.h"

static struct object *make(const char *key, int64_t revision)
{
    return object_create(slice_of(key), revision, SLICE(""), SLICE("{}"), 1, SLICE(""));
}

static void put(struct tree *tree, const char *key, int64_t revision)
{
    object_unref(tree_put(tree, make(key, revision)));
}

struct walk {
    const void *path[TREE_DEPTH_MAX];
    uint16_t place[TREE_DEPTH_MAX];
    struct tree_cursor cursor;
};

static struct object *first(struct walk *walk, const struct tree *tree, const char *from)
{
    walk->cursor = (struct tree_cursor){walk->path, walk->place, 0};
    return tree_seek(tree, slice_of(from), &walk->cursor);
}

TEST("an empty tree has nothing to get, count, walk or remove")
{
    struct tree tree = {0};
    struct walk walk;
    EXPECT(tree_get(&tree, SLICE("a")) == NULL);
    EXPECT(tree_remove(&tree, SLICE("a")) == NULL);
    EXPECT(first(&walk, &tree, "") == NULL);
    EXPECT_EQ(tree_count(&tree), 0);
    EXPECT_EQ(tree_count_prefix(&tree, SLICE("")), 0);
    tree_release(&tree);
}

TEST("putting gives the object that was there before")
{
    struct tree tree = {0};
    EXPECT(tree_put(&tree, make("/pods/a", 1)) == NULL);
    struct object *old = tree_put(&tree, make("/pods/a", 2));
    EXPECT_EQ(old->revision, 1);
    object_unref(old);
    EXPECT_EQ(tree_get(&tree, SLICE("/pods/a"))->revision, 2);
    EXPECT_EQ(tree_count(&tree), 1);
    old = tree_remove(&tree, SLICE("/pods/a"));
    EXPECT_EQ(old->revision, 2);
    object_unref(old);
    EXPECT(tree.root == NULL);
}

TEST("a key is not found by a beginning of it, nor by more than it")
{
    struct tree tree = {0};
    put(&tree, "/pods/ab", 1);
    EXPECT(tree_get(&tree, SLICE("/pods/a")) == NULL);
    EXPECT(tree_get(&tree, SLICE("/pods/abc")) == NULL);
    EXPECT(tree_get(&tree, SLICE("/pods/ab")) != NULL);
    tree_release(&tree);
}

TEST("a copy keeps what it has while the other changes in every way")
{
    struct tree tree = {0};
    char key[32];
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof(key), "/pods/%04d", i);
        put(&tree, key, 1);
    }
    struct tree copy = tree_copy(&tree);
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof(key), "/pods/%04d", i);
        if (i % 3 == 0)
            object_unref(tree_remove(&tree, slice_of(key)));
        else
            put(&tree, key, 2);
        snprintf(key, sizeof(key), "/pods/%04d-b", i);
        put(&tree, key, 3);
    }
    struct walk walk;
    int n = 0;
    for (struct object *object = first(&walk, &copy, ""); object;
         object = tree_next(&walk.cursor), n++)
        EXPECT_EQ(object->revision, 1);
    EXPECT_EQ(n, 1000);
    EXPECT_EQ(tree_count(&copy), 1000);
    EXPECT_EQ(tree_count(&tree), 1000 - 334 + 1000);
    tree_release(&copy);
    tree_release(&tree);
}

TEST("prefixes are counted as they are walked")
{
    struct tree tree = {0};
    char key[64];
    for (int i = 0; i < 500; i++) {
        snprintf(key, sizeof(key), "/pods/ns-%d/p%d", i % 7, i);
        put(&tree, key, 1);
    }
    put(&tree, "/nodes/n", 1);
    put(&tree, "/podsets/x", 1);
    EXPECT_EQ(tree_count_prefix(&tree, SLICE("/pods/")), 500);
    EXPECT_EQ(tree_count_prefix(&tree, SLICE("/pods/ns-0/")), 72);
    EXPECT_EQ(tree_count_prefix(&tree, SLICE("/pods")), 501);
    EXPECT_EQ(tree_count_prefix(&tree, SLICE("/zzz")), 0);
    EXPECT_EQ(tree_count_prefix(&tree, SLICE("")), 502);
    tree_release(&tree);
}

/* The model: places 0..MODEL-1 with the revision there, or 0. */
enum { MODEL = 600 };

static void key_of(int i, char key[32])
{
    snprintf(key, 32, "/k/%05d", i * 7919 % 100000);
}

static int compare_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void expect_same(const struct tree *tree, const int64_t *model)
{
    char keys[MODEL][32];
    size_t count = 0;
    for (int i = 0; i < MODEL; i++) {
        char key[32];
        key_of(i, key);
        struct object *object = tree_get(tree, slice_of(key));
        EXPECT_EQ(object ? object->revision : 0, model[i]);
        if (model[i] != 0)
            memcpy(keys[count++], key, sizeof(key));
    }
    qsort(keys, count, sizeof(keys[0]), compare_text);
    struct walk walk;
    struct object *object = first(&walk, tree, "");
    for (size_t i = 0; i < count; i++, object = tree_next(&walk.cursor)) {
        EXPECT(object != NULL);
        EXPECT_SLICE(object_key(object), keys[i]);
    }
    EXPECT(object == NULL);
    EXPECT(tree_next(&walk.cursor) == NULL);
    EXPECT_EQ(tree_count(tree), count);
}

TEST("random changes and copies agree with a list, each copy with its own")
{
    struct random_seeded random;
    random_seeded_init(&random, 7);
    enum { COPIES = 4 };
    struct tree states[COPIES] = {{0}};
    static int64_t models[COPIES][MODEL];
    int rounds = test_full ? 400000 : 40000;
    for (int n = 1; n <= rounds; n++) {
        uint64_t which = random_below(&random.random, COPIES);
        uint64_t other = random_below(&random.random, COPIES);
        int place = (int)random_below(&random.random, MODEL);
        char key[32];
        key_of(place, key);
        uint64_t what = random_below(&random.random, 200);
        bool shrinks = n / 3000 % 2 == 1; /* Grows and shrinks in turns. */
        if (what == 0 && which != other) {
            tree_release(&states[which]);
            states[which] = tree_copy(&states[other]);
            memcpy(models[which], models[other], sizeof(models[0]));
        } else if (what < (shrinks ? 50 : 150)) {
            put(&states[which], key, n);
            models[which][place] = n;
        } else {
            struct object *old = tree_remove(&states[which], slice_of(key));
            EXPECT_EQ(old ? old->revision : 0, models[which][place]);
            object_unref(old);
            models[which][place] = 0;
        }
        if (n % 1000 == 0)
            expect_same(&states[which], models[which]);
    }
    for (int i = 0; i < COPIES; i++) {
        expect_same(&states[i], models[i]);
        tree_release(&states[i]);
    }
}

TEST("seeking finds the first key that is not before, at each place of a large tree")
{
    struct tree tree = {0};
    char key[32];
    for (int i = 0; i < 5000; i++) {
        snprintf(key, sizeof(key), "%05d", i * 2);
        put(&tree, key, i + 1);
    }
    struct walk walk;
    for (int i = 0; i < 9999; i++) {
        snprintf(key, sizeof(key), "%05d", i);
        struct object *object = first(&walk, &tree, key);
        EXPECT_EQ(object->revision, (i + 1) / 2 + 1);
        struct object *next = tree_next(&walk.cursor);
        EXPECT_EQ(next ? next->revision : 0, i < 9997 ? (i + 1) / 2 + 2 : 0);
        if (i == 9996)
            break;
    }
    EXPECT(first(&walk, &tree, "99999") == NULL);
    tree_release(&tree);
}
