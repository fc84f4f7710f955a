#include "kubelet-lite/virtual_node_set.h"

#include <stdio.h>

#include "core/clock.h"
#include "core/kinds/meta.h"
#include "core/kinds/view.h"
#include "core/version.h"
#include "kubelet-lite/node_status.h"
#include "kubelet-lite/virtual_lifecycle.h"

#define FAKE_ANNOTATION "kwok.x-k8s.io/node"
#define STOPPED_ANNOTATION VIRTUAL_ANNOTATION "stopped"
#define ADDRESSES_BASE UINT32_C(0xc6120000) /* 198.18.0.0/15: for benchmarks (RFC 2544). */
#define ADDRESSES_PREFIX 15

struct virtual_node {
    char *name;
    const struct object *object;
    int64_t looked_revision;
    int64_t renewed_round;       /* Of leases. */
    int64_t listed_round;
    struct list link;            /* In set->order. */
    struct list changed_link;    /* In set->changed, or alone. */
    char address[ADDRESS_TEXT_SIZE];
    int writes;                  /* Under way. */
    bool is_stopped;
    bool takes_shape;            /* At its first look it gets the shape of this start. */
    bool is_gone;
};

/* --- Life --- */

static int64_t now_us(const struct virtual_node_set *set)
{
    return clock_wall_us(loop_clock(set->client->loop));
}

static void free_node(struct virtual_node *node)
{
    object_unref(node->object);
    mem_free(node->name);
    mem_free(node);
}

void virtual_node_set_init(struct virtual_node_set *set, struct client *client, struct trace *trace,
                           const struct json *shape, int count)
{
    *set = (struct virtual_node_set){
        .client = client, .trace = trace, .shape = shape, .count = count, .lease_round = 1};
    map_init_borrowing(&set->by_name);
    list_init(&set->order);
    list_init(&set->changed);
    address_pool_init(&set->addresses, ADDRESSES_BASE, ADDRESSES_PREFIX);
}

void virtual_node_set_release(struct virtual_node_set *set)
{
    LIST_EACH(link, &set->order)
        free_node(CONTAINER_OF(link, struct virtual_node, link));
    address_pool_release(&set->addresses);
    map_release(&set->by_name);
}

/* --- Which there are --- */

static void wake_node(struct virtual_node_set *set, struct virtual_node *node)
{
    if (list_is_empty(&node->changed_link))
        list_push_back(&set->changed, &node->changed_link);
}

static struct json *read_node(struct arena *arena, const struct object *object)
{
    struct status status;
    status_init(&status);
    struct json *tree = json_parse(arena, object_body(object), NULL, &status);
    status_release(&status);
    return tree;
}

static void forget_node(struct virtual_node_set *set, struct virtual_node *node)
{
    map_remove(&set->by_name, slice_of(node->name));
    list_remove(&node->link);
    list_remove(&node->changed_link);
    address_pool_free(&set->addresses, ipv4_parse(slice_of(node->address)));
    node->is_gone = true;
    if (node->writes == 0)
        free_node(node);
}

static bool is_own(const struct virtual_node_set *set, const struct json *tree)
{
    struct slice name = meta_name(tree);
    int64_t index;
    return slice_starts_with(name, SLICE("virtual-")) &&
           slice_to_int64(slice_sub(name, strlen("virtual-"), name.size), &index) && index >= 0 &&
           index < set->count && slice_is(meta_label(tree, "type"), "virtual");
}

static struct virtual_node *learn_node(struct virtual_node_set *set, const struct json *tree)
{
    struct virtual_node *node = map_get(&set->by_name, meta_name(tree));
    if (node)
        return node;
    node = mem_alloc(sizeof(*node));
    node->name = mem_copy_slice(meta_name(tree));
    node->takes_shape = !set->has_listed && is_own(set, tree);
    node->renewed_round = set->lease_round - 1;
    list_init(&node->changed_link);
    list_push_front(&set->order, &node->link);
    map_set(&set->by_name, slice_of(node->name), node);
    return node;
}

static void learn_address(struct virtual_node_set *set, struct virtual_node *node,
                          const struct json *tree)
{
    if (*node->address)
        return;
    JSON_EACH(address, json_at(tree, "status.addresses"))
        if (slice_is(json_string(json_get(address, "type")), "InternalIP"))
            snprintf(node->address, sizeof node->address, "%s",
                     json_text(json_get(address, "address")));
    if (!*node->address)
        ipv4_print(address_pool_take(&set->addresses), node->address);
    address_pool_hold(&set->addresses, ipv4_parse(slice_of(node->address)));
}

