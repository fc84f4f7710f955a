#include <stdio.h>

#include "core/kinds/facts_pod.h"
#include "kubelet-lite/container_status.h"
#include "kubelet-lite/pod_status.h"
#include "tests/harness/test.h"

/* States of containers as words:
 *   -   no status            w   waits, never ran      r   runs      s   runs, not started yet
 *   0 1 2  has ended with that code
 *   b0 b1  waits after an end with that code */
static struct json *parse(struct arena *arena, const char *text)
{
    struct status status;
    status_init(&status);
    struct json *tree = json_parse(arena, slice_of(text), NULL, &status);
    if (!tree)
        test_fail(__FILE__, __LINE__, "%s: %s", text, status.message);
    return tree;
}

static void add_state(struct buffer *text, const char *name, struct slice word)
{
    const char *end = "{\"exitCode\":%c,\"startedAt\":\"2026-01-01T00:00:00Z\","
                      "\"finishedAt\":\"2026-01-01T00:00:05Z\"}";
    char first = word.data[0];
    if (first == '-')
        return;
    buffer_format(text, "%s{\"name\":\"%s\",\"state\":{",
                  text->data[text->size - 1] == '[' ? "" : ",", name);
    if (first == 'r' || first == 's')
        buffer_append_text(text, "\"running\":{\"startedAt\":\"2026-01-01T00:00:00Z\"}");
    else if (first == 'w' || first == 'b')
        buffer_append_text(text, "\"waiting\":{\"reason\":\"ContainerCreating\"}");
    else {
        buffer_append_text(text, "\"terminated\":");
        buffer_format(text, end, first);
    }
    buffer_append_text(text, "},\"lastState\":{");
    if (first == 'b') {
        buffer_append_text(text, "\"terminated\":");
        buffer_format(text, end, word.data[1]);
    }
    bool is_ready =
        first == (name[0] == 'i' ? '0' : 'r'); /* Init containers are ready when done. */
    buffer_format(text, "},\"ready\":%s,\"started\":%s,\"restartCount\":0}",
                  is_ready ? "true" : "false", first == 'r' ? "true" : "false");
}

/* "r w" as statuses of containers named PREFIX0, PREFIX1. */
static void add_states(struct buffer *text, const char *member, const char *prefix,
                       const char *words)
{
    struct slice rest = slice_of(words);
    struct slice word;
    int index = 0;
    buffer_format(text, "\"%s\":[", member);
    while (rest.size > 0 && slice_split(&rest, ' ', &word)) {
        char name[16];
        snprintf(name, sizeof name, "%s%d", prefix, index++);
        add_state(text, name, word);
    }
    buffer_append_text(text, "]");
}

static struct json *status_of(struct arena *arena, const char *init, const char *regular)
{
    struct buffer text = {0};
    buffer_append_text(&text, "{");
    add_states(&text, "initContainerStatuses", "i", init);
    buffer_append_text(&text, ",");
    add_states(&text, "containerStatuses", "c", regular);
    buffer_append_text(&text, "}");
    struct json *status = parse(arena, text.data);
    buffer_release(&text);
    return status;
}

/* spec_text: members of spec; JSON. */
static struct json *pod_of(struct arena *arena, const char *spec_text)
{
    return parse(arena,
                 arena_format(arena,
                              "{\"metadata\":{\"name\":\"p\",\"uid\":\"u\",\"generation\":3},"
                              "\"spec\":{%s},\"status\":{\"phase\":\"Pending\"}}",
                              spec_text));
}

#define ONE "\"containers\":[{\"name\":\"c0\"}]"
#define TWO "\"containers\":[{\"name\":\"c0\"},{\"name\":\"c1\"}]"
#define INIT "\"initContainers\":[{\"name\":\"i0\"},{\"name\":\"i1\"}],"
#define SIDECAR "\"initContainers\":[{\"name\":\"i0\",\"restartPolicy\":\"Always\"}],"

static const char *phase(const char *policy, const char *spec, const char *init,
                         const char *regular, bool is_terminal)
{
    struct arena arena;
    arena_init(&arena);
    struct json *pod =
        pod_of(&arena, arena_format(&arena, "\"restartPolicy\":\"%s\",%s", policy, spec));
    const char *text =
        pod_phase_text(pod_status_phase(pod, status_of(&arena, init, regular), is_terminal));
    arena_release(&arena);
    return text;
}

