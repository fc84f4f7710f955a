/* Pod Security: the standards that a namespace's labels ask for hold for its pods.
 *
 * A pod that violates the enforced standard is refused; templates and the other two modes only
 * warn and tell the audit log. A namespace that is given a stricter standard hears which of its
 * pods violate it. Nobody is exempt. Rules: k8s.io/pod-security-admission, folder admission. */
#include <stdlib.h>

#include "api/admission.h"
#include "api/api.h"
#include "api/pod_security.h"
#include "core/clock.h"
#include "core/map.h"
#include "core/kinds/view.h"

#define ANNOTATION "pod-security.kubernetes.io/"
/* Pods that a change of a namespace looks at: upstream's 3000, and what a step of the loop can
 * bear; the warning says where it ended. */
enum { PODS_MAX = 3000, PODS_US = 1500 };

/* --- Which objects have a pod in them --- */

static const struct {
    const char *group, *resource, *path; /* "": the object is the pod. */
} sources[] = {
    {"", "pods", ""},
    {"", "replicationcontrollers", "spec.template"},
    {"", "podtemplates", "template"},
    {"apps", "replicasets", "spec.template"},
    {"apps", "deployments", "spec.template"},
    {"apps", "statefulsets", "spec.template"},
    {"apps", "daemonsets", "spec.template"},
    {"batch", "jobs", "spec.template"},
    {"batch", "cronjobs", "spec.jobTemplate.spec.template"},
};
static const char *pod_path(const struct kind *kind)
{
    for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
        if (strcmp(kind->group, sources[i].group) == 0 &&
            strcmp(kind->resource, sources[i].resource) == 0)
            return sources[i].path;
    return NULL;
}

/* --- Is there anything new to look at? --- */

static bool images_differ(const struct json *containers, const struct json *old)
{
    const struct json *before = json_first(old);
    if (json_count(containers) != json_count(old))
        return true;
    JSON_EACH(container, containers) {
        if (!slice_equal(json_string(json_get(container, "image")),
                         json_string(json_get(before, "image"))))
            return true;
        before = json_next(before);
    }
    return false;
}
static const struct json *find_named(const struct json *containers, struct slice name)
{
    JSON_EACH(container, containers)
        if (slice_equal(json_string(json_get(container, "name")), name))
            return container;
    return NULL;
}
static bool debug_containers_differ(const struct json *containers, const struct json *old)
{
    JSON_EACH(container, containers) {
        const struct json *before = find_named(old, json_string(json_get(container, "name")));
        if (!before || !slice_equal(json_string(json_get(container, "image")),
                                    json_string(json_get(before, "image"))))
            return true;
    }
    return false;
}
/* Images and debugging containers are all that a pod's update can change here. */
static bool is_significant(const struct json *pod, const struct json *old)
{
    const struct json *spec = json_get(pod, "spec"), *before = json_get(old, "spec");
    return images_differ(json_get(spec, "containers"), json_get(before, "containers")) ||
           images_differ(json_get(spec, "initContainers"), json_get(before, "initContainers")) ||
           debug_containers_differ(json_get(spec, "ephemeralContainers"),
                                   json_get(before, "ephemeralContainers"));
}

/* --- One pod --- */

struct judging {
    struct admission *admission;
    struct arena *arena;
    const struct json *pod;
    struct security_policy policy;
};

/* `WORD PodSecurity "restricted:latest": ...` */
static const char *violation(const struct judging *judging, const char *word,
                             struct security_standard standard)
{
    struct security_verdict verdict;
    security_evaluate(judging->arena, standard, judging->pod, &verdict);
    if (verdict.count == 0)
        return NULL;
    return arena_format(judging->arena, "%s PodSecurity \"%s\": %s", word,
                        security_standard_text(judging->arena, standard), verdict.details);
}

static int judge(const struct judging *judging, bool enforces, struct status *status)
{
    struct request *request = judging->admission->request;
    const char *refusal = NULL;
    if (enforces) {
        request_annotate(request, ANNOTATION "enforce-policy",
                         security_standard_text(judging->arena, judging->policy.enforce));
        refusal = violation(judging, "violates", judging->policy.enforce);
    }
    const char *audit = violation(judging, "would violate", judging->policy.audit);
    if (audit)
        request_annotate(request, ANNOTATION "audit-violations", audit);
    if (refusal) {
        const struct kind *kind = judging->admission->kind;
        return status_forbidden(status, kind->group, kind->resource,
                                arena_copy_slice(judging->arena, judging->admission->name),
                                refusal);
    }
    const char *warning = violation(judging, "would violate", judging->policy.warn);
    if (warning)
        request_warn(request, warning);
    return 0;
}

