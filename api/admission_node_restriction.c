/* A node writes its own Node, Lease and pods, and cannot steer work to itself by labels or taints.
 *
 * The authorizer (authz_node.h) has let it so far that only what is written, or what is there,
 * can tell. Rules and texts: k8s.io/kubernetes plugin/pkg/admission/noderestriction,
 * staging/src/k8s.io/kubelet/pkg/apis (the labels). */
#include "api/admission.h"
#include "api/api.h"
#include "api/authz_node.h"
#include "api/node_restriction.h"
#include "core/kinds/facts_pod.h"
#include "core/kinds/field_path.h"
#include "core/kinds/meta.h"
#include "core/kinds/pod_references.h"
#include "core/kinds/view.h"

#define LEASE_NAMESPACE "kube-node-lease"
#define MIRROR_ANNOTATION "kubernetes.io/config.mirror"

/* One write of one node. */
struct restriction {
    const struct admission *admission;
    struct arena *arena;
    struct status *status;
    struct slice node;
    const char *quoted; /* "\"n1\"" */
};

static int refuse(struct restriction *restriction, const char *why)
{
    return admission_forbid(restriction->admission, restriction->status, why);
}
/* `node "n1" TEXT` */
static int refuse_node(struct restriction *restriction, const char *text)
{
    return refuse(restriction,
                  arena_format(restriction->arena, "node %s %s", restriction->quoted, text));
}

/* --- Node: labels and taints --- */

/* The domain of a label's key, empty when it has none. */
static struct slice domain_of(struct slice key)
{
    ptrdiff_t slash = slice_find(key, '/');
    return slash < 0 ? SLICE("") : slice_sub(key, 0, (size_t)slash);
}

/* domain itself, or something below it. */
static bool is_in(struct slice domain, const char *above)
{
    if (!slice_ends_with(domain, slice_of(above)))
        return false;
    struct slice rest = slice_sub(domain, 0, domain.size - strlen(above));
    return rest.size == 0 || slice_ends_with(rest, SLICE("."));
}

static bool is_kubelet_label(struct slice key)
{
    static const char *const keys[] = {
        "kubernetes.io/hostname",
        "kubernetes.io/os",
        "kubernetes.io/arch",
        "topology.kubernetes.io/zone",
        "topology.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone",
        "failure-domain.beta.kubernetes.io/region",
        "beta.kubernetes.io/instance-type",
        "beta.kubernetes.io/os",
        "beta.kubernetes.io/arch",
        NULL,
    };
    struct slice domain = domain_of(key);
    return text_is_one_of(key, keys) || is_in(domain, "kubelet.kubernetes.io") ||
           is_in(domain, "node.kubernetes.io");
}

static bool is_forbidden_label(struct slice key)
{
    struct slice domain = domain_of(key);
    bool is_ours = is_in(domain, "kubernetes.io") || is_in(domain, "k8s.io");
    return is_in(domain, "node-restriction.kubernetes.io") || (is_ours && !is_kubelet_label(key));
}

/* Adds forbidden keys of a that b has not, or has with another value. */
static void add_changed(struct restriction *restriction, const struct json *a, const struct json *b,
                        struct json *keys)
{
    JSON_EACH(label, a) {
        const struct json *other = json_get_slice(b, json_key(label));
        if ((!other || !json_equal(label, other)) && is_forbidden_label(json_key(label)))
            json_set_slice(restriction->arena, keys, json_key(label),
                           json_new_null(restriction->arena));
    }
}