TEST("a pod is Pending until every container has started")
{
    EXPECT_TEXT(phase("Always", ONE, "", "-", false), "Pending");
    EXPECT_TEXT(phase("Always", ONE, "", "w", false), "Pending");
    EXPECT_TEXT(phase("Always", TWO, "", "r w", false), "Pending");
    EXPECT_TEXT(phase("Always", TWO, "", "r -", false), "Pending");
    EXPECT_TEXT(phase("Always", TWO, "", "0 w", false), "Pending");
}

TEST("it is Running while one runs or will run again")
{
    EXPECT_TEXT(phase("Always", ONE, "", "r", false), "Running");
    EXPECT_TEXT(phase("Never", TWO, "", "r 1", false), "Running");
    EXPECT_TEXT(phase("Always", ONE, "", "0", false), "Running");
    EXPECT_TEXT(phase("Always", ONE, "", "b1", false), "Running");
    EXPECT_TEXT(phase("OnFailure", ONE, "", "1", false), "Running");
    EXPECT_TEXT(phase("OnFailure", TWO, "", "0 b1", false), "Running");
}

TEST("it ends well when all have ended well, and badly when one has not")
{
    EXPECT_TEXT(phase("Never", TWO, "", "0 0", false), "Succeeded");
    EXPECT_TEXT(phase("OnFailure", TWO, "", "0 0", false), "Succeeded");
    EXPECT_TEXT(phase("Never", TWO, "", "0 1", false), "Failed");
    EXPECT_TEXT(phase("Always", TWO, "", "0 0", true), "Succeeded");
    EXPECT_TEXT(phase("Always", TWO, "", "0 1", true), "Failed");
    EXPECT_TEXT(phase("OnFailure", TWO, "", "1 1", true), "Failed");
}

TEST("init containers hold it at Pending, and one that is lost fails it")
{
    EXPECT_TEXT(phase("Always", INIT ONE, "r -", "w", false), "Pending");
    EXPECT_TEXT(phase("Always", INIT ONE, "0 r", "w", false), "Pending");
    EXPECT_TEXT(phase("Always", INIT ONE, "0 1", "w", false), "Pending");
    EXPECT_TEXT(phase("OnFailure", INIT ONE, "0 b1", "w", false), "Pending");
    EXPECT_TEXT(phase("Never", INIT ONE, "0 1", "w", false), "Failed");
    EXPECT_TEXT(phase("Always", INIT ONE, "0 0", "r", false), "Running");
}

TEST("a sidecar must have started, and then no longer counts for the end")
{
    EXPECT_TEXT(phase("Never", SIDECAR ONE, "w", "w", false), "Pending");
    EXPECT_TEXT(phase("Never", SIDECAR ONE, "s", "w", false), "Pending");
    EXPECT_TEXT(phase("Never", SIDECAR ONE, "r", "r", false), "Running");
    EXPECT_TEXT(phase("Never", SIDECAR ONE, "b1", "r", false), "Running");
    EXPECT_TEXT(phase("Never", SIDECAR ONE, "1", "0", false), "Succeeded");
    EXPECT_TEXT(phase("Never", SIDECAR ONE, "0", "1", false), "Failed");
}

TEST("a container's own policy and rules stand above the pod's")
{
    EXPECT_TEXT(phase("Never", "\"containers\":[{\"name\":\"c0\",\"restartPolicy\":\"Always\"}]",
                      "", "0", false),
                "Running");
    EXPECT_TEXT(phase("Always", "\"containers\":[{\"name\":\"c0\",\"restartPolicy\":\"Never\"}]",
                      "", "1", false),
                "Failed");
    const char *rules = "\"containers\":[{\"name\":\"c0\",\"restartPolicy\":\"Never\","
                        "\"restartPolicyRules\":[{\"action\":\"Restart\",\"exitCodes\":"
                        "{\"operator\":\"In\",\"values\":[1]}}]}]";
    EXPECT_TEXT(phase("Always", rules, "", "1", false), "Running");
    EXPECT_TEXT(phase("Always", rules, "", "2", false), "Failed");
}

