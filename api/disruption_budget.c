#include "api/disruption_budget.h"

#include <inttypes.h>

#include "api/api.h"
#include "core/clock.h"
#include "core/kinds/label_selector.h"
#include "core/kinds/meta.h"
#include "core/kinds/object_build.h"
#include "core/kinds/pod_condition.h"

#define GROUP "policy"
#define RESOURCE "poddisruptionbudgets"
#define CONDITION "DisruptionAllowed"
enum { DISRUPTED_MAX = 2000, RETRY_SECONDS = 10 };

struct budget {
    struct request *request;
    const struct json *pod;
    const struct object *object; /* NULL: the pod has none. */
    struct json *tree;
    size_t count;                /* How many it has. */
};

static int64_t number_at(const struct json *tree, const char *path)
{
    int64_t value = 0;
    json_to_int64(json_at(tree, path), &value);
    return value;
}

/* --- Which one --- */

/* A selector that is empty, or none, selects nothing here. */
static bool selects(struct arena *arena, const struct json *budget, const struct json *pod)
{
    struct label_selector selector;
    struct status status;
    status_init(&status);
    bool is_good =
        label_selector_from_json(arena, json_at(budget, "spec.selector"), &selector, &status) == 0;
    status_release(&status);
    return is_good && !label_selector_is_empty(&selector) &&
           label_selector_matches_labels(&selector, json_at(pod, "metadata.labels"));
}

static void look_at(struct budget *budget, const struct object *object)
{
    struct request *request = budget->request;
    struct status status;
    status_init(&status);
    struct json *tree = json_parse(&request->arena, object_body(object), NULL, &status);
    status_release(&status);
    if (!tree || !selects(&request->arena, tree, budget->pod))
        return;
    budget->count++;
    budget->object = object;
    budget->tree = tree;
}

/* On head, with what the plan has changed of them. */
static void find(struct budget *budget, const struct plan *plan)
{
    struct buffer prefix = {0};
    struct pin_cursor cursor;
    struct pin *pin = store_pin(plan->store, HEAD);
    key_append_prefix(&prefix, GROUP, RESOURCE, budget->request->info.namespace);
    const struct object *object = pin_first(pin, buffer_slice(&prefix), SLICE(""), &cursor);
    for (; object; object = pin_next(&cursor)) {
        const struct object *planned = plan_get(plan, object_key(object));
        if (planned)
            look_at(budget, planned);
    }
    buffer_release(&prefix);
    pin_unref(pin);
}

/* --- What it says --- */

static int refuse(struct budget *budget, int64_t retry_seconds, const char *cause)
{
    struct status *status = &budget->request->status;
    status_fail(status, STATUS_TOO_MANY_REQUESTS,
                "Cannot evict pod as it would violate the pod's disruption budget.");
    status->retry_after_seconds = retry_seconds;
    status_add_cause(status, "DisruptionBudget", NULL, "%s", cause);
    return -1;
}
static const char *name_of(const struct budget *budget)
{
    return json_text(json_at(budget->tree, "metadata.name"));
}
static int forbid(struct budget *budget, const char *why)
{
    return status_forbidden(&budget->request->status, GROUP, "poddisruptionbudget", name_of(budget),
                            why);
}

