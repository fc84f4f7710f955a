#include "tests/harness/real_server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { READY_MS = 15000, ARGUMENTS_MAX = 32 };

static const char *program(const char *variable)
{
    const char *path = getenv(variable);
    if (!path || access(path, X_OK) != 0)
        SKIP("it needs the built binary and kubectl: run it by the build's test step");
    return path;
}

static void exec_server(const char *folder, const char *command, const char *arguments)
{
    static char copy[1024];
    const char *argv[ARGUMENTS_MAX] = {
        program("CORACLE_BIN"), command, "--data-dir", folder, "--listen", "127.0.0.1:0"};
    size_t count = 6;
    snprintf(copy, sizeof(copy), "%s", arguments);
    char *rest = copy;
    for (char *word = strsep(&rest, " "); word && count + 1 < ARGUMENTS_MAX;
         word = strsep(&rest, " "))
        if (*word)
            argv[count++] = word;
    execv(argv[0], (char *const *)(uintptr_t)argv);
    perror(argv[0]);
    _exit(127);
}

static void read_ready(struct real_server *server)
{
    struct buffer line = {0};
    while (!memchr(line.data ? line.data : "", '\n', line.size)) {
        struct pollfd wait = {.fd = server->out, .events = POLLIN};
        if (poll(&wait, 1, READY_MS) <= 0)
            test_fail(__FILE__, __LINE__, "the server is not ready after %d ms", READY_MS);
        buffer_reserve(&line, 512);
        ssize_t got = read(server->out, line.data + line.size, 512);
        if (got <= 0)
            test_fail(__FILE__, __LINE__, "the server ended before it was ready");
        line.size += (size_t)got;
        line.data[line.size] = '\0';
    }
    char *address = strstr(line.data, "ready https://");
    char *kubeconfig = strstr(line.data, " kubeconfig=");
    EXPECT(address == line.data && kubeconfig != NULL);
    *kubeconfig = '\0';
    kubeconfig += strlen(" kubeconfig=");
    kubeconfig[strcspn(kubeconfig, "\n")] = '\0';
    server->address = mem_copy_text(address + strlen("ready https://"));
    server->kubeconfig = mem_copy_text(kubeconfig);
    buffer_release(&line);
}

void real_server_restart(struct real_server *server, const char *command, const char *arguments)
{
    int ends[2];
    EXPECT(pipe2(ends, O_CLOEXEC) == 0);
    server->pid = fork();
    EXPECT(server->pid >= 0);
    if (server->pid == 0) {
        dup2(ends[1], STDOUT_FILENO);
        exec_server(server->folder, command, arguments);
    }
    close(ends[1]);
    server->out = ends[0];
    read_ready(server);
}

void real_server_start(struct real_server *server, const char *command, const char *arguments)
{
    *server = (struct real_server){.folder = test_folder()};
    program("CORACLE_BIN");
    program("KUBECTL");
    real_server_restart(server, command, arguments);
}

void real_server_kill(struct real_server *server, int signal)
{
    int status;
    kill(server->pid, signal);
    while (waitpid(server->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    close(server->out);
    mem_free(server->address);
    mem_free(server->kubeconfig);
    if (signal == SIGTERM)
        EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void real_server_stop(struct real_server *server)
{
    real_server_kill(server, SIGTERM);
    buffer_release(&server->output);
}

const char *real_run(struct real_server *server, const char *format, ...)
{
    struct buffer script = {0};
    buffer_format(&script,
                  "exec 2>&1 </dev/null; export KUBECONFIG='%s' HOME='%s'; "
                  "kubectl() { \"$KUBECTL\" \"$@\"; }; coracle() { \"$CORACLE_BIN\" \"$@\"; }; ",
                  server->kubeconfig, server->folder);
    va_list arguments;
    va_start(arguments, format);
    buffer_format_list(&script, format, arguments);
    va_end(arguments);
    FILE *pipe = popen(script.data, "r");
    EXPECT(pipe != NULL);
    buffer_clear(&server->output);
    size_t got;
    do {
        buffer_reserve(&server->output, 4096);
        got = fread(server->output.data + server->output.size, 1, 4096, pipe);
        server->output.size += got;
        server->output.data[server->output.size] = '\0';
    } while (got > 0);
    int status = pclose(pipe);
    server->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    buffer_release(&script);
    return server->output.data;
}
