/* See validate_container.h. */
#include "core/kinds/validate_container.h"

#include <inttypes.h>

#include "core/kinds/pod_resources.h"
#include "core/kinds/text_map.h"
#include "core/kinds/validate_environment.h"
#include "core/kinds/validate_probe.h"
#include "core/kinds/validate_resources.h"
#include "core/kinds/validate_security.h"
#include "core/kinds/validate_volume.h"

#define RESTART_RULES_MAX 20
#define EXIT_CODES_MAX 255

static struct slice text_at(const struct json *object, const char *name)
{
    return json_string(json_get(object, name));
}

struct checking {
    const struct json *spec;
    struct text_map volumes;    /* By name. */
    struct text_map claims;     /* Names of resourceClaims. */
    struct text_map names;      /* Of the containers that were checked. */
    struct text_map host_ports; /* That the containers, running side by side, take. */
    bool uses_host_users;
    struct field_errors *errors;
};

/* --- Ports --- */

static void check_ports(const struct json *ports, const struct field_path *path,
                        struct field_errors *errors)
{
    struct text_map names = {0};
    size_t index = 0;
    int64_t number;
    JSON_EACH(port, ports) {
        const struct field_path *at = AT_ITEM(path, index++);
        struct slice name = text_at(port, "name");
        if (name.size > 0 && !name_is(name, name_check_port_name))
            path_check_name(errors, AT(at, "name"), name, name_check_port_name);
        else if (name.size > 0 && !text_map_add_text(&names, name))
            path_duplicate(errors, AT(at, "name"), name);
        if (json_to_int64(json_get(port, "containerPort"), &number) && number != 0)
            path_check_range(errors, AT(at, "containerPort"), json_get(port, "containerPort"), 1,
                             65535);
        path_check_range(errors, AT(at, "hostPort"), json_get(port, "hostPort"), 1, 65535);
    }
    text_map_release(&names);
}

static void check_host_ports(const struct json *container, struct text_map *taken,
                             const struct field_path *path, struct field_errors *errors)
{
    size_t index = 0;
    JSON_EACH(port, json_get(container, "ports")) {
        const struct field_path *at = AT(AT_ITEM(AT(path, "ports"), index++), "hostPort");
        int64_t number = 0;
        if (!json_to_int64(json_get(port, "hostPort"), &number) || number == 0)
            continue;
        struct slice text = slice_of(arena_format(errors->arena, "%s/%s/%" PRId64,
                                                  json_text(json_get(port, "protocol")),
                                                  json_text(json_get(port, "hostIP")), number));
        if (!text_map_add_text(taken, text))
            path_duplicate(errors, at, text);
    }
}

/* --- Mounts --- */

struct mounting { /* Of one container: what its mounts and devices may not share. */
    struct checking *checking;
    const struct json *container;
    struct text_map mount_names, mount_paths, device_names, device_paths;
};

static void add_all(struct text_map *map, const struct json *list, const char *member)
{
    JSON_EACH(item, list)
        text_map_add_text(map, text_at(item, member));
}

static void check_propagation(const struct json *mount, const struct json *container,
                              const struct field_path *path, struct field_errors *errors)
{
    static const char *const modes[] = {"Disabled", "Enabled", "IfPossible", NULL};
    const struct json *recursive = json_get(mount, "recursiveReadOnly");
    struct slice mode = json_string(recursive), propagation = text_at(mount, "mountPropagation");
    if (slice_is(propagation, "Bidirectional") &&
        !json_bool(json_at(container, "securityContext.privileged")))
        path_forbidden(errors, AT(path, "mountPropagation"),
                       "Bidirectional mount propagation is "
                       "available only to privileged containers");
    if (!recursive || slice_is(mode, "Disabled"))
        return;
    const struct field_path *at = AT(path, "recursiveReadOnly");
    if (!text_is_one_of(mode, modes)) {
        path_not_supported(errors, at, mode, modes);
        return;
    }
    if (!json_bool(json_get(mount, "readOnly")))
        path_forbidden(errors, at, "may only be specified when readOnly is true");
    if (propagation.size > 0 && !slice_is(propagation, "None"))
        path_forbidden(errors, at,
                       "may only be specified when mountPropagation is None or not specified");
}
/* Errors of sub-paths and propagation stand at the list, not at its item: so upstream. */
static void check_mount(struct mounting *mounting, const struct json *mount,
                        const struct field_path *path, size_t index)
{
    struct field_errors *errors = mounting->checking->errors;
    const struct field_path *at = AT_ITEM(path, index);
    struct slice name = text_at(mount, "name"), where = text_at(mount, "mountPath");
    struct slice sub_path = text_at(mount, "subPath"), expression = text_at(mount, "subPathExpr");
    if (!text_map_has(&mounting->checking->volumes, name))
        path_not_found(errors, AT(at, "name"), name, NULL);
    if (!text_map_add_text(&mounting->mount_paths, where))
        path_invalid_text(errors, AT(at, "mountPath"), where, "must be unique");
    if (text_map_has(&mounting->device_names, name))
        path_invalid_text(errors, AT(at, "name"), name, "must not already exist in volumeDevices");
    if (text_map_has(&mounting->device_paths, where))
        path_invalid_text(errors, AT(at, "mountPath"), where,
                          "must not already exist as a path in volumeDevices");
    file_path_check_descends(sub_path, AT(path, "subPath"), errors);
    if (sub_path.size > 0 && expression.size > 0)
        path_invalid_text(errors, AT(at, "subPathExpr"), expression,
                          "subPathExpr and subPath are mutually exclusive");
    file_path_check_descends(expression, AT(path, "subPathExpr"), errors);
    check_propagation(mount, mounting->container, path, errors);
}

