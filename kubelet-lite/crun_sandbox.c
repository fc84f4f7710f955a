/* Sandboxes:
 *   run      addresses and record -> namespaces, network, control group -> host ports -> ready
 *   stop     host ports go -> namespaces and network go -> its address is free
 *   remove   stop, if it was not; control group and record go
 * A run that fails takes back what it has made. */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "core/file.h"
#include "core/net/dial.h"
#include "core/trace.h"
#include "kubelet-lite/crun.h"
#include "kubelet-lite/pod_namespaces.h"

#define CONNECT_TIMEOUT_US INT64_C(10000000)

struct sandbox_call { /* One verb under way. */
    struct crun *crun;
    struct crun_sandbox *sandbox;
    const struct sandbox_config *config; /* Of run. */
    struct runtime_call *call;
    struct task task;
    struct ports_call ports;
    bool removes;             /* The record too. */
};

static void finish(struct sandbox_call *self)
{
    struct runtime_call *call = self->call;
    status_release(&self->ports.status);
    mem_free(self);
    call->done(call);
}

static struct sandbox_call *begin(struct crun *crun, struct crun_sandbox *sandbox,
                                  struct runtime_call *call)
{
    struct sandbox_call *self = mem_alloc(sizeof(*self));
    *self = (struct sandbox_call){.crun = crun, .sandbox = sandbox, .call = call};
    status_init(&self->ports.status);
    list_init(&self->ports.link);
    return self;
}

static void submit(struct sandbox_call *self, void (*work)(struct task *),
                   void (*done)(struct task *))
{
    self->task = (struct task){.work = work, .done = done};
    loop_submit(self->crun->runtime.loop, LANE_HOST, &self->task);
}

static struct sandbox_call *of_task(struct task *task)
{
    return CONTAINER_OF(task, struct sandbox_call, task);
}

/* The host's end of a pod's pair of interfaces: 15 characters at most. */
static void name_link(const struct crun_sandbox *sandbox, char link[16])
{
    snprintf(link, 16, "pod%.11s", sandbox->id);
}

static const char *namespaces_folder(const struct crun_sandbox *sandbox, struct arena *arena)
{
    return crun_path(arena, sandbox->folder, "ns");
}

/* --- Taking down, on a thread --- */

static void forget_address(struct crun_sandbox *sandbox)
{
    if (sandbox->address)
        pod_network_free_address(sandbox->crun->network, sandbox->address);
    sandbox->address = 0;
}

static int take_down(struct sandbox_call *self, struct status *status)
{
    struct crun_sandbox *sandbox = self->sandbox;
    char link[16];
    name_link(sandbox, link);
    if ((!sandbox->uses_host_network && pod_network_leave(link, status)) ||
        pod_namespaces_remove(namespaces_folder(sandbox, &self->call->arena), status))
        return -1;
    if (!self->removes)
        return crun_sandbox_save(sandbox, status);
    if (*sandbox->cgroup)
        cgroup_kill(self->crun->cgroups, sandbox->cgroup); /* What has left its container. */
    if (*sandbox->cgroup && cgroup_remove(self->crun->cgroups, sandbox->cgroup, status))
        return -1;
    return folder_remove(sandbox->folder, status);
}

/* --- Run --- */

static void copy_ports(struct crun_sandbox *sandbox, const struct sandbox_config *config)
{
    sandbox->port_count = config->port_count;
    sandbox->ports = mem_alloc((config->port_count + 1) * sizeof(*sandbox->ports));
    sandbox->port_addresses = mem_alloc((config->port_count + 1) * ADDRESS_TEXT_SIZE);
    for (size_t i = 0; i < config->port_count; i++) {
        const char *address = config->ports[i].host_ip;
        snprintf(sandbox->port_addresses[i], ADDRESS_TEXT_SIZE, "%s", address ? address : "");
        sandbox->ports[i] = config->ports[i];
        sandbox->ports[i].host_ip = sandbox->port_addresses[i];
    }
}

static struct crun_sandbox *make_sandbox(struct crun *crun, const struct sandbox_config *config)
{
    char id[CRUN_ID_SIZE];
    crun_make_id(crun, id);
    struct crun_sandbox *sandbox = crun_sandbox_new(crun, id);
    bool has_cgroups = crun->cgroups->version != CGROUP_NONE && config->cgroup_parent;
    sandbox->pod_uid = mem_copy_text(config->pod.uid);
    sandbox->pod_name = mem_copy_text(config->pod.name);
    sandbox->pod_namespace = mem_copy_text(config->pod.namespace);
    sandbox->cgroup = mem_copy_text(has_cgroups ? config->cgroup_parent : "");
    sandbox->uses_host_network = config->uses_host_network || !crun->network;
    sandbox->uses_host_pid = config->uses_host_pid;
    sandbox->uses_host_ipc = config->uses_host_ipc;
    sandbox->shares_pids = config->shares_pids && !config->uses_host_pid;
    copy_ports(sandbox, config);
    return sandbox;
}

