#include "api/render.h"

#include "core/kinds/column.h"
#include "core/kinds/object_build.h"
#include "core/kinds/protobuf.h"
#include "core/kyaml.h"

int render_init(struct render *render, struct request *request)
{
    *render = (struct render){
        .kind = request->kind,
        .negotiated = request->negotiated,
        .context = request->context,
        .include_object = "Metadata",
    };
    struct slice include = query_get(request->query, "includeObject");
    if (render->negotiated.as != AS_TABLE || include.size == 0)
        return 0;
    if (!slice_is(include, "None") && !slice_is(include, "Metadata") &&
        !slice_is(include, "Object"))
        return status_fail(&request->status, STATUS_BAD_REQUEST,
                           "unrecognized includeObject value: %s",
                           field_value_text(&request->arena, include));
    render->include_object = arena_copy_slice(&request->arena, include);
    return 0;
}

static const char *api_version(struct arena *arena, const struct kind *kind)
{
    return *kind->group ? arena_format(arena, "%s/%s", kind->group, kind->version) : kind->version;
}

int render_tree(const struct render *render, const struct object *object, struct json **tree,
                struct status *status)
{
    struct arena *arena = render->context.arena;
    *tree = object_tree(arena, object, status);
    if (!*tree)
        return -1;
    if (!render->kind->from_stored)
        return 0;
    if (render->kind->from_stored(&render->context, *tree, status))
        return -1;
    json_set_text(arena, *tree, "apiVersion", api_version(arena, render->kind));
    json_set_text(arena, *tree, "kind", render->kind->kind);
    return 0;
}

static bool is_straight(const struct render *render)
{
    return render->negotiated.as == AS_IS && !render->kind->from_stored;
}

static struct json *partial_object(struct arena *arena, const struct json *tree)
{
    struct json *partial = json_new_object(arena);
    json_set_text(arena, partial, "kind", "PartialObjectMetadata");
    json_set_text(arena, partial, "apiVersion", "meta.k8s.io/v1");
    json_set(arena, partial, "metadata", json_copy(arena, json_get(tree, "metadata")));
    return partial;
}

static void append_row(const struct render *render, const struct json *tree, struct buffer *text)
{
    struct arena *arena = render->context.arena;
    buffer_append_text(text, "{\"cells\":");
    column_append_cells(render->kind, &render->context, tree, text);
    if (strcmp(render->include_object, "Object") == 0) {
        buffer_append_text(text, ",\"object\":");
        json_print(tree, text);
    } else if (strcmp(render->include_object, "Metadata") == 0) {
        buffer_append_text(text, ",\"object\":");
        json_print(partial_object(arena, tree), text);
    }
    buffer_append_byte(text, '}');
}

int render_item(const struct render *render, const struct object *object, struct buffer *text,
                struct status *status)
{
    if (is_straight(render)) {
        object_append_json(object, text);
        return 0;
    }
    struct json *tree;
    if (render_tree(render, object, &tree, status))
        return -1;
    if (render->negotiated.as == AS_TABLE)
        append_row(render, tree, text);
    else if (render->negotiated.as == AS_PARTIAL || render->negotiated.as == AS_PARTIAL_LIST)
        json_print(partial_object(render->context.arena, tree), text);
    else
        json_print(tree, text);
    return 0;
}

static void append_definitions(const struct kind *kind, struct buffer *text)
{
    const struct kind_column *columns = column_all(kind);
    for (const struct kind_column *column = columns; column->name; column++) {
        buffer_append_text(text, column == columns ? "{\"name\":" : ",{\"name\":");
        json_print_string(slice_of(column->name), text);
        buffer_format(text, ",\"type\":\"%s\",\"format\":\"%s\",\"description\":", column->type,
                      column->format);
        json_print_string(slice_of(column->doc), text);
        buffer_format(text, ",\"priority\":%d}", column->priority);
    }
}

