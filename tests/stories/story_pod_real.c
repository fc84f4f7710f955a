/* Pods with real containers, from their JSON to their logs: worker, set-up, volumes, runtime.
 * The API is a table of objects in the test. */
#include <stdio.h>
#include <sys/stat.h>

#include "kubelet-lite/pod_setup.h"
#include "tests/harness/crun_machine.h"

struct api {                    /* A client that knows what is in its table. */
    struct client client;
    struct {
        const char *path, *body;
    } objects[8];
    size_t count;
    bool is_away;
    struct buffer asked;
};

struct answer {
    struct message message;
    struct call *call;
};

struct scene {
    struct crun_machine machine;
    struct api api;
    struct volumes *volumes;
    struct pod_setup *setup;
    struct pod_host host;
    struct pod_worker *worker;
    struct buffer pod, events;
};

/* --- The API --- */

static void deliver(struct message *message)
{
    struct answer *answer = CONTAINER_OF(message, struct answer, message);
    struct call *call = answer->call;
    mem_free(answer);
    call->done(call);
}

static void api_call(struct client *client, struct call *call)
{
    struct api *api = CONTAINER_OF(client, struct api, client);
    struct answer *answer = mem_alloc(sizeof(*answer));
    char path[200];
    snprintf(path, sizeof path, "%s %s/" SLICE_FORMAT "%s%s", call->verb, call->path.resource,
             SLICE_ARGS(call->path.name), call->path.subresource ? "/" : "",
             call->path.subresource ? call->path.subresource : "");
    buffer_format(&api->asked, "%s\n", path);
    *answer = (struct answer){.message = {.deliver = deliver}, .call = call};
    const char *body = NULL;
    for (size_t i = 0; i < api->count; i++)
        if (strcmp(api->objects[i].path, path) == 0)
            body = api->objects[i].body;
    if (api->is_away)
        status_fail(&call->status, STATUS_SERVICE_UNAVAILABLE, "connection refused");
    else if (!body)
        status_fail(&call->status, STATUS_NOT_FOUND, "not found");
    else
        call->reply = slice_of(body);
    loop_post(client->loop, &answer->message);
}

static const struct client_operations api_operations = {.call = api_call};

static void add_object(struct scene *scene, const char *path, const char *body)
{
    scene->api.objects[scene->api.count].path = path;
    scene->api.objects[scene->api.count++].body = body;
}

/* --- The host of the worker --- */

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

static void prepare_pod(void *context, struct pod_preparation *preparation)
{
    pod_setup_prepare_pod(((struct scene *)context)->setup, preparation);
}

static void prepare_container(void *context, struct preparation *preparation)
{
    pod_setup_prepare_container(((struct scene *)context)->setup, preparation);
}

static void clean_pod(void *context, struct pod_worker *worker)
{
    pod_setup_clean_pod(((struct scene *)context)->setup, worker);
}

static void begin(struct scene *scene)
{
    static const char *const addresses[] = {"192.168.7.7", NULL};
    *scene = (struct scene){0};
    struct crun_machine *machine = &scene->machine;
    crun_machine_begin(machine, true);
    scene->api.client = (struct client){.operations = &api_operations, .loop = machine->loop};
    const struct volumes_options volumes = {.directory = machine->folder,
                                            .client = &scene->api.client,
                                            .node_name = "node-a",
                                            .node_cpu_millis = 2000,
                                            .node_memory_bytes = 1 << 30};
    scene->volumes = volumes_open(machine->loop, &volumes);
    const struct pod_setup_options setup = {
        .directory = machine->folder,
        .client = &scene->api.client,
        .images = machine->images,
        .volumes = scene->volumes,
        .node_name = "node-a",
        .node_addresses = addresses,
        .node_cpu_millis = 2000,
        .node_memory_bytes = 1 << 30,
        .cgroup_root = machine->cgroup_root,
        .pod_pids_max = 200,
        .cluster_domain = "cluster.local",
        .resolv_conf = "/etc/resolv.conf",
        .api_host = "169.254.20.1",
        .api_port = "443",
    };
    scene->setup = pod_setup_open(machine->loop, &setup);
    machine->runtime->exited = exited;
    machine->runtime->context = scene;
    scene->host = (struct pod_host){
        .runtime = machine->runtime,
        .address = "192.168.7.7",
        .context = scene,
        .prepare_pod = prepare_pod,
        .prepare_container = prepare_container,
        .clean_pod = clean_pod,
        .event = event,
        .changed = changed,
    };
}

