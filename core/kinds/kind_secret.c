/* Secret: settings for pods to read that not everybody may see. Upstream: ValidateSecret. */
#include "core/crypto.h"
#include "core/kinds/cell.h"
#include "core/kinds/field_path.h"
#include "core/kinds/kind.h"
#include "core/kinds/meta.h"
#include "core/kinds/types.h"

#define DATA_SIZE_MAX (1024 * 1024) /* All values together. */
#define IMMUTABLE_TEXT "field is immutable when `immutable` is set"
#define ACCOUNT_ANNOTATION "kubernetes.io/service-account.name"

/* --- Defaults --- */

/* stringData is for writing alone: its texts are put into data. */
static void set_defaults(const struct kind_context *context, struct json *secret)
{
    struct json *texts = json_get(secret, "stringData");
    struct buffer encoded = {0};
    JSON_EACH(text, texts) {
        struct json *data = json_ensure_object(context->arena, secret, "data");
        buffer_clear(&encoded);
        base64_encode(json_string(text), &encoded);
        json_set_slice(context->arena, data, json_key(text),
                       json_new_string(context->arena, buffer_slice(&encoded)));
    }
    buffer_release(&encoded);
    json_remove(secret, "stringData");
}

/* --- Validation --- */

static size_t size_of_base64(struct slice text)
{
    size_t size = text.size / 4 * 3;
    while (text.size > 0 && text.data[text.size - 1] == '=') {
        text.size--;
        size--;
    }
    return size;
}
static void check_data(const struct json *data, const struct field_path *path,
                       struct field_errors *errors)
{
    size_t size = 0;
    JSON_EACH(value, data) {
        path_check_name(errors, AT_KEY(path, json_key(value)), json_key(value),
                        name_check_config_map_key);
        size += size_of_base64(json_string(value));
    }
    if (size > DATA_SIZE_MAX)
        path_too_long(errors, path, DATA_SIZE_MAX);
}

static void require_key(const struct json *data, const char *key, const struct field_path *path,
                        struct field_errors *errors)
{
    if (!json_get(data, key))
        path_required(errors, AT_KEY(path, slice_of(key)), NULL);
}
static void require_json(const struct json *data, const char *key, const struct field_path *path,
                         struct field_errors *errors)
{
    struct buffer bytes = {0};
    struct status status;
    const struct json *value = json_get(data, key);
    if (!value) {
        require_key(data, key, path, errors);
        return;
    }
    status_init(&status);
    if (base64_decode(json_string(value), &bytes) == 0) {
        const struct json *tree = json_parse(errors->arena, buffer_slice(&bytes), NULL, &status);
        if (!json_is(tree, JSON_OBJECT))
            path_invalid_text(errors, AT_KEY(path, slice_of(key)),
                              SLICE("<secret contents redacted>"), "%s",
                              tree ? "json: cannot unmarshal into Go value of type "
                                     "map[string]interface {}"
                                   : status.message);
    }
    status_release(&status);
    buffer_release(&bytes);
}

/* What a type must hold. */
static void check_type(const struct json *secret, const struct field_path *path,
                       struct field_errors *errors)
{
    const struct json *data = json_get(secret, "data");
    struct slice type = json_string(json_get(secret, "type"));
    if (slice_is(type, "kubernetes.io/service-account-token")) {
        if (meta_annotation(secret, ACCOUNT_ANNOTATION).size == 0)
            path_required(
                errors, AT_KEY(AT(AT(NULL, "metadata"), "annotations"), SLICE(ACCOUNT_ANNOTATION)),
                NULL);
    } else if (slice_is(type, "kubernetes.io/dockercfg")) {
        require_json(data, ".dockercfg", path, errors);
    } else if (slice_is(type, "kubernetes.io/dockerconfigjson")) {
        require_json(data, ".dockerconfigjson", path, errors);
    } else if (slice_is(type, "kubernetes.io/basic-auth")) {
        if (!json_get(data, "username") && !json_get(data, "password")) {
            require_key(data, "username", path, errors);
            require_key(data, "password", path, errors);
        }
    } else if (slice_is(type, "kubernetes.io/ssh-auth")) {
        if (json_string(json_get(data, "ssh-privatekey")).size == 0)
            path_required(errors, AT_KEY(path, SLICE("ssh-privatekey")), NULL);
    } else if (slice_is(type, "kubernetes.io/tls")) {
        require_key(data, "tls.crt", path, errors);
        require_key(data, "tls.key", path, errors);
    }
}
static void validate(const struct kind_context *context, const struct json *secret,
                     struct field_errors *errors)
{
    (void)context;
    check_data(json_get(secret, "data"), AT(NULL, "data"), errors);
    check_type(secret, AT(NULL, "data"), errors);
}

static void validate_update(const struct kind_context *context, const struct json *secret,
                            const struct json *old, struct field_errors *errors)
{
    (void)context;
    const struct json *data = json_get(secret, "data"), *before = json_get(old, "data");
    meta_validate_immutable(json_get(secret, "type"), json_get(old, "type"), "type", errors);
    if (!json_bool(json_get(old, "immutable")))
        return;
    if (!json_bool(json_get(secret, "immutable")))
        path_forbidden(errors, AT(NULL, "immutable"), IMMUTABLE_TEXT);
    if (data && before ? !json_equal(data, before) : json_count(data) != json_count(before))
        path_forbidden(errors, AT(NULL, "data"), IMMUTABLE_TEXT);
}

/* --- The row --- */

static void cell_data(const struct kind_context *context, const struct json *secret,
                      struct buffer *text)
{
    (void)context;
    buffer_append_int(text, (int64_t)json_count(json_get(secret, "data")));
}
static const struct kind_column columns[] = {
    COLUMN_NAME,
    CELL_AT("Type", "string", "What it holds.", "type"),
    CELL("Data", "string", "How many keys it has.", cell_data),
    COLUMN_AGE,
    {.name = NULL},
};
static const struct kind_field fields[] = {
    {.path = "type"},
    {.path = NULL},
};

const struct kind kind_secret = {
    .group = "",
    .version = "v1",
    .kind = "Secret",
    .resource = "secrets",
    .singular = "secret",
    .namespaced = true,
    .schema = &type_secret,
    .columns = columns,
    .fields = fields,
    .field_error = "field label not supported: %s",
    .set_defaults = set_defaults,
    .validate = validate,
    .validate_update = validate_update,
};
