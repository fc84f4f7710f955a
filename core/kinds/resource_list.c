/* See resource_list.h. */
#include "core/kinds/resource_list.h"

#include "core/kinds/name.h"

void resource_list_release(struct resource_list *list)
{
    if (list->items != list->in_place)
        mem_free(list->items);
    list->items = NULL;
    list->count = list->capacity = 0;
}

struct quantity *resource_list_get(struct resource_list *list, struct slice name)
{
    for (size_t i = 0; i < list->count; i++)
        if (slice_equal(list->items[i].name, name))
            return &list->items[i].amount;
    return NULL;
}

static void grow(struct resource_list *list)
{
    if (list->capacity == 0) {
        list->items = list->in_place;
        list->capacity = RESOURCE_LIST_IN_PLACE;
        return;
    }
    size_t capacity = list->capacity * 2;
    struct resource_amount *items = mem_alloc(capacity * sizeof(*items));
    memcpy(items, list->items, list->count * sizeof(*items));
    if (list->items != list->in_place)
        mem_free(list->items);
    list->items = items;
    list->capacity = capacity;
}

void resource_list_set(struct resource_list *list, struct slice name,
                       const struct quantity *amount)
{
    struct quantity *present = resource_list_get(list, name);
    if (present) {
        *present = *amount;
        return;
    }
    if (list->count == list->capacity)
        grow(list);
    list->items[list->count++] = (struct resource_amount){name, *amount};
}

static void add_one(struct resource_list *list, struct slice name, const struct quantity *amount)
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
    JSON_EACH (member, json)
        if (quantity_from_json(member, &amount))
            add_one(list, json_key(member), &amount);
}
void resource_list_max_json(struct resource_list *list, const struct json *json)
{
    struct quantity amount;
    JSON_EACH (member, json)
        if (quantity_from_json(member, &amount))
            max_one(list, json_key(member), &amount);
}
void resource_list_add(struct resource_list *list, const struct resource_list *more)
{
    for (size_t i = 0; i < more->count; i++)
        add_one(list, more->items[i].name, &more->items[i].amount);
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
    static const char *const names[] = {"persistentvolumeclaims", "pods", "resourcequotas",
                                        "services", "replicationcontrollers", "secrets",
                                        "configmaps", "services.nodeports",
                                        "services.loadbalancers", NULL};
    for (size_t i = 0; names[i]; i++)
        if (slice_is(name, names[i]))
            return true;
    return resource_is_extended(name);
}
