/* Checks of the baseline level: what would reach around the walls of a container. */
#include <inttypes.h>

#include "api/pod_security_private.h"
#include "core/kinds/field_path.h"

/* --- A profile's type, of the pod and of containers --- */

struct setters {
    bool is_pod;
    struct security_texts containers;
    struct security_texts values;
};
/* Who sets NAME.type to something that is_good() does not like. */
static void find_types(struct security_case *pod, const char *name, bool (*is_good)(struct slice),
                       struct setters *setters)
{
    struct security_walk walk = {0};
    const struct json *profile = json_get(pod->context, name), *container;
    struct slice type = json_string(json_get(profile, "type"));
    if (profile && !is_good(type)) {
        setters->is_pod = true;
        security_add(pod, &setters->values, type);
    }
    while ((container = security_next_container(pod, &walk))) {
        profile = json_get(security_context_of(container), name);
        type = json_string(json_get(profile, "type"));
        if (!profile || is_good(type))
            continue;
        security_add(pod, &setters->containers, security_name(container));
        security_add(pod, &setters->values, type);
    }
    security_sort(&setters->values);
}
static bool is_usual_profile(struct slice type)
{
    return slice_is(type, "RuntimeDefault") || slice_is(type, "Localhost");
}

/* --- AppArmor --- */

static bool is_good_annotation(struct slice profile)
{
    return profile.size == 0 || slice_is(profile, "runtime/default") ||
           slice_starts_with(profile, SLICE("localhost/"));
}
static void find_annotations(struct security_case *pod, struct security_texts *found)
{
    static const char prefix[] = "container.apparmor.security.beta.kubernetes.io/";
    JSON_EACH(annotation, json_get(pod->metadata, "annotations")) {
        struct slice key = json_key(annotation), value = json_string(annotation);
        if (slice_starts_with(key, slice_of(prefix)) && !is_good_annotation(value))
            security_add(pod, found,
                         slice_of(arena_format(pod->arena, SLICE_FORMAT "=%s", SLICE_ARGS(key),
                                               field_value_text(pod->arena, value))));
    }
    security_sort(found);
}
void security_check_app_armor_profile(struct security_case *pod)
{
    struct setters setters = {0};
    struct security_texts annotations = {0};
    find_types(pod, "appArmorProfile", is_usual_profile, &setters);
    find_annotations(pod, &annotations);
    for (size_t i = 0; i < annotations.count; i++)
        security_add(pod, &setters.values, annotations.items[i]);
    const char *who = security_setters(pod, setters.is_pod, &setters.containers);
    if (annotations.count > 0)
        who = arena_format(pod->arena, "%s%s%s", who, *who ? " and " : "",
                           security_plural("annotation", "annotations", annotations.count));
    if (*who)
        security_find(pod,
                      security_plural("forbidden AppArmor profile", "forbidden AppArmor profiles",
                                      setters.values.count),
                      arena_format(pod->arena, "%s must not set AppArmor profile type to %s", who,
                                   security_quote(pod, &setters.values)));
}

/* --- Capabilities --- */

void security_check_capabilities_baseline(struct security_case *pod)
{
    static const char *const usual[] = {
        "AUDIT_WRITE", "CHOWN",  "DAC_OVERRIDE", "FOWNER", "FSETID",     "KILL", "MKNOD",
        "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT", NULL};
    struct security_walk walk = {0};
    struct security_texts containers = {0}, added = {0};
    const struct json *container;
    while ((container = security_next_container(pod, &walk))) {
        size_t before = added.count;
        JSON_EACH(capability, json_at(security_context_of(container), "capabilities.add"))
            if (!text_is_one_of(json_string(capability), usual))
                security_add(pod, &added, json_string(capability));
        if (added.count > before)
            security_add(pod, &containers, security_name(container));
    }
    security_sort(&added);
    if (containers.count > 0)
        security_find(
            pod, "non-default capabilities",
            arena_format(pod->arena, "%s must not include %s in securityContext.capabilities.add",
                         security_name_containers(pod, &containers), security_quote(pod, &added)));
}

/* --- The host's namespaces, paths and ports --- */

void security_check_host_namespaces(struct security_case *pod)
{
    static const char *const names[] = {"hostNetwork", "hostPID", "hostIPC"};
    struct security_texts found = {0};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (json_bool(json_get(pod->spec, names[i])))
            security_add(pod, &found, slice_of(arena_format(pod->arena, "%s=true", names[i])));
    if (found.count > 0)
        security_find(pod, "host namespaces", security_join(pod, &found, ", "));
}

void security_check_host_path_volumes(struct security_case *pod)
{
    struct security_texts found = {0};
    JSON_EACH(volume, json_get(pod->spec, "volumes"))
        if (json_get(volume, "hostPath"))
            security_add(pod, &found, security_name(volume));
    if (found.count > 0)
        security_find(pod, "hostPath volumes",
                      arena_format(pod->arena, "%s %s",
                                   security_plural("volume", "volumes", found.count),
                                   security_quote(pod, &found)));
}