static bool has_backsteps(struct slice file)
{
    struct slice part;
    while (slice_split(&file, '/', &part))
        if (slice_is(part, ".."))
            return true;
    return false;
}
static void check_device(struct mounting *mounting, const struct json *device, bool is_repeated,
                         bool is_path_repeated, const struct field_path *at)
{
    struct field_errors *errors = mounting->checking->errors;
    struct slice name = text_at(device, "name"), where = text_at(device, "devicePath");
    const struct json *volume = text_map_get(&mounting->checking->volumes, name);
    if (is_repeated)
        path_invalid_text(errors, AT(at, "name"), name, "must be unique");
    if (!volume)
        path_not_found(errors, AT(at, "name"), name, NULL);
    else if (!json_get(volume, "persistentVolumeClaim") && !json_get(volume, "ephemeral"))
        path_invalid_text(errors, AT(at, "name"), name,
                          "can only use volume source type of PersistentVolumeClaim or Ephemeral "
                          "for block mode");
    if (is_path_repeated)
        path_invalid_text(errors, AT(at, "devicePath"), where, "must be unique");
    if (has_backsteps(where))
        path_invalid_text(errors, AT(at, "devicePath"), where, "can not contain backsteps ('..')");
    if (text_map_has(&mounting->mount_names, name))
        path_invalid_text(errors, AT(at, "name"), name, "must not already exist in volumeMounts");
    if (text_map_has(&mounting->mount_paths, where))
        path_invalid_text(errors, AT(at, "devicePath"), where,
                          "must not already exist as a path in volumeMounts");
}
static void check_devices(struct mounting *mounting, const struct json *devices,
                          const struct field_path *path)
{
    struct text_map names = {0}, paths = {0};
    size_t index = 0;
    JSON_EACH(device, devices) {
        bool is_repeated = !text_map_add_text(&names, text_at(device, "name"));
        bool is_path_repeated = !text_map_add_text(&paths, text_at(device, "devicePath"));
        check_device(mounting, device, is_repeated, is_path_repeated, AT_ITEM(path, index++));
    }
    text_map_release(&names);
    text_map_release(&paths);
}

static void check_mounts(struct checking *checking, const struct json *container,
                         const struct field_path *path)
{
    const struct json *mounts = json_get(container, "volumeMounts");
    const struct json *devices = json_get(container, "volumeDevices");
    struct mounting mounting = {.checking = checking, .container = container};
    size_t index = 0;
    if (!mounts && !devices)
        return;
    add_all(&mounting.mount_names, mounts, "name");
    add_all(&mounting.device_names, devices, "name");
    add_all(&mounting.device_paths, devices, "devicePath");
    JSON_EACH(mount, mounts)
        check_mount(&mounting, mount, AT(path, "volumeMounts"), index++);
    check_devices(&mounting, devices, AT(path, "volumeDevices"));
    text_map_release(&mounting.mount_names);
    text_map_release(&mounting.mount_paths);
    text_map_release(&mounting.device_names);
    text_map_release(&mounting.device_paths);
}

/* --- Restarting --- */

