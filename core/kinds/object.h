/* One version of one API object: shared, counted, never changed.
 *
 * An object is three slices, made once on write and from then on only copied:
 *   view    what selectors, garbage collection, the scheduler and quota ask
 *           for, in a flat encoding that needs no parsing (core/kinds/view.h);
 *   body    the JSON that is sent, without metadata.managedFields;
 *   managed the text of metadata.managedFields (`[...]`), shared between all
 *           objects that have the same; empty when there is none.
 * The whole JSON is body[0..splice] + `"managedFields":` + managed + `,` +
 * body[splice..]: splice is just behind the brace that opens metadata.
 *
 * A deletion is told by the object's last state with the revision of the
 * deletion; see store/watch.h.
 *
 * Memory: one allocation and a reference to managed. Thread: the count is
 * atomic, the rest is read only, so any thread may read what it holds a
 * reference to. Debug builds hash an object when it is made and check the
 * hash at the last unref. */
#ifndef CORE_KINDS_OBJECT_H
#define CORE_KINDS_OBJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/buffer.h"

struct shared_text; /* An interned, counted text. */

struct object {
    atomic_uint references;
    uint32_t key_size;
    uint32_t view_size;
    uint32_t body_size;
    uint32_t splice;
    int64_t revision;            /* metadata.resourceVersion, also inside body. */
    struct shared_text *managed; /* NULL when empty. */
    uint64_t hash;               /* Debug builds only; else 0. */
    char bytes[];                /* key, view, body; each followed by a NUL. */
};

/* Makes an object with one reference. The slices are copied. */
struct object *object_create(struct slice key, int64_t revision, struct slice view,
                             struct slice body, uint32_t splice, struct slice managed);
struct object *object_ref(const struct object *object);
void object_unref(const struct object *object); /* Takes NULL. */

static inline struct slice object_key(const struct object *object)
{
    return (struct slice){object->bytes, object->key_size};
}
static inline struct slice object_view(const struct object *object)
{
    return (struct slice){object->bytes + object->key_size + 1, object->view_size};
}
static inline struct slice object_body(const struct object *object)
{
    return (struct slice){object->bytes + object->key_size + object->view_size + 2,
                          object->body_size};
}
struct slice object_managed(const struct object *object);
/* Appends the whole JSON, managedFields included. */
void object_append_json(const struct object *object, struct buffer *text);
size_t object_json_size(const struct object *object);
/* Bytes that this object holds, for limits and metrics (managed not counted). */
size_t object_memory(const struct object *object);

/* Keys order objects as upstream's storage does: GROUP/RESOURCE/[NAMESPACE/]NAME,
 * the core group being empty ("/pods/default/web", "/nodes/n1",
 * "scheduling.k8s.io/podgroups/default/train"). */
void key_append(struct buffer *key, const char *group, const char *resource, struct slice namespace,
                struct slice name);
/* The prefix of a resource (namespace empty) or of one namespace in it. */
void key_append_prefix(struct buffer *key, const char *group, const char *resource,
                       struct slice namespace);
struct slice key_name(struct slice key);              /* Behind the last slash. */
struct slice key_resource(struct slice key);          /* "GROUP/RESOURCE" */
struct slice key_namespace(struct slice key);         /* Empty for a cluster-scoped key. */

#endif
