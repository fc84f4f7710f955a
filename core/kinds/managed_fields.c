/* Entries of metadata.managedFields. */
#include "core/kinds/managed_fields.h"

#include <stdlib.h>

#include "core/clock.h"

static const struct slice ancient_changes = {"ancient-changes", 15};

void managed_fields_init(struct managed_fields *managed, struct arena *arena)
{
    *managed = (struct managed_fields){.arena = arena};
}

/* --- Entries --- */

static bool is_same(const struct managed_entry *a, const struct managed_entry *b)
{
    return a->is_applied == b->is_applied && slice_equal(a->manager, b->manager) &&
           slice_equal(a->subresource, b->subresource) &&
           (a->is_applied || slice_equal(a->api_version, b->api_version));
}

struct managed_entry *managed_fields_find(const struct managed_fields *managed,
                                          const struct managed_entry *like)
{
    for (size_t i = 0; i < managed->count; i++)
        if (is_same(&managed->entries[i], like))
            return &managed->entries[i];
    return NULL;
}

struct managed_entry *managed_fields_add(struct managed_fields *managed,
                                         const struct managed_entry *entry)
{
    if (managed->count == managed->capacity) {
        struct managed_entry *before = managed->entries;
        managed->capacity = managed->capacity * 2 + 4;
        managed->entries = ARENA_ARRAY(managed->arena, struct managed_entry, managed->capacity);
        if (managed->count > 0)
            memcpy(managed->entries, before, managed->count * sizeof(*before));
    }
    managed->entries[managed->count] = *entry;
    return &managed->entries[managed->count++];
}

void managed_fields_remove(struct managed_fields *managed, struct managed_entry *entry)
{
    size_t behind = (size_t)(managed->entries + managed->count - (entry + 1));
    memmove(entry, entry + 1, behind * sizeof(*entry));
    managed->count--;
}

void managed_fields_drop_empty(struct managed_fields *managed)
{
    size_t kept = 0;
    for (size_t i = 0; i < managed->count; i++)
        if (managed->entries[i].set->first)
            managed->entries[kept++] = managed->entries[i];
    managed->count = kept;
}

/* --- Reading --- */

static int read_entry(struct arena *arena, const struct json *json, bool is_ours,
                      struct managed_entry *entry)
{
    struct slice operation = json_string(json_get(json, "operation"));
    const struct json *fields = json_get(json, "fieldsV1");
    *entry = (struct managed_entry){
        .manager = json_string(json_get(json, "manager")),
        .api_version = json_string(json_get(json, "apiVersion")),
        .subresource = json_string(json_get(json, "subresource")),
        .time = json_string(json_get(json, "time")),
        .is_applied = slice_is(operation, "Apply"),
    };
    if (!entry->is_applied && !slice_is(operation, "Update"))
        return -1;
    if (entry->api_version.size == 0 ||
        !slice_is(json_string(json_get(json, "fieldsType")), "FieldsV1"))
        return -1;
    entry->set = fields ? fieldset_read(arena, fields, is_ours) : ARENA_NEW(arena, struct fieldset);
    return entry->set ? 0 : -1;
}

int managed_fields_read(struct managed_fields *managed, const struct json *list, bool is_ours)
{
    managed->count = 0;
    if (!json_is(list, JSON_ARRAY))
        return -1;
    JSON_EACH(item, list) {
        struct managed_entry entry;
        if (read_entry(managed->arena, item, is_ours, &entry)) {
            managed->count = 0;
            return -1;
        }
        struct managed_entry *same = managed_fields_find(managed, &entry);
        if (same)
            *same = entry;
        else
            (void)managed_fields_add(managed, &entry);
    }
    return 0;
}

/* --- Order --- */

static int64_t seconds_of(const struct managed_entry *entry)
{
    int64_t us;
    return time_parse(entry->time, &us) ? us / 1000000 : 0;
}

static int compare_times(const struct managed_entry *a, const struct managed_entry *b)
{
    int64_t x = seconds_of(a);
    int64_t y = seconds_of(b);
    return (x > y) - (x < y);
}

