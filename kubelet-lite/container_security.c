#include "kubelet-lite/container_security.h"

#include "kubelet-lite/capabilities.h"

struct contexts {
    const struct json *pod, *own; /* Of the pod, of the container: may be NULL. */
};

/* The container's stands above the pod's. */
static const struct json *either(const struct contexts *contexts, const char *key)
{
    const struct json *own = json_get(contexts->own, key);
    return own ? own : json_get(contexts->pod, key);
}

static int64_t number_or(const struct json *value, int64_t otherwise)
{
    int64_t number;
    return json_to_int64(value, &number) ? number : otherwise;
}

static const char *pod_text(struct arena *arena, const struct json *pod)
{
    return arena_format(arena, "%s_%s(%s)", json_text(json_at(pod, "metadata.name")),
                        json_text(json_at(pod, "metadata.namespace")),
                        json_text(json_at(pod, "metadata.uid")));
}

/* runAsNonRoot must be seen to hold before anything starts. */
static int check_root(const struct json *pod, const struct json *container, int64_t uid,
                      const char *image_user, struct arena *arena, struct status *status)
{
    const char *name = json_text(json_get(container, "name"));
    struct slice rest = slice_of(image_user), user = {0};
    int64_t image_uid = 0;
    slice_split(&rest, ':', &user);
    if (uid == 0)
        return status_fail(status, STATUS_FORBIDDEN,
                           "container's runAsUser breaks non-root policy (pod: \"%s\", "
                           "container: %s)",
                           pod_text(arena, pod), name);
    if (uid > 0)
        return 0;
    if (user.size > 0 && !slice_to_int64(user, &image_uid))
        return status_fail(status, STATUS_FORBIDDEN,
                           "container has runAsNonRoot and image has non-numeric user "
                           "(" SLICE_FORMAT "), cannot verify user is non-root (pod: \"%s\", "
                           "container: %s)",
                           SLICE_ARGS(user), pod_text(arena, pod), name);
    if (image_uid == 0)
        return status_fail(status, STATUS_FORBIDDEN,
                           "container has runAsNonRoot and image will run as root (pod: \"%s\", "
                           "container: %s)",
                           pod_text(arena, pod), name);
    return 0;
}

static void fill_groups(const struct json *pod_context, struct arena *arena,
                        struct container_config *config)
{
    const struct json *further = json_get(pod_context, "supplementalGroups");
    int64_t *groups = ARENA_ARRAY(arena, int64_t, json_count(further) + 2);
    size_t count = 0;
    int64_t group;
    JSON_EACH(one, further)
        if (json_to_int64(one, &group))
            groups[count++] = group;
    if (json_to_int64(json_get(pod_context, "fsGroup"), &group))
        groups[count++] = group;
    config->groups = groups;
    config->group_count = count;
    config->has_own_groups_only =
        slice_is(json_string(json_get(pod_context, "supplementalGroupsPolicy")), "Strict");
}

static bool has_admin(const struct json *capabilities)
{
    JSON_EACH(added, json_get(capabilities, "add"))
        if (slice_is(json_string(added), "SYS_ADMIN") ||
            slice_is(json_string(added), "CAP_SYS_ADMIN"))
            return true;
    return false;
}

static const char *seccomp_of(const struct contexts *contexts, const char *profiles,
                              struct arena *arena)
{
    const struct json *profile = either(contexts, "seccompProfile");
    struct slice type = json_string(json_get(profile, "type"));
    if (slice_is(type, "RuntimeDefault"))
        return "default";
    if (slice_is(type, "Localhost"))
        return arena_format(arena, "%s/%s", profiles,
                            json_text(json_get(profile, "localhostProfile")));
    return NULL;
}

int container_security_fill(const struct json *pod, const struct json *container,
                            const char *image_user, const char *profiles, struct arena *arena,
                            struct container_config *config, struct status *status)
{
    const struct contexts contexts = {json_at(pod, "spec.securityContext"),
                                      json_get(container, "securityContext")};
    const struct json *capabilities = json_get(contexts.own, "capabilities");
    const struct json *escalation = json_get(contexts.own, "allowPrivilegeEscalation");
    config->uid = number_or(either(&contexts, "runAsUser"), -1);
    config->gid = number_or(either(&contexts, "runAsGroup"), -1);
    config->user = image_user;
    if (json_bool(either(&contexts, "runAsNonRoot")) &&
        check_root(pod, container, config->uid, image_user, arena, status))
        return -1;
    fill_groups(contexts.pod, arena, config);
    config->is_privileged = json_bool(json_get(contexts.own, "privileged"));
    config->capabilities = capabilities_of(arena, capabilities, config->is_privileged);
    config->may_gain_privileges =
        config->is_privileged || has_admin(capabilities) || !escalation || json_bool(escalation);
    config->has_read_only_root = json_bool(json_get(contexts.own, "readOnlyRootFilesystem"));
    config->has_unmasked_proc =
        slice_is(json_string(json_get(contexts.own, "procMount")), "Unmasked");
    config->seccomp = seccomp_of(&contexts, profiles, arena);
    return 0;
}
