#include "kubelet-lite/node_facts.h"

#include <ctype.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/file.h"

/* --- Files --- */

/* The first so many bytes of a file; "" when there is none. */
static struct slice read_text(struct arena *arena, const char *root, const char *path)
{
    struct buffer bytes = {0};
    struct status status;
    struct slice text = SLICE("");
    status_init(&status);
    if (file_read(arena_format(arena, "%s%s", root, path), &bytes, &status) == 0)
        text = (struct slice){arena_copy_slice(arena, buffer_slice(&bytes)), bytes.size};
    buffer_release(&bytes);
    status_release(&status);
    return text;
}

static const char *read_line(struct arena *arena, const char *root, const char *path)
{
    struct slice rest = read_text(arena, root, path), line = SLICE("");
    slice_split(&rest, '\n', &line);
    return arena_copy_slice(arena, slice_trim(line));
}

/* The value behind "KEY" and separators in a file of lines. */
static struct slice find_value(struct slice text, const char *key)
{
    struct slice rest = text, line;
    while (slice_split(&rest, '\n', &line)) {
        if (!slice_starts_with(line, slice_of(key)))
            continue;
        return slice_trim(slice_sub(line, strlen(key), line.size));
    }
    return SLICE("");
}

static int64_t kibibytes(struct slice meminfo, const char *key)
{
    struct slice value = find_value(meminfo, key), number = SLICE("");
    int64_t amount = 0;
    slice_split(&value, ' ', &number);
    return slice_to_int64(number, &amount) ? amount * 1024 : 0;
}

static int64_t read_number(struct arena *arena, const char *root, const char *path)
{
    int64_t number = 0;
    return slice_to_int64(slice_of(read_line(arena, root, path)), &number) ? number : 0;
}

static const char *pretty_name(struct arena *arena, const char *root)
{
    struct slice value = find_value(read_text(arena, root, "/etc/os-release"), "PRETTY_NAME=");
    if (value.size >= 2 && value.data[0] == '"')
        value = slice_sub(value, 1, value.size - 1);
    return arena_copy_slice(arena, value);
}

static const char *go_architecture(const char *machine)
{
    return strcmp(machine, "x86_64") == 0    ? "amd64"
           : strcmp(machine, "aarch64") == 0 ? "arm64"
                                             : machine;
}

/* --- What does not change --- */

void node_facts_read(struct node_facts *facts, struct arena *arena, const char *root,
                     const char *folder)
{
    struct utsname system = {0};
    struct statvfs disk = {0};
    char host[256] = "";
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    uname(&system);
    (void)gethostname(host, sizeof(host) - 1);
    (void)statvfs(folder, &disk);
    *facts = (struct node_facts){
        .cpu_millis = (count > 0 ? count : 1) * 1000,
        .memory_bytes = kibibytes(read_text(arena, root, "/proc/meminfo"), "MemTotal:"),
        .storage_bytes = (int64_t)(disk.f_blocks * disk.f_frsize),
        .pids_max = read_number(arena, root, "/proc/sys/kernel/pid_max"),
        .architecture = go_architecture(arena_copy_text(arena, system.machine)),
        .kernel_version = arena_copy_text(arena, system.release),
        .os_image = pretty_name(arena, root),
        .machine_id = read_line(arena, root, "/etc/machine-id"),
        .system_uuid = read_line(arena, root, "/sys/class/dmi/id/product_uuid"),
        .boot_id = read_line(arena, root, "/proc/sys/kernel/random/boot_id"),
        .hostname = arena_copy_text(arena, host),
    };
}

/* "Box_1.Example" -> "box-1.example" */
const char *node_facts_name(const struct node_facts *facts, struct arena *arena)
{
    char *name = arena_copy_text(arena, facts->hostname);
    for (char *c = name; *c; c++)
        *c = isalnum((unsigned char)*c) || *c == '.' ? (char)tolower((unsigned char)*c) : '-';
    return *name ? name : "localhost";
}

static void set_bytes(struct arena *arena, struct json *list, const char *name, int64_t bytes)
{
    json_set_text(arena, list, name, arena_format(arena, "%lldKi", (long long)(bytes / 1024)));
}

static struct json *resources(struct arena *arena, int64_t cpu_millis, int64_t memory,
                              int64_t storage, int64_t pods_max)
{
    struct json *list = json_new_object(arena);
    json_set_text(arena, list, "cpu", arena_format(arena, "%lld", (long long)cpu_millis / 1000));
    set_bytes(arena, list, "ephemeral-storage", storage);
    set_bytes(arena, list, "memory", memory);
    json_set_text(arena, list, "pods", arena_format(arena, "%lld", (long long)pods_max));
    return list;
}

struct json *node_facts_capacity(struct arena *arena, const struct node_facts *facts,
                                 int64_t pods_max)
{
    return resources(arena, facts->cpu_millis, facts->memory_bytes, facts->storage_bytes, pods_max);
}

struct json *node_facts_allocatable(struct arena *arena, const struct node_facts *facts,
                                    int64_t pods_max)
{
    int64_t memory = facts->memory_bytes - NODE_MEMORY_THRESHOLD_BYTES;
    return resources(arena, facts->cpu_millis, memory < 0 ? 0 : memory,
                     facts->storage_bytes - facts->storage_bytes / 10, pods_max);
}

/* --- What is in use --- */

void node_use_read(struct node_use *use, const char *root, const char *folder)
{
    struct arena arena;
    struct statvfs disk = {0};
    arena_init(&arena);
    (void)statvfs(folder, &disk);
    struct slice load = slice_of(read_line(&arena, root, "/proc/loadavg")), part = SLICE("");
    for (int i = 0; i < 4; i++) /* "0.20 0.18 0.12 1/80 11206": running/existing. */
        slice_split(&load, ' ', &part);
    int64_t tasks = 0;
    struct slice running;
    if (slice_split(&part, '/', &running))
        (void)slice_to_int64(part, &tasks);
    *use = (struct node_use){
        .memory_free_bytes = kibibytes(read_text(&arena, root, "/proc/meminfo"), "MemAvailable:"),
        .storage_free_bytes = (int64_t)(disk.f_bavail * disk.f_frsize),
        .storage_bytes = (int64_t)(disk.f_blocks * disk.f_frsize),
        .inodes_free = (int64_t)disk.f_favail,
        .inodes = (int64_t)disk.f_files,
        .pids_used = tasks,
    };
    arena_release(&arena);
}
