/* The Pod Security Standards: what a pod may ask of its node, at three levels.
 *
 * A level is of a version: checks were added and relaxed over time, and a namespace may hold
 * on to those of an older one. Rules, order and texts: k8s.io/pod-security-admission, v0.35,
 * folders api and policy. Pure. */
#ifndef API_POD_SECURITY_H
#define API_POD_SECURITY_H

#include "core/json.h"
#include "core/kinds/object.h"
#include "core/status.h"

enum security_level { SECURITY_PRIVILEGED, SECURITY_BASELINE, SECURITY_RESTRICTED };

#define SECURITY_LATEST INT32_MAX   /* As version. */
#define SECURITY_MODES 3

struct security_standard {
    enum security_level level;
    int32_t minor; /* Of v1.MINOR. */
};
struct security_policy {
    struct security_standard enforce;
    struct security_standard audit;
    struct security_standard warn;
};

/* The policy that a namespace's labels ask for; what they say wrongly goes to errors, at
 * metadata.labels[...], and is then read as upstream reads it. view is the namespace's. */
void security_policy_read(struct slice view, struct security_policy *policy,
                          struct field_errors *errors);
/* The same from its tree. */
void security_policy_read_tree(const struct json *namespace, struct security_policy *policy,
                               struct field_errors *errors);
bool security_standard_equal(struct security_standard a, struct security_standard b);
/* "restricted:v1.35" */
const char *security_standard_text(struct arena *arena, struct security_standard standard);

/* What a pod (or template) asks for that a standard forbids. Texts in the arena. */
struct security_verdict {
    size_t count;        /* Of checks that it fails; 0: it may. */
    const char *reasons; /* "host namespaces, privileged" */
    const char *details; /* The same, each with what is meant in parentheses. */
};
void security_evaluate(struct arena *arena, struct security_standard standard,
                       const struct json *pod, struct security_verdict *verdict);

#endif
