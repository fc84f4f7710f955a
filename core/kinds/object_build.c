/* The body is printed member by member, so that the place behind the brace of
 * metadata (the splice) is known without reading the text again. */
#include "core/kinds/object_build.h"

#include <stdlib.h>

#include "core/kinds/meta.h"
#include "core/kinds/view.h"

/* Growing to these in small steps would cost more than the room. */
enum { VIEW_USUAL_SIZE = 512, BODY_USUAL_SIZE = 4096 };

/* --- Key --- */

void object_build_key(const struct kind *kind, struct slice namespace, struct slice name,
                      struct buffer *key)
{
    const struct kind *stored = kind->stored_as ? kind->stored_as : kind;
    key_append(key, stored->group, stored->resource,
               stored->namespaced ? namespace : (struct slice){NULL, 0}, name);
}

/* --- View --- */

static int compare_members(const void *a, const void *b)
{
    return slice_compare(json_key(*(struct json *const *)a), json_key(*(struct json *const *)b));
}

/* Labels in order of key, so that a search can end early. */
static void append_labels(const struct json *labels, struct buffer *view)
{
    struct json *few[16], **all = few;
    size_t count = 0, total = json_count(labels);
    struct buffer entry = {0};
    if (total > ARRAY_SIZE(few))
        all = mem_alloc(total * sizeof(struct json *));
    JSON_EACH(label, labels)
        all[count++] = label;
    qsort(all, count, sizeof(struct json *), compare_members);
    for (size_t i = 0; i < count; i++) {
        buffer_clear(&entry);
        buffer_append_slice(&entry, json_key(all[i]));
        buffer_append_byte(&entry, '\0');
        buffer_append_slice(&entry, json_string(all[i]));
        view_append(view, VIEW_LABEL, buffer_slice(&entry));
    }
    buffer_release(&entry);
    if (all != few)
        mem_free(all);
}

/* Texts end at a NUL, which separates the parts; a name that holds one is cut there. */
static void append_owner(const struct json *owner, struct buffer *view)
{
    static const char *const parts[] = {"apiVersion", "kind", "name"};
    struct buffer entry = {0};
    buffer_append_text(&entry, json_text(json_get(owner, "uid")));
    buffer_append_byte(&entry, '\0');
    if (json_bool(json_get(owner, "controller")))
        buffer_append_byte(&entry, 'c');
    if (json_bool(json_get(owner, "blockOwnerDeletion")))
        buffer_append_byte(&entry, 'b');
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        buffer_append_byte(&entry, '\0');
        buffer_append_text(&entry, json_text(json_get(owner, parts[i])));
    }
    view_append(view, VIEW_OWNER, buffer_slice(&entry));
    buffer_release(&entry);
}

/* The text of a scalar: booleans and numbers as they print, absent ones empty. */
static void append_scalar(const struct json *value, struct buffer *text)
{
    if (json_is(value, JSON_STRING))
        buffer_append_slice(text, json_string(value));
    else if (json_is(value, JSON_BOOL))
        buffer_append_text(text, json_bool(value) ? "true" : "false");
    else
        buffer_append_slice(text, json_number(value));
}

static void append_fields(const struct kind *kind, const struct json *tree, struct buffer *view)
{
    struct buffer text = {0};
    for (size_t i = 0; kind->fields && kind->fields[i].path; i++) {
        PRE(VIEW_FIELD + i <= UINT8_MAX);
        buffer_clear(&text);
        if (kind->fields[i].value)
            kind->fields[i].value(tree, &text);
        else
            append_scalar(json_at(tree, kind->fields[i].path), &text);
        view_append(view, (uint8_t)(VIEW_FIELD + i), buffer_slice(&text));
    }
    buffer_release(&text);
}

static void append_facts(const struct kind *kind, const struct json *tree, struct buffer *view)
{
    struct buffer facts = {0};
    if (!kind->facts)
        return;
    kind->facts(tree, &facts);
    view_append(view, VIEW_FACTS, buffer_slice(&facts));
    buffer_release(&facts);
}

