#include "cli/serve.h"

#include <signal.h>
#include <stdio.h>

#include "cli/own_agent.h"
#include "core/buffer.h"
#include "core/kinds/duration.h"
#include "core/trace.h"

struct serving {
    struct loop *loop;
    struct server_process *server;
    const struct own_agent_options *wanted; /* NULL: no agent. */
    struct own_agent *agent;
    bool is_stopping;
    int code;
};

static int read_ranges(const struct command_line *line, struct service_ranges_config *ranges)
{
    struct status status;
    int code = EXIT_GOOD;
    status_init(&status);
    *ranges = service_ranges_default;
    if (service_ranges_read(flag_text(line, "service-cluster-ip-range"),
                            flag_text(line, "service-node-port-range"), ranges, &status))
        code = usage_error(line->command, "%s", status.message);
    status_release(&status);
    return code;
}

static int read_duration(const struct command_line *line, const char *name, int64_t *us)
{
    struct arena arena;
    int64_t nanos = 0;
    const char *text = flag_text(line, name);
    arena_init(&arena);
    const char *why = text ? duration_parse(&arena, slice_of(text), &nanos) : NULL;
    int code = EXIT_GOOD;
    if (why)
        code = usage_error(line->command, "--%s: %s", name, why);
    else if (text && nanos < 1000)
        code = usage_error(line->command, "--%s must be more than nothing", name);
    arena_release(&arena);
    *us = nanos / 1000;
    return code;
}

static int read_controllers(const struct command_line *line, struct controller_options *options)
{
    if (!flag_number(line, "event-bytes", 0, 1, INT64_C(1) << 40, &options->event_bytes) ||
        !flag_number(line, "terminated-pod-gc-threshold", 0, 1, INT32_MAX,
                     &options->terminated_pods))
        return EXIT_USAGE;
    return read_duration(line, "event-ttl", &options->event_ttl_us);
}

static int read_audit(const struct command_line *line, struct server_process_options *options)
{
    options->audit_policy_file = flag_text(line, "audit-policy-file");
    options->audit_log_path = flag_text(line, "audit-log-path");
    return flag_number(line, "audit-log-maxsize", 0, 1, 1 << 20, &options->audit_log_megabytes) &&
                   flag_number(line, "audit-log-maxbackup", 0, 1, 10000,
                               &options->audit_log_backups)
               ? EXIT_GOOD
               : EXIT_USAGE;
}

int serve_read_flags(const struct command_line *line, struct server_process_options *options)
{
    if (!flag_number(line, "history-bytes", 0, 0, INT64_C(1) << 40, &options->history_bytes) ||
        read_controllers(line, &options->controllers) || read_audit(line, options))
        return EXIT_USAGE;
    options->data_dir = flag_text(line, "data-dir");
    if (!options->data_dir)
        options->data_dir = default_data_dir();
    options->listen = flag_text(line, "listen");
    if (!options->listen)
        options->listen = "127.0.0.1:6443";
    options->accept_data_loss = flag_is_on(line, "accept-data-loss");
    return read_ranges(line, &options->service_ranges);
}

static void agent_stopped(void *context)
{
    struct serving *serving = context;
    serving->agent = NULL;
    server_process_stop(serving->server);
}

static void stop_all(struct serving *serving)
{
    if (serving->is_stopping)
        return;
    serving->is_stopping = true;
    own_agent_stop(serving->agent, agent_stopped, serving);
}

static int start_agent(struct serving *serving, struct status *status)
{
    struct own_agent_options options;
    if (!serving->wanted)
        return 0;
    options = *serving->wanted;
    options.server = server_process_url(serving->server);
    options.authority = server_process_authority(serving->server);
    return own_agent_start(serving->loop, &options, &serving->agent, status);
}

static void tell_ready(struct serving *serving)
{
    struct status status;
    status_init(&status);
    if (start_agent(serving, &status)) {
        fprintf(stderr, "coracle: %s\n", status.message);
        serving->code = EXIT_FAILED;
        stop_all(serving);
    } else {
        printf("ready https://%s kubeconfig=%s\n", server_process_address(serving->server),
               server_process_kubeconfig(serving->server));
        fflush(stdout);
    }
    status_release(&status);
}

static void ready(void *context, const struct status *status)
{
    struct serving *serving = context;
    if (!status_ok(status)) {
        fprintf(stderr, "coracle: the server could not start: %s\n", status->message);
        serving->code = EXIT_FAILED;
        server_process_stop(serving->server);
        return;
    }
    tell_ready(serving);
}

static void stop(void *context, int number)
{
    struct serving *serving = context;
    log_line(LOG_INFO, "stopping", "signal=%d", number);
    stop_all(serving);
}

int serve(const struct command_line *line, const struct server_process_options *asked,
          const struct own_agent_options *agent)
{
    struct serving serving = {.code = EXIT_GOOD};
    struct server_process_options options = *asked;
    struct status status;
    status_init(&status);
    serving.loop = loop_create(0);
    serving.wanted = agent;
    options.ready = ready;
    options.context = &serving;
    if (server_process_start(serving.loop, &options, &serving.server, &status)) {
        fprintf(stderr, "coracle %s: %s\n", line->command->name, status.message);
        serving.code = EXIT_FAILED;
    } else {
        loop_on_signal(serving.loop, SIGINT, stop, &serving);
        loop_on_signal(serving.loop, SIGTERM, stop, &serving);
        loop_run(serving.loop);
        server_process_destroy(serving.server);
    }
    loop_destroy(serving.loop);
    status_release(&status);
    return serving.code;
}