/* Gives true when it begins to run pods. */
static bool take_node(struct virtual_node_set *set, const struct json *tree,
                      const struct object *object)
{
    struct virtual_node *node = learn_node(set, tree);
    bool was_stopped = node->object == NULL || node->is_stopped;
    node->listed_round = set->list_round;
    node->is_stopped = slice_is(meta_annotation(tree, STOPPED_ANNOTATION), "true");
    object_ref(object);
    object_unref(node->object);
    node->object = object;
    learn_address(set, node, tree);
    if (object->revision > node->looked_revision)
        wake_node(set, node);
    return was_stopped && !node->is_stopped;
}

bool virtual_node_set_changed(struct virtual_node_set *set, const struct object *object)
{
    bool begins = false;
    struct slice body = object_body(object);
    struct arena arena;
    arena_init(&arena);
    struct json *tree = memmem(body.data, body.size, FAKE_ANNOTATION, strlen(FAKE_ANNOTATION))
                            ? read_node(&arena, object)
                            : NULL;
    struct virtual_node *node = map_get(&set->by_name, key_name(object_key(object)));
    if (slice_is(meta_annotation(tree, FAKE_ANNOTATION), "fake"))
        begins = take_node(set, tree, object);
    else if (node)
        forget_node(set, node);
    arena_release(&arena);
    return begins;
}

void virtual_node_set_removed(struct virtual_node_set *set, struct slice name)
{
    struct virtual_node *node = map_get(&set->by_name, name);
    if (node)
        forget_node(set, node);
}

void virtual_node_set_list_begins(struct virtual_node_set *set)
{
    set->list_round++;
}

void virtual_node_set_list_ends(struct virtual_node_set *set)
{
    set->has_listed = true;
    LIST_EACH(link, &set->order) {
        struct virtual_node *node = CONTAINER_OF(link, struct virtual_node, link);
        if (node->listed_round != set->list_round)
            forget_node(set, node);
    }
}

const char *virtual_node_set_address(const struct virtual_node_set *set, struct slice name)
{
    const struct virtual_node *node = map_get(&set->by_name, name);
    return node && !node->is_stopped ? node->address : NULL;
}

/* --- Reports --- */

static void fill_report(const struct virtual_node_set *set, const char *name, const char *address,
                        struct node_report *report)
{
    *report = (struct node_report){
        .name = name,
        .address = address,
        .capacity = set->shape,
        .architecture = "amd64",
        .operating_system = "linux",
        .kernel_version = "virtual",
        .os_image = "virtual",
        .runtime_version = "virtual://" CORACLE_VERSION,
    };
}

static void node_path(struct arena *arena, const char *name, const char *subresource,
                      struct resource_path *path)
{
    *path = (struct resource_path){
        .group = "",
        .version = "v1",
        .resource = "nodes",
        .name = slice_of(name ? arena_copy_text(arena, name) : NULL),
        .subresource = subresource,
    };
}

/* --- Registration --- */

static void add_own_node(struct virtual_node_set *set, const char *name, struct write_batch *batch)
{
    struct arena *arena = write_batch_arena(batch);
    char address[ADDRESS_TEXT_SIZE];
    struct node_report report;
    struct resource_path path;
    struct json *labels = json_new_object(arena);
    struct json *annotations = json_new_object(arena);
    ipv4_print(address_pool_take(&set->addresses), address);
    fill_report(set, name, address, &report);
    json_set_text(arena, labels, "type", "virtual");
    json_set_text(arena, annotations, FAKE_ANNOTATION, "fake");
    node_path(arena, NULL, NULL, &path);
    write_batch_add(batch, "create", &path,
                    node_body(arena, &report, labels, annotations, now_us(set)), set);
}

static bool exists(struct virtual_node_set *set, const char *group, const char *resource,
                   const char *namespace, const char *name)
{
    struct buffer key = {0};
    struct snapshot *snapshot = set->client->operations->snapshot(set->client, SNAPSHOT_HEAD);
    key_append(&key, group, resource, slice_of(namespace), slice_of(name));
    bool is_there = snapshot->operations->get(snapshot, buffer_slice(&key)) != NULL;
    snapshot->operations->release(snapshot);
    buffer_release(&key);
    return is_there;
}

bool virtual_node_set_must_register(const struct virtual_node_set *set)
{
    return set->has_listed && set->registered < set->count;
}

void virtual_node_set_register(struct virtual_node_set *set, struct write_batch *batch)
{
    while (virtual_node_set_must_register(set) && write_batch_has_room(batch, 1)) {
        char name[32];
        snprintf(name, sizeof name, "virtual-%d", set->registered++);
        if (!exists(set, "", "nodes", "", name))
            add_own_node(set, name, batch);
    }
}

void virtual_node_set_register_ended(void *context, void *owner, enum write_outcome outcome,
                                     const struct status *status)
{
    struct virtual_node_set *set = context;
    (void)owner;
    (void)status;
    if (outcome != WRITE_DONE)
        set->registered = 0; /* Once more; those that are there are passed over. */
}

