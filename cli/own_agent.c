#include "cli/own_agent.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "core/file.h"
#include "core/net/process.h"
#include "core/trace.h"
#include "kubelet-lite/machine_check.h"
#include "kubelet-lite/node_facts.h"

#define AGAIN_US INT64_C(1000000)
#define KILL_AFTER_US INT64_C(10000000)
#define YEAR_SECONDS (INT64_C(365) * 86400)
enum { ARGUMENTS_MAX = 20 };

struct own_agent {
    struct loop *loop;
    struct own_agent_options options;
    struct arena arena;
    const char *argv[ARGUMENTS_MAX];
    struct process *process;  /* NULL: it does not run. */
    struct stream *errors;
    struct timer timer;       /* The next start, or the kill. */
    bool is_stopping;
    void (*stopped)(void *context);
    void *context;
};

/* --- Its certificate --- */

static int sign(struct own_agent *agent, const char *name, struct buffer *pem,
                struct status *status)
{
    static const char *const organizations[] = {"system:nodes", NULL};
    struct ec_key key;
    struct buffer asked = {0};
    struct x509_request request;
    struct x509_template template = {
        .common_name = arena_format(&agent->arena, "system:node:%s", name),
        .organizations = organizations,
    };
    struct certificate_wish wish = {
        .request = &request,
        .key_usage = X509_DIGITAL_SIGNATURE,
        .usage = X509_CLIENT_AUTH,
        .seconds = YEAR_SECONDS,
        .now_us = clock_wall_us(loop_clock(agent->loop)),
    };
    ec_key_generate(loop_random(agent->loop), &key);
    x509_request_make(&template, &key, &asked);
    int failed = x509_request_parse(&agent->arena, buffer_slice(&asked), &request, status) ||
                 certificate_authority_sign(agent->options.authority, loop_random(agent->loop),
                                            &wish, pem, status);
    if (!failed)
        ec_key_write_pem(&key, pem);
    ec_key_wipe(&key);
    buffer_release(&asked);
    return failed ? -1 : 0;
}

/* The one of before is kept while it is this CA's and this node's: the agent renews it itself. */
static bool is_kept(struct own_agent *agent, const char *folder, const char *name)
{
    struct buffer ca = {0}, own = {0};
    struct status status;
    struct x509_certificate certificate;
    const char *wanted = arena_format(&agent->arena, "system:node:%s", name);
    status_init(&status);
    bool is = file_read(arena_format(&agent->arena, "%s/ca.crt", folder), &ca, &status) == 0 &&
              file_read(arena_format(&agent->arena, "%s/node.pem", folder), &own, &status) == 0 &&
              slice_equal(buffer_slice(&ca), buffer_slice(&agent->options.authority->pem)) &&
              x509_parse_pem(&agent->arena, buffer_slice(&own), &certificate, &status) == 0 &&
              slice_is(certificate.names.common_name, wanted) &&
              certificate.not_after_us > clock_wall_us(loop_clock(agent->loop));
    status_release(&status);
    buffer_release(&ca);
    buffer_release(&own);
    return is;
}

static int write_credentials(struct own_agent *agent, const char *name, struct status *status)
{
    struct arena *arena = &agent->arena;
    const char *folder = arena_format(arena, "%s/agent/pki", agent->options.data_dir);
    struct buffer pem = {0};
    if (is_kept(agent, folder, name))
        return 0;
    int failed =
        folder_make(folder, 0700, status) || sign(agent, name, &pem, status) ||
        file_write(arena_format(arena, "%s/ca.crt", folder), 0644,
                   buffer_slice(&agent->options.authority->pem), status) ||
        file_write(arena_format(arena, "%s/node.pem", folder), 0600, buffer_slice(&pem), status);
    buffer_release(&pem);
    return failed ? -1 : 0;
}

/* --- Running it --- */

static void ended(void *context, int code);

static void errors_read(void *context, struct slice data)
{
    (void)context;
    fwrite(data.data, 1, data.size, stderr);
}

static void errors_ended(void *context)
{
    struct own_agent *agent = context;
    stream_close(agent->errors);
    agent->errors = NULL;
}

static void errors_broke(void *context, const char *why)
{
    (void)why;
    errors_ended(context);
}

static const struct stream_handler errors_handler = {
    .on_read = errors_read, .on_end = errors_ended, .on_error = errors_broke};

