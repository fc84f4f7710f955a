/* Merge patches, RFC 7386, as upstream's evanphx/json-patch applies them. */
#include "core/kinds/patch_private.h"

/* In what is new, null means absent too. Items of lists stay. */
static void drop_nulls(struct json *value)
{
    for (struct json *child = json_first(value), *next; child; child = next) {
        next = json_next(child);
        if (json_is(value, JSON_OBJECT) && json_is(child, JSON_NULL))
            json_detach(value, child);
        else
            drop_nulls(child);
    }
}

static void merge(struct arena *arena, struct json *object, const struct json *patch)
{
    JSON_EACH(member, patch) {
        struct slice key = json_key(member);
        struct json *present = json_get_slice(object, key);
        if (json_is(member, JSON_NULL)) {
            (void)json_remove_slice(object, key);
        } else if (json_is(member, JSON_OBJECT) && json_is(present, JSON_OBJECT)) {
            merge(arena, present, member);
        } else {
            struct json *value = json_copy(arena, member);
            drop_nulls(value);
            (void)json_set_slice(arena, object, key, value);
        }
    }
}

int patch_merge(struct arena *arena, struct json *object, const struct json *patch,
                struct status *status)
{
    if (json_is(patch, JSON_NULL))
        return status_fail(status, STATUS_BAD_REQUEST, "Invalid JSON Patch");
    if (patch_check_object(patch, "error decoding patch: ", status))
        return -1;
    merge(arena, object, patch);
    return 0;
}
