/* See pod_secrets.h. */
#include "api/pod_secrets.h"

#include "core/kinds/meta.h"

struct limits {
    struct arena *arena;
    const struct json *account;
    const struct json *pod;
};

bool pod_secrets_are_limited(const struct json *account)
{
    static const char *const yes[] = {"1", "t", "T", "true", "TRUE", "True", NULL};
    struct slice value = meta_annotation(account, ACCOUNT_ENFORCES_SECRETS);
    for (size_t i = 0; yes[i]; i++)
        if (slice_is(value, yes[i]))
            return true;
    return false;
}

static bool is_listed(const struct limits *limits, const char *list, struct slice name)
{
    JSON_EACH(item, json_get(limits->account, list))
        if (slice_equal(json_string(json_get(item, "name")), name))
            return true;
    return false;
}

/* what: `volume with`, `container c with envVar v referencing`. */
static const char *refusal(const struct limits *limits, const char *what, struct slice secret)
{
    return arena_format(limits->arena,
                        "%s secret.secretName=\"" SLICE_FORMAT "\" is not allowed because service "
                        "account " SLICE_FORMAT " does not reference that secret",
                        what, SLICE_ARGS(secret), SLICE_ARGS(meta_name(limits->account)));
}

static const char *check_volumes(const struct limits *limits)
{
    JSON_EACH(volume, json_at(limits->pod, "spec.volumes")) {
        const struct json *source = json_get(volume, "secret");
        struct slice secret = json_string(json_get(source, "secretName"));
        if (source && !is_listed(limits, "secrets", secret))
            return refusal(limits, "volume with", secret);
    }
    return NULL;
}

/* what: "container", "init container", "ephemeral container". */
static const char *check_container(const struct limits *limits, const struct json *container,
                                   const char *what)
{
    const char *name = json_text(json_get(container, "name"));
    JSON_EACH(variable, json_get(container, "env")) {
        const struct json *source = json_at(variable, "valueFrom.secretKeyRef");
        struct slice secret = json_string(json_get(source, "name"));
        if (source && !is_listed(limits, "secrets", secret))
            return refusal(limits,
                           arena_format(limits->arena, "%s %s with envVar %s referencing", what,
                                        name, json_text(json_get(variable, "name"))),
                           secret);
    }
    JSON_EACH(source, json_get(container, "envFrom")) {
        const struct json *reference = json_get(source, "secretRef");
        struct slice secret = json_string(json_get(reference, "name"));
        if (reference && !is_listed(limits, "secrets", secret))
            return refusal(
                limits, arena_format(limits->arena, "%s %s with envFrom referencing", what, name),
                secret);
    }
    return NULL;
}

static const char *check_containers(const struct limits *limits, const char *list, const char *what)
{
    const char *why = NULL;
    JSON_EACH(container, json_get(json_get(limits->pod, "spec"), list))
        why = why ? why : check_container(limits, container, what);
    return why;
}

static const char *check_pull_secrets(const struct limits *limits)
{
    int place = 0;
    JSON_EACH(reference, json_at(limits->pod, "spec.imagePullSecrets")) {
        struct slice name = json_string(json_get(reference, "name"));
        if (!is_listed(limits, "imagePullSecrets", name))
            return arena_format(limits->arena,
                                "imagePullSecrets[%d].name=\"" SLICE_FORMAT "\" is not allowed "
                                "because service account " SLICE_FORMAT " does not reference that "
                                "imagePullSecret",
                                place, SLICE_ARGS(name), SLICE_ARGS(meta_name(limits->account)));
        place++;
    }
    return NULL;
}

const char *pod_secrets_check(struct arena *arena, const struct json *pod,
                              const struct json *account)
{
    struct limits limits = {.arena = arena, .account = account, .pod = pod};
    const char *why = check_volumes(&limits);
    if (!why)
        why = check_containers(&limits, "initContainers", "init container");
    if (!why)
        why = check_containers(&limits, "containers", "container");
    return why ? why : check_pull_secrets(&limits);
}

const char *pod_secrets_check_ephemeral(struct arena *arena, const struct json *pod,
                                        const struct json *account)
{
    struct limits limits = {.arena = arena, .account = account, .pod = pod};
    return check_containers(&limits, "ephemeralContainers", "ephemeral container");
}

/* --- Mirrors of static pods --- */

/* Whether a field below node refers to a secret, by the names that such fields have. */
static bool uses_secret(const struct json *node)
{
    static const char *const fields[] = {"secret", "secretRef", "secretKeyRef", "secretName",
                                         "nodePublishSecretRef"};
    if (!json_is(node, JSON_OBJECT) && !json_is(node, JSON_ARRAY))
        return false;
    for (size_t i = 0; json_is(node, JSON_OBJECT) && i < ARRAY_SIZE(fields); i++)
        if (json_get(node, fields[i]))
            return true;
    JSON_EACH(child, node)
        if (uses_secret(child))
            return true;
    return false;
}

static bool containers_use_secret(const struct json *containers)
{
    JSON_EACH(container, containers)
        if (uses_secret(json_get(container, "env")) || uses_secret(json_get(container, "envFrom")))
            return true;
    return false;
}

static bool projects_token(const struct json *spec)
{
    JSON_EACH(volume, json_get(spec, "volumes"))
        JSON_EACH(source, json_at(volume, "projected.sources"))
            if (json_get(source, "serviceAccountToken"))
                return true;
    return false;
}

const char *pod_secrets_check_mirror(const struct json *pod)
{
    const struct json *spec = json_get(pod, "spec");
    if (json_string(json_get(spec, "serviceAccountName")).size > 0)
        return "a mirror pod may not reference service accounts";
    if (json_count(json_get(spec, "imagePullSecrets")) > 0 ||
        uses_secret(json_get(spec, "volumes")) ||
        containers_use_secret(json_get(spec, "initContainers")) ||
        containers_use_secret(json_get(spec, "containers")) ||
        containers_use_secret(json_get(spec, "ephemeralContainers")))
        return "a mirror pod may not reference secrets";
    if (projects_token(spec))
        return "a mirror pod may not use ServiceAccountToken volume projections";
    return NULL;
}
