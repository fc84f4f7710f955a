/* How a container's configuration comes together:
 *   objects of its environment, pull secrets -> image -> hosts file and mounts -> done
 * Whatever fails ends it with a reason and a text of the kubelet's. */
#include "core/crypto.h"
#include "core/file.h"
#include "kubelet-lite/container_security.h"
#include "kubelet-lite/environment.h"
#include "kubelet-lite/object_set.h"
#include "kubelet-lite/pod_cgroup.h"
#include "kubelet-lite/pod_files.h"
#include "kubelet-lite/pod_setup_private.h"

struct container_operation {
    struct pod_setup *setup;
    struct preparation *preparation;
    struct pod_worker *worker;
    const struct json *pod, *container;
    struct object_set objects;
    struct image_call image;
    struct image_request request;
    bool has_image;
    struct environment environment;
    const char *pod_addresses[2];
    const char *reason;
    struct task task;
    struct status status;
};

static void free_operation(void *thing)
{
    struct container_operation *operation = thing;
    object_set_release(&operation->objects);
    if (operation->has_image)
        image_call_release(&operation->image);
    status_release(&operation->status);
    mem_free(operation);
}

static void finish_container(struct container_operation *operation)
{
    struct preparation *preparation = operation->preparation;
    struct arena *arena = &preparation->arena;
    if (!status_ok(&operation->status)) {
        preparation->reason = operation->reason;
        preparation->message = arena_copy_text(arena, operation->status.message);
    } else {
        preparation->image_id = arena_copy_text(arena, operation->image.image.digest);
    }
    /* What the configuration points at lives as long as the preparation. */
    arena_own(arena, operation, free_operation);
    preparation->done(preparation);
}

static void tell(const struct container_operation *operation, const char *type, const char *reason,
                 const char *message)
{
    struct pod_worker *worker = operation->worker;
    worker->host->event(worker->host->context, worker, operation->preparation->worker->name, type,
                        reason, message);
}

static size_t count_of(const char *const *list)
{
    size_t count = 0;
    while (list[count])
        count++;
    return count;
}

static void append(const char **words, size_t *count, const char *const *list)
{
    for (; *list; list++)
        words[(*count)++] = *list;
}

/* Command and arguments: the container's, else the image's (Entrypoint and Cmd). */
static const char *const *words_of(const struct container_operation *operation, struct arena *arena)
{
    const struct json *command = json_get(operation->container, "command");
    const struct json *arguments = json_get(operation->container, "args");
    const char *const *entrypoint = operation->image.image.entrypoint;
    const char *const *otherwise = operation->image.image.command;
    const char *const *own = environment_expand(arena, command, &operation->environment);
    const char *const *further = environment_expand(arena, arguments, &operation->environment);
    const char **words = ARENA_ARRAY(arena, const char *,
                                     count_of(own) + count_of(further) + count_of(entrypoint) +
                                         count_of(otherwise) + 1);
    size_t count = 0;
    append(words, &count, json_count(command) > 0 ? own : entrypoint);
    append(words, &count, further);
    if (json_count(command) == 0 && json_count(arguments) == 0)
        append(words, &count, otherwise);
    return words;
}

static void fill_downward(struct container_operation *operation, struct downward *downward)
{
    const struct pod_setup_options *options = &operation->setup->options;
    bool is_on_host = json_bool(json_at(operation->pod, "spec.hostNetwork"));
    const char *own = operation->worker->address;
    if (!is_on_host && own && *own)
        operation->pod_addresses[0] = own;
    *downward = (struct downward){
        .pod = operation->pod,
        .node_name = options->node_name,
        .pod_addresses = is_on_host ? options->node_addresses : operation->pod_addresses,
        .host_addresses = options->node_addresses,
        .node_cpu_millis = options->node_cpu_millis,
        .node_memory_bytes = options->node_memory_bytes,
    };
}

static const struct json *find_object(void *context, const char *resource, struct slice name)
{
    const struct container_operation *operation = context;
    struct status ignored;
    status_init(&ignored);
    const struct json *object = object_set_get(&operation->objects, resource, name, &ignored);
    status_release(&ignored);
    return object;
}

static int fill_environment(struct container_operation *operation)
{
    const struct pod_setup_options *options = &operation->setup->options;
    struct preparation *preparation = operation->preparation;
    struct downward downward;
    fill_downward(operation, &downward);
    const struct environment_request request = {
        .downward = &downward,
        .container = operation->container,
        .image = operation->image.image.environment,
        .api_host = options->api_host,
        .api_port = options->api_port,
        .find = find_object,
        .context = operation,
    };
    if (environment_make(&preparation->arena, &request, &operation->environment,
                         &operation->status))
        return -1;
    preparation->config.env = operation->environment.texts;
    return 0;
}

