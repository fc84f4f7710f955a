#include "kubelet-lite/node_shape.h"

#include "core/kinds/quantity.h"
#include "core/kinds/resource_list.h"

static int refuse(struct status *status, struct slice part, const char *why)
{
    return status_fail(status, STATUS_BAD_REQUEST, "node shape: \"" SLICE_FORMAT "\": %s",
                       SLICE_ARGS(part), why);
}

static int add_part(struct arena *arena, struct slice part, struct json *shape,
                    struct status *status)
{
    struct slice rest = part;
    struct slice name;
    struct quantity amount;
    char text[QUANTITY_TEXT_SIZE];
    slice_split(&rest, '=', &name);
    name = slice_trim(name);
    rest = slice_trim(rest);
    if (name.size == 0 || rest.size == 0)
        return refuse(status, part, "must be NAME=AMOUNT");
    enum quantity_error error = quantity_parse(rest, &amount);
    if (error != QUANTITY_OK)
        return refuse(status, part, quantity_error_text(error));
    if (quantity_sign(&amount) < 0)
        return refuse(status, part, "must not be negative");
    if (json_get_slice(shape, name))
        return refuse(status, part, "is named twice");
    if (resource_is_whole(name) && quantity_millis(&amount) % 1000 != 0)
        return refuse(status, part, "comes in whole units");
    quantity_print(&amount, text);
    json_set_slice(arena, shape, name, json_new_text(arena, text));
    return 0;
}

static void add_missing(struct arena *arena, struct json *shape)
{
    static const char *const needed[][2] = {
        {"cpu", "32"}, {"memory", "256Gi"}, {"ephemeral-storage", "1Ti"}, {"pods", "110"}};
    for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
        if (!json_get(shape, needed[i][0]))
            json_set_text(arena, shape, needed[i][0], needed[i][1]);
}

struct json *node_shape_parse(struct arena *arena, const char *text, struct status *status)
{
    struct json *shape = json_new_object(arena);
    struct slice rest = slice_of(text ? text : NODE_SHAPE_DEFAULT);
    struct slice part;
    if (rest.size == 0)
        rest.data = NULL;
    while (slice_split(&rest, ',', &part))
        if (add_part(arena, slice_trim(part), shape, status))
            return NULL;
    add_missing(arena, shape);
    return shape;
}
