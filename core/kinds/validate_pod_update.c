/* What of a pod may change: see validate_pod.h.
 *
 * Upstream copies what may change from the old spec into the new one and then
 * wants both to be equal; so do we. Order matters: the errors before the last
 * comparison tell what is wrong in better words. */
#include "core/kinds/validate_pod.h"

#include "core/kinds/schema.h"
#include "core/kinds/text_map.h"

#define CHANGEABLE                                                                            \
    "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`," \
    "`spec.tolerations` (only additions to existing tolerations),"                            \
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"

static bool same(const struct json *a, const struct json *b)
{
    return a && b ? json_equal(a, b) : !a && !b;
}
static void copy_member(struct arena *arena, struct json *to, const struct json *from,
                        const char *name)
{
    const struct json *value = json_get(from, name);
    if (value)
        json_set(arena, to, name, json_copy(arena, value));
    else
        json_remove(to, name);
}

/* --- Parts that may change a little --- */

static bool counts_differ(const struct json *spec, const struct json *old, const char *name,
                          const struct field_path *path, struct field_errors *errors)
{
    if (json_count(json_get(spec, name)) == json_count(json_get(old, name)))
        return false;
    path_forbidden(errors, AT(path, name), "pod updates may not add or remove containers");
    return true;
}

/* From absent to something, then only downwards. false: no use to look further. */
static bool check_deadline(const struct json *spec, const struct json *old,
                           const struct field_path *path, struct field_errors *errors)
{
    const struct field_path *at = AT(path, "activeDeadlineSeconds");
    int64_t seconds, before;
    bool had_one = json_to_int64(json_get(old, "activeDeadlineSeconds"), &before);
    if (!json_to_int64(json_get(spec, "activeDeadlineSeconds"), &seconds)) {
        if (had_one)
            path_invalid(errors, at, NULL, "must not update from a positive integer to nil value");
        return true;
    }
    if (seconds < 0 || seconds > INT32_MAX)
        path_invalid_int(errors, at, seconds, "must be between 0 and %d, inclusive", INT32_MAX);
    else if (had_one && before < seconds)
        path_invalid_int(errors, at, seconds, "must be less than or equal to previous value");
    else
        return true;
    return false;
}

static struct slice toleration_text(struct arena *arena, const struct json *toleration)
{
    struct json *copy = json_copy(arena, toleration);
    struct buffer text = {0};
    json_remove(copy, "tolerationSeconds");
    json_sort(copy);
    json_print(copy, &text);
    struct slice kept = slice_of(arena_copy_slice(arena, buffer_slice(&text)));
    buffer_release(&text);
    return kept;
}
static void check_tolerations(const struct json *tolerations, const struct json *old,
                              const struct field_path *path, struct field_errors *errors)
{
    struct text_map present = {0};
    bool all_there = true;
    if (same(tolerations, old))
        return;
    JSON_EACH(toleration, tolerations)
        text_map_add_text(&present, toleration_text(errors->arena, toleration));
    JSON_EACH(toleration, old)
        all_there &= text_map_has(&present, toleration_text(errors->arena, toleration));
    text_map_release(&present);
    if (!all_there)
        path_forbidden(errors, path,
                       "existing toleration can not be modified except its tolerationSeconds");
}

static void check_gates(const struct json *gates, const struct json *old,
                        const struct field_path *path, struct field_errors *errors)
{
    struct text_map before = {0};
    size_t index = 0;
    JSON_EACH(gate, old)
        text_map_add_text(&before, json_string(json_get(gate, "name")));
    JSON_EACH(gate, gates) {
        const struct field_path *at = AT(AT_ITEM(path, index++), "name");
        const char *name = json_text(json_get(gate, "name"));
        if (!text_map_has(&before, slice_of(name)))
            path_forbidden(errors, at,
                           "only deletion is allowed, but found new scheduling gate '%s'", name);
    }
    text_map_release(&before);
}

/* --- Pods that are held back by gates may yet be directed (KEP-3838) --- */

