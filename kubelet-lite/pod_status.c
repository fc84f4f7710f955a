#include "kubelet-lite/pod_status.h"

#include "core/kinds/meta.h"
#include "core/kinds/pod_resources.h"
#include "kubelet-lite/container_status.h"
#include "kubelet-lite/pod_conditions.h"
#include "kubelet-lite/restart_policy.h"

const char *pod_phase_text(enum pod_phase phase)
{
    static const char *const texts[] = {"Pending", "Running", "Succeeded", "Failed", "Unknown"};
    return texts[phase];
}

static bool is_final(struct slice phase)
{
    return slice_is(phase, "Succeeded") || slice_is(phase, "Failed");
}

bool pod_status_is_final(const struct json *pod)
{
    return is_final(json_string(json_at(pod, "status.phase")));
}

/* --- Phase --- */

struct tally { /* Of containers, by what they count as. */
    int pending_init;     /* Must end before the pod is initialized. */
    int pending_sidecars; /* Must have started for that. */
    int lost_init;        /* Failed, and not started again. */
    int unknown, running, waiting, stopped, succeeded, stopped_for_good;
};

/* The end that counts: of this run, or of the last while the next one waits. */
static const struct container_end *end_of(const struct container_status *status)
{
    if (status->phase == CONTAINER_TERMINATED)
        return &status->end;
    return status->phase == CONTAINER_WAITING && status->has_last ? &status->last : NULL;
}

static void count_init(const struct json *spec, const struct json *container,
                       const struct container_status *status, struct tally *tally)
{
    const struct container_end *end = status ? end_of(status) : NULL;
    if (!end)
        tally->pending_init++;
    else if (end->exit_code != 0 && !restart_policy_restarts(spec, container, end->exit_code))
        tally->lost_init++;
}

static void count_sidecar(const struct container_status *status, struct tally *tally)
{
    if (!status) {
        tally->unknown++;
    } else if (status->phase == CONTAINER_RUNNING) {
        tally->pending_sidecars += !status->is_started;
        tally->running++;
    } else if (!end_of(status)) { /* One that has ended says nothing about the phase. */
        tally->pending_sidecars++;
        tally->waiting++;
    }
}

static void count_regular(const struct json *spec, const struct json *container,
                          const struct container_status *status, struct tally *tally)
{
    const struct container_end *end = status ? end_of(status) : NULL;
    if (!status) {
        tally->unknown++;
    } else if (status->phase == CONTAINER_RUNNING) {
        tally->running++;
    } else if (end) {
        tally->stopped++;
        tally->stopped_for_good += !restart_policy_restarts(spec, container, end->exit_code);
        tally->succeeded += status->phase == CONTAINER_TERMINATED && end->exit_code == 0;
    } else {
        tally->waiting++;
    }
}

static void count_all(const struct json *spec, const struct json *status, struct tally *tally)
{
    struct container_status one;
    const struct json *statuses = json_get(status, "initContainerStatuses");
    JSON_EACH(container, json_get(spec, "initContainers")) {
        const struct container_status *found =
            container_status_of(statuses, container, &one) ? &one : NULL;
        if (container_is_sidecar(container))
            count_sidecar(found, tally);
        else
            count_init(spec, container, found, tally);
    }
    statuses = json_get(status, "containerStatuses");
    JSON_EACH(container, json_get(spec, "containers"))
        count_regular(spec, container, container_status_of(statuses, container, &one) ? &one : NULL,
                      tally);
}

bool pod_status_has_begun(const struct json *status, bool counts_last)
{
    JSON_EACH(each, json_get(status, "containerStatuses")) {
        struct container_status one;
        container_status_read(each, &one);
        if (one.phase != CONTAINER_WAITING || (counts_last && one.has_last))
            return true;
    }
    return false;
}

enum pod_phase pod_status_phase(const struct json *pod, const struct json *status, bool is_terminal)
{
    struct tally tally = {0};
    count_all(json_get(pod, "spec"), status, &tally);
    if (tally.lost_init > 0)
        return POD_FAILED;
    if (tally.pending_init > 0 ||
        (tally.pending_sidecars > 0 && !pod_status_has_begun(status, true)) || tally.waiting > 0)
        return POD_PENDING;
    if (tally.running > 0 && tally.unknown == 0)
        return POD_RUNNING;
    if (tally.running > 0 || tally.stopped == 0 || tally.unknown > 0)
        return POD_PENDING;
    if (!is_terminal && tally.stopped != tally.stopped_for_good)
        return POD_RUNNING; /* About to be started again. */
    return tally.stopped == tally.succeeded ? POD_SUCCEEDED : POD_FAILED;
}

/* --- All of it --- */

static enum pod_phase phase_of(struct slice text)
{
    for (enum pod_phase phase = POD_PENDING; phase <= POD_FAILED; phase++)
        if (slice_is(text, pod_phase_text(phase)))
            return phase;
    return POD_PENDING;
}

static void set_why(struct arena *arena, struct json *status, const struct json *reason,
                    const struct json *message)
{
    if (reason)
        json_set(arena, status, "reason", json_copy(arena, reason));
    if (message)
        json_set(arena, status, "message", json_copy(arena, message));
}

