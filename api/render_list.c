/* Lists, in every form, item by item.
 *
 * A list of 150,000 objects is never one text or one tree here. Its frame is printed once with no
 * items in it and cut in two where they belong; then each item is printed as it stands in that
 * place. So the bytes are those of the whole list printed at once, and memory is that of a piece.
 * Only protobuf comes whole: its envelope begins with the size of what is in it. */
#include "api/render.h"

#include "core/kinds/column.h"
#include "core/kinds/protobuf.h"
#include "core/kyaml.h"

enum { INDENT = 2, PRETTY_ITEM_LEVEL = 2, KYAML_ITEM_LEVEL = 1 };

enum form { COMPACT, PRETTY, KYAML, PROTOBUF };

static enum form form_of(const struct render *render)
{
    switch (render_media(render)) {
    case MEDIA_YAML: return KYAML;
    case MEDIA_PROTOBUF: return PROTOBUF;
    default: return render->negotiated.is_pretty ? PRETTY : COMPACT;
    }
}

bool render_list_is_whole(const struct render *render)
{
    return form_of(render) == PROTOBUF;
}

/* --- The frame --- */

static void add_definitions(struct arena *arena, const struct render *render, struct json *table)
{
    struct json *all = json_set(arena, table, "columnDefinitions", json_new_array(arena));
    if (render->skips_columns)
        return;
    for (const struct kind_column *column = column_all(render->kind); column->name; column++) {
        struct json *one = json_new_object(arena);
        json_set_text(arena, one, "name", column->name);
        json_set_text(arena, one, "type", column->type);
        json_set_text(arena, one, "format", column->format);
        json_set_text(arena, one, "description", column->doc);
        json_set_int(arena, one, "priority", column->priority);
        json_append(all, one);
    }
}

static void add_names(struct arena *arena, const struct render *render, struct json *frame)
{
    const struct kind *kind = render->kind;
    if (render->negotiated.as == AS_TABLE || render->negotiated.as == AS_PARTIAL_LIST) {
        bool is_table = render->negotiated.as == AS_TABLE;
        json_set_text(arena, frame, "kind", is_table ? "Table" : "PartialObjectMetadataList");
        json_set_text(arena, frame, "apiVersion", "meta.k8s.io/v1");
        return;
    }
    json_set_text(arena, frame, "kind", arena_format(arena, "%sList", kind->kind));
    json_set_text(arena, frame, "apiVersion", kind_api_version(arena, kind));
}

static struct json *frame_tree(struct arena *arena, const struct render *render,
                               const struct render_list *list)
{
    struct json *frame = json_new_object(arena);
    add_names(arena, render, frame);
    struct json *metadata = json_ensure_object(arena, frame, "metadata");
    json_set_text(arena, metadata, "resourceVersion",
                  arena_format(arena, "%lld", (long long)list->revision));
    if (list->next_page)
        json_set_text(arena, metadata, "continue", list->next_page);
    if (list->remaining >= 0)
        json_set_int(arena, metadata, "remainingItemCount", list->remaining);
    if (render->negotiated.as == AS_TABLE)
        add_definitions(arena, render, frame);
    json_set(arena, frame, render->negotiated.as == AS_TABLE ? "rows" : "items",
             json_new_array(arena));
    return frame;
}

/* Appends a tree as it stands at the level of a list's items, or as the list itself. */
static int append_tree(const struct render *render, const struct json *tree, bool is_item,
                       struct buffer *text, struct status *status)
{
    struct kyaml_options options = {.sort_keys = true, .indent = is_item ? KYAML_ITEM_LEVEL : 0};
    switch (form_of(render)) {
    case COMPACT: json_print(tree, text); return 0;
    case PRETTY:
        json_print_pretty_at(tree, INDENT, is_item ? PRETTY_ITEM_LEVEL : 0, text);
        return 0;
    case KYAML:
        if (kyaml_print(tree, &options, text) == 0)
            return 0;
        return status_fail(status, STATUS_REQUEST_ENTITY_TOO_LARGE,
                           "the reply is too large as YAML");
    case PROTOBUF: protobuf_append_list_item(render->kind->schema, tree, text); return 0;
    }
    return 0;
}