/* What must hold whatever two containers do: every state, policy and end. */
TEST("in every combination, final phases are only reached when nothing runs again")
{
    static const char *const states[] = {"-", "w", "r", "0", "1", "b0", "b1"};
    static const char *const policies[] = {"Always", "OnFailure", "Never"};
    for (size_t i = 0; i < 7 * 7 * 3 * 2; i++) {
        const char *a = states[i % 7];
        const char *b = states[i / 7 % 7];
        const char *policy = policies[i / 49 % 3];
        bool is_terminal = i / 147 != 0;
        char both[16];
        snprintf(both, sizeof both, "%s %s", a, b);
        const char *got = phase(policy, TWO, "", both, is_terminal);
        bool has_waiting = *a == 'w' || *b == 'w';
        bool has_unknown = *a == '-' || *b == '-';
        bool has_running = *a == 'r' || *b == 'r';
        bool is_done = !has_waiting && !has_unknown && !has_running;
        bool goes_on = strcmp(policy, "Always") == 0 ||
                       (strcmp(policy, "OnFailure") == 0 && (strchr(both, '1') != NULL));
        bool is_good = strcmp(both, "0 0") == 0;
        const char *want = !is_done && has_running && !has_waiting && !has_unknown ? "Running"
                           : !is_done                                             ? "Pending"
                           : goes_on && !is_terminal                              ? "Running"
                           : is_good                                              ? "Succeeded"
                                                                                   : "Failed";
        if (strcmp(got, want) != 0)
            test_fail(__FILE__, __LINE__, "%s, %s%s: %s, not %s", both, policy,
                      is_terminal ? ", terminal" : "", got, want);
    }
}

/* --- Conditions --- */

static const struct json *condition_of(const struct json *status, const char *type)
{
    JSON_EACH(condition, json_get(status, "conditions"))
        if (slice_is(json_string(json_get(condition, "type")), type))
            return condition;
    return NULL;
}

/* "Type=Status Reason: Message" of one condition. */
static const char *told(struct arena *arena, const struct json *status, const char *type)
{
    const struct json *condition = condition_of(status, type);
    return arena_format(arena, "%s %s: %s", json_text(json_get(condition, "status")),
                        json_text(json_get(condition, "reason")),
                        json_text(json_get(condition, "message")));
}

static struct json *complete(struct arena *arena, const struct json *pod, struct json *status)
{
    struct pod_status_facts facts = {.now_us = 1767225600000000, .has_sandbox = true};
    pod_status_complete(arena, pod, status, &facts);
    return status;
}

TEST("conditions say which containers are awaited, in upstream's words")
{
    struct arena arena;
    arena_init(&arena);
    struct json *pod = pod_of(&arena, "\"restartPolicy\":\"Always\"," INIT TWO);
    struct json *status = complete(&arena, pod, status_of(&arena, "0 r", "w -"));
    EXPECT_TEXT(told(&arena, status, "Initialized"),
                "False ContainersNotInitialized: containers with incomplete status: [i1]");
    EXPECT_TEXT(told(&arena, status, "ContainersReady"),
                "False ContainersNotReady: containers with unknown status: [c1], "
                "containers with unready status: [c0]");
    EXPECT_TEXT(told(&arena, status, "Ready"), told(&arena, status, "ContainersReady"));
    EXPECT_TEXT(told(&arena, status, "PodReadyToStartContainers"), "True : ");
    EXPECT_TEXT(told(&arena, status, "PodScheduled"), "True : ");
    status = complete(&arena, pod, status_of(&arena, "0 0", "r r"));
    EXPECT_TEXT(told(&arena, status, "Initialized"), "True : ");
    EXPECT_TEXT(told(&arena, status, "Ready"), "True : ");
    int64_t generation;
    EXPECT(json_to_int64(json_get(status, "observedGeneration"), &generation));
    EXPECT_EQ(generation, 3);
    EXPECT(
        json_to_int64(json_get(condition_of(status, "Ready"), "observedGeneration"), &generation));
    EXPECT_EQ(generation, 3);
    arena_release(&arena);
}