static void set_pod(struct scene *scene, const char *metadata, const char *spec)
{
    buffer_clear(&scene->pod);
    buffer_format(&scene->pod,
                  "{\"metadata\":{\"name\":\"p\",\"namespace\":\"d\",\"uid\":\"u-1\","
                  "\"labels\":{\"app\":\"web\",\"tier\":\"b\"}%s},"
                  "\"spec\":{\"serviceAccountName\":\"robot\",\"restartPolicy\":\"Never\",%s},"
                  "\"status\":{\"phase\":\"Pending\"}}",
                  metadata, spec);
}

static void start(struct scene *scene, const char *spec)
{
    struct status status;
    status_init(&status);
    set_pod(scene, "", spec);
    scene->worker = pod_worker_create(&scene->host, buffer_slice(&scene->pod), &status);
    EXPECT_TEXT(status.message, NULL);
    pod_worker_poke(scene->worker);
    status_release(&status);
}

static bool has_ended(void *context)
{
    const struct scene *scene = context;
    return scene->worker->phase == POD_TERMINATED;
}

static bool is_gone(void *context)
{
    const struct scene *scene = context;
    return scene->worker->phase == POD_GONE && !pod_worker_is_busy(scene->worker);
}

static void delete_pod(struct scene *scene)
{
    pod_worker_forget(scene->worker);
    crun_machine_until(&scene->machine, is_gone, scene);
    pod_worker_destroy(scene->worker);
    scene->worker = NULL;
}

static void end(struct scene *scene)
{
    char path[200];
    struct stat seen;
    snprintf(path, sizeof path, "%s/pods/u-1", scene->machine.folder);
    EXPECT(stat(path, &seen) < 0); /* Nothing of the pod is left. */
    pod_setup_close(scene->setup);
    volumes_close(scene->volumes);
    crun_machine_end(&scene->machine);
    buffer_release(&scene->pod);
    buffer_release(&scene->events);
    buffer_release(&scene->api.asked);
}

static const char *log_of(struct scene *scene, const char *container)
{
    return crun_machine_text(&scene->machine,
                             arena_format(&scene->machine.arena, "%s/logs/pods/d_p_u-1/%s/0.log",
                                          scene->machine.folder, container));
}

/* The log's text without its times. */
static void expect_logged(struct scene *scene, const char *container, const char *line)
{
    const char *log = log_of(scene, container);
    struct buffer whole = {0}, part = {0}; /* Part of a line, or all of it. */
    buffer_format(&whole, " stdout F %s\n", line);
    buffer_format(&part, " stdout P %s\n", line);
    bool is_there = strstr(log, whole.data) || strstr(log, part.data);
    if (!is_there)
        fprintf(stderr, "wanted: %s\n%s\nevents:\n%s", line, log, scene->events.data);
    EXPECT(is_there);
    buffer_release(&whole);
    buffer_release(&part);
}

