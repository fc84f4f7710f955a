/* Defaults are those of containerd's CRI (oci.WithDefaultSpec and its security options). */
#include "kubelet-lite/oci_config.h"

#include "kubelet-lite/capabilities.h"
#include "kubelet-lite/seccomp_profile.h"

static struct json *texts(struct arena *arena, const char *const *list)
{
    struct json *array = json_new_array(arena);
    for (; list && *list; list++)
        json_append(array, json_new_text(arena, *list));
    return array;
}

/* "a b c" */
static struct json *words(struct arena *arena, const char *text)
{
    struct json *array = json_new_array(arena);
    struct slice rest = slice_of(text), word;
    while (slice_split(&rest, ' ', &word))
        json_append(array, json_new_string(arena, word));
    return array;
}

/* --- Process --- */

static struct json *user_of(struct arena *arena, const struct container_config *config)
{
    struct json *user = json_new_object(arena), *groups = json_new_array(arena);
    json_set_int(arena, user, "uid", config->uid);
    json_set_int(arena, user, "gid", config->gid);
    for (size_t i = 0; i < config->group_count; i++)
        json_append(groups, json_new_int(arena, config->groups[i]));
    if (config->group_count > 0)
        json_set(arena, user, "additionalGids", groups);
    return user;
}

/* A user other than root has none at hand, and may get those that a program file grants. */
static struct json *capabilities_for(struct arena *arena, const char *const *list, bool is_root)
{
    static const char *const none[] = {NULL};
    struct json *sets = json_new_object(arena);
    json_set(arena, sets, "bounding", texts(arena, list));
    json_set(arena, sets, "effective", texts(arena, is_root ? list : none));
    json_set(arena, sets, "permitted", texts(arena, is_root ? list : none));
    json_set(arena, sets, "inheritable", texts(arena, none));
    return sets;
}

/* An image need not say where its programs are. */
static struct json *environment_of(struct arena *arena, const char *const *list)
{
    struct json *array = json_new_array(arena);
    bool has_path = false;
    for (; list && *list; list++) {
        has_path |= slice_starts_with(slice_of(*list), SLICE("PATH="));
        json_append(array, json_new_text(arena, *list));
    }
    if (!has_path)
        json_append(array, json_new_text(arena, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
                                                "/usr/bin:/sbin:/bin"));
    return array;
}

static struct json *process_of(struct arena *arena, const struct container_config *config,
                               const char *const *capabilities)
{
    struct json *process = json_new_object(arena);
    bool has_directory = config->directory && *config->directory;
    json_set_bool(arena, process, "terminal", config->has_tty);
    json_set(arena, process, "user", user_of(arena, config));
    json_set(arena, process, "args", texts(arena, config->argv));
    json_set(arena, process, "env", environment_of(arena, config->env));
    json_set_text(arena, process, "cwd", has_directory ? config->directory : "/");
    json_set(arena, process, "capabilities",
             capabilities_for(arena, capabilities, config->uid == 0));
    json_set_bool(arena, process, "noNewPrivileges", !config->may_gain_privileges);
    json_set_int(arena, process, "oomScoreAdj", config->oom_score_adj);
    return process;
}

struct json *oci_exec_process(struct arena *arena, const struct json *config,
                              const char *const *argv, bool has_tty)
{
    struct json *process = json_copy(arena, json_get(config, "process"));
    struct json *environment = json_get(process, "env");
    bool has_term = false;
    JSON_EACH(variable, environment)
        has_term |= slice_starts_with(json_string(variable), SLICE("TERM="));
    if (has_tty && !has_term)
        json_append(environment, json_new_text(arena, "TERM=xterm"));
    json_set_bool(arena, process, "terminal", has_tty);
    json_set(arena, process, "args", texts(arena, argv));
    json_remove(process, "oomScoreAdj");
    return process;
}

/* --- Mounts --- */

static void add_mount(struct arena *arena, struct json *mounts, const char *target,
                      const char *type, const char *source, const char *options)
{
    struct json *entry = json_new_object(arena);
    json_set_text(arena, entry, "destination", target);
    json_set_text(arena, entry, "type", type);
    json_set_text(arena, entry, "source", source);
    json_set(arena, entry, "options", words(arena, options));
    json_append(mounts, entry);
}

static void add_bind(struct arena *arena, struct json *mounts, const struct mount *mount)
{
    bool is_passed_on = mount->propagation && mount->propagation[0] == 'r';
    const char *options =
        arena_format(arena, "rbind %s %s", is_passed_on ? mount->propagation : "rprivate",
                     mount->is_read_only ? "ro" : "rw");
    add_mount(arena, mounts, mount->target, "bind", mount->source, options);
}

