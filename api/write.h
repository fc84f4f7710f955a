/* What create, update, patch and their kin share: from a tree to a planned write.
 *
 * A write holds the object before and after, both as trees in the version that
 * was asked for; rules of a version see that version. It becomes one entry of a
 * plan. Nothing here waits. */
#ifndef API_WRITE_H
#define API_WRITE_H

#include "api/admission.h"
#include "api/plan.h"
#include "api/request.h"

struct write {
    struct request *request;
    struct plan *plan;
    const struct kind *kind;
    struct slice key;
    const struct object *old;  /* On head or in the plan; NULL on create. Borrowed. */
    struct json *old_tree;     /* In the request's version, without managedFields. */
    struct json *object;       /* What is to be. */
    const char *manager;       /* fieldManager. */
    bool is_apply;
    struct buffer managed;     /* Of an apply: the entries it made. */
    bool is_dry_run;
};

/* Reads dryRun and fieldManager; options_type is "CreateOptions" and so on. */
MUST_USE int write_init(struct write *write, struct request *request, struct plan *plan,
                        const char *options_type);
void write_release(struct write *write);
/* Finds the object on head; -1 and NOT_FOUND. */
MUST_USE int write_find_old(struct write *write);
/* Plans write->object as a new object. The result is request->result. */
MUST_USE int write_plan_create(struct write *write);
/* Plans write->object in place of old; nothing when it changes nothing. */
MUST_USE int write_plan_update(struct write *write);
/* Admission of a subresource with a body of its own (pods/binding), as a create of that. */
MUST_USE int write_admit(struct write *write, struct json *body);
/* Plans write->object in place of old as it is, managedFields too: for subresources that made it
 * themselves from old and have checked it. */
MUST_USE int write_plan_object(struct write *write);
/* Plans the deletion of old by options (DeleteOptions as a tree, or NULL). */
MUST_USE int write_plan_delete(struct write *write, const struct json *options);

/* What plans a request. */
write_plan_fn *write_planner(const struct request *request); /* NULL: not a write. */

/* Runs a planner and the transaction, and replies with request->result. */
void write_run(struct request *request, write_plan_fn *plan);

#endif
