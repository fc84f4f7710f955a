#include "api/decode.h"

#include "api/audit.h"

#include <stdio.h>

#include "api/api.h"
#include "api/negotiate.h"
#include "core/kinds/protobuf.h"
#include "core/yaml.h"

enum { WARNINGS_SIZE_MAX = 4096, WARNING_SIZE_MAX = 256, SUMMARY_MAX = 30 };

static const char *api_version(struct arena *arena, const char *group, const char *version)
{
    return *group ? arena_format(arena, "%s/%s", group, version) : version;
}

void decode_target_of(const struct request *request, struct decode_target *target)
{
    const struct kind *kind = request->kind;
    *target = (struct decode_target){kind->group, kind->version, kind->kind, kind->schema};
    const struct kind_subresource *sub = request->subresource;
    if (!sub || !sub->kind)
        return;
    const struct kind *body = registry_by_kind(request->api->registry, slice_of(sub->group),
                                               slice_of(sub->version), slice_of(sub->kind));
    PRE(body != NULL);
    *target = (struct decode_target){body->group, body->version, body->kind, body->schema};
}

/* What a body began with, for the error: JSON as it is, anything else in hex. */
static const char *summary(struct arena *arena, struct slice body)
{
    if (body.size == 0)
        return "<empty>";
    bool is_cut = body.size > SUMMARY_MAX;
    struct slice start = slice_sub(body, 0, SUMMARY_MAX);
    if (body.data[0] == '{')
        return arena_format(arena, SLICE_FORMAT "%s", SLICE_ARGS(start), is_cut ? " ..." : "");
    char hex[SUMMARY_MAX * 2 + 1];
    for (size_t i = 0; i < start.size; i++)
        snprintf(hex + i * 2, 3, "%02x", (unsigned char)start.data[i]);
    return arena_format(arena, "%s%s", hex, is_cut ? " ..." : "");
}

static int unrecognized(struct request *request, const char *kind, const char *how)
{
    struct arena *arena = &request->arena;
    const char *why = arena_copy_text(arena, request->status.message);
    status_clear(&request->status);
    return status_fail(&request->status, STATUS_BAD_REQUEST,
                       "the object provided is unrecognized (must be of type %s): %s%s (%s)", kind,
                       how, why, summary(arena, request->body));
}

static int cannot_be_handled(struct request *request, const char *kind, const char *version,
                             const struct decode_target *target, const char *why)
{
    return status_fail(&request->status, STATUS_BAD_REQUEST,
                       "%s in version \"%s\" cannot be handled as a %s: %s", kind, version,
                       target->kind, why);
}

/* Kind and apiVersion of the body; missing ones are those of the URL. */
static int check_kind(struct request *request, const struct decode_target *target,
                      struct json *tree)
{
    struct arena *arena = &request->arena;
    const char *expected = api_version(arena, target->group, target->version);
    const char *version = json_text(json_get(tree, "apiVersion"));
    const char *kind = json_text(json_get(tree, "kind"));
    if (*version && strcmp(version, expected) != 0)
        return status_fail(&request->status, STATUS_BAD_REQUEST,
                           "the API version in the data (%s) does not match the expected API "
                           "version (%s)",
                           version, expected);
    if (*kind && strcmp(kind, target->kind) != 0)
        return cannot_be_handled(request, kind, target->version, target,
                                 arena_format(arena,
                                              "converting (%s.%s) to (%s): unknown "
                                              "conversion",
                                              target->version, kind, target->kind));
    if (!*kind)
        json_set_first(arena, tree, "kind", json_new_text(arena, target->kind));
    if (!*version)
        json_set_first(arena, tree, "apiVersion", json_new_text(arena, expected));
    return 0;
}

enum validation { VALIDATE_WARN, VALIDATE_STRICT, VALIDATE_IGNORE };