static void fill_streams(const struct container_operation *operation)
{
    const struct json *container = operation->container;
    struct container_config *config = &operation->preparation->config;
    config->has_tty = json_bool(json_get(container, "tty"));
    config->has_stdin = json_bool(json_get(container, "stdin"));
    config->closes_stdin_once = json_bool(json_get(container, "stdinOnce"));
    config->termination_path = json_text(json_get(container, "terminationMessagePath"));
    if (!*config->termination_path)
        config->termination_path = "/dev/termination-log";
    config->falls_back_to_log = slice_is(
        json_string(json_get(container, "terminationMessagePolicy")), "FallbackToLogsOnError");
}

static const char *stop_signal_of(const struct container_operation *operation)
{
    const char *own = json_text(json_at(operation->container, "lifecycle.stopSignal"));
    return *own ? own : operation->image.image.stop_signal;
}

static const char *target_of(const struct container_operation *operation)
{
    struct slice name = json_string(json_get(operation->container, "targetContainerName"));
    const struct container_worker *target =
        name.size > 0 ? pod_worker_container(operation->worker, name) : NULL;
    return target && container_worker_is_up(target) ? target->run.id : NULL;
}

/* All but mounts, which a thread finds. */
static int fill_container(struct container_operation *operation)
{
    const struct pod_setup *setup = operation->setup;
    struct preparation *preparation = operation->preparation;
    struct container_config *config = &preparation->config;
    struct arena *arena = &preparation->arena;
    const char *directory = json_text(json_get(operation->container, "workingDir"));
    const char *profiles = arena_format(arena, "%s/seccomp", setup->options.directory);
    operation->reason = "CreateContainerConfigError";
    if (fill_environment(operation) ||
        container_security_fill(operation->pod, operation->container, operation->image.image.user,
                                profiles, arena, config, &operation->status))
        return -1;
    config->image = json_text(json_get(operation->container, "image"));
    config->image_id = operation->image.image.id;
    config->argv = words_of(operation, arena);
    config->directory = *directory ? directory : operation->image.image.directory;
    config->stop_signal = stop_signal_of(operation);
    config->target_id = target_of(operation);
    config->log_path =
        pod_setup_log_path(setup, arena, &config->pod, config->name, config->attempt);
    container_cgroup_limits(operation->pod, operation->container, &config->limits);
    config->oom_score_adj = container_oom_score_adj(operation->pod, operation->container,
                                                    setup->options.node_memory_bytes);
    fill_streams(operation);
    if (config->argv[0])
        return 0;
    operation->reason = "CreateContainerError";
    return status_fail(&operation->status, STATUS_BAD_REQUEST, "no command specified");
}

/* --- Mounts, on a thread --- */

static int write_hosts(struct container_operation *operation, const char *path)
{
    const struct pod_setup_options *options = &operation->setup->options;
    const char *address = operation->worker->address ? operation->worker->address : "";
    bool is_on_host = json_bool(json_at(operation->pod, "spec.hostNetwork"));
    struct buffer own = {0}, text = {0};
    int failed = is_on_host ? file_read("/etc/hosts", &own, &operation->status) : 0;
    if (!failed) {
        pod_files_hosts(operation->pod, address, options->cluster_domain,
                        is_on_host ? own.data : NULL, &text);
        failed = pod_setup_write(path, &text, &operation->status);
    }
    buffer_release(&own);
    buffer_release(&text);
    return failed;
}

static bool is_taken(const struct mount *mounts, size_t count, const char *target)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(mounts[i].target, target) == 0)
            return true;
    return false;
}

static void find_mounts(struct task *task)
{
    struct container_operation *operation = CONTAINER_OF(task, struct container_operation, task);
    struct container_config *config = &operation->preparation->config;
    struct arena *arena = &operation->preparation->arena;
    const struct pod_setup *setup = operation->setup;
    const struct mount *found;
    size_t count;
    const struct mount own[] = {
        {pod_setup_file(setup, arena, operation->pod, "hosts"), "/etc/hosts", false, NULL},
        {pod_setup_file(setup, arena, operation->pod, "resolv.conf"), "/etc/resolv.conf", false,
         NULL},
        {pod_setup_file(setup, arena, operation->pod, "hostname"), "/etc/hostname", false, NULL},
    };
    if (write_hosts(operation, own[0].source) ||
        volumes_mounts(setup->options.volumes, operation->pod, operation->container,
                       &operation->environment, arena, &found, &count, &operation->status))
        return;
    struct mount *mounts = ARENA_ARRAY(arena, struct mount, count + ARRAY_SIZE(own));
    if (count > 0)
        memcpy(mounts, found, count * sizeof(*mounts));
    config->mount_count = count;
    for (size_t i = 0; i < ARRAY_SIZE(own); i++)
        if (!is_taken(found, count, own[i].target))
            mounts[config->mount_count++] = own[i];
    config->mounts = mounts;
}

static void mounts_found(struct task *task)
{
    finish_container(CONTAINER_OF(task, struct container_operation, task));
}

/* --- Image --- */

