/* What the scheduler, quota and controllers know of a pod without parsing it.
 *
 * A contract: pod_facts() writes what facts_pod_read() gives. Names and labels
 * stand in the view itself. Two pods with equal shape and request the same
 * resources, ports and priority, and every filter that does not look at labels
 * answers the same for both; those that do (inter-pod affinity, spreading)
 * answer the same when labels_hash is equal too. To be certain, compare
 * requests and placement. */
#ifndef CORE_KINDS_FACTS_POD_H
#define CORE_KINDS_FACTS_POD_H

#include "core/kinds/facts.h"
#include "core/kinds/object.h"

enum pod_phase { POD_PENDING, POD_RUNNING, POD_SUCCEEDED, POD_FAILED, POD_UNKNOWN };
enum pod_qos { POD_BEST_EFFORT, POD_BURSTABLE, POD_GUARANTEED };

enum {
    POD_IS_GATED = 1 << 0,            /* spec.schedulingGates is not empty. */
    POD_IS_READY = 1 << 1,            /* Condition Ready is True. */
    POD_IS_SCHEDULED = 1 << 2,        /* Condition PodScheduled is True. */
    POD_NEVER_PREEMPTS = 1 << 3,      /* preemptionPolicy Never. */
    POD_USES_HOST_NETWORK = 1 << 4,
    POD_HAS_NODE_SELECTION = 1 << 5,  /* nodeSelector or node affinity. */
    POD_HAS_POD_AFFINITY = 1 << 6,    /* Required or preferred. */
    POD_HAS_ANTI_AFFINITY = 1 << 7,   /* Required or preferred. */
    POD_HAS_SPREADING = 1 << 8,       /* topologySpreadConstraints. */
    POD_HAS_CLAIMS = 1 << 9,          /* Volumes that are persistent claims. */
    POD_HAS_DEADLINE = 1 << 10,       /* activeDeadlineSeconds: quota's scope Terminating. */
    POD_IS_STATIC = 1 << 11,          /* A mirror of a static pod. */
    POD_REQUIRES_ANTI_AFFINITY = 1 << 12, /* Keeps others away: must be asked for every pod. */
};

struct facts_pod {
    uint64_t shape;       /* What filters look at, but labels. */
    uint64_t labels_hash; /* Namespace and labels. */
    /* Requests and limits, the larger of spec and status while a resize is going
     * (POD_AMOUNTS_HELD); cpu in thousandths, the rest in bytes. */
    int64_t request_cpu_millis, request_memory, request_ephemeral;
    int64_t limit_cpu_millis, limit_memory, limit_ephemeral;
    /* Requests as scoring counts them: 100m and 200 Mi for a container that names none. */
    int64_t score_cpu_millis, score_memory;
    int64_t started_us; /* status.startTime, 0 when absent. */
    int32_t priority;
    uint32_t flags;     /* POD_* */
    enum pod_phase phase;
    enum pod_qos qos;
    struct slice node_name;           /* Empty: not placed. */
    struct slice nominated_node_name;
    struct slice scheduler_name;
    struct slice priority_class_name;
    struct slice group_name;   /* PodGroup of its namespace that it belongs to; empty: none. */
    struct slice workload;     /* By workloadRef (1.35): Workload, */
    struct slice workload_group; /* group in it, */
    struct slice replica_key;    /* and replica. */
    struct slice requests;     /* facts_take_resource(): all but those three. */
    struct slice host_ports;   /* facts_pod_take_port() */
    struct slice images;       /* facts_take_int(): facts_image_hash() of each container's. */
    struct slice pod_ip;       /* status.podIP; empty: none yet. */
    struct slice placement;    /* Canonical JSON of nodeSelector, affinity, tolerations,
                                * topologySpreadConstraints and claims (the names of persistent
                                * claims); "" when there is none. Parse it once for each shape. */
};

struct facts_port {
    uint16_t port;
    char protocol;   /* 'T', 'U', 'S' */
    struct slice ip; /* "" and "0.0.0.0" are all addresses. */
};

void pod_facts(const struct json *pod, struct buffer *facts);
/* Slices point into facts. false when facts are none of a pod. */
bool facts_pod_read(struct slice facts, struct facts_pod *pod);
/* The facts in an object's view; false when object is NULL or tells none. */
bool facts_pod_of(const struct object *object, struct facts_pod *pod);
bool facts_pod_take_port(struct slice *ports, struct facts_port *port);

/* The same for "nginx", "nginx:latest" and "docker.io/library/nginx:latest". */
uint64_t facts_image_hash(struct slice image);

/* Appends the name of the PodGroup that a pod's spec belongs to, if any: schedulingGroup's,
 * or of a workloadRef "WORKLOAD-GROUP.N" or "WORKLOAD-GROUP-REPLICA.N.M", N and M being the
 * lengths of GROUP and REPLICA: no two references share a name. */
void pod_append_group_name(const struct json *spec, struct buffer *name);

#endif
