#include "kubelet-lite/virtual_pods.h"

#include "core/clock.h"
#include "core/kinds/facts_pod.h"
#include "core/kinds/meta.h"
#include "core/kinds/view.h"
#include "kubelet-lite/virtual_pod.h"

#define ADDRESSES_BASE UINT32_C(0x64400000) /* 100.64.0.0/10: shared, never routed (RFC 6598). */
#define ADDRESSES_PREFIX 10

struct virtual_pod {
    char *key;
    const struct object *object;      /* The newest that was seen. */
    int64_t looked_revision;          /* Of the object at the last look. */
    struct virtual_moments moments;
    int64_t due_us;                   /* INT64_MAX: waits for changes only. */
    struct heap_node due_node;        /* In due. */
    struct list link;                 /* In changed, or alone. */
    uint32_t address;                 /* Taken for it, perhaps not told yet. */
    char address_text[ADDRESS_TEXT_SIZE];
    bool is_writing;
    bool is_gone;                     /* Freed when its write has ended. */
};

static int compare_due(const struct heap_node *a, const struct heap_node *b, void *context)
{
    const struct virtual_pod *left = CONTAINER_OF(a, struct virtual_pod, due_node);
    const struct virtual_pod *right = CONTAINER_OF(b, struct virtual_pod, due_node);
    (void)context;
    if (left->due_us != right->due_us)
        return left->due_us < right->due_us ? -1 : 1;
    return strcmp(left->key, right->key);
}

/* --- Life --- */

void virtual_pods_init(struct virtual_pods *pods, struct client *client, struct trace *trace,
                       double time_scale)
{
    *pods = (struct virtual_pods){.client = client, .trace = trace, .time_scale = time_scale};
    map_init_borrowing(&pods->pods);
    heap_init(&pods->due, compare_due, NULL);
    list_init(&pods->changed);
    arena_init(&pods->scratch);
    address_pool_init(&pods->addresses, ADDRESSES_BASE, ADDRESSES_PREFIX);
}

static void free_pod(struct virtual_pod *pod)
{
    object_unref(pod->object);
    mem_free(pod->key);
    mem_free(pod);
}

/* Forgets a pod; what is left of it goes when its write has ended. */
static void drop(struct virtual_pods *pods, struct virtual_pod *pod)
{
    map_remove(&pods->pods, slice_of(pod->key));
    heap_remove(&pods->due, &pod->due_node);
    list_remove(&pod->link);
    pod->is_gone = true;
    if (!pod->is_writing)
        free_pod(pod);
}

void virtual_pods_release(struct virtual_pods *pods)
{
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&pods->pods, &cursor, &entry)) {
        struct virtual_pod *pod = entry.value;
        PRE(!pod->is_writing);
        free_pod(pod);
    }
    map_release(&pods->pods);
    heap_release(&pods->due);
    arena_release(&pods->scratch);
    address_pool_release(&pods->addresses);
}

static struct virtual_pod *ensure(struct virtual_pods *pods, const struct object *object)
{
    struct virtual_pod *pod = map_get(&pods->pods, object_key(object));
    if (pod)
        return pod;
    pod = mem_alloc(sizeof(*pod));
    pod->key = mem_copy_slice(object_key(object));
    pod->due_us = INT64_MAX;
    list_init(&pod->link);
    map_set(&pods->pods, slice_of(pod->key), pod);
    return pod;
}

static void set_object(struct virtual_pod *pod, const struct object *object)
{
    object_ref(object);
    object_unref(pod->object);
    pod->object = object;
}

/* --- What to look at --- */

static void wake(struct virtual_pods *pods, struct virtual_pod *pod)
{
    heap_remove(&pods->due, &pod->due_node);
    if (list_is_empty(&pod->link) && !pod->is_writing)
        list_push_back(&pods->changed, &pod->link);
}

/* Nothing to do until the due time, if there is one, or until it changes. */
static void settle(struct virtual_pods *pods, struct virtual_pod *pod)
{
    if (pod->due_us == INT64_MAX)
        drop(pods, pod);
    else if (!heap_contains(&pod->due_node))
        heap_insert(&pods->due, &pod->due_node);
}

static bool is_over(const struct object *object, const struct facts_pod *facts)
{
    struct slice deleted;
    return (facts->phase == POD_SUCCEEDED || facts->phase == POD_FAILED) &&
           !view_find(object_view(object), VIEW_DELETED, &deleted);
}