static const struct object *find_namespace(const struct admission *admission)
{
    struct buffer key = {0};
    key_append(&key, "", "namespaces", (struct slice){0}, admission->namespace);
    const struct object *namespace = plan_get(admission->plan, buffer_slice(&key));
    buffer_release(&key);
    return namespace;
}
static bool is_looked_at(const struct admission *admission, bool is_pod)
{
    static const char *const without_pod[] = {"binding", "eviction", "status", NULL};
    const struct kind_subresource *part = admission->subresource;
    if (admission->operation == ADMIT_DELETE)
        return false;
    if (!is_pod || !part)
        return !part;
    for (size_t i = 0; without_pod[i]; i++)
        if (strcmp(part->name, without_pod[i]) == 0)
            return false;
    return true;
}

static int check_pod(struct admission *admission, const char *path, struct status *status)
{
    bool is_pod = *path == '\0';
    const struct object *namespace = find_namespace(admission);
    struct judging judging = {
        .admission = admission,
        .arena = &admission->request->arena,
        .pod = is_pod ? admission->object : json_at(admission->object, path),
    };
    struct field_errors errors;
    if (!namespace || !judging.pod || !is_looked_at(admission, is_pod))
        return 0;
    field_errors_init(&errors, judging.arena);
    security_policy_read(object_view(namespace), &judging.policy, &errors);
    bool is_free = judging.policy.enforce.level == SECURITY_PRIVILEGED || !is_pod;
    if (is_free && judging.policy.audit.level == SECURITY_PRIVILEGED &&
        judging.policy.warn.level == SECURITY_PRIVILEGED)
        return 0;
    if (is_pod && admission->operation == ADMIT_UPDATE &&
        !is_significant(admission->object, admission->old))
        return 0;
    return judge(&judging, is_pod, status);
}

/* --- A namespace and the pods that it has --- */

/* Pods that fail alike are told together, by the first name. */
struct finding {
    const char *reasons;
    struct slice first;
    size_t count;
    struct finding *next;
};
struct looking {
    struct arena *arena;
    struct security_standard standard;
    struct finding *findings; /* In order of what they will say. */
    struct map seen;          /* Controllers. */
    size_t checked;
    int64_t until_us;
    struct clock *clock;
};

static void note(struct looking *looking, const char *reasons, struct slice name)
{
    struct finding *finding = looking->findings;
    while (finding && strcmp(finding->reasons, reasons) != 0)
        finding = finding->next;
    if (!finding) {
        finding = ARENA_NEW(looking->arena, struct finding);
        *finding = (struct finding){reasons, name, 0, looking->findings};
        looking->findings = finding;
    }
    if (slice_compare(name, finding->first) < 0)
        finding->first = name;
    finding->count++;
}
static void look_at(struct looking *looking, const struct object *object)
{
    struct arena arena;
    struct status status;
    struct security_verdict verdict;
    arena_init(&arena);
    status_init(&status);
    const struct json *pod = json_parse(&arena, object_body(object), NULL, &status);
    security_evaluate(&arena, looking->standard, pod, &verdict);
    if (verdict.count > 0)
        note(looking, arena_copy_text(looking->arena, verdict.reasons),
             slice_of(arena_copy_slice(looking->arena, key_name(object_key(object)))));
    looking->checked++;
    status_release(&status);
    arena_release(&arena);
}
static bool has_time(const struct looking *looking)
{
    return looking->checked < PODS_MAX && clock_steady_us(looking->clock) < looking->until_us;
}

/* Whether this pod's controller has had one before it. */
static bool is_another_of_its_kind(struct looking *looking, const struct object *pod)
{
    struct view_cursor cursor = {0};
    struct view_owner owner;
    while (view_next_owner(object_view(pod), &cursor, &owner))
        if (owner.is_controller)
            return map_set(&looking->seen, owner.uid, looking) != NULL;
    return false;
}
/* One of each controller first, then the others. */
static void look_at_all(struct looking *looking, const struct pin *pin, struct slice prefix,
                        bool others)
{
    struct pin_cursor cursor;
    const struct object *pod = pin_first(pin, prefix, SLICE(""), &cursor);
    map_init(&looking->seen);
    for (; pod && has_time(looking); pod = pin_next(&cursor))
        if (is_another_of_its_kind(looking, pod) == others)
            look_at(looking, pod);
    map_release(&looking->seen);
}

