#include "api/authz_node.h"

#include "api/api.h"
#include "api/pods_by_node.h"
#include "api/rbac.h"
#include "core/kinds/facts_pod.h"
#include "core/kinds/field_path.h"
#include "core/kinds/pod_references.h"

#define NODE_USER_PREFIX "system:node:"
#define LEASE_NAMESPACE "kube-node-lease"

bool user_is_node(const struct user *user, struct slice *node)
{
    struct slice name = slice_of(user->name);
    struct slice prefix = SLICE(NODE_USER_PREFIX);
    if (!slice_starts_with(name, prefix) || !user_in_group(user, "system:nodes"))
        return false;
    *node = slice_sub(name, prefix.size, name.size);
    return true;
}

/* One question of a node, and where its answer goes. */
struct node_question {
    struct api *api;
    const struct authz_attributes *asked;
    struct arena *arena;
    struct slice node;
    const char *reason;
};

static bool refuse(struct node_question *question, const char *reason)
{
    question->reason = reason;
    return false;
}

static bool is_verb(const struct node_question *question, const char *const *verbs)
{
    return text_is_one_of(slice_of(question->asked->verb), verbs);
}
#define IS_VERB(question, ...) is_verb(question, (const char *const[]){__VA_ARGS__, NULL})

/* --- What its pods name --- */

/* A name in a printed body is a JSON text; names need no escapes. */
static bool mentions(struct slice body, struct slice name, struct buffer *quoted)
{
    buffer_clear(quoted);
    buffer_format(quoted, "\"" SLICE_FORMAT "\"", SLICE_ARGS(name));
    return memmem(body.data, body.size, quoted->data, quoted->size) != NULL;
}

static bool pod_names(struct arena *arena, const struct object *pod, enum pod_reference reference,
                      struct slice name)
{
    struct status status;
    status_init(&status);
    const struct json *tree = json_parse(arena, object_body(pod), NULL, &status);
    status_release(&status);
    /* A mirror of a static pod gives its node no right: the node itself has made it. */
    if (json_get(json_at(tree, "metadata.annotations"), "kubernetes.io/config.mirror"))
        return false;
    return pod_refers_to(arena, tree, reference, name);
}

/* A claim's name may be put together (POD-VOLUME), so that no text in the body is it. */
static bool some_pod_names(struct node_question *question, enum pod_reference reference)
{
    const struct authz_attributes *asked = question->asked;
    const struct object *const *pods;
    size_t count = pods_by_node_get(authz_pods_by_node(question->api), question->node, &pods);
    struct buffer quoted = {0};
    bool found = false;
    for (size_t i = 0; i < count && !found; i++)
        found = slice_equal(key_namespace(object_key(pods[i])), asked->namespace) &&
                (reference == POD_NAMES_CLAIM ||
                 mentions(object_body(pods[i]), asked->name, &quoted)) &&
                pod_names(question->arena, pods[i], reference, asked->name);
    buffer_release(&quoted);
    return found;
}

static const char *no_relationship(struct node_question *question)
{
    return arena_format(question->arena,
                        "no relationship found between node '" SLICE_FORMAT "' and this object",
                        SLICE_ARGS(question->node));
}

static bool is_related(struct node_question *question, enum pod_reference reference)
{
    if (question->asked->name.size == 0)
        return refuse(question, "No Object name found");
    return some_pod_names(question, reference) || refuse(question, no_relationship(question));
}

static bool may_read(struct node_question *question, enum pod_reference reference)
{
    if (!IS_VERB(question, "get", "list", "watch"))
        return refuse(question, "can only read resources of this type");
    if (question->asked->subresource)
        return refuse(question, "cannot read subresource");
    if (question->asked->namespace.size == 0)
        return refuse(question, "can only read namespaced object of this type");
    return is_related(question, reference);
}

static bool may_use_secret(struct node_question *question)
{
    return may_read(question, POD_NAMES_SECRET);
}
static bool may_use_config_map(struct node_question *question)
{
    return may_read(question, POD_NAMES_CONFIG_MAP);
}

static bool may_use_claim(struct node_question *question)
{
    const char *sub = question->asked->subresource;
    if (sub && strcmp(sub, "status") == 0)
        return IS_VERB(question, "update", "patch")
                   ? is_related(question, POD_NAMES_CLAIM)
                   : refuse(question, "can only get/update/patch this type");
    if (!IS_VERB(question, "get"))
        return refuse(question, "can only get individual resources of this type");
    return sub ? refuse(question, "cannot get subresource") : is_related(question, POD_NAMES_CLAIM);
}

static bool may_use_service_account(struct node_question *question)
{
    const char *sub = question->asked->subresource;
    if (!IS_VERB(question, "create") || question->asked->name.size == 0)
        return refuse(question, "can only create tokens for individual service accounts");
    if (!sub || strcmp(sub, "token") != 0)
        return refuse(question, "can only create token subresource of serviceaccount");
    return is_related(question, POD_NAMES_SERVICE_ACCOUNT);
}

/* --- What bears its name --- */