bool virtual_pods_changed(struct virtual_pods *pods, const struct object *object)
{
    struct facts_pod facts;
    struct virtual_pod *pod = map_get(&pods->pods, object_key(object));
    bool is_bound = facts_pod_of(object, &facts) && facts.node_name.size > 0;
    bool is_ours = is_bound && pods->host_ip(pods->context, facts.node_name) != NULL;
    if (!is_ours || is_over(object, &facts)) {
        if (pod)
            drop(pods, pod);
        return is_ours || !is_bound;
    }
    if (pod && pod->object->revision >= object->revision)
        return true;
    pod = ensure(pods, object);
    set_object(pod, object);
    wake(pods, pod);
    return true;
}

static void free_address(struct virtual_pods *pods, const struct object *last)
{
    struct status status;
    status_init(&status);
    arena_reset(&pods->scratch);
    const struct json *tree = json_parse(&pods->scratch, object_body(last), NULL, &status);
    address_pool_free(&pods->addresses, ipv4_parse(json_string(json_at(tree, "status.podIP"))));
    status_release(&status);
}

void virtual_pods_removed(struct virtual_pods *pods, const struct object *last)
{
    struct facts_pod facts;
    struct virtual_pod *pod = map_get(&pods->pods, object_key(last));
    if (pod) {
        address_pool_free(&pods->addresses, pod->address);
        drop(pods, pod);
    }
    if (facts_pod_of(last, &facts) && facts.node_name.size > 0)
        free_address(pods, last);
}

static struct virtual_pod *first_due(const struct virtual_pods *pods)
{
    struct heap_node *node = heap_first(&pods->due);
    return node ? CONTAINER_OF(node, struct virtual_pod, due_node) : NULL;
}

int64_t virtual_pods_due_us(const struct virtual_pods *pods)
{
    const struct virtual_pod *pod = first_due(pods);
    return pod ? pod->due_us : INT64_MAX;
}

bool virtual_pods_have_work(const struct virtual_pods *pods, int64_t now_us)
{
    return !list_is_empty(&pods->changed) || virtual_pods_due_us(pods) <= now_us;
}

/* --- Looks --- */

struct asked {
    struct virtual_pods *pods;
    struct virtual_pod *pod;
};

static const char *take_address(void *context)
{
    struct asked *asked = context;
    struct virtual_pod *pod = asked->pod;
    if (pod->address == 0)
        pod->address = address_pool_take(&asked->pods->addresses);
    ipv4_print(pod->address, pod->address_text);
    return pod->address != 0 ? pod->address_text : "";
}

static void copy_path(struct arena *arena, const struct object *object, const char *subresource,
                      struct resource_path *path)
{
    struct slice namespace = key_namespace(object_key(object));
    struct slice name = key_name(object_key(object));
    *path = (struct resource_path){
        .group = "",
        .version = "v1",
        .resource = "pods",
        .namespace = {arena_copy_slice(arena, namespace), namespace.size},
        .name = {arena_copy_slice(arena, name), name.size},
        .subresource = subresource,
    };
}

static void add_removal(struct write_batch *batch, struct arena *scratch, struct virtual_pod *pod)
{
    struct resource_path path;
    struct json *options = json_new_object(scratch);
    struct json *preconditions = json_ensure_object(scratch, options, "preconditions");
    json_set(scratch, preconditions, "uid", json_new_string(scratch, view_uid(pod->object)));
    json_set_text(scratch, options, "apiVersion", "v1");
    json_set_text(scratch, options, "kind", "DeleteOptions");
    json_set_int(scratch, options, "gracePeriodSeconds", 0);
    copy_path(write_batch_arena(batch), pod->object, NULL, &path);
    write_batch_add(batch, "delete", &path, options, pod);
}

static void trace_look(const struct virtual_pods *pods, const struct virtual_pod *pod,
                       const struct virtual_pod_look *look)
{
    if (!trace_is_on(pods->trace, TRACE_KUBELET))
        return;
    struct slice key = object_key(pod->object);
    const char *phase = json_text(json_at(look->patch, "status.phase"));
    trace_line(pods->trace, TRACE_KUBELET, "pod" SLICE_FORMAT " %s%s",
               SLICE_ARGS(slice_sub(key, strlen("/pods"), key.size)),
               look->patch ? (*phase ? phase : "updated") : "", look->removes ? " removed" : "");
}