static const char *finding_text(struct arena *arena, const struct finding *finding)
{
    const char *more = finding->count == 2  ? " (and 1 other pod)"
                       : finding->count > 2
                           ? arena_format(arena, " (and %zu other pods)", finding->count - 1)
                           : "";
    return arena_format(arena, SLICE_FORMAT "%s: %s", SLICE_ARGS(finding->first), more,
                        finding->reasons);
}
static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}
static void warn(struct request *request, const struct looking *looking, int64_t total,
                 const char *namespace)
{
    struct arena *arena = looking->arena;
    size_t count = 0;
    for (const struct finding *one = looking->findings; one; one = one->next)
        count++;
    const char **texts = ARENA_ARRAY(arena, const char *, count + 1);
    count = 0;
    for (const struct finding *one = looking->findings; one; one = one->next)
        texts[count++] = finding_text(arena, one);
    qsort(texts, count, sizeof(*texts), compare_texts);
    if ((int64_t)looking->checked < total)
        request_warn(request, arena_format(arena,
                                           "new PodSecurity enforce level only checked against "
                                           "the first %zu of %lld existing pods",
                                           looking->checked, (long long)total));
    if (count > 0)
        request_warn(request,
                     arena_format(arena,
                                  "existing pods in namespace \"%s\" violate the new PodSecurity "
                                  "enforce level \"%s\"",
                                  namespace, security_standard_text(arena, looking->standard)));
    for (size_t i = 0; i < count; i++)
        request_warn(request, texts[i]);
}

static void look_at_pods(struct admission *admission, struct security_standard standard)
{
    struct request *request = admission->request;
    struct buffer prefix = {0};
    struct clock *clock = loop_clock(request->api->loop);
    struct looking looking = {
        .arena = &request->arena,
        .standard = standard,
        .until_us = clock_steady_us(clock) + PODS_US,
        .clock = clock,
    };
    struct pin *pin = store_pin(admission->plan->store, HEAD);
    key_append_prefix(&prefix, "", "pods", admission->name);
    look_at_all(&looking, pin, buffer_slice(&prefix), false);
    look_at_all(&looking, pin, buffer_slice(&prefix), true);
    warn(request, &looking, pin_count(pin, buffer_slice(&prefix)),
         arena_copy_slice(&request->arena, admission->name));
    buffer_release(&prefix);
    pin_unref(pin);
}

static bool says_the_same(const struct field_errors *errors, const struct field_errors *old)
{
    const struct field_error *other = old->first;
    for (const struct field_error *one = errors->first; one; one = one->next) {
        if (!other || strcmp(one->path, other->path) != 0 || strcmp(one->value, other->value) != 0)
            return false;
        other = other->next;
    }
    return !other;
}
static bool is_stricter(struct security_standard new, struct security_standard old)
{
    if (security_standard_equal(new, old) || new.level == SECURITY_PRIVILEGED)
        return false;
    return new.minor != old.minor || new.level > old.level;
}

static int check_namespace(struct admission *admission, struct status *status)
{
    struct arena *arena = &admission->request->arena;
    struct security_policy policy, old_policy;
    struct field_errors errors, old_errors;
    if (admission->operation == ADMIT_DELETE || admission->subresource)
        return 0;
    field_errors_init(&errors, arena);
    field_errors_init(&old_errors, arena);
    security_policy_read_tree(admission->object, &policy, &errors);
    if (admission->old)
        security_policy_read_tree(admission->old, &old_policy, &old_errors);
    if (errors.count > 0 && !(admission->old && says_the_same(&errors, &old_errors)))
        return field_errors_status(&errors, "", "Namespace",
                                   arena_copy_slice(arena, admission->name), status);
    if (admission->old && is_stricter(policy.enforce, old_policy.enforce))
        look_at_pods(admission, policy.enforce);
    return 0;
}

static int validate(struct admission *admission, struct status *status)
{
    const struct kind *kind = admission->kind;
    const char *path = pod_path(kind);
    if (path)
        return check_pod(admission, path, status);
    if (*kind->group == '\0' && strcmp(kind->resource, "namespaces") == 0)
        return check_namespace(admission, status);
    return 0;
}

const struct admission_plugin admission_pod_security = {.name = "PodSecurity",
                                                        .validate = validate};
