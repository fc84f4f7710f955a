#include "scheduler/groups.h"

#include "core/json.h"
#include "core/kinds/view.h"

static int compare_groups(const struct heap_node *left, const struct heap_node *right,
                          void *context)
{
    (void)context;
    const struct group *a = CONTAINER_OF(left, const struct group, place);
    const struct group *b = CONTAINER_OF(right, const struct group, place);
    if (a->priority != b->priority)
        return a->priority > b->priority ? -1 : 1;
    if (a->created_us != b->created_us)
        return a->created_us < b->created_us ? -1 : 1;
    return slice_compare(a->key, b->key);
}

void groups_init(struct groups *groups, const char *scheduler_name,
                 struct resource_table *resources)
{
    *groups = (struct groups){.scheduler_name = scheduler_name};
    shapes_init(&groups->shapes, resources);
    map_init_borrowing(&groups->by_key);
    map_init_borrowing(&groups->pods);
    heap_init(&groups->queue, compare_groups, NULL);
    list_init(&groups->refused);
}

/* --- States --- */

static void leave_state(struct groups *groups, struct group *group)
{
    heap_remove(&groups->queue, &group->place);
    list_remove(&group->link);
    group->state = GROUP_IDLE;
}

void group_queue(struct groups *groups, struct group *group)
{
    leave_state(groups, group);
    group->state = GROUP_QUEUED;
    heap_insert(&groups->queue, &group->place);
}

void group_refuse(struct groups *groups, struct group *group)
{
    leave_state(groups, group);
    group->state = GROUP_REFUSED;
    list_push_back(&groups->refused, &group->link);
}

struct group *groups_take(struct groups *groups)
{
    struct heap_node *first = heap_first(&groups->queue);
    if (!first)
        return NULL;
    struct group *group = CONTAINER_OF(first, struct group, place);
    leave_state(groups, group);
    return group;
}

void groups_wake(struct groups *groups)
{
    struct list *link;
    while ((link = list_pop_front(&groups->refused)) != NULL)
        group_queue(groups, CONTAINER_OF(link, struct group, link));
}

static bool is_complete(const struct group *group)
{
    if (!group->is_gang)
        return true;
    return group->min_count > 0 &&
           (int64_t)(group->pod_count + group->bound_count) >= group->min_count;
}

static void destroy_group(struct group *group)
{
    object_unref(group->pod_group);
    mem_free((char *)(uintptr_t)group->key.data);
    mem_free(group);
}

/* Where a group belongs after its members or its PodGroup changed. */
static void settle(struct groups *groups, struct group *group)
{
    if (group->pod_count == 0 && group->bound_count == 0 && !group->pod_group) {
        leave_state(groups, group);
        map_remove(&groups->by_key, group->key);
        destroy_group(group);
        return;
    }
    leave_state(groups, group);
    if (group->pod_count == 0)
        return;
    if (is_complete(group))
        group_queue(groups, group);
    else
        group->state = GROUP_INCOMPLETE;
}

/* --- Policies --- */

struct policy {
    bool is_gang;
    int64_t min_count;
};

static void read_policy(const struct json *from, struct policy *policy)
{
    const struct json *gang = json_at(from, "schedulingPolicy.gang");
    policy->is_gang = gang != NULL;
    if (!json_to_int64(json_get(gang, "minCount"), &policy->min_count))
        policy->min_count = 0;
}

static void read_template(const struct json *workload, struct slice name, struct policy *policy)
{
    JSON_EACH(template, json_at(workload, "spec.podGroupTemplates"))
        if (slice_equal(json_string(json_get(template, "name")), name))
            read_policy(template, policy);
}

/* What an object says of a group: a PodGroup, or a Workload with a template of that name. An
 * unknown policy is a gang of nobody knows how many: it waits. */
static struct policy policy_of(const struct object *object, struct slice template)
{
    struct policy policy = {.is_gang = true};
    struct arena arena;
    struct status status;
    arena_init(&arena);
    status_init(&status);
    struct json *tree = json_parse(&arena, object_body(object), NULL, &status);
    if (template.size > 0)
        read_template(tree, template, &policy);
    else
        read_policy(json_get(tree, "spec"), &policy);
    status_release(&status);
    arena_release(&arena);
    return policy;
}

static const struct object *find(struct groups *groups, const char *resource,
                                 struct slice namespace, struct slice name)
{
    struct buffer key = {0};
    key_append(&key, "scheduling.k8s.io", resource, namespace, name);
    const struct object *object = groups->find(groups->context, buffer_slice(&key));
    buffer_release(&key);
    return object;
}

