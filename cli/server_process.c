#include "cli/server_process.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/audit.h"
#include "api/authn.h"
#include "api/bootstrap.h"
#include "api/front.h"
#include "api/node_links.h"
#include "cli/identity.h"
#include "controllers/manager.h"
#include "core/file.h"
#include "core/net/listener.h"
#include "core/net/tls.h"
#include "kubelet-lite/virtual_nodes.h"
#include "scheduler/scheduler.h"
#include "store/log.h"
#include "store/store.h"

enum { STEP_US_MAX = 2000 }; /* Of the loop, from when it is ready. */
enum { CONNECTIONS_MAX = 20000, OWN_FILES = 256, ADDRESSES_MAX = 64, CONTROLLERS_MAX = 64 };

static const char *const scheduler_groups[] = {"system:authenticated", NULL};
static const struct user user_scheduler = {
    .name = "system:kube-scheduler", .uid = "", .groups = scheduler_groups};
static const struct user user_virtual_nodes = {
    .name = "system:coracle:virtual-nodes", .uid = "", .groups = scheduler_groups};

struct server_process {
    struct loop *loop;
    struct server_process_options options;
    struct arena arena;
    struct trace trace;
    struct metrics metrics;
    struct identity identity;
    struct audit *audit;
    struct store *store;
    struct registry *registry;
    struct api *api;
    struct front *front;
    struct listener *listener;
    struct bootstrap bootstrap;
    struct client *admin;
    struct client *scheduler_client;
    struct scheduler *scheduler;
    struct manager *manager;
    struct operator_word operator_word;
    struct client *controller_clients[CONTROLLERS_MAX];
    size_t controller_count;
    struct client *virtual_client;
    struct virtual_nodes *virtual_nodes;
    const char *address;
    const char *kubeconfig;
    bool is_stopping;
    struct timer last;
};

char *default_data_dir(void)
{
    struct buffer path = {0};
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    if (geteuid() == 0)
        buffer_append_text(&path, "/var/lib/coracle");
    else if (state && *state)
        buffer_format(&path, "%s/coracle", state);
    else
        buffer_format(&path, "%s/.local/state/coracle", home ? home : ".");
    return buffer_take(&path);
}

const char *server_process_address(const struct server_process *server)
{
    return server->address;
}
const char *server_process_kubeconfig(const struct server_process *server)
{
    return server->kubeconfig;
}
const char *server_process_url(const struct server_process *server)
{
    return server->identity.url;
}
const struct certificate_authority *server_process_authority(const struct server_process *server)
{
    return &server->identity.authority;
}
struct client *server_process_client(struct server_process *server)
{
    return server->admin;
}

/* --- Addresses that the certificate names --- */

static const char *host_of(struct server_process *server)
{
    struct slice listen = slice_of(server->options.listen);
    ptrdiff_t colon = -1;
    for (size_t i = 0; i < listen.size; i++)
        if (listen.data[i] == ':')
            colon = (ptrdiff_t)i;
    struct slice host = slice_sub(listen, 0, colon < 0 ? listen.size : (size_t)colon);
    if (host.size > 1 && host.data[0] == '[')
        host = slice_sub(host, 1, host.size - 1);
    return slice_is(host, "localhost") ? "127.0.0.1" : arena_copy_slice(&server->arena, host);
}

static bool is_every_address(const char *host)
{
    return *host == '\0' || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

static bool is_loopback(const char *address)
{
    return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

static void add_address(const char **addresses, size_t *count, const char *address)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(addresses[i], address) == 0)
            return;
    if (*count + 1 < ADDRESSES_MAX)
        addresses[(*count)++] = address;
}

static void add_interfaces(struct server_process *server, const char **addresses, size_t *count)
{
    struct ifaddrs *all = NULL;
    char text[INET6_ADDRSTRLEN];
    if (getifaddrs(&all) < 0)
        return;
    for (const struct ifaddrs *one = all; one; one = one->ifa_next) {
        if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET)
            continue;
        const void *in = &((const struct sockaddr_in *)(const void *)one->ifa_addr)->sin_addr;
        if (inet_ntop(AF_INET, in, text, sizeof(text)))
            add_address(addresses, count, arena_copy_text(&server->arena, text));
    }
    freeifaddrs(all);
}

