/* Server-side apply: one manager's whole wish, merged into the live object.
 *
 * In upstream's order: the manager owns what it applies now; the configuration is
 * laid over the live object; what the manager applied last time, and neither it
 * nor anybody else owns now, is taken away; and what changed by all this and
 * belongs to others is a conflict, or theirs no longer if it is forced. */
#include "core/kinds/apply.h"

#include "core/kinds/apply_write.h"
#include "core/kinds/patch_private.h"

#define LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"
#define ANNOTATIONS_SIZE_MAX (256 * 1024)

struct apply {
    const struct apply_writer *writer;
    struct arena *arena;
    struct shape shape;
    const struct json *old;    /* NULL: none yet. */
    const struct json *config;
    struct managed_fields managed;
    struct json *merged;
    struct fieldset *conflicts; /* By entry of managed, the same index; NULL: none. */
};

/* --- What may be applied --- */

/* "apps/v1, Kind=Deployment"; the core group is empty: "/v1, Kind=Pod". */
static const char *kind_text(struct arena *arena, const struct json *object)
{
    const char *version = json_text(json_get(object, "apiVersion"));
    return arena_format(arena, "%s%s, Kind=%s", strchr(version, '/') ? "" : "/", version,
                        json_text(json_get(object, "kind")));
}

static int check_config(const struct apply *apply, struct status *status)
{
    const struct json *config = apply->config;
    const struct json *metadata = json_get(config, "metadata");
    const struct json *managed = json_get(metadata, "managedFields");
    if (!slice_is(json_string(json_get(config, "apiVersion")), apply->writer->api_version) ||
        !slice_is(json_string(json_get(config, "kind")), apply->writer->kind))
        return status_fail(status, STATUS_BAD_REQUEST, "invalid object type: %s",
                           kind_text(apply->arena, config));
    if (managed && !json_is(managed, JSON_NULL))
        return status_fail(status, STATUS_BAD_REQUEST, "metadata.managedFields must be nil");
    const char *wrong = apply_check(apply->arena, apply->writer->type, config);
    if (wrong == NULL)
        return 0;
    return patch_fail_plain(status, "failed to create typed patch object (%s/%s; %s): %s",
                            json_text(json_get(metadata, "namespace")),
                            json_text(json_get(metadata, "name")), kind_text(apply->arena, config),
                            wrong);
}

/* --- Merging --- */

static struct fieldset *named(const struct apply *apply, const struct fieldset *set)
{
    return apply_name_structs(apply->arena, &apply->shape, set);
}

static struct fieldset *set_of(const struct apply *apply, const struct json *value)
{
    return named(apply, apply_set_of(apply->arena, &apply->shape, value));
}

static struct json *without(const struct apply *apply, const struct fieldset *gone)
{
    struct json *copy = json_copy(apply->arena, apply->merged);
    apply_remove(apply->arena, &apply->shape, copy, gone);
    return copy;
}

static struct fieldset *all_owned(const struct apply *apply)
{
    struct fieldset *owned = ARENA_NEW(apply->arena, struct fieldset);
    for (size_t i = 0; i < apply->managed.count; i++)
        owned = fieldset_union(apply->arena, owned, apply->managed.entries[i].set);
    return named(apply, owned);
}

/* Takes away what the manager applied last and nobody owns now. Taking a struct or item
 * away takes what others own in it along, so that is put back: only fields go that no
 * set has, and of those only what was in the manager's last set. */
static void prune(struct apply *apply, const struct fieldset *last)
{
    struct arena *arena = apply->arena;
    struct fieldset *last_named = named(apply, last);
    struct fieldset *all = set_of(apply, apply->merged);
    struct fieldset *kept = set_of(apply, without(apply, last_named));
    kept = fieldset_union(arena, kept, all_owned(apply));
    kept = set_of(apply, without(apply, fieldset_difference(arena, all, kept)));
    struct fieldset *gone = fieldset_difference(arena, all, kept);
    apply_remove(arena, &apply->shape, apply->merged,
                 fieldset_intersection(arena, gone, last_named));
}

static void merge(struct apply *apply, struct managed_entry *entry)
{
    struct managed_entry *last = managed_fields_find(&apply->managed, entry);
    const struct fieldset *last_set = last ? last->set : NULL;
    struct fieldset *set = apply_set_of(apply->arena, &apply->shape, apply->config);
    entry->set = apply_without_reset(apply->writer, apply->arena, set);
    entry->time = last ? last->time : (struct slice){NULL, 0};
    if (last)
        *last = *entry;
    else
        (void)managed_fields_add(&apply->managed, entry);
    apply->merged = apply_merge(apply->arena, &apply->shape, apply->old, apply->config);
    if (apply->merged == NULL)
        apply->merged = json_new_object(apply->arena);
    if (last_set && last_set->first)
        prune(apply, last_set);
}

