/* See validate_probe.h. */
#include "core/kinds/validate_probe.h"

#include <inttypes.h>

static void check_port(const struct json *port, const struct field_path *path,
                       struct field_errors *errors)
{
    if (json_is(port, JSON_STRING))
        path_check_name(errors, path, json_string(port), name_check_port_name);
    else
        path_check_range(errors, path, port, 1, 65535);
}

/* --- Handlers --- */

static void check_exec(const struct json *exec, const struct json *spec,
                       const struct field_path *path, struct field_errors *errors)
{
    (void)spec;
    if (!json_first(json_get(exec, "command")))
        path_required(errors, AT(path, "command"), NULL);
}
static void check_http(const struct json *http, const struct json *spec,
                       const struct field_path *path, struct field_errors *errors)
{
    (void)spec;
    check_port(json_get(http, "port"), AT(path, "port"), errors);
    JSON_EACH(header, json_get(http, "httpHeaders"))
        path_check_name(errors, AT(path, "httpHeaders"), json_string(json_get(header, "name")),
                        name_check_http_header);
}
static void check_tcp(const struct json *tcp, const struct json *spec,
                      const struct field_path *path, struct field_errors *errors)
{
    (void)spec;
    check_port(json_get(tcp, "port"), AT(path, "port"), errors);
}
static void check_sleep(const struct json *sleep, const struct json *spec,
                        const struct field_path *path, struct field_errors *errors)
{
    int64_t seconds, grace;
    if (json_to_int64(json_get(sleep, "seconds"), &seconds) &&
        json_to_int64(json_get(spec, "terminationGracePeriodSeconds"), &grace) &&
        (seconds < 0 || seconds > grace))
        path_invalid_int(
            errors, path, seconds,
            "must be non-negative and less than terminationGracePeriodSeconds (%" PRId64 ")",
            grace);
}

static const struct handler {
    const char *name;
    void (*check)(const struct json *handler, const struct json *spec,
                  const struct field_path *path, struct field_errors *errors);
} handlers[] = {
    {"exec", check_exec}, {"httpGet", check_http}, {"tcpSocket", check_tcp},
    {"grpc", check_tcp},  {"sleep", check_sleep},
};

static void check_handler(const struct json *object, const struct json *spec,
                          const struct field_path *path, struct field_errors *errors)
{
    size_t found = 0;
    for (size_t i = 0; i < ARRAY_SIZE(handlers); i++) {
        const struct json *handler = json_get(object, handlers[i].name);
        if (!handler)
            continue;
        if (found++ > 0)
            path_forbidden(errors, AT(path, handlers[i].name),
                           "may not specify more than 1 handler type");
        else
            handlers[i].check(handler, spec, AT(path, handlers[i].name), errors);
    }
    if (found == 0)
        path_required(errors, path, "must specify a handler type");
}

/* --- Probes --- */

static void check_probe(const struct json *probe, const struct json *spec,
                        const struct field_path *path, struct field_errors *errors)
{
    static const char *const counts[] = {"initialDelaySeconds", "timeoutSeconds", "periodSeconds",
                                         "successThreshold", "failureThreshold"};
    int64_t grace;
    check_handler(probe, spec, path, errors);
    for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
        path_check_not_negative(errors, AT(path, counts[i]), json_get(probe, counts[i]));
    if (json_to_int64(json_get(probe, "terminationGracePeriodSeconds"), &grace) && grace <= 0)
        path_invalid_int(errors, AT(path, "terminationGracePeriodSeconds"), grace,
                         "must be greater than 0");
}
/* Of liveness and startup, one good look is a success. */
static void check_single_probe(const struct json *probe, const struct json *spec,
                               const struct field_path *path, struct field_errors *errors)
{
    int64_t threshold;
    if (!probe)
        return;
    check_probe(probe, spec, path, errors);
    if (json_to_int64(json_get(probe, "successThreshold"), &threshold) && threshold != 1)
        path_invalid_int(errors, AT(path, "successThreshold"), threshold, "must be 1");
}
static void check_readiness_probe(const struct json *probe, const struct json *spec,
                                  const struct field_path *path, struct field_errors *errors)
{
    const struct json *grace = json_get(probe, "terminationGracePeriodSeconds");
    if (!probe)
        return;
    check_probe(probe, spec, path, errors);
    if (grace)
        path_invalid(errors, AT(path, "terminationGracePeriodSeconds"), grace,
                     "must not be set for readinessProbes");
}

