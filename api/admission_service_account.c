/* A pod runs as a service account of its namespace, and finds that account's token in its
 * containers.
 *
 * Rules: k8s.io/kubernetes plugin/pkg/admission/serviceaccount. The account must be there; one
 * that is not named is "default", which a controller makes in every namespace. Unless the pod or
 * its account says automountServiceAccountToken: false, a projected volume with a token, the
 * CA and the namespace is mounted where client libraries look for it (KEP-1205). A mirror of a
 * static pod stays as it is, and may use neither accounts nor secrets. */
#include "api/admission.h"
#include "api/api.h"
#include "api/pod_secrets.h"
#include "core/kinds/meta.h"

#define DEFAULT_ACCOUNT "default"
#define VOLUME_PREFIX "kube-api-access-"
#define MOUNT_PATH "/var/run/secrets/kubernetes.io/serviceaccount"
#define MIRROR_ANNOTATION "kubernetes.io/config.mirror"
#define TOKEN_SECONDS 3607 /* An hour, and what tells these tokens from others. */
#define MODE 0644

static bool is_pod(const struct admission *admission)
{
    return *admission->kind->group == '\0' && strcmp(admission->kind->resource, "pods") == 0;
}

static bool is_mirror(const struct json *pod)
{
    return json_get(json_at(pod, "metadata.annotations"), MIRROR_ANNOTATION) != NULL;
}

/* --- The account --- */

/* NULL and FORBIDDEN when it is not there. */
static const struct object *find_account(struct admission *admission, struct status *status)
{
    struct arena *arena = &admission->request->arena;
    struct slice name = json_string(json_at(admission->object, "spec.serviceAccountName"));
    struct buffer key = {0};
    key_append(&key, "", "serviceaccounts", admission->namespace, name);
    const struct object *object = plan_get(admission->plan, buffer_slice(&key));
    buffer_release(&key);
    if (object)
        return object;
    /* A new namespace's "default" is made by a controller, which is at it. */
    admission->request->is_early = slice_is(name, DEFAULT_ACCOUNT);
    admission_forbid(admission, status,
                     arena_format(arena,
                                  "error looking up service account " SLICE_FORMAT "/" SLICE_FORMAT
                                  ": serviceaccount \"" SLICE_FORMAT "\" not found",
                                  SLICE_ARGS(admission->namespace), SLICE_ARGS(name),
                                  SLICE_ARGS(name)));
    return NULL;
}

/* Both names of the field (core/kinds/pod_defaults.c has run). */
static void set_default_account(struct arena *arena, struct json *spec)
{
    if (json_string(json_get(spec, "serviceAccountName")).size > 0)
        return;
    json_set_text(arena, spec, "serviceAccountName", DEFAULT_ACCOUNT);
    json_set_text(arena, spec, "serviceAccount", DEFAULT_ACCOUNT);
}

/* --- The token's volume --- */

static bool is_mounted(const struct json *account, const struct json *spec)
{
    const struct json *wish = json_get(spec, "automountServiceAccountToken");
    if (!wish)
        wish = json_get(account, "automountServiceAccountToken");
    return !wish || json_bool(wish);
}

static struct json *list_of(struct arena *arena, struct json *object, const char *name)
{
    struct json *list = json_get(object, name);
    return list ? list : json_set(arena, object, name, json_new_array(arena));
}

static bool has_mount(const struct json *container)
{
    JSON_EACH(mount, json_get(container, "volumeMounts"))
        if (slice_is(json_string(json_get(mount, "mountPath")), MOUNT_PATH))
            return true;
    return false;
}

/* Mounts it in each container that has nothing there; whether there was one. */
static bool mount_in(struct arena *arena, struct json *containers, const char *volume)
{
    bool mounted = false;
    JSON_EACH(container, containers) {
        if (has_mount(container))
            continue;
        struct json *mount = json_new_object(arena);
        json_set_text(arena, mount, "name", volume);
        json_set_bool(arena, mount, "readOnly", true);
        json_set_text(arena, mount, "mountPath", MOUNT_PATH);
        json_append(list_of(arena, container, "volumeMounts"), mount);
        mounted = true;
    }
    return mounted;
}

/* A list of one object, that is given, at name of object. */
static struct json *set_single(struct arena *arena, struct json *object, const char *name)
{
    struct json *list = json_set(arena, object, name, json_new_array(arena));
    struct json *item = json_new_object(arena);
    json_append(list, item);
    return item;
}

static struct json *append_source(struct arena *arena, struct json *sources, const char *name)
{
    struct json *source = json_new_object(arena);
    json_append(sources, source);
    return json_set(arena, source, name, json_new_object(arena));
}