static const char **served_addresses(struct server_process *server)
{
    const char **addresses = ARENA_ARRAY(&server->arena, const char *, ADDRESSES_MAX);
    size_t count = 0;
    const char *host = host_of(server);
    const struct service_ranges_config *ranges = &server->options.service_ranges;
    add_address(addresses, &count, "127.0.0.1");
    add_address(addresses, &count, "::1");
    /* Pods reach it at the address of the service default/kubernetes. */
    add_address(addresses, &count,
                service_ranges_first_address(ranges->prefix_bits ? ranges : &service_ranges_default,
                                             &server->arena));
    if (is_every_address(host))
        add_interfaces(server, addresses, &count);
    else
        add_address(addresses, &count, host);
    return addresses;
}

/* --- Starting, step by step --- */

static int open_identity(struct server_process *server, struct status *status)
{
    const char *folder = server->options.data_dir;
    return folder_make(folder, 0700, status) ||
                   identity_open(&server->identity, server->loop, folder, served_addresses(server),
                                 status)
               ? -1
               : 0;
}

static struct audit_policy *read_policy(struct server_process *server, struct status *status)
{
    const char *path = server->options.audit_policy_file;
    struct buffer text = {0};
    struct audit_policy *policy = NULL;
    if (!path)
        return audit_policy_default();
    if (file_read(path, &text, status) == 0)
        policy = audit_policy_read(buffer_slice(&text), status);
    buffer_release(&text);
    if (!policy)
        status_wrap(status, "the audit policy %s", path);
    return policy;
}

static int open_audit(struct server_process *server, struct status *status)
{
    const struct server_process_options *asked = &server->options;
    struct audit_policy *policy = read_policy(server, status);
    if (!policy)
        return -1;
    struct audit_log_options options = {
        .loop = server->loop,
        .metrics = &server->metrics,
        .path = asked->audit_log_path
                    ? asked->audit_log_path
                    : arena_format(&server->arena, "%s/audit.log", asked->data_dir),
        .size_max = (asked->audit_log_megabytes ? asked->audit_log_megabytes : 100) << 20,
        .backups_max = asked->audit_log_backups ? asked->audit_log_backups : 5,
    };
    struct audit_log *log = audit_log_open(&options, status);
    if (!log) {
        audit_policy_destroy(policy);
        return -1;
    }
    server->audit = audit_create(policy, log);
    return 0;
}

static int open_store(struct server_process *server, struct status *status)
{
    const char *path = arena_format(&server->arena, "%s/coracle.db", server->options.data_dir);
    struct store_report report;
    struct store_options options = {
        .loop = server->loop,
        .trace = &server->trace,
        .metrics = &server->metrics,
        .log = log_sqlite_create(path, NULL),
        .history_bytes = server->options.history_bytes,
        .accept_data_loss = server->options.accept_data_loss,
        .remake_view = registry_remake_view,
        .remake_context = server->registry,
    };
    if (store_open(&options, &server->store, &report, status))
        return -1;
    log_line(LOG_INFO, "store opened", "path=%s objects=%lld rows=%lld revision=%lld", path,
             (long long)report.objects, (long long)report.rows,
             (long long)store_revision(server->store, COMMITTED));
    return 0;
}

static void accept_tls(void *context, struct stream *stream)
{
    struct server_process *server = context;
    front_accept(server->front, tls_open_server(server->identity.tls, stream));
}

static void accept_local(void *context, struct stream *stream)
{
    struct server_process *server = context;
    front_accept_local(server->front, stream);
}

/* As many as files may be open, which is raised as far as it may be; some are for ourselves. Who
 * comes when there are so many waits until somebody goes. */
static size_t connections_max(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files))
        return CONNECTIONS_MAX;
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    (void)getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur >= CONNECTIONS_MAX + OWN_FILES)
        return CONNECTIONS_MAX;
    return files.rlim_cur > 2 * OWN_FILES ? (size_t)files.rlim_cur - OWN_FILES : OWN_FILES;
}