TEST("the end of a pod is told by its conditions")
{
    struct arena arena;
    arena_init(&arena);
    struct json *pod = pod_of(&arena, "\"restartPolicy\":\"Never\"," ONE);
    struct json *status = complete(&arena, pod, status_of(&arena, "", "0"));
    EXPECT_TEXT(told(&arena, status, "Initialized"), "True PodCompleted: ");
    EXPECT_TEXT(told(&arena, status, "Ready"), "False PodCompleted: ");
    EXPECT_TEXT(told(&arena, status, "ContainersReady"), "False PodCompleted: ");
    status = complete(&arena, pod, status_of(&arena, "", "1"));
    EXPECT_TEXT(told(&arena, status, "Initialized"), "True : ");
    EXPECT_TEXT(told(&arena, status, "Ready"), "False PodFailed: ");
    arena_release(&arena);
}

TEST("a readiness gate keeps a pod from being ready until its condition is True")
{
    struct arena arena;
    arena_init(&arena);
    struct json *pod = pod_of(
        &arena,
        "\"restartPolicy\":\"Always\",\"readinessGates\":[{\"conditionType\":\"a/b\"}]," ONE);
    struct json *status = complete(&arena, pod, status_of(&arena, "", "r"));
    EXPECT_TEXT(told(&arena, status, "Ready"),
                "False ReadinessGatesNotReady: corresponding condition of pod readiness gate "
                "\"a/b\" does not exist.");
    EXPECT_TEXT(told(&arena, status, "ContainersReady"), "True : ");
    json_set(&arena, json_get(pod, "status"), "conditions",
             parse(&arena, "[{\"type\":\"a/b\",\"status\":\"False\"}]"));
    status = complete(&arena, pod, status_of(&arena, "", "r"));
    EXPECT_TEXT(told(&arena, status, "Ready"),
                "False ReadinessGatesNotReady: the status of pod readiness gate \"a/b\" is not "
                "\"True\", but False");
    json_set(&arena, json_get(pod, "status"), "conditions",
             parse(&arena, "[{\"type\":\"a/b\",\"status\":\"True\"}]"));
    status = complete(&arena, pod, status_of(&arena, "", "r"));
    EXPECT_TEXT(told(&arena, status, "Ready"), "True : ");
    arena_release(&arena);
}

TEST("a condition keeps its time until it turns")
{
    struct arena arena;
    arena_init(&arena);
    struct json *pod = pod_of(&arena, "\"restartPolicy\":\"Always\"," ONE);
    json_set(&arena, json_get(pod, "status"), "conditions",
             parse(&arena, "[{\"type\":\"Ready\",\"status\":\"True\","
                           "\"lastTransitionTime\":\"2020-01-01T00:00:00Z\"},"
                           "{\"type\":\"ContainersReady\",\"status\":\"False\","
                           "\"lastTransitionTime\":\"2020-01-01T00:00:00Z\"}]"));
    struct json *status = complete(&arena, pod, status_of(&arena, "", "r"));
    EXPECT_TEXT(json_text(json_get(condition_of(status, "Ready"), "lastTransitionTime")),
                "2020-01-01T00:00:00Z");
    EXPECT_TEXT(json_text(json_get(condition_of(status, "ContainersReady"), "lastTransitionTime")),
                "2026-01-01T00:00:00Z");
    arena_release(&arena);
}

TEST("a final phase stays, and what the node did to the pod is told once")
{
    struct arena arena;
    arena_init(&arena);
    struct json *pod = pod_of(&arena, "\"restartPolicy\":\"Always\"," ONE);
    struct json *status = status_of(&arena, "", "r");
    struct pod_status_facts facts = {.reason = "Evicted", .message = "no memory"};
    pod_status_complete(&arena, pod, status, &facts);
    EXPECT_TEXT(json_text(json_get(status, "phase")), "Failed");
    EXPECT_TEXT(json_text(json_get(status, "reason")), "Evicted");
    json_set(&arena, pod, "status", status);
    status = complete(&arena, pod, status_of(&arena, "", "r"));
    EXPECT_TEXT(json_text(json_get(status, "phase")), "Failed");
    EXPECT_TEXT(json_text(json_get(status, "reason")), "Evicted");
    EXPECT_TEXT(json_text(json_get(status, "message")), "no memory");
    arena_release(&arena);
}

