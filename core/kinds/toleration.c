#include "core/kinds/toleration.h"

static bool effect_matches(struct slice effect, enum taint_effect taint)
{
    static const char *const names[] = {"NoSchedule", "PreferNoSchedule", "NoExecute"};
    return effect.size == 0 || slice_is(effect, names[taint]);
}

bool toleration_bears(const struct json *toleration, const struct facts_taint *taint)
{
    struct slice key = json_string(json_get(toleration, "key"));
    struct slice operator= json_string(json_get(toleration, "operator"));
    if (!effect_matches(json_string(json_get(toleration, "effect")), taint->effect))
        return false;
    if (key.size > 0 && !slice_equal(key, taint->key))
        return false;
    if (slice_is(operator, "Exists"))
        return true;
    bool equals = operator.size == 0 || slice_is(operator, "Equal");
    return equals && slice_equal(json_string(json_get(toleration, "value")), taint->value);
}

bool tolerates(const struct json *tolerations, const struct facts_taint *taint)
{
    JSON_EACH(toleration, tolerations)
        if (toleration_bears(toleration, taint))
            return true;
    return false;
}