static bool is_mounted(const struct container_config *config, const char *target)
{
    for (size_t i = 0; i < config->mount_count; i++)
        if (strcmp(config->mounts[i].target, target) == 0)
            return true;
    return false;
}

static void add_system_mounts(struct arena *arena, struct json *mounts,
                              const struct container_config *config,
                              const struct oci_places *places)
{
    const char *access = config->is_privileged ? "rw" : "ro";
    add_mount(arena, mounts, "/proc", "proc", "proc", "nosuid noexec nodev");
    add_mount(arena, mounts, "/dev", "tmpfs", "tmpfs", "nosuid strictatime mode=755 size=65536k");
    add_mount(arena, mounts, "/dev/pts", "devpts", "devpts",
              "nosuid noexec newinstance ptmxmode=0666 mode=0620 gid=5");
    add_mount(arena, mounts, "/dev/mqueue", "mqueue", "mqueue", "nosuid noexec nodev");
    add_mount(arena, mounts, "/sys", "sysfs", "sysfs",
              arena_format(arena, "nosuid noexec nodev %s", access));
    if (places->has_cgroup_view)
        add_mount(arena, mounts, "/sys/fs/cgroup", "cgroup", "cgroup",
                  arena_format(arena, "nosuid noexec nodev relatime %s", access));
    if (places->shm && !is_mounted(config, "/dev/shm"))
        add_bind(arena, mounts, &(struct mount){.source = places->shm, .target = "/dev/shm"});
}

static size_t depth_of(const char *path)
{
    size_t depth = 0;
    for (; *path; path++)
        depth += *path == '/' && path[1] != '\0' && path[1] != '/';
    return depth;
}

/* Those above before those below, whatever order they were named in. */
static struct json *mounts_of(struct arena *arena, const struct container_config *config,
                              const struct oci_places *places)
{
    struct json *mounts = json_new_array(arena);
    size_t added = 0;
    add_system_mounts(arena, mounts, config, places);
    for (size_t depth = 0; added < config->mount_count; depth++)
        for (size_t i = 0; i < config->mount_count; i++)
            if (depth_of(config->mounts[i].target) == depth) {
                add_bind(arena, mounts, &config->mounts[i]);
                added++;
            }
    if (places->termination_file && config->termination_path)
        add_bind(arena, mounts,
                 &(struct mount){places->termination_file, config->termination_path, false, NULL});
    return mounts;
}

/* --- Linux --- */

static void add_namespace(struct arena *arena, struct json *namespaces, const char *type,
                          const char *path)
{
    struct json *entry = json_new_object(arena);
    json_set_text(arena, entry, "type", type);
    if (path)
        json_set_text(arena, entry, "path", path);
    json_append(namespaces, entry);
}

static struct json *namespaces_of(struct arena *arena, const struct oci_places *places)
{
    struct json *namespaces = json_new_array(arena);
    add_namespace(arena, namespaces, "mount", NULL);
    if (places->cgroup_path)
        add_namespace(arena, namespaces, "cgroup", NULL);
    if (!places->uses_host_pid)
        add_namespace(arena, namespaces, "pid", places->pid_namespace);
    if (places->network_namespace)
        add_namespace(arena, namespaces, "network", places->network_namespace);
    if (places->ipc_namespace)
        add_namespace(arena, namespaces, "ipc", places->ipc_namespace);
    if (places->uts_namespace)
        add_namespace(arena, namespaces, "uts", places->uts_namespace);
    return namespaces;
}

static struct json *device_entry(struct arena *arena, const struct device *device)
{
    struct json *entry = json_new_object(arena);
    json_set_text(arena, entry, "type", device->type == 'b' ? "b" : "c");
    json_set_int(arena, entry, "major", device->major);
    json_set_int(arena, entry, "minor", device->minor);
    return entry;
}

static void add_device(struct arena *arena, struct json *devices, const struct device *device)
{
    struct json *entry = device_entry(arena, device);
    json_set_text(arena, entry, "path", device->path);
    json_set_int(arena, entry, "fileMode", 0666);
    json_append(devices, entry);
}

static struct json *devices_of(struct arena *arena, const struct container_config *config,
                               const struct oci_places *places)
{
    struct json *devices = json_new_array(arena);
    for (size_t i = 0; i < places->host_device_count; i++)
        add_device(arena, devices, &places->host_devices[i]);
    for (size_t i = 0; i < config->device_count; i++)
        add_device(arena, devices, &config->devices[i]);
    return devices;
}

