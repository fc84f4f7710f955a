#include "kubelet-lite/volumes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/kinds/quantity.h"
#include "kubelet-lite/projection.h"

enum { MODE_ALL = 0777, MODE_GROUP = 02000 };

struct volumes {
    struct loop *loop;
    struct client *client;
    char *folder;              /* DIR/pods */
    char *node_name;
    int64_t node_cpu_millis, node_memory_bytes;
};

struct setup {                 /* One call under way. */
    struct volumes *volumes;
    const struct json *pod;
    const char *folder;        /* The pod's. */
    struct volumes_call *call;
    struct object_set objects;
    struct task task;
    int64_t now_us;
};

/* --- Life --- */

struct volumes *volumes_open(struct loop *loop, const struct volumes_options *options)
{
    struct volumes *volumes = mem_alloc(sizeof(*volumes));
    struct buffer folder = {0};
    buffer_format(&folder, "%s/pods", options->directory);
    *volumes = (struct volumes){
        .loop = loop,
        .client = options->client,
        .folder = buffer_take(&folder),
        .node_name = mem_copy_text(options->node_name),
        .node_cpu_millis = options->node_cpu_millis,
        .node_memory_bytes = options->node_memory_bytes,
    };
    return volumes;
}

void volumes_close(struct volumes *volumes)
{
    if (!volumes)
        return;
    mem_free(volumes->folder);
    mem_free(volumes->node_name);
    mem_free(volumes);
}

const char *volumes_pod_folder(const struct volumes *volumes, struct arena *arena, const char *uid)
{
    return arena_format(arena, "%s/%s", volumes->folder, uid);
}

bool volumes_follow_objects(const struct json *pod)
{
    JSON_EACH(volume, json_at(pod, "spec.volumes"))
        if (projection_is(volume))
            return true;
    return false;
}

/* --- Directories and memory --- */

static int fail(struct status *status, const char *path)
{
    return status_fail(status, STATUS_INTERNAL_ERROR, "%s: %s", path, strerror(errno));
}

static bool is_mounted(const char *path)
{
    char above[1024];
    struct stat own, other;
    snprintf(above, sizeof above, "%s/..", path);
    return stat(path, &own) == 0 && stat(above, &other) == 0 && own.st_dev != other.st_dev;
}

/* A volume of memory is at most as large as it says, else as the memory that the pod may use. */
static int mount_memory(const struct setup *setup, const struct json *source, const char *path,
                        struct status *status)
{
    struct quantity limit;
    char options[64];
    int64_t bytes = setup->volumes->node_memory_bytes;
    if (is_mounted(path))
        return 0;
    if (quantity_from_json(json_get(source, "sizeLimit"), &limit) && quantity_sign(&limit) > 0)
        bytes = quantity_value(&limit);
    snprintf(options, sizeof options, "mode=0777,size=%lld", (long long)bytes);
    return mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, bytes > 0 ? options : "mode=0777") <
                   0
               ? fail(status, path)
               : 0;
}

static int make_empty(const struct setup *setup, const struct json *source, const char *path,
                      struct status *status)
{
    int64_t group = -1;
    struct slice medium = json_string(json_get(source, "medium"));
    bool is_new = access(path, F_OK) != 0;
    if (folder_make(path, 0755, status))
        return -1;
    if (slice_starts_with(medium, SLICE("HugePages")))
        return status_fail(status, STATUS_BAD_REQUEST,
                           "volumes of huge pages are not supported by this node");
    if (slice_is(medium, "Memory") && mount_memory(setup, source, path, status))
        return -1;
    if (!is_new)
        return 0; /* What the pod has made of it since is its own. */
    bool has_group = json_to_int64(json_at(setup->pod, "spec.securityContext.fsGroup"), &group);
    if ((has_group && chown(path, (uid_t)-1, (gid_t)group) < 0) ||
        chmod(path, has_group ? MODE_GROUP | MODE_ALL : MODE_ALL) < 0)
        return fail(status, path);
    return 0;
}

/* --- Paths of the host --- */

static int make_host_file(const char *path, struct status *status)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0)
        return fail(status, path);
    close(fd);
    return 0;
}

static int check_host(const struct json *source, struct status *status)
{
    static const struct {
        const char *type;
        mode_t mode;
        const char *what;
    } types[] = {
        {"Directory", S_IFDIR, "a directory"},
        {"DirectoryOrCreate", S_IFDIR, "a directory"},
        {"File", S_IFREG, "a file"},
        {"FileOrCreate", S_IFREG, "a file"},
        {"Socket", S_IFSOCK, "a socket file"},
        {"CharDevice", S_IFCHR, "a character device"},
        {"BlockDevice", S_IFBLK, "a block device"},
    };
    const char *path = json_text(json_get(source, "path"));
    const char *type = json_text(json_get(source, "type"));
    struct stat seen;
    bool is_there = stat(path, &seen) == 0;
    if (!is_there && strcmp(type, "DirectoryOrCreate") == 0 && folder_make(path, 0755, status))
        return -1;
    if (!is_there && strcmp(type, "FileOrCreate") == 0 && make_host_file(path, status))
        return -1;
    is_there = stat(path, &seen) == 0;
    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        if (strcmp(types[i].type, type) == 0 &&
            (!is_there || (seen.st_mode & S_IFMT) != types[i].mode))
            return status_fail(status, STATUS_BAD_REQUEST,
                               "hostPath type check failed: %s is not %s", path, types[i].what);
    if (!*type && !is_there) /* As a container runtime does for a path that is not there. */
        return folder_make(path, 0755, status);
    return 0;
}

