/* See facts_node.h. Order: the header, the lists. */
#include "core/kinds/facts_node.h"

#include "core/clock.h"
#include "core/kinds/facts_pod.h"

#define FACTS_NODE_MARK 0x3165646f6e /* "node1": the form of these bytes. */

static int64_t amount_of(struct resource_list *list, struct slice name, bool in_millis)
{
    const struct quantity *amount = resource_list_get(list, name);
    if (!amount)
        return 0;
    return in_millis ? quantity_millis(amount) : quantity_value(amount);
}

static void append_taints(const struct json *node, struct buffer *facts)
{
    struct buffer list = {0};
    JSON_EACH(taint, json_at(node, "spec.taints")) {
        struct slice effect = json_string(json_get(taint, "effect"));
        int64_t added_us = 0;
        time_parse(json_string(json_get(taint, "timeAdded")), &added_us);
        facts_append_text(&list, json_string(json_get(taint, "key")));
        facts_append_text(&list, json_string(json_get(taint, "value")));
        facts_append_int(&list, slice_is(effect, "NoExecute")          ? TAINT_NO_EXECUTE
                                : slice_is(effect, "PreferNoSchedule") ? TAINT_PREFER_NO_SCHEDULE
                                                                       : TAINT_NO_SCHEDULE);
        facts_append_int(&list, added_us);
    }
    facts_append_text(facts, buffer_slice(&list));
    buffer_release(&list);
}
static void append_images(const struct json *node, struct buffer *facts)
{
    struct buffer list = {0};
    JSON_EACH(image, json_at(node, "status.images")) {
        int64_t size = 0;
        json_to_int64(json_get(image, "sizeBytes"), &size);
        JSON_EACH(name, json_get(image, "names")) {
            facts_append_int(&list, (int64_t)facts_image_hash(json_string(name)));
            facts_append_int(&list, size);
        }
    }
    facts_append_text(facts, buffer_slice(&list));
    buffer_release(&list);
}

static enum node_condition read_ready(const struct json *node)
{
    JSON_EACH(condition, json_at(node, "status.conditions")) {
        struct slice status = json_string(json_get(condition, "status"));
        if (!slice_is(json_string(json_get(condition, "type")), "Ready"))
            continue;
        return slice_is(status, "True")    ? NODE_CONDITION_TRUE
               : slice_is(status, "False") ? NODE_CONDITION_FALSE
                                           : NODE_CONDITION_UNKNOWN;
    }
    return NODE_CONDITION_ABSENT;
}

/* pods has a place in the header, as the three that facts_append_resources() leaves out. */
static void append_resources(struct resource_list *list, struct buffer *facts)
{
    struct resource_list rest = {0};
    for (size_t i = 0; i < list->count; i++)
        if (!slice_is(list->items[i].name, "pods"))
            resource_list_set(&rest, list->items[i].name, &list->items[i].amount);
    facts_append_resources(facts, &rest);
    resource_list_release(&rest);
}

void node_facts(const struct json *node, struct buffer *facts)
{
    struct resource_list allocatable = {0};
    struct buffer shaped = {0};
    const struct json *amounts = json_at(node, "status.allocatable");
    resource_list_add_json(&allocatable, amounts ? amounts : json_at(node, "status.capacity"));
    facts_append_int(&shaped, amount_of(&allocatable, SLICE("cpu"), true));
    facts_append_int(&shaped, amount_of(&allocatable, SLICE("memory"), false));
    facts_append_int(&shaped, amount_of(&allocatable, SLICE("ephemeral-storage"), false));
    facts_append_int(&shaped, amount_of(&allocatable, SLICE("pods"), false));
    facts_append_int(&shaped, json_bool(json_at(node, "spec.unschedulable")));
    append_resources(&allocatable, &shaped);
    append_taints(node, &shaped);

    facts_append_int(facts, FACTS_NODE_MARK);
    facts_append_int(facts, (int64_t)facts_hash(0, buffer_slice(&shaped)));
    facts_append_int(facts, read_ready(node));
    buffer_append_slice(facts, buffer_slice(&shaped));
    append_images(node, facts);
    buffer_release(&shaped);
    resource_list_release(&allocatable);
}

bool facts_node_read(struct slice facts, struct facts_node *node)
{
    if (facts_take_int(&facts) != FACTS_NODE_MARK)
        return false;
    node->shape = (uint64_t)facts_take_int(&facts);
    node->ready = (enum node_condition)facts_take_int(&facts);
    node->cpu_millis = facts_take_int(&facts);
    node->memory = facts_take_int(&facts);
    node->ephemeral = facts_take_int(&facts);
    node->pods = facts_take_int(&facts);
    node->is_unschedulable = facts_take_int(&facts);
    node->resources = facts_take_text(&facts);
    node->taints = facts_take_text(&facts);
    node->images = facts_take_text(&facts);
    return true;
}
bool facts_node_take_taint(struct slice *taints, struct facts_taint *taint)
{
    if (taints->size == 0)
        return false;
    taint->key = facts_take_text(taints);
    taint->value = facts_take_text(taints);
    taint->effect = (enum taint_effect)facts_take_int(taints);
    taint->added_us = facts_take_int(taints);
    return true;
}
bool facts_node_take_image(struct slice *images, uint64_t *hash, int64_t *size)
{
    if (images->size == 0)
        return false;
    *hash = (uint64_t)facts_take_int(images);
    *size = facts_take_int(images);
    return true;
}
