/* See validate_security.h. */
#include "core/kinds/validate_security.h"

#include "core/kinds/text_map.h"
#include "core/kinds/validate_volume.h"

#define APP_ARMOR_PROFILE_MAX 4095 /* PATH_MAX - 1 */
#define SYSCTL_NAME_MAX 253

static const char *const profile_types[] = {"Localhost", "RuntimeDefault", "Unconfined", NULL};

static struct slice text_at(const struct json *object, const char *name)
{
    return json_string(json_get(object, name));
}

/* --- Profiles --- */

static void check_seccomp(const struct json *profile, const struct field_path *path,
                          struct field_errors *errors)
{
    struct slice type = text_at(profile, "type");
    const struct json *file = json_get(profile, "localhostProfile");
    if (!profile)
        return;
    if (type.size == 0)
        path_required(errors, AT(path, "type"), "type is required when seccompProfile is set");
    else
        path_check_choice(errors, AT(path, "type"), type, profile_types);
    const struct field_path *at = AT(path, "localhostProfile");
    if (!slice_is(type, "Localhost") && file)
        path_invalid(errors, at, profile, "can only be set when seccomp type is Localhost");
    else if (slice_is(type, "Localhost") && !file)
        path_required(errors, at, "must be set when seccomp type is Localhost");
    else if (file)
        file_path_check_descends(json_string(file), at, errors);
}

static bool is_padded(struct slice text)
{
    static const char spaces[] = " \t\n\v\f\r";
    return text.size > 0 && (memchr(spaces, text.data[0], sizeof spaces - 1) ||
                             memchr(spaces, text.data[text.size - 1], sizeof spaces - 1));
}
static void check_app_armor_profile(const struct json *name, const struct field_path *path,
                                    struct field_errors *errors)
{
    struct slice text = json_string(name);
    if (is_padded(text))
        path_invalid_text(errors, path, text, "must not be padded with whitespace");
    else if (text.size == 0)
        path_required(errors, path, "must be set when AppArmor type is Localhost");
    if (text.size > APP_ARMOR_PROFILE_MAX)
        path_too_long(errors, path, APP_ARMOR_PROFILE_MAX);
}
static void check_app_armor(const struct json *profile, const struct field_path *path,
                            struct field_errors *errors)
{
    struct slice type = text_at(profile, "type");
    const struct json *name = json_get(profile, "localhostProfile");
    const struct field_path *at = AT(path, "localhostProfile");
    if (!profile)
        return;
    if (type.size == 0)
        path_required(errors, AT(path, "type"), "type is required when appArmorProfile is set");
    else if (slice_is(type, "Localhost"))
        check_app_armor_profile(name, at, errors);
    else if (!text_is_one_of(type, profile_types))
        path_not_supported(errors, AT(path, "type"), type, profile_types);
    else if (name)
        path_invalid(errors, at, name, "can only be set when AppArmor type is Localhost");
}

static void check_ids(const struct json *security, const struct field_path *path,
                      struct field_errors *errors)
{
    static const char *const ids[] = {"fsGroup", "runAsUser", "runAsGroup"};
    size_t index = 0;
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++)
        path_check_range(errors, AT(path, ids[i]), json_get(security, ids[i]), 0, INT32_MAX);
    JSON_EACH(group, json_get(security, "supplementalGroups"))
        path_check_range(errors, AT_ITEM(AT(path, "supplementalGroups"), index++), group, 0,
                         INT32_MAX);
}

/* --- Containers --- */

static void check_escalation(const struct json *security, const struct field_path *path,
                             struct field_errors *errors)
{
    const struct json *may_escalate = json_get(security, "allowPrivilegeEscalation");
    if (!may_escalate || json_bool(may_escalate))
        return;
    if (json_bool(json_get(security, "privileged")))
        path_invalid(errors, path, security,
                     "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
    JSON_EACH(capability, json_at(security, "capabilities.add"))
        if (slice_is(json_string(capability), "CAP_SYS_ADMIN"))
            path_invalid(errors, path, security,
                         "cannot set `allowPrivilegeEscalation` to false "
                         "and `capabilities.Add` CAP_SYS_ADMIN");
}
void container_security_validate(const struct json *security, bool uses_host_users,
                                 const struct field_path *path, struct field_errors *errors)
{
    if (!security)
        return;
    const struct json *proc_mount = json_get(security, "procMount");
    check_ids(security, path, errors);
    if (uses_host_users && slice_is(json_string(proc_mount), "Unmasked"))
        path_invalid(errors, AT(path, "procMount"), proc_mount,
                     "`hostUsers` must be false to use `Unmasked`");
    check_seccomp(json_get(security, "seccompProfile"), AT(path, "seccompProfile"), errors);
    check_escalation(security, path, errors);
    check_app_armor(json_get(security, "appArmorProfile"), AT(path, "appArmorProfile"), errors);
}

/* --- Kernel settings --- */

static bool is_sysctl_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
/* Segments of [a-z0-9]([-_a-z0-9]*[a-z0-9])? joined by dots or slashes. */
static bool is_sysctl_name(struct slice name)
{
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool is_edge = i == 0 || i + 1 == name.size;
        bool is_separator = c == '.' || c == '/';
        if (is_separator ? is_edge || !is_sysctl_character(name.data[i - 1]) ||
                               !is_sysctl_character(name.data[i + 1])
                         : !is_sysctl_character(c) && (is_edge || (c != '-' && c != '_')))
            return false;
    }
    return name.size > 0 && name.size <= SYSCTL_NAME_MAX;
}
static void check_sysctls(const struct json *sysctls, const struct field_path *path,
                          struct field_errors *errors)
{
    struct text_map names = {0};
    size_t index = 0;
    JSON_EACH(sysctl, sysctls) {
        struct slice name = text_at(sysctl, "name");
        const struct field_path *at = AT(AT_ITEM(path, index++), "name");
        if (name.size > 0 && !is_sysctl_name(name))
            path_invalid_text(errors, at, name,
                              "must have at most %d characters and match regex "
                              "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]"
                              "([-_a-z0-9]*[a-z0-9])?$",
                              SYSCTL_NAME_MAX);
        else if (name.size > 0 && !text_map_add_text(&names, name))
            path_duplicate(errors, at, name);
    }
    text_map_release(&names);
}

