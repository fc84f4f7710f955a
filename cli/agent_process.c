#include "cli/agent_process.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli/node_address.h"
#include "core/client/client_remote.h"
#include "core/client/kubeconfig.h"
#include "core/file.h"
#include "core/map.h"
#include "core/trace.h"
#include "core/version.h"
#include "kubelet-lite/image_store.h"
#include "kubelet-lite/kubelet.h"
#include "kubelet-lite/node_credentials.h"
#include "kubelet-lite/node_facts.h"
#include "kubelet-lite/node_keeper.h"
#include "kubelet-lite/node_server.h"
#include "kubelet-lite/pod_setup.h"
#include "kubelet-lite/runtime_crun.h"
#include "kubelet-lite/server_link.h"
#include "kubelet-lite/volumes.h"

#define STOP_MAX_US INT64_C(5000000)
#define UNKNOWN_AGAIN_US INT64_C(30000000)
#define CGROUP_ROOT "/kubepods"
enum { PODS_MAX_DEFAULT = 110, WHY_SIZE = 160 };

struct agent_process {
    struct loop *loop;
    struct agent_process_options options;
    struct arena arena;
    struct arena report_arena;
    struct kubeconfig server;       /* Its address. */
    const char *folder, *name, *address, *pod_range;
    int lock;
    struct node_facts facts;
    struct cgroups cgroups;
    struct registry *registry;
    struct image_store *images;
    struct pod_network *network;    /* NULL: pods use the host's. */
    char no_network[WHY_SIZE];      /* Why. */
    struct runtime *runtime;
    struct node_credentials *credentials;
    /* From the first credentials on: */
    struct client *client;
    struct volumes *volumes;
    struct pod_setup *setup;
    struct kubelet *kubelet;
    struct node_keeper *keeper;
    struct node_server *server_of_node;
    struct server_link *link;
    bool may_let_go;
    struct timer unknown;           /* Pods that the API does not know are looked for. */
    /* The end: */
    int stopping;                   /* Parts that have not stopped yet. */
    int refreshing;                 /* Volumes that are being made current. */
    struct timer deadline;
    void (*stopped)(void *context);
    void *context;
};

const char *agent_process_node_name(const struct agent_process *agent)
{
    return agent->name;
}

/* --- The machine --- */

/* Of 10.244.0.0/16, by the name; nodes whose names meet in one need --pod-range. */
static const char *make_range(struct agent_process *agent)
{
    uint8_t digest[SHA256_SIZE];
    if (agent->options.pod_range)
        return agent->options.pod_range;
    sha256(slice_of(agent->name), digest);
    return arena_format(&agent->arena, "10.244.%u.0/24", digest[0]);
}

static int open_network(struct agent_process *agent, struct status *status)
{
    struct pod_network_options options = {.range = agent->pod_range,
                                          .cluster_range = "10.244.0.0/16"};
    if (!pod_network_probe(agent->no_network, sizeof(agent->no_network))) {
        log_line(LOG_WARN, "pods use the network of this machine", "why=\"%s\"", agent->no_network);
        return 0;
    }
    agent->network = pod_network_open(agent->loop, &options, status);
    return agent->network ? 0 : -1;
}

static int open_machine(struct agent_process *agent, struct status *status)
{
    const char *folder = agent->folder;
    struct image_store_options images = {
        .directory = arena_format(&agent->arena, "%s/images", folder),
        .registries = agent->options.registries,
        .allows_host_image = agent->options.allows_host_image,
    };
    cgroups_detect(&agent->cgroups);
    if (agent->cgroups.version == CGROUP_NONE)
        log_line(LOG_WARN, "limits are not enforced", "why=\"%s\"", agent->cgroups.why);
    else if (cgroup_create_root(&agent->cgroups, CGROUP_ROOT, agent->facts.cpu_millis, status))
        return -1;
    agent->images = image_store_open(agent->loop, &images, status);
    if (!agent->images || open_network(agent, status))
        return -1;
    struct runtime_crun_options runtime = {
        .directory = folder,
        .images = agent->images,
        .network = agent->network,
        .cgroups = &agent->cgroups,
    };
    agent->runtime = runtime_crun_open(agent->loop, &runtime, status);
    return agent->runtime ? 0 : -1;
}

/* --- What the node says of itself --- */

