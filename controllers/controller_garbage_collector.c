/* What nobody owns any more is deleted; what an owner asks for while it goes is done.
 *
 * Three duties, all read off owner references by the store's owner index:
 *   - a dependent whose owners are all gone is deleted; references to owners that are gone are
 *     taken off one that has others;
 *   - an owner that is deleted in the foreground (finalizer foregroundDeletion) goes when no
 *     dependent with blockOwnerDeletion is left; its dependents are deleted meanwhile;
 *   - an owner that is deleted with the finalizer orphan goes when no dependent names it.
 *
 * An owner is there when the object of that kind and name, in the dependent's namespace, has
 * that uid; so references across namespaces are to nobody. Keys: "o KEY" is an object to look
 * at, "u UID" all dependents of an owner that is gone. Rules: k8s.io/kubernetes
 * pkg/controller/garbagecollector. */
#include "controllers/controller.h"
#include "core/kinds/meta.h"
#include "core/kinds/view.h"

enum { WRITES_MAX = 64 /* In one commit, so that a step stays short. */ };

#define OBJECT "o "
#define UID "u "

static bool is_deleting(const struct object *object)
{
    struct slice deleted;
    return view_find(object_view(object), VIEW_DELETED, &deleted);
}

static bool has_finalizer(const struct object *object, const char *finalizer)
{
    return view_has_finalizer(object_view(object), slice_of(finalizer));
}

static bool is_deleting_dependents(const struct object *object)
{
    return is_deleting(object) && has_finalizer(object, FINALIZER_FOREGROUND);
}

/* --- What there is to look at --- */

static void add(const struct controller_event *event, const char *what, struct slice key)
{
    struct buffer text = {0};
    buffer_append_text(&text, what);
    buffer_append_slice(&text, key);
    controller_event_add(event, buffer_slice(&text));
    buffer_release(&text);
}

static const struct kind *kind_of_owner(const struct registry *registry,
                                        const struct view_owner *owner)
{
    struct slice version = owner->api_version, group = {0};
    if (slice_find(version, '/') >= 0)
        slice_split(&version, '/', &group);
    return registry_by_kind(registry, group, version, owner->kind);
}

static void append_owner_key(const struct kind *kind, const struct view_owner *owner,
                             struct slice namespace, struct buffer *key)
{
    const struct kind *stored = kind->stored_as ? kind->stored_as : kind;
    key_append(key, stored->group, stored->resource,
               stored->namespaced ? namespace : (struct slice){0}, owner->name);
}

/* Owners that old has blocked may go on now. */
static void add_blocked_owners(const struct controller_event *event, const struct object *old)
{
    struct view_cursor cursor = {0};
    struct view_owner owner;
    while (view_next_owner(object_view(old), &cursor, &owner)) {
        const struct kind *kind = kind_of_owner(event->registry, &owner);
        if (!kind || !owner.blocks_deletion)
            continue;
        struct buffer key = {0};
        buffer_append_text(&key, OBJECT);
        append_owner_key(kind, &owner, key_namespace(object_key(old)), &key);
        controller_event_add(event, buffer_slice(&key));
        buffer_release(&key);
    }
}

static bool stop_at_first(void *context, const struct object *object)
{
    (void)object;
    *(bool *)context = true;
    return false;
}

static bool has_dependents(const struct snapshot *snapshot, struct slice uid)
{
    bool found = false;
    snapshot->operations->each_owned(snapshot, uid, stop_at_first, &found);
    return found;
}

static void on_deleted(struct controller_event *event)
{
    struct slice uid = view_uid(event->object);
    if (has_dependents(controller_event_snapshot(event), uid))
        add(event, UID, uid);
    add_blocked_owners(event, event->object);
}

/* Entries with this tag, one behind the other, are the same in both. */
static bool same_entries(struct slice a, struct slice b, uint8_t tag)
{
    struct view_cursor in_a = {0}, in_b = {0};
    struct view_entry left, right;
    bool more_a, more_b;
    for (;;) {
        while ((more_a = view_next(a, &in_a, &left)) && left.tag != tag)
            continue;
        while ((more_b = view_next(b, &in_b, &right)) && right.tag != tag)
            continue;
        if (!more_a || !more_b)
            return more_a == more_b;
        if (!slice_equal(left.value, right.value))
            return false;
    }
}

static bool waits_for_us(const struct object *object)
{
    return is_deleting(object) &&
           (has_finalizer(object, FINALIZER_FOREGROUND) || has_finalizer(object, FINALIZER_ORPHAN));
}

