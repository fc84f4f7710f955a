/* A pod: volumes -> resolv.conf and hostname -> the sandbox's configuration. Its containers:
 * container_setup.c. While one is under way its worker is busy, so the pod's tree stays. */
#include "kubelet-lite/pod_setup.h"

#include <stdio.h>

#include "core/file.h"
#include "kubelet-lite/pod_cgroup.h"
#include "kubelet-lite/pod_files.h"
#include "kubelet-lite/pod_setup_private.h"

enum { PORTS_MAX = 128 };

struct pod_setup *pod_setup_open(struct loop *loop, const struct pod_setup_options *options)
{
    struct pod_setup *setup = mem_alloc(sizeof(*setup));
    setup->loop = loop;
    setup->options = *options;
    return setup;
}

void pod_setup_close(struct pod_setup *setup)
{
    mem_free(setup);
}

const char *pod_setup_log_path(const struct pod_setup *setup, struct arena *arena,
                               const struct pod_identity *pod, const char *container,
                               int64_t attempt)
{
    return arena_format(arena, "%s/logs/pods/%s_%s_%s/%s/%lld.log", setup->options.directory,
                        pod->namespace, pod->name, pod->uid, container, (long long)attempt);
}

static const char *uid_of(const struct json *pod)
{
    return json_text(json_at(pod, "metadata.uid"));
}

const char *pod_setup_file(const struct pod_setup *setup, struct arena *arena,
                           const struct json *pod, const char *name)
{
    return arena_format(arena, "%s/%s",
                        volumes_pod_folder(setup->options.volumes, arena, uid_of(pod)), name);
}

int pod_setup_write(const char *path, const struct buffer *text, struct status *status)
{
    /* In place: a container that runs has this very file mounted. */
    FILE *file = fopen(path, "we");
    bool is_good = file && fwrite(text->data ? text->data : "", 1, text->size, file) == text->size;
    if (file && fclose(file) != 0)
        is_good = false;
    return is_good ? 0 : status_fail(status, STATUS_INTERNAL_ERROR, "%s cannot be written", path);
}

/* --- Pods --- */

struct pod_operation {
    struct pod_setup *setup;
    struct pod_preparation *preparation;
    const struct json *pod;
    struct volumes_call volumes;
    struct task task;
    struct status status;
};

static void fill_ports(struct arena *arena, const struct json *containers,
                       struct port_mapping *ports, size_t *count)
{
    JSON_EACH(container, containers)
        JSON_EACH(port, json_get(container, "ports")) {
            int64_t host = 0, own = 0;
            const char *protocol = json_text(json_get(port, "protocol"));
            json_to_int64(json_get(port, "hostPort"), &host);
            json_to_int64(json_get(port, "containerPort"), &own);
            if (host > 0 && *count < PORTS_MAX)
                ports[(*count)++] = (struct port_mapping){
                    .host_port = (uint16_t)host,
                    .container_port = (uint16_t)own,
                    .protocol = *protocol ? *protocol : 'T',
                    .host_ip = arena_copy_text(arena, json_text(json_get(port, "hostIP"))),
                };
        }
}

static const char *const *sysctls_of(struct arena *arena, const struct json *pod)
{
    const struct json *sysctls = json_at(pod, "spec.securityContext.sysctls");
    const char **pairs = ARENA_ARRAY(arena, const char *, 2 * json_count(sysctls) + 1);
    size_t count = 0;
    JSON_EACH(sysctl, sysctls) {
        pairs[count++] = json_text(json_get(sysctl, "name"));
        pairs[count++] = json_text(json_get(sysctl, "value"));
    }
    return pairs;
}

static void fill_sandbox(const struct pod_operation *operation)
{
    const struct pod_setup *setup = operation->setup;
    struct pod_preparation *preparation = operation->preparation;
    const struct json *pod = operation->pod, *spec = json_get(pod, "spec");
    struct arena *arena = &preparation->arena;
    struct port_mapping *ports = ARENA_ARRAY(arena, struct port_mapping, PORTS_MAX);
    const char *full_name;
    size_t count = 0;
    bool is_on_host = json_bool(json_get(spec, "hostNetwork"));
    if (!is_on_host) {
        fill_ports(arena, json_get(spec, "containers"), ports, &count);
        fill_ports(arena, json_get(spec, "initContainers"), ports, &count);
    }
    preparation->config = (struct sandbox_config){
        .pod = {uid_of(pod), json_text(json_at(pod, "metadata.name")),
                json_text(json_at(pod, "metadata.namespace"))},
        .hostname = pod_files_hostname(arena, pod, setup->options.cluster_domain, &full_name),
        .cgroup_parent = pod_cgroup_path(arena, setup->options.cgroup_root, pod),
        .uses_host_network = is_on_host,
        .uses_host_pid = json_bool(json_get(spec, "hostPID")),
        .uses_host_ipc = json_bool(json_get(spec, "hostIPC")),
        .shares_pids = json_bool(json_get(spec, "shareProcessNamespace")),
        .sysctls = sysctls_of(arena, pod),
        .ports = ports,
        .port_count = count,
    };
    pod_cgroup_limits(pod, &preparation->config.limits);
    preparation->config.limits.pids = setup->options.pod_pids_max;
}

