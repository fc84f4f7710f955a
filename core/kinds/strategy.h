/* What all kinds share around a write: the order of steps for one object.
 *
 * This is k8s.io/apiserver pkg/registry/rest (BeforeCreate, BeforeUpdate,
 * BeforeDelete) with the parts of generic/registry/store.go that only look at
 * the object. A create runs
 *
 *     schema_decode, strategy_set_defaults, strategy_begin_create,
 *     mutating admission, strategy_create, validating admission, store
 *
 * and an update the same with strategy_begin_update and strategy_update.
 * Functions change the tree that they are given and answer with upstream's
 * errors. Pure: time comes in by the context, chance as an argument. */
#ifndef CORE_KINDS_STRATEGY_H
#define CORE_KINDS_STRATEGY_H

#include "core/kinds/kind.h"
#include "core/random.h"

/* The defaults of the tables, then the kind's own. */
void strategy_set_defaults(const struct kind *kind, const struct kind_context *context,
                           struct json *object);

/* Before admission sees it: apiVersion and kind are the kind's, what only the server
 * may write is dropped, the namespace is the URL's. Fails with BAD_REQUEST where the
 * object names another namespace. */
MUST_USE int strategy_begin_create(const struct kind *kind, const struct kind_context *context,
                                   struct slice namespace, struct json *object,
                                   struct status *status);
/* Fills uid, creationTimestamp, generation and a generated name, prepares, validates.
 * Fails with INVALID and all causes; with INTERNAL_ERROR where resourceVersion is set. */
MUST_USE int strategy_create(const struct kind *kind, const struct kind_context *context,
                             struct random *random, struct json *object, struct status *status);
/* Checks an object that is answered and not stored (kind.is_virtual): it needs no name. */
MUST_USE int strategy_check_virtual(const struct kind *kind, const struct kind_context *context,
                                    const struct json *object, struct status *status);
/* Another name after a collision (KEP-4420: up to 8 times); false when the name was not
 * generated. */
bool strategy_generate_name_again(const struct kind_context *context, struct random *random,
                                  struct json *object);

/* Before admission: as for create; a name other than the URL's is BAD_REQUEST. */
MUST_USE int strategy_begin_update(const struct kind *kind, const struct kind_context *context,
                                   struct slice namespace, struct slice name, struct json *object,
                                   struct status *status);
/* Checks the object's own preconditions against old: uid and resourceVersion (absent:
 * unconditional, where the kind allows it). Fails with CONFLICT or INVALID. */
MUST_USE int strategy_check_update(const struct kind *kind, const struct json *object,
                                   const struct json *old, struct status *status);
/* Keeps what an update may not change, prepares, counts the generation, validates.
 * context->subresource says which part is written; of a subresource with reset, *object
 * is replaced by old with that part changed. */
MUST_USE int strategy_update(const struct kind *kind, const struct kind_context *context,
                             struct json **object, const struct json *old, struct status *status);
/* Somebody must still act before it may be removed. A namespace has a second list,
 * spec.finalizers. */
bool strategy_has_finalizers(const struct json *object);
/* This update empties the finalizers of an object that only waited for that: delete it. */
bool strategy_update_deletes(const struct json *object, const struct json *old);

/* A reset (see struct kind_subresource) for status: takes status and metadata from update. */
void strategy_reset_status(const struct kind_context *context, struct json *object,
                           const struct json *update);

/* Takes out of what is applied what this way of writing resets: the status, or by a subresource
 * all but its part. context->subresource says which. */
void strategy_drop_reset(const struct kind *kind, const struct kind_context *context,
                         struct json *config);

enum strategy_deletion {
    DELETION_REMOVES, /* Take it out of the store; object is its last state. */
    DELETION_MARKS,   /* Write the object, which is now deleting; answer with it. */
    DELETION_PENDS,   /* Nothing changes; answer with it. */
};
/* What DELETE does to object. options is DeleteOptions as a tree, or NULL. Fails with
 * INVALID (bad options) and CONFLICT (preconditions). */
MUST_USE int strategy_delete(const struct kind *kind, const struct kind_context *context,
                             struct json *object, const struct json *options,
                             enum strategy_deletion *deletion, struct status *status);

/* dryRun: a list of nothing but "All". */
void strategy_check_dry_run(const struct json *dry_run, struct field_errors *errors);
/* The query parameters and bodies CreateOptions, UpdateOptions, PatchOptions:
 * type_name is "CreateOptions". patch_is_apply matters for PatchOptions. */
MUST_USE int strategy_check_options(const char *type_name, const struct json *options,
                                    bool patch_is_apply, struct arena *arena,
                                    struct status *status);

#endif