/* --- Set-up --- */

static int make_projection(struct setup *setup, const struct json *volume, const char *path,
                           struct status *status)
{
    const struct downward downward = {
        .pod = setup->pod,
        .node_name = setup->volumes->node_name,
        .node_cpu_millis = setup->volumes->node_cpu_millis,
        .node_memory_bytes = setup->volumes->node_memory_bytes,
    };
    const struct atomic_file *files;
    if (projection_files(&downward, volume, &setup->objects, &setup->call->arena, &files, status))
        return -1;
    return atomic_write(path, files, setup->now_us, status);
}

static int make_volume(struct setup *setup, const struct json *volume, struct status *status)
{
    const char *name = json_text(json_get(volume, "name"));
    const char *path = arena_format(&setup->call->arena, "%s/volumes/%s", setup->folder, name);
    int failed;
    if (json_get(volume, "emptyDir"))
        failed = make_empty(setup, json_get(volume, "emptyDir"), path, status);
    else if (json_get(volume, "hostPath"))
        failed = check_host(json_get(volume, "hostPath"), status);
    else if (projection_is(volume))
        failed = make_projection(setup, volume, path, status);
    else
        failed = status_fail(status, STATUS_BAD_REQUEST, "no volume plugin matched");
    return failed ? status_wrap(status, "MountVolume.SetUp failed for volume \"%s\" ", name) : 0;
}

static void make_all(struct task *task)
{
    struct setup *setup = CONTAINER_OF(task, struct setup, task);
    struct status *status = &setup->call->status;
    if (folder_make(setup->folder, 0755, status))
        return;
    JSON_EACH(volume, json_at(setup->pod, "spec.volumes"))
        if (make_volume(setup, volume, status))
            return;
}

static void all_made(struct task *task)
{
    struct setup *setup = CONTAINER_OF(task, struct setup, task);
    struct volumes_call *call = setup->call;
    object_set_release(&setup->objects);
    mem_free(setup);
    call->done(call);
}

static void objects_came(struct object_set *set)
{
    struct setup *setup = CONTAINER_OF(set, struct setup, objects);
    setup->now_us = clock_wall_us(loop_clock(setup->volumes->loop));
    setup->task = (struct task){.work = make_all, .done = all_made};
    loop_submit(setup->volumes->loop, LANE_HOST, &setup->task);
}

void volumes_set_up(struct volumes *volumes, const struct json *pod, struct volumes_call *call)
{
    struct setup *setup = mem_alloc(sizeof(*setup));
    const char *uid = json_text(json_at(pod, "metadata.uid"));
    setup->volumes = volumes;
    setup->pod = pod;
    setup->call = call;
    setup->folder = volumes_pod_folder(volumes, &call->arena, uid);
    object_set_init(&setup->objects, volumes->loop, volumes->client,
                    json_text(json_at(pod, "metadata.namespace")),
                    arena_format(&call->arena, "%s/objects", setup->folder));
    JSON_EACH(volume, json_at(pod, "spec.volumes"))
        projection_want(pod, volume, &setup->objects);
    object_set_fetch(&setup->objects, objects_came);
}

/* --- Taking down --- */

struct teardown {
    struct task task;
    const char *folder;
    struct volumes_call *call;
};

/* Everything mounted below goes; what lies on the host's own paths is never touched. */
static void unmount_below(const char *folder)
{
    DIR *listing = opendir(folder);
    for (struct dirent *entry; listing && (entry = readdir(listing));) {
        char path[1024];
        struct stat seen;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
            ;
        if (lstat(path, &seen) == 0 && S_ISDIR(seen.st_mode))
            unmount_below(path);
    }
    if (listing)
        closedir(listing);
}

static void take_down(struct task *task)
{
    struct teardown *self = CONTAINER_OF(task, struct teardown, task);
    struct arena *arena = &self->call->arena;
    unmount_below(arena_format(arena, "%s/subpaths", self->folder));
    unmount_below(arena_format(arena, "%s/volumes", self->folder));
    if (folder_remove(self->folder, &self->call->status))
        status_wrap(&self->call->status, "volumes");
}

static void taken_down(struct task *task)
{
    struct teardown *self = CONTAINER_OF(task, struct teardown, task);
    struct volumes_call *call = self->call;
    mem_free(self);
    call->done(call);
}

void volumes_tear_down(struct volumes *volumes, const char *uid, struct volumes_call *call)
{
    struct teardown *self = mem_alloc(sizeof(*self));
    self->folder = volumes_pod_folder(volumes, &call->arena, uid);
    self->call = call;
    self->task = (struct task){.work = take_down, .done = taken_down};
    loop_submit(volumes->loop, LANE_HOST, &self->task);
}

void volumes_call_init(struct volumes_call *call, void (*done)(struct volumes_call *call))
{
    *call = (struct volumes_call){.done = done};
    arena_init(&call->arena);
    status_init(&call->status);
}

void volumes_call_release(struct volumes_call *call)
{
    arena_release(&call->arena);
    status_release(&call->status);
}
