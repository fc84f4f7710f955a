#include "kubelet-lite/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kubelet-lite/pod_cgroup.h"

#define PERIOD_US 100000
#define UNLIMITED_V1 (INT64_C(1) << 60) /* Above it version 1 says that nothing is limited. */

enum { PATH_SIZE = 512, VALUE_SIZE = 8192 };

/* --- What the machine has --- */

static void add_hierarchy(struct cgroups *cgroups, struct slice folder, struct slice controllers)
{
    struct cgroup_hierarchy *hierarchy = &cgroups->hierarchies[cgroups->count];
    if (cgroups->count == CGROUP_HIERARCHIES_MAX)
        return;
    snprintf(hierarchy->folder, sizeof hierarchy->folder, SLICE_FORMAT, SLICE_ARGS(folder));
    snprintf(hierarchy->controllers, sizeof hierarchy->controllers, "," SLICE_FORMAT ",",
             SLICE_ARGS(controllers));
    cgroups->count++;
}

/* "cpu io memory\n" to "cpu,io,memory" */
static struct slice listed(struct slice controllers, char text[128])
{
    size_t size = 0;
    for (size_t i = 0; i < controllers.size && size < 127; i++)
        if (controllers.data[i] != '\n')
            text[size++] = controllers.data[i] == ' ' ? ',' : controllers.data[i];
    return (struct slice){text, size};
}

void cgroups_parse(struct cgroups *cgroups, struct slice mounts, struct slice controllers)
{
    struct slice line;
    struct slice unified = {0};
    char text[128];
    *cgroups = (struct cgroups){0};
    while (slice_split(&mounts, '\n', &line)) {
        struct slice device, folder, type, options;
        if (!slice_split(&line, ' ', &device) || !slice_split(&line, ' ', &folder) ||
            !slice_split(&line, ' ', &type) || !slice_split(&line, ' ', &options))
            continue;
        if (slice_is(type, "cgroup"))
            add_hierarchy(cgroups, folder, options);
        else if (slice_is(type, "cgroup2"))
            unified = folder;
    }
    if (cgroups->count > 0) {
        cgroups->version = CGROUP_V1;
        cgroups->is_mixed = unified.size > 0 && slice_trim(listed(controllers, text)).size > 0;
    } else if (unified.size > 0) {
        cgroups->version = CGROUP_V2;
        add_hierarchy(cgroups, unified, listed(controllers, text));
    } else {
        snprintf(cgroups->why, sizeof cgroups->why, "no cgroup file system is mounted");
    }
}

static size_t read_small(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = 0;
    size_t total = 0;
    while (fd >= 0 && total + 1 < size && (got = read(fd, text + total, size - 1 - total)) > 0)
        total += (size_t)got;
    if (fd >= 0)
        close(fd);
    text[total] = '\0';
    return total;
}

void cgroups_detect(struct cgroups *cgroups)
{
    static const char *const places[] = {"/sys/fs/cgroup/cgroup.controllers",
                                         "/sys/fs/cgroup/unified/cgroup.controllers"};
    char mounts[4 * VALUE_SIZE], controllers[256];
    size_t size = read_small("/proc/self/mounts", mounts, sizeof mounts);
    size_t controllers_size = 0;
    for (size_t i = 0; i < ARRAY_SIZE(places) && controllers_size == 0; i++)
        controllers_size = read_small(places[i], controllers, sizeof controllers);
    cgroups_parse(cgroups, (struct slice){mounts, size},
                  (struct slice){controllers, controllers_size});
    for (size_t i = 0; i < cgroups->count; i++)
        if (access(cgroups->hierarchies[i].folder, W_OK) != 0) {
            snprintf(cgroups->why, sizeof cgroups->why, "%s: %s", cgroups->hierarchies[i].folder,
                     strerror(errno));
            cgroups->version = CGROUP_NONE;
        }
}

static const struct cgroup_hierarchy *hierarchy_of(const struct cgroups *cgroups,
                                                   const char *controller)
{
    char wanted[40];
    snprintf(wanted, sizeof wanted, ",%s,", controller);
    for (size_t i = 0; cgroups->version != CGROUP_NONE && i < cgroups->count; i++)
        if (strstr(cgroups->hierarchies[i].controllers, wanted))
            return &cgroups->hierarchies[i];
    return NULL;
}

bool cgroups_has(const struct cgroups *cgroups, const char *controller)
{
    return hierarchy_of(cgroups, controller) != NULL;
}

/* --- Single files --- */

struct group {
    const struct cgroups *cgroups;
    const char *path;
};