TEST("a pod sees its volumes, its environment and itself")
{
    struct scene scene;
    begin(&scene);
    add_object(
        &scene, "get configmaps/settings",
        "{\"data\":{\"colour\":\"blue\",\"a.conf\":\"x=1\"},\"binaryData\":{\"raw\":\"AAEC\"}}");
    add_object(&scene, "get secrets/keys", "{\"data\":{\"password\":\"czNjcmV0\"}}");
    add_object(&scene, "create serviceaccounts/robot/token",
               "{\"spec\":{\"expirationSeconds\":3600},\"status\":{\"token\":\"t0ken\","
               "\"expirationTimestamp\":\"2999-01-01T00:00:00Z\"}}");
    start(&scene,
          "\"volumes\":[{\"name\":\"cm\",\"configMap\":{\"name\":\"settings\"}},"
          "{\"name\":\"sec\",\"secret\":{\"secretName\":\"keys\",\"defaultMode\":256}},"
          "{\"name\":\"tmp\",\"emptyDir\":{\"medium\":\"Memory\",\"sizeLimit\":\"1Mi\"}},"
          "{\"name\":\"all\",\"projected\":{\"sources\":[{\"serviceAccountToken\":{\"path\":"
          "\"token\","
          "\"expirationSeconds\":3600}},{\"downwardAPI\":{\"items\":[{\"path\":\"labels\","
          "\"fieldRef\":{\"fieldPath\":\"metadata.labels\"}}]}}]}}],"
          "\"containers\":[{\"name\":\"c\",\"image\":\"coracle.local/"
          "host\",\"command\":[\"sh\",\"-c\","
          "\"cat /cm/colour; echo; wc -c </cm/raw; stat -L -c %a /sec/password; cat /sec/password; "
          "echo; "
          "cat /all/token; echo; cat /all/labels; echo; echo "
          "$SECRET-$(COLOUR)-$IP-$HOSTIP-$CPU-$NODE; "
          "hostname; grep -c 10.99.7.2.p /etc/hosts; df -m /tmp2 | tail -1 | tr -s ' ' | cut -d' ' "
          "-f2; "
          "cat /one; echo; cat /sub/deep/file; echo $KUBERNETES_SERVICE_HOST; ls -a /cm | sort | "
          "head -4\"],"
          "\"env\":[{\"name\":\"COLOUR\",\"valueFrom\":{\"configMapKeyRef\":{\"name\":\"settings\","
          "\"key\":\"colour\"}}},"
          "{\"name\":\"SECRET\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"keys\",\"key\":"
          "\"password\"}}},"
          "{\"name\":\"IP\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"status.podIP\"}}},"
          "{\"name\":\"HOSTIP\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"status.hostIP\"}}},"
          "{\"name\":\"NODE\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"spec.nodeName\"}}},"
          "{\"name\":\"CPU\",\"valueFrom\":{\"resourceFieldRef\":{\"resource\":\"limits.cpu\"}}}],"
          "\"volumeMounts\":[{\"name\":\"cm\",\"mountPath\":\"/"
          "cm\"},{\"name\":\"sec\",\"mountPath\":\"/sec\"},"
          "{\"name\":\"tmp\",\"mountPath\":\"/tmp2\"},{\"name\":\"all\",\"mountPath\":\"/all\"},"
          "{\"name\":\"cm\",\"mountPath\":\"/one\",\"subPath\":\"a.conf\"},"
          "{\"name\":\"tmp\",\"mountPath\":\"/sub\",\"subPathExpr\":\"$(COLOUR)\"}]}],"
          "\"initContainers\":[{\"name\":\"i\",\"image\":\"coracle.local/"
          "host\",\"command\":[\"sh\",\"-c\","
          "\"mkdir -p /t/blue/deep; echo made >/t/blue/deep/file\"],"
          "\"volumeMounts\":[{\"name\":\"tmp\",\"mountPath\":\"/t\"}]}]");
    crun_machine_until(&scene.machine, has_ended, &scene);
    const char *const lines[] = {"blue",
                                 "3",
                                 "400",
                                 "s3cret",
                                 "t0ken",
                                 "app=\"web\"",
                                 "tier=\"b\"",
                                 "s3cret-blue-10.99.7.2-192.168.7.7-2-node-a",
                                 "p",
                                 "1",
                                 "x=1",
                                 "made",
                                 "169.254.20.1",
                                 "..data"};
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
        expect_logged(&scene, "c", lines[i]);
    delete_pod(&scene);
    end(&scene);
}

