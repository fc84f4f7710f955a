#include "core/kinds/pod_condition.h"

#include "core/clock.h"
#include "core/kinds/meta.h"

static struct json *find(const struct json *conditions, const char *type)
{
    JSON_EACH(condition, conditions)
        if (strcmp(json_text(json_get(condition, "type")), type) == 0)
            return condition;
    return NULL;
}

static struct json *make(struct arena *arena, const struct json *pod,
                         const struct pod_condition *condition, const char *transition)
{
    struct json *made = json_new_object(arena);
    int64_t generation = meta_generation(pod);
    json_set_text(arena, made, "type", condition->type);
    if (generation > 0)
        json_set_int(arena, made, "observedGeneration", generation);
    json_set_text(arena, made, "status", condition->status);
    json_set(arena, made, "lastProbeTime", json_new_null(arena));
    json_set_text(arena, made, "lastTransitionTime", transition);
    if (condition->reason)
        json_set_text(arena, made, "reason", condition->reason);
    if (condition->message)
        json_set_text(arena, made, "message", condition->message);
    return made;
}

void pod_condition_set(struct arena *arena, struct json *pod, const struct pod_condition *condition,
                       int64_t now_us)
{
    struct json *status = json_ensure_object(arena, pod, "status");
    struct json *conditions = json_get(status, "conditions");
    if (!conditions)
        conditions = json_set(arena, status, "conditions", json_new_array(arena));
    struct json *old = find(conditions, condition->type);
    char now[TIME_TEXT_SIZE];
    time_format(now_us, now);
    const char *since = json_text(json_get(old, "lastTransitionTime"));
    bool stays = strcmp(json_text(json_get(old, "status")), condition->status) == 0 && *since;
    struct json *made = make(arena, pod, condition, stays ? since : now);
    if (old)
        json_replace(conditions, old, made);
    else
        json_append(conditions, made);
}

bool pod_condition_is_true(const struct json *pod, const char *type)
{
    const struct json *condition = find(json_at(pod, "status.conditions"), type);
    return strcmp(json_text(json_get(condition, "status")), "True") == 0;
}
