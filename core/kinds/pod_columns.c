/* See pod_columns.h. One walk over the statuses gives three cells. */
#include "core/kinds/pod_columns.h"

#include <inttypes.h>

#include "core/clock.h"
#include "core/kinds/cell.h"
#include "core/kinds/meta.h"
#include "core/kinds/pod_resources.h"

struct pod_summary {
    size_t containers; /* Sidecars included. */
    size_t ready;
    int64_t restarts;
    int64_t restarted_us; /* When the last one before now ended; 0 when that is not known. */
    struct slice prefix;  /* "Init:" */
    struct slice reason;
    const char *number_name; /* "ExitCode:", followed by number, in place of reason. */
    int64_t number;
    size_t init_done;
    bool is_counting_init;   /* "Init:0/2" */
};

static struct slice text_at(const struct json *object, const char *name)
{
    return json_string(json_get(object, name));
}
static int64_t int_at(const struct json *object, const char *name)
{
    int64_t value = 0;
    json_to_int64(json_get(object, name), &value);
    return value;
}

static const struct json *condition_of(const struct json *pod, const char *type)
{
    JSON_EACH(condition, json_at(pod, "status.conditions"))
        if (slice_is(text_at(condition, "type"), type))
            return condition;
    return NULL;
}
static bool condition_is_true(const struct json *pod, const char *type)
{
    return slice_is(text_at(condition_of(pod, type), "status"), "True");
}

/* --- Reasons --- */

static void set_reason(struct pod_summary *summary, const char *prefix, struct slice reason)
{
    summary->prefix = slice_of(prefix);
    summary->reason = reason;
    summary->number_name = NULL;
    summary->is_counting_init = false;
}
static void set_end(struct pod_summary *summary, const char *prefix, const struct json *terminated)
{
    struct slice reason = text_at(terminated, "reason");
    int64_t signal = int_at(terminated, "signal");
    set_reason(summary, prefix, reason);
    if (reason.size > 0)
        return;
    summary->number_name = signal != 0 ? "Signal:" : "ExitCode:";
    summary->number = signal != 0 ? signal : int_at(terminated, "exitCode");
}

static void count_restarts(const struct json *status, int64_t *restarts, int64_t *restarted_us)
{
    int64_t ended_us;
    *restarts += int_at(status, "restartCount");
    if (time_parse(json_string(json_at(status, "lastState.terminated.finishedAt")), &ended_us) &&
        ended_us > *restarted_us)
        *restarted_us = ended_us;
}

/* --- Init containers --- */

static bool is_sidecar_name(const struct json *pod, struct slice name)
{
    JSON_EACH(container, json_at(pod, "spec.initContainers"))
        if (slice_equal(text_at(container, "name"), name))
            return container_is_sidecar(container);
    return false;
}

/* Whether this container holds up the others. */
static bool holds_up(struct pod_summary *summary, const struct json *status, bool is_sidecar,
                     size_t index)
{
    const struct json *terminated = json_at(status, "state.terminated");
    struct slice waiting = json_string(json_at(status, "state.waiting.reason"));
    if (terminated && int_at(terminated, "exitCode") == 0)
        return false;
    if (is_sidecar && json_bool(json_get(status, "started"))) {
        summary->ready += json_bool(json_get(status, "ready"));
        return false;
    }
    if (terminated) {
        set_end(summary, "Init:", terminated);
    } else if (waiting.size > 0 && !slice_is(waiting, "PodInitializing")) {
        set_reason(summary, "Init:", waiting);
    } else {
        set_reason(summary, "Init:", SLICE(""));
        summary->is_counting_init = true;
        summary->init_done = index;
    }
    return true;
}

/* Restarts of all init containers count while they run, later only those of sidecars. */
static void look_at_init_containers(const struct json *pod, struct pod_summary *summary)
{
    int64_t sidecar_restarts = 0, sidecar_restarted_us = 0;
    bool is_initializing = false;
    size_t index = 0;
    JSON_EACH(status, json_at(pod, "status.initContainerStatuses")) {
        bool is_sidecar = is_sidecar_name(pod, text_at(status, "name"));
        count_restarts(status, &summary->restarts, &summary->restarted_us);
        if (is_sidecar)
            count_restarts(status, &sidecar_restarts, &sidecar_restarted_us);
        is_initializing = holds_up(summary, status, is_sidecar, index++);
        if (is_initializing)
            break;
    }
    if (is_initializing && !condition_is_true(pod, "Initialized"))
        return;
    summary->restarts = sidecar_restarts;
    summary->restarted_us = sidecar_restarted_us;
}

/* --- Containers --- */

static bool is_initialized(const struct json *pod, const struct pod_summary *summary)
{
    return summary->prefix.size == 0 || condition_is_true(pod, "Initialized");
}