static const struct json *find_condition(const struct json *tree)
{
    JSON_EACH(condition, json_at(tree, "status.conditions"))
        if (strcmp(json_text(json_get(condition, "type")), CONDITION) == 0)
            return condition;
    return NULL;
}
static int refuse_exhausted(struct budget *budget)
{
    struct arena *arena = &budget->request->arena;
    const struct json *condition = find_condition(budget->tree);
    if (strcmp(json_text(json_get(condition, "reason")), "SyncFailed") == 0)
        return refuse(budget, 0,
                      arena_format(arena,
                                   "The disruption budget %s does not allow evicting pods "
                                   "currently because it failed sync: %s",
                                   name_of(budget), json_text(json_get(condition, "message"))));
    return refuse(budget, 0,
                  arena_format(arena,
                               "The disruption budget %s needs %" PRId64
                               " healthy pods and has %" PRId64 " currently",
                               name_of(budget), number_at(budget->tree, "status.desiredHealthy"),
                               number_at(budget->tree, "status.currentHealthy")));
}
static int check(struct budget *budget)
{
    const struct json *tree = budget->tree;
    int64_t allowed = number_at(tree, "status.disruptionsAllowed");
    if (number_at(tree, "status.observedGeneration") < meta_generation(tree))
        return refuse(budget, RETRY_SECONDS,
                      arena_format(&budget->request->arena,
                                   "The disruption budget %s is still being processed by the "
                                   "server.",
                                   name_of(budget)));
    if (allowed < 0)
        return forbid(budget, "pdb disruptions allowed is negative");
    if (json_count(json_at(tree, "status.disruptedPods")) > DISRUPTED_MAX)
        return forbid(budget, "DisruptedPods map too big - too many evictions not confirmed by PDB "
                              "controller");
    return allowed == 0 ? refuse_exhausted(budget) : 0;
}

/* A pod that is not ready is no part of what the budget protects. */
static bool pod_may_go_uncounted(const struct budget *budget)
{
    int64_t desired = number_at(budget->tree, "status.desiredHealthy");
    const char *policy = json_text(json_at(budget->tree, "spec.unhealthyPodEvictionPolicy"));
    if (pod_condition_is_true(budget->pod, "Ready"))
        return false;
    return strcmp(policy, "AlwaysAllow") == 0 ||
           (desired > 0 && number_at(budget->tree, "status.currentHealthy") >= desired);
}

/* --- Counting --- */

static void set_exhausted(struct arena *arena, struct json *status, const char *now)
{
    struct json *conditions = json_get(status, "conditions");
    struct json *made = json_new_object(arena), *old = NULL;
    if (!conditions)
        conditions = json_set(arena, status, "conditions", json_new_array(arena));
    JSON_EACH(condition, conditions)
        if (strcmp(json_text(json_get(condition, "type")), CONDITION) == 0)
            old = condition;
    bool stays = strcmp(json_text(json_get(old, "status")), "False") == 0;
    json_set_text(arena, made, "type", CONDITION);
    json_set_text(arena, made, "status", "False");
    json_set_int(arena, made, "observedGeneration", number_at(status, "observedGeneration"));
    json_set_text(arena, made, "lastTransitionTime",
                  stays ? json_text(json_get(old, "lastTransitionTime")) : now);
    json_set_text(arena, made, "reason", "InsufficientPods");
    json_set_text(arena, made, "message", "");
    if (old)
        json_replace(conditions, old, made);
    else
        json_append(conditions, made);
}
static void count(struct budget *budget, struct plan *plan)
{
    struct request *request = budget->request;
    struct arena *arena = &request->arena;
    const struct kind *kind = registry_by_key(request->api->registry, object_key(budget->object));
    struct json *status = json_get(budget->tree, "status");
    int64_t left = number_at(status, "disruptionsAllowed") - 1;
    char now[TIME_TEXT_SIZE];
    time_format(request->context.now_us, now);
    json_set_int(arena, status, "disruptionsAllowed", left);
    if (left == 0)
        set_exhausted(arena, status, now);
    json_set_text(arena, json_ensure_object(arena, status, "disruptedPods"),
                  json_text(json_at(budget->pod, "metadata.name")), now);
    plan_put(plan,
             object_build_managed(kind, arena, budget->tree, object_managed(budget->object),
                                  plan_next_revision(plan)),
             budget->object->revision, false);
}

int disruption_budget_take(struct request *request, struct plan *plan, const struct json *pod)
{
    struct budget budget = {.request = request, .pod = pod};
    find(&budget, plan);
    if (budget.count > 1)
        return status_fail(&request->status, STATUS_INTERNAL_ERROR,
                           "This pod has more than one PodDisruptionBudget, which the eviction "
                           "subresource does not support.");
    if (budget.count == 0 || pod_may_go_uncounted(&budget))
        return 0;
    if (check(&budget))
        return -1;
    if (!request->is_dry_run)
        count(&budget, plan);
    return 0;
}