/* The whole list is told, and only a duplicate by its place: so upstream. */
static void check_resize_policies(const struct json *policies, const struct json *spec,
                                  const struct field_path *path, struct field_errors *errors)
{
    static const char *const resources[] = {"cpu", "memory", NULL};
    static const char *const choices[] = {"NotRequired", "RestartContainer", NULL};
    struct text_map seen = {0};
    size_t index = 0;
    JSON_EACH(policy, policies) {
        struct slice resource = text_at(policy, "resourceName");
        struct slice choice = text_at(policy, "restartPolicy");
        if (!text_map_add_text(&seen, resource))
            path_duplicate(errors, AT_ITEM(path, index), resource);
        index++;
        if (resource.size == 0)
            path_required(errors, path, NULL);
        else
            path_check_choice(errors, path, resource, resources);
        if (choice.size == 0)
            path_required(errors, path, NULL);
        else
            path_check_choice(errors, path, choice, choices);
        if (slice_is(text_at(spec, "restartPolicy"), "Never") && !slice_is(choice, "NotRequired"))
            path_invalid_text(errors, path, choice,
                              "must be 'NotRequired' when `restartPolicy` is 'Never'");
    }
    text_map_release(&seen);
}
static void check_restart_rule(const struct json *rule, const struct field_path *path,
                               struct field_errors *errors)
{
    static const char *const actions[] = {"Restart", NULL};
    static const char *const operators[] = {"In", "NotIn", NULL};
    const struct json *codes = json_get(rule, "exitCodes");
    path_check_choice(errors, AT(path, "action"), text_at(rule, "action"), actions);
    if (!codes) {
        path_required(errors, AT(path, "exitCodes"), "must be specified");
        return;
    }
    const struct field_path *at = AT(path, "exitCodes");
    path_check_choice(errors, AT(at, "operator"), text_at(codes, "operator"), operators);
    if (json_count(json_get(codes, "values")) > EXIT_CODES_MAX)
        path_too_long(errors, AT(at, "values"), EXIT_CODES_MAX);
}
static void check_restart_policy(const struct json *container, const struct field_path *path,
                                 struct field_errors *errors)
{
    static const char *const policies[] = {"Always", "Never", "OnFailure", NULL};
    const struct json *policy = json_get(container, "restartPolicy");
    const struct json *rules = json_get(container, "restartPolicyRules");
    size_t index = 0;
    if (!policy && json_first(rules))
        path_required(errors, AT(path, "restartPolicy"),
                      "must specify restartPolicy when restart rules are used");
    else if (policy)
        path_check_choice(errors, AT(path, "restartPolicy"), json_string(policy), policies);
    if (json_count(rules) > RESTART_RULES_MAX)
        path_too_long(errors, AT(path, "restartPolicyRules"), RESTART_RULES_MAX);
    JSON_EACH(rule, rules)
        check_restart_rule(rule, AT_ITEM(AT(path, "restartPolicyRules"), index++), errors);
}

/* --- The three lists --- */

static void check_common(struct checking *checking, const struct json *container,
                         const struct field_path *path)
{
    struct field_errors *errors = checking->errors;
    struct slice name = text_at(container, "name");
    if (name.size > 0)
        path_check_name(errors, AT(path, "name"), name, name_check_dns_label);
    if (text_at(container, "image").size == 0)
        path_required(errors, AT(path, "image"), NULL);
    check_ports(json_get(container, "ports"), AT(path, "ports"), errors);
    environment_validate(container, &checking->volumes, path, errors);
    check_mounts(checking, container, path);
    container_resources_validate(json_get(container, "resources"), &checking->claims,
                                 json_get(checking->spec, "resourceClaims"), AT(path, "resources"),
                                 errors);
    check_resize_policies(json_get(container, "resizePolicy"), checking->spec,
                          AT(path, "resizePolicy"), errors);
    container_security_validate(json_get(container, "securityContext"), checking->uses_host_users,
                                AT(path, "securityContext"), errors);
}

/* A name is unique among all lists; an empty one is told as missing, not as a double. */
static void check_name_is_new(struct checking *checking, const struct json *container,
                              const struct field_path *path)
{
    struct slice name = text_at(container, "name");
    if (name.size > 0 && !text_map_add_text(&checking->names, name))
        path_duplicate(checking->errors, AT(path, "name"), name);
}

static void check_container(struct checking *checking, const struct json *container,
                            const struct field_path *path)
{
    check_common(checking, container, path);
    check_name_is_new(checking, container, path);
    container_probes_validate(container, checking->spec, path, checking->errors);
    check_restart_policy(container, path, checking->errors);
    check_host_ports(container, &checking->host_ports, path, checking->errors);
}

