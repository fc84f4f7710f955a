/* After a loss or a restore: waits for an operator's word before anything is deleted by rule.
 *
 * The state may then be older than what runs, so that owners, pods and nodes seem to be gone
 * which are not. Garbage collection, eviction and pod collection wait (waits_for_operator).
 * The ConfigMap coracle-recovery in kube-system says so; deleting it is the word. It is made
 * when the server starts in this state. See docs/controllers.md. */
#include "controllers/controller.h"
#include "core/trace.h"

#define NAME "coracle-recovery"
#define KEY "/configmaps/kube-system/" NAME
#define START "start"
#define SAID "said"

static const char message[] =
    "This cluster was restored, or lost data. Garbage collection of owned objects and of pods, "
    "and eviction from lost nodes, wait. Check that the objects are those you want to go on "
    "from, then delete this ConfigMap: kubectl -n kube-system delete configmap " NAME;

static void on_event(struct controller_event *event)
{
    if (event->type == EVENT_DELETED && slice_is(object_key(event->object), KEY))
        controller_event_add(event, SLICE(SAID));
}

static void tell(struct reconcile *reconcile)
{
    struct arena *arena = reconcile->arena;
    struct json *map = json_new_object(arena);
    json_set_text(arena, map, "apiVersion", "v1");
    json_set_text(arena, map, "kind", "ConfigMap");
    json_set_text(arena, json_ensure_object(arena, map, "metadata"), "name", NAME);
    json_set_text(arena, json_ensure_object(arena, map, "data"), "message", message);
    struct resource_path path = {
        .group = "", .version = "v1", .resource = "configmaps", .namespace = SLICE("kube-system")};
    reconcile_write(reconcile, "create", path, map);
    log_line(LOG_WARN, "collection and eviction wait for an operator",
             "go=\"kubectl -n kube-system delete configmap " NAME "\"");
}

static void reconcile(struct reconcile *reconcile)
{
    const struct operator_word *word = reconcile->operator_word;
    bool is_told = reconcile->snapshot->operations->get(reconcile->snapshot, SLICE(KEY)) != NULL;
    if (!word || !word->must_wait(word->context) || is_told)
        return;
    if (slice_is(reconcile->key, START)) {
        tell(reconcile);
        return;
    }
    word->go_on(word->context);
    log_line(LOG_INFO, "an operator lets collection and eviction go on", "was=%s", NAME);
}

static const struct controller_watch watches[] = {
    {"", "v1", "configmaps", NULL},
    {NULL, NULL, NULL, NULL},
};

const struct controller controller_recovery = {
    .name = "recovery-controller",
    .user = "system:serviceaccount:kube-system:recovery-controller",
    .watches = watches,
    .event = on_event,
    .first_key = START,
    .reconcile = reconcile,
};
