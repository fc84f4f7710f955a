#include <stdio.h>

#include "kubelet-lite/pod_worker.h"
#include "tests/harness/runtime_fake.h"
#include "tests/harness/test.h"

/* A worker against the fake runtime, under simulated time. */
struct scene {
    struct loop *loop;
    struct runtime_fake fake;
    struct pod_host host;
    struct pod_worker *worker;
    struct buffer events;
    struct buffer pod;
    struct arena arena;       /* Of statuses. */
    const char *not_prepared; /* The reason why containers cannot be prepared. */
    int cleaned;
    int64_t start_us;
};

/* --- A host that has everything at hand --- */

static void prepare_pod(void *context, struct pod_preparation *preparation)
{
    (void)context;
    preparation->done(preparation);
}
static void prepare_container(void *context, struct preparation *preparation)
{
    struct scene *scene = context;
    preparation->reason = scene->not_prepared;
    preparation->message = scene->not_prepared ? "cannot be had" : NULL;
    preparation->image_id = "sha256:1";
    preparation->done(preparation);
}
static void clean_pod(void *context, struct pod_worker *worker)
{
    struct scene *scene = context;
    scene->cleaned++;
    pod_worker_cleaned(worker);
}
static void event(void *context, struct pod_worker *worker, const char *container, const char *type,
                  const char *reason, const char *message)
{
    struct scene *scene = context;
    (void)worker;
    (void)type;
    buffer_format(&scene->events, "%s %s: %s\n", reason, container ? container : "-", message);
}
static void changed(void *context, struct pod_worker *worker)
{
    (void)context;
    (void)worker;
}
static void exited(void *context, const struct run *run)
{
    struct scene *scene = context;
    if (scene->worker)
        pod_worker_exited(scene->worker, run);
}

static void make_worker(struct scene *scene)
{
    struct status status;
    struct runtime_list list;
    status_init(&status);
    scene->worker = pod_worker_create(&scene->host, buffer_slice(&scene->pod), &status);
    EXPECT(scene->worker != NULL);
    runtime_fake_list(&scene->fake, &list);
    for (size_t i = 0; i < list.sandbox_count; i++)
        pod_worker_adopt_sandbox(scene->worker, &list.sandboxes[i]);
    for (size_t i = 0; i < list.run_count; i++)
        pod_worker_adopt_run(scene->worker, &list.runs[i]);
    pod_worker_poke(scene->worker);
}

static void set_pod(struct scene *scene, const char *metadata, const char *spec)
{
    buffer_clear(&scene->pod);
    buffer_format(&scene->pod,
                  "{\"metadata\":{\"name\":\"p\",\"namespace\":\"d\",\"uid\":\"uid\"%s},"
                  "\"spec\":{%s},\"status\":{\"phase\":\"Pending\"}}",
                  metadata, spec);
}

static void begin(struct scene *scene, const char *spec, struct fake_script *scripts, size_t count)
{
    *scene = (struct scene){0};
    scene->loop = loop_create_simulated(1);
    runtime_fake_init(&scene->fake, scene->loop);
    scene->fake.scripts = scripts;
    scene->fake.script_count = count;
    scene->fake.runtime.exited = exited;
    scene->fake.runtime.context = scene;
    scene->host = (struct pod_host){
        .runtime = &scene->fake.runtime,
        .address = "192.168.0.1",
        .context = scene,
        .prepare_pod = prepare_pod,
        .prepare_container = prepare_container,
        .clean_pod = clean_pod,
        .event = event,
        .changed = changed,
    };
    arena_init(&scene->arena);
    set_pod(scene, "", spec);
    make_worker(scene);
}

static void run_ms(struct scene *scene, int64_t ms)
{
    loop_run_for_us(scene->loop, ms * 1000);
}

static void delete (struct scene *scene, const char *spec, int grace_seconds)
{
    char metadata[160];
    snprintf(metadata, sizeof metadata,
             ",\"deletionTimestamp\":\"2026-01-01T00:00:00Z\",\"deletionGracePeriodSeconds\":%d",
             grace_seconds);
    set_pod(scene, metadata, spec);
    pod_worker_update(scene->worker, buffer_slice(&scene->pod));
}

