/* See validate_projection.h. */
#include "core/kinds/validate_projection.h"

#include "core/kinds/label_selector.h"
#include "core/kinds/quantity.h"
#include "core/kinds/text_map.h"
#include "core/kinds/validate_volume.h"

#define TOKEN_SECONDS_MIN 600
#define TOKEN_SECONDS_MAX ((int64_t)1 << 32)
#define CERTIFICATE_SECONDS_MIN 3600
#define CERTIFICATE_SECONDS_MAX 7862400           /* 91 days */
#define KUBERNETES_CERTIFICATE_SECONDS_MAX 86400  /* A signer of kubernetes.io: a day. */

static struct slice text_at(const struct json *object, const char *name)
{
    return json_string(json_get(object, name));
}

/* --- Fields of the pod --- */

/* Splits metadata.labels['a'] into its path and key. */
static bool split_subscript(struct slice text, struct slice *path, struct slice *key)
{
    ptrdiff_t open = slice_find(text, '[');
    if (open < 0 || !slice_ends_with(text, SLICE("']")) || text.size < (size_t)open + 4 ||
        text.data[open + 1] != '\'')
        return false;
    *path = slice_sub(text, 0, (size_t)open);
    *key = slice_sub(text, (size_t)open + 2, text.size - 2);
    return path->size > 0;
}