static void append_table_start(const struct render *render, const struct render_list *list,
                               struct buffer *text)
{
    buffer_append_text(text, "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":");
    buffer_format(text, "{\"resourceVersion\":\"%lld\"", (long long)list->revision);
    if (list->next_page)
        buffer_format(text, ",\"continue\":\"%s\"", list->next_page);
    if (list->remaining >= 0)
        buffer_format(text, ",\"remainingItemCount\":%lld", (long long)list->remaining);
    buffer_append_text(text, "},\"columnDefinitions\":");
    buffer_append_byte(text, '[');
    if (!render->skips_columns)
        append_definitions(render->kind, text);
    buffer_append_text(text, "],\"rows\":[");
}

void render_list_start(const struct render *render, const struct render_list *list,
                       struct buffer *text)
{
    if (render->negotiated.as == AS_TABLE) {
        append_table_start(render, list, text);
        return;
    }
    if (render->negotiated.as == AS_PARTIAL_LIST)
        buffer_append_text(text, "{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":"
                                 "\"meta.k8s.io/v1\",\"metadata\":");
    else
        buffer_format(text, "{\"kind\":\"%sList\",\"apiVersion\":\"%s%s%s\",\"metadata\":",
                      render->kind->kind, render->kind->group, *render->kind->group ? "/" : "",
                      render->kind->version);
    buffer_format(text, "{\"resourceVersion\":\"%lld\"", (long long)list->revision);
    if (list->next_page)
        buffer_format(text, ",\"continue\":\"%s\"", list->next_page);
    if (list->remaining >= 0)
        buffer_format(text, ",\"remainingItemCount\":%lld", (long long)list->remaining);
    buffer_append_text(text, "},\"items\":[");
}

void render_list_end(const struct render *render, struct buffer *text)
{
    (void)render;
    buffer_append_text(text, "]}");
}

int render_object(const struct render *render, const struct object *object, struct buffer *text,
                  struct status *status)
{
    if (render->negotiated.as != AS_TABLE)
        return render_item(render, object, text, status);
    struct render_list list = {.revision = object->revision, .remaining = -1};
    render_list_start(render, &list, text);
    if (render_item(render, object, text, status))
        return -1;
    render_list_end(render, text);
    return 0;
}

static void make_pretty(const struct json *tree, struct buffer *text)
{
    buffer_clear(text);
    json_print_pretty(tree, 2, text);
}

static void make_protobuf(const struct render *render, const struct json *tree, struct buffer *text)
{
    struct json *items = json_get(tree, "items");
    buffer_clear(text);
    if (!items || schema_field(render->kind->schema, SLICE("items"))) {
        protobuf_encode(render->kind->schema, tree, text);
        return;
    }
    struct buffer message = {0};
    protobuf_append_list_meta(json_get(tree, "metadata"), &message);
    JSON_EACH(item, items)
        protobuf_append_list_item(render->kind->schema, item, &message);
    protobuf_append_envelope(json_string(json_get(tree, "apiVersion")),
                             json_string(json_get(tree, "kind")), buffer_slice(&message), text);
    buffer_release(&message);
}

int render_finish(const struct render *render, struct buffer *text, const char **content_type,
                  struct status *status)
{
    enum media media = render->negotiated.media;
    /* A Table exists in JSON only; one who asks for it may not get another form. */
    if (render->negotiated.as != AS_IS)
        media = MEDIA_JSON;
    *content_type = "application/json";
    if (media == MEDIA_JSON && !render->negotiated.is_pretty)
        return 0;
    struct json *tree = json_parse(render->context.arena, buffer_slice(text), NULL, status);
    if (!tree)
        return -1;
    if (media == MEDIA_JSON) {
        make_pretty(tree, text);
    } else if (media == MEDIA_YAML) {
        *content_type = "application/yaml";
        buffer_clear(text);
        struct kyaml_options options = {.sort_keys = true};
        if (kyaml_print_document(tree, &options, text))
            return status_fail(status, STATUS_REQUEST_ENTITY_TOO_LARGE,
                               "the reply is too large as YAML");
    } else {
        *content_type = PROTOBUF_MEDIA_TYPE;
        make_protobuf(render, tree, text);
    }
    return 0;
}