static void on_modified(struct controller_event *event)
{
    struct slice now = object_view(event->object), before = object_view(event->old);
    bool owners_changed = !same_entries(before, now, VIEW_OWNER);
    if (owners_changed)
        add_blocked_owners(event, event->old);
    if (owners_changed || (waits_for_us(event->object) && !waits_for_us(event->old)))
        add(event, OBJECT, object_key(event->object));
}

static void on_added(struct controller_event *event)
{
    struct view_cursor cursor = {0};
    struct view_owner owner;
    if (view_next_owner(object_view(event->object), &cursor, &owner) || waits_for_us(event->object))
        add(event, OBJECT, object_key(event->object));
}

/* Events own nothing and are owned by nobody, as upstream has it. */
static void on_event(struct controller_event *event)
{
    if (slice_starts_with(object_key(event->object), SLICE("/events/")))
        return;
    if (event->type == EVENT_DELETED)
        on_deleted(event);
    else if (event->type == EVENT_MODIFIED && event->old)
        on_modified(event);
    else
        on_added(event);
}

/* --- What is written --- */

static const struct kind *kind_of(const struct reconcile *reconcile, const struct object *object)
{
    return registry_by_key(reconcile->registry, object_key(object));
}

static struct json *uid_precondition(struct reconcile *reconcile, const struct object *object,
                                     struct json *at)
{
    json_set(reconcile->arena, at, "uid", json_new_string(reconcile->arena, view_uid(object)));
    return at;
}

static void delete (struct reconcile *reconcile, const struct object *object, const char *policy)
{
    struct arena *arena = reconcile->arena;
    struct json *options = json_new_object(arena);
    json_set_text(arena, options, "kind", "DeleteOptions");
    json_set_text(arena, options, "apiVersion", "v1");
    uid_precondition(reconcile, object, json_ensure_object(arena, options, "preconditions"));
    json_set_text(arena, options, "propagationPolicy", policy);
    reconcile_write(reconcile, "delete",
                    reconcile_path(kind_of(reconcile, object), object_key(object), NULL), options);
}

static void patch(struct reconcile *reconcile, const struct object *object, struct json *metadata)
{
    struct json *whole = json_new_object(reconcile->arena);
    json_set(reconcile->arena, whole, "metadata", uid_precondition(reconcile, object, metadata));
    reconcile_write(reconcile, "patch",
                    reconcile_path(kind_of(reconcile, object), object_key(object), NULL), whole);
}

static void remove_finalizer(struct reconcile *reconcile, const struct object *object,
                             const char *finalizer)
{
    struct arena *arena = reconcile->arena;
    struct json *metadata = json_new_object(arena);
    struct json *list = json_new_array(arena);
    json_append(list, json_new_text(arena, finalizer));
    json_set(arena, metadata, "$deleteFromPrimitiveList/finalizers", list);
    patch(reconcile, object, metadata);
}

/* A strategic merge patch's way to take one reference away. */
static void append_removal(struct arena *arena, struct json *references, struct slice uid)
{
    struct json *reference = json_new_object(arena);
    json_set_text(arena, reference, "$patch", "delete");
    json_set(arena, reference, "uid", json_new_string(arena, uid));
    json_append(references, reference);
}

static void patch_references(struct reconcile *reconcile, const struct object *object,
                             struct json *references)
{
    struct json *metadata = json_new_object(reconcile->arena);
    json_set(reconcile->arena, metadata, "ownerReferences", references);
    patch(reconcile, object, metadata);
}

/* --- Is an owner there? --- */

enum presence { SOLID, DANGLING, WAITING, UNKNOWN };

static const struct object *find_owner(const struct reconcile *reconcile, const struct kind *kind,
                                       const struct view_owner *owner, struct slice namespace)
{
    struct buffer key = {0};
    append_owner_key(kind, owner, namespace, &key);
    const struct object *found =
        reconcile->snapshot->operations->get(reconcile->snapshot, buffer_slice(&key));
    buffer_release(&key);
    return found && slice_equal(view_uid(found), owner->uid) ? found : NULL;
}