static struct json *device_rules(struct arena *arena, const struct container_config *config)
{
    struct json *rules = json_new_array(arena), *first = json_new_object(arena);
    json_set_bool(arena, first, "allow", config->is_privileged);
    json_set_text(arena, first, "access", "rwm");
    json_append(rules, first);
    for (size_t i = 0; i < config->device_count && !config->is_privileged; i++) {
        const struct device *device = &config->devices[i];
        struct json *rule = device_entry(arena, device);
        json_set_bool(arena, rule, "allow", true);
        json_set_text(arena, rule, "access", device->access ? device->access : "rwm");
        json_append(rules, rule);
    }
    return rules;
}

static struct json *resources_of(struct arena *arena, const struct container_config *config)
{
    const struct cgroup_limits *limits = &config->limits;
    struct json *resources = json_new_object(arena);
    json_set(arena, resources, "devices", device_rules(arena, config));
    if (limits->memory_bytes > 0)
        json_set_int(arena, json_ensure_object(arena, resources, "memory"), "limit",
                     limits->memory_bytes);
    if (limits->cpu_shares > 0)
        json_set_int(arena, json_ensure_object(arena, resources, "cpu"), "shares",
                     limits->cpu_shares);
    if (limits->cpu_quota_us > 0) {
        struct json *cpu = json_ensure_object(arena, resources, "cpu");
        json_set_int(arena, cpu, "quota", limits->cpu_quota_us);
        json_set_int(arena, cpu, "period", 100000);
    }
    if (limits->pids > 0)
        json_set_int(arena, json_ensure_object(arena, resources, "pids"), "limit", limits->pids);
    return resources;
}

static void add_hidden_paths(struct arena *arena, struct json *linux_part)
{
    json_set(arena, linux_part, "maskedPaths",
             words(arena, "/proc/asound /proc/acpi /proc/kcore /proc/keys /proc/latency_stats "
                          "/proc/timer_list /proc/timer_stats /proc/sched_debug /proc/scsi "
                          "/proc/interrupts /sys/firmware /sys/devices/virtual/powercap"));
    json_set(arena, linux_part, "readonlyPaths",
             words(arena, "/proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger"));
}

static struct json *seccomp_of(struct arena *arena, const struct container_config *config,
                               const struct oci_places *places, const char *const *capabilities,
                               struct status *status)
{
    if (strcmp(config->seccomp, "default") == 0)
        return seccomp_default_profile(arena, capabilities);
    struct json *profile = places->seccomp_profile
                               ? json_parse(arena, slice_of(places->seccomp_profile), NULL, status)
                               : NULL;
    if (!profile || !json_is(profile, JSON_OBJECT)) {
        status_clear(status);
        status_fail(status, STATUS_BAD_REQUEST, "cannot load seccomp profile \"%s\"",
                    config->seccomp);
        return NULL;
    }
    return profile;
}

static int fill_linux(struct arena *arena, struct json *linux_part,
                      const struct container_config *config, const struct oci_places *places,
                      const char *const *capabilities, struct status *status)
{
    json_set(arena, linux_part, "namespaces", namespaces_of(arena, places));
    json_set(arena, linux_part, "devices", devices_of(arena, config, places));
    if (places->cgroup_path) {
        json_set_text(arena, linux_part, "cgroupsPath", places->cgroup_path);
        json_set(arena, linux_part, "resources", resources_of(arena, config));
    }
    if (!config->is_privileged && !config->has_unmasked_proc)
        add_hidden_paths(arena, linux_part);
    if (!config->seccomp || config->is_privileged)
        return 0;
    struct json *profile = seccomp_of(arena, config, places, capabilities, status);
    if (profile)
        json_set(arena, linux_part, "seccomp", profile);
    return profile ? 0 : -1;
}

struct json *oci_config(struct arena *arena, const struct container_config *config,
                        const struct oci_places *places, struct status *status)
{
    struct json *whole = json_new_object(arena);
    const char *const *capabilities =
        capabilities_limit(arena, config->capabilities, places->capabilities);
    json_set_text(arena, whole, "ociVersion", "1.0.2");
    json_set(arena, whole, "process", process_of(arena, config, capabilities));
    struct json *root = json_ensure_object(arena, whole, "root");
    json_set_text(arena, root, "path", places->rootfs);
    json_set_bool(arena, root, "readonly", config->has_read_only_root);
    json_set(arena, whole, "mounts", mounts_of(arena, config, places));
    struct json *linux_part = json_ensure_object(arena, whole, "linux");
    return fill_linux(arena, linux_part, config, places, capabilities, status) ? NULL : whole;
}