static int make_namespaces(const struct sandbox_call *self, struct status *status)
{
    const struct crun_sandbox *sandbox = self->sandbox;
    char link[16];
    name_link(sandbox, link);
    const struct pod_namespaces wanted = {
        .folder = namespaces_folder(sandbox, &self->call->arena),
        .hostname = self->config->hostname,
        .has_network = !sandbox->uses_host_network,
        .has_ipc = !sandbox->uses_host_ipc,
        .has_uts = !sandbox->uses_host_network && self->config->hostname,
        .has_pid = sandbox->shares_pids,
        .sysctls = self->config->sysctls,
        .network = self->crun->network,
        .link = link,
        .address = sandbox->address,
    };
    return pod_namespaces_make(&wanted, status);
}

static void make_all(struct task *task)
{
    struct sandbox_call *self = of_task(task);
    struct crun_sandbox *sandbox = self->sandbox;
    struct status *status = &self->call->status, ignored;
    if (folder_make(sandbox->folder, 0711, status) == 0 &&
        crun_sandbox_save(sandbox, status) == 0 && make_namespaces(self, status) == 0 &&
        (!*sandbox->cgroup ||
         cgroup_create(self->crun->cgroups, sandbox->cgroup, &self->config->limits, status) == 0)) {
        sandbox->is_ready = true;
        if (crun_sandbox_save(sandbox, status) == 0)
            return;
    }
    status_init(&ignored);
    self->removes = true;
    if (take_down(self, &ignored))
        log_line(LOG_WARN, "a failed sandbox stays behind", "sandbox=%s why=\"%s\"", sandbox->id,
                 ignored.message);
    status_release(&ignored);
}

static void fail_run(struct sandbox_call *self)
{
    forget_address(self->sandbox);
    crun_sandbox_free(self->sandbox);
    finish(self);
}

static void removed_after_failure(struct task *task)
{
    fail_run(of_task(task));
}

static void take_all_down(struct task *task)
{
    struct sandbox_call *self = of_task(task);
    struct status ignored;
    status_init(&ignored);
    if (take_down(self, &ignored))
        log_line(LOG_WARN, "a failed sandbox stays behind", "why=\"%s\"", ignored.message);
    status_release(&ignored);
}

static void ports_stand(struct ports_call *ports)
{
    struct sandbox_call *self = CONTAINER_OF(ports, struct sandbox_call, ports);
    struct crun_sandbox *sandbox = self->sandbox;
    struct runtime_call *call = self->call;
    if (!status_ok(&ports->status) && sandbox->port_count > 0) {
        status_copy(&call->status, &ports->status);
        self->removes = true;
        submit(self, take_all_down, removed_after_failure);
        return;
    }
    list_push_back(&self->crun->sandboxes, &sandbox->link);
    call->id = arena_copy_text(&call->arena, sandbox->id);
    call->address = arena_copy_text(&call->arena, sandbox->address_text);
    finish(self);
}

static void made(struct task *task)
{
    struct sandbox_call *self = of_task(task);
    struct crun_sandbox *sandbox = self->sandbox;
    if (!status_ok(&self->call->status)) {
        fail_run(self);
        return;
    }
    self->ports.done = ports_stand;
    if (sandbox->address)
        pod_network_set_ports(self->crun->network, sandbox->address, sandbox->ports,
                              sandbox->port_count, &self->ports);
    else
        ports_stand(&self->ports);
}

void crun_run_sandbox(struct runtime *runtime, const struct sandbox_config *config,
                      struct runtime_call *call)
{
    struct crun *crun = CONTAINER_OF(runtime, struct crun, runtime);
    struct crun_sandbox *sandbox = make_sandbox(crun, config);
    if (!sandbox->uses_host_network) {
        sandbox->address = pod_network_take_address(crun->network);
        if (!sandbox->address) {
            crun_sandbox_free(sandbox);
            crun_refuse(crun, call, STATUS_INTERNAL_ERROR,
                        "no address is free in the node's range of pods");
            return;
        }
        ipv4_print(sandbox->address, sandbox->address_text);
    }
    struct sandbox_call *self = begin(crun, sandbox, call);
    self->config = config;
    submit(self, make_all, made);
}