static void check_label(struct slice label, const struct field_path *path, const char *why,
                        struct field_errors *errors)
{
    path_invalid_text(errors, AT(path, "fieldPath"), label,
                      "error converting fieldPath: %s" SLICE_FORMAT, why, SLICE_ARGS(label));
}
static void check_subscript(struct slice label, struct slice field, struct slice key,
                            const struct field_path *path, struct field_errors *errors)
{
    if (!slice_is(field, "metadata.annotations") && !slice_is(field, "metadata.labels")) {
        check_label(label, path, "field label does not support subscript: ", errors);
        return;
    }
    char *lower = arena_copy_slice(errors->arena, key);
    for (char *c = lower; *c && slice_is(field, "metadata.annotations"); c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    path_check_name(errors, path, slice_of(lower), name_check_qualified);
}
static void field_selector_validate(const struct json *selector, const char *const *fields,
                                    const struct field_path *path, struct field_errors *errors)
{
    static const char *const known[] = {
        "metadata.annotations", "metadata.labels",    "metadata.name",           "metadata.namespace",
        "metadata.uid",         "spec.nodeName",      "spec.restartPolicy",      "spec.serviceAccountName",
        "spec.schedulerName",   "status.phase",       "status.hostIP",           "status.hostIPs",
        "status.podIP",         "status.podIPs",      "spec.host",               NULL};
    struct slice label = text_at(selector, "fieldPath"), version = text_at(selector, "apiVersion");
    struct slice field, key;
    if (label.size == 0)
        return;
    if (!slice_is(version, "v1"))
        path_invalid_text(errors, AT(path, "fieldPath"), label,
                          "error converting fieldPath: unsupported pod version: " SLICE_FORMAT,
                          SLICE_ARGS(version));
    else if (split_subscript(label, &field, &key))
        check_subscript(label, field, key, path, errors);
    else if (!text_is_one_of(label, known))
        check_label(label, path, "field label not supported: ", errors);
    else
        path_check_choice(errors, AT(path, "fieldPath"), label, fields);
}
void env_field_selector_validate(const struct json *selector, const struct field_path *path,
                                 struct field_errors *errors)
{
    static const char *const fields[] = {"metadata.name",
                                         "metadata.namespace",
                                         "metadata.uid",
                                         "spec.nodeName",
                                         "spec.serviceAccountName",
                                         "status.hostIP",
                                         "status.hostIPs",
                                         "status.podIP",
                                         "status.podIPs",
                                         NULL};
    field_selector_validate(selector, fields, path, errors);
}
void file_field_selector_validate(const struct json *selector, const struct field_path *path,
                                  struct field_errors *errors)
{
    static const char *const fields[] = {"metadata.annotations", "metadata.labels", "metadata.name",
                                         "metadata.namespace",   "metadata.uid",    NULL};
    field_selector_validate(selector, fields, path, errors);
}

/* --- Resources of a container --- */

#define BYTE_DIVISORS "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei"
static void check_divisor(const struct json *selector, const struct field_path *path,
                          struct field_errors *errors)
{
    static const char *const cpu[] = {"1m", "1", NULL};
    static const char *const bytes[] = {"1",  "1k", "1M",  "1G",  "1T",  "1P",  "1E",
                                        "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei", NULL};
    struct slice resource = text_at(selector, "resource"), divisor = text_at(selector, "divisor");
    struct quantity amount;
    bool is_cpu = slice_ends_with(resource, SLICE(".cpu"));
    if (!quantity_from_json(json_get(selector, "divisor"), &amount) ||
        quantity_sign(&amount) == 0 || text_is_one_of(divisor, is_cpu ? cpu : bytes))
        return;
    if (is_cpu)
        path_invalid_text(errors, AT(path, "divisor"), resource,
                          "only divisor's values 1m and 1 are supported with the cpu resource");
    else
        path_invalid_text(
            errors, AT(path, "divisor"), resource,
            "only divisor's values " BYTE_DIVISORS " are supported with the %s resource",
            slice_ends_with(resource, SLICE(".memory"))              ? "memory"
            : slice_ends_with(resource, SLICE(".ephemeral-storage")) ? "local ephemeral storage"
                                                                     : "hugepages");
}
void resource_selector_validate(const struct json *selector, bool needs_container,
                                const struct field_path *path, struct field_errors *errors)
{
    static const char *const resources[] = {"limits.cpu",
                                            "limits.ephemeral-storage",
                                            "limits.memory",
                                            "requests.cpu",
                                            "requests.ephemeral-storage",
                                            "requests.memory",
                                            NULL};
    struct slice resource = text_at(selector, "resource");
    if (needs_container && text_at(selector, "containerName").size == 0)
        path_required(errors, AT(path, "containerName"), NULL);
    else if (resource.size == 0)
        path_required(errors, AT(path, "resource"), NULL);
    else if (!slice_starts_with(resource, SLICE("requests.hugepages-")) &&
             !slice_starts_with(resource, SLICE("limits.hugepages-")))
        path_check_choice(errors, AT(path, "resource"), resource, resources);
    check_divisor(selector, path, errors);
}

/* --- Files --- */

void key_to_path_validate(const struct json *item, const struct field_path *path,
                          struct field_errors *errors)
{
    file_path_check_not_reserved(text_at(item, "path"), AT(path, "path"), errors);
    file_mode_check(json_get(item, "mode"), AT(path, "mode"), errors);
}

void downward_file_validate(const struct json *file, const struct field_path *path,
                            struct field_errors *errors)
{
    const struct json *field = json_get(file, "fieldRef");
    const struct json *resource = json_get(file, "resourceFieldRef");
    file_path_check_not_reserved(text_at(file, "path"), AT(path, "path"), errors);
    if (field)
        file_field_selector_validate(field, AT(path, "fieldRef"), errors);
    if (field && resource)
        path_invalid_text(errors, path, SLICE("resource"),
                          "fieldRef and resourceFieldRef can not be specified simultaneously");
    else if (resource)
        resource_selector_validate(resource, true, AT(path, "resourceFieldRef"), errors);
    else if (!field)
        path_required(errors, path, "one of fieldRef and resourceFieldRef is required");
    file_mode_check(json_get(file, "mode"), AT(path, "mode"), errors);
}

/* --- Sources of a projected volume --- */

struct projecting {
    const struct field_path *path; /* Of the volume: duplicate paths are told there. */
    struct field_errors *errors;
    struct text_map paths;         /* Those seen. */
};

static void use_path(struct projecting *projecting, struct slice file, struct slice shown)
{
    if (file.size > 0 && !text_map_add_text(&projecting->paths, file))
        path_invalid_text(projecting->errors, projecting->path, shown,
                          "conflicting duplicate paths");
}

static void check_keys(struct projecting *projecting, const struct json *source,
                       const struct field_path *path)
{
    size_t index = 0;
    struct slice name = text_at(source, "name");
    if (name.size == 0)
        path_required(projecting->errors, AT(path, "name"), NULL);
    JSON_EACH(item, json_get(source, "items")) {
        key_to_path_validate(item, AT_ITEM(AT(path, "items"), index++), projecting->errors);
        use_path(projecting, text_at(item, "path"), name);
    }
}
static void check_downward(struct projecting *projecting, const struct json *source,
                           const struct field_path *path)
{
    JSON_EACH(file, json_get(source, "items")) {
        downward_file_validate(file, path, projecting->errors);
        use_path(projecting, text_at(file, "path"), text_at(file, "path"));
    }
}
static void check_token(struct projecting *projecting, const struct json *source,
                        const struct field_path *path)
{
    int64_t seconds;
    const struct field_path *at = AT(path, "expirationSeconds");
    if (json_to_int64(json_get(source, "expirationSeconds"), &seconds)) {
        if (seconds < TOKEN_SECONDS_MIN)
            path_invalid_int(projecting->errors, at, seconds,
                             "may not specify a duration less than 10 minutes");
        if (seconds > TOKEN_SECONDS_MAX)
            path_invalid_int(projecting->errors, at, seconds,
                             "may not specify a duration larger than 2^32 seconds");
    }
    file_path_check_not_reserved(text_at(source, "path"), AT(projecting->path, "path"),
                                 projecting->errors);
}
static void check_trust(struct projecting *projecting, const struct json *source,
                        const struct field_path *path)
{
    const struct json *name = json_get(source, "name"), *signer = json_get(source, "signerName");
    const struct json *selector = json_get(source, "labelSelector");
    struct field_errors *errors = projecting->errors;
    if (name && signer)
        path_invalid(errors, path, source, "only one of name and signerName may be used");
    else if (name && json_string(name).size == 0)
        path_required(errors, AT(path, "name"), "must be a valid object name");
    else if (name && selector)
        path_invalid(errors, AT(path, "labelSelector"), selector,
                     "labelSelector must be unset if name is specified");
    else if (signer && json_string(signer).size == 0)
        path_required(errors, AT(path, "signerName"), "must be a valid signer name");
    else if (signer && selector)
        label_selector_validate(selector, path_text(errors->arena, AT(path, "labelSelector")),
                                errors);
    else if (!name && !signer)
        path_required(errors, path, "either name or signerName must be specified");
    file_path_check_not_reserved(text_at(source, "path"), AT(path, "path"), errors);
    use_path(projecting, text_at(source, "path"), text_at(source, "path"));
}
static void check_certificate(struct projecting *projecting, const struct json *source,
                              const struct field_path *path)
{
    static const char *const keys[] = {"RSA3072",   "RSA4096", "ECDSAP256", "ECDSAP384",
                                       "ECDSAP521", "ED25519", NULL};
    static const char *const files[] = {"credentialBundlePath", "keyPath", "certificateChainPath"};
    struct field_errors *errors = projecting->errors;
    bool is_ours = slice_starts_with(text_at(source, "signerName"), SLICE("kubernetes.io/"));
    int64_t seconds, most = is_ours ? KUBERNETES_CERTIFICATE_SECONDS_MAX : CERTIFICATE_SECONDS_MAX;
    size_t count = 0;
    path_check_choice(errors, AT(path, "keyType"), text_at(source, "keyType"), keys);
    if (json_to_int64(json_get(source, "maxExpirationSeconds"), &seconds)) {
        const struct field_path *at = AT(path, "maxExpirationSeconds");
        if (seconds < CERTIFICATE_SECONDS_MIN)
            path_invalid_int(errors, at, seconds,
                             "if provided, maxExpirationSeconds must be >= 3600");
        if (seconds > most)
            path_invalid_int(errors, at, seconds,
                             "if provided, maxExpirationSeconds must be <= %lld", (long long)most);
    }
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        struct slice file = text_at(source, files[i]);
        count += file.size > 0;
        file_path_check_not_reserved(file, AT(path, files[i]), errors);
        use_path(projecting, file, file);
    }
    if (count == 0)
        path_required(errors, path,
                      "specify at least one of credentialBundlePath, keyPath, and "
                      "certificateChainPath");
}

