/* Records: what an agent must know of what another one before it has started. */
#include <stdio.h>

#include "core/file.h"
#include "kubelet-lite/crun.h"

const char *crun_path(struct arena *arena, const char *folder, const char *name)
{
    return arena_format(arena, "%s/%s", folder, name);
}

void crun_make_id(struct crun *crun, char id[CRUN_ID_SIZE])
{
    struct random *random = loop_random(crun->runtime.loop);
    for (int i = 0; i < 4; i++)
        snprintf(id + (size_t)i * 16, 17, "%016llx", (unsigned long long)random_u64(random));
}

static char *join(const char *folder, const char *name)
{
    struct buffer path = {0};
    buffer_format(&path, "%s/%s", folder, name);
    return buffer_take(&path);
}

struct crun_sandbox *crun_sandbox_new(struct crun *crun, const char *id)
{
    struct crun_sandbox *sandbox = mem_alloc(sizeof(*sandbox));
    sandbox->crun = crun;
    sandbox->id = mem_copy_text(id);
    sandbox->folder = join(crun->sandboxes_folder, id);
    list_init(&sandbox->link);
    return sandbox;
}

void crun_sandbox_free(struct crun_sandbox *sandbox)
{
    list_remove(&sandbox->link);
    mem_free(sandbox->id);
    mem_free(sandbox->folder);
    mem_free(sandbox->pod_uid);
    mem_free(sandbox->pod_name);
    mem_free(sandbox->pod_namespace);
    mem_free(sandbox->cgroup);
    mem_free(sandbox->ports);
    mem_free(sandbox->port_addresses);
    mem_free(sandbox);
}

struct crun_container *crun_container_new(struct crun *crun, const char *id)
{
    struct crun_container *container = mem_alloc(sizeof(*container));
    container->crun = crun;
    container->id = mem_copy_text(id);
    container->folder = join(crun->containers_folder, id);
    timer_init(&container->kill_timer, crun->runtime.loop, crun_grace_over);
    list_init(&container->link);
    return container;
}

void crun_container_free(struct crun_container *container)
{
    list_remove(&container->link);
    timer_stop(&container->kill_timer);
    pid_watch_close(container->process);
    pid_watch_close(container->conmon);
    mem_free(container->id);
    mem_free(container->folder);
    mem_free(container->sandbox_id);
    mem_free(container->pod_uid);
    mem_free(container->name);
    mem_free(container->log_path);
    mem_free(container->cgroup);
    mem_free(container->stop_signal);
    mem_free(container->message);
    mem_free(container);
}

struct crun_sandbox *crun_find_sandbox(const struct crun *crun, const char *id)
{
    LIST_EACH(link, &crun->sandboxes) {
        struct crun_sandbox *sandbox = CONTAINER_OF(link, struct crun_sandbox, link);
        if (strcmp(sandbox->id, id) == 0)
            return sandbox;
    }
    return NULL;
}

struct crun_container *crun_find_container(const struct crun *crun, const char *id)
{
    LIST_EACH(link, &crun->containers) {
        struct crun_container *container = CONTAINER_OF(link, struct crun_container, link);
        if (strcmp(container->id, id) == 0)
            return container;
    }
    return NULL;
}

/* --- Writing --- */

static int save(struct arena *arena, const char *folder, const struct json *record,
                struct status *status)
{
    struct buffer text = {0};
    json_print(record, &text);
    int failed =
        file_write(crun_path(arena, folder, "record.json"), 0600, buffer_slice(&text), status);
    buffer_release(&text);
    return failed;
}

static struct json *ports_of(struct arena *arena, const struct crun_sandbox *sandbox)
{
    struct json *ports = json_new_array(arena);
    for (size_t i = 0; i < sandbox->port_count; i++) {
        struct json *port = json_new_object(arena);
        json_set_int(arena, port, "host", sandbox->ports[i].host_port);
        json_set_int(arena, port, "container", sandbox->ports[i].container_port);
        json_set_int(arena, port, "protocol", sandbox->ports[i].protocol);
        json_set_text(arena, port, "address", sandbox->port_addresses[i]);
        json_append(ports, port);
    }
    return ports;
}