static int open_listener(struct server_process *server, struct status *status)
{
    struct arena *arena = &server->arena;
    const char *folder = server->options.data_dir;
    server->listener = listener_open(server->loop, connections_max());
    if (listener_add_tcp(server->listener, server->options.listen, accept_tls, server, status) ||
        listener_add_unix(server->listener, arena_format(arena, "%s/api.sock", folder),
                          accept_local, server, status))
        return -1;
    server->address = arena_copy_text(arena, listener_address(server->listener, 0));
    const char *port = strrchr(server->address, ':');
    const char *host = host_of(server);
    const char *reached =
        is_every_address(host) ? arena_format(arena, "127.0.0.1%s", port) : server->address;
    server->api->server_address = reached;
    server->kubeconfig = arena_format(arena, "%s/admin.kubeconfig", folder);
    return identity_keep(&server->identity, arena_format(arena, "https://%s", reached),
                         server->kubeconfig, status);
}

static void open_api(struct server_process *server)
{
    struct api_options options = {
        .loop = server->loop,
        .store = server->store,
        .registry = server->registry,
        .trace = &server->trace,
        .metrics = &server->metrics,
        .server_address = server->options.listen,
        .token_key = &server->identity.pki.token_key,
        .audit = server->audit,
        .service_ranges =
            server->options.service_ranges.prefix_bits ? &server->options.service_ranges : NULL,
    };
    server->api = api_create(&options);
    server->front = front_create(server->api, NULL);
    server->admin = api_client_create(server->api, &user_admin);
}

static struct client *make_controller_client(void *context, const char *name)
{
    struct server_process *server = context;
    PRE(server->controller_count < CONTROLLERS_MAX);
    static const char *const groups[] = {"system:serviceaccounts",
                                         "system:serviceaccounts:kube-system",
                                         "system:authenticated", NULL};
    struct user *user = ARENA_NEW(&server->arena, struct user);
    *user = (struct user){.name = name, .uid = "", .groups = groups};
    struct client *client = api_client_create(server->api, user);
    server->controller_clients[server->controller_count++] = client;
    return client;
}

static bool must_wait(void *context)
{
    return store_is_lossy(((struct server_process *)context)->store);
}

static void go_on(void *context)
{
    store_clear_lossy(((struct server_process *)context)->store);
}

/* Where pods find the API: Endpoints may not name a loopback address, so a server that listens
 * there names its first other interface, as upstream's advertise address. */
static void tell_address(struct server_process *server)
{
    struct controller_options *options = &server->options.controllers;
    const struct service_ranges_config *ranges = &server->options.service_ranges;
    const char **addresses = ARENA_ARRAY(&server->arena, const char *, ADDRESSES_MAX);
    const char **told = ARENA_ARRAY(&server->arena, const char *, 2);
    const char *host = host_of(server);
    size_t count = 0;
    int64_t port;
    if (is_every_address(host) || is_loopback(host))
        add_interfaces(server, addresses, &count);
    else
        add_address(addresses, &count, host);
    for (size_t i = 0; i < count && !told[0]; i++)
        if (!is_loopback(addresses[i]))
            told[0] = addresses[i];
    options->addresses = told;
    if (slice_to_int64(slice_of(strrchr(server->address, ':') + 1), &port))
        options->port = (int)port;
    options->service_address = service_ranges_first_address(
        ranges->prefix_bits ? ranges : &service_ranges_default, &server->arena);
}

static void start_controllers(struct server_process *server)
{
    server->operator_word = (struct operator_word){must_wait, go_on, server};
    tell_address(server);
    server->options.controllers.root_ca = buffer_slice(&server->identity.authority.pem);
    server->options.controllers.authority = &server->identity.authority;
    struct manager_options options = {
        .make_client = make_controller_client,
        .context = server,
        .loop = server->loop,
        .registry = server->registry,
        .trace = &server->trace,
        .operator_word = &server->operator_word,
        .controllers = &server->options.controllers,
    };
    server->manager = manager_start(&options);
}

static bool is_virtual(void *context, struct slice node)
{
    return virtual_nodes_has(((struct server_process *)context)->virtual_nodes, node);
}

static struct stream *connect_virtual(void *context, struct slice node)
{
    (void)node;
    return virtual_nodes_connect(((struct server_process *)context)->virtual_nodes);
}

