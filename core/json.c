/* JSON trees: looking at them, building and changing them. The links between nodes are
 * cJSON's; memory is the arena's, so nothing here is ever freed. */
#include "core/json.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/json_private.h"
#include "core/utf8.h"

/* Looking. */

enum json_type json_type(const struct json *node)
{
    if (node == NULL)
        return JSON_ABSENT;
    switch (node->node.type) {
    case cJSON_True:
    case cJSON_False: return JSON_BOOL;
    case cJSON_Raw: return JSON_NUMBER;
    case cJSON_String: return JSON_STRING;
    case cJSON_Array: return JSON_ARRAY;
    case cJSON_Object: return JSON_OBJECT;
    default: return JSON_NULL;
    }
}

bool json_bool(const struct json *node)
{
    return node && node->node.type == cJSON_True;
}

struct slice json_string(const struct json *node)
{
    return json_is(node, JSON_STRING) ? node_value(&node->node) : (struct slice){NULL, 0};
}

const char *json_text(const struct json *node)
{
    return json_is(node, JSON_STRING) ? node->node.valuestring : "";
}

struct slice json_number(const struct json *node)
{
    return json_is(node, JSON_NUMBER) ? node_value(&node->node) : (struct slice){NULL, 0};
}

struct json *json_get(const struct json *object, const char *key)
{
    return json_get_slice(object, slice_of(key));
}

struct json *json_get_slice(const struct json *object, struct slice key)
{
    return json_is(object, JSON_OBJECT) ? json_of(json_find(&object->node, key)) : NULL;
}

struct json *json_at(const struct json *node, const char *path)
{
    struct slice rest = slice_of(path);
    struct slice key;
    struct json *at = json_of((cJSON *)(uintptr_t)node); /* Not changed, only handed on. */
    while (at && rest.size > 0 && slice_split(&rest, '.', &key))
        at = json_get_slice(at, key);
    return at;
}

struct json *json_item(const struct json *array, size_t index)
{
    struct json *item = json_is(array, JSON_ARRAY) ? json_first(array) : NULL;
    for (; item && index > 0; index--)
        item = json_next(item);
    return item;
}

size_t json_count(const struct json *node)
{
    bool has_children = json_is(node, JSON_OBJECT) || json_is(node, JSON_ARRAY);
    return has_children ? (size_t)node->node.valueint : 0;
}

struct json *json_first(const struct json *node)
{
    return node ? json_of(node->node.child) : NULL;
}

struct json *json_next(const struct json *node)
{
    return node ? json_of(node->node.next) : NULL;
}

struct slice json_key(const struct json *node)
{
    return node && node->node.string ? node_key(&node->node) : (struct slice){NULL, 0};
}

/* Making. */

/* The number of bytes before the first that is not ASCII, rounded down. */
static size_t count_ascii(const char *text, size_t size)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    size_t i = 0;
    for (; i + 32 <= size; i += 32) {
        uint64_t all = json_load(text + i) | json_load(text + i + 8) | json_load(text + i + 16) |
                       json_load(text + i + 24);
        if (all & high)
            break;
    }
    while (i + 8 <= size && (json_load(text + i) & high) == 0)
        i += 8;
    return i;
}

/* The number of bytes before the first bad one. */
static size_t count_good(struct slice text)
{
    size_t i = 0;
    size_t taken;
    while ((i += count_ascii(text.data + i, text.size - i)) < text.size) {
        if (utf8_decode(text.data + i, text.size - i, &taken) < 0)
            break;
        i += taken;
    }
    return i;
}

struct slice json_mend(struct arena *arena, struct slice text)
{
    size_t good = text.size > 0 ? count_good(text) : 0;
    if (good == text.size)
        return text;
    char *mended = arena_alloc_raw(arena, good + (text.size - good) * 3, 1);
    memcpy(mended, text.data, good);
    char *to = mended + good;
    for (size_t i = good, taken; i < text.size; i += taken)
        to += utf8_encode(utf8_decode(text.data + i, text.size - i, &taken), to);
    return (struct slice){mended, (size_t)(to - mended)};
}

static struct json *new_node(struct arena *arena, int type)
{
    cJSON *node = arena_alloc_raw(arena, sizeof(*node), alignof(cJSON));
    *node = (cJSON){.type = type};
    return json_of(node);
}

static struct json *new_text_node(struct arena *arena, int type, struct slice text)
{
    PRE(text.size <= JSON_SIZE_MAX);
    struct json *json = new_node(arena, type);
    json->node.valuestring = arena_copy_slice(arena, text);
    json->node.valueint = (int)text.size;
    return json;
}

struct json *json_new_object(struct arena *arena)
{
    return new_node(arena, cJSON_Object);
}

