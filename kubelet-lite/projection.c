#include "kubelet-lite/projection.h"

#include "core/crypto.h"

enum { MODE_DEFAULT = 0644, TOKEN_SECONDS = 3600, MODE_PRIVATE = 0600 };

struct projecting {
    const struct downward *downward;
    const struct object_set *set;
    struct arena *arena;
    struct atomic_file *files;
    unsigned mode;             /* defaultMode */
    struct status *status;
};

static const char *const kinds[] = {"configMap", "secret", "projected", "downwardAPI"};

bool projection_is(const struct json *volume)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (json_get(volume, kinds[i]))
            return true;
    return false;
}

/* --- What is wanted --- */

static int64_t token_seconds(const struct json *source)
{
    int64_t seconds = TOKEN_SECONDS;
    json_to_int64(json_get(source, "expirationSeconds"), &seconds);
    return seconds;
}

static void want_source(const struct json *pod, const struct json *source, struct object_set *set)
{
    const struct json *token = json_get(source, "serviceAccountToken");
    if (json_at(source, "configMap.name"))
        object_set_want(set, "configmaps", json_string(json_at(source, "configMap.name")));
    if (json_at(source, "secret.name"))
        object_set_want(set, "secrets", json_string(json_at(source, "secret.name")));
    if (token)
        object_set_want_token(set, pod, json_string(json_get(token, "audience")),
                              token_seconds(token));
}

void projection_want(const struct json *pod, const struct json *volume, struct object_set *set)
{
    if (json_at(volume, "configMap.name"))
        object_set_want(set, "configmaps", json_string(json_at(volume, "configMap.name")));
    if (json_at(volume, "secret.secretName"))
        object_set_want(set, "secrets", json_string(json_at(volume, "secret.secretName")));
    JSON_EACH(source, json_at(volume, "projected.sources"))
        want_source(pod, source, set);
}

/* --- Files --- */

static void add(struct projecting *self, const char *path, struct slice bytes,
                const struct json *mode)
{
    struct atomic_file *file = ARENA_NEW(self->arena, struct atomic_file);
    int64_t own = self->mode;
    json_to_int64(mode, &own);
    *file = (struct atomic_file){path, bytes, (unsigned)own & 0777, -1, -1, self->files};
    for (struct atomic_file **other = &self->files; *other; other = &(*other)->next)
        if (strcmp((*other)->path, path) == 0) { /* Of two sources the later one wins. */
            *other = (*other)->next;
            file->next = self->files;
            break;
        }
    self->files = file;
}

static bool decode(struct projecting *self, struct slice text, struct slice *bytes)
{
    struct buffer decoded = {0};
    bool is_good = base64_decode(text, &decoded) == 0;
    *bytes = (struct slice){arena_copy(self->arena, decoded.size ? decoded.data : "", decoded.size),
                            decoded.size};
    buffer_release(&decoded);
    return is_good;
}

/* data of a ConfigMap is text; binaryData, and data of a Secret, are base64. */
static bool value_of(struct projecting *self, const struct json *object, bool is_secret,
                     struct slice key, struct slice *bytes)
{
    const struct json *plain = json_get_slice(json_get(object, "data"), key);
    const struct json *binary = json_get_slice(json_get(object, "binaryData"), key);
    if (plain && !is_secret) {
        *bytes = json_string(plain);
        return true;
    }
    return (plain || binary) && decode(self, json_string(plain ? plain : binary), bytes);
}

static void add_keys(struct projecting *self, const struct json *object, bool is_secret,
                     const char *map)
{
    JSON_EACH(member, json_get(object, map)) {
        struct slice bytes;
        if (value_of(self, object, is_secret, json_key(member), &bytes))
            add(self, arena_copy_slice(self->arena, json_key(member)), bytes, NULL);
    }
}

static int add_items(struct projecting *self, const struct json *source, const struct json *object,
                     bool is_secret)
{
    bool is_optional = json_bool(json_get(source, "optional"));
    JSON_EACH(item, json_get(source, "items")) {
        struct slice key = json_string(json_get(item, "key")), bytes;
        if (value_of(self, object, is_secret, key, &bytes))
            add(self, json_text(json_get(item, "path")), bytes, json_get(item, "mode"));
        else if (!is_optional)
            return status_fail(self->status, STATUS_NOT_FOUND, "%s: " SLICE_FORMAT,
                               is_secret ? "references non-existent secret key"
                                         : "configmap references non-existent config key",
                               SLICE_ARGS(key));
    }
    return 0;
}

