/* Ownership after a write that states the whole object: what it changed is its
 * author's now. This runs on every write, so a create by one author is one walk
 * of the object and one print. */
#include "core/clock.h"
#include "core/kinds/apply_write.h"

/* Names that nobody owns, of the object and of its metadata. */
static const struct slice never_owned[] = {
    {"apiVersion", 10},
    {"kind", 4},
    {"metadata", 8},
};
static const struct slice never_owned_metadata[] = {
    {"name", 4},
    {"namespace", 9},
    {"creationTimestamp", 17},
    {"selfLink", 8},
    {"uid", 3},
    {"clusterName", 11},
    {"generation", 10},
    {"managedFields", 13},
    {"resourceVersion", 15},
};

static bool is_among(struct slice name, const struct slice *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(name, names[i]))
            return true;
    return false;
}

/* A copy of node, in which children of these names are no members. */
static struct fieldset strip(struct arena *arena, const struct fieldset *node,
                             const struct slice *names, size_t count)
{
    struct fieldset stripped = *node;
    stripped.first = stripped.last = NULL;
    for (const struct fieldset *child = node->first; child; child = child->next) {
        struct fieldset kept = *child;
        if (names == never_owned && slice_is(child->text, "metadata"))
            kept = strip(arena, child, never_owned_metadata, ARRAY_SIZE(never_owned_metadata));
        if (child->is_member && is_among(child->text, names, count))
            kept.is_member = false;
        fieldset_append(arena, &stripped, &kept);
    }
    return stripped;
}

struct fieldset *apply_strip(struct arena *arena, const struct fieldset *set)
{
    struct fieldset *stripped = ARENA_NEW(arena, struct fieldset);
    *stripped = strip(arena, set, never_owned, ARRAY_SIZE(never_owned));
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

static struct json *parse_list(struct arena *arena, struct slice text)
{
    struct status status = {0};
    struct json *list = text.size > 0 ? json_parse(arena, text, NULL, &status) : NULL;
    status_release(&status);
    return list;
}

void apply_read_live(struct managed_fields *managed, struct slice live)
{
    struct json *list = parse_list(managed->arena, live);
    if (list && managed_fields_read(managed, list, true))
        managed->count = 0;
}

void apply_take(const struct apply_writer *writer, struct managed_fields *managed,
                const struct apply_change *change)
{
    struct arena *arena = managed->arena;
    const struct fieldset *taken = change->changed;
    if (change->removed->first && managed->count > 0)
        taken = fieldset_union(arena, taken, change->removed);
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
           (only == NULL ||
            (json_count(sent) == 1 && json_is(only, JSON_OBJECT) && json_count(only) == 0));
}

/* Whether the write goes on from the live entries: most bodies say nothing about them, or
 * send back what they got. If not, managed has those that it starts from. */
static bool goes_on(const struct apply_writer *writer, const struct json *sent, struct slice live,
                    struct managed_fields *managed)
{
    bool is_subresource = writer->subresource && writer->subresource[0];
    if (sent == NULL || is_subresource)
        return true;
    if (asks_to_forget(sent))
        return false;
    return json_equal(sent, parse_list(managed->arena, live)) ||
           managed_fields_read(managed, sent, false) || managed->count == 0;
}

void apply_update_managed_fields(const struct apply_writer *writer, struct arena *arena,
                                 const struct json *old, struct json *object, struct slice live,
                                 struct buffer *text)
{
    struct managed_fields managed;
    struct json *metadata = json_get(object, "metadata");
    struct json *sent = json_get(metadata, "managedFields");
    managed_fields_init(&managed, arena);
    if (sent)
        json_detach(metadata, sent);
    bool from_live = goes_on(writer, sent, live, &managed);
    bool is_tracked = from_live ? live.size > 0 : managed.count > 0;
    if (old && !is_tracked) /* What nobody began to track stays so. */
        return;
    struct apply_change change = apply_compare(arena, writer->type, old, object, false);
    change.changed = apply_without_reset(writer, arena, change.changed);
    change.removed = apply_without_reset(writer, arena, change.removed);
    if (from_live && change.changed->first == NULL && change.removed->first == NULL) {
        buffer_append_slice(text, live);
        return;
    }
    if (from_live)
        apply_read_live(&managed, live);
    apply_take(writer, &managed, &change);
    managed_fields_cap(&managed, APPLY_UPDATE_MANAGERS_MAX);
    managed_fields_print(&managed, text);
}