static int run(struct own_agent *agent, struct status *status)
{
    struct process_options options = {
        .argv = agent->argv,
        .streams = 1u << 2,
        .exited = ended,
        .context = agent,
    };
    if (process_open(agent->loop, &options, &agent->process, status))
        return -1;
    agent->errors = process_take_stream(agent->process, 2);
    stream_set_handler(agent->errors, &errors_handler, agent);
    stream_read_start(agent->errors);
    return 0;
}

static void free_agent(struct own_agent *agent)
{
    timer_stop(&agent->timer);
    if (agent->errors) {
        stream_set_handler(agent->errors, NULL, NULL);
        stream_close(agent->errors);
    }
    arena_release(&agent->arena);
    mem_free(agent);
}

static void ended(void *context, int code)
{
    struct own_agent *agent = context;
    agent->process = NULL;
    if (agent->is_stopping) {
        void (*stopped)(void *) = agent->stopped;
        void *owner = agent->context;
        free_agent(agent);
        stopped(owner);
        return;
    }
    log_line(LOG_ERROR, "the agent has ended and is started again", "code=%d", code);
    timer_start_us(&agent->timer, AGAIN_US);
}

static void timer_fired(struct timer *timer)
{
    struct own_agent *agent = CONTAINER_OF(timer, struct own_agent, timer);
    struct status status;
    status_init(&status);
    if (agent->is_stopping)
        process_kill(agent->process, SIGKILL);
    else if (run(agent, &status)) {
        log_line(LOG_ERROR, "the agent cannot be started", "why=\"%s\"", status.message);
        timer_start_us(&agent->timer, AGAIN_US);
    }
    status_release(&status);
}

/* --- Life --- */

static int check_machine(struct own_agent *agent, struct status *status)
{
    size_t count;
    const struct machine_finding *findings =
        machine_check(&agent->arena, agent->options.data_dir, &count);
    if (strcmp(machine_mode(findings, count), "virtual") != 0)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (findings[i].verdict == MACHINE_BAD)
            return status_fail(status, STATUS_BAD_REQUEST,
                               "this machine cannot run containers: %s: %s%s%s; or say --no-agent, "
                               "with --virtual-nodes N",
                               findings[i].subject, findings[i].seen,
                               *findings[i].mend ? "; mend: " : "", findings[i].mend);
    return status_fail(status, STATUS_BAD_REQUEST,
                       "this machine cannot run containers (coracle doctor says why); or say "
                       "--no-agent, with --virtual-nodes N");
}

static void fill_arguments(struct own_agent *agent, const char *name)
{
    const struct own_agent_options *options = &agent->options;
    const char *parent = arena_format(&agent->arena, "%d", (int)getpid());
    const char *const all[] = {
        "/proc/self/exe",     "agent",
        "--server",           options->server,
        "--data-dir",         options->data_dir,
        "--node-name",        name,
        "--with-parent",      parent,
        "--pod-range",        options->pod_range ? options->pod_range : "10.244.0.0/24",
        "--allow-host-image", options->registries ? "--registries" : NULL,
        options->registries, NULL,
    };
    memcpy(agent->argv, all, sizeof(all));
}

int own_agent_start(struct loop *loop, const struct own_agent_options *options,
                    struct own_agent **agent_out, struct status *status)
{
    struct own_agent *agent = mem_alloc(sizeof(*agent));
    struct node_facts facts;
    agent->loop = loop;
    agent->options = *options;
    arena_init(&agent->arena);
    timer_init(&agent->timer, loop, timer_fired);
    const char *name = options->node_name;
    if (!name) {
        node_facts_read(&facts, &agent->arena, "", options->data_dir);
        name = node_facts_name(&facts, &agent->arena);
    }
    fill_arguments(agent, name);
    if (check_machine(agent, status) || write_credentials(agent, name, status) ||
        run(agent, status)) {
        free_agent(agent);
        return -1;
    }
    *agent_out = agent;
    return 0;
}

void own_agent_stop(struct own_agent *agent, void (*stopped)(void *context), void *context)
{
    if (!agent) {
        stopped(context);
        return;
    }
    agent->is_stopping = true;
    agent->stopped = stopped;
    agent->context = context;
    if (agent->process) {
        process_kill(agent->process, SIGTERM);
        timer_start_us(&agent->timer, KILL_AFTER_US);
        return;
    }
    free_agent(agent);
    stopped(context);
}
