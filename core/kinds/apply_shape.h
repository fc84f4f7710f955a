/* How server-side apply sees a schema: what merges, what is one piece, and by which
 * steps (core/kinds/fieldset.h) one gets to the parts. Pure. */
#ifndef CORE_KINDS_APPLY_SHAPE_H
#define CORE_KINDS_APPLY_SHAPE_H

#include "core/arena.h"
#include "core/json.h"
#include "core/kinds/schema.h"

enum shape_kind {
    SHAPE_SCALAR,
    SHAPE_ATOMIC, /* A list, map or struct that is replaced as a whole. */
    SHAPE_STRUCT, /* Members by the fields of .type. */
    SHAPE_MAP,    /* Members by any name, each an item of .field. */
    SHAPE_SET,    /* Items by their values. */
    SHAPE_KEYED,  /* Items by the keys of .field. */
};

struct shape {
    enum shape_kind kind;
    bool is_whole;                    /* The list or map of .field, not one value of it. */
    const struct schema_field *field; /* NULL at the root. */
    const struct schema_type *type;   /* Of a struct. */
};

struct shape shape_of_type(const struct schema_type *type);
struct shape shape_of_field(const struct schema_field *field);
/* Of what is in a map, set or keyed list. */
struct shape shape_of_item(const struct shape *shape);
/* Of a member of a struct or map; false when the schema does not have it. */
bool shape_of_member(const struct shape *shape, struct slice name, struct shape *member);

static inline bool shape_is_map(const struct shape *shape)
{
    return shape->kind == SHAPE_STRUCT || shape->kind == SHAPE_MAP;
}
static inline bool shape_is_list(const struct shape *shape)
{
    return shape->kind == SHAPE_SET || shape->kind == SHAPE_KEYED;
}

/* An item of a set or keyed list, found by its step. */
struct shape_item {
    struct json *value;
    struct slice text;         /* Of its step: "x", {"name":"web"} */
    const struct json **keys;  /* The values in it, by name of the key; NULL where absent. */
    size_t key_count;
    size_t index; /* In the list. */
};
struct shape_items {
    struct shape_item *items;
    size_t count;
    char step; /* 'k' or 'v' */
};
/* The items in order of the list. What has no step (an item without any key) is left out;
 * *wrong, if given, is then what upstream says about the first: "element 0: ...". */
struct shape_items shape_items_of(const struct shape *shape, struct arena *arena,
                                  const struct json *list, const char **wrong);
/* By step, and items of one step in order of the list. */
void shape_items_sort(struct shape_items *items);
/* The order of the steps of two items of one shape; 0 when both stand for one. */
int shape_item_compare(const struct shape_item *a, const struct shape_item *b);

#endif
