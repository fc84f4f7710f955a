/* JSON patches, RFC 6902, with the habits of upstream's evanphx/json-patch v4:
 * an index may count from the end (-1 is the last), "replace" of a member
 * that is absent adds it, "copy" of one gives null, and a missing value is null. */
#include "core/kinds/patch_private.h"

/* Values that one patch may step over. Lists are linked, so an index is a walk;
 * this keeps 10000 operations on a huge list from being a long silence. */
#define STEPS_MAX (20 * 1000 * 1000)

struct json_patch {
    struct arena *arena;
    struct json *root;
    size_t steps_left;
    size_t copied; /* Bytes of all "copy" so far. */
    struct status *status;
};

struct place { /* Where a pointer leads: to a member or item of parent, there or not. */
    struct json *parent;
    struct slice key;
    size_t depth; /* Of parent; the root's is 0. */
};

static int fail(const struct json_patch *patch)
{
    return patch_fail_unprocessable(patch->status);
}

static int step(struct json_patch *patch, size_t count)
{
    if (count > patch->steps_left)
        return status_fail(patch->status, STATUS_REQUEST_ENTITY_TOO_LARGE,
                           "Request entity too large: the patch steps over more than %d values",
                           STEPS_MAX);
    patch->steps_left -= count;
    return 0;
}

/* "~1" is a slash and "~0" a tilde, in one pass: "~01" is "~1". */
static struct slice unescape(struct arena *arena, struct slice token)
{
    if (slice_find(token, '~') < 0)
        return token;
    char *text = arena_alloc(arena, token.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < token.size; i++) {
        char c = token.data[i];
        char next = i + 1 < token.size ? token.data[i + 1] : '\0';
        if (c == '~' && (next == '0' || next == '1')) {
            c = next == '0' ? '~' : '/';
            i++;
        }
        text[size++] = c;
    }
    return (struct slice){text, size};
}

/* An index as Go's Atoi reads it ("+1", "01"); limit is the first that is too large. */
static int read_index(struct json_patch *patch, struct slice text, size_t limit, size_t *index)
{
    int64_t value;
    if (text.size > 1 && text.data[0] == '+' && text.data[1] != '-')
        text = slice_sub(text, 1, text.size);
    if (!slice_to_int64(text, &value))
        return fail(patch);
    if (value < 0)
        value += (int64_t)limit;
    if (value < 0 || (size_t)value >= limit)
        return fail(patch);
    *index = (size_t)value;
    return step(patch, *index);
}

/* The value at a place; NULL when it is an absent member. */
static int get(struct json_patch *patch, const struct place *place, struct json **value)
{
    size_t index;
    *value = NULL;
    if (json_is(place->parent, JSON_OBJECT)) {
        *value = json_get_slice(place->parent, place->key);
        return 0;
    }
    if (read_index(patch, place->key, json_count(place->parent), &index))
        return -1;
    *value = json_item(place->parent, index);
    return 0;
}

static bool is_container(const struct json *node)
{
    return json_is(node, JSON_OBJECT) || json_is(node, JSON_ARRAY);
}

/* Follows a pointer up to its last token. What stands before the first slash is
 * not looked at, as upstream does not; without a slash there is no place. */
static int find(struct json_patch *patch, struct slice pointer, struct place *place)
{
    struct slice token;
    struct slice rest = pointer;
    if (slice_find(pointer, '/') < 0 || !is_container(patch->root))
        return fail(patch);
    (void)slice_split(&rest, '/', &token);
    place->parent = patch->root;
    place->depth = 0;
    (void)slice_split(&rest, '/', &token);
    for (;;) {
        place->key = unescape(patch->arena, token);
        if (!slice_split(&rest, '/', &token))
            return 0;
        struct json *next;
        if (get(patch, place, &next))
            return -1;
        if (!is_container(next))
            return fail(patch);
        place->parent = next;
        place->depth++;
    }
}

