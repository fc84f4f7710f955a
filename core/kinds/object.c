/* Objects: one allocation each, and texts of managedFields that they share.
 *
 * Interning needs one table for all threads, because any of them may drop the
 * last reference. It is the one piece of state here that is not passed in: it
 * holds nothing but equal texts under equal texts, so two servers in a process
 * cannot tell that they share it. */
#include "core/kinds/object.h"

#include <pthread.h>

#include "core/map.h"

struct shared_text {
    atomic_uint references;
    size_t size;
    char bytes[];
};

static struct {
    pthread_mutex_t mutex;
    struct map texts; /* Text -> struct shared_text; borrows the key from the value. */
} interned = {.mutex = PTHREAD_MUTEX_INITIALIZER, .texts = {.borrows_keys = true}};

static struct slice text_slice(const struct shared_text *text)
{
    return (struct slice){text->bytes, text->size};
}

static struct shared_text *new_text(struct slice slice)
{
    struct shared_text *text = mem_resize(NULL, sizeof(*text) + slice.size + 1);
    atomic_init(&text->references, 1);
    text->size = slice.size;
    memcpy(text->bytes, slice.data, slice.size);
    text->bytes[slice.size] = '\0';
    map_set(&interned.texts, text_slice(text), text);
    return text;
}

static struct shared_text *intern(struct slice slice)
{
    if (slice.size == 0)
        return NULL;
    pthread_mutex_lock(&interned.mutex);
    struct shared_text *text = map_get(&interned.texts, slice);
    if (text)
        atomic_fetch_add_explicit(&text->references, 1, memory_order_relaxed);
    else
        text = new_text(slice);
    pthread_mutex_unlock(&interned.mutex);
    return text;
}

/* Takes one reference off unless it is the last one. */
static bool drop_if_shared(struct shared_text *text)
{
    unsigned references = atomic_load_explicit(&text->references, memory_order_relaxed);
    while (references > 1) {
        if (atomic_compare_exchange_weak_explicit(&text->references, &references, references - 1,
                                                  memory_order_release, memory_order_relaxed))
            return true;
    }
    return false;
}

/* The last reference goes under the lock, so that intern() never finds a text
 * that is on its way out. */
static void text_unref(struct shared_text *text)
{
    if (text == NULL || drop_if_shared(text))
        return;
    pthread_mutex_lock(&interned.mutex);
    if (atomic_fetch_sub_explicit(&text->references, 1, memory_order_acq_rel) == 1) {
        map_remove(&interned.texts, text_slice(text));
        mem_free(text);
        if (interned.texts.count == 0) {
            map_release(&interned.texts);
            interned.texts.borrows_keys = true;
        }
    }
    pthread_mutex_unlock(&interned.mutex);
}

static uint64_t hash_now(const struct object *object)
{
#ifdef NDEBUG
    (void)object;
    return 0;
#else
    size_t size = (size_t)object->key_size + object->view_size + object->body_size + 3;
    return map_hash((struct slice){object->bytes, size}) ^ (uint64_t)object->revision;
#endif
}

static char *put_slice(char *place, struct slice slice)
{
    if (slice.size > 0)
        memcpy(place, slice.data, slice.size);
    place[slice.size] = '\0';
    return place + slice.size + 1;
}

struct object *object_create(struct slice key, int64_t revision, struct slice view,
                             struct slice body, uint32_t splice, struct slice managed)
{
    PRE(key.size < UINT32_MAX && view.size < UINT32_MAX && body.size < UINT32_MAX);
    PRE(splice <= body.size);
    size_t size = sizeof(struct object) + key.size + view.size + body.size + 3;
    struct object *object = mem_resize(NULL, size);
    atomic_init(&object->references, 1);
    object->key_size = (uint32_t)key.size;
    object->view_size = (uint32_t)view.size;
    object->body_size = (uint32_t)body.size;
    object->splice = splice;
    object->revision = revision;
    object->managed = intern(managed);
    put_slice(put_slice(put_slice(object->bytes, key), view), body);
    object->hash = hash_now(object);
    return object;
}

struct object *object_ref(const struct object *object)
{
    struct object *mutable = (struct object *)(uintptr_t)object; /* The count alone changes. */
    unsigned before = atomic_fetch_add_explicit(&mutable->references, 1, memory_order_relaxed);
    PRE(before > 0);
    return mutable;
}

void object_unref(const struct object *object)
{
    if (object == NULL)
        return;
    struct object *mutable = (struct object *)(uintptr_t)object;
    unsigned before = atomic_fetch_sub_explicit(&mutable->references, 1, memory_order_acq_rel);
    PRE(before > 0);
    if (before > 1)
        return;
    PRE(object->hash == hash_now(object)); /* Nobody changed it. */
    text_unref(object->managed);
    mem_free(mutable);
}

struct slice object_managed(const struct object *object)
{
    return object->managed ? text_slice(object->managed) : (struct slice){NULL, 0};
}

#define MANAGED_NAME "\"managedFields\":"

/* What stands between the two halves of the body around the managed text. */
static bool is_last_member(const struct object *object)
{
    return object->splice < object->body_size && object_body(object).data[object->splice] == '}';
}

void object_append_json(const struct object *object, struct buffer *text)
{
    struct slice body = object_body(object);
    if (object->managed == NULL) {
        buffer_append_slice(text, body);
        return;
    }
    buffer_reserve(text, object_json_size(object));
    buffer_append(text, body.data, object->splice);
    buffer_append_text(text, MANAGED_NAME);
    buffer_append_slice(text, text_slice(object->managed));
    if (!is_last_member(object))
        buffer_append_byte(text, ',');
    buffer_append(text, body.data + object->splice, body.size - object->splice);
}

size_t object_json_size(const struct object *object)
{
    if (object->managed == NULL)
        return object->body_size;
    return object->body_size + sizeof(MANAGED_NAME) - 1 + object->managed->size +
           (is_last_member(object) ? 0 : 1);
}

size_t object_memory(const struct object *object)
{
    return sizeof(*object) + object->key_size + object->view_size + object->body_size + 3;
}
