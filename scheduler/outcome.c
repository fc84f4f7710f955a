#include "scheduler/outcome.h"

#include "core/json.h"
#include "core/kinds/view.h"

static struct slice print(struct arena *arena, const struct json *tree)
{
    struct buffer text = {0};
    json_print(tree, &text);
    struct slice slice = {arena_copy_slice(arena, buffer_slice(&text)), text.size};
    buffer_release(&text);
    return slice;
}

static struct commit_write *add_write(struct outcome *outcome, const char *verb)
{
    struct commit_write *write = &outcome->writes[outcome->write_count++];
    *write = (struct commit_write){.verb = verb, .expected = -1};
    return write;
}

static struct resource_path pod_path(const struct object *pod, const char *subresource)
{
    return (struct resource_path){
        .group = "",
        .version = "v1",
        .resource = "pods",
        .namespace = key_namespace(object_key(pod)),
        .name = key_name(object_key(pod)),
        .subresource = subresource,
    };
}

static struct outcome_pod *add_pod(struct outcome *outcome, const struct object *object)
{
    struct outcome_pod *pod = &outcome->pods[outcome->count++];
    pod->object = object_ref(object);
    return pod;
}

/* --- Bound --- */

static void bind_pod(struct outcome *outcome, const struct waiting_pod *pod,
                     const struct node_info *node)
{
    struct arena *arena = &outcome->arena;
    struct outcome_pod *bound = add_pod(outcome, pod->object);
    bound->node = (struct slice){arena_copy_slice(arena, node->name), node->name.size};
    struct json *binding = json_new_object(arena);
    struct json *metadata = json_ensure_object(arena, binding, "metadata");
    json_set(arena, metadata, "name", json_new_string(arena, key_name(pod->key)));
    json_set(arena, metadata, "namespace", json_new_string(arena, key_namespace(pod->key)));
    json_set(arena, metadata, "uid", json_new_string(arena, view_uid(pod->object)));
    struct json *target = json_ensure_object(arena, binding, "target");
    json_set_text(arena, target, "kind", "Node");
    json_set(arena, target, "name", json_new_string(arena, bound->node));
    struct commit_write *write = add_write(outcome, "create");
    write->path = pod_path(bound->object, "binding");
    write->body = print(arena, binding);
}

static void bind_pods(struct outcome *outcome, struct group *group, const struct decision *decision)
{
    size_t i = 0;
    LIST_EACH(link, &group->pods) {
        struct waiting_pod *pod = CONTAINER_OF(link, struct waiting_pod, link);
        if (decision->nodes[i])
            bind_pod(outcome, pod, decision->nodes[i]);
        i++;
    }
}

/* --- Conditions --- */

static struct json *condition(struct arena *arena, const char *type, bool is_true,
                              const char *reason, const char *message, int64_t generation,
                              int64_t now_us)
{
    struct json *condition = json_new_object(arena);
    char now[TIME_TEXT_SIZE];
    time_format(now_us, now);
    json_set_text(arena, condition, "type", type);
    json_set_text(arena, condition, "status", is_true ? "True" : "False");
    json_set_text(arena, condition, "reason", reason);
    json_set_text(arena, condition, "message", message);
    json_set_text(arena, condition, "lastTransitionTime", now);
    if (generation > 0)
        json_set_int(arena, condition, "observedGeneration", generation);
    return condition;
}

static struct slice status_patch(struct arena *arena, struct json *condition)
{
    struct json *patch = json_new_object(arena);
    struct json *status = json_ensure_object(arena, patch, "status");
    struct json *conditions = json_set(arena, status, "conditions", json_new_array(arena));
    json_append(conditions, condition);
    return print(arena, patch);
}

/* PodGroupInitiallyScheduled is sticky: once True it stays. Tells whether the stored one
 * already says this. */