static void end(struct scene *scene)
{
    if (scene->worker->phase < POD_TERMINATING)
        pod_worker_forget(scene->worker);
    for (int i = 0; i < 200 && scene->worker->phase != POD_GONE; i++) {
        scene->fake.fail = NULL;
        scene->worker->is_deleted = true;
        pod_worker_poke(scene->worker);
        run_ms(scene, 1000);
    }
    EXPECT_EQ(scene->worker->phase, POD_GONE);
    EXPECT_EQ(scene->cleaned, 1);
    EXPECT(list_is_empty(&scene->fake.runs));
    EXPECT(!scene->fake.has_sandbox);
    run_ms(scene, 10);
    pod_worker_destroy(scene->worker);
    runtime_fake_release(&scene->fake);
    buffer_release(&scene->events);
    buffer_release(&scene->pod);
    arena_release(&scene->arena);
    loop_destroy(scene->loop);
}

#define EXPECT_LINES(scene, text) EXPECT_TEXT((scene)->fake.lines.data, text)

static struct json *status_of(struct scene *scene)
{
    return pod_worker_status(scene->worker, &scene->arena);
}
static const char *phase_of(struct scene *scene)
{
    return json_text(json_get(status_of(scene), "phase"));
}
static const struct json *container_of(struct scene *scene, size_t index)
{
    return json_item(json_get(status_of(scene), "containerStatuses"), index);
}

#define ONE "\"restartPolicy\":\"Always\",\"containers\":[{\"name\":\"a\",\"image\":\"i\"}]"
#define ONE_NEVER "\"restartPolicy\":\"Never\",\"containers\":[{\"name\":\"a\",\"image\":\"i\"}]"

TEST("a pod gets its sandbox, then its container, and runs")
{
    struct scene scene;
    begin(&scene, ONE, NULL, 0);
    EXPECT_TEXT(phase_of(&scene), "Pending");
    run_ms(&scene, 100);
    EXPECT_LINES(&scene, "run_sandbox\ncreate a 0\nstart a 0\n");
    EXPECT_TEXT(phase_of(&scene), "Running");
    EXPECT_TEXT(json_text(json_get(status_of(&scene), "podIP")), "10.0.0.9");
    EXPECT_TEXT(json_text(json_get(status_of(&scene), "hostIP")), "192.168.0.1");
    EXPECT(json_bool(json_get(container_of(&scene, 0), "ready")));
    EXPECT_TEXT(json_text(json_get(container_of(&scene, 0), "containerID")), "fake://a_0");
    EXPECT_TEXT(json_text(json_get(container_of(&scene, 0), "imageID")), "sha256:1");
    EXPECT_TEXT(scene.events.data, "Created a: Container created\nStarted a: Container started\n");
    end(&scene);
}

TEST("a deleted pod is signalled, ends, loses its sandbox, and is cleaned away")
{
    struct fake_script scripts[] = {{.name = "a", .runs_us = -1, .stops_us = 3000000}};
    struct scene scene;
    begin(&scene, ONE, scripts, 1);
    run_ms(&scene, 100);
    buffer_clear(&scene.fake.lines);
    delete (&scene, ONE, 30);
    run_ms(&scene, 1000);
    EXPECT_TEXT(phase_of(&scene), "Running");
    EXPECT_LINES(&scene, "stop a 0 (30 s)\n");
    run_ms(&scene, 3000);
    EXPECT_LINES(&scene,
                 "stop a 0 (30 s)\nexit a 0 143\nstop_sandbox\nremove a 0\nremove_sandbox\n");
    EXPECT_EQ(scene.worker->phase, POD_GONE);
    EXPECT_TEXT(phase_of(&scene), "Failed");
    end(&scene);
}

TEST("one that does not listen is killed when the grace period is over")
{
    struct fake_script scripts[] = {{.name = "a", .runs_us = -1, .stops_us = -1}};
    struct scene scene;
    begin(&scene, ONE, scripts, 1);
    run_ms(&scene, 100);
    delete (&scene, ONE, 5);
    run_ms(&scene, 4900);
    EXPECT_EQ(scene.worker->phase, POD_TERMINATING);
    run_ms(&scene, 200);
    EXPECT_EQ(scene.worker->phase, POD_GONE);
    EXPECT(strstr(scene.fake.lines.data, "exit a 0 137") != NULL);
    end(&scene);
}

