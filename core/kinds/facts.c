/* See facts.h. */
#include "core/kinds/facts.h"

#include <stdlib.h>

/* FNV-1a (draft-eastlake-fnv), with a last mix so that every bit counts. */
uint64_t facts_hash(uint64_t hash, struct slice bytes)
{
    hash ^= 0xcbf29ce484222325u;
    for (size_t i = 0; i < bytes.size; i++)
        hash = (hash ^ (unsigned char)bytes.data[i]) * 0x100000001b3u;
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93u;
    return hash ^ hash >> 32;
}

/* --- Writing --- */

void facts_append_int(struct buffer *facts, int64_t value)
{
    buffer_append(facts, &value, sizeof value);
}
void facts_append_text(struct buffer *facts, struct slice text)
{
    PRE(text.size <= UINT32_MAX);
    uint32_t size = (uint32_t)text.size;
    buffer_append(facts, &size, sizeof size);
    buffer_append_slice(facts, text);
}

static bool stands_in_header(struct slice name)
{
    return slice_is(name, "cpu") || slice_is(name, "memory") || slice_is(name, "ephemeral-storage");
}
static int compare_amounts(const void *a, const void *b)
{
    const struct resource_amount *const *left = a, *const *right = b;
    return slice_compare((*left)->name, (*right)->name);
}
void facts_append_resources(struct buffer *facts, const struct resource_list *list)
{
    size_t count = 0;
    const struct resource_amount **sorted = mem_alloc((list->count + 1) * sizeof(*sorted));
    struct buffer bytes = {0};
    for (size_t i = 0; i < list->count; i++)
        if (!stands_in_header(list->items[i].name))
            sorted[count++] = &list->items[i];
    qsort(sorted, count, sizeof(*sorted), compare_amounts);
    for (size_t i = 0; i < count; i++) {
        facts_append_text(&bytes, sorted[i]->name);
        facts_append_int(&bytes, quantity_value(&sorted[i]->amount));
    }
    facts_append_text(facts, buffer_slice(&bytes));
    buffer_release(&bytes);
    mem_free(sorted);
}

static int compare_members(const void *a, const void *b)
{
    const struct json *const *left = a, *const *right = b;
    return slice_compare(json_key(*left), json_key(*right));
}
static void append_object(struct buffer *text, const struct json *object)
{
    size_t count = 0;
    const struct json **sorted = mem_alloc((json_count(object) + 1) * sizeof(*sorted));
    JSON_EACH(member, object)
        sorted[count++] = member;
    qsort(sorted, count, sizeof(*sorted), compare_members);
    buffer_append_byte(text, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_byte(text, ',');
        json_print_string(json_key(sorted[i]), text);
        buffer_append_byte(text, ':');
        facts_append_canonical(text, sorted[i]);
    }
    buffer_append_byte(text, '}');
    mem_free(sorted);
}
static void append_array(struct buffer *text, const struct json *array)
{
    bool is_first = true;
    buffer_append_byte(text, '[');
    JSON_EACH(item, array) {
        if (!is_first)
            buffer_append_byte(text, ',');
        facts_append_canonical(text, item);
        is_first = false;
    }
    buffer_append_byte(text, ']');
}
void facts_append_canonical(struct buffer *text, const struct json *value)
{
    if (json_is(value, JSON_OBJECT))
        append_object(text, value);
    else if (json_is(value, JSON_ARRAY))
        append_array(text, value);
    else
        json_print(value, text);
}

/* --- Reading --- */

int64_t facts_take_int(struct slice *rest)
{
    int64_t value = 0;
    if (rest->size >= sizeof value)
        memcpy(&value, rest->data, sizeof value);
    *rest = slice_sub(*rest, sizeof value, rest->size);
    return value;
}
struct slice facts_take_text(struct slice *rest)
{
    uint32_t size = 0;
    if (rest->size >= sizeof size)
        memcpy(&size, rest->data, sizeof size);
    struct slice text = slice_sub(*rest, sizeof size, sizeof size + size);
    *rest = slice_sub(*rest, sizeof size + size, rest->size);
    return text;
}
struct slice facts_take_list(struct slice *rest)
{
    return facts_take_text(rest);
}
bool facts_take_resource(struct slice *list, struct facts_resource *resource)
{
    if (list->size == 0)
        return false;
    resource->name = facts_take_text(list);
    resource->amount = facts_take_int(list);
    return true;
}