static void check_node_selector(const struct json *labels, const struct json *old,
                                const struct field_path *path, struct field_errors *errors)
{
    JSON_EACH(label, old)
        if (!same(json_get_slice(labels, json_key(label)), label)) {
            path_invalid(errors, path, labels,
                         "only additions to spec.nodeSelector are allowed (no "
                         "mutations or deletions)");
            return;
        }
}

/* A term may only get narrower: what it had stays, in its place. */
static bool only_adds(const struct json *list, const struct json *old)
{
    const struct json *item = json_first(list);
    JSON_EACH(before, old) {
        if (!item || !json_equal(item, before))
            return false;
        item = json_next(item);
    }
    return true;
}
static void check_node_terms(const struct json *required, const struct json *old,
                             const struct field_path *path, struct field_errors *errors)
{
    const struct json *terms = json_get(required, "nodeSelectorTerms");
    const struct json *before = json_first(json_get(old, "nodeSelectorTerms"));
    const struct field_path *at = AT(path, "nodeSelectorTerms");
    size_t index = 0;
    if (json_count(terms) != json_count(json_get(old, "nodeSelectorTerms"))) {
        path_invalid(errors, at, terms,
                     "no additions/deletions to non-empty NodeSelectorTerms "
                     "list are allowed");
        return;
    }
    JSON_EACH(term, terms) {
        bool had_none = !json_first(json_get(before, "matchExpressions")) &&
                        !json_first(json_get(before, "matchFields"));
        if ((had_none && !same(term, before)) ||
            !only_adds(json_get(term, "matchExpressions"), json_get(before, "matchExpressions")) ||
            !only_adds(json_get(term, "matchFields"), json_get(before, "matchFields")))
            path_invalid(errors, AT_ITEM(at, index), term,
                         "only additions are allowed (no mutations or deletions)");
        before = json_next(before);
        index++;
    }
}
static void check_node_affinity(const struct json *affinity, const struct json *old,
                                const struct field_path *path, struct field_errors *errors)
{
    static const char name[] = "requiredDuringSchedulingIgnoredDuringExecution";
    const struct json *before = json_get(old, name);
    if (before)
        check_node_terms(json_get(affinity, name), before, AT(path, name), errors);
}

static void direct_gated_pod(struct arena *arena, struct json *spec, const struct json *old,
                             const struct field_path *path, struct field_errors *errors)
{
    const struct json *affinity = json_at(spec, "affinity.nodeAffinity");
    const struct json *before = json_at(old, "affinity.nodeAffinity");
    check_node_selector(json_get(spec, "nodeSelector"), json_get(old, "nodeSelector"),
                        AT(path, "nodeSelector"), errors);
    copy_member(arena, spec, old, "nodeSelector");
    if (same(affinity, before))
        return;
    check_node_affinity(affinity, before, AT(AT(path, "affinity"), "nodeAffinity"), errors);
    struct json *all = json_ensure_object(arena, spec, "affinity");
    copy_member(arena, all, json_get(old, "affinity"), "nodeAffinity");
    if (!json_first(all) && !json_get(old, "affinity"))
        json_remove(spec, "affinity");
}

/* --- The whole --- */

static void keep_images(struct arena *arena, struct json *spec, const struct json *old,
                        const char *name)
{
    const struct json *before = json_first(json_get(old, name));
    JSON_EACH(container, json_get(spec, name)) {
        copy_member(arena, container, before, "image");
        before = json_next(before);
    }
}
static void keep_grace(struct arena *arena, struct json *spec, const struct json *old)
{
    int64_t seconds = 0, before = 0;
    json_to_int64(json_get(spec, "terminationGracePeriodSeconds"), &seconds);
    json_to_int64(json_get(old, "terminationGracePeriodSeconds"), &before);
    if (before < 0 && seconds == 1)
        copy_member(arena, spec, old, "terminationGracePeriodSeconds");
}

