/* Pods on a network: they reach one another, the node reaches them, ports of the node lead in,
 * and nothing is left when they are gone. */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/socket.h>

#include "core/net/stream.h"
#include "kubelet-lite/netlink.h"
#include "kubelet-lite/network_rules.h"
#include "tests/harness/crun_machine.h"

static const char *sandbox(struct crun_machine *machine, const char *uid,
                           struct port_mapping *ports, size_t count)
{
    struct sandbox_config config = {
        .pod = {uid, uid, "default"}, .ports = ports, .port_count = count};
    return crun_machine_sandbox(machine, &config);
}

/* A server that says its name to everybody who comes, by the host's perl. */
static const char *serve(struct crun_machine *machine, const char *sandbox_id, const char *name,
                         int port)
{
    struct container_config config;
    const char *script = arena_format(
        &machine->arena,
        "exec perl -MIO::Socket::INET -e '$l=IO::Socket::INET->new(LocalAddr=>\"0.0.0.0\","
        "LocalPort=>%d,Listen=>5,ReuseAddr=>1) or die; print STDERR \"up\\n\"; "
        "while($c=$l->accept){print $c \"%s \".$c->peerhost.\"\\n\";close $c}'",
        port, name);
    crun_machine_fill(machine, &config, sandbox_id, name, script);
    const char *id = crun_machine_create(machine, &config);
    EXPECT_TEXT(machine->call.status.message, NULL);
    crun_machine_start(machine, id);
    return id;
}

struct log {
    struct crun_machine *machine;
    const char *name;
};

static bool is_up(void *context)
{
    const struct log *log = context;
    const char *path =
        arena_format(&log->machine->arena, "%s/logs/%s/0.log", log->machine->folder, log->name);
    return strstr(crun_machine_text(log->machine, path), "up") != NULL;
}

static void await_up(struct crun_machine *machine, const char *name)
{
    struct log log = {machine, name};
    crun_machine_until(machine, is_up, &log);
}

/* What a connection to there says, from this process; "" when it cannot be made. */
static const char *ask(struct crun_machine *machine, const char *address, int port)
{
    static const struct timeval patience = {.tv_sec = 3};
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    char text[100] = "";
    EXPECT_EQ(inet_pton(AF_INET, address, &there.sin_addr), 1);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&there, sizeof there) == 0 &&
        read(fd, text, sizeof text - 1) < 0)
        text[0] = '\0';
    close(fd);
    return arena_copy_text(&machine->arena, text);
}

static const char *ask_from(struct crun_machine *machine, const char *id, const char *address,
                            int port)
{
    crun_machine_exec(machine, id,
                      arena_format(&machine->arena,
                                   "perl -MIO::Socket::INET -e '$s=IO::Socket::INET->new("
                                   "PeerAddr=>\"%s:%d\",Timeout=>3) or die \"$@\\n\"; print <$s>'",
                                   address, port),
                      8000000);
    return arena_copy_slice(&machine->arena, machine->call.output);
}

static void set_loopback_up(void)
{
    struct netlink netlink;
    struct status status;
    status_init(&status);
    EXPECT_EQ(netlink_open(&netlink, &status), 0);
    EXPECT_EQ(netlink_set_up(&netlink, netlink_index(&netlink, "lo"), &status), 0);
    netlink_close(&netlink);
    status_release(&status);
}

static int count_links(void)
{
    int count = 0;
    struct if_nameindex *names = if_nameindex();
    for (const struct if_nameindex *one = names; one && one->if_index; one++)
        count++;
    if_freenameindex(names);
    return count;
}

TEST("pods reach one another and the node reaches them")
{
    struct crun_machine machine;
    crun_machine_begin(&machine, true);
    set_loopback_up();
    const char *a = sandbox(&machine, "a", NULL, 0);
    const char *in_a = serve(&machine, a, "alpha", 8080);
    const char *b = sandbox(&machine, "b", NULL, 0);
    EXPECT_TEXT(machine.call.address, "10.99.7.3");
    const char *in_b = serve(&machine, b, "beta", 8080);
    await_up(&machine, "alpha");
    await_up(&machine, "beta");
    EXPECT_TEXT(ask_from(&machine, in_a, "10.99.7.3", 8080), "beta 10.99.7.2\n");
    EXPECT_TEXT(ask_from(&machine, in_b, "10.99.7.2", 8080), "alpha 10.99.7.3\n");
    EXPECT_TEXT(ask_from(&machine, in_a, "127.0.0.1", 8080), "alpha 127.0.0.1\n");
    EXPECT_TEXT(ask(&machine, "10.99.7.2", 8080), "alpha 10.99.7.1\n");
    EXPECT_EQ(count_links(), 3);
    crun_machine_remove(&machine, in_a);
    crun_machine_stop_sandbox(&machine, a);
    EXPECT_EQ(count_links(), 2);
    EXPECT_TEXT(ask(&machine, "10.99.7.2", 8080), "");
    crun_machine_end(&machine);
    EXPECT_EQ(count_links(), 1);
}

