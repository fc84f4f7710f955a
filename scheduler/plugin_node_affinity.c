/* nodeSelector and required node affinity (core/v1 component-helpers nodeaffinity). */
#include "core/kinds/view.h"
#include "scheduler/framework.h"

static bool applies(const struct shape *shape)
{
    return (shape->flags & POD_HAS_NODE_SELECTION) != 0;
}

static bool value_in(const struct json *values, struct slice value)
{
    JSON_EACH(item, values)
        if (slice_equal(json_string(item), value))
            return true;
    return false;
}

static bool compares(struct slice value, const struct json *values, bool greater)
{
    int64_t left;
    int64_t right;
    if (!slice_to_int64(value, &left) || !slice_to_int64(json_string(json_first(values)), &right))
        return false;
    return greater ? left > right : left < right;
}

/* One NodeSelectorRequirement against a value that the node has, or has not. */
static bool requirement_holds(const struct json *requirement, bool has, struct slice value)
{
    struct slice operator= json_string(json_get(requirement, "operator"));
    const struct json *values = json_get(requirement, "values");
    if (slice_is(operator, "In"))
        return has && value_in(values, value);
    if (slice_is(operator, "NotIn"))
        return !has || !value_in(values, value);
    if (slice_is(operator, "Exists"))
        return has;
    if (slice_is(operator, "DoesNotExist"))
        return !has;
    if (slice_is(operator, "Gt") || slice_is(operator, "Lt"))
        return has && compares(value, values, slice_is(operator, "Gt"));
    return false;
}

static bool term_holds(const struct json *term, const struct node_info *node)
{
    const struct json *expressions = json_get(term, "matchExpressions");
    const struct json *fields = json_get(term, "matchFields");
    if (json_count(expressions) == 0 && json_count(fields) == 0)
        return false;
    JSON_EACH(requirement, expressions) {
        struct slice value = {0};
        bool has = view_label(object_view(node->object), json_string(json_get(requirement, "key")),
                              &value);
        if (!requirement_holds(requirement, has, value))
            return false;
    }
    JSON_EACH(requirement, fields) {
        bool is_name = slice_is(json_string(json_get(requirement, "key")), "metadata.name");
        if (!requirement_holds(requirement, is_name, node->name))
            return false;
    }
    return true;
}

static bool selector_holds(const struct json *selector, const struct node_info *node)
{
    JSON_EACH(label, selector) {
        struct slice value;
        if (!view_label(object_view(node->object), json_key(label), &value) ||
            !slice_equal(value, json_string(label)))
            return false;
    }
    return true;
}

static bool required_holds(const struct json *affinity, const struct node_info *node)
{
    const struct json *required =
        json_at(affinity, "nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution");
    if (!required)
        return true;
    JSON_EACH(term, json_get(required, "nodeSelectorTerms"))
        if (term_holds(term, node))
            return true;
    return false;
}

static bool filter(const struct filter_input *input, struct refusal *refusal)
{
    if (selector_holds(input->shape->node_selector, input->node) &&
        required_holds(input->shape->affinity, input->node))
        return true;
    refuse(refusal, "node(s) didn't match Pod's node affinity/selector");
    refusal->is_unresolvable = true;
    return false;
}

const struct plugin plugin_node_affinity = {
    .name = "NodeAffinity", .applies = applies, .filter = filter};