/* The members that differ, as a hint; upstream has Go's diff of both here. */
static const char *differences(struct arena *arena, const struct json *spec, const struct json *old)
{
    struct buffer text = {0};
    JSON_EACH(member, spec)
        if (!same(member, json_get_slice(old, json_key(member))))
            buffer_format(&text, "  spec." SLICE_FORMAT ": %s -> %s\n",
                          SLICE_ARGS(json_key(member)),
                          schema_value_text(arena, json_get_slice(old, json_key(member))),
                          schema_value_text(arena, member));
    JSON_EACH(member, old)
        if (!json_get_slice(spec, json_key(member)))
            buffer_format(&text, "  spec." SLICE_FORMAT ": %s -> null\n",
                          SLICE_ARGS(json_key(member)), schema_value_text(arena, member));
    const char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

static void check_main_update(const struct json *pod, const struct json *old_pod,
                              struct field_errors *errors)
{
    struct arena *arena = errors->arena;
    const struct field_path *path = AT(NULL, "spec");
    const struct json *spec = json_get(pod, "spec"), *old = json_get(old_pod, "spec");
    if (counts_differ(spec, old, "containers", path, errors) ||
        counts_differ(spec, old, "initContainers", path, errors) ||
        !check_deadline(spec, old, path, errors))
        return;
    check_tolerations(json_get(spec, "tolerations"), json_get(old, "tolerations"),
                      AT(path, "tolerations"), errors);
    check_gates(json_get(spec, "schedulingGates"), json_get(old, "schedulingGates"),
                AT(path, "schedulingGates"), errors);
    if (same(spec, old))
        return;
    struct json *munged = json_copy(arena, spec);
    keep_images(arena, munged, old, "containers");
    keep_images(arena, munged, old, "initContainers");
    copy_member(arena, munged, old, "activeDeadlineSeconds");
    copy_member(arena, munged, old, "schedulingGates");
    copy_member(arena, munged, old, "tolerations");
    keep_grace(arena, munged, old);
    if (json_first(json_get(old, "schedulingGates")))
        direct_gated_pod(arena, munged, old, path, errors);
    if (!same(munged, old))
        path_forbidden(errors, path,
                       "pod updates may not change fields other than " CHANGEABLE "\n%s",
                       differences(arena, munged, old));
}

/* Containers for debugging are only ever added. */
static void check_debug_update(const struct json *pod, const struct json *old_pod,
                               struct field_errors *errors)
{
    const struct field_path *path = AT(AT(NULL, "spec"), "ephemeralContainers");
    const struct json *containers = json_at(pod, "spec.ephemeralContainers");
    struct text_map present = {0};
    JSON_EACH(container, containers)
        text_map_add(&present, json_string(json_get(container, "name")), container);
    JSON_EACH(before, json_at(old_pod, "spec.ephemeralContainers")) {
        struct slice name = json_string(json_get(before, "name"));
        const struct json *now = text_map_get(&present, name);
        if (!now)
            path_forbidden(errors, path,
                           "existing ephemeral containers \"" SLICE_FORMAT
                           "\" may not be removed\n",
                           SLICE_ARGS(name));
        else if (!json_equal(now, before))
            path_forbidden(errors, path,
                           "existing ephemeral containers \"" SLICE_FORMAT
                           "\" may not be changed\n",
                           SLICE_ARGS(name));
    }
    text_map_release(&present);
}

void pod_validate_update(const struct kind_context *context, const struct json *pod,
                         const struct json *old, struct field_errors *errors)
{
    const char *part = context->subresource ? context->subresource->name : "";
    if (strcmp(part, "status") == 0)
        pod_validate_status_update(pod, old, errors);
    else if (strcmp(part, "resize") == 0)
        pod_validate_resize(pod, old, errors);
    else if (strcmp(part, "ephemeralcontainers") == 0)
        check_debug_update(pod, old, errors);
    else if (strcmp(part, "binding") != 0)
        check_main_update(pod, old, errors);
}