/* --- Status --- */

static void look_at_node(struct virtual_node_set *set, struct virtual_node *node,
                         struct write_batch *batch)
{
    struct arena *arena = write_batch_arena(batch);
    const struct json *tree = read_node(arena, node->object);
    struct node_report report;
    struct resource_path path;
    node->looked_revision = node->object->revision;
    if (!tree || node->is_stopped)
        return;
    fill_report(set, node->name, node->address, &report);
    report.only_fills = !node->takes_shape;
    struct json *patch = node_status_patch(arena, tree, &report, now_us(set));
    if (!patch)
        return;
    trace_line(set->trace, TRACE_KUBELET, "node/%s status", node->name);
    node_path(arena, node->name, "status", &path);
    write_batch_add(batch, "patch", &path, patch, node);
    node->writes++;
}

bool virtual_node_set_must_report(const struct virtual_node_set *set)
{
    return !list_is_empty(&set->changed);
}

void virtual_node_set_report(struct virtual_node_set *set, struct write_batch *batch)
{
    while (write_batch_has_room(batch, 1)) {
        struct list *link = list_pop_front(&set->changed);
        if (!link)
            return;
        look_at_node(set, CONTAINER_OF(link, struct virtual_node, changed_link), batch);
    }
}

/* A write of a node or of its lease has ended; false when the node has gone. */
static bool is_still_there(struct virtual_node *node)
{
    node->writes--;
    if (node->is_gone && node->writes == 0)
        free_node(node);
    else if (!node->is_gone)
        return true;
    return false;
}

void virtual_node_set_report_ended(void *context, void *owner, enum write_outcome outcome,
                                   const struct status *status)
{
    struct virtual_node_set *set = context;
    struct virtual_node *node = owner;
    if (!is_still_there(node))
        return;
    if (outcome == WRITE_AGAIN || outcome == WRITE_FAILED)
        wake_node(set, node);
    else
        node->takes_shape = false;
    if (outcome == WRITE_REFUSED && status->reason != STATUS_NOT_FOUND)
        log_line(LOG_WARN, "the status of a virtual node was refused", "node=%s why=\"%s\"",
                 node->name, status->message);
}

/* --- Leases --- */

static struct virtual_node *first_to_renew(const struct virtual_node_set *set)
{
    if (list_is_empty(&set->order))
        return NULL;
    struct virtual_node *node = CONTAINER_OF(set->order.next, struct virtual_node, link);
    return node->renewed_round < set->lease_round ? node : NULL;
}

bool virtual_node_set_must_renew(const struct virtual_node_set *set)
{
    return first_to_renew(set) != NULL;
}

static void renew(struct virtual_node_set *set, struct virtual_node *node,
                  struct write_batch *batch)
{
    struct arena *arena = write_batch_arena(batch);
    struct slice uid = view_uid(node->object);
    struct resource_path path = {
        .group = "coordination.k8s.io",
        .version = "v1",
        .resource = "leases",
        .namespace = SLICE(NODE_LEASE_NAMESPACE),
    };
    if (exists(set, path.group, path.resource, NODE_LEASE_NAMESPACE, node->name)) {
        path.name = slice_of(arena_copy_text(arena, node->name));
        write_batch_add(batch, "patch", &path, node_lease_patch(arena, node->name, now_us(set)),
                        node);
    } else {
        write_batch_add(
            batch, "create", &path,
            node_lease_body(arena, node->name, arena_copy_slice(arena, uid), now_us(set)), node);
    }
    node->writes++;
}

void virtual_node_set_renew(struct virtual_node_set *set, struct write_batch *batch)
{
    struct virtual_node *node;
    while (write_batch_has_room(batch, 1) && (node = first_to_renew(set)) != NULL) {
        list_remove(&node->link);
        list_push_back(&set->order, &node->link);
        node->renewed_round = set->lease_round;
        if (!node->is_stopped)
            renew(set, node, batch);
    }
}

void virtual_node_set_renew_ended(void *context, void *owner, enum write_outcome outcome,
                                  const struct status *status)
{
    struct virtual_node_set *set = context;
    struct virtual_node *node = owner;
    if (!is_still_there(node))
        return;
    if (outcome == WRITE_REFUSED) /* Its turn comes again in the next round. */
        log_line(LOG_WARN, "the lease of a virtual node was refused", "node=%s why=\"%s\"",
                 node->name, status->message);
    if (outcome != WRITE_AGAIN && outcome != WRITE_FAILED)
        return;
    node->renewed_round = set->lease_round - 1;
    list_remove(&node->link);
    list_push_front(&set->order, &node->link);
}
