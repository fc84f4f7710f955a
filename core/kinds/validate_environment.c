/* See validate_environment.h. */
#include "core/kinds/validate_environment.h"

#include "core/kinds/validate_projection.h"
#include "core/kinds/validate_volume.h"

static struct slice text_at(const struct json *object, const char *name)
{
    return json_string(json_get(object, name));
}

/* --- Single variables --- */

static void check_key(const struct json *selector, const struct field_path *path,
                      struct field_errors *errors)
{
    struct slice key = text_at(selector, "key");
    path_check_name(errors, AT(path, "name"), text_at(selector, "name"), name_check_dns_subdomain);
    if (key.size > 0)
        path_check_name(errors, AT(path, "key"), key, name_check_config_map_key);
}

/* The file is one that another container wrote, so its volume must be the pod's own (KEP-3721). */
static void check_file_key(const struct json *selector, const struct text_map *volumes,
                           const struct field_path *path, struct field_errors *errors)
{
    struct slice key = text_at(selector, "key"), name = text_at(selector, "volumeName");
    const struct json *volume = text_map_get(volumes, name);
    const struct field_path *at = AT(path, "volumeName");
    if (key.size > 0)
        path_check_name(errors, AT(path, "key"), key, name_check_env_var);
    if (name.size > 0)
        path_check_name(errors, at, name, name_check_dns_label);
    file_path_check_no_backsteps(text_at(selector, "path"), AT(path, "path"), errors);
    if (!volume)
        path_not_found(errors, at, name, NULL);
    else if (!json_get(volume, "emptyDir"))
        path_invalid_text(errors, at, name, "referenced volume must be of type emptyDir");
}

static void check_value_from(const struct json *variable, const struct text_map *volumes,
                             const struct field_path *path, struct field_errors *errors)
{
    const struct json *from = json_get(variable, "valueFrom");
    const struct json *field = json_get(from, "fieldRef");
    const struct json *resource = json_get(from, "resourceFieldRef");
    const struct json *config_map = json_get(from, "configMapKeyRef");
    const struct json *secret = json_get(from, "secretKeyRef");
    const struct json *file = json_get(from, "fileKeyRef");
    int count = !!field + !!resource + !!config_map + !!secret + !!file;
    if (field)
        env_field_selector_validate(field, AT(path, "fieldRef"), errors);
    if (resource)
        resource_selector_validate(resource, false, AT(path, "resourceFieldRef"), errors);
    if (config_map)
        check_key(config_map, AT(path, "configMapKeyRef"), errors);
    if (secret)
        check_key(secret, AT(path, "secretKeyRef"), errors);
    if (file)
        check_file_key(file, volumes, AT(path, "fileKeyRef"), errors);
    if (count == 0)
        path_invalid_text(errors, path, SLICE(""),
                          "must specify one of: `fieldRef`, `resourceFieldRef`, "
                          "`configMapKeyRef`, `secretKeyRef` or `fileKeyRef`");
    else if (text_at(variable, "value").size > 0)
        path_invalid_text(errors, path, SLICE(""),
                          "may not be specified when `value` is not empty");
    else if (count > 1)
        path_invalid_text(errors, path, SLICE(""),
                          "may not have more than one field specified at a time");
}

/* --- Many at once --- */

static void check_source(const struct json *source, const struct field_path *path,
                         struct field_errors *errors)
{
    struct slice name = text_at(source, "name");
    if (!source)
        return;
    if (name.size == 0)
        path_required(errors, AT(path, "name"), NULL);
    else
        path_check_name(errors, AT(path, "name"), name, name_check_dns_subdomain);
}
static void check_sources(const struct json *sources, const struct field_path *path,
                          struct field_errors *errors)
{
    size_t index = 0;
    JSON_EACH(source, sources) {
        const struct field_path *at = AT_ITEM(path, index++);
        const struct json *config_map = json_get(source, "configMapRef");
        const struct json *secret = json_get(source, "secretRef");
        struct slice prefix = text_at(source, "prefix");
        if (prefix.size > 0)
            path_check_name(errors, AT(at, "prefix"), prefix, name_check_env_var);
        check_source(config_map, AT(at, "configMapRef"), errors);
        check_source(secret, AT(at, "secretRef"), errors);
        if (!config_map && !secret)
            path_invalid_text(errors, path, SLICE(""),
                              "must specify one of: `configMapRef` or `secretRef`");
        else if (config_map && secret)
            path_invalid_text(errors, path, SLICE(""),
                              "may not have more than one field specified at a time");
    }
}

void environment_validate(const struct json *container, const struct text_map *volumes,
                          const struct field_path *path, struct field_errors *errors)
{
    size_t index = 0;
    JSON_EACH(variable, json_get(container, "env")) {
        const struct field_path *at = AT_ITEM(AT(path, "env"), index++);
        struct slice name = text_at(variable, "name");
        if (name.size > 0)
            path_check_name(errors, AT(at, "name"), name, name_check_env_var);
        if (json_get(variable, "valueFrom"))
            check_value_from(variable, volumes, AT(at, "valueFrom"), errors);
    }
    check_sources(json_get(container, "envFrom"), AT(path, "envFrom"), errors);
}
