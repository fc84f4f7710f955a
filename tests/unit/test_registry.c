/* core/kinds/registry */
#include "core/kinds/registry.h"
#include "core/kinds/view.h"

#include "tests/harness/test.h"

static const struct kind event_v1 = {
    .group = "", .version = "v1", .kind = "Event", .resource = "events", .namespaced = true};
static const struct kind event_new = {.group = "events.example.com",
                                      .version = "v1",
                                      .kind = "Event",
                                      .resource = "events",
                                      .namespaced = true,
                                      .stored_as = &event_v1};
static const struct kind gang_v1 = {
    .group = "b.example.com", .version = "v1", .kind = "Gang", .resource = "gangs"};
static const struct kind gang_alpha = {.group = "b.example.com",
                                       .version = "v1alpha1",
                                       .kind = "Gang",
                                       .resource = "gangs",
                                       .stored_as = &gang_v1};
static const struct kind gang_beta = {.group = "b.example.com",
                                      .version = "v1beta1",
                                      .kind = "Gang",
                                      .resource = "gangs",
                                      .stored_as = &gang_v1};
static const struct kind body = {
    .group = "b.example.com", .version = "v1", .kind = "GangOptions", .is_unserved = true};
static const struct kind other_body = {
    .group = "b.example.com", .version = "v1", .kind = "GangScale", .is_unserved = true};

static int compare(const char *a, const char *b)
{
    return version_compare(slice_of(a), slice_of(b));
}

TEST("versions: stable before beta before alpha, higher first, others last by text")
{
    const char *const ordered[] = {"v10",      "v2",      "v1",        "v0",        "v11beta2",
                                   "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1",
                                   "foo10",    "v1beta",  "v1x"};
    for (size_t i = 0; i < ARRAY_SIZE(ordered); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(ordered); j++) {
            int order = compare(ordered[i], ordered[j]);
            EXPECT_EQ((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

TEST("kinds are found by resource, by kind and by the key of what is stored")
{
    struct registry *registry = registry_create();
    const struct kind *const all[] = {&gang_alpha, &event_new, &gang_v1,  &body,
                                      &other_body, &event_v1,  &gang_beta};
    for (size_t i = 0; i < ARRAY_SIZE(all); i++)
        registry_add(registry, all[i]);
    EXPECT(registry_by_resource(registry, SLICE(""), SLICE("v1"), SLICE("events")) == &event_v1);
    EXPECT(registry_by_resource(registry, SLICE("events.example.com"), SLICE("v1"),
                                SLICE("events")) == &event_new);
    EXPECT(!registry_by_resource(registry, SLICE(""), SLICE("v2"), SLICE("events")));
    EXPECT(!registry_by_resource(registry, SLICE(""), SLICE("v1/events"), SLICE("")));
    EXPECT(registry_by_kind(registry, SLICE("b.example.com"), SLICE("v1"), SLICE("GangOptions")) ==
           &body);
    EXPECT(registry_by_key(registry, SLICE("/events/default/x")) == &event_v1);
    EXPECT(registry_by_key(registry, SLICE("b.example.com/gangs/x")) == &gang_v1);
    EXPECT(!registry_by_key(registry, SLICE("events.example.com/events/default/x")));
    registry_destroy(registry);
}

TEST("kinds stand in order of group, version and resource")
{
    struct registry *registry = registry_create();
    registry_add(registry, &gang_alpha);
    registry_add(registry, &event_new);
    registry_add(registry, &gang_v1);
    registry_add(registry, &gang_beta);
    registry_add(registry, &event_v1);
    EXPECT_EQ(registry_count(registry), 5);
    EXPECT(registry_at(registry, 0) == &event_v1);
    EXPECT(registry_at(registry, 1) == &gang_v1);
    EXPECT(registry_at(registry, 2) == &gang_beta);
    EXPECT(registry_at(registry, 3) == &gang_alpha);
    EXPECT(registry_at(registry, 4) == &event_new);
    EXPECT_DIES(registry_at(registry, 5));
    EXPECT_DIES(registry_add(registry, &gang_v1));
    registry_destroy(registry);
}

/* --- What must hold for every built-in table --- */

static void check_field(const struct schema_type *type, const struct schema_field *field)
{
    bool is_inline = field->flags & FIELD_IS_INLINE;
    bool is_wrapped = type->field_count == 1 && field->repeat == REPEAT_LIST && !field->name[0];
    EXPECT_EQ(field->name_hash, schema_name_hash(slice_of(field->name)));
    EXPECT_EQ(is_inline || is_wrapped, field->name[0] == '\0');
    EXPECT_EQ(field->type == TYPE_OBJECT, field->object != NULL);
    EXPECT_EQ(field->list_type == LIST_MAP, field->keys != NULL);
    EXPECT(field->doc && (is_inline || is_wrapped || field->doc[0]));
    EXPECT(!field->merge_key || field->flags & FIELD_IS_MERGED);
    EXPECT(field->list_type == LIST_ATOMIC || field->repeat == REPEAT_LIST);
    EXPECT(!field->enums || field->type == TYPE_STRING);
    if (field->merge_key)
        EXPECT(schema_field(field->object, slice_of(field->merge_key)));
    for (const char *const *key = field->keys; key && *key; key++)
        EXPECT(schema_field(field->object, slice_of(*key)));
    for (size_t i = 0; i < type->field_count; i++) {
        const struct schema_field *other = &type->fields[i];
        EXPECT(other == field || is_inline || strcmp(other->name, field->name) != 0);
        EXPECT(other == field || field->number == 0 || other->number != field->number);
    }
}

static void check_type(const struct schema_type *type, int depth)
{
    EXPECT(type->name && type->package && type->doc);
    for (size_t i = 0; i < type->field_count; i++) {
        check_field(type, &type->fields[i]);
        if (type->fields[i].object && type->fields[i].object != type && depth < 12)
            check_type(type->fields[i].object, depth + 1);
    }
}

TEST_LIMIT(60, "the built-in kinds and their tables hold together")
{
    struct registry *registry = registry_create_built_in();
    EXPECT(registry_count(registry) > 0);
    for (size_t i = 0; i < registry_count(registry); i++) {
        const struct kind *kind = registry_at(registry, i);
        EXPECT(kind->group && kind->version && kind->kind && kind->schema);
        EXPECT(kind->is_unserved || (kind->resource && kind->singular));
        EXPECT(!kind->stored_as || (kind->to_stored && kind->from_stored));
        check_type(kind->schema, 0);
    }
    registry_destroy(registry);
}

TEST("a view is made anew from the body by the row of its key")
{
    struct registry *registry = registry_create_built_in();
    struct buffer view = {0};
    struct slice facts;
    struct slice stored =
        SLICE("{\"metadata\":{\"uid\":\"u\"},\"spec\":{\"clusterIPs\":[\"10.96.0.1\"]}}");
    EXPECT_EQ(registry_remake_view(registry, SLICE("/services/default/a"), stored, &view), 0);
    EXPECT(view_find(buffer_slice(&view), VIEW_FACTS, &facts));
    EXPECT_EQ(registry_remake_view(registry, SLICE("/nothings/default/a"), stored, &view), -1);
    EXPECT_EQ(registry_remake_view(registry, SLICE("/services/default/a"), SLICE("{"), &view), -1);
    buffer_release(&view);
    registry_destroy(registry);
}