static void tell_invalid_namespace(struct reconcile *reconcile, const struct object *object,
                                   const struct view_owner *owner)
{
    const struct kind *kind = kind_of(reconcile, object);
    struct slice key = object_key(object), namespace = key_namespace(key);
    struct event_subject subject = {
        .kind = kind->kind,
        .api_version = *kind->group
                           ? arena_format(reconcile->arena, "%s/%s", kind->group, kind->version)
                           : kind->version,
        .namespace = namespace,
        .name = key_name(key),
        .uid = view_uid(object),
    };
    recorder_event(reconcile->recorder, &subject, "Warning", "OwnerRefInvalidNamespace", NULL,
                   "ownerRef [" SLICE_FORMAT "/" SLICE_FORMAT ", namespace: " SLICE_FORMAT
                   ", name: " SLICE_FORMAT ", uid: " SLICE_FORMAT
                   "] does not exist in namespace \"" SLICE_FORMAT "\"",
                   SLICE_ARGS(owner->api_version), SLICE_ARGS(owner->kind), SLICE_ARGS(namespace),
                   SLICE_ARGS(owner->name), SLICE_ARGS(owner->uid), SLICE_ARGS(namespace));
}

struct search {
    const struct reconcile *reconcile;
    const struct kind *kind;
    const struct view_owner *owner;
    bool is_found;
};

static bool look_in_namespace(void *context, const struct object *namespace)
{
    struct search *search = context;
    search->is_found = find_owner(search->reconcile, search->kind, search->owner,
                                  key_name(object_key(namespace))) != NULL;
    return !search->is_found;
}

/* The owner that is not in this namespace is in another one. */
static bool is_elsewhere(const struct reconcile *reconcile, const struct kind *kind,
                         const struct view_owner *owner)
{
    struct search search = {.reconcile = reconcile, .kind = kind, .owner = owner};
    if (!kind->namespaced)
        return false;
    reconcile->snapshot->operations->each(reconcile->snapshot, SLICE("/namespaces/"),
                                          look_in_namespace, &search);
    return search.is_found;
}

/* tells: say so where the owner is in another namespace. Kinds that are not served, and owners
 * with a namespace of objects without one, are unknown: nothing is done. */
static enum presence presence_of(struct reconcile *reconcile, const struct object *object,
                                 const struct view_owner *owner, bool tells)
{
    const struct kind *kind = kind_of_owner(reconcile->registry, owner);
    struct slice namespace = key_namespace(object_key(object));
    if (!kind)
        return UNKNOWN;
    if (kind->namespaced && namespace.size == 0) {
        if (tells)
            tell_invalid_namespace(reconcile, object, owner);
        return UNKNOWN;
    }
    const struct object *found = find_owner(reconcile, kind, owner, namespace);
    if (found)
        return is_deleting_dependents(found) ? WAITING : SOLID;
    if (tells && is_elsewhere(reconcile, kind, owner))
        tell_invalid_namespace(reconcile, object, owner);
    return DANGLING;
}

/* --- A dependent --- */

static bool is_in_circle(void *context, const struct object *dependent)
{
    if (!is_deleting_dependents(dependent))
        return true;
    *(bool *)context = true;
    return false;
}

/* Owners and dependents that wait for one another: this one stops to block its owners. */
static void unblock_owners(struct reconcile *reconcile, const struct object *object)
{
    struct arena *arena = reconcile->arena;
    struct json *references = json_new_array(arena);
    struct view_cursor cursor = {0};
    struct view_owner owner;
    while (view_next_owner(object_view(object), &cursor, &owner)) {
        if (!owner.blocks_deletion)
            continue;
        struct json *reference = json_new_object(arena);
        json_set(arena, reference, "uid", json_new_string(arena, owner.uid));
        json_set_bool(arena, reference, "blockOwnerDeletion", false);
        json_append(references, reference);
    }
    patch_references(reconcile, object, references);
}

static void delete_in_foreground(struct reconcile *reconcile, const struct object *object)
{
    bool circle = false;
    reconcile->snapshot->operations->each_owned(reconcile->snapshot, view_uid(object), is_in_circle,
                                                &circle);
    if (circle)
        unblock_owners(reconcile, object);
    delete (reconcile, object, "Foreground");
}

static const char *policy_of(const struct object *object)
{
    if (has_finalizer(object, FINALIZER_ORPHAN))
        return "Orphan";
    return has_finalizer(object, FINALIZER_FOREGROUND) ? "Foreground" : "Background";
}