static void report(void *context, struct node_report *told)
{
    struct agent_process *agent = context;
    struct arena *arena = &agent->report_arena;
    const struct node_facts *facts = &agent->facts;
    int64_t pods_max = agent->options.pods_max ? agent->options.pods_max : PODS_MAX_DEFAULT;
    struct node_use use;
    node_use_read(&use, "", agent->folder);
    arena_reset(arena);
    *told = (struct node_report){
        .name = agent->name,
        .hostname = facts->hostname,
        .address = agent->address,
        .capacity = node_facts_capacity(arena, facts, pods_max),
        .allocatable = node_facts_allocatable(arena, facts, pods_max),
        .architecture = facts->architecture,
        .operating_system = "linux",
        .kernel_version = facts->kernel_version,
        .os_image = facts->os_image,
        .runtime_version = "crun://" CORACLE_VERSION,
        .machine_id = facts->machine_id,
        .system_uuid = facts->system_uuid,
        .boot_id = facts->boot_id,
        .is_short_of_memory = use.memory_free_bytes < NODE_MEMORY_THRESHOLD_BYTES,
        .is_short_of_disk =
            use.storage_free_bytes<use.storage_bytes / 10, .is_short_of_pids = facts->pids_max> 0 &&
            use.pids_used > facts->pids_max / 10 * 9,
    };
}

/* --- Pods --- */

static void prepare_pod(void *context, struct pod_preparation *preparation)
{
    pod_setup_prepare_pod(((struct agent_process *)context)->setup, preparation);
}
static void prepare_container(void *context, struct preparation *preparation)
{
    pod_setup_prepare_container(((struct agent_process *)context)->setup, preparation);
}
static void clean_pod(void *context, struct pod_worker *worker)
{
    pod_setup_clean_pod(((struct agent_process *)context)->setup, worker);
}

struct refresh { /* The volumes of one pod are being made current. */
    struct agent_process *agent;
    struct volumes_call call;
    struct arena arena;
};

static void check_stopped(struct agent_process *agent);

static void refreshed(struct volumes_call *call)
{
    struct refresh *refresh = CONTAINER_OF(call, struct refresh, call);
    struct agent_process *agent = refresh->agent;
    if (!status_ok(&call->status))
        log_line(LOG_WARN, "a pod's volumes are not current", "why=\"%s\"", call->status.message);
    volumes_call_release(call);
    arena_release(&refresh->arena);
    mem_free(refresh);
    agent->refreshing--;
    check_stopped(agent);
}

static void refresh_pod(void *context, struct pod_worker *worker)
{
    struct agent_process *agent = context;
    if (!volumes_follow_objects(worker->pod))
        return;
    struct refresh *refresh = mem_alloc(sizeof(*refresh));
    refresh->agent = agent;
    agent->refreshing++;
    arena_init(&refresh->arena);
    volumes_call_init(&refresh->call, refreshed);
    volumes_set_up(agent->volumes, json_copy(&refresh->arena, worker->pod), &refresh->call);
}

static const char *log_path(void *context, struct arena *arena, const struct pod_worker *worker,
                            const char *container, int64_t attempt)
{
    struct agent_process *agent = context;
    struct pod_identity pod = {worker->uid, worker->name, worker->namespace};
    return pod_setup_log_path(agent->setup, arena, &pod, container, attempt);
}

/* --- Pods that the API does not know --- */

static void look_for_unknown(struct timer *timer)
{
    struct agent_process *agent = CONTAINER_OF(timer, struct agent_process, unknown);
    if (agent->may_let_go && kubelet_has_unknown(agent->kubelet))
        kubelet_let_unknown_go(agent->kubelet);
    if (kubelet_has_unknown(agent->kubelet) || !kubelet_is_synced(agent->kubelet))
        timer_start_us(timer, UNKNOWN_AGAIN_US);
}

static void unknown_may_go(void *context, bool may_go)
{
    struct agent_process *agent = context;
    agent->may_let_go = may_go;
    if (!may_go)
        log_line(LOG_WARN, "pods that the server does not know stay until it says otherwise",
                 "node=%s", agent->name);
    timer_start_us(&agent->unknown, INT64_C(2000000)); /* The watch is asked at the same time. */
}

/* --- From the first credentials on --- */

