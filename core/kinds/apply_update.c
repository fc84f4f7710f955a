/* Ownership after a write that states the whole object: what it changed is its
 * author's now. This runs on every write, so a create by one author is one walk
 * of the object and one print. */
#include "core/clock.h"
#include "core/kinds/apply_write.h"

static const char *const never_owned[] = {
    "apiVersion",
    "kind",
    "metadata",
    "metadata.name",
    "metadata.namespace",
    "metadata.creationTimestamp",
    "metadata.selfLink",
    "metadata.uid",
    "metadata.clusterName",
    "metadata.generation",
    "metadata.managedFields",
    "metadata.resourceVersion",
};

/* Unlinks members of the never owned names from the children of node; prefix is what
 * stands before their names. node is ours alone. */
static void strip_children(struct arena *arena, struct fieldset *node, const char *prefix)
{
    struct fieldset kept = {.kind = node->kind};
    size_t prefix_size = strlen(prefix);
    for (const struct fieldset *child = node->first; child; child = child->next) {
        struct fieldset stripped = *child;
        for (size_t i = 0; child->kind == 'f' && i < ARRAY_SIZE(never_owned); i++)
            if (strncmp(never_owned[i], prefix, prefix_size) == 0 &&
                slice_is(child->text, never_owned[i] + prefix_size))
                stripped.is_member = false;
        fieldset_append(arena, &kept, &stripped);
    }
    node->first = kept.first;
    node->last = kept.last;
}

struct fieldset *apply_strip(struct arena *arena, const struct fieldset *set)
{
    struct fieldset *stripped = ARENA_NEW(arena, struct fieldset);
    for (const struct fieldset *child = set->first; child; child = child->next) {
        struct fieldset node = *child;
        if (child->kind == 'f' && slice_is(child->text, "metadata"))
            strip_children(arena, &node, "metadata.");
        fieldset_append(arena, stripped, &node);
    }
    strip_children(arena, stripped, "");
    return stripped;
}

struct fieldset *apply_without_reset(const struct apply_writer *writer, struct arena *arena,
                                     struct fieldset *set)
{
    struct fieldset reset = {.kind = 0};
    for (const char *const *path = writer->reset_fields; path && *path; path++)
        fieldset_add_path(arena, &reset, *path);
    return reset.first ? fieldset_difference_below(arena, set, &reset) : set;
}

struct managed_entry apply_entry(const struct apply_writer *writer, struct arena *arena,
                                 bool is_applied)
{
    bool has_manager = writer->manager && writer->manager[0];
    char *time = arena_alloc(arena, TIME_TEXT_SIZE);
    time_format(writer->now_us, time);
    return (struct managed_entry){
        .manager = slice_of(has_manager ? writer->manager : "unknown"),
        .api_version = slice_of(writer->api_version),
        .subresource = slice_of(writer->subresource),
        .time = slice_of(time),
        .is_applied = is_applied,
    };
}

bool apply_read_live(struct managed_fields *managed, struct slice live)
{
    struct status status = {0};
    struct json *list =
        live.size > 0 ? json_parse(managed->arena, live, NULL, &status) : NULL;
    bool good = list && managed_fields_read(managed, list) == 0;
    status_release(&status);
    return good;
}

void apply_take(const struct apply_writer *writer, struct managed_fields *managed,
                const struct apply_change *change)
{
    struct arena *arena = managed->arena;
    struct fieldset *taken = fieldset_union(arena, change->changed, change->removed);
    for (size_t i = 0; taken->first && i < managed->count; i++)
        managed->entries[i].set = fieldset_difference(arena, managed->entries[i].set, taken);
    managed_fields_drop_empty(managed);
    struct managed_entry entry = apply_entry(writer, arena, false);
    entry.set = apply_strip(arena, change->changed);
    struct managed_entry *before = managed_fields_find(managed, &entry);
    if (entry.set->first == NULL)
        return;
    if (before) {
        entry.set = fieldset_union(arena, entry.set, before->set);
        *before = entry;
    } else {
        (void)managed_fields_add(managed, &entry);
    }
}

/* [] and [{}] ask to forget all entries. */
static bool asks_to_forget(const struct json *sent)
{
    const struct json *only = json_first(sent);
    return json_is(sent, JSON_ARRAY) &&
           (only == NULL || (json_count(sent) == 1 && json_is(only, JSON_OBJECT) &&
                             json_count(only) == 0));
}

/* The entries that a write starts from: the live ones, unless its body has others. Gives
 * true when they are just the live text. */
static bool start_entries(const struct apply_writer *writer, const struct json *sent,
                          struct slice live, struct managed_fields *managed)
{
    bool is_subresource = writer->subresource && writer->subresource[0];
    if (!is_subresource && asks_to_forget(sent))
        return false;
    if (!is_subresource && sent && managed_fields_read(managed, sent) == 0 && managed->count > 0)
        return false;
    return apply_read_live(managed, live);
}

void apply_update_managed_fields(const struct apply_writer *writer, struct arena *arena,
                                 const struct json *old, struct json *object, struct slice live,
                                 struct buffer *text)
{
    struct managed_fields managed;
    struct json *metadata = json_get(object, "metadata");
    const struct json *sent = json_get(metadata, "managedFields");
    managed_fields_init(&managed, arena);
    bool is_live = start_entries(writer, sent, live, &managed);
    (void)json_remove(metadata, "managedFields");
    if (managed.count == 0 && old) /* Nobody tracks it, so nobody begins to. */
        return;
    struct apply_change change = apply_compare(arena, writer->type, old, object, false);
    change.changed = apply_without_reset(writer, arena, change.changed);
    change.removed = apply_without_reset(writer, arena, change.removed);
    if (is_live && change.changed->first == NULL && change.removed->first == NULL) {
        buffer_append_slice(text, live);
        return;
    }
    apply_take(writer, &managed, &change);
    managed_fields_cap(&managed, APPLY_UPDATE_MANAGERS_MAX);
    managed_fields_print(&managed, text);
}