static bool group_is_told(struct outcome *outcome, bool is_true, const char *message)
{
    struct status status;
    status_init(&status);
    struct json *tree = json_parse(&outcome->arena, object_body(outcome->pod_group), NULL, &status);
    status_release(&status);
    JSON_EACH(one, json_at(tree, "status.conditions")) {
        if (strcmp(json_text(json_get(one, "type")), "PodGroupInitiallyScheduled") != 0)
            continue;
        if (strcmp(json_text(json_get(one, "status")), "True") == 0)
            return true;
        return !is_true && strcmp(json_text(json_get(one, "message")), message) == 0;
    }
    return false;
}

static void tell_group(struct outcome *outcome, bool is_true, const char *reason,
                       const char *message, int64_t now_us)
{
    if (!outcome->pod_group || group_is_told(outcome, is_true, message))
        return;
    struct arena *arena = &outcome->arena;
    int64_t generation = view_int(object_view(outcome->pod_group), VIEW_GENERATION, 0);
    struct commit_write *write = add_write(outcome, "patch");
    write->path = (struct resource_path){
        .group = "scheduling.k8s.io",
        .version = "v1beta1",
        .resource = "podgroups",
        .namespace = key_namespace(object_key(outcome->pod_group)),
        .name = key_name(object_key(outcome->pod_group)),
        .subresource = "status",
    };
    write->body = status_patch(arena, condition(arena, "PodGroupInitiallyScheduled", is_true,
                                                reason, message, generation, now_us));
}

/* --- Refused --- */

static const char *refusal_text(struct outcome *outcome, const struct group *group,
                                const struct decision *decision)
{
    struct arena *arena = &outcome->arena;
    const char *fit = decision_fit_error(decision, arena);
    if (!group->is_gang)
        return fit;
    return arena_format(arena,
                        "minCount (%lld) cannot be satisfied: %zu scheduled, %zu remaining: %s",
                        (long long)group->min_count, decision->possible + group->bound_count,
                        group->pod_count - decision->possible, fit);
}

static void refuse_pods(struct outcome *outcome, struct group *group, int64_t now_us)
{
    struct arena *arena = &outcome->arena;
    uint64_t told = map_hash(slice_of(outcome->message)) | 1;
    LIST_EACH(link, &group->pods) {
        struct waiting_pod *pod = CONTAINER_OF(link, struct waiting_pod, link);
        if (pod->told == told)
            continue;
        pod->told = told;
        struct outcome_pod *refused = add_pod(outcome, pod->object);
        int64_t generation = view_int(object_view(pod->object), VIEW_GENERATION, 0);
        struct commit_write *write = add_write(outcome, "patch");
        write->path = pod_path(refused->object, "status");
        write->body = status_patch(arena, condition(arena, "PodScheduled", false, "Unschedulable",
                                                    outcome->message, generation, now_us));
    }
}

void outcome_make(struct outcome *outcome, struct group *group, const struct decision *decision,
                  int64_t now_us)
{
    *outcome = (struct outcome){.message = ""};
    arena_init(&outcome->arena);
    outcome->writes = ARENA_ARRAY(&outcome->arena, struct commit_write, group->pod_count + 1);
    outcome->pods = ARENA_ARRAY(&outcome->arena, struct outcome_pod, group->pod_count);
    if (group->pod_group)
        outcome->pod_group = object_ref(group->pod_group);
    if (decision->placed > 0) {
        bind_pods(outcome, group, decision);
        tell_group(outcome, true, "Scheduled", "", now_us);
        return;
    }
    const char *text = refusal_text(outcome, group, decision);
    outcome->message = text;
    refuse_pods(outcome, group, now_us);
    tell_group(outcome, false, "Unschedulable", text, now_us);
}

void outcome_release(struct outcome *outcome)
{
    for (size_t i = 0; i < outcome->count; i++)
        object_unref(outcome->pods[i].object);
    object_unref(outcome->pod_group);
    arena_release(&outcome->arena);
    *outcome = (struct outcome){0};
}
