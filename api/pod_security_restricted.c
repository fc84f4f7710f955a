/* Checks of the restricted level: what a well-kept container can do without. */
#include "api/pod_security_private.h"
#include "core/kinds/field_path.h"

/* --- Privileges --- */

void security_check_privilege_escalation(struct security_case *pod)
{
    struct security_walk walk = {0};
    struct security_texts containers = {0};
    const struct json *container;
    if (pod->minor >= 25 && security_is_windows(pod))
        return;
    while ((container = security_next_container(pod, &walk))) {
        const struct json *allows =
            json_get(security_context_of(container), "allowPrivilegeEscalation");
        if (!allows || json_bool(allows))
            security_add(pod, &containers, security_name(container));
    }
    if (containers.count > 0)
        security_find(pod, "allowPrivilegeEscalation != false",
                      arena_format(pod->arena,
                                   "%s must set securityContext.allowPrivilegeEscalation=false",
                                   security_name_containers(pod, &containers)));
}

/* All go, and only the one for low ports may come. */
struct capabilities {
    struct security_texts keeping; /* Containers that do not drop all. */
    struct security_texts adding;  /* Containers that add others. */
    struct security_texts added;
};
static void check_capabilities(struct security_case *pod, const struct json *container,
                               struct capabilities *found)
{
    const struct json *set = json_get(security_context_of(container), "capabilities");
    size_t before = found->added.count;
    bool drops_all = false;
    JSON_EACH(capability, json_get(set, "drop"))
        drops_all |= slice_is(json_string(capability), "ALL");
    if (!drops_all)
        security_add(pod, &found->keeping, security_name(container));
    JSON_EACH(capability, json_get(set, "add"))
        if (!slice_is(json_string(capability), "NET_BIND_SERVICE"))
            security_add(pod, &found->added, json_string(capability));
    if (found->added.count > before)
        security_add(pod, &found->adding, security_name(container));
}
void security_check_capabilities_restricted(struct security_case *pod)
{
    struct security_walk walk = {0};
    struct capabilities found = {0};
    const struct json *container;
    const char *keeping = "", *adding = "";
    if (pod->minor >= 25 && security_is_windows(pod))
        return;
    while ((container = security_next_container(pod, &walk)))
        check_capabilities(pod, container, &found);
    security_sort(&found.added);
    if (found.keeping.count > 0)
        keeping =
            arena_format(pod->arena, "%s must set securityContext.capabilities.drop=[\"ALL\"]",
                         security_name_containers(pod, &found.keeping));
    if (found.adding.count > 0)
        adding = arena_format(
            pod->arena, "%s must not include %s in securityContext.capabilities.add",
            security_name_containers(pod, &found.adding), security_quote(pod, &found.added));
    if (*keeping || *adding)
        security_find(
            pod, "unrestricted capabilities",
            arena_format(pod->arena, "%s%s%s", keeping, *keeping && *adding ? "; " : "", adding));
}

/* --- Volumes --- */

static const char *const harmless_volumes[] = {
    "configMap", "csi",    "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim",
    "projected", "secret", NULL};

static const char *source_of(const struct json *volume)
{
    const char *source = "unknown";
    JSON_EACH(member, volume) {
        if (text_is_one_of(json_key(member), harmless_volumes))
            return NULL;
        if (!slice_is(json_key(member), "name"))
            source = json_key(member).data;
    }
    return source;
}
void security_check_restricted_volumes(struct security_case *pod)
{
    struct security_texts volumes = {0}, sources = {0};
    JSON_EACH(volume, json_get(pod->spec, "volumes")) {
        const char *source = source_of(volume);
        if (!source)
            continue;
        security_add(pod, &volumes, security_name(volume));
        security_add(pod, &sources, slice_of(source));
    }
    security_sort(&sources);
    if (volumes.count > 0)
        security_find(
            pod, "restricted volume types",
            arena_format(
                pod->arena, "%s %s %s %s %s", security_plural("volume", "volumes", volumes.count),
                security_quote(pod, &volumes), security_plural("uses", "use", volumes.count),
                security_plural("restricted volume type", "restricted volume types", sources.count),
                security_quote(pod, &sources)));
}

/* --- Who runs --- */

void security_check_run_as_non_root(struct security_case *pod)
{
    static const char name[] = "runAsNonRoot";
    struct security_walk walk = {0};
    struct security_texts wrong = {0}, silent = {0};
    const struct json *container, *own = json_get(pod->context, name);
    bool is_pod = own && !json_bool(own);
    if (pod->minor >= 35 && security_is_in_user_namespace(pod))
        return;
    while ((container = security_next_container(pod, &walk))) {
        const struct json *value = json_get(security_context_of(container), name);
        if (value && !json_bool(value))
            security_add(pod, &wrong, security_name(container));
        else if (!value && !json_bool(own))
            security_add(pod, &silent, security_name(container));
    }
    if (is_pod || wrong.count > 0)
        security_find(pod, "runAsNonRoot != true",
                      arena_format(pod->arena, "%s must not set securityContext.runAsNonRoot=false",
                                   security_setters(pod, is_pod, &wrong)));
    else if (silent.count > 0)
        security_find(pod, "runAsNonRoot != true",
                      arena_format(pod->arena,
                                   "pod or %s must set securityContext.runAsNonRoot=true",
                                   security_name_containers(pod, &silent)));
}

static bool runs_as_root(const struct json *context)
{
    int64_t user = 1;
    return json_to_int64(json_get(context, "runAsUser"), &user) && user == 0;
}
void security_check_run_as_user(struct security_case *pod)
{
    struct security_walk walk = {0};
    struct security_texts containers = {0};
    const struct json *container;
    bool is_pod = runs_as_root(pod->context);
    if (pod->minor >= 35 && security_is_in_user_namespace(pod))
        return;
    while ((container = security_next_container(pod, &walk)))
        if (runs_as_root(security_context_of(container)))
            security_add(pod, &containers, security_name(container));
    if (is_pod || containers.count > 0)
        security_find(pod, "runAsUser=0",
                      arena_format(pod->arena, "%s must not set runAsUser=0",
                                   security_setters(pod, is_pod, &containers)));
}

/* --- Seccomp --- */

void security_check_seccomp_restricted(struct security_case *pod)
{
    struct security_walk walk = {0};
    struct security_texts without = {0};
    const struct json *container;
    if (pod->minor >= 25 && security_is_windows(pod))
        return;
    security_check_seccomp_baseline(pod);
    if (pod->reason || json_get(pod->context, "seccompProfile"))
        return;
    while ((container = security_next_container(pod, &walk)))
        if (!json_get(security_context_of(container), "seccompProfile"))
            security_add(pod, &without, security_name(container));
    if (without.count > 0)
        security_find(pod, "seccompProfile",
                      arena_format(pod->arena,
                                   "pod or %s must set securityContext.seccompProfile.type to "
                                   "\"RuntimeDefault\" or \"Localhost\"",
                                   security_name_containers(pod, &without)));
}