TEST("restarts: at once, then after 10 s, then 20 s; the last two runs are kept")
{
    struct fake_script scripts[] = {{.name = "a", .runs_us = 1000000, .exit_code = 1}};
    struct scene scene;
    int64_t restarts;
    begin(&scene, ONE, scripts, 1);
    run_ms(&scene, 2500); /* 1: runs 0-1, 2: runs 1-2, waits from 2 to 12. */
    EXPECT_TEXT(json_text(json_at(container_of(&scene, 0), "state.waiting.reason")),
                "CrashLoopBackOff");
    EXPECT(strstr(json_text(json_at(container_of(&scene, 0), "state.waiting.message")),
                  "back-off 10s restarting failed container=a pod=p_d(uid)") != NULL);
    EXPECT_TEXT(phase_of(&scene), "Running");
    EXPECT(strstr(scene.events.data,
                  "BackOff a: Back-off restarting failed container a in pod p_d(uid)") != NULL);
    run_ms(&scene, 10000); /* 3: runs 12-13. */
    EXPECT(json_at(container_of(&scene, 0), "state.running") != NULL);
    EXPECT(json_to_int64(json_get(container_of(&scene, 0), "restartCount"), &restarts));
    EXPECT_EQ(restarts, 2);
    EXPECT(strstr(scene.fake.lines.data, "remove a 0\ncreate a 2\n") != NULL);
    run_ms(&scene, 19000);
    EXPECT(json_at(container_of(&scene, 0), "state.waiting") != NULL);
    run_ms(&scene, 2500); /* 4: from 33. */
    EXPECT(json_to_int64(json_get(container_of(&scene, 0), "restartCount"), &restarts));
    EXPECT_EQ(restarts, 3);
    end(&scene);
}

TEST("a pod whose containers have ended for good ends, and stays until it is deleted")
{
    struct fake_script scripts[] = {{.name = "a", .runs_us = 1000000, .exit_code = 0}};
    struct scene scene;
    begin(&scene, ONE_NEVER, scripts, 1);
    run_ms(&scene, 5000);
    EXPECT_EQ(scene.worker->phase, POD_TERMINATED);
    EXPECT_TEXT(phase_of(&scene), "Succeeded");
    EXPECT_LINES(&scene, "run_sandbox\ncreate a 0\nstart a 0\nexit a 0 0\nstop_sandbox\n");
    run_ms(&scene, 3600000);
    EXPECT_EQ(scene.worker->phase, POD_TERMINATED);
    end(&scene);
}

TEST("init containers run one after the other before the rest")
{
    const char *spec = "\"restartPolicy\":\"Always\",\"initContainers\":[{\"name\":\"x\",\"image\":"
                       "\"i\"},{\"name\":\"y\",\"image\":\"i\"}],"
                       "\"containers\":[{\"name\":\"a\",\"image\":\"i\"}]";
    struct fake_script scripts[] = {{.name = "x", .runs_us = 1000000},
                                    {.name = "y", .runs_us = 1000000}};
    struct scene scene;
    begin(&scene, spec, scripts, 2);
    run_ms(&scene, 500);
    EXPECT_TEXT(phase_of(&scene), "Pending");
    EXPECT_TEXT(json_text(json_at(container_of(&scene, 0), "state.waiting.reason")),
                "PodInitializing");
    run_ms(&scene, 5000);
    EXPECT_LINES(&scene, "run_sandbox\ncreate x 0\nstart x 0\nexit x 0 0\ncreate y 0\nstart y 0\n"
                         "exit y 0 0\ncreate a 0\nstart a 0\n");
    EXPECT_TEXT(phase_of(&scene), "Running");
    end(&scene);
}

TEST("an init container that fails for good fails the pod")
{
    const char *spec = "\"restartPolicy\":\"Never\",\"initContainers\":[{\"name\":\"x\",\"image\":"
                       "\"i\"}],\"containers\":[{\"name\":\"a\",\"image\":\"i\"}]";
    struct fake_script scripts[] = {{.name = "x", .runs_us = 1000000, .exit_code = 2}};
    struct scene scene;
    begin(&scene, spec, scripts, 1);
    run_ms(&scene, 5000);
    EXPECT_TEXT(phase_of(&scene), "Failed");
    EXPECT_LINES(&scene, "run_sandbox\ncreate x 0\nstart x 0\nexit x 0 2\nstop_sandbox\n");
    end(&scene);
}