/* Where the items stand: behind the bracket of the one empty array of the frame. Nothing before
 * it is chosen by a client but for base64. */
static size_t place_of_items(const struct render *render, struct slice text)
{
    static const char *const names[][2] = {
        [COMPACT] = {"\"items\":[", "\"rows\":["},
        [PRETTY] = {"\"items\": [", "\"rows\": ["},
        [KYAML] = {"items: [", "rows: ["},
        [PROTOBUF] = {"", ""}, /* Has no such frame. */
    };
    const char *name = names[form_of(render)][render->negotiated.as == AS_TABLE];
    const char *at = memmem(text.data, text.size, name, strlen(name));
    PRE(at != NULL);
    return (size_t)(at - text.data) + strlen(name);
}

void render_list_open(const struct render *render, struct arena *arena,
                      const struct render_list *list, struct render_frame *frame)
{
    struct json *tree = frame_tree(arena, render, list);
    struct buffer text = {0};
    struct status status;
    status_init(&status);
    if (form_of(render) == PROTOBUF) {
        protobuf_append_list_meta(json_get(tree, "metadata"), &text);
        frame->head = (struct slice){arena_copy_slice(arena, buffer_slice(&text)), text.size};
        frame->tail = (struct slice){0};
        buffer_release(&text);
        return;
    }
    if (form_of(render) == KYAML)
        buffer_append_text(&text, "---\n");
    int failed = append_tree(render, tree, false, &text, &status);
    PRE(!failed);
    if (form_of(render) == KYAML)
        buffer_append_byte(&text, '\n');
    size_t place = place_of_items(render, buffer_slice(&text));
    const char *copy = arena_copy_slice(arena, buffer_slice(&text));
    frame->head = (struct slice){copy, place};
    frame->tail = (struct slice){copy + place, text.size - place};
    buffer_release(&text);
}

/* --- Items --- */

static void append_before(enum form form, bool is_first, struct buffer *text)
{
    switch (form) {
    case COMPACT: buffer_append_text(text, is_first ? "" : ","); return;
    case PRETTY: buffer_append_text(text, is_first ? "\n    " : ",\n    "); return;
    case KYAML: buffer_append_text(text, is_first ? "" : ", "); return;
    case PROTOBUF: return;
    }
}

/* The item as JSON, read again: a row of a Table is made as text. */
static int item_tree(const struct render *render, const struct object *object, struct json **tree,
                     struct status *status)
{
    if (render->negotiated.as == AS_IS)
        return render_tree(render, object, tree, status);
    struct buffer row = {0};
    int failed = render_item(render, object, &row, status);
    if (!failed) {
        *tree = json_parse(render->context.arena, buffer_slice(&row), NULL, status);
        failed = *tree ? 0 : -1;
    }
    buffer_release(&row);
    return failed;
}

int render_list_item(const struct render *render, const struct object *object, bool is_first,
                     struct buffer *text, struct status *status)
{
    struct json *tree;
    append_before(form_of(render), is_first, text);
    if (form_of(render) == COMPACT)
        return render_item(render, object, text, status);
    return item_tree(render, object, &tree, status) || append_tree(render, tree, true, text, status)
               ? -1
               : 0;
}

void render_list_close(const struct render *render, const struct render_frame *frame, bool is_empty,
                       struct buffer *text)
{
    if (form_of(render) == PROTOBUF) {
        struct arena *arena = render->context.arena;
        struct buffer whole = {0};
        protobuf_append_envelope(slice_of(kind_api_version(arena, render->kind)),
                                 slice_of(arena_format(arena, "%sList", render->kind->kind)),
                                 buffer_slice(text), &whole);
        buffer_release(text);
        *text = whole;
        return;
    }
    if (form_of(render) == PRETTY && !is_empty)
        buffer_append_text(text, "\n  ");
    buffer_append_slice(text, frame->tail);
}
