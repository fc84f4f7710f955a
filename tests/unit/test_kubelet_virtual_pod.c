#include <stdio.h>

#include "core/clock.h"
#include "kubelet-lite/virtual_lifecycle.h"
#include "kubelet-lite/virtual_pod.h"
#include "tests/harness/test.h"

#define START INT64_C(1767225600000000) /* 2026-01-01T00:00:00Z */
#define SECOND INT64_C(1000000)

/* A pod that is looked at again and again, each time with what the last look wrote. */
struct life {
    struct arena arena;
    struct json *pod;
    struct virtual_pod_look look;
};

static struct json *parse(struct arena *arena, const char *text)
{
    struct status status;
    status_init(&status);
    struct json *tree = json_parse(arena, slice_of(text), NULL, &status);
    if (!tree)
        test_fail(__FILE__, __LINE__, "%s: %s", text, status.message);
    return tree;
}

static const char *take_address(void *context)
{
    ++*(int *)context;
    return "100.64.0.1";
}

static int taken;

static void begin(struct life *life, const char *annotations, const char *spec)
{
    memset(life, 0, sizeof *life);
    arena_init(&life->arena);
    life->pod = parse(
        &life->arena,
        arena_format(&life->arena,
                     "{\"metadata\":{\"name\":\"p\",\"namespace\":\"d\",\"uid\":\"u\","
                     "\"annotations\":{%s}},\"spec\":{%s},\"status\":{\"phase\":\"Pending\"}}",
                     annotations, spec));
    life->look = (struct virtual_pod_look){
        .arena = &life->arena,
        .pod = life->pod,
        .time_scale = 1,
        .host_ip = "198.18.0.1",
        .take_address = take_address,
        .context = &taken,
    };
}

/* Lays the patch over the pod as the server would, conditions by type. */
static void apply(struct life *life)
{
    struct json *status = json_ensure_object(&life->arena, life->pod, "status");
    JSON_EACH(member, json_get(life->look.patch, "status"))
        if (!slice_is(json_key(member), "conditions"))
            json_set_slice(&life->arena, status, json_key(member), json_copy(&life->arena, member));
    struct json *conditions = json_get(status, "conditions");
    if (!conditions)
        conditions = json_set(&life->arena, status, "conditions", json_new_array(&life->arena));
    JSON_EACH(new, json_at(life->look.patch, "status.conditions")) {
        JSON_EACH(old, conditions)
            if (json_equal(json_get(old, "type"), json_get(new, "type")))
                json_detach(conditions, old);
        json_append(conditions, json_copy(&life->arena, new));
    }
}

/* Looks at a moment, in microseconds since START; gives the phase afterwards. */
static const char *look_us(struct life *life, int64_t at_us)
{
    life->look.now_us = START + at_us;
    virtual_pod_look(&life->look);
    if (life->look.patch)
        apply(life);
    return json_text(json_at(life->pod, "status.phase"));
}

static const char *look(struct life *life, int64_t seconds)
{
    return look_us(life, seconds * SECOND);
}

static int64_t due(const struct life *life)
{
    return life->look.due_us == INT64_MAX ? -1 : life->look.due_us - START;
}

static const struct json *container(const struct life *life)
{
    return json_item(json_at(life->pod, "status.containerStatuses"), 0);
}

#define ONE "\"containers\":[{\"name\":\"a\",\"image\":\"i\"}]"
#define KEY(name, value) "\"virtual.coracle.dev/" name "\":\"" value "\""

TEST("without annotations a pod runs at the first look, for ever")
{
    struct life life;
    begin(&life, "", "\"restartPolicy\":\"Always\"," ONE);
    EXPECT_TEXT(look(&life, 0), "Running");
    EXPECT(life.look.patch != NULL);
    EXPECT_EQ(due(&life), -1);
    EXPECT_TEXT(json_text(json_at(life.pod, "status.podIP")), "100.64.0.1");
    EXPECT_TEXT(json_text(json_at(life.pod, "status.hostIP")), "198.18.0.1");
    look(&life, 5);
    EXPECT(life.look.patch == NULL);
    EXPECT_EQ(taken, 1);
    arena_release(&life.arena);
}