TEST("sidecars start before the rest and end after it, the last first")
{
    const char *spec = "\"restartPolicy\":\"Never\",\"initContainers\":["
                       "{\"name\":\"s1\",\"image\":\"i\",\"restartPolicy\":\"Always\"},"
                       "{\"name\":\"s2\",\"image\":\"i\",\"restartPolicy\":\"Always\"}],"
                       "\"containers\":[{\"name\":\"a\",\"image\":\"i\"}]";
    struct fake_script scripts[] = {{.name = "a", .runs_us = 1000000},
                                    {.name = "s1", .runs_us = -1, .stops_us = 1000},
                                    {.name = "s2", .runs_us = -1, .stops_us = 1000}};
    struct scene scene;
    begin(&scene, spec, scripts, 3);
    run_ms(&scene, 5000);
    EXPECT_LINES(
        &scene, "run_sandbox\ncreate s1 0\nstart s1 0\ncreate s2 0\nstart s2 0\n"
                "create a 0\nstart a 0\nexit a 0 0\n"
                "stop s2 0 (30 s)\nexit s2 0 143\nstop s1 0 (30 s)\nexit s1 0 143\nstop_sandbox\n");
    EXPECT_TEXT(phase_of(&scene), "Succeeded");
    end(&scene);
}

TEST("a container that cannot be prepared waits with the reason, and is tried again")
{
    struct scene scene;
    begin(&scene, ONE, NULL, 0);
    scene.not_prepared = "ErrImagePull";
    run_ms(&scene, 500);
    EXPECT_TEXT(json_text(json_at(container_of(&scene, 0), "state.waiting.reason")),
                "ErrImagePull");
    EXPECT_TEXT(json_text(json_at(container_of(&scene, 0), "state.waiting.message")),
                "cannot be had");
    EXPECT(strstr(scene.events.data, "Failed a: cannot be had") != NULL);
    scene.not_prepared = NULL;
    run_ms(&scene, 9000);
    EXPECT_TEXT(phase_of(&scene), "Pending");
    run_ms(&scene, 1500);
    EXPECT_TEXT(phase_of(&scene), "Running");
    end(&scene);
}

TEST("a container that cannot be created or started is no restart")
{
    struct fake_script scripts[] = {{.name = "a", .runs_us = -1, .fail = "create"}};
    struct scene scene;
    int64_t restarts;
    begin(&scene, ONE, scripts, 1);
    run_ms(&scene, 500);
    EXPECT_TEXT(json_text(json_at(container_of(&scene, 0), "state.waiting.reason")),
                "CreateContainerError");
    scripts[0].fail = "start";
    run_ms(&scene, 10000);
    EXPECT_TEXT(json_text(json_at(container_of(&scene, 0), "state.waiting.reason")),
                "RunContainerError");
    EXPECT(list_is_empty(&scene.fake.runs)); /* Removed again. */
    scripts[0].fail = NULL;
    run_ms(&scene, 21000);
    EXPECT_TEXT(phase_of(&scene), "Running");
    EXPECT(json_to_int64(json_get(container_of(&scene, 0), "restartCount"), &restarts));
    EXPECT_EQ(restarts, 0);
    end(&scene);
}

TEST("a sandbox that fails is tried again, and told")
{
    struct scene scene;
    begin(&scene, ONE, NULL, 0);
    scene.fake.fail = "run_sandbox";
    run_ms(&scene, 3500);
    EXPECT_LINES(&scene, "run_sandbox\nrun_sandbox\nrun_sandbox\n");
    EXPECT(strstr(scene.events.data,
                  "FailedCreatePodSandBox -: Failed to create pod sandbox: the test says no") !=
           NULL);
    scene.fake.fail = NULL;
    run_ms(&scene, 5000);
    EXPECT_TEXT(phase_of(&scene), "Running");
    end(&scene);
}