int crun_sandbox_save(const struct crun_sandbox *sandbox, struct status *status)
{
    struct arena arena;
    arena_init(&arena);
    struct json *record = json_new_object(&arena);
    json_set_text(&arena, record, "uid", sandbox->pod_uid);
    json_set_text(&arena, record, "name", sandbox->pod_name);
    json_set_text(&arena, record, "namespace", sandbox->pod_namespace);
    json_set_text(&arena, record, "cgroup", sandbox->cgroup);
    json_set_int(&arena, record, "address", sandbox->address);
    json_set_bool(&arena, record, "hostNetwork", sandbox->uses_host_network);
    json_set_bool(&arena, record, "hostPID", sandbox->uses_host_pid);
    json_set_bool(&arena, record, "hostIPC", sandbox->uses_host_ipc);
    json_set_bool(&arena, record, "sharesPIDs", sandbox->shares_pids);
    json_set_bool(&arena, record, "isReady", sandbox->is_ready);
    json_set(&arena, record, "ports", ports_of(&arena, sandbox));
    int failed = save(&arena, sandbox->folder, record, status);
    arena_release(&arena);
    return failed;
}

int crun_container_save(const struct crun_container *container, struct status *status)
{
    struct arena arena;
    arena_init(&arena);
    struct json *record = json_new_object(&arena);
    json_set_text(&arena, record, "sandbox", container->sandbox_id);
    json_set_text(&arena, record, "uid", container->pod_uid);
    json_set_text(&arena, record, "name", container->name);
    json_set_text(&arena, record, "log", container->log_path);
    json_set_text(&arena, record, "cgroup", container->cgroup);
    json_set_text(&arena, record, "stopSignal", container->stop_signal);
    json_set_int(&arena, record, "attempt", container->attempt);
    json_set_bool(&arena, record, "fallsBackToLog", container->falls_back_to_log);
    json_set_bool(&arena, record, "tty", container->has_tty);
    json_set_bool(&arena, record, "sharesPIDs", container->shares_pids);
    json_set_int(&arena, record, "state", (int64_t)container->state);
    json_set_int(&arena, record, "created", container->created_us);
    json_set_int(&arena, record, "started", container->started_us);
    json_set_int(&arena, record, "finished", container->finished_us);
    json_set_int(&arena, record, "exitCode", container->exit_code);
    json_set_bool(&arena, record, "oom", container->was_killed_for_memory);
    json_set_text(&arena, record, "message", container->message ? container->message : "");
    json_set_int(&arena, record, "pid", container->pid);
    json_set_int(&arena, record, "pidStarted", (int64_t)container->pid_started);
    json_set_int(&arena, record, "conmon", container->conmon_pid);
    json_set_int(&arena, record, "conmonStarted", (int64_t)container->conmon_started);
    int failed = save(&arena, container->folder, record, status);
    arena_release(&arena);
    return failed;
}

/* --- Reading --- */

static char *text_of(const struct json *record, const char *key)
{
    return mem_copy_text(json_text(json_get(record, key)));
}

static int64_t number_of(const struct json *record, const char *key)
{
    int64_t value = 0;
    json_to_int64(json_get(record, key), &value);
    return value;
}

static bool flag_of(const struct json *record, const char *key)
{
    return json_bool(json_get(record, key));
}

static struct json *read_record(struct arena *arena, const char *folder)
{
    struct buffer text = {0};
    struct status status;
    struct json *record = NULL;
    status_init(&status);
    if (file_read(crun_path(arena, folder, "record.json"), &text, &status) == 0)
        record = json_parse(arena, buffer_slice(&text), NULL, &status);
    buffer_release(&text);
    status_release(&status);
    return record;
}

