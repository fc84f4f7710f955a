#include "kubelet-lite/pod_conditions.h"

#include "core/kinds/meta.h"
#include "core/kinds/pod_resources.h"
#include "kubelet-lite/container_status.h"

struct verdict {
    bool is_true;
    const char *reason; /* "" when there is none. */
    const char *message;
};
static const struct verdict verdict_true = {true, "", ""};

struct names { /* "[a b]", as Go prints a list of texts. */
    struct buffer text;
    size_t count;
};
static void add_name(struct names *names, const struct json *container)
{
    buffer_append_text(&names->text, names->count++ == 0 ? "[" : " ");
    buffer_append_slice(&names->text, json_string(json_get(container, "name")));
}

/* "containers with unknown status: [a], containers with unready status: [b c]" */
static const char *join(struct arena *arena, struct names *unknown, struct names *rest,
                        const char *what)
{
    struct buffer text = {0};
    if (unknown->count > 0)
        buffer_format(&text, "containers with unknown status: %s]", unknown->text.data);
    if (rest->count > 0)
        buffer_format(&text, "%scontainers with %s status: %s]", unknown->count > 0 ? ", " : "",
                      what, rest->text.data);
    const char *joined = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    buffer_release(&unknown->text);
    buffer_release(&rest->text);
    return joined;
}

static void sort_ready(const struct json *containers, const struct json *statuses, bool is_init,
                       struct names *unknown, struct names *unready)
{
    JSON_EACH(container, containers) {
        struct container_status status;
        if (is_init && !container_is_sidecar(container))
            continue;
        if (!container_status_of(statuses, container, &status))
            add_name(unknown, container);
        else if (!status.is_ready)
            add_name(unready, container);
    }
}

static struct verdict containers_ready(struct arena *arena, const struct json *spec,
                                       const struct json *status, enum pod_phase phase)
{
    struct names unknown = {0};
    struct names unready = {0};
    const struct json *init = json_get(status, "initContainerStatuses");
    const struct json *regular = json_get(status, "containerStatuses");
    sort_ready(json_get(spec, "initContainers"), init, true, &unknown, &unready);
    sort_ready(json_get(spec, "containers"), regular, false, &unknown, &unready);
    bool all_known = unknown.count == 0;
    const char *message = join(arena, &unknown, &unready, "unready");
    if (!init && !regular)
        return (struct verdict){false, "UnknownContainerStatuses", ""};
    if (phase == POD_SUCCEEDED && all_known)
        return (struct verdict){false, "PodCompleted", ""};
    if (phase == POD_FAILED)
        return (struct verdict){false, "PodFailed", ""};
    if (*message)
        return (struct verdict){false, "ContainersNotReady", message};
    return verdict_true;
}

struct json *pod_condition_find(const struct json *conditions, const char *type)
{
    JSON_EACH(condition, conditions)
        if (slice_is(json_string(json_get(condition, "type")), type))
            return condition;
    return NULL;
}

/* KEP-580: others may have a say, by conditions of their own. */
static struct verdict gates_ready(struct arena *arena, const struct json *pod)
{
    struct buffer text = {0};
    JSON_EACH(gate, json_at(pod, "spec.readinessGates")) {
        const char *type = json_text(json_get(gate, "conditionType"));
        const struct json *condition = pod_condition_find(json_at(pod, "status.conditions"), type);
        const char *state = json_text(json_get(condition, "status"));
        const char *separator = text.size > 0 ? ", " : "";
        if (!condition)
            buffer_format(&text,
                          "%scorresponding condition of pod readiness gate \"%s\" does not exist.",
                          separator, type);
        else if (strcmp(state, "True") != 0)
            buffer_format(&text,
                          "%sthe status of pod readiness gate \"%s\" is not \"True\", but %s",
                          separator, type, state);
    }
    const char *message = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return *message ? (struct verdict){false, "ReadinessGatesNotReady", message} : verdict_true;
}

static void sort_initialized(const struct json *containers, const struct json *statuses,
                             struct names *unknown, struct names *incomplete)
{
    JSON_EACH(container, containers) {
        struct container_status status;
        if (!container_status_of(statuses, container, &status))
            add_name(unknown, container);
        else if (container_is_sidecar(container) ? !status.is_started : !status.is_ready)
            add_name(incomplete, container);
    }
}

static struct verdict initialized(struct arena *arena, const struct json *spec,
                                  const struct json *status, enum pod_phase phase)
{
    struct names unknown = {0};
    struct names incomplete = {0};
    const struct json *containers = json_get(spec, "initContainers");
    const struct json *statuses = json_get(status, "initContainerStatuses");
    sort_initialized(containers, statuses, &unknown, &incomplete);
    bool all_known = unknown.count == 0;
    const char *message = join(arena, &unknown, &incomplete, "incomplete");
    if (!statuses && !json_get(status, "containerStatuses") && json_count(containers) > 0)
        return (struct verdict){false, "UnknownContainerStatuses", ""};
    if (phase == POD_SUCCEEDED && all_known)
        return (struct verdict){true, "PodCompleted", ""};
    if (pod_status_has_begun(status, false) || !*message)
        return verdict_true;
    return (struct verdict){false, "ContainersNotInitialized", message};
}

struct condition_writer {
    struct arena *arena;
    const struct json *old; /* status.conditions of the pod. */
    struct json *list;
    int64_t generation;
    int64_t now_us;
};

static void add_condition(const struct condition_writer *writer, const char *type,
                          struct verdict verdict)
{
    struct arena *arena = writer->arena;
    const struct json *old = pod_condition_find(writer->old, type);
    const struct json *since = json_get(old, "lastTransitionTime");
    const char *state = verdict.is_true ? "True" : "False";
    struct json *condition = json_new_object(arena);
    json_set_text(arena, condition, "type", type);
    if (writer->generation > 0)
        json_set_int(arena, condition, "observedGeneration", writer->generation);
    json_set_text(arena, condition, "status", state);
    json_set(arena, condition, "lastProbeTime", json_new_null(arena));
    if (json_is(since, JSON_STRING) && slice_is(json_string(json_get(old, "status")), state))
        json_set(arena, condition, "lastTransitionTime", json_copy(arena, since));
    else
        status_set_time(arena, condition, "lastTransitionTime", writer->now_us);
    if (*verdict.reason)
        json_set_text(arena, condition, "reason", verdict.reason);
    if (*verdict.message)
        json_set_text(arena, condition, "message", verdict.message);
    json_append(writer->list, condition);
}

void pod_conditions_set(struct arena *arena, const struct json *pod, struct json *status,
                        enum pod_phase phase, const struct pod_status_facts *facts)
{
    const struct condition_writer writer = {
        .arena = arena,
        .old = json_at(pod, "status.conditions"),
        .list = json_new_array(arena),
        .generation = meta_generation(pod),
        .now_us = facts->now_us,
    };
    const struct json *spec = json_get(pod, "spec");
    struct verdict containers = containers_ready(arena, spec, status, phase);
    struct verdict sandbox = {facts->has_sandbox, "", ""};
    add_condition(&writer, "PodReadyToStartContainers", sandbox);
    add_condition(&writer, "Initialized", initialized(arena, spec, status, phase));
    add_condition(&writer, "Ready", containers.is_true ? gates_ready(arena, pod) : containers);
    add_condition(&writer, "ContainersReady", containers);
    add_condition(&writer, "PodScheduled", verdict_true);
    json_set(arena, status, "conditions", writer.list);
}
