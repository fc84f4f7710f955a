/* See facts_pod.h. Order: the header, the texts, the lists. */
#include "core/kinds/facts_pod.h"

#include "core/kinds/pod_resources.h"
#include "core/kinds/time_text.h"
#include "core/kinds/view.h"

#define FACTS_POD_MARK 0x31646f70 /* "pod1": the form of these bytes. */

/* --- Group and images --- */

/* Names may hold '-', so the parts joined by it alone would let workload a-b with group c meet
 * workload a with group b-c. The lengths of the labels at the end say where the parts begin;
 * labels have no dots, so that one length is never taken for two. */
void pod_append_group_name(const struct json *spec, struct buffer *name)
{
    struct slice made = json_string(json_at(spec, "schedulingGroup.podGroupName"));
    const struct json *reference = json_get(spec, "workloadRef");
    struct slice workload = json_string(json_get(reference, "name"));
    struct slice group = json_string(json_get(reference, "podGroup"));
    struct slice key = json_string(json_get(reference, "podGroupReplicaKey"));
    if (made.size > 0)
        buffer_append_slice(name, made);
    else if (reference && key.size > 0)
        buffer_format(name, SLICE_FORMAT "-" SLICE_FORMAT "-" SLICE_FORMAT ".%zu.%zu",
                      SLICE_ARGS(workload), SLICE_ARGS(group), SLICE_ARGS(key), group.size,
                      key.size);
    else if (reference)
        buffer_format(name, SLICE_FORMAT "-" SLICE_FORMAT ".%zu", SLICE_ARGS(workload),
                      SLICE_ARGS(group), group.size);
}

/* The first part of a name is a host when it has a dot or a port, or is localhost. */
static void append_normal_image(struct slice image, struct buffer *name)
{
    ptrdiff_t slash = slice_find(image, '/');
    struct slice host = slice_sub(image, 0, slash < 0 ? 0 : (size_t)slash);
    bool has_host =
        slice_find(host, '.') >= 0 || slice_find(host, ':') >= 0 || slice_is(host, "localhost");
    size_t end = image.size;
    if (!has_host)
        buffer_append_text(name, slash < 0 ? "docker.io/library/" : "docker.io/");
    buffer_append_slice(name, image);
    while (end > 0 && image.data[end - 1] != ':' && image.data[end - 1] != '@' &&
           image.data[end - 1] != '/')
        end--;
    if (end == 0 || image.data[end - 1] == '/')
        buffer_append_text(name, ":latest");
}
uint64_t facts_image_hash(struct slice image)
{
    struct buffer name = {0};
    append_normal_image(image, &name);
    uint64_t hash = facts_hash(0, buffer_slice(&name));
    buffer_release(&name);
    return hash;
}
static void append_images(const struct json *containers, struct buffer *images)
{
    JSON_EACH(container, containers)
        facts_append_int(images,
                         (int64_t)facts_image_hash(json_string(json_get(container, "image"))));
}

/* --- Ports --- */

static void append_ports(const struct json *container, struct buffer *ports)
{
    int64_t number;
    JSON_EACH(port, json_get(container, "ports")) {
        struct slice protocol = json_string(json_get(port, "protocol"));
        if (!json_to_int64(json_get(port, "hostPort"), &number) || number <= 0)
            continue;
        facts_append_int(ports, number);
        buffer_append_byte(ports, protocol.size > 0 ? protocol.data[0] : 'T');
        facts_append_text(ports, json_string(json_get(port, "hostIP")));
    }
}
/* Init containers hold their ports only if they stay. */
static void append_all_ports(const struct json *spec, struct buffer *ports)
{
    JSON_EACH(container, json_get(spec, "containers"))
        append_ports(container, ports);
    JSON_EACH(container, json_get(spec, "initContainers"))
        if (container_is_sidecar(container))
            append_ports(container, ports);
}
bool facts_pod_of(const struct object *object, struct facts_pod *pod)
{
    struct slice facts;
    return object && view_find(object_view(object), VIEW_FACTS, &facts) &&
           facts_pod_read(facts, pod);
}