/* --- Conflicts --- */

/* Takes what changed from all other managers; gives whether anything of theirs changed. */
static bool take_from_others(struct apply *apply, const struct managed_entry *own)
{
    struct arena *arena = apply->arena;
    struct apply_change change =
        apply_compare(arena, apply->writer->type, apply->old, apply->merged, true);
    change.changed = apply_without_reset(apply->writer, arena, change.changed);
    change.removed = apply_without_reset(apply->writer, arena, change.removed);
    struct fieldset *taken = fieldset_union(arena, change.changed, change.removed);
    bool conflicts = false;
    apply->conflicts = ARENA_ARRAY(arena, struct fieldset, apply->managed.count + 1);
    for (size_t i = 0; i < apply->managed.count; i++) {
        struct managed_entry *entry = &apply->managed.entries[i];
        if (entry == own)
            continue;
        apply->conflicts[i] = *fieldset_intersection(arena, entry->set, change.changed);
        conflicts = conflicts || apply->conflicts[i].first;
        entry->set = fieldset_difference(arena, entry->set, taken);
    }
    return conflicts;
}

struct conflict_report {
    struct arena *arena;
    const char *manager;  /* "kubectl" with subresource "status" using v1 */
    struct status *status;
    struct buffer lines;
    const char *only;     /* The one line, while there is one. */
    size_t count;
};

static const char *manager_text(struct arena *arena, const struct managed_entry *entry)
{
    const char *text = field_value_text(arena, entry->manager);
    if (entry->subresource.size > 0)
        text = arena_format(arena, "%s with subresource %s", text,
                            field_value_text(arena, entry->subresource));
    if (entry->is_applied)
        return text;
    return arena_format(arena, "%s using " SLICE_FORMAT, text, SLICE_ARGS(entry->api_version));
}

static void count_path(void *context, const char *path, const struct fieldset *member)
{
    struct conflict_report *report = context;
    (void)member;
    buffer_format(&report->lines, "\n- %s", path);
    report->only = arena_format(report->arena, "conflict with %s: %s", report->manager, path);
    report->count++;
}

static void add_cause(void *context, const char *path, const struct fieldset *member)
{
    struct conflict_report *report = context;
    (void)member;
    status_add_cause(report->status, "FieldManagerConflict", path, "conflict with %s",
                     report->manager);
}