static struct json *new_volume(struct arena *arena, const char *name)
{
    struct json *volume = json_new_object(arena);
    json_set_text(arena, volume, "name", name);
    struct json *projected = json_ensure_object(arena, volume, "projected");
    struct json *sources = json_set(arena, projected, "sources", json_new_array(arena));
    json_set_int(arena, projected, "defaultMode", MODE);

    struct json *token = append_source(arena, sources, "serviceAccountToken");
    json_set_int(arena, token, "expirationSeconds", TOKEN_SECONDS);
    json_set_text(arena, token, "path", "token");

    struct json *map = append_source(arena, sources, "configMap");
    json_set_text(arena, map, "name", "kube-root-ca.crt");
    struct json *item = set_single(arena, map, "items");
    json_set_text(arena, item, "key", "ca.crt");
    json_set_text(arena, item, "path", "ca.crt");

    item = set_single(arena, append_source(arena, sources, "downwardAPI"), "items");
    json_set_text(arena, item, "path", "namespace");
    struct json *field = json_ensure_object(arena, item, "fieldRef");
    json_set_text(arena, field, "apiVersion", "v1");
    json_set_text(arena, field, "fieldPath", "metadata.namespace");
    return volume;
}

/* The volume that is there already under such a name, as it is for who sends a pod back. */
static const char *find_volume(const struct json *spec)
{
    JSON_EACH(volume, json_get(spec, "volumes"))
        if (slice_starts_with(json_string(json_get(volume, "name")), SLICE(VOLUME_PREFIX)))
            return json_text(json_get(volume, "name"));
    return NULL;
}

static void mount_token(struct admission *admission, struct json *spec)
{
    struct arena *arena = &admission->request->arena;
    struct random *random = loop_random(admission->request->api->loop);
    const char *old = find_volume(spec);
    const char *name = old ? old : meta_generate_name(arena, SLICE(VOLUME_PREFIX), random);
    bool first = mount_in(arena, json_get(spec, "initContainers"), name);
    bool mounted = mount_in(arena, json_get(spec, "containers"), name) || first;
    if (!old && mounted)
        json_append(list_of(arena, spec, "volumes"), new_volume(arena, name));
}

static void take_pull_secrets(struct arena *arena, struct json *spec, const struct json *account)
{
    const struct json *secrets = json_get(account, "imagePullSecrets");
    if (json_count(json_get(spec, "imagePullSecrets")) == 0 && json_count(secrets) > 0)
        json_set(arena, spec, "imagePullSecrets", json_copy(arena, secrets));
}

/* --- The plugin --- */

static int mutate(struct admission *admission, struct status *status)
{
    if (!is_pod(admission) || admission->operation != ADMIT_CREATE || admission->subresource ||
        is_mirror(admission->object))
        return 0;
    struct arena *arena = &admission->request->arena;
    struct json *spec = json_get(admission->object, "spec");
    set_default_account(arena, spec);
    const struct object *object = find_account(admission, status);
    if (!object)
        return -1;
    const struct json *account = json_parse(arena, object_body(object), NULL, status);
    if (!account)
        return -1;
    if (is_mounted(account, spec))
        mount_token(admission, spec);
    take_pull_secrets(arena, spec, account);
    return 0;
}

/* The account's tree where it limits the secrets of its pods; NULL: it does not. */
static const struct json *limiting(struct admission *admission, const struct object *object)
{
    struct slice body = object_body(object);
    if (!memmem(body.data, body.size, ACCOUNT_ENFORCES_SECRETS, strlen(ACCOUNT_ENFORCES_SECRETS)))
        return NULL;
    struct status status;
    status_init(&status);
    const struct json *account = json_parse(&admission->request->arena, body, NULL, &status);
    status_release(&status);
    return pod_secrets_are_limited(account) ? account : NULL;
}

static int validate(struct admission *admission, struct status *status)
{
    struct arena *arena = &admission->request->arena;
    const char *sub = admission->subresource ? admission->subresource->name : "";
    bool is_ephemeral =
        admission->operation == ADMIT_UPDATE && strcmp(sub, "ephemeralcontainers") == 0;
    if (!is_pod(admission) || !((admission->operation == ADMIT_CREATE && !*sub) || is_ephemeral))
        return 0;
    const char *why = NULL;
    if (is_mirror(admission->object) && !is_ephemeral) {
        why = pod_secrets_check_mirror(admission->object);
    } else {
        const struct object *object = find_account(admission, status);
        if (!object)
            return -1;
        const struct json *account = limiting(admission, object);
        if (account)
            why = is_ephemeral ? pod_secrets_check_ephemeral(arena, admission->object, account)
                               : pod_secrets_check(arena, admission->object, account);
    }
    return why ? admission_forbid(admission, status, why) : 0;
}

const struct admission_plugin admission_service_account = {
    .name = "ServiceAccount", .mutate = mutate, .validate = validate};
