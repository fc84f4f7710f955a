/* A machine that is a node, by the real binary and the real kubectl: containers, their logs,
 * commands and ports, and nothing left after `coracle down`. Needs root, crun and conmon. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/harness/real_server.h"

static void need_machine(void)
{
    if (geteuid() != 0 || system("command -v crun conmon >/dev/null 2>&1") != 0)
        SKIP("it needs root, crun and conmon");
}

/* A range of its own, so that several run at once. */
static void start(struct real_server *server)
{
    char arguments[64];
    need_machine();
    snprintf(arguments, sizeof arguments, "--node-name box --pod-range 10.%d.%d.0/24",
             160 + (int)getpid() % 40, (int)getpid() / 40 % 256);
    real_server_start(server, "up", arguments);
    EXPECT_RUNS(server, "kubectl wait --for=create node/box --timeout=10s");
    EXPECT_RUNS(server, "kubectl wait --for=condition=Ready node/box --timeout=10s");
}

/* The server is gone: its words no longer matter. */
static int shell(const char *format, const char *folder)
{
    struct buffer script = {0};
    buffer_format(&script, format, folder);
    int status = system(script.data);
    buffer_release(&script);
    return status;
}

static void end(struct real_server *server)
{
    real_server_stop(server);
    EXPECT_EQ(shell("\"$CORACLE_BIN\" down --data-dir '%s'", server->folder), 0);
    EXPECT(shell("pgrep -f '[c]onmon.*%s'", server->folder) != 0);
    EXPECT(shell("grep '%s' /proc/mounts", server->folder) != 0);
}

static void run_pod(struct real_server *server, const char *name, const char *script)
{
    EXPECT_RUNS(server,
                "kubectl apply -f - <<'END'\n"
                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"%s\"},\"spec\":{"
                "\"terminationGracePeriodSeconds\":1,\"containers\":[{\"name\":\"c\",\"image\":"
                "\"coracle.local/host\",\"command\":[\"sh\",\"-c\",\"%s\"]}]}}\nEND",
                name, script);
    EXPECT_RUNS(server, "kubectl wait --for=condition=Ready pod/%s --timeout=15s", name);
}

TEST_LIMIT(60, "a pod runs in a container: logs, commands, files and ports of it")
{
    struct real_server server;
    start(&server);
    run_pod(&server, "web", "echo one; echo two >&2; mkdir -p /tmp/x; exec sleep 1000");
    EXPECT_RUNS(&server, "kubectl logs web");
    EXPECT_SAID(&server, "one");
    EXPECT_SAID(&server, "two");
    EXPECT_RUNS(&server, "kubectl logs web --tail=1 --timestamps");
    EXPECT_RUNS(&server, "kubectl exec web -- hostname");
    EXPECT_SAID(&server, "web");
    EXPECT_FAILS(&server, "kubectl exec web -- sh -c 'exit 7'");
    EXPECT_EQ(server.code, 7);
    EXPECT_RUNS(&server, "echo hello | kubectl exec -i web -- cat");
    EXPECT_SAID(&server, "hello");
    EXPECT_FAILS(&server, "kubectl logs web --previous");
    EXPECT_SAID(&server, "previous terminated container \"c\" in pod \"web\" not found");
    EXPECT_RUNS(&server,
                "echo content >%s/file; kubectl cp %s/file web:/tmp/file && "
                "kubectl exec web -- cat /tmp/file",
                server.folder, server.folder);
    EXPECT_SAID(&server, "content");
    EXPECT_RUNS(&server, "kubectl delete pod web --timeout=15s");
    end(&server);
}

TEST_LIMIT(60, "an agent that is killed comes back and finds its pods; the server too")
{
    struct real_server server;
    start(&server);
    run_pod(&server, "web", "exec sleep 1000");
    EXPECT_RUNS(&server,
                "kubectl get pod web -o jsonpath='{.status.containerStatuses[0].containerID}'");
    char *id = mem_copy_text(server.output.data);
    EXPECT_RUNS(&server, "pkill -9 -f '[a]gent --server.*%s'", server.folder);
    EXPECT_RUNS(&server, "for i in $(seq 50); do kubectl exec web -- true && exit 0; sleep 0.2; "
                         "done; exit 1");
    real_server_kill(&server, SIGKILL);
    real_server_restart(&server, "up", "--node-name box");
    EXPECT_RUNS(&server, "for i in $(seq 50); do kubectl exec web -- true && exit 0; sleep 0.2; "
                         "done; exit 1");
    EXPECT_RUNS(&server, "kubectl get pod web -o jsonpath='{.status.containerStatuses[0]."
                         "containerID} {.status.containerStatuses[0].restartCount}'");
    EXPECT_SAID(&server, id);
    EXPECT_SAID(&server, " 0");
    mem_free(id);
    end(&server);
}

TEST_LIMIT(60, "a node joins by a token; with a wrong one, or another CA's hash, it does not")
{
    struct real_server server;
    need_machine();
    real_server_start(&server, "server", "");
    EXPECT_RUNS(&server, "coracle token create");
    char *token = mem_copy_text(server.output.data);
    token[strcspn(token, "\n")] = '\0';
    EXPECT_FAILS(&server, "coracle agent --server https://%s --token abcdef.0123456789abcdef",
                 server.address);
    EXPECT_SAID(&server, "--token takes what `coracle token create` prints");
    char *bad = mem_copy_text(token);
    bad[strlen(bad) - 1] = bad[strlen(bad) - 1] == '0' ? '1' : '0';
    EXPECT_FAILS(&server,
                 "timeout 3 \"$CORACLE_BIN\" agent --server https://%s --token %s --data-dir %s/a "
                 "--node-name box",
                 server.address, bad, server.folder);
    EXPECT_SAID(&server, "no credentials yet");
    EXPECT_RUNS(&server,
                "coracle agent --server https://%s --token %s --data-dir %s/a --node-name "
                "box --pod-range 10.201.%d.0/24 >/dev/null 2>&1 & echo $! >%s/pid; "
                "kubectl wait --for=create node/box --timeout=15s && "
                "kubectl get csr && kubectl get node box -o wide; code=$?; "
                "kill $(cat %s/pid); wait; exit $code",
                server.address, token, server.folder, (int)getpid() % 256, server.folder,
                server.folder);
    EXPECT_SAID(&server, "Approved,Issued");
    EXPECT_RUNS(&server, "stat -c %%a %s/a/agent/pki/node.pem", server.folder);
    EXPECT_SAID(&server, "600");
    mem_free(token);
    mem_free(bad);
    real_server_stop(&server);
}
