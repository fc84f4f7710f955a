/* A B+tree that is copied on write.
 *
 * Why reference counts say what may be changed in place, and not an epoch: a
 * node with one reference, reached through nodes with one reference, can be
 * seen by nobody else. Copying a node adds a reference to each child, so what
 * lies below a shared node is shared too, and one look per level is enough. A
 * pin that is dropped gives its nodes back to changes in place at once.
 *
 * Nodes are small (16 places), because copying a leaf counts up a reference in
 * every object of it, and each is a cache line somewhere else.
 *
 * Inner nodes keep, for each child, the first object below it (borrowed: the
 * leaf holds it, and the path to a changed leaf is always ours to update), so
 * that a search does not go down to a leaf to compare. */
#include "store/tree.h"

#include <stdatomic.h>

enum {
    PLACES = 16,
    FEW = 4,          /* A node with fewer is joined with a neighbour... */
    FEW_TOGETHER = 12 /* ...if they have no more than this. */
};

struct tree_node {
    atomic_uint references;
    uint16_t level; /* 0: a leaf. */
    uint16_t count;
};

struct leaf {
    struct tree_node node;
    struct object *objects[PLACES];
};

struct inner {
    struct tree_node node;
    struct tree_node *children[PLACES];
    const struct object *first[PLACES];
    uint32_t totals[PLACES];
};

static struct leaf *as_leaf(struct tree_node *node)
{
    return CONTAINER_OF(node, struct leaf, node);
}

static struct inner *as_inner(struct tree_node *node)
{
    return CONTAINER_OF(node, struct inner, node);
}

/* --- Life of nodes --- */

static struct tree_node *new_node(uint16_t level)
{
    size_t size = level == 0 ? sizeof(struct leaf) : sizeof(struct inner);
    struct tree_node *node = mem_resize(NULL, size);
    atomic_init(&node->references, 1);
    node->level = level;
    node->count = 0;
    return node;
}

static void node_ref(struct tree_node *node)
{
    atomic_fetch_add_explicit(&node->references, 1, memory_order_relaxed);
}

static void node_unref(struct tree_node *node)
{
    if (atomic_fetch_sub_explicit(&node->references, 1, memory_order_acq_rel) > 1)
        return;
    for (unsigned i = 0; i < node->count; i++) {
        if (node->level == 0)
            object_unref(as_leaf(node)->objects[i]);
        else
            node_unref(as_inner(node)->children[i]);
    }
    mem_free(node);
}

static struct tree_node *copy_node(const struct tree_node *shared)
{
    struct tree_node *node = new_node(shared->level);
    struct tree_node *from = (struct tree_node *)(uintptr_t)shared;
    size_t head = sizeof(struct tree_node);
    size_t size = shared->level == 0 ? sizeof(struct leaf) : sizeof(struct inner);
    memcpy((char *)node + head, (const char *)from + head, size - head);
    node->count = shared->count;
    for (unsigned i = 0; i < node->count; i++) {
        if (node->level == 0)
            object_ref(as_leaf(node)->objects[i]);
        else
            node_ref(as_inner(node)->children[i]);
    }
    return node;
}

/* Makes the node in *slot ours alone. The parent must be already. The load
 * pairs with the release of whoever dropped the other reference. */
static struct tree_node *own(struct tree_node **slot)
{
    struct tree_node *node = *slot;
    if (atomic_load_explicit(&node->references, memory_order_acquire) == 1)
        return node;
    *slot = copy_node(node);
    node_unref(node);
    return *slot;
}

/* --- Searching --- */

static const struct object *first_of(struct tree_node *node)
{
    return node->level == 0 ? as_leaf(node)->objects[0] : as_inner(node)->first[0];
}

static uint32_t total_of(struct tree_node *node)
{
    if (node->level == 0)
        return node->count;
    uint32_t total = 0;
    for (unsigned i = 0; i < node->count; i++)
        total += as_inner(node)->totals[i];
    return total;
}

static const struct object *key_at(struct tree_node *node, unsigned place)
{
    return node->level == 0 ? as_leaf(node)->objects[place] : as_inner(node)->first[place];
}

/* How many places hold a key before key. *equal: the next one is key itself. */
static unsigned places_before(struct tree_node *node, struct slice key, bool *equal)
{
    unsigned low = 0;
    unsigned high = node->count;
    *equal = false;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        int order = slice_compare(object_key(key_at(node, middle)), key);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
        if (order == 0)
            *equal = true;
    }
    return low;
}

/* The child under which key is, or would be. */
static unsigned child_for(struct tree_node *node, struct slice key)
{
    bool equal;
    unsigned before = places_before(node, key, &equal);
    if (equal)
        return before;
    return before > 0 ? before - 1 : 0;
}

struct object *tree_get(const struct tree *tree, struct slice key)
{
    struct tree_node *node = tree->root;
    if (node == NULL)
        return NULL;
    while (node->level > 0)
        node = as_inner(node)->children[child_for(node, key)];
    bool equal;
    unsigned place = places_before(node, key, &equal);
    return equal ? as_leaf(node)->objects[place] : NULL;
}

