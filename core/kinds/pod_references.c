#include "core/kinds/pod_references.h"

#include "core/kinds/meta.h"

struct visitor {
    bool (*visit)(void *context, struct slice name);
    void *context;
};

static bool give(const struct visitor *visitor, const struct json *node, const char *path)
{
    struct slice name = json_string(json_at(node, path));
    return name.size > 0 && visitor->visit(visitor->context, name);
}

/* --- Containers: env[].valueFrom.KEY.name and envFrom[].REF.name --- */

static bool in_containers(const struct visitor *visitor, const struct json *containers,
                          const char *key_path, const char *from_path)
{
    JSON_EACH(container, containers) {
        JSON_EACH(variable, json_get(container, "env"))
            if (give(visitor, variable, key_path))
                return true;
        JSON_EACH(source, json_get(container, "envFrom"))
            if (give(visitor, source, from_path))
                return true;
    }
    return false;
}

static bool in_all_containers(const struct visitor *visitor, const struct json *spec,
                              const char *key_path, const char *from_path)
{
    return in_containers(visitor, json_get(spec, "initContainers"), key_path, from_path) ||
           in_containers(visitor, json_get(spec, "containers"), key_path, from_path) ||
           in_containers(visitor, json_get(spec, "ephemeralContainers"), key_path, from_path);
}

/* --- Volumes --- */

static bool in_volumes(const struct visitor *visitor, const struct json *spec,
                       const char *const *paths, const char *projected_path)
{
    JSON_EACH(volume, json_get(spec, "volumes")) {
        for (const char *const *path = paths; *path; path++)
            if (give(visitor, volume, *path))
                return true;
        JSON_EACH(source, json_at(volume, "projected.sources"))
            if (give(visitor, source, projected_path))
                return true;
    }
    return false;
}

static bool each_secret(const struct visitor *visitor, const struct json *spec)
{
    static const char *const paths[] = {
        "secret.secretName",
        "azureFile.secretName",
        "cephfs.secretRef.name",
        "cinder.secretRef.name",
        "flexVolume.secretRef.name",
        "rbd.secretRef.name",
        "scaleIO.secretRef.name",
        "iscsi.secretRef.name",
        "storageos.secretRef.name",
        "csi.nodePublishSecretRef.name",
        NULL,
    };
    JSON_EACH(secret, json_get(spec, "imagePullSecrets"))
        if (give(visitor, secret, "name"))
            return true;
    return in_all_containers(visitor, spec, "valueFrom.secretKeyRef.name", "secretRef.name") ||
           in_volumes(visitor, spec, paths, "secret.name");
}

static bool each_config_map(const struct visitor *visitor, const struct json *spec)
{
    static const char *const paths[] = {"configMap.name", NULL};
    return in_all_containers(visitor, spec, "valueFrom.configMapKeyRef.name",
                             "configMapRef.name") ||
           in_volumes(visitor, spec, paths, "configMap.name");
}

static bool each_claim(struct arena *arena, const struct visitor *visitor, const struct json *pod)
{
    struct slice pod_name = meta_name(pod);
    JSON_EACH(volume, json_at(pod, "spec.volumes")) {
        if (give(visitor, volume, "persistentVolumeClaim.claimName"))
            return true;
        if (!json_get(volume, "ephemeral"))
            continue;
        const char *name = arena_format(arena, SLICE_FORMAT "-%s", SLICE_ARGS(pod_name),
                                        json_text(json_get(volume, "name")));
        if (visitor->visit(visitor->context, slice_of(name)))
            return true;
    }
    return false;
}

bool pod_each_reference(struct arena *arena, const struct json *pod, enum pod_reference reference,
                        bool (*visit)(void *context, struct slice name), void *context)
{
    const struct visitor visitor = {visit, context};
    const struct json *spec = json_get(pod, "spec");
    switch (reference) {
    case POD_NAMES_SECRET: return each_secret(&visitor, spec);
    case POD_NAMES_CONFIG_MAP: return each_config_map(&visitor, spec);
    case POD_NAMES_CLAIM: return each_claim(arena, &visitor, pod);
    case POD_NAMES_SERVICE_ACCOUNT: return give(&visitor, spec, "serviceAccountName");
    }
    UNREACHABLE("a reference that pods do not have");
}

static bool is_wanted(void *context, struct slice name)
{
    const struct slice *wanted = context;
    return !wanted->data || slice_equal(*wanted, name);
}

bool pod_refers_to(struct arena *arena, const struct json *pod, enum pod_reference reference,
                   struct slice name)
{
    return pod_each_reference(arena, pod, reference, is_wanted, &name);
}