static void write_pod_files(struct task *task)
{
    struct pod_operation *operation = CONTAINER_OF(task, struct pod_operation, task);
    const struct pod_setup_options *options = &operation->setup->options;
    struct arena *arena = &operation->preparation->arena;
    struct buffer node = {0}, text = {0};
    struct status ignored;
    const char *full_name;
    status_init(&ignored);
    if (file_read(options->resolv_conf, &node, &ignored))
        status_clear(&ignored); /* A machine without one asks nobody. */
    pod_files_resolv_conf(operation->pod, node.data ? node.data : "", options->cluster_dns,
                          options->cluster_domain, &text);
    int failed =
        pod_setup_write(pod_setup_file(operation->setup, arena, operation->pod, "resolv.conf"),
                        &text, &operation->status);
    buffer_clear(&text);
    buffer_format(&text, "%s\n",
                  pod_files_hostname(arena, operation->pod, options->cluster_domain, &full_name));
    if (!failed &&
        pod_setup_write(pod_setup_file(operation->setup, arena, operation->pod, "hostname"), &text,
                        &operation->status))
        status_wrap(&operation->status, "pod files");
    buffer_release(&text);
    buffer_release(&node);
    status_release(&ignored);
}

static void finish_pod(struct pod_operation *operation)
{
    struct pod_preparation *preparation = operation->preparation;
    if (!status_ok(&operation->status))
        preparation->message = arena_copy_text(&preparation->arena, operation->status.message);
    else
        fill_sandbox(operation);
    volumes_call_release(&operation->volumes);
    status_release(&operation->status);
    mem_free(operation);
    preparation->done(preparation);
}

static void pod_files_written(struct task *task)
{
    finish_pod(CONTAINER_OF(task, struct pod_operation, task));
}

static void volumes_are_there(struct volumes_call *call)
{
    struct pod_operation *operation = CONTAINER_OF(call, struct pod_operation, volumes);
    struct pod_worker *worker = operation->preparation->worker;
    if (!status_ok(&call->status)) {
        status_copy(&operation->status, &call->status);
        worker->host->event(worker->host->context, worker, NULL, "Warning", "FailedMount",
                            call->status.message);
        finish_pod(operation);
        return;
    }
    operation->task = (struct task){.work = write_pod_files, .done = pod_files_written};
    loop_submit(operation->setup->loop, LANE_HOST, &operation->task);
}

void pod_setup_prepare_pod(void *context, struct pod_preparation *preparation)
{
    struct pod_setup *setup = context;
    struct pod_operation *operation = mem_alloc(sizeof(*operation));
    operation->setup = setup;
    operation->preparation = preparation;
    operation->pod = preparation->worker->pod;
    status_init(&operation->status);
    volumes_call_init(&operation->volumes, volumes_are_there);
    volumes_set_up(setup->options.volumes, operation->pod, &operation->volumes);
}

/* --- Cleaning --- */

struct cleaning {
    struct pod_worker *worker;
    struct pod_setup *setup;
    struct volumes_call volumes;
    struct timer again;
};

static void volumes_are_gone(struct volumes_call *call);

static void begin_cleaning(struct cleaning *cleaning)
{
    volumes_call_init(&cleaning->volumes, volumes_are_gone);
    volumes_tear_down(cleaning->setup->options.volumes, cleaning->worker->uid, &cleaning->volumes);
}

static void try_again(struct timer *timer)
{
    begin_cleaning(CONTAINER_OF(timer, struct cleaning, again));
}

static void volumes_are_gone(struct volumes_call *call)
{
    struct cleaning *cleaning = CONTAINER_OF(call, struct cleaning, volumes);
    struct pod_worker *worker = cleaning->worker;
    bool is_clean = status_ok(&call->status);
    if (!is_clean)
        worker->host->event(worker->host->context, worker, NULL, "Warning", "FailedUnMount",
                            call->status.message);
    volumes_call_release(call);
    if (!is_clean) {
        timer_start_us(&cleaning->again, 1000000);
        return;
    }
    mem_free(cleaning);
    pod_worker_cleaned(worker);
}

void pod_setup_clean_pod(void *context, struct pod_worker *worker)
{
    struct cleaning *cleaning = mem_alloc(sizeof(*cleaning));
    cleaning->setup = context;
    cleaning->worker = worker;
    timer_init(&cleaning->again, cleaning->setup->loop, try_again);
    begin_cleaning(cleaning);
}
