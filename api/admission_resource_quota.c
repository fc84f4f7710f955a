/* A namespace uses no more than its quotas allow; what a write uses is counted with it.
 *
 * What is used stands in the quota's status. The write that uses more and the quota's new
 * status are in one plan, made on head: so two writes never both take the last of something,
 * and what is refused or fails counts nothing. What is given back (deleted, ended, made smaller)
 * the controller counts, controllers/controller_resource_quota.c. Rules: k8s.io/apiserver
 * pkg/admission/plugin/resourcequota (CheckRequest). */
#include <stdlib.h>

#include "api/admission.h"
#include "api/api.h"
#include "core/kinds/object_build.h"
#include "core/kinds/quota.h"

struct quota_check {
    struct admission *admission;
    struct arena *arena;
    struct quota_scope scope, old_scope; /* Of pods. */
    struct resource_list used, grown;    /* By the object; more than the old one. */
    struct buffer facts, old_facts;
};

static bool is_pod_resize(const struct admission *admission)
{
    return admission->operation == ADMIT_UPDATE && admission->subresource &&
           strcmp(admission->subresource->name, "resize") == 0;
}

/* Events are not worth a count; services may grow by an update, pods by a resize. */
static bool may_use_more(const struct admission *admission)
{
    const struct kind *kind = admission->kind;
    bool is_core = *kind->group == '\0';
    if (!kind->namespaced || kind->is_virtual || admission->operation == ADMIT_DELETE ||
        strcmp(kind->resource, "events") == 0)
        return false;
    if (quota_is_pod(kind) && is_pod_resize(admission))
        return true;
    if (admission->subresource)
        return false;
    return admission->operation == ADMIT_CREATE ||
           (is_core && strcmp(kind->resource, "services") == 0);
}

/* --- Texts --- */

static int by_name(const void *a, const void *b)
{
    const struct resource_amount *left = a, *right = b;
    return slice_compare(left->name, right->name);
}

static void sort(struct resource_list *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof(*list->items), by_name);
}