/* A pod's group is there as a PodGroup, or, for a workloadRef, as a template of its Workload;
 * until then it waits as a gang that is not complete. */
static struct policy pod_policy(struct groups *groups, struct slice namespace,
                                const struct facts_pod *facts, const struct object **pod_group)
{
    *pod_group = find(groups, "podgroups", namespace, facts->group_name);
    if (*pod_group)
        return policy_of(*pod_group, (struct slice){0});
    const struct object *workload =
        facts->workload.size ? find(groups, "workloads", namespace, facts->workload) : NULL;
    if (workload)
        return policy_of(workload, facts->workload_group);
    return (struct policy){.is_gang = true};
}

/* --- Membership --- */

static struct group *group_of(struct groups *groups, struct slice namespace, const char *what,
                              struct slice name)
{
    struct buffer key = {0};
    buffer_format(&key, SLICE_FORMAT "/%s/" SLICE_FORMAT, SLICE_ARGS(namespace), what,
                  SLICE_ARGS(name));
    struct group *group = map_get(&groups->by_key, buffer_slice(&key));
    if (!group) {
        group = mem_alloc(sizeof(*group));
        group->state = GROUP_IDLE;
        list_init(&group->pods);
        list_init(&group->link);
        group->key = (struct slice){mem_copy_slice(buffer_slice(&key)), key.size};
        map_set(&groups->by_key, group->key, group);
    }
    buffer_release(&key);
    return group;
}

static bool is_finished(const struct facts_pod *facts)
{
    return facts->phase == POD_SUCCEEDED || facts->phase == POD_FAILED;
}

static bool is_deleting(const struct object *object)
{
    struct slice deleted;
    return view_find(object_view(object), VIEW_DELETED, &deleted);
}

static bool waits(const struct groups *groups, const struct object *object,
                  const struct facts_pod *facts)
{
    return facts->node_name.size == 0 && !is_finished(facts) && !is_deleting(object) &&
           (facts->flags & POD_IS_GATED) == 0 &&
           slice_is(facts->scheduler_name, groups->scheduler_name);
}

static bool is_bound_member(const struct facts_pod *facts)
{
    return facts->group_name.size > 0 && facts->node_name.size > 0 && !is_finished(facts);
}

static void remove_pod(struct groups *groups, struct waiting_pod *pod)
{
    struct group *group = pod->group;
    map_remove(&groups->pods, pod->key);
    list_remove(&pod->link);
    group->pod_count--;
    shape_drop(&groups->shapes, pod->shape);
    object_unref(pod->object);
    mem_free(pod);
}

static void choose_group(struct groups *groups, const struct object *object,
                         const struct facts_pod *facts, struct group **group)
{
    struct slice namespace = key_namespace(object_key(object));
    struct policy policy = {0};
    const struct object *pod_group = NULL;
    if (facts->group_name.size > 0)
        policy = pod_policy(groups, namespace, facts, &pod_group);
    if (!policy.is_gang) {
        *group = group_of(groups, namespace, "pod", key_name(object_key(object)));
        return;
    }
    *group = group_of(groups, namespace, "group", facts->group_name);
    (*group)->is_gang = true;
    (*group)->min_count = policy.min_count;
    if (pod_group && (*group)->pod_group != pod_group) {
        object_unref((*group)->pod_group);
        (*group)->pod_group = object_ref(pod_group);
    }
}

static void add_pod(struct groups *groups, const struct object *object,
                    const struct facts_pod *facts)
{
    struct waiting_pod *pod = mem_alloc(sizeof(*pod));
    struct group *group;
    choose_group(groups, object, facts, &group);
    pod->object = object_ref(object);
    pod->key = object_key(object);
    pod->shape = shape_take(&groups->shapes, facts);
    pod->group = group;
    list_init(&pod->link);
    list_push_back(&group->pods, &pod->link);
    group->pod_count++;
    map_set(&groups->pods, pod->key, pod);
    int64_t created = view_int(object_view(object), VIEW_CREATED, 0);
    if (group->pod_count == 1 || created < group->created_us) {
        group->created_us = created;
        group->priority = facts->priority;
        group->never_preempts = (facts->flags & POD_NEVER_PREEMPTS) != 0;
    }
    settle(groups, group);
}

static bool same_decision_input(const struct waiting_pod *pod, struct shape *shape,
                                const struct facts_pod *facts)
{
    return pod->shape == shape && pod->group->priority == facts->priority;
}

/* A waiting pod changed in a way that no decision looks at (its status, say): it keeps its
 * place and its group's state. */