static const char *file_of(const struct group *group, const char *controller, const char *file,
                           char path[PATH_SIZE])
{
    const struct cgroup_hierarchy *hierarchy = hierarchy_of(group->cgroups, controller);
    if (!hierarchy)
        return NULL;
    snprintf(path, PATH_SIZE, "%s%s/%s", hierarchy->folder, group->path, file);
    return path;
}

static bool read_file(const struct group *group, const char *controller, const char *file,
                      char value[VALUE_SIZE])
{
    char path[PATH_SIZE];
    value[0] = '\0';
    return file_of(group, controller, file, path) && read_small(path, value, VALUE_SIZE) > 0;
}

static int write_file(const struct group *group, const char *controller, const char *file,
                      const char *value, struct status *status)
{
    char path[PATH_SIZE];
    if (!file_of(group, controller, file, path))
        return 0; /* The machine has no such controller: cgroups_has() tells. */
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    bool is_good = fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value);
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (is_good)
        return 0;
    return status_fail(status, error == EBUSY ? STATUS_CONFLICT : STATUS_INTERNAL_ERROR,
                       "write %s to %s: %s", value, path, strerror(error));
}

static int write_number(const struct group *group, const char *controller, const char *file,
                        int64_t value, struct status *status)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)value);
    return write_file(group, controller, file, text, status);
}

static int64_t read_number(const struct group *group, const char *controller, const char *file,
                           int64_t otherwise)
{
    char value[VALUE_SIZE];
    if (!read_file(group, controller, file, value) || strncmp(value, "max", 3) == 0)
        return otherwise;
    return strtoll(value, NULL, 10);
}

/* The number behind a word that begins a line. */
static int64_t read_field(const struct group *group, const char *controller, const char *file,
                          const char *field)
{
    char value[VALUE_SIZE];
    struct slice text, line, word;
    read_file(group, controller, file, value);
    text = slice_of(value);
    while (slice_split(&text, '\n', &line))
        if (slice_split(&line, ' ', &word) && slice_is(word, field))
            return strtoll(line.data, NULL, 10);
    return 0;
}

/* --- Limits --- */

static void read_limits_v1(const struct group *group, struct cgroup_limits *limits)
{
    int64_t memory = read_number(group, "memory", "memory.limit_in_bytes", 0);
    int64_t quota = read_number(group, "cpu", "cpu.cfs_quota_us", 0);
    limits->cpu_shares = read_number(group, "cpu", "cpu.shares", 0);
    limits->cpu_quota_us = quota > 0 ? quota : 0;
    limits->memory_bytes = memory < UNLIMITED_V1 ? memory : 0;
    limits->pids = read_number(group, "pids", "pids.max", 0);
}

static void read_limits_v2(const struct group *group, struct cgroup_limits *limits)
{
    int64_t weight = read_number(group, "cpu", "cpu.weight", 0);
    limits->cpu_shares = weight > 0 ? 2 + (weight - 1) * 262142 / 9999 : 0;
    limits->cpu_quota_us = read_number(group, "cpu", "cpu.max", 0);
    limits->memory_bytes = read_number(group, "memory", "memory.max", 0);
    limits->pids = read_number(group, "pids", "pids.max", 0);
}

int cgroup_read_limits(const struct cgroups *cgroups, const char *path,
                       struct cgroup_limits *limits, struct status *status)
{
    struct group group = {cgroups, path};
    *limits = (struct cgroup_limits){0};
    if (cgroups->version == CGROUP_NONE)
        return status_fail(status, STATUS_NOT_FOUND, "there are no control groups: %s",
                           cgroups->why);
    if (cgroups->version == CGROUP_V1)
        read_limits_v1(&group, limits);
    else
        read_limits_v2(&group, limits);
    return 0;
}

static int write_cpu(const struct group *group, const struct cgroup_limits *now,
                     const struct cgroup_limits *limits, struct status *status)
{
    bool is_v1 = group->cgroups->version == CGROUP_V1;
    bool has_quota = limits->cpu_quota_us > 0;
    char quota[64];
    int failed = 0;
    if (limits->cpu_shares > 0 && limits->cpu_shares != now->cpu_shares)
        failed = is_v1 ? write_number(group, "cpu", "cpu.shares", limits->cpu_shares, status)
                       : write_number(group, "cpu", "cpu.weight",
                                      cpu_weight_of_shares(limits->cpu_shares), status);
    if (failed || limits->cpu_quota_us == now->cpu_quota_us)
        return failed;
    if (is_v1)
        return write_number(group, "cpu", "cpu.cfs_quota_us", has_quota ? limits->cpu_quota_us : -1,
                            status);
    snprintf(quota, sizeof quota, "%lld %d", (long long)limits->cpu_quota_us, PERIOD_US);
    return write_file(group, "cpu", "cpu.max", has_quota ? quota : "max 100000", status);
}

