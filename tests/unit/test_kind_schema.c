/* The tables against an independent description: upstream's generated.proto and types.go files.
 *
 * CORACLE_TYPES names the folders that hold them at their places (core/v1/generated.proto and so
 * on), with a colon between: tools/run-tests fetches the modules k8s.io/api and
 * k8s.io/apimachinery of the release and sets it. */
#include <stdio.h>
#include <stdlib.h>

#include "core/kinds/registry.h"
#include "core/kinds/schema.h"
#include "core/map.h"
#include "tests/harness/test.h"

static const char *type_word(const struct schema_field *field)
{
    static const char *const words[] = {
        [TYPE_STRING] = "string",     [TYPE_BOOL] = "bool",
        [TYPE_INT32] = "int32",       [TYPE_INT64] = "int64",
        [TYPE_DOUBLE] = "double",     [TYPE_BYTES] = "bytes",
        [TYPE_QUANTITY] = "Quantity", [TYPE_INT_OR_STRING] = "IntOrString",
        [TYPE_TIME] = "Time",         [TYPE_MICRO_TIME] = "MicroTime",
        [TYPE_DURATION] = "Duration", [TYPE_ANY] = "RawExtension",
        [TYPE_FIELDS_V1] = "FieldsV1",
    };
    if (field->type == TYPE_OBJECT)
        return field->object->name;
    return field->type < ARRAY_SIZE(words) && words[field->type] ? words[field->type] : "other";
}

/* How patches and server-side apply merge it: STRATEGY KEY LIST KEYS, "-" for none. */
static void dump_merging(const struct schema_field *field, FILE *file)
{
    static const char *const list_types[] = {
        [LIST_ATOMIC] = "atomic", [LIST_SET] = "set", [LIST_MAP] = "map"};
    const char *merge = field->flags & FIELD_IS_MERGED     ? "merge"
                        : field->flags & FIELD_IS_REPLACED ? "replace"
                                                           : "";
    bool retains = field->flags & FIELD_RETAINS_KEYS;
    fprintf(file, " %s%s%s %s %s ", merge, *merge && retains ? "," : "",
            retains  ? "retainKeys"
            : *merge ? ""
                     : "-",
            field->merge_key ? field->merge_key : "-",
            field->repeat == REPEAT_LIST ? list_types[field->list_type] : "-");
    for (size_t i = 0; field->keys && field->keys[i]; i++)
        fprintf(file, "%s%s", i > 0 ? "," : "", field->keys[i]);
    fprintf(file, "%s\n", field->keys ? "" : "-");
}
/* PACKAGE TYPE NUMBER NAME REPEAT TYPE and the above, a field a line; an inline field has the name
 * "-". */
static void dump_type(const struct schema_type *type, struct map *seen, FILE *file)
{
    static const char *const repeats[] = {"one", "list", "map"};
    char key[512];
    snprintf(key, sizeof key, "%s.%s", type->package, type->name);
    if (map_set(seen, slice_of(key), (void *)(uintptr_t)type))
        return;
    fprintf(file, "%s %s 0 - type - - - - -\n", type->package, type->name);
    for (size_t i = 0; i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        if (field->number > 0) {
            fprintf(file, "%s %s %d %s %s %s", type->package, type->name, field->number,
                    field->name[0] ? field->name : "-", repeats[field->repeat], type_word(field));
            dump_merging(field, file);
        }
        if (field->type == TYPE_OBJECT)
            dump_type(field->object, seen, file);
    }
}
static void dump_all(const char *path)
{
    struct registry *registry = registry_create_built_in();
    struct map seen;
    FILE *file = fopen(path, "w");
    map_init(&seen);
    EXPECT(file != NULL);
    for (size_t i = 0; i < registry_count(registry); i++)
        dump_type(registry_at(registry, i)->schema, &seen, file);
    fclose(file);
    map_release(&seen);
    registry_destroy(registry);
}

TEST("every field has the name, the type, the number and the merging that upstream gives it")
{
    char path[1024], command[4096];
    const char *types = getenv("CORACLE_TYPES"), *data = getenv("CORACLE_DATA");
    if (!types)
        SKIP("CORACLE_TYPES names no folders with upstream's types");
    snprintf(path, sizeof path, "%s/dump", test_folder());
    dump_all(path);
    snprintf(command, sizeof command, "python3 '%s/kinds/compare_types.py' '%s' '%s'",
             data ? data : "tests", path, types);
    EXPECT_EQ(system(command), 0);
}

/* --- What needs nobody else --- */

static void check_type(const struct schema_type *type, struct map *seen)
{
    uint64_t numbers[4] = {0};
    char key[512];
    snprintf(key, sizeof key, "%s.%s", type->package, type->name);
    const struct schema_type *other = map_set(seen, slice_of(key), (void *)(uintptr_t)type);
    EXPECT(!other || other == type); /* A name means one type. */
    if (other)
        return;
    EXPECT(type->doc[0] != '\0');
    for (size_t i = 0; i < type->field_count; i++) {
        const struct schema_field *field = &type->fields[i];
        EXPECT(field->number < 256);
        EXPECT(field->number == 0 || !(numbers[field->number / 64] >> field->number % 64 & 1));
        numbers[field->number / 64] |= (uint64_t)1 << field->number % 64;
        EXPECT((field->type == TYPE_OBJECT) == (field->object != NULL));
        EXPECT((field->flags & FIELD_IS_INLINE) != 0 || field->doc[0] != '\0');
        EXPECT(field->name[0] == '\0' || schema_field(type, slice_of(field->name)) == field);
        EXPECT((field->list_type == LIST_MAP) == (field->keys != NULL));
        for (const char *const *name = field->keys; name && *name; name++)
            EXPECT(schema_field(field->object, slice_of(*name)) != NULL);
        EXPECT(!field->merge_key || schema_field(field->object, slice_of(field->merge_key)));
        if (field->object)
            check_type(field->object, seen);
    }
}
TEST("tables are whole: numbers are unique, keys exist, everything has a line of its own")
{
    struct registry *registry = registry_create_built_in();
    struct map seen;
    map_init(&seen);
    for (size_t i = 0; i < registry_count(registry); i++)
        check_type(registry_at(registry, i)->schema, &seen);
    map_release(&seen);
    registry_destroy(registry);
}
