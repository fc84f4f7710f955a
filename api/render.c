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

const char *kind_api_version(struct arena *arena, const struct kind *kind)
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
    json_set_text(arena, *tree, "apiVersion", kind_api_version(arena, render->kind));
    json_set_text(arena, *tree, "kind", render->kind->kind);
    return 0;
}

static bool is_copied(const struct render *render)
{
    return render->negotiated.as == AS_IS && !render->kind->from_stored;
}

bool render_is_straight(const struct render *render)
{
    return is_copied(render) && render->negotiated.media == MEDIA_JSON &&
           !render->negotiated.is_pretty;
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
    if (is_copied(render)) {
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

int render_object(const struct render *render, const struct object *object, struct buffer *text,
                  struct status *status)
{
    if (render->negotiated.as != AS_TABLE)
        return render_item(render, object, text, status);
    struct render_list list = {.revision = object->revision, .remaining = -1};
    struct render_frame frame;
    struct render compact = *render; /* render_finish() makes it pretty. */
    compact.negotiated.is_pretty = false;
    render_list_open(&compact, render->context.arena, &list, &frame);
    buffer_append_slice(text, frame.head);
    if (render_list_item(&compact, object, true, text, status))
        return -1;
    render_list_close(&compact, &frame, false, text);
    return 0;
}

/* A Table exists in JSON only; one who asks for it may not get another form. */
enum media render_media(const struct render *render)
{
    return render->negotiated.as == AS_IS ? render->negotiated.media : MEDIA_JSON;
}

const char *render_content_type(const struct render *render)
{
    switch (render_media(render)) {
    case MEDIA_YAML: return "application/yaml";
    case MEDIA_PROTOBUF: return PROTOBUF_MEDIA_TYPE;
    default: return "application/json";
    }
}

int render_finish(const struct render *render, struct buffer *text, const char **content_type,
                  struct status *status)
{
    enum media media = render_media(render);
    *content_type = render_content_type(render);
    if (media == MEDIA_JSON && !render->negotiated.is_pretty)
        return 0;
    struct json *tree = json_parse(render->context.arena, buffer_slice(text), NULL, status);
    if (!tree)
        return -1;
    buffer_clear(text);
    struct kyaml_options options = {.sort_keys = true};
    if (media == MEDIA_JSON)
        json_print_pretty(tree, 2, text);
    else if (media == MEDIA_PROTOBUF)
        protobuf_encode(render->kind->schema, tree, text);
    else if (kyaml_print_document(tree, &options, text))
        return status_fail(status, STATUS_REQUEST_ENTITY_TOO_LARGE,
                           "the reply is too large as YAML");
    return 0;
}