bool facts_pod_take_port(struct slice *ports, struct facts_port *port)
{
    if (ports->size == 0)
        return false;
    port->port = (uint16_t)facts_take_int(ports);
    port->protocol = ports->size > 0 ? ports->data[0] : 'T';
    *ports = slice_sub(*ports, 1, ports->size);
    port->ip = facts_take_text(ports);
    return true;
}

/* --- Placement --- */

static void append_member(const struct json *object, const char *name, struct buffer *text)
{
    const struct json *value = json_get(object, name);
    if (!json_first(value))
        return;
    buffer_format(text, "%s\"%s\":", text->size > 0 ? "," : "{", name);
    facts_append_canonical(text, value);
}
static void append_claims(const struct json *spec, struct buffer *text)
{
    bool is_first = true;
    JSON_EACH(volume, json_get(spec, "volumes")) {
        const struct json *claim = json_at(volume, "persistentVolumeClaim.claimName");
        if (!claim && !json_get(volume, "ephemeral"))
            continue;
        if (is_first)
            buffer_append_text(text, text->size > 0 ? ",\"claims\":[" : "{\"claims\":[");
        else
            buffer_append_byte(text, ',');
        json_print_string(json_string(claim ? claim : json_get(volume, "name")), text);
        is_first = false;
    }
    if (!is_first)
        buffer_append_byte(text, ']');
}
static void append_placement(const struct json *spec, struct buffer *text)
{
    append_member(spec, "affinity", text);
    append_claims(spec, text);
    append_member(spec, "nodeSelector", text);
    append_member(spec, "tolerations", text);
    append_member(spec, "topologySpreadConstraints", text);
    if (text->size > 0)
        buffer_append_byte(text, '}');
}

/* --- Header --- */

static int choose(struct slice text, const char *const *choices, int otherwise)
{
    for (int i = 0; choices[i]; i++)
        if (slice_is(text, choices[i]))
            return i;
    return otherwise;
}
static enum pod_phase read_phase(const struct json *pod)
{
    static const char *const phases[] = {"Pending", "Running", "Succeeded",
                                         "Failed",  "Unknown", NULL};
    return (enum pod_phase)choose(json_string(json_at(pod, "status.phase")), phases, POD_PENDING);
}
static enum pod_qos read_qos(const struct json *pod)
{
    static const char *const classes[] = {"BestEffort", "Burstable", "Guaranteed", NULL};
    struct slice class = json_string(json_at(pod, "status.qosClass"));
    if (class.size == 0)
        class = slice_of(pod_qos_class(json_get(pod, "spec")));
    return (enum pod_qos)choose(class, classes, POD_BURSTABLE);
}

static bool condition_holds(const struct json *pod, const char *type)
{
    JSON_EACH(condition, json_at(pod, "status.conditions"))
        if (slice_is(json_string(json_get(condition, "type")), type))
            return slice_is(json_string(json_get(condition, "status")), "True");
    return false;
}
static bool has_claims(const struct json *spec)
{
    JSON_EACH(volume, json_get(spec, "volumes"))
        if (json_get(volume, "persistentVolumeClaim") || json_get(volume, "ephemeral"))
            return true;
    return false;
}
static uint32_t read_flags(const struct json *pod)
{
    const struct json *spec = json_get(pod, "spec"), *affinity = json_get(spec, "affinity");
    const struct json *away = json_get(affinity, "podAntiAffinity");
    const struct json *annotations = json_at(pod, "metadata.annotations");
    const struct {
        bool holds;
        uint32_t flag;
    } flags[] = {
        {json_first(json_get(spec, "schedulingGates")), POD_IS_GATED},
        {condition_holds(pod, "Ready"), POD_IS_READY},
        {condition_holds(pod, "PodScheduled"), POD_IS_SCHEDULED},
        {slice_is(json_string(json_get(spec, "preemptionPolicy")), "Never"), POD_NEVER_PREEMPTS},
        {json_bool(json_get(spec, "hostNetwork")), POD_USES_HOST_NETWORK},
        {json_first(json_get(spec, "nodeSelector")) || json_get(affinity, "nodeAffinity"),
         POD_HAS_NODE_SELECTION},
        {json_first(json_get(affinity, "podAffinity")), POD_HAS_POD_AFFINITY},
        {json_first(away), POD_HAS_ANTI_AFFINITY},
        {json_first(json_get(away, "requiredDuringSchedulingIgnoredDuringExecution")),
         POD_REQUIRES_ANTI_AFFINITY},
        {json_first(json_get(spec, "topologySpreadConstraints")), POD_HAS_SPREADING},
        {has_claims(spec), POD_HAS_CLAIMS},
        {json_get(spec, "activeDeadlineSeconds"), POD_HAS_DEADLINE},
        {json_get(annotations, "kubernetes.io/config.mirror"), POD_IS_STATIC},
    };
    uint32_t set = 0;
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
        set |= flags[i].holds ? flags[i].flag : 0;
    return set;
}