TEST("verbs that fail at the end are tried again until nothing is left")
{
    struct fake_script scripts[] = {{.name = "a", .runs_us = -1}};
    struct scene scene;
    begin(&scene, ONE, scripts, 1);
    run_ms(&scene, 100);
    delete (&scene, ONE, 1);
    scene.fake.fail = "stop_sandbox";
    run_ms(&scene, 5000);
    EXPECT_EQ(scene.worker->phase, POD_TERMINATING);
    scene.fake.fail = "remove";
    run_ms(&scene, 5000);
    EXPECT_EQ(scene.worker->phase, POD_CLEANING);
    scene.fake.fail = "remove_sandbox";
    run_ms(&scene, 5000);
    EXPECT_EQ(scene.worker->phase, POD_CLEANING);
    scene.fake.fail = NULL;
    run_ms(&scene, 3000);
    EXPECT_EQ(scene.worker->phase, POD_GONE);
    end(&scene);
}

TEST("a new agent adopts what runs, restarts nothing, and counts on")
{
    struct fake_script scripts[] = {{.name = "a", .runs_us = -1}};
    struct scene scene;
    int64_t restarts;
    begin(&scene, ONE, scripts, 1);
    run_ms(&scene, 100);
    pod_worker_destroy(scene.worker);
    buffer_clear(&scene.fake.lines);
    make_worker(&scene);
    run_ms(&scene, 1000);
    EXPECT_EQ(scene.fake.lines.size, 0);
    EXPECT_TEXT(phase_of(&scene), "Running");
    EXPECT(json_bool(json_get(container_of(&scene, 0), "ready")));
    delete (&scene, ONE, 1);
    run_ms(&scene, 3000);
    EXPECT(json_to_int64(json_get(container_of(&scene, 0), "restartCount"), &restarts));
    EXPECT_EQ(restarts, 0);
    EXPECT_EQ(scene.worker->phase, POD_GONE);
    end(&scene);
}

TEST("after a reboot what ran is lost, and runs again as another attempt")
{
    struct scene scene;
    int64_t value;
    begin(&scene, ONE, NULL, 0);
    run_ms(&scene, 100);
    struct json *status = status_of(&scene);
    struct buffer text = {0};
    json_print(status, &text);
    pod_worker_destroy(scene.worker);
    runtime_fake_lose_all(&scene.fake);
    buffer_clear(&scene.fake.lines);
    buffer_clear(&scene.pod);
    buffer_format(
        &scene.pod,
        "{\"metadata\":{\"name\":\"p\",\"namespace\":\"d\",\"uid\":\"uid\"},\"spec\":{" ONE
        "},\"status\":%s}",
        text.data);
    buffer_release(&text);
    make_worker(&scene);
    run_ms(&scene, 1000);
    EXPECT_LINES(&scene, "run_sandbox\ncreate a 1\nstart a 1\n");
    EXPECT(json_to_int64(json_get(container_of(&scene, 0), "restartCount"), &value));
    EXPECT_EQ(value, 1);
    EXPECT_TEXT(json_text(json_at(container_of(&scene, 0), "lastState.terminated.reason")),
                "ContainerStatusUnknown");
    EXPECT(
        json_to_int64(json_at(container_of(&scene, 0), "lastState.terminated.exitCode"), &value));
    EXPECT_EQ(value, 137);
    end(&scene);
}

TEST("a pod that is active for too long fails with its reason once nothing runs")
{
    const char *spec = "\"restartPolicy\":\"Always\",\"activeDeadlineSeconds\":10,"
                       "\"terminationGracePeriodSeconds\":5,"
                       "\"containers\":[{\"name\":\"a\",\"image\":\"i\"}]";
    struct fake_script scripts[] = {{.name = "a", .runs_us = -1, .stops_us = -1}};
    struct scene scene;
    begin(&scene, spec, scripts, 1);
    run_ms(&scene, 12000);
    EXPECT_TEXT(phase_of(&scene), "Running");
    run_ms(&scene, 4000);
    EXPECT_TEXT(phase_of(&scene), "Failed");
    EXPECT_TEXT(json_text(json_get(status_of(&scene), "reason")), "DeadlineExceeded");
    end(&scene);
}

