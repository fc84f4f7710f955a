/* Objects with every field that their tables have: nothing of them may get lost.
 *
 * They are made from the tables, so a new field is tested as soon as it is there. */
#include "core/kinds/meta.h"
#include "core/kinds/protobuf.h"
#include "core/kinds/registry.h"
#include "core/kinds/strategy.h"
#include "tests/unit/kind_fixture.h"

#define DEPTH_MAX 24 /* Of groups in groups; no other built-in type nests as deep. */

/* --- An object with everything --- */

static struct json *make_object(struct arena *arena, const struct schema_type *type, int depth);

/* A text that no default and no rule for another field takes away. */
static const char *text_of(const struct schema_field *field)
{
    if (field->enums)
        return field->enums[0];
    return strcmp(field->name, "sessionAffinity") == 0 ? "ClientIP" : "text";
}
static struct json *make_value(struct arena *arena, const struct schema_field *field, int depth)
{
    struct json *object;
    switch ((enum field_type)field->type) {
    case TYPE_STRING: return json_new_text(arena, text_of(field));
    case TYPE_BOOL: return json_new_bool(arena, true);
    case TYPE_INT32:
    case TYPE_INT64:
    case TYPE_INT_OR_STRING:
    case TYPE_DOUBLE: return json_new_int(arena, 7);
    case TYPE_BYTES: return json_new_text(arena, "eA==");
    case TYPE_QUANTITY: return json_new_text(arena, "1");
    case TYPE_TIME: return json_new_text(arena, "2026-01-02T03:04:05Z");
    case TYPE_MICRO_TIME: return json_new_text(arena, "2026-01-02T03:04:05.000000Z");
    case TYPE_DURATION: return json_new_text(arena, "1s");
    case TYPE_ANY:
    case TYPE_FIELDS_V1:
        object = json_new_object(arena);
        json_set_int(arena, object, "a", 1);
        return object;
    case TYPE_OBJECT: return make_object(arena, field->object, depth);
    }
    return NULL;
}
static struct json *make_repeated(struct arena *arena, const struct schema_field *field, int depth)
{
    const struct schema_field *wrapped = schema_wrapped_list(field);
    struct json *value =
        wrapped ? make_repeated(arena, wrapped, depth) : make_value(arena, field, depth);
    struct json *all;
    if (field->repeat == REPEAT_ONE)
        return value;
    all = field->repeat == REPEAT_LIST ? json_new_array(arena) : json_new_object(arena);
    if (field->repeat == REPEAT_LIST)
        json_append(all, value);
    else
        json_set(arena, all, "key", value);
    return all;
}
static void fill(struct arena *arena, const struct schema_type *type, struct json *object,
                 int depth)
{
    for (size_t i = 0; depth < DEPTH_MAX && i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        if (field->flags & FIELD_IS_INLINE)
            fill(arena, field->object, object, depth + 1);
        else
            json_set(arena, object, field->name, make_repeated(arena, field, depth + 1));
    }
}
static struct json *make_object(struct arena *arena, const struct schema_type *type, int depth)
{
    struct json *object = json_new_object(arena);
    fill(arena, type, object, depth);
    return object;
}
static struct json *make_kind(struct arena *arena, const struct kind *kind)
{
    struct json *object = make_object(arena, kind->schema, 0);
    json_set_text(arena, object, "apiVersion",
                  kind->group[0] ? arena_format(arena, "%s/%s", kind->group, kind->version)
                                 : kind->version);
    json_set_text(arena, object, "kind", kind->kind);
    return object;
}

/* --- Is all of it there? --- */

/* Where something of part is not in whole; "" when all is. */
static const char *find_lost(struct arena *arena, const struct json *part, const struct json *whole,
                             const char *path)
{
    if (!whole)
        return path;
    if (!json_is(part, JSON_OBJECT) && !json_is(part, JSON_ARRAY))
        return json_equal(part, whole) ? "" : path;
    const struct json *other = json_first(whole);
    JSON_EACH(member, part) {
        const struct json *same =
            json_is(part, JSON_OBJECT) ? json_get_slice(whole, json_key(member)) : other;
        const char *at = json_is(part, JSON_OBJECT) ? arena_format(arena, "%s." SLICE_FORMAT, path,
                                                                   SLICE_ARGS(json_key(member)))
                                                    : path;
        const char *lost = find_lost(arena, member, same, at);
        if (lost[0])
            return lost;
        other = json_next(other);
    }
    return "";
}

/* What a kind means to change: stringData is put into data. */
static void change_as_meant(struct arena *arena, const struct kind *kind, struct json *object)
{
    if (strcmp(kind->kind, "Secret") != 0)
        return;
    json_remove(object, "stringData");
    json_set_text(arena, json_get(object, "data"), "key", "dGV4dA==");
}

/* Types inside an object are no part of a message. */
static void change_for_protobuf(const struct kind *kind, struct json *object)
{
    struct json *options = json_get(object, "deleteOptions");
    if (strcmp(kind->kind, "Eviction") != 0)
        return;
    json_remove(options, "apiVersion");
    json_remove(options, "kind");
}

static void check_kind(const struct kind *kind)
{
    struct kind_fixture f;
    struct schema_warning *unknown;
    struct buffer body = {0};
    struct json *back;
    kind_fixture_init(&f, kind);
    struct json *object = make_kind(&f.arena, kind), *before = json_copy(&f.arena, object);

    EXPECT_EQ(schema_decode(kind->schema, &f.arena, object, &unknown, &f.status), 0);
    EXPECT_TEXT(unknown ? unknown->text : "", "");
    EXPECT_TEXT(find_lost(&f.arena, before, object, kind->kind), "");
    EXPECT(json_equal(object, before));

    protobuf_encode(kind->schema, object, &body);
    EXPECT_EQ(protobuf_decode(kind->schema, &f.arena, buffer_slice(&body), &back, &f.status), 0);
    change_for_protobuf(kind, before);
    EXPECT_TEXT(find_lost(&f.arena, before, back, kind->kind), "");

    change_as_meant(&f.arena, kind, before);
    strategy_set_defaults(kind, &f.context, object);
    EXPECT_TEXT(find_lost(&f.arena, before, object, kind->kind), "");
    buffer_release(&body);
    kind_fixture_release(&f);
}

TEST("an object with every field goes through decoding, protobuf and defaults and loses nothing")
{
    struct registry *registry = registry_create_built_in();
    for (size_t i = 0; i < registry_count(registry); i++)
        check_kind(registry_at(registry, i));
    registry_destroy(registry);
}

TEST("what is turned into the stored shape and back is what it was")
{
    struct registry *registry = registry_create_built_in();
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct kind *kind = registry_at(registry, i);
        struct kind_fixture f;
        if (!kind->stored_as)
            continue;
        kind_fixture_init(&f, kind);
        struct json *object = make_kind(&f.arena, kind), *before = json_copy(&f.arena, object);
        EXPECT_EQ(kind->to_stored(&f.context, object, NULL, &f.status), 0);
        EXPECT_EQ(kind->from_stored(&f.context, object, &f.status), 0);
        EXPECT_TEXT(find_lost(&f.arena, before, object, kind->kind), "");
        EXPECT_TEXT(find_lost(&f.arena, object, before, kind->kind), "");
        kind_fixture_release(&f);
    }
    registry_destroy(registry);
}