/* Entries in the order in which upstream tells them. */
static size_t *order_of_managers(const struct apply *apply)
{
    size_t *order = ARENA_ARRAY(apply->arena, size_t, apply->managed.count + 1);
    for (size_t i = 0; i < apply->managed.count; i++) {
        size_t at = i;
        for (; at > 0 && managed_entry_compare(&apply->managed.entries[order[at - 1]],
                                               &apply->managed.entries[i]) > 0;
             at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    return order;
}

static int fail_conflicts(const struct apply *apply, struct status *status)
{
    struct conflict_report report = {.arena = apply->arena, .status = status};
    const size_t *order = order_of_managers(apply);
    for (size_t i = 0; i < apply->managed.count; i++) {
        const struct fieldset *set = &apply->conflicts[order[i]];
        if (set->first == NULL)
            continue;
        report.manager = manager_text(apply->arena, &apply->managed.entries[order[i]]);
        buffer_format(&report.lines, "%sconflicts with %s:", report.count > 0 ? "\n" : "",
                      report.manager);
        fieldset_each_path(apply->arena, set, count_path, &report);
    }
    if (report.count == 1)
        status_fail(status, STATUS_CONFLICT, "Apply failed with 1 conflict: %s", report.only);
    else
        status_fail(status, STATUS_CONFLICT, "Apply failed with %zu conflicts: %s", report.count,
                    report.lines.data);
    for (size_t i = 0; i < apply->managed.count; i++) {
        report.manager = manager_text(apply->arena, &apply->managed.entries[order[i]]);
        fieldset_each_path(apply->arena, &apply->conflicts[order[i]], add_cause, &report);
    }
    buffer_release(&report.lines);
    return -1;
}

/* --- From client-side apply to server-side apply --- */

static struct json *annotations_of(const struct json *object)
{
    return json_get(json_get(object, "metadata"), "annotations");
}

/* Fields of kubectl's own annotation that the live object still has as it says: a
 * manager "kubectl" may take those over, for it set them, client-side. */
static struct fieldset *last_applied_set(const struct apply *apply)
{
    struct status status = {0};
    struct arena *arena = apply->arena;
    struct slice text = json_string(json_get(annotations_of(apply->old), LAST_APPLIED));
    struct json *last = text.size > 0 ? json_parse(arena, text, NULL, &status) : NULL;
    status_release(&status);
    struct fieldset *none = ARENA_NEW(arena, struct fieldset);
    if (!slice_is(json_string(json_get(last, "apiVersion")), apply->writer->api_version) ||
        apply_check(arena, apply->writer->type, last))
        return none;
    struct apply_change change = apply_compare(arena, apply->writer->type, last, apply->old, true);
    struct fieldset *set = apply_set_of(arena, &apply->shape, last);
    set = fieldset_difference(arena, set, change.changed);
    return fieldset_difference(arena, set, change.removed);
}

static bool is_kubectl(const struct apply *apply)
{
    return apply->writer->manager && strcmp(apply->writer->manager, "kubectl") == 0;
}

/* Leaves only conflicts that the annotation does not allow; false when none is left. */
static bool drop_allowed(struct apply *apply)
{
    bool left = false;
    struct fieldset *allowed = last_applied_set(apply);
    for (size_t i = 0; i < apply->managed.count; i++) {
        apply->conflicts[i] = *fieldset_difference(apply->arena, &apply->conflicts[i], allowed);
        left = left || apply->conflicts[i].first;
    }
    return left;
}

/* As Go's encoder has it: sorted, with a line's end. */
static const char *last_applied_text(const struct apply *apply, size_t *size)
{
    struct buffer text = {0};
    struct json *config = json_copy(apply->arena, apply->config);
    (void)json_remove(annotations_of(config), LAST_APPLIED);
    json_sort(config);
    json_print(config, &text);
    buffer_append_byte(&text, '\n');
    *size = text.size;
    const char *copy = arena_copy_slice(apply->arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

/* Keeps the annotation true for those who still use client-side apply. */
static void update_last_applied(const struct apply *apply)
{
    struct json *annotations = annotations_of(apply->merged);
    size_t total = 0;
    size_t size;
    if (json_string(json_get(annotations, LAST_APPLIED)).size == 0)
        return;
    const char *text = last_applied_text(apply, &size);
    (void)json_set(apply->arena, annotations, LAST_APPLIED,
                   json_new_string(apply->arena, (struct slice){text, size}));
    JSON_EACH(annotation, annotations)
        total += json_key(annotation).size + json_string(annotation).size;
    if (total > ANNOTATIONS_SIZE_MAX)
        (void)json_remove(annotations, LAST_APPLIED);
}

/* --- The whole --- */

static void drop_nulls(struct json *value)
{
    JSON_EACH(child, value) {
        if (json_is(value, JSON_OBJECT) && json_is(child, JSON_NULL))
            json_detach(value, child);
        else
            drop_nulls(child);
    }
}

/* The entries of the live object. What was there before anybody was tracked belongs to
 * "before-first-apply". */
static void start_entries(struct apply *apply, struct slice live)
{
    managed_fields_init(&apply->managed, apply->arena);
    apply_read_live(&apply->managed, live);
    if (apply->managed.count > 0 || apply->old == NULL)
        return;
    struct apply_writer before = *apply->writer;
    before.manager = "before-first-apply";
    struct apply_change change = apply_compare(apply->arena, before.type, NULL, apply->old, false);
    change.changed = apply_without_reset(&before, apply->arena, change.changed);
    apply_take(&before, &apply->managed, &change);
}

/* The entry gets its time only if the object changes; an apply that changes nothing leaves
 * no trace but, the first time, its claim. */
static void finish(struct apply *apply, const struct managed_entry *like)
{
    struct managed_entry *own = managed_fields_find(&apply->managed, like);
    struct managed_entry now = apply_entry(apply->writer, apply->arena, true);
    drop_nulls(apply->merged);
    bool changed = apply->old == NULL || !json_equal(apply->merged, apply->old);
    if (changed)
        own->time = now.time;
    own->set = apply_strip(apply->arena, own->set);
    managed_fields_drop_empty(&apply->managed);
    if (is_kubectl(apply))
        update_last_applied(apply);
}

int apply_patch(const struct apply_writer *writer, bool force, struct arena *arena,
                const struct json *old, const struct json *config, struct slice live,
                struct json **merged, struct buffer *managed, struct status *status)
{
    struct apply apply = {
        .writer = writer,
        .arena = arena,
        .shape = shape_of_type(writer->type),
        .old = old,
        .config = config,
    };
    if (check_config(&apply, status))
        return -1;
    struct managed_entry entry = apply_entry(writer, arena, true);
    start_entries(&apply, live);
    merge(&apply, &entry);
    bool conflicts = take_from_others(&apply, managed_fields_find(&apply.managed, &entry));
    if (conflicts && !force && (!is_kubectl(&apply) || drop_allowed(&apply)))
        return fail_conflicts(&apply, status);
    finish(&apply, &entry);
    *merged = apply.merged;
    managed_fields_print(&apply.managed, managed);
    return 0;
}