int managed_entry_compare(const struct managed_entry *a, const struct managed_entry *b)
{
    int order = slice_compare(a->manager, b->manager);
    if (order == 0)
        order = (int)b->is_applied - (int)a->is_applied;
    if (order == 0 && !a->is_applied)
        order = slice_compare(a->api_version, b->api_version);
    return order != 0 ? order : slice_compare(a->subresource, b->subresource);
}

static int by_print_order(const void *a, const void *b)
{
    const struct managed_entry *x = a;
    const struct managed_entry *y = b;
    int order = (int)y->is_applied - (int)x->is_applied;
    if (order == 0)
        order = compare_times(x, y);
    if (order == 0)
        order = slice_compare(x->manager, y->manager);
    if (order == 0)
        order = slice_compare(x->api_version, y->api_version);
    return order != 0 ? order : slice_compare(x->subresource, y->subresource);
}

static int by_age(const void *a, const void *b)
{
    const struct managed_entry *x = a;
    const struct managed_entry *y = b;
    if (x->is_applied != y->is_applied) /* Appliers are not in question: to the end. */
        return (int)x->is_applied - (int)y->is_applied;
    int order = compare_times(x, y);
    return order != 0 ? order : managed_entry_compare(x, y);
}

/* --- Cap --- */

static size_t count_updaters(const struct managed_fields *managed)
{
    size_t count = 0;
    for (size_t i = 0; i < managed->count; i++)
        count += !managed->entries[i].is_applied;
    return count;
}

/* The first of its version among those that were looked at. */
static size_t first_of_version(const struct managed_fields *managed, size_t i)
{
    for (size_t at = 0; at < i; at++)
        if (!managed->entries[at].is_applied &&
            slice_equal(managed->entries[at].api_version, managed->entries[i].api_version))
            return at;
    return i;
}

/* The oldest entry of a version becomes its bucket, and the next ones go into it. An
 * "ancient-changes" of before takes them in, if it is among them or not. */
void managed_fields_cap(struct managed_fields *managed, size_t max)
{
    size_t updaters = count_updaters(managed);
    if (updaters <= max)
        return;
    qsort(managed->entries, managed->count, sizeof(*managed->entries), by_age);
    for (size_t i = 0; i < managed->count && updaters > max; i++) {
        struct managed_entry *entry = &managed->entries[i];
        struct managed_entry like = {.manager = ancient_changes, .api_version = entry->api_version};
        size_t first = first_of_version(managed, i);
        if (entry->is_applied || first == i || is_same(entry, &like))
            continue;
        struct managed_entry *bucket = managed_fields_find(managed, &like);
        if (bucket == NULL) {
            bucket = &managed->entries[first];
            bucket->manager = ancient_changes;
            bucket->subresource = (struct slice){NULL, 0};
        }
        bucket->set = fieldset_union(managed->arena, entry->set, bucket->set);
        bucket->time = entry->time; /* The more recent one. */
        managed_fields_remove(managed, entry);
        updaters--;
        i--;
    }
}

/* --- Printing --- */

static void print_member(const char *before, struct slice value, struct buffer *text)
{
    buffer_append_text(text, before);
    json_print_string(value, text);
}

/* In the order in which Go has the fields. */
static void print_entry(const struct managed_entry *entry, struct buffer *text)
{
    print_member("{\"manager\":", entry->manager, text);
    buffer_append_text(text, entry->is_applied ? ",\"operation\":\"Apply\""
                                               : ",\"operation\":\"Update\"");
    print_member(",\"apiVersion\":", entry->api_version, text);
    if (entry->time.size > 0)
        print_member(",\"time\":", entry->time, text);
    buffer_append_text(text, ",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":");
    fieldset_print(entry->set, text);
    if (entry->subresource.size > 0)
        print_member(",\"subresource\":", entry->subresource, text);
    buffer_append_byte(text, '}');
}

void managed_fields_print(struct managed_fields *managed, struct buffer *text)
{
    if (managed->count == 0)
        return;
    if (managed->count > 1)
        qsort(managed->entries, managed->count, sizeof(*managed->entries), by_print_order);
    for (size_t i = 0; i < managed->count; i++) {
        buffer_append_byte(text, i == 0 ? '[' : ',');
        print_entry(&managed->entries[i], text);
    }
    buffer_append_byte(text, ']');
}
