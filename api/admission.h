/* Admission: what may still change or refuse a write after its shape was checked.
 *
 * Plugins are rows, api/admission_<name>.c; their order is api/admission.order.
 * All mutating ones run before the kind's validation, all validating ones after
 * it, on what will be stored. A plugin sees head through the plan, so that what it
 * counts is counted in the same transaction. Rules: k8s.io/apiserver pkg/admission. */
#ifndef API_ADMISSION_H
#define API_ADMISSION_H

#include "api/plan.h"
#include "api/request.h"

enum admission_operation { ADMIT_CREATE, ADMIT_UPDATE, ADMIT_DELETE };

struct admission {
    struct request *request;
    struct plan *plan;
    enum admission_operation operation;
    const struct kind *kind;
    const struct kind_subresource *subresource;
    struct slice namespace;
    struct slice name;
    struct json *object;     /* What is written; NULL on delete. May be changed when mutating. */
    const struct json *old;  /* NULL on create. */
    bool is_dry_run;
};

struct admission_plugin {
    const char *name;
    int (*mutate)(struct admission *admission, struct status *status);   /* NULL: never. */
    int (*validate)(struct admission *admission, struct status *status); /* NULL: never. */
};

/* Refuses: `pods "x" is forbidden: why`, the name being the one that is still to be made from, if
 * any (k8s.io/apiserver pkg/admission/errors.go). Returns -1. */
int admission_forbid(const struct admission *admission, struct status *status, const char *why);

MUST_USE int admission_mutate(struct admission *admission, struct status *status);
MUST_USE int admission_validate(struct admission *admission, struct status *status);

#endif