static void write_look(struct virtual_pods *pods, struct virtual_pod *pod,
                       const struct virtual_pod_look *look, struct write_batch *batch)
{
    struct resource_path path;
    trace_look(pods, pod, look);
    copy_path(write_batch_arena(batch), pod->object, "status", &path);
    if (look->patch)
        write_batch_add(batch, "patch", &path, look->patch, pod);
    if (look->removes)
        add_removal(batch, &pods->scratch, pod);
    pods->writes += (look->patch != NULL) + look->removes;
    pod->is_writing = true;
}

static bool read_tree(struct virtual_pods *pods, const struct object *object, struct json **tree)
{
    struct status status;
    status_init(&status);
    arena_reset(&pods->scratch);
    *tree = json_parse(&pods->scratch, object_body(object), NULL, &status);
    status_release(&status);
    return *tree != NULL;
}

static void look_at(struct virtual_pods *pods, struct virtual_pod *pod, struct write_batch *batch)
{
    struct json *tree;
    struct asked asked = {pods, pod};
    if (!read_tree(pods, pod->object, &tree)) {
        drop(pods, pod); /* The store gives no such bodies. */
        return;
    }
    struct virtual_pod_look look = {
        .arena = &pods->scratch,
        .pod = tree,
        .now_us = clock_wall_us(loop_clock(pods->client->loop)),
        .time_scale = pods->time_scale,
        .host_ip = pods->host_ip(pods->context, json_string(json_at(tree, "spec.nodeName"))),
        .take_address = take_address,
        .context = &asked,
        .moments = pod->moments,
    };
    if (!look.host_ip) { /* Its node has gone since. */
        drop(pods, pod);
        return;
    }
    address_pool_hold(&pods->addresses, ipv4_parse(json_string(json_at(tree, "status.podIP"))));
    virtual_pod_look(&look);
    pod->moments = look.moments;
    pod->due_us = look.due_us;
    pod->looked_revision = pod->object->revision;
    if (look.patch || look.removes)
        write_look(pods, pod, &look, batch);
    else
        settle(pods, pod);
}

static struct virtual_pod *next_to_look_at(struct virtual_pods *pods, int64_t now_us)
{
    struct list *link = list_pop_front(&pods->changed);
    if (link)
        return CONTAINER_OF(link, struct virtual_pod, link);
    struct virtual_pod *pod = first_due(pods);
    if (!pod || pod->due_us > now_us)
        return NULL;
    heap_remove(&pods->due, &pod->due_node);
    return pod;
}

void virtual_pods_fill(struct virtual_pods *pods, struct write_batch *batch, int64_t until_us)
{
    struct clock *clock = loop_clock(pods->client->loop);
    int64_t now_us = clock_wall_us(clock);
    struct virtual_pod *pod;
    while (write_batch_has_room(batch, 2) && clock_steady_us(clock) <= until_us &&
           (pod = next_to_look_at(pods, now_us)) != NULL)
        look_at(pods, pod, batch);
}

/* --- After a write --- */

/* Reads the pod as it is committed by now. */
static void refresh(struct virtual_pods *pods, struct virtual_pod *pod)
{
    struct snapshot *snapshot =
        pods->client->operations->snapshot(pods->client, SNAPSHOT_COMMITTED);
    const struct object *object = snapshot->operations->get(snapshot, slice_of(pod->key));
    if (object && object->revision > pod->object->revision)
        set_object(pod, object);
    snapshot->operations->release(snapshot);
    if (!object)
        pod->due_us = INT64_MAX;
    if (object && pod->object->revision > pod->looked_revision)
        wake(pods, pod);
    else
        settle(pods, pod);
}

void virtual_pods_ended(void *context, void *owner, enum write_outcome outcome,
                        const struct status *status)
{
    struct virtual_pods *pods = context;
    struct virtual_pod *pod = owner;
    pod->is_writing = false;
    if (pod->is_gone) {
        free_pod(pod);
        return;
    }
    if (outcome == WRITE_AGAIN || outcome == WRITE_FAILED) {
        wake(pods, pod);
        return;
    }
    if (outcome == WRITE_REFUSED && status->reason != STATUS_NOT_FOUND &&
        status->reason != STATUS_CONFLICT)
        log_line(LOG_WARN, "the status of a virtual pod was refused", "pod=%s why=\"%s\"", pod->key,
                 status->message);
    refresh(pods, pod);
}