static int64_t millis_of(struct resource_list *list, const char *name)
{
    const struct quantity *amount = resource_list_get(list, slice_of(name));
    return amount ? quantity_millis(amount) : 0;
}
static int64_t value_of(struct resource_list *list, const char *name)
{
    const struct quantity *amount = resource_list_get(list, slice_of(name));
    return amount ? quantity_value(amount) : 0;
}

static void append_amounts(const struct json *pod, struct resource_list *requests,
                           struct buffer *facts)
{
    struct resource_list limits = {0}, scored = {0};
    pod_limits(pod, POD_AMOUNTS_HELD, &limits);
    pod_requests(pod, POD_AMOUNTS_SCORED, &scored);
    facts_append_int(facts, millis_of(requests, "cpu"));
    facts_append_int(facts, value_of(requests, "memory"));
    facts_append_int(facts, value_of(requests, "ephemeral-storage"));
    facts_append_int(facts, millis_of(&limits, "cpu"));
    facts_append_int(facts, value_of(&limits, "memory"));
    facts_append_int(facts, value_of(&limits, "ephemeral-storage"));
    facts_append_int(facts, millis_of(&scored, "cpu"));
    facts_append_int(facts, value_of(&scored, "memory"));
    resource_list_release(&limits);
    resource_list_release(&scored);
}

static uint64_t hash_labels(const struct json *pod)
{
    struct buffer text = {0};
    buffer_append_slice(&text, json_string(json_at(pod, "metadata.namespace")));
    facts_append_canonical(&text, json_at(pod, "metadata.labels"));
    uint64_t hash = facts_hash(0, buffer_slice(&text));
    buffer_release(&text);
    return hash;
}

/* What filters look at: amounts, priority, preemption, scheduler, ports, placement. */
static uint64_t hash_shape(struct slice amounts, struct slice lists, const struct json *pod,
                           int64_t priority, uint32_t flags)
{
    const uint32_t counted = POD_IS_GATED | POD_NEVER_PREEMPTS;
    struct buffer rest = {0};
    facts_append_int(&rest, priority);
    facts_append_int(&rest, flags & counted);
    facts_append_text(&rest, json_string(json_at(pod, "spec.schedulerName")));
    uint64_t hash = facts_hash(facts_hash(0, amounts), buffer_slice(&rest));
    buffer_release(&rest);
    return facts_hash(hash, lists);
}

static void append_texts(const struct json *pod, struct buffer *facts)
{
    const struct json *spec = json_get(pod, "spec"), *reference = json_get(spec, "workloadRef");
    struct buffer group = {0};
    pod_append_group_name(spec, &group);
    facts_append_text(facts, json_string(json_get(spec, "nodeName")));
    facts_append_text(facts, json_string(json_at(pod, "status.nominatedNodeName")));
    facts_append_text(facts, json_string(json_get(spec, "schedulerName")));
    facts_append_text(facts, json_string(json_get(spec, "priorityClassName")));
    facts_append_text(facts, buffer_slice(&group));
    facts_append_text(facts, json_string(json_get(reference, "name")));
    facts_append_text(facts, json_string(json_get(reference, "podGroup")));
    facts_append_text(facts, json_string(json_get(reference, "podGroupReplicaKey")));
    buffer_release(&group);
}