/* Copies could nest a tree ever deeper; those who walk it rely on the reader's limit. */
static int check_depth(struct json_patch *patch, const struct json *value, size_t depth)
{
    if (depth >= JSON_DEPTH_MAX)
        return fail(patch);
    if (step(patch, 1))
        return -1;
    JSON_EACH(child, value)
        if (check_depth(patch, child, depth + 1))
            return -1;
    return 0;
}

/* Puts a free value at a place, before what stands there in a list. */
static int add(struct json_patch *patch, const struct place *place, struct json *value)
{
    size_t index;
    if (check_depth(patch, value, place->depth + 1))
        return -1;
    if (json_is(place->parent, JSON_OBJECT)) {
        (void)json_set_slice(patch->arena, place->parent, place->key, value);
        return 0;
    }
    if (slice_is(place->key, "-")) {
        json_append(place->parent, value);
        return 0;
    }
    if (read_index(patch, place->key, json_count(place->parent) + 1, &index))
        return -1;
    json_insert(place->parent, index, value);
    return 0;
}

static int take(struct json_patch *patch, const struct place *place, struct json **value)
{
    if (get(patch, place, value))
        return -1;
    if (*value == NULL)
        return fail(patch);
    json_detach(place->parent, *value);
    return 0;
}

/* The member of an operation as text. RFC 6902 wants it; upstream says 422 without. */
static int get_text(struct json_patch *patch, const struct json *operation, const char *name,
                    struct slice *text)
{
    const struct json *member = json_get(operation, name);
    if (!json_is(member, JSON_STRING))
        return fail(patch);
    *text = json_string(member);
    return 0;
}

static struct json *copy_value(struct json_patch *patch, const struct json *operation)
{
    const struct json *value = json_get(operation, "value");
    return value ? json_copy(patch->arena, value) : json_new_null(patch->arena);
}

static int find_named(struct json_patch *patch, const struct json *operation, const char *name,
                      struct place *place)
{
    struct slice pointer;
    return get_text(patch, operation, name, &pointer) || find(patch, pointer, place) ? -1 : 0;
}

static int apply_add(struct json_patch *patch, const struct json *operation)
{
    struct place place;
    return find_named(patch, operation, "path", &place) ||
                   add(patch, &place, copy_value(patch, operation))
               ? -1
               : 0;
}

static int apply_remove(struct json_patch *patch, const struct json *operation)
{
    struct place place;
    struct json *value;
    return find_named(patch, operation, "path", &place) || take(patch, &place, &value) ? -1 : 0;
}

static int replace_root(struct json_patch *patch, const struct json *operation)
{
    struct json *value = copy_value(patch, operation);
    if (!is_container(value))
        return fail(patch);
    patch->root = value;
    return 0;
}

static int apply_replace(struct json_patch *patch, const struct json *operation)
{
    struct slice pointer;
    struct place place;
    struct json *present;
    if (get_text(patch, operation, "path", &pointer))
        return -1;
    if (pointer.size == 0)
        return replace_root(patch, operation);
    struct json *value = copy_value(patch, operation);
    if (find(patch, pointer, &place) || get(patch, &place, &present) ||
        check_depth(patch, value, place.depth + 1))
        return -1;
    if (present)
        json_replace(place.parent, present, value);
    else
        (void)json_set_slice(patch->arena, place.parent, place.key, value);
    return 0;
}

static int apply_move(struct json_patch *patch, const struct json *operation)
{
    struct place from;
    struct place to;
    struct json *value;
    return find_named(patch, operation, "from", &from) || take(patch, &from, &value) ||
                   find_named(patch, operation, "path", &to) || add(patch, &to, value)
               ? -1
               : 0;
}

/* Counts what copies add, as printed. */
static int count_copied(struct json_patch *patch, const struct json *value)
{
    struct buffer text = {0};
    if (value)
        json_print(value, &text);
    patch->copied += text.size;
    buffer_release(&text);
    return patch->copied > PATCH_COPIED_BYTES_MAX ? fail(patch) : 0;
}