/* --- Patches --- */

TEST("a patch has what differs and the UID, and nothing is patched when nothing does")
{
    struct arena arena;
    arena_init(&arena);
    struct json *pod = pod_of(&arena, "\"restartPolicy\":\"Always\"," ONE);
    struct json *status = complete(&arena, pod, status_of(&arena, "", "r"));
    struct json *patch = pod_status_patch(&arena, pod, status);
    EXPECT_TEXT(json_text(json_at(patch, "metadata.uid")), "u");
    EXPECT_TEXT(json_text(json_at(patch, "status.phase")), "Running");
    EXPECT_EQ(json_count(json_at(patch, "status.conditions")), 5);
    json_set(&arena, pod, "status", json_copy(&arena, status));
    EXPECT(pod_status_patch(&arena, pod, status) == NULL);

    status = complete(&arena, pod, status_of(&arena, "", "b1"));
    patch = pod_status_patch(&arena, pod, status);
    EXPECT(json_at(patch, "status.phase") == NULL);
    EXPECT_EQ(json_count(json_at(patch, "status.conditions")), 2); /* Ready, ContainersReady. */
    EXPECT(json_at(patch, "status.containerStatuses") != NULL);
    arena_release(&arena);
}

TEST("another address pushes the old one out of its list")
{
    struct arena arena;
    arena_init(&arena);
    struct json *pod = pod_of(&arena, "\"restartPolicy\":\"Always\"," ONE);
    struct json *old = complete(&arena, pod, status_of(&arena, "", "r"));
    json_set(&arena, old, "podIPs", parse(&arena, "[{\"ip\":\"10.0.0.1\"}]"));
    struct json *new = json_copy(&arena, old);
    json_set(&arena, new, "podIPs", parse(&arena, "[{\"ip\":\"10.0.0.2\"}]"));
    json_set(&arena, pod, "status", old);
    const struct json *ips = json_at(pod_status_patch(&arena, pod, new), "status.podIPs");
    EXPECT_TEXT(json_text(json_get(json_item(ips, 0), "$patch")), "replace");
    EXPECT_TEXT(json_text(json_get(json_item(ips, 1), "ip")), "10.0.0.2");
    json_remove(new, "podIPs");
    EXPECT(json_is(json_at(pod_status_patch(&arena, pod, new), "status.podIPs"), JSON_NULL));
    arena_release(&arena);
}

TEST("a container's status is written as it was read")
{
    struct arena arena;
    arena_init(&arena);
    const struct json *json =
        parse(&arena,
              "{\"name\":\"a\",\"state\":{\"terminated\":{\"exitCode\":137,\"signal\":9,\"reason\":"
              "\"OOMKilled\",\"message\":\"m\",\"startedAt\":\"2026-01-01T00:00:00Z\","
              "\"finishedAt\":\"2026-01-01T00:00:05Z\",\"containerID\":\"x://1\"}},"
              "\"lastState\":{\"terminated\":{\"exitCode\":1,\"reason\":\"Error\"}},"
              "\"ready\":false,\"restartCount\":4,\"image\":\"i\",\"imageID\":\"d\","
              "\"containerID\":\"x://1\",\"started\":false,"
              "\"allocatedResources\":{\"cpu\":\"1\"},"
              "\"resources\":{\"requests\":{\"cpu\":\"1\"}},"
              "\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/v\",\"readOnly\":true,"
              "\"recursiveReadOnly\":\"Disabled\"},{\"name\":\"w\",\"mountPath\":\"/w\"}]}");
    const struct json *container =
        parse(&arena, "{\"name\":\"a\",\"resources\":{\"requests\":{\"cpu\":\"1\"}},"
                      "\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/v\",\"readOnly\":true},"
                      "{\"name\":\"w\",\"mountPath\":\"/w\"}]}");
    struct container_status status;
    container_status_read(json, &status);
    EXPECT(json_equal(container_status_json(&arena, &status, container), json));
    arena_release(&arena);
}