TEST("a container is who and what its security context says, and no more")
{
    struct scene scene;
    begin(&scene);
    start(&scene,
          "\"securityContext\":{\"runAsUser\":1234,\"runAsGroup\":5678,\"fsGroup\":4321,"
          "\"supplementalGroups\":[77],\"seccompProfile\":{\"type\":\"RuntimeDefault\"},"
          "\"runAsNonRoot\":true},"
          "\"volumes\":[{\"name\":\"v\",\"emptyDir\":{}}],"
          "\"containers\":[{\"name\":\"c\",\"image\":\"coracle.local/"
          "host\",\"command\":[\"sh\",\"-c\","
          "\"id -u; id -g; id -G; grep -E 'CapBnd|NoNewPrivs|Seccomp:' /proc/self/status | tr -d "
          "'\\\\t'; "
          "touch /x 2>/dev/null || echo sealed; touch /v/f && stat -c %g /v/f; "
          "unshare -U true 2>/dev/null || echo no userns; "
          "ls -A /home | wc -l; cat /etc/shadow 2>/dev/null || echo no shadow\"],"
          "\"volumeMounts\":[{\"name\":\"v\",\"mountPath\":\"/v\"}],"
          "\"securityContext\":{\"allowPrivilegeEscalation\":false,\"readOnlyRootFilesystem\":true,"
          "\"capabilities\":{\"drop\":[\"ALL\"],\"add\":[\"CHOWN\"]}}},"
          "{\"name\":\"root\",\"image\":\"coracle.local/host\",\"command\":[\"true\"],"
          "\"securityContext\":{\"runAsUser\":0}}]");
    struct crun_machine *machine = &scene.machine;
    for (int i = 0; i < 1500 && !strstr(log_of(&scene, "c"), "no shadow"); i++)
        crun_machine_run_us(machine, 10000);
    const char *const lines[] = {"1234",
                                 "5678",
                                 "5678 77 4321",
                                 "CapBnd:0000000000000001",
                                 "NoNewPrivs:1",
                                 "Seccomp:2",
                                 "sealed",
                                 "4321",
                                 "0",
                                 "no userns",
                                 "no shadow"};
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
        expect_logged(&scene, "c", lines[i]);
    EXPECT(strstr(scene.events.data, "container's runAsUser breaks non-root policy (pod: "
                                     "\"p_d(u-1)\", container: root)"));
    delete_pod(&scene);
    end(&scene);
}

TEST("what a pod was given is remembered when no server answers, and what is not there is said")
{
    struct scene scene;
    begin(&scene);
    start(&scene,
          "\"volumes\":[{\"name\":\"cm\",\"configMap\":{\"name\":\"late\"}}],"
          "\"containers\":[{\"name\":\"c\",\"image\":\"coracle.local/host\",\"command\":[\"sh\","
          "\"-c\",\"cat /cm/k; echo; echo $K\"],\"env\":[{\"name\":\"K\",\"valueFrom\":"
          "{\"configMapKeyRef\":{\"name\":\"late\",\"key\":\"k\"}}}],"
          "\"volumeMounts\":[{\"name\":\"cm\",\"mountPath\":\"/cm\"}]}]");
    for (int i = 0; i < 500 && !scene.events.size; i++)
        crun_machine_run_us(&scene.machine, 10000);
    EXPECT(strstr(scene.events.data,
                  "FailedMount -: MountVolume.SetUp failed for volume \"cm\" : configmap \"late\" "
                  "not found"));
    add_object(&scene, "get configmaps/late", "{\"data\":{\"k\":\"v1\"}}");
    crun_machine_until(&scene.machine, has_ended, &scene);
    expect_logged(&scene, "c", "v1");
    scene.api.is_away = true;
    struct container_worker *worker = pod_worker_container(scene.worker, SLICE("c"));
    EXPECT_EQ(worker->attempt, 0);
    delete_pod(&scene);
    end(&scene);
}
