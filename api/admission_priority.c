/* A pod's or a PodGroup's priority comes from its class, never from its writer.
 *
 * Rules: k8s.io/kubernetes plugin/pkg/admission/priority: a class that is named must
 * be there; without one the global default holds (of several the smallest value),
 * else 0; a priority or preemptionPolicy that says something else is refused. Only
 * one class may be the global default. */
#include "api/admission.h"

static bool is(const struct kind *kind, const char *group, const char *resource)
{
    return strcmp(kind->group, group) == 0 && strcmp(kind->resource, resource) == 0;
}

struct chosen {
    const char *name; /* "" when there is none. */
    int64_t value;
    const char *preemption_policy;
};

static void read_class(struct arena *arena, const struct object *object, struct chosen *chosen)
{
    struct status status;
    status_init(&status);
    struct json *class = json_parse(arena, object_body(object), NULL, &status);
    status_release(&status);
    chosen->name = json_text(json_at(class, "metadata.name"));
    const char *policy = json_text(json_get(class, "preemptionPolicy"));
    chosen->preemption_policy = *policy ? policy : "PreemptLowerPriority";
    if (!json_to_int64(json_get(class, "value"), &chosen->value))
        chosen->value = 0;
}

static bool is_global_default(struct arena *arena, const struct object *object)
{
    struct status status;
    status_init(&status);
    struct json *class = json_parse(arena, object_body(object), NULL, &status);
    status_release(&status);
    return json_bool(json_get(class, "globalDefault"));
}

/* The global default class; false when no class is. */
static bool find_default(struct admission *admission, struct slice but, struct chosen *chosen)
{
    struct arena *arena = &admission->request->arena;
    struct pin *pin = store_pin(admission->plan->store, HEAD);
    struct pin_cursor cursor;
    bool found = false;
    const struct object *object =
        pin_first(pin, SLICE("scheduling.k8s.io/priorityclasses/"), SLICE(""), &cursor);
    for (; object; object = pin_next(&cursor)) {
        struct chosen one;
        if (slice_equal(key_name(object_key(object)), but) || !is_global_default(arena, object))
            continue;
        read_class(arena, object, &one);
        if (!found || one.value < chosen->value)
            *chosen = one;
        found = true;
    }
    pin_unref(pin);
    return found;
}

static int choose(struct admission *admission, const struct json *spec, struct chosen *chosen,
                  struct status *status)
{
    struct arena *arena = &admission->request->arena;
    *chosen = (struct chosen){.name = "", .preemption_policy = "PreemptLowerPriority"};
    struct slice name = json_string(json_get(spec, "priorityClassName"));
    if (name.size == 0) {
        find_default(admission, (struct slice){0}, chosen);
        return 0;
    }
    struct buffer key = {0};
    key_append(&key, "scheduling.k8s.io", "priorityclasses", (struct slice){0}, name);
    const struct object *object = plan_get(admission->plan, buffer_slice(&key));
    buffer_release(&key);
    if (!object)
        return admission_forbid(
            admission, status,
            arena_format(arena, "no PriorityClass with name " SLICE_FORMAT " was found",
                         SLICE_ARGS(name)));
    read_class(arena, object, chosen);
    return 0;
}

static int set_priority(struct admission *admission, struct json *spec, struct status *status)
{
    struct arena *arena = &admission->request->arena;
    struct chosen chosen;
    if (choose(admission, spec, &chosen, status))
        return -1;
    int64_t given;
    if (json_to_int64(json_get(spec, "priority"), &given) && given != chosen.value)
        return admission_forbid(
            admission, status,
            arena_format(arena,
                         "the integer value of priority (%lld) must not be provided in "
                         "pod spec; priority admission controller computed %lld from "
                         "the given PriorityClass name",
                         (long long)given, (long long)chosen.value));
    const char *policy = json_text(json_get(spec, "preemptionPolicy"));
    if (*policy && strcmp(policy, chosen.preemption_policy) != 0)
        return admission_forbid(
            admission, status,
            arena_format(arena,
                         "the string value of PreemptionPolicy (%s) must not be "
                         "provided in pod spec; priority admission controller computed "
                         "%s from the given PriorityClass name",
                         policy, chosen.preemption_policy));
    json_set_int(arena, spec, "priority", chosen.value);
    if (*chosen.name)
        json_set_text(arena, spec, "priorityClassName", chosen.name);
    json_set_text(arena, spec, "preemptionPolicy", chosen.preemption_policy);
    return 0;
}

static int mutate(struct admission *admission, struct status *status)
{
    if (admission->operation != ADMIT_CREATE || admission->subresource ||
        !(is(admission->kind, "", "pods") || is(admission->kind, "scheduling.k8s.io", "podgroups")))
        return 0;
    return set_priority(admission, json_get(admission->object, "spec"), status);
}

/* A second global default is refused. */
static int validate(struct admission *admission, struct status *status)
{
    if (admission->operation == ADMIT_DELETE ||
        !is(admission->kind, "scheduling.k8s.io", "priorityclasses") ||
        !json_bool(json_get(admission->object, "globalDefault")))
        return 0;
    struct chosen other;
    if (!find_default(admission, admission->name, &other))
        return 0;
    return admission_forbid(
        admission, status,
        arena_format(&admission->request->arena,
                     "PriorityClass %s is already marked as default. Only one default "
                     "can exist",
                     other.name));
}

const struct admission_plugin admission_priority = {
    .name = "Priority", .mutate = mutate, .validate = validate};