static int write_memory(const struct group *group, const struct cgroup_limits *now,
                        const struct cgroup_limits *limits, struct status *status)
{
    int64_t bytes = limits->memory_bytes;
    if (bytes == now->memory_bytes)
        return 0;
    if (group->cgroups->version == CGROUP_V1)
        return write_number(group, "memory", "memory.limit_in_bytes", bytes > 0 ? bytes : -1,
                            status);
    int64_t used = read_number(group, "memory", "memory.current", 0);
    if (bytes > 0 && used > bytes)
        return status_fail(status, STATUS_CONFLICT,
                           "memory limit of %lld bytes is below the %lld bytes in use",
                           (long long)bytes, (long long)used);
    return bytes > 0 ? write_number(group, "memory", "memory.max", bytes, status)
                     : write_file(group, "memory", "memory.max", "max", status);
}

static int write_pids(const struct group *group, const struct cgroup_limits *now,
                      const struct cgroup_limits *limits, struct status *status)
{
    if (limits->pids == now->pids)
        return 0;
    return limits->pids > 0 ? write_number(group, "pids", "pids.max", limits->pids, status)
                            : write_file(group, "pids", "pids.max", "max", status);
}

int cgroup_update(const struct cgroups *cgroups, const char *path,
                  const struct cgroup_limits *limits, struct status *status)
{
    struct group group = {cgroups, path};
    struct cgroup_limits now;
    if (cgroups->version == CGROUP_NONE)
        return 0;
    return cgroup_read_limits(cgroups, path, &now, status) ||
                   write_cpu(&group, &now, limits, status) ||
                   write_memory(&group, &now, limits, status) ||
                   write_pids(&group, &now, limits, status)
               ? -1
               : 0;
}

/* --- Making --- */

/* Version 2: those below may have the controllers that this one has. */
static void hand_down(const char *folder)
{
    static const char *const wanted[] = {"+cpu", "+memory", "+pids", "+cpuset", "+io"};
    char path[PATH_SIZE + 32];
    snprintf(path, sizeof path, "%s/cgroup.subtree_control", folder);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    for (size_t i = 0; fd >= 0 && i < ARRAY_SIZE(wanted); i++)
        if (write(fd, wanted[i], strlen(wanted[i])) < 0)
            continue; /* It has no such controller, and the limits' files will be missing. */
    if (fd >= 0)
        close(fd);
}

static int make_folders(const struct cgroups *cgroups, const struct cgroup_hierarchy *hierarchy,
                        const char *path, struct status *status)
{
    char folder[PATH_SIZE];
    for (const char *end = path; *end;) {
        snprintf(folder, sizeof folder, "%s%.*s", hierarchy->folder, (int)(end - path), path);
        if (cgroups->version == CGROUP_V2)
            hand_down(folder);
        end++;
        end += strcspn(end, "/");
        snprintf(folder, sizeof folder, "%s%.*s", hierarchy->folder, (int)(end - path), path);
        if (mkdir(folder, 0755) < 0 && errno != EEXIST)
            return status_fail(status, STATUS_INTERNAL_ERROR, "mkdir %s: %s", folder,
                               strerror(errno));
    }
    return 0;
}

int cgroup_create(const struct cgroups *cgroups, const char *path,
                  const struct cgroup_limits *limits, struct status *status)
{
    static const char *const controllers[] = {"cpu", "memory", "pids"};
    const struct cgroup_hierarchy *made = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(controllers); i++) {
        const struct cgroup_hierarchy *hierarchy = hierarchy_of(cgroups, controllers[i]);
        if (!hierarchy || hierarchy == made)
            continue;
        if (make_folders(cgroups, hierarchy, path, status))
            return -1;
        made = hierarchy;
    }
    return limits ? cgroup_update(cgroups, path, limits, status) : 0;
}

int cgroup_create_root(const struct cgroups *cgroups, const char *root, int64_t node_cpu_millis,
                       struct status *status)
{
    const struct cgroup_limits all = {.cpu_shares = cpu_shares_of_millis(node_cpu_millis)};
    const struct cgroup_limits least = {.cpu_shares = cpu_shares_of_millis(0)};
    char path[PATH_SIZE];
    if (cgroup_create(cgroups, root, &all, status))
        return -1;
    snprintf(path, sizeof path, "%s/burstable", root);
    if (cgroup_create(cgroups, path, &least, status))
        return -1;
    snprintf(path, sizeof path, "%s/besteffort", root);
    return cgroup_create(cgroups, path, &least, status);
}