static int apply_copy(struct json_patch *patch, const struct json *operation)
{
    struct place from;
    struct place to;
    struct json *value;
    if (find_named(patch, operation, "from", &from) || get(patch, &from, &value) ||
        find_named(patch, operation, "path", &to) || count_copied(patch, value))
        return -1;
    return add(patch, &to, value ? json_copy(patch->arena, value) : json_new_null(patch->arena));
}

/* Absent and null are one here. */
static bool is_nothing(const struct json *value)
{
    return value == NULL || json_is(value, JSON_NULL);
}

static int apply_test(struct json_patch *patch, const struct json *operation)
{
    const struct json *wanted = json_get(operation, "value");
    struct json *present = patch->root;
    struct slice pointer;
    struct place place;
    if (get_text(patch, operation, "path", &pointer))
        return -1;
    if (pointer.size > 0 && (find(patch, pointer, &place) || get(patch, &place, &present)))
        return -1;
    bool holds = is_nothing(present) ? is_nothing(wanted) : json_equal(present, wanted);
    return holds ? 0 : fail(patch);
}

static const struct {
    const char *name;
    int (*apply)(struct json_patch *patch, const struct json *operation);
} operations[] = {
    {"add", apply_add},   {"remove", apply_remove}, {"replace", apply_replace},
    {"move", apply_move}, {"copy", apply_copy},     {"test", apply_test},
};

static int apply(struct json_patch *patch, const struct json *operation)
{
    struct slice name = json_string(json_get(operation, "op"));
    for (size_t i = 0; i < ARRAY_SIZE(operations); i++)
        if (slice_is(name, operations[i].name))
            return operations[i].apply(patch, operation);
    return fail(patch);
}

static int check_text(const struct json *operation, const char *name, struct status *status)
{
    const struct json *member = json_get(operation, name);
    if (member == NULL || json_is(member, JSON_NULL) || json_is(member, JSON_STRING))
        return 0;
    return status_fail(status, STATUS_BAD_REQUEST,
                       "error decoding patch: json: cannot unmarshal %s into Go struct field "
                       "jsonPatchOp.%s of type string",
                       patch_kind_text(member), name);
}

/* Shape before anything is applied. */
static int check_shape(const struct json *patch, struct status *status)
{
    if (!json_is(patch, JSON_ARRAY) && !json_is(patch, JSON_NULL))
        return status_fail(status, STATUS_BAD_REQUEST,
                           "error decoding patch: json: cannot unmarshal %s into Go value of type "
                           "[]handlers.jsonPatchOp",
                           patch_kind_text(patch));
    JSON_EACH(operation, patch) {
        if (!json_is(operation, JSON_OBJECT) && !json_is(operation, JSON_NULL))
            return status_fail(status, STATUS_BAD_REQUEST,
                               "error decoding patch: json: cannot unmarshal %s into Go value of "
                               "type handlers.jsonPatchOp",
                               patch_kind_text(operation));
        if (check_text(operation, "op", status) || check_text(operation, "path", status) ||
            check_text(operation, "from", status))
            return -1;
    }
    if (json_count(patch) > PATCH_OPERATIONS_MAX)
        return status_fail(status, STATUS_REQUEST_ENTITY_TOO_LARGE,
                           "Request entity too large: The allowed maximum operations in a JSON "
                           "patch is %d, got %zu",
                           PATCH_OPERATIONS_MAX, json_count(patch));
    return 0;
}

int patch_json(struct arena *arena, struct json **object, const struct json *patch,
               struct status *status)
{
    struct json_patch state = {
        .arena = arena,
        .root = *object,
        .steps_left = STEPS_MAX,
        .status = status,
    };
    if (check_shape(patch, status))
        return -1;
    JSON_EACH(operation, patch)
        if (apply(&state, operation))
            return -1;
    *object = state.root;
    return 0;
}
