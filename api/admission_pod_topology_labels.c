/* A pod carries the zone and region of its node as labels.
 *
 * They are put on the Binding, whose labels the pod gets, or on a pod that is made with a node;
 * what is there already stays. Rules: k8s.io/kubernetes plugin/pkg/admission/podtopologylabels
 * (KEP-4742, on by default in 1.35). */
#include "api/admission.h"
#include "core/kinds/meta.h"
#include "core/kinds/view.h"

static const char *const labels[] = {"topology.kubernetes.io/zone",
                                     "topology.kubernetes.io/region"};

/* The node that the object names: a Binding's target, or a pod's own; empty: none. */
static struct slice node_of(const struct admission *admission)
{
    const struct kind_subresource *part = admission->subresource;
    if (!part)
        return json_string(json_at(admission->object, "spec.nodeName"));
    if (strcmp(part->name, "binding") != 0 ||
        strcmp(json_text(json_at(admission->object, "target.kind")), "Node") != 0)
        return (struct slice){0};
    return json_string(json_at(admission->object, "target.name"));
}

static void copy_label(struct arena *arena, struct json *object, struct slice view,
                       const char *label)
{
    struct slice value;
    struct json *own = json_at(object, "metadata.labels");
    if (json_get(own, label) || !view_label(view, slice_of(label), &value))
        return;
    own = json_ensure_object(arena, json_ensure_object(arena, object, "metadata"), "labels");
    json_set(arena, own, label, json_new_string(arena, value));
}

static int mutate(struct admission *admission, struct status *status)
{
    (void)status;
    if (admission->operation != ADMIT_CREATE || *admission->kind->group != '\0' ||
        strcmp(admission->kind->resource, "pods") != 0)
        return 0;
    struct slice name = node_of(admission);
    if (name.size == 0)
        return 0;
    struct buffer key = {0};
    key_append(&key, "", "nodes", (struct slice){0}, name);
    const struct object *node = plan_get(admission->plan, buffer_slice(&key));
    buffer_release(&key);
    for (size_t i = 0; node && i < ARRAY_SIZE(labels); i++)
        copy_label(&admission->request->arena, admission->object, object_view(node), labels[i]);
    return 0;
}

const struct admission_plugin admission_pod_topology_labels = {.name = "PodTopologyLabels",
                                                               .mutate = mutate};