/* --- Stop and remove --- */

static void down(struct task *task)
{
    struct sandbox_call *self = of_task(task);
    if (status_ok(&self->call->status)) {
        forget_address(self->sandbox);
        if (self->removes)
            crun_sandbox_free(self->sandbox);
    }
    finish(self);
}

static void take_down_asked(struct task *task)
{
    struct sandbox_call *self = of_task(task);
    if (take_down(self, &self->call->status))
        status_wrap(&self->call->status, "sandbox %s", self->sandbox->id);
}

static void ports_gone(struct ports_call *ports)
{
    struct sandbox_call *self = CONTAINER_OF(ports, struct sandbox_call, ports);
    submit(self, take_down_asked, down); /* Rules that stay do no harm: the next set has none. */
}

static void stop(struct runtime *runtime, const char *id, struct runtime_call *call, bool removes)
{
    struct crun *crun = CONTAINER_OF(runtime, struct crun, runtime);
    struct crun_sandbox *sandbox = crun_find_sandbox(crun, id);
    if (!sandbox) {
        crun_answer(crun, call);
        return;
    }
    struct sandbox_call *self = begin(crun, sandbox, call);
    sandbox->is_ready = false;
    self->removes = removes;
    self->ports.done = ports_gone;
    if (sandbox->address && sandbox->port_count > 0)
        pod_network_set_ports(crun->network, sandbox->address, NULL, 0, &self->ports);
    else
        ports_gone(&self->ports);
}

void crun_stop_sandbox(struct runtime *runtime, const char *id, struct runtime_call *call)
{
    stop(runtime, id, call, false);
}

void crun_remove_sandbox(struct runtime *runtime, const char *id, struct runtime_call *call)
{
    stop(runtime, id, call, true);
}

void crun_update_sandbox(struct runtime *runtime, const char *id,
                         const struct cgroup_limits *limits, struct runtime_call *call)
{
    struct crun *crun = CONTAINER_OF(runtime, struct crun, runtime);
    const struct crun_sandbox *sandbox = crun_find_sandbox(crun, id);
    if (!sandbox)
        status_fail(&call->status, STATUS_NOT_FOUND, "sandbox %s not found", id);
    else if (*sandbox->cgroup &&
             cgroup_update(crun->cgroups, sandbox->cgroup, limits, &call->status))
        status_wrap(&call->status, "pod %s", sandbox->pod_uid);
    crun_answer(crun, call);
}

/* --- Connections into it --- */

struct connection {
    struct task task;
    struct crun *crun;
    struct runtime_call *call;
    const char *folder;
    uint16_t port;
    int fd;
};

static void make_socket(struct task *task)
{
    struct connection *self = CONTAINER_OF(task, struct connection, task);
    self->fd = self->folder ? pod_namespaces_socket(self->folder, AF_INET, SOCK_STREAM)
                            : socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (self->fd < 0)
        status_fail(&self->call->status, STATUS_INTERNAL_ERROR, "socket in the pod: %s",
                    strerror(errno));
}

static void connected(void *context, struct stream *stream, const struct status *status)
{
    struct connection *self = context;
    struct runtime_call *call = self->call;
    call->stream = stream;
    if (!stream)
        status_copy(&call->status, status);
    mem_free(self);
    call->done(call);
}

static void socket_made(struct task *task)
{
    struct connection *self = CONTAINER_OF(task, struct connection, task);
    struct runtime_call *call = self->call;
    if (self->fd < 0) {
        mem_free(self);
        call->done(call);
        return;
    }
    dial_open_socket(self->crun->runtime.loop, self->fd,
                     arena_format(&call->arena, "127.0.0.1:%u", self->port), CONNECT_TIMEOUT_US,
                     connected, self);
}

void crun_connect(struct runtime *runtime, const char *sandbox_id, uint16_t port,
                  struct runtime_call *call)
{
    struct crun *crun = CONTAINER_OF(runtime, struct crun, runtime);
    const struct crun_sandbox *sandbox = crun_find_sandbox(crun, sandbox_id);
    if (!sandbox) {
        crun_refuse(crun, call, STATUS_NOT_FOUND, "sandbox %s not found", sandbox_id);
        return;
    }
    struct connection *self = mem_alloc(sizeof(*self));
    *self = (struct connection){.crun = crun, .call = call, .port = port, .fd = -1};
    if (!sandbox->uses_host_network)
        self->folder = namespaces_folder(sandbox, &call->arena);
    self->task = (struct task){.work = make_socket, .done = socket_made};
    loop_submit(crun->runtime.loop, LANE_HOST, &self->task);
}