static void all_ended(void *context)
{
    struct agent_process *agent = context;
    struct status status;
    status_init(&status);
    if (agent->cgroups.version != CGROUP_NONE &&
        cgroup_remove(&agent->cgroups, CGROUP_ROOT, &status))
        log_line(LOG_WARN, "control groups are left", "why=\"%s\"", status.message);
    status_release(&status);
    agent->options.all_ended(agent->options.context);
}

static int open_pods(struct agent_process *agent, struct status *status)
{
    const char *const *addresses;
    struct arena *arena = &agent->arena;
    const char **list = ARENA_ARRAY(arena, const char *, 2);
    list[0] = agent->address;
    addresses = list;
    struct volumes_options volumes = {
        .directory = agent->folder,
        .client = agent->client,
        .node_name = agent->name,
        .node_cpu_millis = agent->facts.cpu_millis,
        .node_memory_bytes = agent->facts.memory_bytes,
    };
    agent->volumes = volumes_open(agent->loop, &volumes);
    struct pod_setup_options setup = {
        .directory = agent->folder,
        .client = agent->client,
        .images = agent->images,
        .volumes = agent->volumes,
        .node_name = agent->name,
        .node_addresses = addresses,
        .node_cpu_millis = agent->facts.cpu_millis,
        .node_memory_bytes = agent->facts.memory_bytes,
        .cgroup_root = CGROUP_ROOT,
        .cluster_domain = "cluster.local",
        .resolv_conf = "/etc/resolv.conf",
    };
    agent->setup = pod_setup_open(agent->loop, &setup);
    struct kubelet_options kubelet = {
        .client = agent->client,
        .runtime = agent->runtime,
        .node_name = agent->name,
        .address = agent->address,
        .directory = agent->folder,
        .host_context = agent,
        .prepare_pod = prepare_pod,
        .prepare_container = prepare_container,
        .clean_pod = clean_pod,
        .refresh_pod = refresh_pod,
        .all_ended = agent->options.all_ended ? all_ended : NULL,
    };
    agent->kubelet = kubelet_start(agent->loop, &kubelet, status);
    return agent->kubelet ? 0 : -1;
}

static void accept_asker(void *context, struct stream *stream, struct slice early)
{
    node_server_accept(((struct agent_process *)context)->server_of_node, stream, early);
}

static void open_api_side(struct agent_process *agent)
{
    struct node_keeper_options keeper = {
        .client = agent->client, .name = agent->name, .report = report, .context = agent};
    agent->keeper = node_keeper_start(agent->loop, &keeper);
    struct node_server_options server = {.kubelet = agent->kubelet,
                                         .runtime = agent->runtime,
                                         .log_path = log_path,
                                         .context = agent};
    agent->server_of_node = node_server_open(agent->loop, &server);
    struct server_link_options link = {.client = agent->client,
                                       .node_name = agent->name,
                                       .accept = accept_asker,
                                       .unknown_may_go = unknown_may_go,
                                       .context = agent};
    agent->link = server_link_open(agent->loop, &link);
}

static void credentials_good(void *context, struct tls_config *tls)
{
    struct agent_process *agent = context;
    struct status status;
    if (agent->client) {
        client_remote_set_tls(agent->client, tls);
        return;
    }
    struct client_remote_options client = {
        .address = agent->server.address,
        .tls = tls,
        .user = "coracle-agent",
        .registry = agent->registry,
    };
    agent->client = client_remote_open(agent->loop, &client);
    status_init(&status);
    if (open_pods(agent, &status) == 0)
        open_api_side(agent);
    else
        log_line(LOG_ERROR, "the agent cannot keep its pods", "why=\"%s\"", status.message);
    status_release(&status);
}

/* Without a server: every question is answered by its client. */
static int open_ending(struct agent_process *agent, struct status *status)
{
    struct client_remote_options client = {
        .address = agent->server.address, .user = "coracle-down", .registry = agent->registry};
    agent->client = client_remote_open(agent->loop, &client);
    client_remote_stop(agent->client);
    return open_pods(agent, status);
}