struct json *json_new_array(struct arena *arena)
{
    return new_node(arena, cJSON_Array);
}

struct json *json_new_null(struct arena *arena)
{
    return new_node(arena, cJSON_NULL);
}

struct json *json_new_bool(struct arena *arena, bool value)
{
    return new_node(arena, value ? cJSON_True : cJSON_False);
}

struct json *json_new_int(struct arena *arena, int64_t value)
{
    char text[24];
    int size = snprintf(text, sizeof(text), "%lld", (long long)value);
    return json_new_number(arena, (struct slice){text, (size_t)size});
}

struct json *json_new_number(struct arena *arena, struct slice text)
{
    PRE(text.size > 0);
    return new_text_node(arena, cJSON_Raw, text);
}

struct json *json_new_string(struct arena *arena, struct slice text)
{
    return new_text_node(arena, cJSON_String, json_mend(arena, text));
}

struct json *json_new_text(struct arena *arena, const char *text)
{
    return json_new_string(arena, slice_of(text));
}

static void set_key(struct arena *arena, struct json *member, struct slice key)
{
    key = json_mend(arena, key);
    member->node.string = arena_copy_slice(arena, key);
    member->node.valuedouble = (double)key.size;
}

/* Counts and indexes what has just been linked into parent. */
static void count_child(struct arena *arena, cJSON *parent, cJSON *child)
{
    PRE(parent->valueint < INT_MAX);
    parent->valueint++;
    if (parent->type == cJSON_Object && parent->valueint > JSON_MEMBERS_SCANNED)
        json_index_add(arena, parent, child);
}

static void copy_children(struct arena *arena, cJSON *to, const struct json *from)
{
    JSON_EACH(child, from) {
        cJSON *copy = &json_copy(arena, child)->node;
        if (child->node.string) {
            copy->string = arena_copy_slice(arena, node_key(&child->node));
            copy->valuedouble = child->node.valuedouble;
        }
        (void)cJSON_AddItemToArray(to, copy);
        count_child(arena, to, copy);
    }
}

struct json *json_copy(struct arena *arena, const struct json *node)
{
    if (node == NULL)
        return NULL;
    if (json_is(node, JSON_STRING) || json_is(node, JSON_NUMBER))
        return new_text_node(arena, node->node.type, node_value(&node->node));
    struct json *copy = new_node(arena, node->node.type);
    copy_children(arena, &copy->node, node);
    return copy;
}

/* Changing. */

static bool is_free(const struct json *node)
{
    return node->node.prev == NULL && node->node.next == NULL;
}

struct json *json_set(struct arena *arena, struct json *object, const char *key, struct json *value)
{
    return json_set_slice(arena, object, slice_of(key), value);
}

/* True when a member with that key was there; value then stands in its place. */
static bool set_present(struct json *object, struct slice key, struct json *value)
{
    struct json *present = json_get_slice(object, key);
    if (present && present != value)
        json_replace(object, present, value);
    return present != NULL;
}

struct json *json_set_slice(struct arena *arena, struct json *object, struct slice key,
                            struct json *value)
{
    PRE(json_is(object, JSON_OBJECT));
    key = json_mend(arena, key); /* As the tree has it, so that it is found. */
    if (set_present(object, key, value))
        return value;
    PRE(is_free(value));
    set_key(arena, value, key);
    (void)cJSON_AddItemToArray(&object->node, &value->node);
    count_child(arena, &object->node, &value->node);
    return value;
}

struct json *json_set_first(struct arena *arena, struct json *object, const char *key,
                            struct json *value)
{
    PRE(json_is(object, JSON_OBJECT));
    if (set_present(object, slice_of(key), value))
        return value;
    PRE(is_free(value));
    set_key(arena, value, slice_of(key));
    (void)cJSON_InsertItemInArray(&object->node, 0, &value->node);
    count_child(arena, &object->node, &value->node);
    return value;
}

struct json *json_ensure_object(struct arena *arena, struct json *object, const char *key)
{
    struct json *member = json_get(object, key);
    if (json_is(member, JSON_OBJECT))
        return member;
    return json_set(arena, object, key, json_new_object(arena));
}

void json_set_text(struct arena *arena, struct json *object, const char *key, const char *text)
{
    (void)json_set(arena, object, key, json_new_text(arena, text));
}

void json_set_int(struct arena *arena, struct json *object, const char *key, int64_t value)
{
    (void)json_set(arena, object, key, json_new_int(arena, value));
}

void json_set_bool(struct arena *arena, struct json *object, const char *key, bool value)
{
    (void)json_set(arena, object, key, json_new_bool(arena, value));
}

bool json_remove(struct json *object, const char *key)
{
    return json_remove_slice(object, slice_of(key));
}