/* --- Lifecycle --- */

/* In the order of Go's sets, as errors list them. */
static const char *const linux_signals[] = {
    "SIGABRT",     "SIGALRM",     "SIGBUS",      "SIGCHLD",     "SIGCLD",      "SIGCONT",
    "SIGFPE",      "SIGHUP",      "SIGILL",      "SIGINT",      "SIGIO",       "SIGIOT",
    "SIGKILL",     "SIGPIPE",     "SIGPOLL",     "SIGPROF",     "SIGPWR",      "SIGQUIT",
    "SIGRTMAX",    "SIGRTMAX-1",  "SIGRTMAX-10", "SIGRTMAX-11", "SIGRTMAX-12", "SIGRTMAX-13",
    "SIGRTMAX-14", "SIGRTMAX-2",  "SIGRTMAX-3",  "SIGRTMAX-4",  "SIGRTMAX-5",  "SIGRTMAX-6",
    "SIGRTMAX-7",  "SIGRTMAX-8",  "SIGRTMAX-9",  "SIGRTMIN",    "SIGRTMIN+1",  "SIGRTMIN+10",
    "SIGRTMIN+11", "SIGRTMIN+12", "SIGRTMIN+13", "SIGRTMIN+14", "SIGRTMIN+15", "SIGRTMIN+2",
    "SIGRTMIN+3",  "SIGRTMIN+4",  "SIGRTMIN+5",  "SIGRTMIN+6",  "SIGRTMIN+7",  "SIGRTMIN+8",
    "SIGRTMIN+9",  "SIGSEGV",     "SIGSTKFLT",   "SIGSTOP",     "SIGSYS",      "SIGTERM",
    "SIGTRAP",     "SIGTSTP",     "SIGTTIN",     "SIGTTOU",     "SIGURG",      "SIGUSR1",
    "SIGUSR2",     "SIGVTALRM",   "SIGWINCH",    "SIGXCPU",     "SIGXFSZ",     NULL};
static const char *const windows_signals[] = {"SIGKILL", "SIGTERM", NULL};

static void check_stop_signal(struct slice signal, const struct json *spec,
                              const struct field_path *path, struct field_errors *errors)
{
    struct slice os = json_string(json_at(spec, "os.name"));
    if (os.size == 0)
        path_forbidden(errors, path, "may not be set for containers with empty `spec.os.name`");
    else if (slice_is(os, "windows"))
        path_check_choice(errors, path, signal, windows_signals);
    else if (slice_is(os, "linux"))
        path_check_choice(errors, path, signal, linux_signals);
}
static void check_lifecycle(const struct json *lifecycle, const struct json *spec,
                            const struct field_path *path, struct field_errors *errors)
{
    const struct json *signal = json_get(lifecycle, "stopSignal");
    if (json_get(lifecycle, "postStart"))
        check_handler(json_get(lifecycle, "postStart"), spec, AT(path, "postStart"), errors);
    if (json_get(lifecycle, "preStop"))
        check_handler(json_get(lifecycle, "preStop"), spec, AT(path, "preStop"), errors);
    if (signal)
        check_stop_signal(json_string(signal), spec, AT(path, "stopSignal"), errors);
}

void container_probes_validate(const struct json *container, const struct json *spec,
                               const struct field_path *path, struct field_errors *errors)
{
    check_lifecycle(json_get(container, "lifecycle"), spec, AT(path, "lifecycle"), errors);
    check_single_probe(json_get(container, "livenessProbe"), spec, AT(path, "livenessProbe"),
                       errors);
    check_readiness_probe(json_get(container, "readinessProbe"), spec, AT(path, "readinessProbe"),
                          errors);
    check_single_probe(json_get(container, "startupProbe"), spec, AT(path, "startupProbe"), errors);
}