/* --- Measuring --- */

int cgroup_read_usage(const struct cgroups *cgroups, const char *path, struct usage *usage,
                      struct status *status)
{
    struct group group = {cgroups, path};
    bool is_v1 = cgroups->version == CGROUP_V1;
    int64_t used =
        read_number(&group, "memory", is_v1 ? "memory.usage_in_bytes" : "memory.current", -1);
    int64_t cached = read_field(&group, "memory", "memory.stat",
                                is_v1 ? "total_inactive_file" : "inactive_file");
    if (used < 0)
        return status_fail(status, STATUS_NOT_FOUND, "control group %s is not there", path);
    usage->memory_bytes = used > cached ? used - cached : 0;
    usage->cpu_us = is_v1 ? read_number(&group, "cpuacct", "cpuacct.usage", 0) / 1000
                          : read_field(&group, "cpu", "cpu.stat", "usage_usec");
    return 0;
}

int64_t cgroup_count_oom_kills(const struct cgroups *cgroups, const char *path)
{
    struct group group = {cgroups, path};
    return cgroups->version == CGROUP_V1
               ? read_field(&group, "memory", "memory.oom_control", "oom_kill")
               : read_field(&group, "memory", "memory.events.local", "oom_kill");
}

/* --- Ending --- */

void cgroup_kill_together(const struct cgroups *cgroups, const char *path)
{
    struct group group = {cgroups, path};
    struct status ignored;
    status_init(&ignored);
    if (cgroups->version == CGROUP_V2 && *path &&
        write_file(&group, "memory", "memory.oom.group", "1", &ignored))
        status_clear(&ignored); /* Before Linux 4.19 there was no such thing. */
    status_release(&ignored);
}

typedef bool visit_fn(const char *folder); /* false: stop. */

/* The folder and those below it, the deepest first. */
static bool visit(const char *folder, visit_fn *each)
{
    DIR *listing = opendir(folder);
    bool goes_on = true;
    for (struct dirent *entry; listing && goes_on && (entry = readdir(listing));) {
        char below[PATH_SIZE];
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
            continue;
        int size = snprintf(below, sizeof below, "%s/%s", folder, entry->d_name);
        goes_on = size < PATH_SIZE && visit(below, each);
    }
    if (!listing)
        return true;
    closedir(listing);
    return goes_on && each(folder);
}

static bool kill_all(const char *folder)
{
    char path[PATH_SIZE + 16];
    int number;
    snprintf(path, sizeof path, "%s/cgroup.procs", folder);
    FILE *file = fopen(path, "re");
    while (file && fscanf(file, "%d", &number) == 1)
        if (number > 0)
            kill(number, SIGKILL);
    if (file)
        fclose(file);
    return true;
}

static bool is_empty(const char *folder)
{
    char path[PATH_SIZE + 16], first[16];
    snprintf(path, sizeof path, "%s/cgroup.procs", folder);
    return read_small(path, first, sizeof first) == 0;
}

static bool remove_one(const char *folder)
{
    return rmdir(folder) == 0 || errno == ENOENT;
}

void cgroup_kill(const struct cgroups *cgroups, const char *path)
{
    char folder[PATH_SIZE];
    struct status status;
    status_init(&status);
    for (size_t i = 0; i < cgroups->count; i++) {
        struct group group = {cgroups, path};
        snprintf(folder, sizeof folder, "%s%s", cgroups->hierarchies[i].folder, path);
        if (cgroups->version == CGROUP_V1 ||
            write_file(&group, "memory", "cgroup.kill", "1", &status))
            visit(folder, kill_all);
    }
    status_release(&status);
}

bool cgroup_is_empty(const struct cgroups *cgroups, const char *path)
{
    bool empty = true;
    for (size_t i = 0; empty && i < cgroups->count; i++) {
        char folder[PATH_SIZE];
        snprintf(folder, sizeof folder, "%s%s", cgroups->hierarchies[i].folder, path);
        empty = visit(folder, is_empty);
    }
    return empty;
}

int cgroup_remove(const struct cgroups *cgroups, const char *path, struct status *status)
{
    for (size_t i = 0; i < cgroups->count; i++) {
        char folder[PATH_SIZE];
        snprintf(folder, sizeof folder, "%s%s", cgroups->hierarchies[i].folder, path);
        if (!visit(folder, remove_one))
            return status_fail(status, STATUS_CONFLICT, "rmdir %s: %s", folder, strerror(errno));
    }
    return 0;
}