static int start_components(struct server_process *server, struct status *status)
{
    server->scheduler_client = api_client_create(server->api, &user_scheduler);
    struct scheduler_options scheduling = {
        .client = server->scheduler_client,
        .trace = &server->trace,
    };
    server->scheduler = scheduler_start(&scheduling);
    start_controllers(server);
    if (server->options.virtual_nodes == 0)
        return 0;
    server->virtual_client = api_client_create(server->api, &user_virtual_nodes);
    struct virtual_nodes_options nodes = {
        .client = server->virtual_client,
        .trace = &server->trace,
        .count = (int)server->options.virtual_nodes,
        .shape = server->options.virtual_node_shape,
        .time_scale = server->options.time_scale,
    };
    server->virtual_nodes = virtual_nodes_start(&nodes, status);
    if (!server->virtual_nodes)
        return -1;
    const struct nodes_in_process in_process = {is_virtual, connect_virtual, server};
    node_links_set_in_process(server->api->links, &in_process);
    return 0;
}

static void booted(struct bootstrap *bootstrap)
{
    struct server_process *server = CONTAINER_OF(bootstrap, struct server_process, bootstrap);
    struct status status;
    status_init(&status);
    status_copy(&status, &bootstrap->commit.status);
    if (status_ok(&status) && start_components(server, &status))
        server->api->is_ready = false;
    loop_limit_steps(server->loop, STEP_US_MAX);
    server->options.ready(server->options.context, &status);
    status_release(&status);
}

int server_process_start(struct loop *loop, const struct server_process_options *options,
                         struct server_process **server_out, struct status *status)
{
    struct server_process *server = mem_alloc(sizeof(*server));
    server->loop = loop;
    server->options = *options;
    arena_init(&server->arena);
    trace_init(&server->trace, getenv("TRACE"), loop_clock(loop));
    metrics_init(&server->metrics);
    server->registry = registry_create_built_in();
    if (open_identity(server, status) || open_audit(server, status) || open_store(server, status)) {
        server_process_destroy(server);
        return -1;
    }
    open_api(server);
    if (open_listener(server, status)) {
        server_process_destroy(server);
        return -1;
    }
    bootstrap_start(&server->bootstrap, server->api, booted);
    *server_out = server;
    return 0;
}

/* --- Stopping --- */

static void stop_loop(struct timer *timer)
{
    loop_stop(CONTAINER_OF(timer, struct server_process, last)->loop);
}

/* Streams in memory that were closed have their last turns before the loop ends. */
static void all_stopped(void *context)
{
    struct server_process *server = context;
    timer_init(&server->last, server->loop, stop_loop);
    timer_start_us(&server->last, 10000);
}

static void audit_stopped(void *context)
{
    struct server_process *server = context;
    identity_stop(&server->identity, all_stopped, server);
}

static void front_closed(void *context)
{
    struct server_process *server = context;
    server->front = NULL;
    audit_stop(server->audit, audit_stopped, server);
}

/* Commits of controllers are over; what clients wait for ends next. */
static void controllers_stopped(void *context)
{
    struct server_process *server = context;
    front_close(server->front, front_closed, server);
}

void server_process_stop(struct server_process *server)
{
    if (server->is_stopping)
        return;
    server->is_stopping = true;
    server->api->is_ready = false;
    listener_close(server->listener);
    server->listener = NULL;
    node_links_stop(server->api->links);
    virtual_nodes_stop(server->virtual_nodes);
    server->virtual_nodes = NULL;
    scheduler_stop(server->scheduler);
    server->scheduler = NULL;
    struct manager *manager = server->manager;
    server->manager = NULL;
    manager_stop(manager, controllers_stopped, server);
}

void server_process_destroy(struct server_process *server)
{
    if (!server)
        return;
    listener_close(server->listener);
    bootstrap_release(&server->bootstrap);
    if (server->api)
        api_stop(server->api);
    store_close(server->store);
    api_client_destroy(server->virtual_client);
    for (size_t i = 0; i < server->controller_count; i++)
        api_client_destroy(server->controller_clients[i]);
    api_client_destroy(server->scheduler_client);
    api_client_destroy(server->admin);
    api_destroy(server->api);
    registry_destroy(server->registry);
    audit_destroy(server->audit);
    identity_release(&server->identity);
    metrics_release(&server->metrics);
    arena_release(&server->arena);
    mem_free(server);
}