void object_build_view(const struct kind *kind, const struct json *tree, struct buffer *view)
{
    const struct json *metadata = json_get(tree, "metadata");
    int64_t when;
    if (meta_uid(tree).size > 0)
        view_append(view, VIEW_UID, meta_uid(tree));
    if (meta_created(tree, &when))
        view_append_int(view, VIEW_CREATED, when);
    if (meta_deleted(tree, &when))
        view_append_int(view, VIEW_DELETED, when);
    if (meta_generation(tree) != 0)
        view_append_int(view, VIEW_GENERATION, meta_generation(tree));
    append_labels(json_get(metadata, "labels"), view);
    JSON_EACH(owner, json_get(metadata, "ownerReferences"))
        append_owner(owner, view);
    JSON_EACH(finalizer, json_get(metadata, "finalizers"))
        view_append(view, VIEW_FINALIZER, json_string(finalizer));
    append_facts(kind, tree, view);
    append_fields(kind, tree, view);
}

/* --- Body --- */

static void append_key(struct buffer *body, const struct json *member)
{
    json_print_string(json_key(member), body);
    buffer_append_byte(body, ':');
}

/* Prints all members but managedFields; gives the place behind the brace. */
static size_t append_metadata(const struct json *metadata, struct buffer *body)
{
    size_t splice = body->size + 1;
    char before = '{';
    JSON_EACH(member, metadata) {
        if (slice_is(json_key(member), "managedFields"))
            continue;
        buffer_append_byte(body, before);
        append_key(body, member);
        json_print(member, body);
        before = ',';
    }
    PRE(before == ','); /* It has a name at least. */
    buffer_append_byte(body, '}');
    return splice;
}

static size_t append_body(const struct json *tree, struct buffer *body)
{
    size_t splice = 0;
    char before = '{';
    JSON_EACH(member, tree) {
        buffer_append_byte(body, before);
        append_key(body, member);
        if (slice_is(json_key(member), "metadata"))
            splice = append_metadata(member, body);
        else
            json_print(member, body);
        before = ',';
    }
    PRE(splice > 0);
    buffer_append_byte(body, '}');
    return splice;
}

struct object *object_build_managed(const struct kind *kind, struct arena *arena, struct json *tree,
                                    struct slice managed, int64_t revision)
{
    struct buffer key = {0}, view = {0}, body = {0};
    const struct kind *stored = kind->stored_as ? kind->stored_as : kind;
    meta_set_revision(arena, tree, revision);
    buffer_reserve(&view, VIEW_USUAL_SIZE);
    buffer_reserve(&body, BODY_USUAL_SIZE);
    object_build_key(kind, meta_namespace(tree), meta_name(tree), &key);
    object_build_view(stored, tree, &view);
    size_t splice = append_body(tree, &body);
    PRE(splice <= UINT32_MAX && body.size <= UINT32_MAX);
    struct object *object = object_create(buffer_slice(&key), revision, buffer_slice(&view),
                                          buffer_slice(&body), (uint32_t)splice, managed);
    buffer_release(&key);
    buffer_release(&view);
    buffer_release(&body);
    return object;
}

struct object *object_build(const struct kind *kind, struct arena *arena, struct json *tree,
                            int64_t revision)
{
    struct buffer managed = {0};
    const struct json *fields = json_at(tree, "metadata.managedFields");
    if (json_first(fields))
        json_print(fields, &managed);
    struct object *object =
        object_build_managed(kind, arena, tree, buffer_slice(&managed), revision);
    buffer_release(&managed);
    return object;
}

struct json *object_tree(struct arena *arena, const struct object *object, struct status *status)
{
    struct buffer text = {0};
    if (object_managed(object).size == 0)
        return json_parse(arena, object_body(object), NULL, status);
    buffer_reserve(&text, object_json_size(object));
    object_append_json(object, &text);
    struct json *tree = json_parse(arena, buffer_slice(&text), NULL, status);
    buffer_release(&text);
    return tree;
}