/* requests, host ports, placement; the images stand behind, for filters do not ask for them. */
static void append_lists(const struct json *spec, const struct resource_list *requests,
                         struct buffer *facts)
{
    struct buffer list = {0};
    facts_append_resources(facts, requests);
    append_all_ports(spec, &list);
    facts_append_text(facts, buffer_slice(&list));
    buffer_clear(&list);
    append_placement(spec, &list);
    facts_append_text(facts, buffer_slice(&list));
    buffer_release(&list);
}

void pod_facts(const struct json *pod, struct buffer *facts)
{
    const struct json *spec = json_get(pod, "spec");
    struct resource_list requests = {0};
    struct buffer amounts = {0}, lists = {0}, images = {0};
    int64_t priority = 0, started_us = 0;
    uint32_t flags = read_flags(pod);
    pod_requests(pod, POD_AMOUNTS_HELD, &requests);
    append_amounts(pod, &requests, &amounts);
    append_lists(spec, &requests, &lists);
    append_images(json_get(spec, "initContainers"), &images);
    append_images(json_get(spec, "containers"), &images);
    json_to_int64(json_get(spec, "priority"), &priority);
    time_parse(json_string(json_at(pod, "status.startTime")), &started_us);

    facts_append_int(facts, FACTS_POD_MARK);
    facts_append_int(facts, (int64_t)hash_shape(buffer_slice(&amounts), buffer_slice(&lists), pod,
                                                priority, flags));
    facts_append_int(facts, (int64_t)hash_labels(pod));
    buffer_append_slice(facts, buffer_slice(&amounts));
    facts_append_int(facts, started_us);
    facts_append_int(facts, priority);
    facts_append_int(facts, flags);
    facts_append_int(facts, read_phase(pod));
    facts_append_int(facts, read_qos(pod));
    append_texts(pod, facts);
    buffer_append_slice(facts, buffer_slice(&lists));
    facts_append_text(facts, buffer_slice(&images));
    facts_append_text(facts, json_string(json_at(pod, "status.podIP")));
    buffer_release(&amounts);
    buffer_release(&lists);
    buffer_release(&images);
    resource_list_release(&requests);
}

bool facts_pod_read(struct slice facts, struct facts_pod *pod)
{
    if (facts_take_int(&facts) != FACTS_POD_MARK)
        return false;
    pod->shape = (uint64_t)facts_take_int(&facts);
    pod->labels_hash = (uint64_t)facts_take_int(&facts);
    int64_t *const amounts[] = {
        &pod->request_cpu_millis, &pod->request_memory, &pod->request_ephemeral,
        &pod->limit_cpu_millis,   &pod->limit_memory,   &pod->limit_ephemeral,
        &pod->score_cpu_millis,   &pod->score_memory,   &pod->started_us,
    };
    for (size_t i = 0; i < ARRAY_SIZE(amounts); i++)
        *amounts[i] = facts_take_int(&facts);
    pod->priority = (int32_t)facts_take_int(&facts);
    pod->flags = (uint32_t)facts_take_int(&facts);
    pod->phase = (enum pod_phase)facts_take_int(&facts);
    pod->qos = (enum pod_qos)facts_take_int(&facts);
    struct slice *const texts[] = {
        &pod->node_name,      &pod->nominated_node_name,
        &pod->scheduler_name, &pod->priority_class_name,
        &pod->group_name,     &pod->workload,
        &pod->workload_group, &pod->replica_key,
        &pod->requests,       &pod->host_ports,
        &pod->placement,      &pod->images,
        &pod->pod_ip,
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        *texts[i] = facts_take_text(&facts);
    return true;
}