bool json_remove_slice(struct json *object, struct slice key)
{
    struct json *member = json_get_slice(object, key);
    if (member)
        json_detach(object, member);
    return member != NULL;
}

void json_unlink(cJSON *parent, cJSON *child)
{
    if (parent->type == cJSON_Object && parent->valuestring)
        json_index_remove(parent, node_key(child));
    (void)cJSON_DetachItemViaPointer(parent, child);
    parent->valueint--;
}

static void forget_key(cJSON *node)
{
    node->string = NULL;
    node->valuedouble = 0;
}

void json_detach(struct json *parent, struct json *child)
{
    PRE(child->node.prev != NULL);
    json_unlink(&parent->node, &child->node);
    forget_key(&child->node);
}

void json_append(struct json *array, struct json *value)
{
    PRE(json_is(array, JSON_ARRAY) && is_free(value));
    (void)cJSON_AddItemToArray(&array->node, &value->node);
    count_child(NULL, &array->node, &value->node);
}

void json_insert(struct json *array, size_t index, struct json *value)
{
    PRE(json_is(array, JSON_ARRAY) && is_free(value) && index <= json_count(array));
    (void)cJSON_InsertItemInArray(&array->node, (int)index, &value->node);
    count_child(NULL, &array->node, &value->node);
}

/* Not cJSON's own replace, which frees what it takes out. */
static void link_in_place(cJSON *parent, cJSON *old, cJSON *new)
{
    new->next = old->next;
    new->prev = old->prev == old ? new : old->prev;
    if (parent->child == old)
        parent->child = new;
    else
        new->prev->next = new;
    if (new->next)
        new->next->prev = new;
    else
        parent->child->prev = new;
    old->next = NULL;
    old->prev = NULL;
}

void json_replace(struct json *parent, struct json *child, struct json *value)
{
    PRE(is_free(value) && child->node.prev != NULL);
    value->node.string = child->node.string;
    value->node.valuedouble = child->node.valuedouble;
    link_in_place(&parent->node, &child->node, &value->node);
    if (json_is(parent, JSON_OBJECT) && parent->node.valuestring)
        json_index_replace(&parent->node, json_key(value), &value->node);
    forget_key(&child->node);
}

/* Comparing and sorting. */

static bool equal_objects(const struct json *a, const struct json *b)
{
    if (json_count(a) != json_count(b))
        return false;
    const struct json *guess = json_first(b); /* Mostly they stand in one order. */
    JSON_EACH(member, a) {
        struct slice key = json_key(member);
        PRE(key.data != NULL);
        bool in_order = guess && slice_equal(json_key(guess), key);
        if (!json_equal(member, in_order ? guess : json_get_slice(b, key)))
            return false;
        guess = json_next(guess);
    }
    return true;
}

static bool equal_arrays(const struct json *a, const struct json *b)
{
    a = json_first(a);
    b = json_first(b);
    for (; a && b; a = json_next(a), b = json_next(b))
        if (!json_equal(a, b))
            return false;
    return a == b;
}

bool json_equal(const struct json *a, const struct json *b)
{
    enum json_type type = json_type(a);
    if (type != json_type(b))
        return false;
    switch (type) {
    case JSON_BOOL: return json_bool(a) == json_bool(b);
    case JSON_NUMBER: return json_same_number(json_number(a), json_number(b));
    case JSON_STRING: return slice_equal(json_string(a), json_string(b));
    case JSON_ARRAY: return equal_arrays(a, b);
    case JSON_OBJECT: return equal_objects(a, b);
    default: return true;
    }
}

static int by_key(const void *a, const void *b)
{
    return slice_compare(node_key(*(cJSON *const *)a), node_key(*(cJSON *const *)b));
}

static bool is_sorted(const struct json *object)
{
    const struct json *before = NULL;
    JSON_EACH(member, object) {
        if (before && slice_compare(json_key(before), json_key(member)) > 0)
            return false;
        before = member;
    }
    return true;
}

static void sort_members(struct json *object)
{
    size_t count = json_count(object);
    cJSON **members = mem_alloc(count * sizeof(cJSON *));
    size_t n = 0;
    JSON_EACH(member, object)
        members[n++] = &member->node;
    qsort(members, count, sizeof(*members), by_key);
    object->node.child = NULL;
    for (size_t i = 0; i < count; i++) {
        members[i]->next = members[i]->prev = NULL;
        (void)cJSON_AddItemToArray(&object->node, members[i]);
    }
    mem_free(members);
}

void json_sort(struct json *node)
{
    if (json_is(node, JSON_OBJECT) && !is_sorted(node))
        sort_members(node);
    JSON_EACH(child, node)
        json_sort(child);
}
