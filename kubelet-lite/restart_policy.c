#include "kubelet-lite/restart_policy.h"

static bool matches(const struct json *rule, int64_t exit_code)
{
    const struct json *codes = json_get(rule, "exitCodes");
    bool is_listed = false;
    if (!codes)
        return false;
    JSON_EACH(value, json_get(codes, "values")) {
        int64_t code;
        is_listed = is_listed || (json_to_int64(value, &code) && code == exit_code);
    }
    return slice_is(json_string(json_get(codes, "operator")), "NotIn") ? !is_listed : is_listed;
}

static bool policy_restarts(struct slice policy, int64_t exit_code)
{
    if (slice_is(policy, "Never"))
        return false;
    return !slice_is(policy, "OnFailure") || exit_code != 0;
}

bool restart_policy_restarts(const struct json *spec, const struct json *container,
                             int64_t exit_code)
{
    /* The first rule that matches decides; the only action of v1.35 is Restart. */
    JSON_EACH(rule, json_get(container, "restartPolicyRules"))
        if (matches(rule, exit_code))
            return slice_is(json_string(json_get(rule, "action")), "Restart");
    struct slice own = json_string(json_get(container, "restartPolicy"));
    return policy_restarts(own.size > 0 ? own : json_string(json_get(spec, "restartPolicy")),
                           exit_code);
}

int64_t restart_backoff_us(int64_t restarts)
{
    int64_t wait_us = BACKOFF_FIRST_US;
    if (restarts <= 0)
        return 0;
    while (--restarts > 0 && wait_us < BACKOFF_MAX_US)
        wait_us *= 2;
    return wait_us < BACKOFF_MAX_US ? wait_us : BACKOFF_MAX_US;
}