/* "cpu=1,pods=2", in order of name. */
static const char *amounts_text(struct arena *arena, struct resource_list *list)
{
    struct buffer text = {0};
    char amount[QUANTITY_TEXT_SIZE];
    sort(list);
    for (size_t i = 0; i < list->count; i++) {
        quantity_print(&list->items[i].amount, amount);
        buffer_format(&text, "%s" SLICE_FORMAT "=%s", i > 0 ? "," : "",
                      SLICE_ARGS(list->items[i].name), amount);
    }
    const char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

static const char *names_text(struct arena *arena, struct resource_list *list)
{
    struct buffer text = {0};
    sort(list);
    for (size_t i = 0; i < list->count; i++)
        buffer_format(&text, "%s" SLICE_FORMAT, i > 0 ? "," : "", SLICE_ARGS(list->items[i].name));
    const char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

static int forbid(struct quota_check *check, struct status *status, const char *why)
{
    const struct admission *admission = check->admission;
    return status_forbidden(status, admission->kind->group, admission->kind->resource,
                            arena_copy_slice(check->arena, admission->name), why);
}

/* --- What the write uses --- */

static void measure(struct quota_check *check, const struct json *object,
                    struct resource_list *amounts)
{
    struct quota_sum sum = {0};
    const struct admission *admission = check->admission;
    quota_sum_add(&sum, admission->kind, object, admission->request->context.now_us);
    quota_amounts(check->arena, admission->kind, &sum, amounts);
    quota_sum_release(&sum);
}

static void read_scope(const struct quota_check *check, const struct json *object,
                       struct buffer *facts, struct quota_scope *scope)
{
    struct facts_pod pod;
    if (!quota_is_pod(check->admission->kind))
        return;
    pod_facts(object, facts);
    if (facts_pod_read(buffer_slice(facts), &pod))
        quota_scope_of(&pod, scope);
}

static void begin_check(struct quota_check *check, struct admission *admission)
{
    *check = (struct quota_check){.admission = admission, .arena = &admission->request->arena};
    struct resource_list before = {0};
    measure(check, admission->object, &check->used);
    read_scope(check, admission->object, &check->facts, &check->scope);
    if (admission->old) {
        measure(check, admission->old, &before);
        read_scope(check, admission->old, &check->old_facts, &check->old_scope);
    }
    for (size_t i = 0; i < check->used.count; i++) {
        struct resource_amount item = check->used.items[i];
        const struct quantity *had = resource_list_get(&before, item.name);
        if (had)
            quantity_subtract(&item.amount, had);
        if (quantity_sign(&item.amount) > 0)
            resource_list_set(&check->grown, item.name, &item.amount);
    }
    resource_list_release(&before);
}

static void end_check(struct quota_check *check)
{
    resource_list_release(&check->used);
    resource_list_release(&check->grown);
    buffer_release(&check->facts);
    buffer_release(&check->old_facts);
}

/* --- "must specify" --- */

/* Upstream couples these six to a count since before there were QoS classes, and keeps it so. */
static bool must_be_specified(struct slice resource)
{
    static const char *const names[] = {
        "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        if (slice_is(resource, names[i]))
            return true;
    return false;
}

static bool container_specifies(const struct json *container, struct slice resource)
{
    const struct json *resources = json_get(container, "resources");
    struct slice name = resource;
    if (slice_starts_with(resource, SLICE("limits.")))
        return json_get_slice(json_get(resources, "limits"), slice_sub(name, 7, name.size)) != NULL;
    if (slice_starts_with(resource, SLICE("requests.")))
        name = slice_sub(name, 9, name.size);
    return json_get_slice(json_get(resources, "requests"), name) != NULL;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "a,b": containers without it, in order of name; empty when all have it. */
static void append_lacking(struct quota_check *check, struct slice resource, struct buffer *text)
{
    static const char *const lists[] = {"containers", "initContainers"};
    const struct json *spec = json_get(check->admission->object, "spec");
    size_t count = 0,
           total = json_count(json_get(spec, lists[0])) + json_count(json_get(spec, lists[1]));
    const char **names = ARENA_ARRAY(check->arena, const char *, total + 1);
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
        JSON_EACH(container, json_get(spec, lists[i]))
            if (!container_specifies(container, resource))
                names[count++] = json_text(json_get(container, "name"));
    if (count > 1)
        qsort(names, count, sizeof(*names), compare_texts);
    for (size_t i = 0; i < count; i++)
        buffer_format(text, "%s%s", i > 0 ? "," : "", names[i]);
}

static int check_specified(struct quota_check *check, const char *quota,
                           struct resource_list *counted, struct status *status)
{
    struct buffer why = {0}, lacking = {0};
    if (!quota_is_pod(check->admission->kind))
        return 0;
    sort(counted);
    for (size_t i = 0; i < counted->count; i++) {
        struct slice name = counted->items[i].name;
        buffer_clear(&lacking);
        if (must_be_specified(name))
            append_lacking(check, name, &lacking);
        if (lacking.size > 0)
            buffer_format(&why, "%s" SLICE_FORMAT " for: " SLICE_FORMAT, why.size > 0 ? "; " : "",
                          SLICE_ARGS(name), SLICE_ARGS(buffer_slice(&lacking)));
    }
    int failed = 0;
    if (why.size > 0)
        failed = forbid(check, status,
                        arena_format(check->arena, "failed quota: %s: must specify " SLICE_FORMAT,
                                     quota, SLICE_ARGS(buffer_slice(&why))));
    buffer_release(&why);
    buffer_release(&lacking);
    return failed;
}

/* --- One quota --- */

/* What of hard counts this kind; false and a refusal when the quota was never counted. */
static int read_counted(struct quota_check *check, const struct json *quota,
                        struct resource_list *counted, struct status *status)
{
    const struct json *used = json_at(quota, "status.used");
    const char *name = json_text(json_at(quota, "metadata.name"));
    bool is_known = true;
    struct quantity amount;
    JSON_EACH(hard, json_at(quota, "status.hard")) {
        if (!quota_counts(check->admission->kind, json_key(hard)) ||
            !quantity_from_json(hard, &amount))
            continue;
        resource_list_set(counted, json_key(hard), &amount);
        is_known = is_known && json_get_slice(used, json_key(hard));
    }
    if (check_specified(check, name, counted, status))
        return -1;
    if (is_known)
        return 0;
    return forbid(check, status,
                  arena_format(check->arena, "status unknown for quota: %s, resources: %s", name,
                               names_text(check->arena, counted)));
}

static int refuse(struct quota_check *check, const char *quota, struct resource_list *requested,
                  struct resource_list *used, struct resource_list *limited, struct status *status)
{
    struct arena *arena = check->arena;
    return forbid(check, status,
                  arena_format(arena, "exceeded quota: %s, requested: %s, used: %s, limited: %s",
                               quota, amounts_text(arena, requested), amounts_text(arena, used),
                               amounts_text(arena, limited)));
}

/* Adds what is wanted to used, a member of the quota's status; tells what is then too much. */
static int take(struct quota_check *check, struct json *quota, struct resource_list *counted,
                struct resource_list *wanted, struct status *status)
{
    struct json *used = json_at(quota, "status.used");
    struct resource_list requested = {0}, had = {0}, limited = {0};
    for (size_t i = 0; i < counted->count; i++) {
        struct slice name = counted->items[i].name;
        struct quantity now, *more = resource_list_get(wanted, name);
        char text[QUANTITY_TEXT_SIZE];
        if (!more || !quantity_from_json(json_get_slice(used, name), &now))
            continue;
        struct quantity before = now;
        quantity_add(&now, more);
        if (quantity_compare(&now, &counted->items[i].amount) > 0) {
            resource_list_set(&requested, name, more);
            resource_list_set(&had, name, &before);
            resource_list_set(&limited, name, &counted->items[i].amount);
        }
        quantity_print(&now, text);
        json_set_slice(check->arena, used, name, json_new_text(check->arena, text));
    }
    int failed = 0;
    if (requested.count > 0)
        failed = refuse(check, json_text(json_at(quota, "metadata.name")), &requested, &had,
                        &limited, status);
    resource_list_release(&requested);
    resource_list_release(&had);
    resource_list_release(&limited);
    return failed;
}

static bool wants_any(struct resource_list *wanted, const struct resource_list *counted)
{
    for (size_t i = 0; i < counted->count; i++)
        if (resource_list_get(wanted, counted->items[i].name))
            return true;
    return false;
}

static void plan_quota(struct quota_check *check, const struct object *object, struct json *quota)
{
    struct admission *admission = check->admission;
    const struct kind *kind =
        registry_by_key(admission->request->api->registry, object_key(object));
    if (admission->is_dry_run)
        return;
    plan_put(admission->plan,
             object_build_managed(kind, check->arena, quota, object_managed(object),
                                  plan_next_revision(admission->plan)),
             object->revision, false);
}

static int check_quota(struct quota_check *check, const struct object *object,
                       struct status *status)
{
    struct json *quota = json_parse(check->arena, object_body(object), NULL, status);
    const struct json *spec = json_get(quota, "spec");
    const struct kind *kind = check->admission->kind;
    if (!quota)
        return -1;
    if (!quota_matches(spec, kind, &check->scope))
        return 0;
    /* One that did not count the object before counts all of it. */
    bool counts_anew = check->admission->old && !quota_matches(spec, kind, &check->old_scope);
    struct resource_list *wanted = counts_anew ? &check->used : &check->grown;
    struct resource_list counted = {0};
    int failed = read_counted(check, quota, &counted, status);
    if (!failed && wants_any(wanted, &counted)) {
        failed = take(check, quota, &counted, wanted, status);
        if (!failed)
            plan_quota(check, object, quota);
    }
    resource_list_release(&counted);
    return failed;
}

/* --- All quotas of the namespace --- */

static int check_all(struct admission *admission, const struct pin *pin, struct slice prefix,
                     struct status *status)
{
    struct quota_check check;
    struct pin_cursor cursor;
    int failed = 0;
    begin_check(&check, admission);
    const struct object *object = pin_first(pin, prefix, SLICE(""), &cursor);
    for (; object && !failed; object = pin_next(&cursor)) {
        /* Another write of this plan may have changed it. */
        const struct object *latest = plan_get(admission->plan, object_key(object));
        if (latest)
            failed = check_quota(&check, latest, status);
    }
    end_check(&check);
    return failed;
}

static int validate(struct admission *admission, struct status *status)
{
    if (!may_use_more(admission))
        return 0;
    struct buffer prefix = {0};
    key_append_prefix(&prefix, "", "resourcequotas", admission->namespace);
    struct pin *pin = store_pin(admission->plan->store, HEAD);
    int failed = 0;
    if (pin_count(pin, buffer_slice(&prefix)) > 0)
        failed = check_all(admission, pin, buffer_slice(&prefix), status);
    pin_unref(pin);
    buffer_release(&prefix);
    return failed;
}

const struct admission_plugin admission_resource_quota = {.name = "ResourceQuota",
                                                          .validate = validate};