/* --- Pods --- */

static void check_host_users(const struct json *spec, const struct field_path *path,
                             struct field_errors *errors)
{
    static const struct {
        const char *field, *told;
    } hosts[] = {{"hostNetwork", "hostNetwork"}, {"hostPID", "HostPID"}, {"hostIPC", "HostIPC"}};
    static const char *const lists[] = {"initContainers", "containers", "ephemeralContainers"};
    const struct json *host_users = json_get(spec, "hostUsers");
    if (!host_users || json_bool(host_users))
        return;
    for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
        if (json_bool(json_get(spec, hosts[i].field)))
            path_forbidden(errors, AT(path, hosts[i].told), "when `hostUsers` is false");
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        size_t index = 0;
        JSON_EACH(container, json_get(spec, lists[i])) {
            const struct field_path *at = AT_ITEM(AT(path, lists[i]), index++);
            if (json_first(json_get(container, "volumeDevices")))
                path_forbidden(errors, AT(at, "volumeDevices"), "when `hostUsers` is false");
        }
    }
}

/* What makes no sense on the other operating system. */
static void check_absent(const struct json *object, const char *const *names, const char *why,
                         const struct field_path *path, struct field_errors *errors)
{
    for (; *names; names++)
        if (json_get(object, *names))
            path_forbidden(errors, AT(path, *names), "%s", why);
}
static void check_operating_system(const struct json *spec, const struct field_path *path,
                                   struct field_errors *errors)
{
    static const char *const lists[] = {"initContainers", "containers", "ephemeralContainers"};
    static const char *const linux_lacks[] = {"windowsOptions", NULL};
    static const char *const windows_lacks_in_spec[] = {"hostUsers", "hostPID", "hostIPC",
                                                        "shareProcessNamespace", NULL};
    static const char *const windows_lacks[] = {"appArmorProfile",
                                                "seLinuxOptions",
                                                "seccompProfile",
                                                "fsGroup",
                                                "fsGroupChangePolicy",
                                                "sysctls",
                                                "runAsUser",
                                                "runAsGroup",
                                                "supplementalGroups",
                                                "supplementalGroupsPolicy",
                                                "seLinuxChangePolicy",
                                                "capabilities",
                                                "readOnlyRootFilesystem",
                                                "privileged",
                                                "allowPrivilegeEscalation",
                                                "procMount",
                                                NULL};
    struct slice os = json_string(json_at(spec, "os.name"));
    bool is_windows = slice_is(os, "windows");
    const char *const *lacks = is_windows ? windows_lacks : linux_lacks;
    const char *why = is_windows ? "cannot be set for a windows pod"
                                 : "windows options cannot be set for a linux pod";
    if (!is_windows && !slice_is(os, "linux"))
        return;
    check_absent(json_get(spec, "securityContext"), lacks, why, AT(path, "securityContext"),
                 errors);
    if (is_windows)
        check_absent(spec, windows_lacks_in_spec, why, path, errors);
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        size_t index = 0;
        JSON_EACH(container, json_get(spec, lists[i])) {
            const struct field_path *at = AT_ITEM(AT(path, lists[i]), index++);
            check_absent(json_get(container, "securityContext"), lacks, why,
                         AT(at, "securityContext"), errors);
        }
    }
}

void pod_security_validate(const struct json *spec, const struct field_path *path,
                           struct field_errors *errors)
{
    const struct json *security = json_get(spec, "securityContext");
    const struct field_path *at = AT(path, "securityContext");
    const struct json *share = json_get(spec, "shareProcessNamespace");
    check_ids(security, at, errors);
    if (json_bool(share) && json_bool(json_get(spec, "hostPID")))
        path_invalid(errors, AT(at, "shareProcessNamespace"), share,
                     "ShareProcessNamespace and HostPID cannot both be enabled");
    check_sysctls(json_get(security, "sysctls"), AT(at, "sysctls"), errors);
    check_seccomp(json_get(security, "seccompProfile"), AT(at, "seccompProfile"), errors);
    check_app_armor(json_get(security, "appArmorProfile"), AT(at, "appArmorProfile"), errors);
    check_host_users(spec, path, errors);
    check_operating_system(spec, path, errors);
}