static bool keep_pod(struct groups *groups, struct waiting_pod *pod, const struct object *new,
                     const struct facts_pod *facts)
{
    struct shape *shape = shape_take(&groups->shapes, facts);
    bool keeps = same_decision_input(pod, shape, facts);
    shape_drop(&groups->shapes, shape);
    if (!keeps)
        return false;
    map_remove(&groups->pods, pod->key);
    object_unref(pod->object);
    pod->object = object_ref(new);
    pod->key = object_key(new);
    map_set(&groups->pods, pod->key, pod);
    return true;
}

static void count_bound(struct groups *groups, const struct object *object,
                        const struct facts_pod *facts, bool comes)
{
    struct group *group =
        group_of(groups, key_namespace(object_key(object)), "group", facts->group_name);
    if (comes)
        group->bound_count++;
    else
        group->bound_count--;
    if (!comes)
        settle(groups, group);
}

void groups_pod_changed(struct groups *groups, const struct object *old, const struct object *new)
{
    struct facts_pod before;
    struct facts_pod after;
    bool has_old = old != NULL && facts_pod_of(old, &before);
    bool has_new = new != NULL &&facts_pod_of(new, &after);
    struct waiting_pod *pod = old ? map_get(&groups->pods, object_key(old)) : NULL;
    bool is_waiting = has_new && waits(groups, new, &after);
    if (has_new && is_bound_member(&after))
        count_bound(groups, new, &after, true);
    if (pod && !(is_waiting && keep_pod(groups, pod, new, &after))) {
        struct group *group = pod->group;
        remove_pod(groups, pod);
        pod = NULL;
        settle(groups, group);
    }
    if (has_old && is_bound_member(&before))
        count_bound(groups, old, &before, false);
    if (is_waiting && !pod)
        add_pod(groups, new, &after);
}

/* --- PodGroups and Workloads --- */

/* Takes every waiting pod of a group out and in again, so that each finds its place under the
 * policy that now holds. */
static void regroup(struct groups *groups, struct group *group)
{
    struct list pods;
    list_init(&pods);
    struct list *link;
    while ((link = list_pop_front(&group->pods)) != NULL)
        list_push_back(&pods, link);
    while ((link = list_pop_front(&pods)) != NULL) {
        struct waiting_pod *pod = CONTAINER_OF(link, struct waiting_pod, link);
        const struct object *object = object_ref(pod->object);
        remove_pod(groups, pod);
        struct facts_pod facts;
        if (facts_pod_of(object, &facts))
            add_pod(groups, object, &facts);
        object_unref(object);
    }
    settle(groups, group);
}

void groups_pod_group_changed(struct groups *groups, const struct object *old,
                              const struct object *new)
{
    const struct object *any = new ? new : old;
    PRE(any != NULL);
    struct slice namespace = key_namespace(object_key(any));
    struct group *group = group_of(groups, namespace, "group", key_name(object_key(any)));
    object_unref(group->pod_group);
    group->pod_group = NULL;
    if (new) {
        struct policy policy = policy_of(new, (struct slice){0});
        group->is_gang = true;
        group->min_count = policy.min_count;
        group->pod_group = object_ref(new);
    }
    if (new &&old) {
        struct slice before;
        struct slice after;
        before = after = (struct slice){0};
        view_find(object_view(old), VIEW_GENERATION, &before);
        view_find(object_view(new), VIEW_GENERATION, &after);
        if (slice_equal(before, after))
            return; /* Its status alone. */
    }
    regroup(groups, group);
}

void groups_workload_changed(struct groups *groups, const struct object *old,
                             const struct object *new)
{
    /* Pods whose group stands only in the Workload wait in incomplete groups; all of the
     * namespace look again. Workloads change rarely. */
    struct slice namespace = key_namespace(object_key(new ? new : old));
    struct map again;
    map_init_borrowing(&again);
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&groups->by_key, &cursor, &entry)) {
        struct group *group = entry.value;
        if (group->is_gang && !group->pod_group && group->pod_count > 0 &&
            slice_starts_with(group->key, namespace))
            map_set(&again, group->key, group);
    }
    cursor = 0;
    while (map_next(&again, &cursor, &entry))
        regroup(groups, entry.value);
    map_release(&again);
}

void groups_release(struct groups *groups)
{
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&groups->pods, &cursor, &entry)) {
        struct waiting_pod *pod = entry.value;
        object_unref(pod->object);
        mem_free(pod);
    }
    cursor = 0;
    while (map_next(&groups->by_key, &cursor, &entry))
        destroy_group(entry.value);
    map_release(&groups->pods);
    map_release(&groups->by_key);
    heap_release(&groups->queue);
    shapes_release(&groups->shapes);
}