TEST("every step is due when it was declared, to the microsecond, and not before")
{
    struct life life;
    begin(&life, KEY("start-delay", "2s") "," KEY("run-time", "1500ms"),
          "\"restartPolicy\":\"Never\"," ONE);
    EXPECT_TEXT(look_us(&life, 700001), "Pending");
    EXPECT_EQ(due(&life), 2700001);
    EXPECT_TEXT(look_us(&life, 2700000), "Pending");
    EXPECT(life.look.patch == NULL);
    EXPECT_TEXT(look_us(&life, 2700001), "Running");
    EXPECT_EQ(due(&life), 4200001);
    EXPECT_TEXT(look_us(&life, 4200000), "Running");
    EXPECT_EQ(due(&life), 4200001);
    EXPECT_TEXT(look_us(&life, 4200001), "Succeeded");
    EXPECT_EQ(due(&life), -1);
    arena_release(&life.arena);
}

TEST("moments that were forgotten are read from the status, whose times are whole seconds")
{
    struct life life;
    begin(&life, KEY("run-time", "10s"), "\"restartPolicy\":\"Never\"," ONE);
    EXPECT_TEXT(look_us(&life, 600000), "Running");
    EXPECT_EQ(due(&life), 10600000);
    life.look.moments = (struct virtual_moments){0};
    EXPECT_TEXT(look_us(&life, 5000000), "Running");
    EXPECT_EQ(due(&life), 10000000);
    arena_release(&life.arena);
}

TEST("a change of the declared life counts from then on")
{
    struct life life;
    begin(&life, "", "\"restartPolicy\":\"Never\"," ONE);
    EXPECT_TEXT(look(&life, 0), "Running");
    EXPECT_EQ(due(&life), -1);
    json_set_text(&life.arena, json_at(life.pod, "metadata.annotations"),
                  "virtual.coracle.dev/run-time", "5s");
    EXPECT_TEXT(look(&life, 9), "Succeeded");
    arena_release(&life.arena);
}

TEST("restarts count up, and the last end is told while the next start is awaited")
{
    struct life life;
    int64_t value;
    begin(&life, KEY("run-time", "1s") "," KEY("exit-code", "7"),
          "\"restartPolicy\":\"Always\"," ONE);
    look(&life, 0);
    look(&life, 1); /* Ends, starts at once. */
    EXPECT(json_at(container(&life), "state.running") != NULL);
    EXPECT(json_to_int64(json_at(container(&life), "lastState.terminated.exitCode"), &value));
    EXPECT_EQ(value, 7);
    look(&life, 2); /* Ends, waits 10 s. */
    EXPECT_TEXT(json_text(json_at(container(&life), "state.waiting.reason")), "CrashLoopBackOff");
    EXPECT_EQ(due(&life), 12 * SECOND);
    const char *first = json_text(json_at(container(&life), "containerID"));
    look(&life, 12);
    EXPECT(json_at(container(&life), "state.running") != NULL);
    EXPECT(json_to_int64(json_get(container(&life), "restartCount"), &value));
    EXPECT_EQ(value, 2);
    EXPECT(strcmp(json_text(json_get(container(&life), "containerID")), first) != 0);
    arena_release(&life.arena);
}

TEST("init containers are done before the others run, sidecars end with the last of them")
{
    struct life life;
    begin(&life, KEY("run-time", "5s"),
          "\"restartPolicy\":\"Never\",\"initContainers\":[{\"name\":\"x\",\"image\":\"i\"},"
          "{\"name\":\"y\",\"image\":\"i\",\"restartPolicy\":\"Always\"}]," ONE);
    EXPECT_TEXT(look(&life, 0), "Running");
    const struct json *init = json_at(life.pod, "status.initContainerStatuses");
    EXPECT_TEXT(json_text(json_at(json_item(init, 0), "state.terminated.reason")), "Completed");
    EXPECT(json_bool(json_get(json_item(init, 0), "ready")));
    EXPECT(json_at(json_item(init, 1), "state.running") != NULL);
    EXPECT_TEXT(look(&life, 5), "Succeeded");
    init = json_at(life.pod, "status.initContainerStatuses");
    EXPECT(json_at(json_item(init, 1), "state.terminated") != NULL);
    arena_release(&life.arena);
}

TEST("a pod on the host's network has the host's address")
{
    struct life life;
    begin(&life, "", "\"restartPolicy\":\"Always\",\"hostNetwork\":true," ONE);
    look(&life, 0);
    EXPECT_TEXT(json_text(json_at(life.pod, "status.podIP")), "198.18.0.1");
    EXPECT_EQ(taken, 0);
    arena_release(&life.arena);
}

