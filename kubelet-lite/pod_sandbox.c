#include "kubelet-lite/pod_sandbox.h"

#include "core/trace.h"

#define WAIT_FIRST_US INT64_C(1000000)
#define WAIT_MAX_US INT64_C(60000000)

static void set_text(char **text, const char *value)
{
    mem_free(*text);
    *text = value ? mem_copy_text(value) : NULL;
}

static void begin_call(struct pod_worker *worker, void (*done)(struct runtime_call *call))
{
    PRE(!worker->is_calling);
    worker->is_calling = true;
    runtime_call_init(&worker->call, done);
}

static void end_call(struct pod_worker *worker)
{
    worker->is_calling = false;
    runtime_call_release(&worker->call);
    pod_worker_poke(worker);
}

static void sandbox_failed(struct pod_worker *worker, const char *message)
{
    struct buffer text = {0};
    buffer_format(&text, "Failed to create pod sandbox: %s", message);
    worker->host->event(worker->host->context, worker, NULL, "Warning", "FailedCreatePodSandBox",
                        text.data);
    buffer_release(&text);
    worker->retry_wait_us = worker->retry_wait_us == 0 ? WAIT_FIRST_US : worker->retry_wait_us * 2;
    if (worker->retry_wait_us > WAIT_MAX_US)
        worker->retry_wait_us = WAIT_MAX_US;
    worker->retry_us = pod_worker_now_us(worker) + worker->retry_wait_us;
}

static void forget_preparation(struct pod_worker *worker)
{
    arena_release(&worker->preparation->arena);
    mem_free(worker->preparation);
    worker->preparation = NULL;
    pod_worker_poke(worker);
}

static void sandbox_runs(struct runtime_call *call)
{
    struct pod_worker *worker = CONTAINER_OF(call, struct pod_worker, call);
    if (status_ok(&call->status)) {
        set_text(&worker->sandbox_id, call->id);
        set_text(&worker->address, call->address);
        worker->has_sandbox = true;
        worker->retry_wait_us = 0;
        for (size_t i = 0; i < worker->count; i++)
            worker->containers[i].must_rerun = worker->containers[i].kind == CONTAINER_INIT;
    } else {
        sandbox_failed(worker, call->status.message);
    }
    end_call(worker);
    forget_preparation(worker);
}

static void prepared(struct pod_preparation *preparation)
{
    struct pod_worker *worker = preparation->worker;
    struct runtime *runtime = worker->host->runtime;
    if (preparation->message) {
        sandbox_failed(worker, preparation->message);
        forget_preparation(worker);
        return;
    }
    begin_call(worker, sandbox_runs);
    runtime->operations->run_sandbox(runtime, &preparation->config, &worker->call);
}

static void wait_after(struct pod_worker *worker, const char *what, const struct status *status)
{
    log_line(LOG_WARN, what, "pod=%s/%s why=\"%s\"", worker->namespace, worker->name,
             status->message);
    worker->retry_us = pod_worker_now_us(worker) + WAIT_FIRST_US;
}

static bool may_call(struct pod_worker *worker)
{
    if (worker->is_calling || worker->preparation)
        return false;
    pod_worker_wait_until(worker, worker->retry_us > pod_worker_now_us(worker) ? worker->retry_us
                                                                               : INT64_MAX);
    return worker->retry_us <= pod_worker_now_us(worker);
}

static void old_sandbox_removed(struct runtime_call *call)
{
    struct pod_worker *worker = CONTAINER_OF(call, struct pod_worker, call);
    if (status_ok(&call->status))
        worker->has_old_sandbox = false;
    else
        wait_after(worker, "a sandbox cannot be removed", &call->status);
    end_call(worker);
}

bool pod_sandbox_remove(struct pod_worker *worker)
{
    struct runtime *runtime = worker->host->runtime;
    if (!worker->has_old_sandbox)
        return true;
    if (may_call(worker)) {
        begin_call(worker, old_sandbox_removed);
        runtime->operations->remove_sandbox(runtime, worker->sandbox_id, &worker->call);
    }
    return false;
}

static void sandbox_stopped(struct runtime_call *call)
{
    struct pod_worker *worker = CONTAINER_OF(call, struct pod_worker, call);
    if (status_ok(&call->status)) {
        worker->has_sandbox = false;
        worker->has_old_sandbox = true;
    } else {
        wait_after(worker, "a sandbox cannot be stopped", &call->status);
    }
    end_call(worker);
}

bool pod_sandbox_stop(struct pod_worker *worker)
{
    struct runtime *runtime = worker->host->runtime;
    if (!worker->has_sandbox)
        return !worker->is_calling && !worker->preparation;
    if (may_call(worker)) {
        begin_call(worker, sandbox_stopped);
        runtime->operations->stop_sandbox(runtime, worker->sandbox_id, &worker->call);
    }
    return false;
}

bool pod_sandbox_ensure(struct pod_worker *worker)
{
    if (worker->has_sandbox)
        return true;
    if (!may_call(worker) || !pod_sandbox_remove(worker))
        return false;
    worker->preparation = mem_alloc(sizeof(*worker->preparation));
    worker->preparation->done = prepared;
    worker->preparation->worker = worker;
    worker->preparation->config.pod =
        (struct pod_identity){worker->uid, worker->name, worker->namespace};
    arena_init(&worker->preparation->arena);
    worker->host->prepare_pod(worker->host->context, worker->preparation);
    return false;
}