static void check_source(struct projecting *projecting, const struct json *source,
                         const struct field_path *path)
{
    static const struct {
        const char *name;
        void (*check)(struct projecting *projecting, const struct json *source,
                      const struct field_path *path);
    } kinds[] = {
        {"secret", check_keys},
        {"configMap", check_keys},
        {"downwardAPI", check_downward},
        {"serviceAccountToken", check_token},
        {"clusterTrustBundle", check_trust},
        {"podCertificate", check_certificate},
    };
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        const struct json *part = json_get(source, kinds[i].name);
        if (!part)
            continue;
        count++;
        kinds[i].check(projecting, part, AT(path, kinds[i].name));
    }
    if (count > 1)
        path_forbidden(projecting->errors, path,
                       "may not specify more than 1 volume type per source");
}

void projected_volume_validate(const struct json *source, const struct field_path *path,
                               struct field_errors *errors)
{
    const struct json *sources = json_get(source, "sources");
    struct projecting projecting = {.path = path, .errors = errors};
    size_t index = 0;
    file_mode_check(json_get(source, "defaultMode"), AT(path, "defaultMode"), errors);
    JSON_EACH(part, sources)
        check_source(&projecting, part, AT_ITEM(AT(path, "sources"), index++));
    text_map_release(&projecting.paths);
}