static void tell_image(const struct container_operation *operation)
{
    const struct image_call *call = &operation->image;
    struct buffer text = {0};
    if (!call->was_pulled)
        buffer_format(&text, "Container image \"%s\" already present on machine",
                      operation->request.reference);
    else
        buffer_format(&text,
                      "Successfully pulled image \"%s\" in %lld.%03llds (%lld.%03llds including "
                      "waiting). Image size: %lld bytes.",
                      operation->request.reference, (long long)(call->pull_us / 1000000),
                      (long long)(call->pull_us / 1000 % 1000),
                      (long long)(call->pull_us / 1000000),
                      (long long)(call->pull_us / 1000 % 1000), (long long)call->pull_bytes);
    tell(operation, "Normal", "Pulled", text.data);
    buffer_release(&text);
}

static void image_is_there(struct image_call *call)
{
    struct container_operation *operation = CONTAINER_OF(call, struct container_operation, image);
    if (!status_ok(&call->status)) {
        operation->reason = call->reason ? call->reason : "ErrImagePull";
        status_copy(&operation->status, &call->status);
        if (strcmp(operation->reason, "ErrImagePull") == 0)
            status_wrap(&operation->status, "Failed to pull image \"%s\"",
                        operation->request.reference);
        finish_container(operation);
        return;
    }
    tell_image(operation);
    if (fill_container(operation)) {
        finish_container(operation);
        return;
    }
    operation->task = (struct task){.work = find_mounts, .done = mounts_found};
    loop_submit(operation->setup->loop, LANE_HOST, &operation->task);
}

static void image_is_pulled(struct image_call *call)
{
    const struct container_operation *operation =
        CONTAINER_OF(call, struct container_operation, image);
    struct buffer text = {0};
    buffer_format(&text, "Pulling image \"%s\"", operation->request.reference);
    tell(operation, "Normal", "Pulling", text.data);
    buffer_release(&text);
}

static enum image_policy policy_of(const struct json *container)
{
    struct slice policy = json_string(json_get(container, "imagePullPolicy"));
    return slice_is(policy, "Always")  ? IMAGE_ALWAYS
           : slice_is(policy, "Never") ? IMAGE_NEVER
                                       : IMAGE_IF_NOT_PRESENT;
}

/* Docker configuration files; what is missing or none is passed over, as the kubelet does. */
static const char *const *secrets_of(const struct container_operation *operation)
{
    const struct json *list = json_at(operation->pod, "spec.imagePullSecrets");
    struct arena *arena = &operation->preparation->arena;
    const char **secrets = ARENA_ARRAY(arena, const char *, json_count(list) + 1);
    size_t count = 0;
    JSON_EACH(one, list) {
        struct status ignored;
        struct buffer text = {0};
        status_init(&ignored);
        const struct json *secret = object_set_get(&operation->objects, "secrets",
                                                   json_string(json_get(one, "name")), &ignored);
        const struct json *data = json_get(json_get(secret, "data"), ".dockerconfigjson");
        if (!data)
            data = json_get(json_get(secret, "data"), ".dockercfg");
        if (data && base64_decode(json_string(data), &text) == 0)
            secrets[count++] = arena_copy_slice(arena, buffer_slice(&text));
        buffer_release(&text);
        status_release(&ignored);
    }
    return secrets;
}

static void objects_are_there(struct object_set *set)
{
    struct container_operation *operation = CONTAINER_OF(set, struct container_operation, objects);
    operation->request = (struct image_request){
        .reference = json_text(json_get(operation->container, "image")),
        .policy = policy_of(operation->container),
        .secrets = secrets_of(operation),
    };
    image_call_init(&operation->image, image_is_there);
    operation->image.pulling = image_is_pulled;
    operation->has_image = true;
    image_store_ensure(operation->setup->options.images, &operation->request, &operation->image);
}

static void want_environment(struct container_operation *operation)
{
    const struct environment_need *needs;
    size_t count;
    environment_needs(&operation->preparation->arena, operation->container, &needs, &count);
    for (size_t i = 0; i < count; i++)
        object_set_want(&operation->objects, needs[i].resource, needs[i].name);
}

void pod_setup_prepare_container(void *context, struct preparation *preparation)
{
    struct pod_setup *setup = context;
    struct pod_worker *worker = preparation->worker->pod;
    struct container_operation *operation = mem_alloc(sizeof(*operation));
    operation->setup = setup;
    operation->preparation = preparation;
    operation->worker = worker;
    operation->pod = worker->pod;
    operation->container = preparation->worker->spec;
    status_init(&operation->status);
    object_set_init(&operation->objects, setup->loop, setup->options.client, worker->namespace,
                    pod_setup_file(setup, &preparation->arena, worker->pod, "objects"));
    want_environment(operation);
    JSON_EACH(secret, json_at(worker->pod, "spec.imagePullSecrets"))
        object_set_want(&operation->objects, "secrets", json_string(json_get(secret, "name")));
    object_set_fetch(&operation->objects, objects_are_there);
}