void security_check_host_ports(struct security_case *pod)
{
    struct security_walk walk = {0};
    struct security_texts containers = {0}, ports = {0};
    const struct json *container;
    while ((container = security_next_container(pod, &walk))) {
        size_t before = ports.count;
        JSON_EACH(port, json_get(container, "ports")) {
            int64_t number = 0;
            if (json_to_int64(json_get(port, "hostPort"), &number) && number != 0)
                security_add(pod, &ports, slice_of(arena_format(pod->arena, "%" PRId64, number)));
        }
        if (ports.count > before)
            security_add(pod, &containers, security_name(container));
    }
    security_sort(&ports);
    if (containers.count > 0)
        security_find(pod, "hostPort",
                      arena_format(pod->arena, "%s %s %s %s",
                                   security_name_containers(pod, &containers),
                                   security_plural("uses", "use", containers.count),
                                   security_plural("hostPort", "hostPorts", ports.count),
                                   security_join(pod, &ports, ", ")));
}

/* Hosts of probes and handlers; they connect from the node. */
static void find_hosts(struct security_case *pod, const struct json *handler,
                       struct security_texts *hosts)
{
    static const char *const ways[] = {"httpGet", "tcpSocket"};
    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        struct slice host = json_string(json_get(json_get(handler, ways[i]), "host"));
        if (host.size > 0)
            security_add(pod, hosts, host);
    }
}
void security_check_host_probes(struct security_case *pod)
{
    static const char *const probes[] = {"livenessProbe", "readinessProbe", "startupProbe"};
    struct security_walk walk = {0};
    struct security_texts containers = {0}, hosts = {0};
    const struct json *container;
    while ((container = security_next_container(pod, &walk))) {
        size_t before = hosts.count;
        for (size_t i = 0; i < ARRAY_SIZE(probes); i++)
            find_hosts(pod, json_get(container, probes[i]), &hosts);
        find_hosts(pod, json_at(container, "lifecycle.postStart"), &hosts);
        find_hosts(pod, json_at(container, "lifecycle.preStop"), &hosts);
        if (hosts.count > before)
            security_add(pod, &containers, security_name(container));
    }
    security_sort(&containers);
    security_sort(&hosts);
    if (containers.count > 0)
        security_find(pod, "probe or lifecycle host",
                      arena_format(pod->arena, "%s %s %s %s",
                                   security_name_containers(pod, &containers),
                                   security_plural("uses", "use", containers.count),
                                   security_plural("probe or lifecycle host",
                                                   "probe or lifecycle hosts", hosts.count),
                                   security_quote(pod, &hosts)));
}

/* --- Privileged, /proc --- */

void security_check_privileged(struct security_case *pod)
{
    struct security_walk walk = {0};
    struct security_texts containers = {0};
    const struct json *container;
    while ((container = security_next_container(pod, &walk)))
        if (json_bool(json_get(security_context_of(container), "privileged")))
            security_add(pod, &containers, security_name(container));
    if (containers.count > 0)
        security_find(pod, "privileged",
                      arena_format(pod->arena, "%s must not set securityContext.privileged=true",
                                   security_name_containers(pod, &containers)));
}

void security_check_proc_mount_restricted(struct security_case *pod)
{
    struct security_walk walk = {0};
    struct security_texts containers = {0}, types = {0};
    const struct json *container;
    while ((container = security_next_container(pod, &walk))) {
        const struct json *type = json_get(security_context_of(container), "procMount");
        if (!type || slice_is(json_string(type), "Default"))
            continue;
        security_add(pod, &containers, security_name(container));
        security_add(pod, &types, json_string(type));
    }
    security_sort(&types);
    if (containers.count > 0)
        security_find(pod, "procMount",
                      arena_format(pod->arena, "%s must not set securityContext.procMount to %s",
                                   security_name_containers(pod, &containers),
                                   security_quote(pod, &types)));
}
void security_check_proc_mount(struct security_case *pod)
{
    if (pod->minor < 35 || !security_is_in_user_namespace(pod))
        security_check_proc_mount_restricted(pod);
}

/* --- SELinux --- */

struct selinux {
    struct security_texts types;
    bool sets_user;
    bool sets_role;
};
static bool has_good_options(struct security_case *pod, const struct json *options,
                             struct selinux *found)
{
    static const char *const types[] = {"", "container_t", "container_init_t", "container_kvm_t",
                                        NULL};
    struct slice type = json_string(json_get(options, "type"));
    bool has_user = json_string(json_get(options, "user")).size > 0;
    bool has_role = json_string(json_get(options, "role")).size > 0;
    bool is_good_type =
        text_is_one_of(type, types) || (pod->minor >= 31 && slice_is(type, "container_engine_t"));
    if (!is_good_type)
        security_add(pod, &found->types, type);
    found->sets_user |= has_user;
    found->sets_role |= has_role;
    return is_good_type && !has_user && !has_role;
}
static const char *selinux_text(struct security_case *pod, struct selinux *found)
{
    struct security_texts parts = {0};
    security_sort(&found->types);
    if (found->types.count > 0)
        security_add(pod, &parts,
                     slice_of(arena_format(pod->arena, "%s %s",
                                           security_plural("type", "types", found->types.count),
                                           security_quote(pod, &found->types))));
    if (found->sets_user)
        security_add(pod, &parts, SLICE("user may not be set"));
    if (found->sets_role)
        security_add(pod, &parts, SLICE("role may not be set"));
    return security_join(pod, &parts, "; ");
}
void security_check_se_linux_options(struct security_case *pod)
{
    struct security_walk walk = {0};
    struct security_texts containers = {0};
    struct selinux found = {0};
    const struct json *container;
    bool is_pod = !has_good_options(pod, json_get(pod->context, "seLinuxOptions"), &found);
    while ((container = security_next_container(pod, &walk)))
        if (!has_good_options(pod, json_get(security_context_of(container), "seLinuxOptions"),
                              &found))
            security_add(pod, &containers, security_name(container));
    if (is_pod || containers.count > 0)
        security_find(
            pod, "seLinuxOptions",
            arena_format(pod->arena, "%s set forbidden securityContext.seLinuxOptions: %s",
                         security_setters(pod, is_pod, &containers), selinux_text(pod, &found)));
}