TEST("a port of the node leads to its pod, and to nobody when the pod is gone")
{
    struct crun_machine machine;
    struct port_mapping ports[] = {{18080, 8080, 'T', ""}};
    crun_machine_begin(&machine, true);
    set_loopback_up();
    const char *a = sandbox(&machine, "a", ports, 1);
    const char *in_a = serve(&machine, a, "alpha", 8080);
    const char *b = sandbox(&machine, "b", NULL, 0);
    const char *in_b = serve(&machine, b, "beta", 8081);
    await_up(&machine, "alpha");
    await_up(&machine, "beta");
    EXPECT_TEXT(ask(&machine, "10.99.7.1", 18080), "alpha 10.99.7.1\n");
    EXPECT(
        slice_starts_with(slice_of(ask_from(&machine, in_b, "10.99.7.1", 18080)), SLICE("alpha ")));
    crun_machine_restart(&machine); /* Another agent restores the rules. */
    crun_machine_run_us(&machine, 100000);
    EXPECT_TEXT(ask(&machine, "10.99.7.1", 18080), "alpha 10.99.7.1\n");
    crun_machine_remove(&machine, in_a);
    crun_machine_stop_sandbox(&machine, a);
    EXPECT_TEXT(ask(&machine, "10.99.7.1", 18080), "");
    crun_machine_end(&machine);
}

struct said {
    struct buffer text;
    bool has_ended;
};

static void said(void *context, struct slice data)
{
    buffer_append_slice(&((struct said *)context)->text, data);
}

static void said_all(void *context)
{
    ((struct said *)context)->has_ended = true;
}

static bool has_said(void *context)
{
    return ((struct said *)context)->has_ended;
}

TEST("a forwarded connection reaches what listens on the pod's own loopback only")
{
    static const struct stream_handler handler = {.on_read = said, .on_end = said_all};
    struct crun_machine machine;
    struct container_config config;
    struct said talk = {0};
    crun_machine_begin(&machine, true);
    set_loopback_up();
    const char *a = sandbox(&machine, "a", NULL, 0);
    crun_machine_fill(&machine, &config, a, "inner",
                      "exec perl -MIO::Socket::INET -e '$l=IO::Socket::INET->new(LocalAddr=>"
                      "\"127.0.0.1\",LocalPort=>9000,Listen=>5) or die; print STDERR \"up\\n\"; "
                      "$c=$l->accept; print $c \"inside\\n\"; close $c; sleep 100'");
    const char *id = crun_machine_create(&machine, &config);
    EXPECT_TEXT(machine.call.status.message, NULL);
    crun_machine_start(&machine, id);
    await_up(&machine, "inner");
    machine.runtime->operations->connect(machine.runtime, a, 9000, crun_machine_call(&machine));
    crun_machine_wait(&machine);
    EXPECT_TEXT(machine.call.status.message, NULL);
    struct stream *stream = machine.call.stream;
    stream_set_handler(stream, &handler, &talk);
    stream_read_start(stream);
    crun_machine_until(&machine, has_said, &talk);
    EXPECT_SLICE(buffer_slice(&talk.text), "inside\n");
    stream_close(stream);
    machine.runtime->operations->connect(machine.runtime, a, 9001, crun_machine_call(&machine));
    crun_machine_wait(&machine);
    EXPECT(machine.call.stream == NULL && !status_ok(&machine.call.status));
    buffer_release(&talk.text);
    crun_machine_end(&machine);
}

static void routes_set(struct ports_call *call)
{
    EXPECT_TEXT(call->status.message, NULL);
    loop_stop(*(struct loop **)(void *)(call + 1));
}

static void count_route(void *context, const struct netlink_route *route)
{
    (void)route;
    ++*(int *)context;
}

TEST("routes to other nodes' pods are those that were asked for last")
{
    struct crun_machine machine;
    struct netlink netlink = {.fd = -1};
    struct status status;
    struct {
        struct ports_call call;
        struct loop *loop;
    } asked = {.call = {.done = routes_set}};
    int count = 0;
    crun_machine_begin(&machine, true);
    sandbox(&machine, "a", NULL, 0); /* So that there is a way to 10.99.7.2. */
    asked.loop = machine.loop;
    status_init(&status);
    status_init(&asked.call.status);
    const struct pod_route two[] = {{"10.99.8.0/24", "10.99.7.2"}, {"10.99.9.0/24", "10.99.7.2"}};
    pod_network_set_routes(machine.network, two, 2, &asked.call);
    loop_run(machine.loop);
    EXPECT_EQ(netlink_open(&netlink, &status), 0);
    EXPECT_EQ(netlink_each_route(&netlink, count_route, &count, &status), 0);
    EXPECT_EQ(count, 2);
    pod_network_set_routes(machine.network, two + 1, 1, &asked.call);
    loop_run(machine.loop);
    count = 0;
    EXPECT_EQ(netlink_each_route(&netlink, count_route, &count, &status), 0);
    EXPECT_EQ(count, 1);
    netlink_close(&netlink);
    status_release(&status);
    status_release(&asked.call.status);
    crun_machine_end(&machine);
}