static int validation_of(struct request *request, enum validation *validation)
{
    struct slice text = query_get(request->query, "fieldValidation");
    *validation = request->is_local ? VALIDATE_STRICT : VALIDATE_WARN;
    if (text.size == 0 || slice_is(text, "Warn"))
        return 0;
    if (slice_is(text, "Strict")) {
        *validation = VALIDATE_STRICT;
        return 0;
    }
    *validation = VALIDATE_IGNORE;
    if (slice_is(text, "Ignore"))
        return 0;
    struct field_errors errors;
    field_errors_init(&errors, &request->arena);
    field_error_add(&errors, FIELD_NOT_SUPPORTED, "fieldValidation",
                    field_value_text(&request->arena, text),
                    "supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"");
    return field_errors_status(&errors, "meta.k8s.io", "CreateOptions", "", &request->status);
}

static const char *strict_error(struct arena *arena, const struct schema_warning *warnings)
{
    struct buffer text = {0};
    buffer_append_text(&text, "strict decoding error: ");
    for (const struct schema_warning *warning = warnings; warning; warning = warning->next)
        buffer_format(&text, "%s%s", warning->text, warning->next ? ", " : "");
    const char *why = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return why;
}

/* Over 4096 characters in all, each is cut to 256 (k8s.io/apiserver handlers/rest.go). */
static void warn(struct request *request, const struct schema_warning *warnings)
{
    size_t size = 0;
    for (const struct schema_warning *warning = warnings; warning; warning = warning->next)
        size += strlen(warning->text);
    for (const struct schema_warning *warning = warnings; warning; warning = warning->next) {
        struct slice text = slice_of(warning->text);
        if (size > WARNINGS_SIZE_MAX)
            text = slice_sub(text, 0, WARNING_SIZE_MAX);
        request_warn(request, arena_copy_slice(&request->arena, text));
    }
}

static struct schema_warning *duplicate_warnings(struct arena *arena,
                                                 const struct json_duplicate *duplicates)
{
    struct schema_warning *first = NULL;
    struct schema_warning **last = &first;
    for (; duplicates; duplicates = duplicates->next) {
        *last = ARENA_NEW(arena, struct schema_warning);
        (*last)->text = arena_format(arena, "duplicate field \"%s\"", duplicates->path);
        last = &(*last)->next;
    }
    return first;
}

static struct schema_warning *join(struct schema_warning *a, struct schema_warning *b)
{
    struct schema_warning **last = &a;
    while (*last)
        last = &(*last)->next;
    *last = b;
    return a;
}

int decode_fields(struct request *request, const struct decode_target *target, struct json *tree,
                  const struct json_duplicate *duplicates, const char **why)
{
    enum validation validation;
    struct schema_warning *unknown = NULL;
    *why = NULL;
    if (validation_of(request, &validation) || check_kind(request, target, tree))
        return -1;
    if (schema_decode(target->schema, &request->arena, tree, &unknown, &request->status)) {
        *why = arena_copy_text(&request->arena, request->status.message);
        status_clear(&request->status);
        return -1;
    }
    struct schema_warning *warnings =
        join(duplicate_warnings(&request->arena, duplicates), unknown);
    if (!warnings || validation == VALIDATE_IGNORE)
        return 0;
    if (validation == VALIDATE_STRICT) {
        *why = strict_error(&request->arena, warnings);
        return -1;
    }
    warn(request, warnings);
    return 0;
}

int decode_tree(struct request *request, const struct decode_target *target, struct json *tree,
                const struct json_duplicate *duplicates)
{
    const char *why;
    if (!json_is(tree, JSON_OBJECT))
        return cannot_be_handled(request, target->kind, target->version, target,
                                 "json: cannot unmarshal into Go value");
    if (decode_fields(request, target, tree, duplicates, &why) == 0)
        return 0;
    return why ? cannot_be_handled(request, target->kind, target->version, target, why) : -1;
}

struct json *decode_yaml(struct arena *arena, struct slice text, struct json_duplicate **duplicates,
                         struct status *status)
{
    struct yaml_document document;
    if (yaml_parse(arena, text, NULL, &document, status))
        return NULL;
    struct json_duplicate **last = duplicates;
    for (const struct yaml_duplicate *d = document.duplicates; d; d = d->next) {
        *last = ARENA_NEW(arena, struct json_duplicate);
        (*last)->path = d->path;
        last = &(*last)->next;
    }
    return document.root;
}

/* Bytes to a tree, by the body's media. */
static int read_body(struct request *request, const struct decode_target *target,
                     struct json **tree, struct json_duplicate **duplicates)
{
    enum media media;
    if (negotiate_body(request->content_type, &media, &request->status))
        return -1;
    struct arena *arena = &request->arena;
    struct json_options options = {.duplicates = duplicates};
    *tree = NULL;
    if (media == MEDIA_PROTOBUF)
        return protobuf_decode(target->schema, arena, request->body, tree, &request->status);
    if (media == MEDIA_YAML)
        *tree = decode_yaml(arena, request->body, duplicates, &request->status);
    else
        *tree = json_parse(arena, request->body, &options, &request->status);
    if (*tree)
        return 0;
    return unrecognized(request, target->kind,
                        media == MEDIA_YAML ? "" : "couldn't get version/kind; json parse error: ");
}

int decode_body(struct request *request, const struct decode_target *target, struct json **tree)
{
    struct json_duplicate *duplicates = NULL;
    if (read_body(request, target, tree, &duplicates) ||
        decode_tree(request, target, *tree, duplicates))
        return -1;
    audit_object(request, *tree);
    return 0;
}

int decode_options(struct request *request, const struct decode_target *target, struct json **tree)
{
    struct json_duplicate *duplicates = NULL;
    if (read_body(request, target, tree, &duplicates))
        return -1;
    json_remove(*tree, "apiVersion");
    return decode_tree(request, target, *tree, duplicates);
}