/* --- Seccomp: annotations until 1.18, fields since --- */

static void check_annotation(struct security_case *pod, const char *key,
                             struct security_texts *found)
{
    const struct json *value = json_get(json_get(pod->metadata, "annotations"), key);
    struct slice text = json_string(value);
    if (value && !slice_is(text, "runtime/default") && !slice_is(text, "docker/default") &&
        !slice_starts_with(text, SLICE("localhost/")))
        security_add(
            pod, found,
            slice_of(arena_format(pod->arena, "%s=%s", key, field_value_text(pod->arena, text))));
}
static void check_seccomp_annotations(struct security_case *pod)
{
    struct security_walk walk = {0};
    struct security_texts found = {0};
    const struct json *container;
    check_annotation(pod, "seccomp.security.alpha.kubernetes.io/pod", &found);
    while ((container = security_next_container(pod, &walk)))
        check_annotation(
            pod,
            arena_format(pod->arena, "container.seccomp.security.alpha.kubernetes.io/" SLICE_FORMAT,
                         SLICE_ARGS(security_name(container))),
            &found);
    security_sort(&found);
    if (found.count > 0)
        security_find(pod, "seccompProfile",
                      arena_format(pod->arena, "forbidden %s %s",
                                   security_plural("annotation", "annotations", found.count),
                                   security_join(pod, &found, ", ")));
}
void security_check_seccomp_baseline(struct security_case *pod)
{
    struct setters setters = {0};
    if (pod->minor < 19) {
        check_seccomp_annotations(pod);
        return;
    }
    find_types(pod, "seccompProfile", is_usual_profile, &setters);
    if (setters.values.count > 0)
        security_find(pod, "seccompProfile",
                      arena_format(pod->arena,
                                   "%s must not set securityContext.seccompProfile.type to %s",
                                   security_setters(pod, setters.is_pod, &setters.containers),
                                   security_quote(pod, &setters.values)));
}

/* --- Sysctls, Windows --- */

void security_check_sysctls(struct security_case *pod)
{
    static const struct {
        const char *name;
        int32_t since;
    } safe[] = {
        {"kernel.shm_rmid_forced", 0},
        {"net.ipv4.ip_local_port_range", 0},
        {"net.ipv4.tcp_syncookies", 0},
        {"net.ipv4.ping_group_range", 0},
        {"net.ipv4.ip_unprivileged_port_start", 0},
        {"net.ipv4.ip_local_reserved_ports", 27},
        {"net.ipv4.tcp_keepalive_time", 29},
        {"net.ipv4.tcp_fin_timeout", 29},
        {"net.ipv4.tcp_keepalive_intvl", 29},
        {"net.ipv4.tcp_keepalive_probes", 29},
        {"net.ipv4.tcp_rmem", 32},
        {"net.ipv4.tcp_wmem", 32},
    };
    struct security_texts found = {0};
    JSON_EACH(sysctl, json_get(pod->context, "sysctls")) {
        bool is_safe = false;
        for (size_t i = 0; i < ARRAY_SIZE(safe); i++)
            is_safe |= slice_is(security_name(sysctl), safe[i].name) && pod->minor >= safe[i].since;
        if (!is_safe)
            security_add(pod, &found, security_name(sysctl));
    }
    if (found.count > 0)
        security_find(pod, "forbidden sysctls", security_join(pod, &found, ", "));
}

void security_check_windows_host_process(struct security_case *pod)
{
    static const char path[] = "windowsOptions.hostProcess";
    struct security_walk walk = {0};
    struct security_texts containers = {0};
    const struct json *container;
    bool is_pod = json_bool(json_at(pod->context, path));
    while ((container = security_next_container(pod, &walk)))
        if (json_bool(json_at(security_context_of(container), path)))
            security_add(pod, &containers, security_name(container));
    if (is_pod || containers.count > 0)
        security_find(
            pod, "hostProcess",
            arena_format(pod->arena,
                         "%s must not set securityContext.windowsOptions.hostProcess=true",
                         security_setters(pod, is_pod, &containers)));
}
