/* A kind is one row: adding a kind is adding one file, core/kinds/kind_<name>.c.
 *
 * The row says everything that the server needs to serve, discover, check,
 * patch, print, select and watch objects of a kind. What a table cannot say
 * is a pure function on the object's JSON tree: no I/O, no clock, no loop;
 * time and names come in by the context.
 *
 * Versions: rows of one kind in several versions (or of one object under two
 * groups, as Event) share a stored shape: .stored_as names the row whose shape
 * is stored, to_stored and from_stored convert. Conversion loses nothing: what
 * a version does not know is carried over from the old object. */
#ifndef CORE_KINDS_KIND_H
#define CORE_KINDS_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/kinds/name.h"
#include "core/kinds/schema.h"
#include "core/status.h"

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

enum kind_verb {
    VERB_GET = 1 << 0,
    VERB_LIST = 1 << 1,
    VERB_WATCH = 1 << 2,
    VERB_CREATE = 1 << 3,
    VERB_UPDATE = 1 << 4,
    VERB_PATCH = 1 << 5,
    VERB_DELETE = 1 << 6,
    VERB_DELETE_COLLECTION = 1 << 7,
    VERBS_ALL = (1 << 8) - 1,
};

struct kind_context {   /* What a pure function may know beyond its arguments. */
    struct arena *arena;
    int64_t now_us;     /* Wall clock. */
    const char *user;   /* Who asks, */
    const char *uid;    /* with an id ("" or NULL: none), */
    const char *const *groups; /* groups that end with NULL (NULL: none), */
    const char *const *extra;  /* and pairs of key and value that end with NULL (NULL: none). */
    const struct kind_subresource *subresource; /* What is written; NULL: the object itself. */
};

struct kind_column {    /* One cell of `kubectl get`. */
    const char *name;   /* "Ready"; printed in upper case. */
    const char *type;   /* "string", "integer", "boolean". */
    const char *format; /* "name" for the first, else "". */
    const char *doc;
    int priority;       /* 0: always; 1: with -o wide. */
    const char *path;   /* Where the value is: "spec.nodeName"; or: */
    void (*cell)(const struct kind_context *context, const struct json *object,
                 struct buffer *text); /* Appends the cell as JSON. */
};

struct kind_field {   /* A selectable field, in view order. */
    const char *path; /* "spec.nodeName"; metadata.name and .namespace are for all kinds. */
    void (*value)(const struct json *object, struct buffer *text); /* NULL: text at path. */
};

struct kind_subresource {
    const char *name;               /* "status" */
    uint32_t verbs;
    const char *group, *version, *kind; /* Of its body; NULL: the parent's own. */
    /* For those that are another view of the object (status, resize): copies what a
     * writer of this subresource may change from update into object (a copy of old).
     * NULL: the subresource has code of its own, api/sub_<name>.c. */
    void (*reset)(const struct kind_context *context, struct json *object,
                  const struct json *update);
    /* Takes out of what is applied by this subresource what it cannot set, so that nobody comes to
     * own it (upstream's GetResetFields). NULL: the spec. */
    void (*drop_reset)(struct json *config);
};

struct kind {
    const char *group; /* "" is the core group. */
    const char *version;
    const char *kind;
    const char *resource; /* Plural. */
    const char *singular;
    const char *const *short_names; /* NULL: none. */
    const char *const *categories;
    bool namespaced;
    bool has_generation;         /* generation 1 on create, +1 when spec changes. */
    bool creates_with_status;    /* A status sent on create is kept (Node). */
    bool update_needs_revision;  /* No unconditional updates. */
    bool is_unserved;            /* Not in discovery, no routes (for stored shapes, bodies). */
    bool orphans_dependents;     /* What a deletion does that does not say (else Background). */
    bool is_virtual;             /* Nothing is stored: reviews, Binding. Verbs are create only. */
    uint32_t verbs;              /* 0: VERBS_ALL. */
    const char *deprecation;     /* What each request for it is warned of; NULL: nothing. */
    const struct schema_type *schema;
    const struct kind_subresource *subresources; /* Ends with name NULL; NULL: none. */
    const struct kind_column *columns;           /* Ends with name NULL; NULL: Name, Age. */
    const struct kind_field *fields;             /* Ends with path NULL; NULL: none. */
    const char *field_error;   /* printf form of an unsupported field label; NULL: the usual. */
    name_fn *validate_name;    /* See name.h; NULL: DNS subdomain. */

    const struct kind *stored_as; /* NULL: this row's own shape is stored. */
    /* old is the stored object on an update, NULL on create. */
    int (*to_stored)(const struct kind_context *context, struct json *object,
                     const struct json *old, struct status *status);
    int (*from_stored)(const struct kind_context *context, struct json *object,
                       struct status *status);

    /* All may be NULL. In order of use; see core/kinds/strategy.h. */
    void (*set_defaults)(const struct kind_context *context, struct json *object);
    void (*prepare_for_create)(const struct kind_context *context, struct json *object);
    void (*prepare_for_update)(const struct kind_context *context, struct json *object,
                               const struct json *old);
    /* The object is being marked as deleting, and waits for finalizers or grace. */
    void (*prepare_for_delete)(const struct kind_context *context, struct json *object);
    void (*validate)(const struct kind_context *context, const struct json *object,
                     struct field_errors *errors);
    void (*validate_update)(const struct kind_context *context, const struct json *object,
                            const struct json *old, struct field_errors *errors);
    /* Deletion that may wait (Pod): the seconds that it does, given what was asked for (-1:
     * nothing). NULL: it never waits. */
    int64_t (*grace_seconds)(const struct json *object, int64_t wanted);
    /* What the scheduler, quota and controllers want to know without parsing: the kind's
     * own flat encoding, see its facts_<kind>.h. */
    void (*facts)(const struct json *object, struct buffer *facts);
    /* Relaxed durability (Leases of nodes, Events): see store/store.h. NULL: never. */
    bool (*is_relaxed)(struct slice namespace);
};

#endif