static int add_object(struct projecting *self, const struct json *source, const char *resource,
                      struct slice name)
{
    bool is_secret = strcmp(resource, "secrets") == 0;
    const struct json *object = object_set_get(self->set, resource, name, self->status);
    if (!object && json_bool(json_get(source, "optional"))) {
        status_clear(self->status);
        return 0;
    }
    if (!object)
        return -1;
    if (json_count(json_get(source, "items")) > 0)
        return add_items(self, source, object, is_secret);
    add_keys(self, object, is_secret, "data");
    add_keys(self, object, is_secret, "binaryData");
    return 0;
}

static int add_downward(struct projecting *self, const struct json *source)
{
    JSON_EACH(item, json_get(source, "items")) {
        struct slice value;
        const struct json *field = json_get(item, "fieldRef");
        const struct json *resource = json_get(item, "resourceFieldRef");
        if (field ? downward_field(self->arena, self->downward,
                                   json_string(json_get(field, "fieldPath")), &value, self->status)
                  : downward_resource(self->arena, self->downward, resource, NULL, &value,
                                      self->status))
            return -1;
        add(self, json_text(json_get(item, "path")), value, json_get(item, "mode"));
    }
    return 0;
}

/* With one user for all of the pod the token is his; with a group of the pod, the group's. */
static int64_t only_user(const struct json *pod)
{
    static const char *const lists[] = {"spec.containers", "spec.initContainers"};
    int64_t only = -1;
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
        JSON_EACH(container, json_at(pod, lists[i])) {
            int64_t user = -1;
            if (!json_to_int64(json_at(container, "securityContext.runAsUser"), &user) &&
                !json_to_int64(json_at(pod, "spec.securityContext.runAsUser"), &user))
                return -1;
            if (only >= 0 && only != user)
                return -1;
            only = user;
        }
    return only;
}

static int add_token(struct projecting *self, const struct json *source)
{
    const struct json *pod = self->downward->pod;
    const char *token = object_set_token(self->set, json_string(json_get(source, "audience")),
                                         token_seconds(source), self->status);
    int64_t group, user = only_user(pod);
    if (!token)
        return -1;
    add(self, json_text(json_get(source, "path")), slice_of(token), NULL);
    if (json_to_int64(json_at(pod, "spec.securityContext.fsGroup"), &group)) {
        self->files->mode = MODE_PRIVATE;
    } else if (user >= 0) {
        self->files->mode = MODE_PRIVATE;
        self->files->uid = user;
    }
    return 0;
}

static int add_source(struct projecting *self, const struct json *source)
{
    const struct json *map = json_get(source, "configMap"), *secret = json_get(source, "secret");
    const struct json *fields = json_get(source, "downwardAPI");
    const struct json *token = json_get(source, "serviceAccountToken");
    if (map)
        return add_object(self, map, "configmaps", json_string(json_get(map, "name")));
    if (secret)
        return add_object(self, secret, "secrets", json_string(json_get(secret, "name")));
    if (fields)
        return add_downward(self, fields);
    if (token)
        return add_token(self, token);
    return status_fail(self->status, STATUS_BAD_REQUEST,
                       "this kind of projected source is not supported by this node");
}

static int add_all(struct projecting *self, const struct json *volume)
{
    const struct json *map = json_get(volume, "configMap"), *secret = json_get(volume, "secret");
    if (map)
        return add_object(self, map, "configmaps", json_string(json_get(map, "name")));
    if (secret)
        return add_object(self, secret, "secrets", json_string(json_get(secret, "secretName")));
    if (json_get(volume, "downwardAPI"))
        return add_downward(self, json_get(volume, "downwardAPI"));
    JSON_EACH(source, json_at(volume, "projected.sources"))
        if (add_source(self, source))
            return -1;
    return 0;
}

int projection_files(const struct downward *downward, const struct json *volume,
                     const struct object_set *set, struct arena *arena,
                     const struct atomic_file **files, struct status *status)
{
    struct projecting self = {downward, set, arena, NULL, MODE_DEFAULT, status};
    int64_t mode, group;
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (json_to_int64(json_get(json_get(volume, kinds[i]), "defaultMode"), &mode))
            self.mode = (unsigned)mode & 0777;
    if (add_all(&self, volume))
        return -1;
    if (json_to_int64(json_at(downward->pod, "spec.securityContext.fsGroup"), &group))
        for (struct atomic_file *file = self.files; file; file = file->next) {
            file->gid = group;
            file->mode |= 0440;
        }
    *files = self.files;
    return 0;
}
