/* See validate_pod.h. */
#include "core/kinds/validate_pod.h"

#include "core/kinds/ip_text.h"
#include "core/kinds/meta.h"
#include "core/kinds/text_map.h"
#include "core/kinds/validate_container.h"
#include "core/kinds/validate_placement.h"
#include "core/kinds/validate_resources.h"
#include "core/kinds/validate_security.h"
#include "core/kinds/validate_volume.h"

#define NAMESERVERS_MAX 3
#define SEARCHES_MAX 32
#define SEARCHES_SIZE_MAX 2048
#define HOSTNAME_OVERRIDE_MAX 64

static struct slice text_at(const struct json *object, const char *name)
{
    return json_string(json_get(object, name));
}
static void check_optional_name(const struct json *object, const char *name,
                                void (*check)(struct slice text, struct name_errors *errors),
                                const struct field_path *path, struct field_errors *errors)
{
    struct slice text = text_at(object, name);
    if (text.size > 0)
        path_check_name(errors, AT(path, name), text, check);
}

/* --- Names on the network --- */

static void check_address(struct slice text, const struct field_path *path,
                          struct field_errors *errors)
{
    if (!ip_is_valid(text))
        path_invalid_text(errors, path, text,
                          "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
}
static void check_host_aliases(const struct json *aliases, const struct field_path *path,
                               struct field_errors *errors)
{
    size_t index = 0;
    JSON_EACH(alias, aliases) {
        const struct field_path *at = AT_ITEM(path, index++);
        size_t name_index = 0;
        check_address(text_at(alias, "ip"), AT(at, "ip"), errors);
        JSON_EACH(name, json_get(alias, "hostnames"))
            path_check_name(errors, AT_ITEM(AT(at, "hostnames"), name_index++), json_string(name),
                            name_check_dns_subdomain);
    }
}

/* As a DNS subdomain, but underscores may stand for letters, and one dot may end it. */
static void check_search(struct slice search, const struct field_path *path,
                         struct field_errors *errors)
{
    if (slice_is(search, "."))
        return;
    if (slice_ends_with(search, SLICE(".")))
        search.size--;
    char *plain = arena_copy_slice(errors->arena, search);
    for (char *c = plain; *c; c++)
        if (*c == '_')
            *c = 'a';
    if (!name_is(slice_of(plain), name_check_dns_subdomain))
        path_check_name(errors, path, search, name_check_dns_subdomain);
}
static void check_searches(const struct json *searches, const struct field_path *path,
                           struct field_errors *errors)
{
    size_t index = 0, size = 0;
    JSON_EACH(search, searches)
        size += json_string(search).size + 1;
    if (json_count(searches) > SEARCHES_MAX)
        path_invalid(errors, path, searches, "must not have more than %d search paths",
                     SEARCHES_MAX);
    if (size > SEARCHES_SIZE_MAX + 1)
        path_invalid(errors, path, searches,
                     "must not have more than %d characters (including spaces) in the search list",
                     SEARCHES_SIZE_MAX);
    JSON_EACH(search, searches)
        check_search(json_string(search), AT_ITEM(path, index++), errors);
}
static void check_dns(const struct json *spec, const struct field_path *path,
                      struct field_errors *errors)
{
    const struct json *config = json_get(spec, "dnsConfig");
    const struct json *servers = json_get(config, "nameservers");
    bool is_alone = slice_is(text_at(spec, "dnsPolicy"), "None");
    const struct field_path *at = AT(path, "dnsConfig");
    size_t index = 0;
    if (is_alone && !config)
        path_required(errors, at, "must provide `dnsConfig` when `dnsPolicy` is None");
    else if (is_alone && !json_first(servers))
        path_required(errors, AT(at, "nameservers"),
                      "must provide at least one DNS nameserver when `dnsPolicy` is None");
    if (json_count(servers) > NAMESERVERS_MAX)
        path_invalid(errors, AT(at, "nameservers"), servers,
                     "must not have more than %d nameservers", NAMESERVERS_MAX);
    JSON_EACH(server, servers)
        check_address(json_string(server), AT_ITEM(AT(at, "nameservers"), index++), errors);
    check_searches(json_get(config, "searches"), AT(at, "searches"), errors);
    index = 0;
    JSON_EACH(option, json_get(config, "options")) {
        if (text_at(option, "name").size == 0)
            path_required(errors, AT_ITEM(AT(at, "options"), index), "must not be empty");
        index++;
    }
}

static void check_hostnames(const struct json *spec, const struct field_path *path,
                            struct field_errors *errors)
{
    const struct json *override = json_get(spec, "hostnameOverride");
    const struct field_path *at = AT(path, "hostnameOverride");
    check_optional_name(spec, "hostname", name_check_dns_label, path, errors);
    check_optional_name(spec, "subdomain", name_check_dns_label, path, errors);
    check_host_aliases(json_get(spec, "hostAliases"), AT(path, "hostAliases"), errors);
    if (!override)
        return;
    if (json_bool(json_get(spec, "setHostnameAsFQDN")))
        path_forbidden(errors, at, "may not be specified when setHostnameAsFQDN is true");
    if (json_bool(json_get(spec, "hostNetwork")))
        path_forbidden(errors, at, "may not be specified when hostNetwork is true");
    if (json_string(override).size > HOSTNAME_OVERRIDE_MAX)
        path_too_long(errors, at, HOSTNAME_OVERRIDE_MAX);
    path_check_name(errors, at, json_string(override), name_check_dns_subdomain);
}

/* On the node's network a container's port is the node's. */
static void check_host_network(const struct json *spec, bool is_pod, const struct field_path *path,
                               struct field_errors *errors)
{
    size_t index = 0;
    if (!json_bool(json_get(spec, "hostNetwork")))
        return;
    JSON_EACH(container, json_get(spec, "containers")) {
        const struct field_path *ports = AT(AT_ITEM(AT(path, "containers"), index++), "ports");
        size_t port_index = 0;
        JSON_EACH(port, json_get(container, "ports")) {
            const struct field_path *at = AT(AT_ITEM(ports, port_index++), "hostPort");
            int64_t inside = 0, outside = 0;
            json_to_int64(json_get(port, "containerPort"), &inside);
            json_to_int64(json_get(port, "hostPort"), &outside);
            if ((is_pod || outside != 0) && inside != outside)
                path_invalid_int(errors, at, outside,
                                 "must match `containerPort` when `hostNetwork` is true");
        }
    }
}

/* --- Gates, claims, groups --- */

static void check_gates(const struct json *spec, const struct field_path *path,
                        struct field_errors *errors)
{
    const struct field_path *gates = AT(path, "schedulingGates");
    struct text_map seen = {0};
    size_t index = 0;
    JSON_EACH(gate, json_get(spec, "readinessGates"))
        path_check_name(errors, AT(AT_ITEM(AT(path, "readinessGates"), index++), "conditionType"),
                        text_at(gate, "conditionType"), name_check_qualified);
    index = 0;
    JSON_EACH(gate, json_get(spec, "schedulingGates")) {
        const struct field_path *at = AT_ITEM(gates, index++);
        struct slice name = text_at(gate, "name");
        path_check_name(errors, at, name, name_check_qualified);
        if (!text_map_add_text(&seen, name))
            path_duplicate(errors, at, name);
    }
    text_map_release(&seen);
}

static void check_claim(const struct json *claim, struct text_map *names,
                        const struct field_path *path, struct field_errors *errors)
{
    struct slice name = text_at(claim, "name");
    bool has_claim = json_get(claim, "resourceClaimName");
    bool has_template = json_get(claim, "resourceClaimTemplateName");
    if (name.size == 0)
        path_required(errors, AT(path, "name"), NULL);
    else if (!text_map_add_text(names, name))
        path_duplicate(errors, AT(path, "name"), name);
    else
        path_check_name(errors, AT(path, "name"), name, name_check_dns_label);
    if (has_claim && has_template)
        path_invalid(errors, path, claim,
                     "at most one of `resourceClaimName` or "
                     "`resourceClaimTemplateName` may be specified");
    if (!has_claim && !has_template)
        path_invalid(errors, path, claim,
                     "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
    if (has_claim)
        path_check_name(errors, AT(path, "resourceClaimName"), text_at(claim, "resourceClaimName"),
                        name_check_dns_subdomain);
    if (has_template)
        path_check_name(errors, AT(path, "resourceClaimTemplateName"),
                        text_at(claim, "resourceClaimTemplateName"), name_check_dns_subdomain);
}
static void check_claims(const struct json *claims, const struct field_path *path,
                         struct field_errors *errors)
{
    struct text_map names = {0};
    size_t index = 0;
    JSON_EACH(claim, claims)
        check_claim(claim, &names, AT_ITEM(path, index++), errors);
    text_map_release(&names);
}

/* Of 1.35 and of later releases; a pod has one form or the other. */
static void check_group(const struct json *spec, const struct field_path *path,
                        struct field_errors *errors)
{
    const struct json *reference = json_get(spec, "workloadRef");
    const struct json *group = json_get(spec, "schedulingGroup");
    const struct field_path *at = AT(path, "workloadRef");
    if (reference) {
        path_check_name(errors, AT(at, "name"), text_at(reference, "name"),
                        name_check_dns_subdomain);
        path_check_name(errors, AT(at, "podGroup"), text_at(reference, "podGroup"),
                        name_check_dns_label);
        check_optional_name(reference, "podGroupReplicaKey", name_check_dns_label, at, errors);
    }
    if (group && !json_get(group, "podGroupName"))
        path_invalid_text(errors, AT(path, "schedulingGroup"), SLICE(""),
                          "must specify one of: `podGroupName`");
    else if (group)
        path_check_name(errors, AT(AT(path, "schedulingGroup"), "podGroupName"),
                        text_at(group, "podGroupName"), name_check_dns_subdomain);
    if (group && reference)
        path_forbidden(errors, AT(path, "schedulingGroup"),
                       "may not be set together with workloadRef");
}

/* --- The spec --- */

static void check_overhead(const struct json *overhead, const struct field_path *path,
                           struct field_errors *errors)
{
    JSON_EACH(amount, overhead) {
        const struct field_path *at = AT_KEY(path, json_key(amount));
        container_resource_name_validate(json_key(amount), at, errors);
        resource_amount_validate(json_key(amount), amount, at, errors);
    }
}
static void check_images(const struct json *volumes, const struct field_path *path,
                         struct field_errors *errors)
{
    size_t index = 0;
    JSON_EACH(volume, volumes) {
        const struct field_path *at = AT(AT_ITEM(path, index++), "image");
        if (json_get(volume, "image") && json_string(json_at(volume, "image.reference")).size == 0)
            path_required(errors, AT(at, "reference"), NULL);
    }
}

void pod_spec_validate(const struct json *spec, const struct json *metadata,
                       const struct field_path *path, struct field_errors *errors)
{
    static const char *const systems[] = {"linux", "windows", NULL};
    struct slice os = json_string(json_at(spec, "os.name"));
    volumes_validate(json_get(spec, "volumes"), metadata, AT(path, "volumes"), errors);
    check_claims(json_get(spec, "resourceClaims"), AT(path, "resourceClaims"), errors);
    containers_validate(spec, path, errors);
    pod_resources_validate(spec, path, errors);
    check_host_network(spec, metadata != NULL, path, errors);
    pod_security_validate(spec, path, errors);
    placement_validate(spec, path, errors);
    check_dns(spec, path, errors);
    check_gates(spec, path, errors);
    check_hostnames(spec, path, errors);
    check_group(spec, path, errors);
    check_optional_name(spec, "serviceAccountName", name_check_dns_subdomain, path, errors);
    check_optional_name(spec, "nodeName", name_check_dns_subdomain, path, errors);
    check_optional_name(spec, "priorityClassName", name_check_dns_subdomain, path, errors);
    check_optional_name(spec, "runtimeClassName", name_check_dns_subdomain, path, errors);
    path_check_range(errors, AT(path, "activeDeadlineSeconds"),
                     json_get(spec, "activeDeadlineSeconds"), 1, INT32_MAX);
    check_overhead(json_get(spec, "overhead"), AT(path, "overhead"), errors);
    if (os.size > 0)
        path_check_choice(errors, AT(AT(path, "os"), "name"), os, systems);
    if (metadata)
        check_images(json_get(spec, "volumes"), AT(path, "volumes"), errors);
}

void pod_template_validate(const struct json *template, const struct field_path *path,
                           struct field_errors *errors)
{
    const struct json *metadata = json_get(template, "metadata");
    meta_validate_labels(json_get(metadata, "labels"), path_text(errors->arena, AT(path, "labels")),
                         errors);
    meta_validate_annotations(json_get(metadata, "annotations"),
                              path_text(errors->arena, AT(path, "annotations")), errors);
    pod_spec_validate(json_get(template, "spec"), NULL, AT(path, "spec"), errors);
    if (json_first(json_at(template, "spec.ephemeralContainers")))
        path_forbidden(errors, AT(AT(path, "spec"), "ephemeralContainers"),
                       "ephemeral containers not allowed in pod template");
}

/* --- The pod --- */

static bool is_padded(struct slice text)
{
    static const char spaces[] = " \t\n\v\f\r";
    return text.size > 0 && (memchr(spaces, text.data[0], sizeof spaces - 1) ||
                             memchr(spaces, text.data[text.size - 1], sizeof spaces - 1));
}
static void check_image_names(const struct json *containers, const struct field_path *path,
                              struct field_errors *errors)
{
    size_t index = 0;
    JSON_EACH(container, containers) {
        const struct field_path *at = AT(AT_ITEM(path, index++), "image");
        if (is_padded(text_at(container, "image")))
            path_invalid_text(errors, at, text_at(container, "image"),
                              "must not have leading or trailing whitespace");
    }
}
/* A token needs an account that it is for. */
static void check_tokens(const struct json *spec, const struct field_path *path,
                         struct field_errors *errors)
{
    size_t index = 0;
    if (text_at(spec, "serviceAccountName").size > 0)
        return;
    JSON_EACH(volume, json_get(spec, "volumes")) {
        const struct field_path *at = AT(AT_ITEM(AT(path, "volumes"), index++), "projected");
        size_t source_index = 0;
        JSON_EACH(source, json_at(volume, "projected.sources")) {
            const struct field_path *here = AT_ITEM(AT(at, "sources"), source_index++);
            if (json_get(source, "serviceAccountToken"))
                path_forbidden(errors, AT(here, "serviceAccountToken"),
                               "must not be specified when serviceAccountName is not set");
        }
    }
}

static void check_annotations(const struct json *pod, struct field_errors *errors)
{
    static const char mirror[] = "kubernetes.io/config.mirror";
    const struct json *annotations = json_at(pod, "metadata.annotations");
    const struct field_path *at = AT(AT(NULL, "metadata"), "annotations");
    if (json_get(annotations, mirror) && json_string(json_at(pod, "spec.nodeName")).size == 0)
        path_invalid_text(errors, AT_KEY(at, SLICE("kubernetes.io/config.mirror")),
                          text_at(annotations, mirror),
                          "must set spec.nodeName if mirror pod annotation is set");
}

/* Only what is stored has a revision. */
static bool is_new(const struct json *pod)
{
    return meta_resource_version(pod).size == 0;
}
static void check_create(const struct json *spec, const struct field_path *path,
                         struct field_errors *errors)
{
    if (json_first(json_get(spec, "ephemeralContainers")))
        path_forbidden(errors, AT(path, "ephemeralContainers"), "cannot be set on create");
    if (text_at(spec, "nodeName").size > 0 && json_first(json_get(spec, "schedulingGates")))
        path_forbidden(errors, AT(path, "nodeName"),
                       "cannot be set until all schedulingGates have been cleared");
}

static bool is_status(const struct kind_context *context)
{
    return context->subresource && slice_is(slice_of(context->subresource->name), "status");
}
void pod_validate(const struct kind_context *context, const struct json *pod,
                  struct field_errors *errors)
{
    const struct json *spec = json_get(pod, "spec");
    const struct field_path *path = AT(NULL, "spec");
    if (is_status(context)) /* The spec is the stored one. */
        return;
    check_annotations(pod, errors);
    pod_spec_validate(spec, json_get(pod, "metadata"), path, errors);
    check_tokens(spec, path, errors);
    check_image_names(json_get(spec, "containers"), AT(path, "containers"), errors);
    check_image_names(json_get(spec, "initContainers"), AT(path, "initContainers"), errors);
    if (is_new(pod))
        check_create(spec, path, errors);
}