static enum pod_phase set_phase(struct arena *arena, const struct json *pod, struct json *status,
                                const struct pod_status_facts *facts)
{
    const struct json *old = json_get(pod, "status");
    struct slice before = json_string(json_get(old, "phase"));
    enum pod_phase phase = pod_status_phase(pod, status, facts->is_terminal);
    bool was_final = is_final(before);
    if (was_final)
        phase = phase_of(before);
    else if (facts->reason || (facts->is_terminal && !is_final(slice_of(pod_phase_text(phase)))))
        phase = POD_FAILED; /* Also one that never ran and now never will. */
    json_set_text(arena, status, "phase", pod_phase_text(phase));
    if (facts->reason && !was_final) {
        json_set_text(arena, status, "reason", facts->reason);
        json_set_text(arena, status, "message", facts->message ? facts->message : "");
    } else if (slice_is(before, pod_phase_text(phase))) {
        set_why(arena, status, json_get(old, "reason"), json_get(old, "message"));
    }
    return phase;
}

void pod_status_complete(struct arena *arena, const struct json *pod, struct json *status,
                         const struct pod_status_facts *facts)
{
    enum pod_phase phase = set_phase(arena, pod, status, facts);
    int64_t generation = meta_generation(pod);
    pod_conditions_set(arena, pod, status, phase, facts);
    json_set_text(arena, status, "qosClass", pod_qos_class(json_get(pod, "spec")));
    if (generation > 0)
        json_set_int(arena, status, "observedGeneration", generation);
}

void pod_status_set_address(struct arena *arena, struct json *status, const char *member,
                            const char *address)
{
    if (!address || !*address)
        return;
    const char *list_member = arena_format(arena, "%ss", member);
    json_set_text(arena, status, member, address);
    struct json *list = json_set(arena, status, list_member, json_new_array(arena));
    struct json *item = json_new_object(arena);
    json_set_text(arena, item, "ip", address);
    json_append(list, item);
}

/* --- What differs --- */

/* What the node owns in a pod's status; conditions apart. */
static const char *const members[] = {
    "observedGeneration",
    "phase",
    "reason",
    "message",
    "hostIP",
    "hostIPs",
    "podIP",
    "podIPs",
    "startTime",
    "initContainerStatuses",
    "containerStatuses",
    "qosClass",
    "ephemeralContainerStatuses",
};

/* hostIPs and podIPs merge by address: another address must push the first one out. */
static struct json *replacing(struct arena *arena, const struct json *old, const struct json *new)
{
    struct json *value = json_copy(arena, new);
    const struct json *first = json_first(new);
    if (json_count(old) == 0 || !json_get(first, "ip"))
        return value;
    struct json *directive = json_new_object(arena);
    json_set_text(arena, directive, "$patch", "replace");
    json_insert(value, 0, directive);
    return value;
}

static void patch_members(struct arena *arena, const struct json *old, const struct json *new,
                          struct json *patch)
{
    for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
        const struct json *before = json_get(old, members[i]);
        const struct json *after = json_get(new, members[i]);
        if (after && (!before || !json_equal(before, after)))
            json_set(arena, patch, members[i], replacing(arena, before, after));
        else if (before && !after)
            json_set(arena, patch, members[i], json_new_null(arena));
    }
}

static bool is_same_condition(const struct json *a, const struct json *b)
{
    static const char *const compared[] = {"status", "reason", "message", "observedGeneration"};
    for (size_t i = 0; i < ARRAY_SIZE(compared); i++) {
        const struct json *left = json_get(a, compared[i]);
        const struct json *right = json_get(b, compared[i]);
        if ((left || right) && (!left || !right || !json_equal(left, right)))
            return false;
    }
    return true;
}

static void patch_conditions(struct arena *arena, const struct json *old, const struct json *new,
                             struct json *patch)
{
    struct json *changed = json_new_array(arena);
    JSON_EACH(condition, new) {
        const char *type = json_text(json_get(condition, "type"));
        const struct json *before = pod_condition_find(old, type);
        if (before && is_same_condition(before, condition))
            continue;
        struct json *told = json_copy(arena, condition);
        static const char *const absent[] = {"reason", "message"};
        for (size_t i = 0; i < ARRAY_SIZE(absent); i++)
            if (json_get(before, absent[i]) && !json_get(told, absent[i]))
                json_set(arena, told, absent[i], json_new_null(arena));
        json_append(changed, told);
    }
    if (json_count(changed) > 0)
        json_set(arena, patch, "conditions", changed);
}

struct json *pod_status_patch(struct arena *arena, const struct json *pod,
                              const struct json *status)
{
    const struct json *old = json_get(pod, "status");
    struct json *patch = json_new_object(arena);
    struct json *metadata = json_ensure_object(arena, patch, "metadata");
    struct json *changes = json_ensure_object(arena, patch, "status");
    json_set(arena, metadata, "uid", json_new_string(arena, meta_uid(pod)));
    patch_members(arena, old, status, changes);
    patch_conditions(arena, json_get(old, "conditions"), json_get(status, "conditions"), changes);
    return json_count(changes) > 0 ? patch : NULL;
}