/* --- Putting --- */

static void leaf_insert(struct tree_node *node, unsigned place, struct object *object)
{
    struct leaf *leaf = as_leaf(node);
    memmove(leaf->objects + place + 1, leaf->objects + place,
            (node->count - place) * sizeof(leaf->objects[0]));
    leaf->objects[place] = object;
    node->count++;
}

/* Notes what is true of the child at place now. */
static void inner_note(struct tree_node *node, unsigned place)
{
    struct inner *inner = as_inner(node);
    inner->first[place] = first_of(inner->children[place]);
    inner->totals[place] = total_of(inner->children[place]);
}

static void inner_insert(struct tree_node *node, unsigned place, struct tree_node *child)
{
    struct inner *inner = as_inner(node);
    size_t behind = node->count - place;
    memmove(inner->children + place + 1, inner->children + place,
            behind * sizeof(*inner->children));
    memmove(inner->first + place + 1, inner->first + place, behind * sizeof(*inner->first));
    memmove(inner->totals + place + 1, inner->totals + place, behind * sizeof(*inner->totals));
    inner->children[place] = child;
    node->count++;
    inner_note(node, place);
}

/* Moves the places from `from` on to the end of another node of the same level. */
static void move_places(struct tree_node *node, unsigned from, struct tree_node *to)
{
    size_t n = node->count - from;
    if (node->level == 0) {
        memcpy(as_leaf(to)->objects + to->count, as_leaf(node)->objects + from,
               n * sizeof(as_leaf(to)->objects[0]));
    } else {
        struct inner *source = as_inner(node);
        struct inner *target = as_inner(to);
        memcpy(target->children + to->count, source->children + from,
               n * sizeof(*target->children));
        memcpy(target->first + to->count, source->first + from, n * sizeof(*target->first));
        memcpy(target->totals + to->count, source->totals + from, n * sizeof(*target->totals));
    }
    to->count = (uint16_t)(to->count + n);
    node->count = (uint16_t)from;
}

/* Splits a full node into which place is to go; gives the right part. Who
 * appends gets a fresh node, so that keys in rising order fill their nodes. */
static struct tree_node *split(struct tree_node *node, unsigned place)
{
    struct tree_node *right = new_node(node->level);
    if (place < PLACES)
        move_places(node, PLACES / 2, right);
    return right;
}

/* Inserts into the node, or into the right part if it must be split. */
static struct tree_node *insert(struct tree_node *node, unsigned place, void *thing)
{
    struct tree_node *right = NULL;
    struct tree_node *target = node;
    if (node->count == PLACES) {
        right = split(node, place);
        if (place >= node->count && (place > node->count || node->count == PLACES)) {
            place -= node->count;
            target = right;
        }
    }
    if (node->level == 0)
        leaf_insert(target, place, thing);
    else
        inner_insert(target, place, thing);
    return right;
}

/* Puts below *slot; gives the right part when the node there had to be split. */
static struct tree_node *put(struct tree_node **slot, struct object *object, struct object **old)
{
    struct tree_node *node = own(slot);
    if (node->level > 0) {
        unsigned place = child_for(node, object_key(object));
        struct tree_node *right = put(&as_inner(node)->children[place], object, old);
        inner_note(node, place);
        return right ? insert(node, place + 1, right) : NULL;
    }
    bool equal;
    unsigned place = places_before(node, object_key(object), &equal);
    if (!equal)
        return insert(node, place, object);
    *old = as_leaf(node)->objects[place];
    as_leaf(node)->objects[place] = object;
    return NULL;
}

struct object *tree_put(struct tree *tree, struct object *object)
{
    if (tree->root == NULL)
        tree->root = new_node(0);
    struct object *old = NULL;
    struct tree_node *right = put(&tree->root, object, &old);
    if (right) {
        PRE(tree->root->level + 2 <= TREE_DEPTH_MAX);
        struct tree_node *root = new_node((uint16_t)(tree->root->level + 1));
        inner_insert(root, 0, tree->root);
        inner_insert(root, 1, right);
        tree->root = root;
    }
    return old;
}

/* --- Removing --- */

/* Takes a place out without touching what was there. */
static void take_place(struct tree_node *node, unsigned place)
{
    size_t behind = node->count - place - 1u;
    if (node->level == 0) {
        struct leaf *leaf = as_leaf(node);
        memmove(leaf->objects + place, leaf->objects + place + 1,
                behind * sizeof(leaf->objects[0]));
    } else {
        struct inner *inner = as_inner(node);
        memmove(inner->children + place, inner->children + place + 1,
                behind * sizeof(*inner->children));
        memmove(inner->first + place, inner->first + place + 1, behind * sizeof(*inner->first));
        memmove(inner->totals + place, inner->totals + place + 1, behind * sizeof(*inner->totals));
    }
    node->count--;
}