static void attempt_to_delete(struct reconcile *reconcile, const struct object *object, bool tells)
{
    struct arena *arena = reconcile->arena;
    struct json *gone = json_new_array(arena);
    int counts[UNKNOWN + 1] = {0};
    struct view_cursor cursor = {0};
    struct view_owner owner;
    while (view_next_owner(object_view(object), &cursor, &owner)) {
        enum presence presence = presence_of(reconcile, object, &owner, tells);
        counts[presence]++;
        if (presence == DANGLING || presence == WAITING)
            append_removal(arena, gone, owner.uid);
    }
    if (counts[UNKNOWN] > 0 || counts[SOLID] + counts[DANGLING] + counts[WAITING] == 0)
        return;
    if (counts[SOLID] > 0 && json_count(gone) > 0)
        patch_references(reconcile, object, gone);
    else if (counts[SOLID] > 0)
        return;
    else if (counts[WAITING] > 0 && has_dependents(reconcile->snapshot, view_uid(object)))
        delete_in_foreground(reconcile, object);
    else
        delete (reconcile, object, policy_of(object));
}

/* --- All dependents of an owner --- */

struct dependents {
    struct reconcile *reconcile;
    struct slice uid;  /* Of the owner. */
    int64_t blocking;
    int64_t left;      /* Not looked at: the commit is full. */
};

static bool is_full(struct dependents *dependents)
{
    if (dependents->reconcile->count < WRITES_MAX)
        return false;
    dependents->left++;
    return true;
}

/* One that is refused must not keep the others: after a failure each has its own turn. */
static bool each_takes_its_turn(struct dependents *dependents, const struct object *object)
{
    if (!dependents->reconcile->is_retry)
        return false;
    struct buffer key = {0};
    buffer_append_text(&key, OBJECT);
    buffer_append_slice(&key, object_key(object));
    reconcile_add(dependents->reconcile, buffer_slice(&key));
    buffer_release(&key);
    return true;
}

static bool attempt_each(void *context, const struct object *object)
{
    struct dependents *dependents = context;
    struct view_cursor cursor = {0};
    struct view_owner owner;
    while (view_next_owner(object_view(object), &cursor, &owner))
        dependents->blocking += owner.blocks_deletion && slice_equal(owner.uid, dependents->uid);
    if (!is_deleting(object) && !each_takes_its_turn(dependents, object) && !is_full(dependents))
        attempt_to_delete(dependents->reconcile, object, false);
    return true;
}

static bool orphan_each(void *context, const struct object *object)
{
    struct dependents *dependents = context;
    struct arena *arena = dependents->reconcile->arena;
    if (is_full(dependents))
        return true;
    struct json *references = json_new_array(arena);
    append_removal(arena, references, dependents->uid);
    patch_references(dependents->reconcile, object, references);
    return true;
}

static void for_dependents(struct dependents *dependents,
                           bool (*each)(void *context, const struct object *object))
{
    struct reconcile *reconcile = dependents->reconcile;
    reconcile->snapshot->operations->each_owned(reconcile->snapshot, dependents->uid, each,
                                                dependents);
    if (dependents->left > 0)
        reconcile->again_us = 1;
}

static void orphan(struct reconcile *reconcile, const struct object *owner)
{
    struct dependents dependents = {.reconcile = reconcile, .uid = view_uid(owner)};
    for_dependents(&dependents, orphan_each);
    if (dependents.left == 0)
        remove_finalizer(reconcile, owner, FINALIZER_ORPHAN);
}

static void delete_dependents(struct reconcile *reconcile, const struct object *owner)
{
    struct dependents dependents = {.reconcile = reconcile, .uid = view_uid(owner)};
    for_dependents(&dependents, attempt_each);
    if (dependents.blocking == 0 && dependents.left == 0)
        remove_finalizer(reconcile, owner, FINALIZER_FOREGROUND);
}

/* --- One key --- */

static void look_at(struct reconcile *reconcile, const struct object *object)
{
    if (is_deleting(object) && has_finalizer(object, FINALIZER_ORPHAN))
        orphan(reconcile, object);
    else if (is_deleting_dependents(object))
        delete_dependents(reconcile, object);
    else if (!is_deleting(object))
        attempt_to_delete(reconcile, object, true);
}

static void reconcile(struct reconcile *reconcile)
{
    struct slice key = reconcile->key;
    struct slice rest = slice_sub(key, sizeof(OBJECT) - 1, key.size);
    if (slice_starts_with(key, SLICE(UID))) {
        struct dependents dependents = {.reconcile = reconcile, .uid = rest};
        for_dependents(&dependents, attempt_each);
        return;
    }
    const struct object *object = reconcile->snapshot->operations->get(reconcile->snapshot, rest);
    if (object)
        look_at(reconcile, object);
}

const struct controller controller_garbage_collector = {
    .name = "garbage-collector-controller",
    .user = "system:serviceaccount:kube-system:generic-garbage-collector",
    .watches_all = true,
    .event = on_event,
    .reconcile = reconcile,
    .reads_head = true,
    .waits_for_operator = true,
};