TEST("readiness comes and goes with its probe, and nothing is restarted for it")
{
    const char *spec =
        "\"restartPolicy\":\"Always\",\"containers\":[{\"name\":\"a\",\"image\":\"i\","
        "\"readinessProbe\":{\"exec\":{\"command\":[\"ready\"]},\"periodSeconds\":2,"
        "\"initialDelaySeconds\":3,\"failureThreshold\":2}}]";
    struct fake_script scripts[] = {{.name = "a", .runs_us = -1, .exec_code = 0}};
    struct scene scene;
    begin(&scene, spec, scripts, 1);
    run_ms(&scene, 2500);
    EXPECT(!json_bool(json_get(container_of(&scene, 0), "ready")));
    EXPECT(json_bool(json_get(container_of(&scene, 0), "started")));
    run_ms(&scene, 1000);
    EXPECT(json_bool(json_get(container_of(&scene, 0), "ready")));
    scripts[0].exec_code = 1;
    run_ms(&scene, 2000); /* One failure. */
    EXPECT(json_bool(json_get(container_of(&scene, 0), "ready")));
    run_ms(&scene, 2000);
    EXPECT(!json_bool(json_get(container_of(&scene, 0), "ready")));
    EXPECT(strstr(scene.events.data, "Unhealthy a: Readiness probe failed: told by the test") !=
           NULL);
    EXPECT(strstr(scene.fake.lines.data, "stop") == NULL);
    end(&scene);
}

TEST("a liveness probe that fails three times restarts its container")
{
    const char *spec =
        "\"restartPolicy\":\"Always\",\"terminationGracePeriodSeconds\":7,\"containers\":[{"
        "\"name\":\"a\",\"image\":\"i\",\"livenessProbe\":{\"exec\":{\"command\":[\"alive\"]},"
        "\"periodSeconds\":1}}]";
    struct fake_script scripts[] = {{.name = "a", .runs_us = -1, .stops_us = 1000, .exec_code = 1}};
    struct scene scene;
    begin(&scene, spec, scripts, 1);
    run_ms(&scene, 1500);
    EXPECT(strstr(scene.fake.lines.data, "stop") == NULL);
    run_ms(&scene, 1500);
    EXPECT(strstr(scene.fake.lines.data, "stop a 0 (7 s)\nexit a 0 143\ncreate a 1\n") != NULL);
    EXPECT(strstr(scene.events.data,
                  "Killing a: Container a failed liveness probe, will be restarted") != NULL);
    end(&scene);
}

TEST("other probes wait for the startup probe, which may take its time")
{
    const char *spec =
        "\"restartPolicy\":\"Always\",\"containers\":[{\"name\":\"a\",\"image\":\"i\","
        "\"startupProbe\":{\"exec\":{\"command\":[\"up\"]},\"periodSeconds\":1,"
        "\"failureThreshold\":30},"
        "\"livenessProbe\":{\"exec\":{\"command\":[\"alive\"]},\"periodSeconds\":1}}]";
    struct fake_script scripts[] = {{.name = "a", .runs_us = -1, .exec_code = 1}};
    struct scene scene;
    begin(&scene, spec, scripts, 1);
    run_ms(&scene, 10000);
    EXPECT(strstr(scene.fake.lines.data, "alive") == NULL);
    EXPECT(!json_bool(json_get(container_of(&scene, 0), "started")));
    scripts[0].exec_code = 0;
    run_ms(&scene, 3000);
    EXPECT(strstr(scene.fake.lines.data, "alive") != NULL);
    EXPECT(json_bool(json_get(container_of(&scene, 0), "started")));
    EXPECT(json_bool(json_get(container_of(&scene, 0), "ready")));
    end(&scene);
}

TEST("a probe that takes too long has failed")
{
    const char *spec =
        "\"restartPolicy\":\"Always\",\"containers\":[{\"name\":\"a\",\"image\":\"i\","
        "\"readinessProbe\":{\"exec\":{\"command\":[\"slow\"]},\"timeoutSeconds\":2}}]";
    struct fake_script scripts[] = {{.name = "a", .runs_us = -1, .exec_us = 5000000}};
    struct scene scene;
    begin(&scene, spec, scripts, 1);
    run_ms(&scene, 3000);
    EXPECT(strstr(scene.events.data, "Unhealthy a: Readiness probe failed: command timed out") !=
           NULL);
    end(&scene);
}