static void check_sidecar(struct checking *checking, const struct json *container,
                          const struct field_path *path)
{
    if (json_first(json_get(container, "restartPolicyRules")))
        path_forbidden(checking->errors, AT(path, "restartPolicyRules"),
                       "restartPolicyRules are not allowed for init containers with restart "
                       "policy Always");
    container_probes_validate(container, checking->spec, path, checking->errors);
}
static void check_init_container(struct checking *checking, const struct json *container,
                                 const struct field_path *path)
{
    static const char *const of_sidecars[] = {"lifecycle", "livenessProbe", "readinessProbe",
                                              "startupProbe"};
    struct text_map own_ports = {0}; /* They run one by one. */
    check_common(checking, container, path);
    check_name_is_new(checking, container, path);
    check_host_ports(container, &own_ports, path, checking->errors);
    text_map_release(&own_ports);
    if (container_is_sidecar(container)) {
        check_sidecar(checking, container, path);
        return;
    }
    if (json_get(container, "restartPolicy"))
        check_restart_policy(container, path, checking->errors);
    for (size_t i = 0; i < ARRAY_SIZE(of_sidecars); i++)
        if (json_get(container, of_sidecars[i]))
            path_forbidden(checking->errors, AT(path, of_sidecars[i]),
                           "may not be set for init containers without restartPolicy=Always");
}

static bool is_set(const struct json *value)
{
    return json_is(value, JSON_STRING) || json_first(value);
}
static void check_refused_fields(const struct json *container, const struct field_path *path,
                                 struct field_errors *errors)
{
    static const char *const refused[] = {"ports",          "resources",          "resizePolicy",
                                          "restartPolicy",  "restartPolicyRules", "livenessProbe",
                                          "readinessProbe", "startupProbe",       "lifecycle"};
    static const char *const sub_paths[] = {"subPath", "subPathExpr"};
    static const char why[] = "cannot be set for an Ephemeral Container";
    size_t index = 0;
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
        if (is_set(json_get(container, refused[i])))
            path_forbidden(errors, AT(path, refused[i]), why);
    JSON_EACH(mount, json_get(container, "volumeMounts")) {
        const struct field_path *at = AT_ITEM(AT(path, "volumeMounts"), index++);
        for (size_t i = 0; i < ARRAY_SIZE(sub_paths); i++)
            if (text_at(mount, sub_paths[i]).size > 0)
                path_forbidden(errors, AT(at, sub_paths[i]), why);
    }
}
/* targets holds the names of the containers that it may look into. */
static void check_debug_container(struct checking *checking, const struct json *container,
                                  const struct text_map *targets, const struct field_path *path)
{
    struct slice target = text_at(container, "targetContainerName");
    check_common(checking, container, path);
    check_name_is_new(checking, container, path);
    if (target.size > 0 && !text_map_has(targets, target))
        path_not_found(checking->errors, AT(path, "targetContainerName"), target, NULL);
    check_refused_fields(container, path, checking->errors);
}

static void check_debug_containers(struct checking *checking, const struct field_path *path)
{
    const struct json *containers = json_get(checking->spec, "ephemeralContainers");
    struct text_map targets = {0};
    size_t index = 0;
    if (!json_first(containers))
        return;
    add_all(&targets, json_get(checking->spec, "containers"), "name");
    add_all(&targets, json_get(checking->spec, "initContainers"), "name");
    JSON_EACH(container, containers)
        check_debug_container(checking, container, &targets, AT_ITEM(path, index++));
    text_map_release(&targets);
}

void containers_validate(const struct json *spec, const struct field_path *path,
                         struct field_errors *errors)
{
    const struct json *host_users = json_get(spec, "hostUsers");
    struct checking checking = {
        .spec = spec, .errors = errors, .uses_host_users = !host_users || json_bool(host_users)};
    size_t index = 0;
    JSON_EACH(volume, json_get(spec, "volumes"))
        text_map_add(&checking.volumes, text_at(volume, "name"), volume);
    add_all(&checking.claims, json_get(spec, "resourceClaims"), "name");
    JSON_EACH(container, json_get(spec, "containers"))
        check_container(&checking, container, AT_ITEM(AT(path, "containers"), index++));
    index = 0;
    JSON_EACH(container, json_get(spec, "initContainers"))
        check_init_container(&checking, container, AT_ITEM(AT(path, "initContainers"), index++));
    check_debug_containers(&checking, AT(path, "ephemeralContainers"));
    text_map_release(&checking.volumes);
    text_map_release(&checking.claims);
    text_map_release(&checking.names);
    text_map_release(&checking.host_ports);
}