static bool may_use_lease(struct node_question *question)
{
    const struct authz_attributes *asked = question->asked;
    if (!IS_VERB(question, "get", "create", "update", "patch", "delete"))
        return refuse(question, "can only get, create, update, patch, or delete a node lease");
    if (!slice_is(asked->namespace, LEASE_NAMESPACE))
        return refuse(question,
                      "can only access leases in the \"" LEASE_NAMESPACE "\" system namespace");
    /* A create does not say the name; NodeRestriction looks at the object. */
    if (!IS_VERB(question, "create") && !slice_equal(asked->name, question->node))
        return refuse(question,
                      "can only access node lease with the same name as the requesting node");
    return true;
}

static bool may_read_node(struct node_question *question)
{
    struct slice name = question->asked->name;
    if (slice_equal(name, question->node))
        return true;
    if (name.size == 0)
        return refuse(question, arena_format(question->arena,
                                             "node '" SLICE_FORMAT
                                             "' cannot read all nodes, only its own Node object",
                                             SLICE_ARGS(question->node)));
    return refuse(question, arena_format(question->arena,
                                         "node '" SLICE_FORMAT "' cannot read '" SLICE_FORMAT
                                         "', only its own Node object",
                                         SLICE_ARGS(question->node), SLICE_ARGS(name)));
}

/* That a write is of its own Node is NodeRestriction's to see. */
static bool may_use_node(struct node_question *question)
{
    const char *sub = question->asked->subresource;
    if (!sub && IS_VERB(question, "get", "list", "watch"))
        return may_read_node(question);
    if (!sub)
        return IS_VERB(question, "create", "update", "patch");
    return strcmp(sub, "status") == 0 && IS_VERB(question, "update", "patch");
}

/* --- Pods --- */

/* spec.nodeName=NODE among the requirements. */
static bool selects_own_pods(const struct node_question *question)
{
    struct slice rest = question->asked->field_selector;
    struct slice part;
    struct slice field = SLICE("spec.nodeName=");
    while (slice_split(&rest, ',', &part)) {
        if (!slice_starts_with(part, field))
            continue;
        struct slice value = slice_sub(part, field.size, part.size);
        if (value.size > 0 && value.data[0] == '=')
            value = slice_sub(value, 1, value.size);
        if (slice_equal(value, question->node))
            return true;
    }
    return false;
}

static bool is_own_pod(struct node_question *question)
{
    const struct authz_attributes *asked = question->asked;
    struct buffer key = {0};
    struct facts_pod facts;
    if (asked->name.size == 0)
        return refuse(question, "No Object name found");
    key_append(&key, "", "pods", asked->namespace, asked->name);
    const struct object *pod = store_get(question->api->store, HEAD, buffer_slice(&key));
    buffer_release(&key);
    return (facts_pod_of(pod, &facts) && slice_equal(facts.node_name, question->node)) ||
           refuse(question, no_relationship(question));
}

static bool may_list_pods(struct node_question *question)
{
    if (selects_own_pods(question))
        return true;
    if (question->asked->name.size > 0)
        return is_own_pod(question);
    return refuse(question, "can only list/watch pods with spec.nodeName field selector");
}

/* Writes are NodeRestriction's to look at. */
static bool may_use_pod(struct node_question *question)
{
    const char *sub = question->asked->subresource;
    if (!sub && IS_VERB(question, "get"))
        return is_own_pod(question);
    if (!sub && IS_VERB(question, "list", "watch"))
        return may_list_pods(question);
    if (!sub)
        return IS_VERB(question, "create", "delete");
    if (strcmp(sub, "status") == 0)
        return IS_VERB(question, "update", "patch");
    return strcmp(sub, "eviction") == 0 && IS_VERB(question, "create");
}

/* --- All --- */

static const struct {
    const char *group;
    const char *resource;
    bool (*may_use)(struct node_question *question);
} divided[] = {
    {"", "secrets", may_use_secret},
    {"", "configmaps", may_use_config_map},
    {"", "persistentvolumeclaims", may_use_claim},
    {"", "serviceaccounts", may_use_service_account},
    {"coordination.k8s.io", "leases", may_use_lease},
    {"", "nodes", may_use_node},
    {"", "pods", may_use_pod},
};

static bool static_rules_allow(struct node_question *question)
{
    JSON_EACH(rule, authz_node_rules(question->api))
        if (rbac_rule_allows(rule, question->asked))
            return true;
    return false;
}

static bool decide(struct node_question *question)
{
    const struct authz_attributes *asked = question->asked;
    for (size_t i = 0; asked->is_resource && i < ARRAY_SIZE(divided); i++)
        if (strcmp(divided[i].group, asked->group) == 0 &&
            strcmp(divided[i].resource, asked->resource) == 0)
            return divided[i].may_use(question);
    return static_rules_allow(question);
}

bool authz_node_allows(struct api *api, const struct authz_attributes *attributes,
                       struct arena *arena, const char **reason)
{
    struct node_question question = {.api = api, .asked = attributes, .arena = arena, .reason = ""};
    *reason = "";
    if (!user_is_node(attributes->user, &question.node))
        return false;
    if (question.node.size == 0) {
        *reason = arena_format(arena, "unknown node for user %s",
                               field_value_text(arena, slice_of(attributes->user->name)));
        return false;
    }
    bool allowed = decide(&question);
    *reason = question.reason;
    return allowed;
}