TEST("preStop runs within the grace period, and the signal follows")
{
    const char *spec =
        "\"restartPolicy\":\"Always\",\"containers\":[{\"name\":\"a\",\"image\":\"i\","
        "\"lifecycle\":{\"preStop\":{\"exec\":{\"command\":[\"bye\"]}}}}]";
    struct fake_script scripts[] = {{.name = "a", .runs_us = -1, .exec_us = 4000000}};
    struct scene scene;
    begin(&scene, spec, scripts, 1);
    run_ms(&scene, 100);
    buffer_clear(&scene.fake.lines);
    delete (&scene, spec, 10);
    run_ms(&scene, 3000);
    EXPECT_LINES(&scene, "exec a: bye\n");
    run_ms(&scene, 2000);
    EXPECT(strstr(scene.fake.lines.data, "exec a: bye\nstop a 0 (6 s)\nexit a 0 143\n") != NULL);
    end(&scene);
}

TEST("a postStart hook that fails ends the run")
{
    const char *spec =
        "\"restartPolicy\":\"Never\",\"containers\":[{\"name\":\"a\",\"image\":\"i\","
        "\"lifecycle\":{\"postStart\":{\"exec\":{\"command\":[\"hello\"]}}}}]";
    struct fake_script scripts[] = {{.name = "a", .runs_us = -1, .exec_code = 1}};
    struct scene scene;
    begin(&scene, spec, scripts, 1);
    run_ms(&scene, 5000);
    EXPECT_LINES(&scene, "run_sandbox\ncreate a 0\nstart a 0\nexec a: hello\nstop a 0 (2 s)\n"
                         "exit a 0 143\nstop_sandbox\n");
    EXPECT_TEXT(phase_of(&scene), "Failed");
    EXPECT(strstr(scene.events.data, "FailedPostStartHook a: PostStartHook failed") != NULL);
    end(&scene);
}

TEST("another image restarts the container, an added ephemeral one joins it")
{
    struct fake_script scripts[] = {{.name = "a", .runs_us = -1, .stops_us = 1000},
                                    {.name = "e", .runs_us = 1000000, .exit_code = 1}};
    struct scene scene;
    begin(&scene, ONE, scripts, 2);
    run_ms(&scene, 100);
    buffer_clear(&scene.fake.lines);
    set_pod(&scene, "",
            "\"restartPolicy\":\"Always\",\"containers\":[{\"name\":\"a\",\"image\":\"j\"}]");
    pod_worker_update(scene.worker, buffer_slice(&scene.pod));
    run_ms(&scene, 100);
    EXPECT_LINES(&scene, "stop a 0 (30 s)\nexit a 0 143\ncreate a 1\nstart a 1\n");
    buffer_clear(&scene.fake.lines);
    set_pod(&scene, "",
            "\"restartPolicy\":\"Always\",\"containers\":[{\"name\":\"a\",\"image\":\"j\"}],"
            "\"ephemeralContainers\":[{\"name\":\"e\",\"image\":\"k\"}]");
    pod_worker_update(scene.worker, buffer_slice(&scene.pod));
    run_ms(&scene, 5000);
    EXPECT_LINES(&scene, "create e 0\nstart e 0\nexit e 0 1\n"); /* Never again. */
    EXPECT_TEXT(phase_of(&scene), "Running");
    EXPECT_EQ(json_count(json_get(status_of(&scene), "ephemeralContainerStatuses")), 1);
    end(&scene);
}

TEST("a pod deleted at any moment of its start leaves nothing behind")
{
    for (int64_t us = 0; us < 6000; us += 250) {
        struct fake_script scripts[] = {{.name = "a", .runs_us = -1, .stops_us = 500}};
        struct scene scene;
        begin(&scene, ONE, scripts, 1);
        loop_run_for_us(scene.loop, us);
        delete (&scene, ONE, 30);
        run_ms(&scene, 100);
        EXPECT_EQ(scene.worker->phase, POD_GONE);
        end(&scene);
    }
}

TEST("a container killed for memory says so")
{
    struct fake_script scripts[] = {
        {.name = "a", .runs_us = 1000, .exit_code = 137, .is_killed_for_memory = true}};
    struct scene scene;
    begin(&scene, ONE_NEVER, scripts, 1);
    run_ms(&scene, 1000);
    EXPECT_TEXT(json_text(json_at(container_of(&scene, 0), "state.terminated.reason")),
                "OOMKilled");
    end(&scene);
}