TEST("what a running container may use follows the spec")
{
    struct life life;
    begin(&life, "",
          "\"restartPolicy\":\"Always\",\"containers\":[{\"name\":\"a\",\"image\":\"i\","
          "\"resources\":{\"requests\":{\"cpu\":\"1\"}}}]");
    look(&life, 0);
    struct json *spec = json_item(json_at(life.pod, "spec.containers"), 0);
    json_set_text(&life.arena, json_at(spec, "resources.requests"), "cpu", "2");
    look(&life, 1);
    EXPECT_TEXT(json_text(json_at(container(&life), "resources.requests.cpu")), "2");
    EXPECT_TEXT(json_text(json_at(container(&life), "allocatedResources.cpu")), "2");
    EXPECT(json_at(container(&life), "state.running") != NULL);
    arena_release(&life.arena);
}

TEST("a deleted pod that never ran fails and goes")
{
    struct life life;
    begin(&life, KEY("start-delay", "1h"), "\"restartPolicy\":\"Always\"," ONE);
    EXPECT_TEXT(look(&life, 0), "Pending");
    struct json *metadata = json_get(life.pod, "metadata");
    json_set_text(&life.arena, metadata, "deletionTimestamp", "2026-01-01T00:00:31Z");
    json_set_int(&life.arena, metadata, "deletionGracePeriodSeconds", 30);
    EXPECT_TEXT(look(&life, 1), "Failed");
    EXPECT(life.look.removes);
    EXPECT_EQ(taken, 0);
    arena_release(&life.arena);
}

/* --- Lives --- */

static const char *wrong(const char *annotations, struct virtual_lifecycle *lifecycle)
{
    struct arena arena;
    arena_init(&arena);
    struct json *pod =
        parse(&arena, arena_format(&arena, "{\"metadata\":{\"annotations\":{%s}}}", annotations));
    const char *error = virtual_lifecycle_read(&arena, pod, lifecycle);
    static char copy[200];
    snprintf(copy, sizeof copy, "%s", error ? error : "");
    arena_release(&arena);
    return copy;
}

TEST("a declared life is read strictly")
{
    struct virtual_lifecycle life;
    EXPECT_TEXT(wrong(KEY("exit-code", "255") "," KEY("failure-odds", "1"), &life), "");
    EXPECT_EQ(life.exit_code, 255);
    EXPECT_EQ(life.run_time_us, LIFECYCLE_FOR_EVER);
    EXPECT_TEXT(wrong(KEY("exit-code", "256"), &life),
                "annotation virtual.coracle.dev/exit-code: must be a number from 0 to 255");
    EXPECT_TEXT(wrong(KEY("exit-code", "-1"), &life),
                "annotation virtual.coracle.dev/exit-code: must be a number from 0 to 255");
    EXPECT_TEXT(wrong(KEY("failure-odds", "1.5"), &life),
                "annotation virtual.coracle.dev/failure-odds: must be a number from 0 to 1");
    EXPECT_TEXT(wrong(KEY("failure-odds", "nan"), &life),
                "annotation virtual.coracle.dev/failure-odds: must be a number from 0 to 1");
    EXPECT_TEXT(wrong(KEY("stop-delay", "-1s"), &life),
                "annotation virtual.coracle.dev/stop-delay: must not be negative");
    EXPECT_TEXT(wrong(KEY("start-delay", "5"), &life),
                "annotation virtual.coracle.dev/start-delay: time: missing unit in duration \"5\"");
}

TEST("odds hold over many runs, and a run ends the same way however often it is looked at")
{
    struct virtual_lifecycle life = {.failure_odds = 0.25};
    int failures = 0;
    for (int64_t run = 0; run < 4000; run++) {
        int64_t code = virtual_lifecycle_exit_code(&life, SLICE("uid"), run);
        EXPECT_EQ(virtual_lifecycle_exit_code(&life, SLICE("uid"), run), code);
        EXPECT(code == 0 || code == 1);
        failures += code == 1;
    }
    EXPECT(failures > 850 && failures < 1150);
    life.failure_odds = 0;
    EXPECT_EQ(virtual_lifecycle_exit_code(&life, SLICE("uid"), 1), 0);
    life.failure_odds = 1;
    life.exit_code = 9;
    EXPECT_EQ(virtual_lifecycle_exit_code(&life, SLICE("uid"), 1), 9);
}
