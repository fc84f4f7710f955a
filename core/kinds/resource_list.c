/* See resource_list.h. */
#include "core/kinds/resource_list.h"

#include "core/kinds/name.h"

void resource_list_release(struct resource_list *list)
{
    if (list->items != list->in_place) {
        mem_free(list->items);
        map_release(&list->places);
    }
    list->items = NULL;
    list->count = list->capacity = 0;
}

static bool is_indexed(const struct resource_list *list)
{
    return list->capacity > RESOURCE_LIST_IN_PLACE;
}

struct quantity *resource_list_get(struct resource_list *list, struct slice name)
{
    if (is_indexed(list)) {
        uintptr_t place = (uintptr_t)map_get(&list->places, name);
        return place > 0 ? &list->items[place - 1].amount : NULL;
    }
    for (size_t i = 0; i < list->count; i++)
        if (slice_equal(list->items[i].name, name))
            return &list->items[i].amount;
    return NULL;
}

static void index_item(struct resource_list *list, size_t index)
{
    map_set(&list->places, list->items[index].name, (void *)(uintptr_t)(index + 1));
}
static void grow(struct resource_list *list)
{
    bool was_in_place = list->capacity == RESOURCE_LIST_IN_PLACE;
    if (list->capacity == 0) {
        list->items = list->in_place;
        list->capacity = RESOURCE_LIST_IN_PLACE;
        return;
    }
    list->capacity *= 2;
    list->items =
        mem_resize(was_in_place ? NULL : list->items, list->capacity * sizeof(*list->items));
    if (!was_in_place)
        return;
    memcpy(list->items, list->in_place, sizeof list->in_place);
    map_init_borrowing(&list->places);
    for (size_t i = 0; i < list->count; i++)
        index_item(list, i);
}

void resource_list_set(struct resource_list *list, struct slice name, const struct quantity *amount)
{
    struct quantity *present = resource_list_get(list, name);
    if (present) {
        *present = *amount;
        return;
    }
    if (list->count == list->capacity)
        grow(list);
    list->items[list->count++] = (struct resource_amount){name, *amount};
    if (is_indexed(list))
        index_item(list, list->count - 1);
}

void resource_list_add_one(struct resource_list *list, struct slice name,
                           const struct quantity *amount)
{
    struct quantity *present = resource_list_get(list, name);
    if (present)
        quantity_add(present, amount);
    else
        resource_list_set(list, name, amount);
}
static void max_one(struct resource_list *list, struct slice name, const struct quantity *amount)
{
    struct quantity *present = resource_list_get(list, name);
    if (!present || quantity_compare(present, amount) < 0)
        resource_list_set(list, name, amount);
}

void resource_list_add_json(struct resource_list *list, const struct json *json)
{
    struct quantity amount;
    JSON_EACH(member, json)
        if (quantity_from_json(member, &amount))
            resource_list_add_one(list, json_key(member), &amount);
}
void resource_list_max_json(struct resource_list *list, const struct json *json)
{
    struct quantity amount;
    JSON_EACH(member, json)
        if (quantity_from_json(member, &amount))
            max_one(list, json_key(member), &amount);
}
void resource_list_add(struct resource_list *list, const struct resource_list *more)
{
    for (size_t i = 0; i < more->count; i++)
        resource_list_add_one(list, more->items[i].name, &more->items[i].amount);
}
void resource_list_max(struct resource_list *list, const struct resource_list *other)
{
    for (size_t i = 0; i < other->count; i++)
        max_one(list, other->items[i].name, &other->items[i].amount);
}

/* --- Names --- */

static bool contains(struct slice text, struct slice part)
{
    for (size_t i = 0; i + part.size <= text.size; i++)
        if (memcmp(text.data + i, part.data, part.size) == 0)
            return true;
    return false;
}

bool resource_is_huge_page(struct slice name)
{
    return slice_starts_with(name, SLICE("hugepages-"));
}
bool resource_is_native(struct slice name)
{
    return slice_find(name, '/') < 0 || contains(name, SLICE("kubernetes.io/"));
}
bool resource_is_extended(struct slice name)
{
    if (resource_is_native(name) || slice_starts_with(name, SLICE("requests.")))
        return false;
    /* Quotas put "requests." before the name, which must fit then too. */
    struct buffer quota_name = {0};
    buffer_append_text(&quota_name, "requests.");
    buffer_append_slice(&quota_name, name);
    bool fits = name_is(buffer_slice(&quota_name), name_check_qualified);
    buffer_release(&quota_name);
    return fits;
}
bool resource_is_overcommittable(struct slice name)
{
    return resource_is_native(name) && !resource_is_huge_page(name);
}
bool resource_is_whole(struct slice name)
{
    static const char *const names[] = {
        "persistentvolumeclaims", "pods",    "resourcequotas", "services",
        "replicationcontrollers", "secrets", "configmaps",     "services.nodeports",
        "services.loadbalancers", NULL};
    for (size_t i = 0; names[i]; i++)
        if (slice_is(name, names[i]))
            return true;
    return resource_is_extended(name);
}