/* The first container's reason wins, so they are looked at from the last. */
static void look_at_containers(const struct json *pod, struct pod_summary *summary)
{
    const struct json *statuses = json_at(pod, "status.containerStatuses");
    bool has_running = false;
    for (size_t i = json_count(statuses); i-- > 0;) {
        const struct json *status = json_item(statuses, i);
        const struct json *terminated = json_at(status, "state.terminated");
        struct slice waiting = json_string(json_at(status, "state.waiting.reason"));
        count_restarts(status, &summary->restarts, &summary->restarted_us);
        if (waiting.size > 0) {
            set_reason(summary, "", waiting);
        } else if (terminated) {
            set_end(summary, "", terminated);
        } else if (json_bool(json_get(status, "ready")) && json_at(status, "state.running")) {
            has_running = true;
            summary->ready++;
        }
    }
    if (slice_is(summary->reason, "Completed") && summary->prefix.size == 0 && has_running)
        set_reason(summary, "",
                   condition_is_true(pod, "Ready") ? SLICE("Running") : SLICE("NotReady"));
}

static struct pod_summary summarize(const struct json *pod)
{
    struct pod_summary summary = {.containers = json_count(json_at(pod, "spec.containers"))};
    struct slice phase = json_string(json_at(pod, "status.phase"));
    struct slice reason = json_string(json_at(pod, "status.reason"));
    struct slice gated = text_at(condition_of(pod, "PodScheduled"), "reason");
    JSON_EACH(container, json_at(pod, "spec.initContainers"))
        summary.containers += container_is_sidecar(container);
    set_reason(&summary, "", reason.size > 0 ? reason : phase);
    if (slice_is(gated, "SchedulingGated"))
        set_reason(&summary, "", gated);
    look_at_init_containers(pod, &summary);
    if (is_initialized(pod, &summary))
        look_at_containers(pod, &summary);
    if (!meta_is_deleting(pod))
        return summary;
    if (slice_is(reason, "NodeLost"))
        set_reason(&summary, "", SLICE("Unknown"));
    else if (!slice_is(phase, "Succeeded") && !slice_is(phase, "Failed"))
        set_reason(&summary, "", SLICE("Terminating"));
    return summary;
}

/* --- Cells --- */

static void cell_ready(const struct kind_context *context, const struct json *pod,
                       struct buffer *text)
{
    (void)context;
    struct pod_summary summary = summarize(pod);
    buffer_format(text, "\"%zu/%zu\"", summary.ready, summary.containers);
}

static void cell_status(const struct kind_context *context, const struct json *pod,
                        struct buffer *text)
{
    (void)context;
    struct pod_summary summary = summarize(pod);
    struct buffer cell = {0};
    buffer_append_slice(&cell, summary.prefix);
    if (summary.is_counting_init)
        buffer_format(&cell, "%zu/%zu", summary.init_done,
                      json_count(json_at(pod, "spec.initContainers")));
    else if (summary.number_name)
        buffer_format(&cell, "%s%" PRId64, summary.number_name, summary.number);
    else
        buffer_append_slice(&cell, summary.reason);
    json_print_string(buffer_slice(&cell), text);
    buffer_release(&cell);
}

static void cell_restarts(const struct kind_context *context, const struct json *pod,
                          struct buffer *text)
{
    struct pod_summary summary = summarize(pod);
    char age[TIME_TEXT_SIZE];
    buffer_format(text, "\"%" PRId64, summary.restarts);
    if (summary.restarts != 0 && summary.restarted_us != 0) {
        duration_human(context->now_us - summary.restarted_us, age);
        buffer_format(text, " (%s ago)", age);
    }
    buffer_append_byte(text, '"');
}

static void cell_ip(const struct kind_context *context, const struct json *pod, struct buffer *text)
{
    (void)context;
    cell_append_or_none(text_at(json_item(json_at(pod, "status.podIPs"), 0), "ip"), text);
}
static void cell_node(const struct kind_context *context, const struct json *pod,
                      struct buffer *text)
{
    (void)context;
    cell_append_or_none(json_string(json_at(pod, "spec.nodeName")), text);
}
static void cell_nominated_node(const struct kind_context *context, const struct json *pod,
                                struct buffer *text)
{
    (void)context;
    cell_append_or_none(json_string(json_at(pod, "status.nominatedNodeName")), text);
}
static void cell_readiness_gates(const struct kind_context *context, const struct json *pod,
                                 struct buffer *text)
{
    (void)context;
    const struct json *gates = json_at(pod, "spec.readinessGates");
    size_t open = 0;
    JSON_EACH(gate, gates)
        open += condition_is_true(pod, json_text(json_get(gate, "conditionType")));
    if (json_count(gates) == 0)
        cell_append_or_none(SLICE(""), text);
    else
        buffer_format(text, "\"%zu/%zu\"", open, json_count(gates));
}

const struct kind_column pod_columns[] = {
    COLUMN_NAME,
    CELL("Ready", "string", "Containers that are ready, of all.", cell_ready),
    CELL("Status", "string", "Where the pod is in its life, or what holds it up.", cell_status),
    CELL("Restarts", "string", "How often containers were started again, and when last.",
         cell_restarts),
    COLUMN_AGE,
    CELL_WIDE("IP", "string", "Address of the pod.", cell_ip),
    CELL_WIDE("Node", "string", "Node that runs the pod.", cell_node),
    CELL_WIDE("Nominated Node", "string", "Node where room is expected for the pod.",
              cell_nominated_node),
    CELL_WIDE("Readiness Gates", "string", "Extra conditions that are True, of all.",
              cell_readiness_gates),
    {.name = NULL},
};