/* Two agents over one folder would each end what the other starts. */
static int lock_folder(struct agent_process *agent, struct status *status)
{
    const char *path = arena_format(&agent->arena, "%s/lock", agent->folder);
    agent->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (agent->lock < 0)
        return status_fail(status, STATUS_INTERNAL_ERROR, "%s: %s", path, strerror(errno));
    if (flock(agent->lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return status_fail(status, STATUS_CONFLICT, "another agent runs over %s", agent->folder);
}

/* --- Life --- */

static void free_agent(struct agent_process *agent)
{
    timer_stop(&agent->deadline);
    timer_stop(&agent->unknown);
    node_credentials_close(agent->credentials);
    if (agent->setup)
        pod_setup_close(agent->setup);
    if (agent->volumes)
        volumes_close(agent->volumes);
    if (agent->network)
        pod_network_close(agent->network);
    image_store_close(agent->images);
    client_remote_close(agent->client);
    if (agent->registry)
        registry_destroy(agent->registry);
    arena_release(&agent->report_arena);
    arena_release(&agent->arena);
    if (agent->lock >= 0)
        close(agent->lock);
    mem_free(agent);
}

int agent_process_start(struct loop *loop, const struct agent_process_options *options,
                        struct agent_process **agent_out, struct status *status)
{
    struct agent_process *agent = mem_alloc(sizeof(*agent));
    struct arena *arena = &agent->arena;
    agent->loop = loop;
    agent->options = *options;
    agent->lock = -1;
    timer_init(&agent->unknown, loop, look_for_unknown);
    arena_init(&agent->report_arena);
    arena_init(arena);
    agent->folder = arena_format(arena, "%s/agent", options->data_dir);
    if (kubeconfig_read_server(arena, options->server, &agent->server, status) ||
        folder_make(agent->folder, 0700, status) || lock_folder(agent, status)) {
        free_agent(agent);
        return -1;
    }
    node_facts_read(&agent->facts, arena, "", agent->folder);
    agent->name = options->node_name ? options->node_name : node_facts_name(&agent->facts, arena);
    agent->pod_range = make_range(agent);
    agent->address =
        options->node_ip ? options->node_ip : node_address_find(arena, agent->server.address);
    agent->registry = registry_create_built_in();
    struct node_credentials_options credentials = {
        .folder = arena_format(arena, "%s/pki", agent->folder),
        .node_name = agent->name,
        .address = agent->server.address,
        .token = options->token,
        .ca_key_sha256 = options->ca_key_sha256,
        .good = credentials_good,
        .context = agent,
    };
    bool is_good = open_machine(agent, status) == 0;
    if (is_good && options->all_ended)
        is_good = open_ending(agent, status) == 0;
    else if (is_good)
        is_good = (agent->credentials = node_credentials_open(loop, &credentials, status)) != NULL;
    if (!is_good) {
        free_agent(agent);
        return -1;
    }
    *agent_out = agent;
    return 0;
}

static void runtime_closed(void *context)
{
    struct agent_process *agent = context;
    void (*stopped)(void *) = agent->stopped;
    void *owner = agent->context;
    free_agent(agent);
    stopped(owner);
}

static void finish(struct agent_process *agent)
{
    timer_stop(&agent->deadline);
    runtime_crun_close(agent->runtime, runtime_closed, agent);
}

static void check_stopped(struct agent_process *agent)
{
    if (agent->stopped && agent->stopping == 0 && agent->refreshing == 0)
        finish(agent);
}

static void part_stopped(void *context)
{
    struct agent_process *agent = context;
    agent->stopping--;
    check_stopped(agent);
}

/* What is still under way would outlive us anyway, as after a kill: the next agent finds it. */
static void too_late(struct timer *timer)
{
    struct agent_process *agent = CONTAINER_OF(timer, struct agent_process, deadline);
    log_line(LOG_WARN, "not all has ended in time", "parts=%d", agent->stopping);
    agent->stopped(agent->context);
}

void agent_process_stop(struct agent_process *agent, void (*stopped)(void *context), void *context)
{
    agent->stopped = stopped;
    agent->context = context;
    timer_stop(&agent->unknown);
    timer_init(&agent->deadline, agent->loop, too_late);
    if (!agent->kubelet) {
        finish(agent);
        return;
    }
    timer_start_us(&agent->deadline, STOP_MAX_US);
    if (agent->options.all_ended) {
        agent->stopping = 1;
        kubelet_stop(agent->kubelet, part_stopped, agent);
        return;
    }
    agent->stopping = 3;
    server_link_close(agent->link);
    node_server_close(agent->server_of_node, part_stopped, agent);
    kubelet_stop(agent->kubelet, part_stopped, agent);
    client_remote_stop(agent->client);
    node_keeper_stop(agent->keeper, part_stopped, agent);
}