/* "a, b" in order, or NULL. */
static const char *forbidden_labels(struct restriction *restriction, const struct json *new,
                                    const struct json *old)
{
    const struct json *a = json_at(new, "metadata.labels");
    const struct json *b = json_at(old, "metadata.labels");
    struct json *keys = json_new_object(restriction->arena);
    struct buffer text = {0};
    add_changed(restriction, a, b, keys);
    add_changed(restriction, b, a, keys);
    if (json_count(keys) == 0)
        return NULL;
    json_sort(keys);
    JSON_EACH(key, keys)
        buffer_format(&text, "%s" SLICE_FORMAT, text.size > 0 ? ", " : "",
                      SLICE_ARGS(json_key(key)));
    const char *copy = arena_copy_slice(restriction->arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

static bool is_same(const struct json *a, const struct json *b)
{
    return (json_count(a) == 0 && json_count(b) == 0) || (a && b && json_equal(a, b));
}

static int check_new_node(struct restriction *restriction)
{
    const struct json *node = restriction->admission->object;
    if (json_at(node, "spec.configSource"))
        return refuse_node(restriction,
                           "is not allowed to create pods with a non-nil configSource");
    const char *labels = forbidden_labels(restriction, node, NULL);
    if (!labels)
        return 0;
    return refuse_node(
        restriction,
        arena_format(restriction->arena, "is not allowed to set the following labels: %s", labels));
}

static int check_changed_node(struct restriction *restriction)
{
    const struct json *node = restriction->admission->object, *old = restriction->admission->old;
    const struct json *source = json_at(node, "spec.configSource");
    if (source && !is_same(source, json_at(old, "spec.configSource")))
        return refuse_node(restriction,
                           "is not allowed to update configSource to a new non-nil configSource");
    if (!is_same(json_at(node, "spec.taints"), json_at(old, "spec.taints")))
        return refuse_node(restriction, "is not allowed to modify taints");
    const char *labels = forbidden_labels(restriction, node, old);
    if (!labels)
        return 0;
    return refuse(restriction,
                  arena_format(restriction->arena, "is not allowed to modify labels: %s", labels));
}

static int check_node(struct restriction *restriction)
{
    const struct admission *admission = restriction->admission;
    if (!slice_equal(admission->name, restriction->node))
        return refuse_node(restriction,
                           arena_format(restriction->arena, "is not allowed to modify node %s",
                                        field_value_text(restriction->arena, admission->name)));
    if (admission->operation == ADMIT_CREATE)
        return check_new_node(restriction);
    return admission->operation == ADMIT_UPDATE ? check_changed_node(restriction) : 0;
}

/* --- Pods --- */

static bool is_on(const struct json *pod, struct slice node)
{
    return slice_equal(json_string(json_at(pod, "spec.nodeName")), node);
}

static int check_owner_uid(struct restriction *restriction, const struct json *owner)
{
    const struct admission *admission = restriction->admission;
    struct buffer key = {0};
    key_append(&key, "", "nodes", SLICE(""), restriction->node);
    const struct object *node = plan_get(admission->plan, buffer_slice(&key));
    buffer_release(&key);
    const char *name = arena_copy_slice(restriction->arena, restriction->node);
    if (!node)
        return status_not_found(restriction->status, "", "nodes", name);
    struct slice uid = json_string(json_get(owner, "uid"));
    if (slice_equal(uid, view_uid(node)))
        return 0;
    return refuse(restriction,
                  arena_format(restriction->arena,
                               "node %s UID mismatch: expected " SLICE_FORMAT " got " SLICE_FORMAT,
                               name, SLICE_ARGS(uid), SLICE_ARGS(view_uid(node))));
}

static int check_owner(struct restriction *restriction, const struct json *owners)
{
    const struct json *owner = json_first(owners);
    if (json_count(owners) > 1)
        return refuse_node(restriction,
                           "can only create pods with a single owner reference set to itself");
    if (!owner || !slice_is(json_string(json_get(owner, "apiVersion")), "v1") ||
        !slice_is(json_string(json_get(owner, "kind")), "Node") ||
        !slice_equal(json_string(json_get(owner, "name")), restriction->node))
        return refuse_node(restriction,
                           "can only create pods with an owner reference set to itself");
    if (!json_bool(json_get(owner, "controller")))
        return refuse_node(restriction,
                           "can only create pods with a controller owner reference set to itself");
    if (json_bool(json_get(owner, "blockOwnerDeletion")))
        return refuse_node(restriction, "must not set blockOwnerDeletion on an owner reference");
    return check_owner_uid(restriction, owner);
}

static int check_pod_references(struct restriction *restriction, const struct json *pod)
{
    static const struct {
        enum pod_reference reference;
        const char *text;
    } forbidden[] = {
        {POD_NAMES_SERVICE_ACCOUNT, "can not create pods that reference a service account"},
        {POD_NAMES_SECRET, "can not create pods that reference secrets"},
        {POD_NAMES_CONFIG_MAP, "can not create pods that reference configmaps"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++)
        if (pod_refers_to(restriction->arena, pod, forbidden[i].reference, (struct slice){0}))
            return refuse_node(restriction, forbidden[i].text);
    JSON_EACH(volume, json_at(pod, "spec.volumes")) {
        JSON_EACH(source, json_at(volume, "projected.sources"))
            if (json_get(source, "clusterTrustBundle"))
                return refuse_node(restriction,
                                   "can not create pods that reference clustertrustbundles");
        if (json_get(volume, "persistentVolumeClaim"))
            return refuse_node(restriction,
                               "can not create pods that reference persistentvolumeclaims");
    }
    return 0;
}

static int check_new_pod(struct restriction *restriction)
{
    const struct json *pod = restriction->admission->object;
    if (!json_get(json_at(pod, "metadata.annotations"), MIRROR_ANNOTATION))
        return refuse(restriction,
                      arena_format(restriction->arena,
                                   "pod does not have \"" MIRROR_ANNOTATION
                                   "\" annotation, node %s can only create mirror pods",
                                   restriction->quoted));
    if (!is_on(pod, restriction->node))
        return refuse_node(restriction, "can only create pods with spec.nodeName set to itself");
    return check_owner(restriction, json_at(pod, "metadata.ownerReferences")) ||
                   check_pod_references(restriction, pod)
               ? -1
               : 0;
}

static int check_pod(struct restriction *restriction)
{
    const struct admission *admission = restriction->admission;
    if (admission->operation == ADMIT_CREATE)
        return check_new_pod(restriction);
    if (admission->operation == ADMIT_UPDATE)
        return refuse(restriction,
                      arena_format(restriction->arena,
                                   "unexpected operation \"UPDATE\", node %s can only create and "
                                   "delete mirror pods",
                                   restriction->quoted));
    return is_on(admission->old, restriction->node)
               ? 0
               : refuse_node(restriction, "can only delete pods with spec.nodeName set to itself");
}

static int check_pod_status(struct restriction *restriction)
{
    const struct admission *admission = restriction->admission;
    if (!is_on(admission->old, restriction->node))
        return refuse_node(restriction,
                           "can only update pod status for pods with spec.nodeName set to itself");
    if (!is_same(json_at(admission->object, "metadata.labels"),
                 json_at(admission->old, "metadata.labels")))
        return refuse_node(restriction, "cannot update labels through pod status");
    if (!is_same(json_at(admission->object, "status.resourceClaimStatuses"),
                 json_at(admission->old, "status.resourceClaimStatuses")))
        return refuse_node(restriction, "cannot update resource claim statues");
    return 0;
}

static int check_pods(struct restriction *restriction)
{
    const struct kind_subresource *sub = restriction->admission->subresource;
    if (!sub)
        return check_pod(restriction);
    if (strcmp(sub->name, "status") == 0)
        return check_pod_status(restriction);
    if (strcmp(sub->name, "eviction") == 0) /* node_restriction_check() */
        return 0;
    return refuse(restriction, arena_format(restriction->arena,
                                            "unexpected pod subresource \"%s\", only 'status' and "
                                            "'eviction' are allowed",
                                            sub->name));
}

/* --- Leases --- */

static int check_lease(struct restriction *restriction)
{
    const struct admission *admission = restriction->admission;
    if (!slice_is(admission->namespace, LEASE_NAMESPACE))
        return refuse(restriction,
                      "can only access leases in the \"" LEASE_NAMESPACE "\" system namespace");
    if (!slice_equal(admission->name, restriction->node))
        return refuse(restriction,
                      "can only access node lease with the same name as the requesting node");
    return 0;
}

/* --- All --- */

static const struct {
    const char *group;
    const char *resource;
    int (*check)(struct restriction *restriction);
} restricted[] = {
    {"", "nodes", check_node},
    {"", "pods", check_pods},
    {"coordination.k8s.io", "leases", check_lease},
};

static int mutate(struct admission *admission, struct status *status)
{
    const struct user *user = admission->request->user;
    struct arena *arena = &admission->request->arena;
    struct restriction restriction = {.admission = admission, .arena = arena, .status = status};
    if (!user_is_node(user, &restriction.node))
        return 0;
    if (restriction.node.size == 0)
        return refuse(&restriction, arena_format(arena, "could not determine node from user %s",
                                                 field_value_text(arena, slice_of(user->name))));
    restriction.quoted = field_value_text(arena, restriction.node);
    for (size_t i = 0; i < ARRAY_SIZE(restricted); i++)
        if (strcmp(restricted[i].group, admission->kind->group) == 0 &&
            strcmp(restricted[i].resource, admission->kind->resource) == 0)
            return restricted[i].check(&restriction);
    return 0;
}

const struct admission_plugin admission_node_restriction = {.name = "NodeRestriction",
                                                            .mutate = mutate};

/* --- Subresources with code of their own --- */

static int forbid(struct request *request, const char *why)
{
    return status_forbidden(&request->status, request->info.group, request->info.resource,
                            arena_copy_slice(&request->arena, request->info.name), why);
}

/* Finds a pod of the request's namespace; NULL and NOT_FOUND. */
static const struct object *find_pod(struct request *request, struct slice name,
                                     struct facts_pod *facts)
{
    struct buffer key = {0};
    key_append(&key, "", "pods", request->info.namespace, name);
    const struct object *pod = store_get(request->api->store, HEAD, buffer_slice(&key));
    buffer_release(&key);
    if (facts_pod_of(pod, facts))
        return pod;
    status_not_found(&request->status, "", "pods", arena_copy_slice(&request->arena, name));
    return NULL;
}

static int check_eviction(struct request *request, struct slice node)
{
    struct facts_pod facts;
    if (!find_pod(request, request->info.name, &facts))
        return -1;
    if (slice_equal(facts.node_name, node))
        return 0;
    return forbid(request, arena_format(&request->arena,
                                        "node " SLICE_FORMAT
                                        " can only evict pods with spec.nodeName set to itself",
                                        SLICE_ARGS(node)));
}

static int check_token(struct request *request, struct slice node, const struct json *body)
{
    const struct json *bound = json_at(body, "spec.boundObjectRef");
    struct slice name = json_string(json_get(bound, "name"));
    struct slice uid = json_string(json_get(bound, "uid"));
    struct facts_pod facts;
    if (!slice_is(json_string(json_get(bound, "apiVersion")), "v1") ||
        !slice_is(json_string(json_get(bound, "kind")), "Pod") || name.size == 0)
        return forbid(request, "node requested token not bound to a pod");
    if (uid.size == 0)
        return forbid(request, "node requested token with a pod binding without a uid");
    const struct object *pod = find_pod(request, name, &facts);
    if (!pod)
        return -1;
    if (!slice_equal(uid, view_uid(pod)))
        return forbid(request, arena_format(&request->arena,
                                            "the UID in the bound object reference (" SLICE_FORMAT
                                            ") does not match the UID in record. The object might "
                                            "have been deleted and then recreated",
                                            SLICE_ARGS(uid)));
    if (!slice_equal(facts.node_name, node))
        return forbid(request, "node requested token bound to a pod scheduled on a different node");
    return 0;
}

int node_restriction_check(struct request *request, const struct json *body)
{
    const char *sub = request->info.subresource;
    struct slice node;
    if (!sub || !user_is_node(request->user, &node))
        return 0;
    if (strcmp(sub, "eviction") == 0)
        return check_eviction(request, node);
    return strcmp(sub, "token") == 0 ? check_token(request, node, body) : 0;
}