static void read_ports(struct crun_sandbox *sandbox, const struct json *ports)
{
    size_t count = json_count(ports), i = 0;
    sandbox->ports = mem_alloc((count + 1) * sizeof(*sandbox->ports));
    sandbox->port_addresses = mem_alloc((count + 1) * sizeof(*sandbox->port_addresses));
    sandbox->port_count = count;
    JSON_EACH(port, ports) {
        snprintf(sandbox->port_addresses[i], ADDRESS_TEXT_SIZE, "%s",
                 json_text(json_get(port, "address")));
        sandbox->ports[i] = (struct port_mapping){
            .host_port = (uint16_t)number_of(port, "host"),
            .container_port = (uint16_t)number_of(port, "container"),
            .protocol = (char)number_of(port, "protocol"),
            .host_ip = sandbox->port_addresses[i],
        };
        i++;
    }
}

static void read_sandbox(struct crun_sandbox *sandbox, const struct json *record)
{
    sandbox->pod_uid = text_of(record, "uid");
    sandbox->pod_name = text_of(record, "name");
    sandbox->pod_namespace = text_of(record, "namespace");
    sandbox->cgroup = text_of(record, "cgroup");
    sandbox->address = (uint32_t)number_of(record, "address");
    if (sandbox->address)
        ipv4_print(sandbox->address, sandbox->address_text);
    sandbox->uses_host_network = flag_of(record, "hostNetwork");
    sandbox->uses_host_pid = flag_of(record, "hostPID");
    sandbox->uses_host_ipc = flag_of(record, "hostIPC");
    sandbox->shares_pids = flag_of(record, "sharesPIDs");
    sandbox->is_ready = flag_of(record, "isReady");
    read_ports(sandbox, json_get(record, "ports"));
}

struct crun_sandbox *crun_sandbox_load(struct crun *crun, const char *id)
{
    struct crun_sandbox *sandbox = crun_sandbox_new(crun, id);
    struct arena arena;
    arena_init(&arena);
    const struct json *record = read_record(&arena, sandbox->folder);
    if (record)
        read_sandbox(sandbox, record);
    arena_release(&arena);
    if (record)
        return sandbox;
    crun_sandbox_free(sandbox);
    return NULL;
}

static void read_container(struct crun_container *container, const struct json *record)
{
    container->sandbox_id = text_of(record, "sandbox");
    container->pod_uid = text_of(record, "uid");
    container->name = text_of(record, "name");
    container->log_path = text_of(record, "log");
    container->cgroup = text_of(record, "cgroup");
    container->stop_signal = text_of(record, "stopSignal");
    container->message = text_of(record, "message");
    container->attempt = number_of(record, "attempt");
    container->falls_back_to_log = flag_of(record, "fallsBackToLog");
    container->has_tty = flag_of(record, "tty");
    container->shares_pids = flag_of(record, "sharesPIDs");
    container->state = (enum run_state)number_of(record, "state");
    container->created_us = number_of(record, "created");
    container->started_us = number_of(record, "started");
    container->finished_us = number_of(record, "finished");
    container->exit_code = number_of(record, "exitCode");
    container->was_killed_for_memory = flag_of(record, "oom");
    container->pid = (pid_t)number_of(record, "pid");
    container->pid_started = (uint64_t)number_of(record, "pidStarted");
    container->conmon_pid = (pid_t)number_of(record, "conmon");
    container->conmon_started = (uint64_t)number_of(record, "conmonStarted");
}

struct crun_container *crun_container_load(struct crun *crun, const char *id)
{
    struct crun_container *container = crun_container_new(crun, id);
    struct arena arena;
    arena_init(&arena);
    const struct json *record = read_record(&arena, container->folder);
    if (record)
        read_container(container, record);
    arena_release(&arena);
    if (record)
        return container;
    crun_container_free(container);
    return NULL;
}