/* Joins the child at place with the one behind it, if they are few together. */
static void join(struct tree_node *node, unsigned place)
{
    struct inner *inner = as_inner(node);
    if (place + 1u >= node->count)
        return;
    if (inner->children[place]->count + inner->children[place + 1]->count > FEW_TOGETHER)
        return;
    struct tree_node *left = own(&inner->children[place]);
    struct tree_node *right = own(&inner->children[place + 1]);
    move_places(right, 0, left);
    node_unref(right); /* Holds nothing any more. */
    take_place(node, place + 1);
    inner_note(node, place);
}

/* Removes below *slot what is known to be there. */
static struct object *take(struct tree_node **slot, struct slice key)
{
    struct tree_node *node = own(slot);
    if (node->level == 0) {
        bool equal;
        unsigned place = places_before(node, key, &equal);
        struct object *object = as_leaf(node)->objects[place];
        take_place(node, place);
        return object;
    }
    unsigned place = child_for(node, key);
    struct tree_node **child = &as_inner(node)->children[place];
    struct object *object = take(child, key);
    if ((*child)->count == 0) {
        node_unref(*child);
        take_place(node, place);
        return object;
    }
    inner_note(node, place);
    if ((*child)->count < FEW)
        join(node, place + 1u < node->count || place == 0 ? place : place - 1);
    return object;
}

struct object *tree_remove(struct tree *tree, struct slice key)
{
    if (tree_get(tree, key) == NULL)
        return NULL; /* Copies nothing for a miss. */
    struct object *object = take(&tree->root, key);
    PRE(tree->root != NULL);
    while (tree->root->level > 0 && tree->root->count == 1) {
        struct tree_node *child = as_inner(tree->root)->children[0];
        node_ref(child);
        node_unref(tree->root);
        tree->root = child;
    }
    if (tree->root->count == 0)
        tree_release(tree);
    return object;
}

/* --- The whole --- */

void tree_release(struct tree *tree)
{
    if (tree->root)
        node_unref(tree->root);
    tree->root = NULL;
}

struct tree tree_copy(const struct tree *tree)
{
    if (tree->root)
        node_ref(tree->root);
    return *tree;
}

int64_t tree_count(const struct tree *tree)
{
    return tree->root ? total_of(tree->root) : 0;
}

/* Is the object before everything under prefix; or, with `past`, not behind it? */
static bool is_before(const struct object *object, struct slice prefix, bool past)
{
    int order = slice_compare(slice_sub(object_key(object), 0, prefix.size), prefix);
    return order < 0 || (past && order == 0);
}

static unsigned count_before(struct tree_node *node, struct slice prefix, bool past)
{
    unsigned n = 0;
    while (n < node->count && is_before(key_at(node, n), prefix, past))
        n++;
    return n;
}

static int64_t rank(const struct tree *tree, struct slice prefix, bool past)
{
    struct tree_node *node = tree->root;
    int64_t before = 0;
    while (node && node->level > 0) {
        unsigned n = count_before(node, prefix, past);
        if (n == 0)
            return before;
        for (unsigned i = 0; i + 1 < n; i++)
            before += as_inner(node)->totals[i];
        node = as_inner(node)->children[n - 1];
    }
    return node ? before + count_before(node, prefix, past) : 0;
}

int64_t tree_count_prefix(const struct tree *tree, struct slice prefix)
{
    return rank(tree, prefix, true) - rank(tree, prefix, false);
}

/* --- Walking --- */

static struct object *object_under(struct tree_cursor *cursor)
{
    struct tree_node *leaf = (struct tree_node *)(uintptr_t)cursor->path[cursor->depth - 1];
    return as_leaf(leaf)->objects[cursor->place[cursor->depth - 1]];
}

static void push(struct tree_cursor *cursor, const struct tree_node *node, unsigned place)
{
    PRE(cursor->depth < TREE_DEPTH_MAX);
    cursor->path[cursor->depth] = node;
    cursor->place[cursor->depth] = (uint16_t)place;
    cursor->depth++;
}

/* Climbs until there is a next place, then goes down to the first leaf there. */
struct object *tree_next(struct tree_cursor *cursor)
{
    struct tree_node *node = NULL;
    while (cursor->depth > 0) {
        node = (struct tree_node *)(uintptr_t)cursor->path[cursor->depth - 1];
        if (++cursor->place[cursor->depth - 1] < node->count)
            break;
        cursor->depth--;
    }
    if (cursor->depth == 0)
        return NULL;
    while (node->level > 0) {
        node = as_inner(node)->children[cursor->place[cursor->depth - 1]];
        push(cursor, node, 0);
    }
    return object_under(cursor);
}

struct object *tree_seek(const struct tree *tree, struct slice from, struct tree_cursor *cursor)
{
    struct tree_node *node = tree->root;
    cursor->depth = 0;
    if (node == NULL)
        return NULL;
    while (node->level > 0) {
        unsigned place = child_for(node, from);
        push(cursor, node, place);
        node = as_inner(node)->children[place];
    }
    bool equal;
    unsigned place = places_before(node, from, &equal);
    push(cursor, node, place);
    if (place < node->count)
        return object_under(cursor);
    cursor->place[cursor->depth - 1]--;
    return tree_next(cursor);
}
