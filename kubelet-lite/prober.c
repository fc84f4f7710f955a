#include "kubelet-lite/prober.h"

#include "kubelet-lite/pod_worker.h"

struct probe {
    struct prober *prober;
    struct container_worker *container; /* NULL once stopped. */
    enum probe_kind kind;
    struct list link;
    struct timer timer;
    struct check check;
    bool is_checking;
    int64_t successes, failures;        /* In a row. */
};

static const struct {
    const char *member;
    const char *name; /* In Events. */
} kinds[] = {
    [PROBE_STARTUP] = {"startupProbe", "Startup"},
    [PROBE_READINESS] = {"readinessProbe", "Readiness"},
    [PROBE_LIVENESS] = {"livenessProbe", "Liveness"},
};

static const struct json *spec_of(const struct probe *probe)
{
    return json_get(probe->container->spec, kinds[probe->kind].member);
}

static int64_t number(const struct json *spec, const char *member, int64_t otherwise)
{
    int64_t value;
    return json_to_int64(json_get(spec, member), &value) ? value : otherwise;
}

/* --- Life --- */

void prober_init(struct prober *prober, struct pod_worker *pod)
{
    *prober = (struct prober){.pod = pod};
    list_init(&prober->probes);
}

bool prober_is_busy(const struct prober *prober)
{
    return prober->ending > 0;
}

static void end_probe(struct probe *probe)
{
    list_remove(&probe->link);
    timer_stop(&probe->timer);
    probe->container = NULL;
    if (probe->is_checking) {
        probe->prober->ending++;
        return; /* Freed when its check is done. */
    }
    check_release(&probe->check);
    mem_free(probe);
}

void prober_stop(struct prober *prober, const struct container_worker *container)
{
    LIST_EACH(link, &prober->probes) {
        struct probe *probe = CONTAINER_OF(link, struct probe, link);
        if (probe->container == container)
            end_probe(probe);
    }
}

static void ask(struct timer *timer);

static void add_probe(struct prober *prober, struct container_worker *container,
                      enum probe_kind kind)
{
    struct probe *probe = mem_alloc(sizeof(*probe));
    probe->prober = prober;
    probe->container = container;
    probe->kind = kind;
    timer_init(&probe->timer, prober->pod->host->runtime->loop, ask);
    list_push_back(&prober->probes, &probe->link);
    int64_t since_us = pod_worker_now_us(prober->pod) - container->run.started_us;
    int64_t delay_us = number(spec_of(probe), "initialDelaySeconds", 0) * 1000000 - since_us;
    timer_start_us(&probe->timer, delay_us > 0 ? delay_us : 0);
}

static bool has(const struct container_worker *container, enum probe_kind kind)
{
    return json_get(container->spec, kinds[kind].member) != NULL;
}

/* The startup probe has passed, or there is none. */
static void set_started(struct prober *prober, struct container_worker *container)
{
    container->is_started = true;
    container->is_ready = !has(container, PROBE_READINESS);
    if (has(container, PROBE_READINESS))
        add_probe(prober, container, PROBE_READINESS);
    if (has(container, PROBE_LIVENESS))
        add_probe(prober, container, PROBE_LIVENESS);
    pod_worker_poke(prober->pod);
}

void prober_start(struct prober *prober, struct container_worker *container)
{
    if (prober->pod->is_frozen)
        return;
    if (has(container, PROBE_STARTUP))
        add_probe(prober, container, PROBE_STARTUP);
    else
        set_started(prober, container);
}

/* --- Verdicts --- */

static void tell(const struct probe *probe, const char *format_what, const char *message)
{
    const struct pod_host *host = probe->prober->pod->host;
    struct buffer text = {0};
    buffer_format(&text, "%s probe %s: %s", kinds[probe->kind].name, format_what, message);
    host->event(host->context, probe->prober->pod, probe->container->name, "Warning", "Unhealthy",
                text.data);
    buffer_release(&text);
}

static void end_run(struct probe *probe)
{
    struct pod_worker *pod = probe->prober->pod;
    struct container_worker *container = probe->container;
    int64_t grace_us = pod_worker_grace_us(pod);
    int64_t own = number(spec_of(probe), "terminationGracePeriodSeconds", -1);
    struct buffer why = {0};
    buffer_format(&why, "Container %s failed %s probe, will be restarted", container->name,
                  probe->kind == PROBE_STARTUP ? "startup" : "liveness");
    container_worker_stop(container, own >= 0 ? own * 1000000 : grace_us, why.data);
    buffer_release(&why); /* The probe is gone by now, if the container was up. */
}

/* Enough of the same in a row. */
static void conclude(struct probe *probe, bool passed)
{
    struct prober *prober = probe->prober;
    struct container_worker *container = probe->container;
    if (probe->kind == PROBE_READINESS) {
        if (container->is_ready != passed)
            pod_worker_poke(prober->pod);
        container->is_ready = passed;
    } else if (!passed) {
        end_run(probe);
    } else if (probe->kind == PROBE_STARTUP) {
        end_probe(probe);
        set_started(prober, container);
    }
}

static void count(struct probe *probe, enum check_result result)
{
    const struct json *spec = spec_of(probe);
    if (result == CHECK_UNKNOWN)
        return;
    bool passed = result == CHECK_PASSED;
    probe->successes = passed ? probe->successes + 1 : 0;
    probe->failures = passed ? 0 : probe->failures + 1;
    if (passed && probe->successes >= number(spec, "successThreshold", 1))
        conclude(probe, true);
    else if (!passed && probe->failures >= number(spec, "failureThreshold", 3))
        conclude(probe, false);
}

static void checked(struct check *check)
{
    struct probe *probe = CONTAINER_OF(check, struct probe, check);
    struct prober *prober = probe->prober;
    probe->is_checking = false;
    if (!probe->container) {
        check_release(check);
        mem_free(probe);
        prober->ending--;
        pod_worker_poke(prober->pod);
        return;
    }
    if (check->result == CHECK_FAILED)
        tell(probe, "failed", check->message);
    else if (check->result == CHECK_UNKNOWN)
        tell(probe, "errored", check->message);
    timer_start_us(&probe->timer, number(spec_of(probe), "periodSeconds", 10) * 1000000);
    count(probe, check->result); /* The probe may be gone after this. */
}

static void ask(struct timer *timer)
{
    struct probe *probe = CONTAINER_OF(timer, struct probe, timer);
    const struct container_worker *container = probe->container;
    struct check_target target = {
        .runtime = probe->prober->pod->host->runtime,
        .container_id = container->run.id,
        .host = probe->prober->pod->address ? probe->prober->pod->address : "",
        .container = container->spec,
    };
    int64_t timeout_us = number(spec_of(probe), "timeoutSeconds", 1) * 1000000;
    check_release(&probe->check);
    probe->is_checking = true;
    check_start(&probe->check, &target, spec_of(probe), timeout_us, checked);
}
