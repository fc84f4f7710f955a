/* What of a pod's volumes a container sees, and where.
 *
 * A part of a volume (subPath) may be a link that the pod itself has made, and may change while
 * we look: so it is opened without leaving the volume, and what was opened, not its name, is
 * mounted at a place of our own, which is what the container gets. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "kubelet-lite/host_path.h"
#include "kubelet-lite/volumes.h"

struct mounting {
    const struct volumes *volumes;
    const struct json *pod;
    const char *container;     /* Its name. */
    const char *folder;        /* The pod's. */
    const struct environment *environment;
    struct arena *arena;
    struct status *status;
};

static const struct json *volume_named(const struct json *pod, const char *name)
{
    JSON_EACH(volume, json_at(pod, "spec.volumes"))
        if (strcmp(json_text(json_get(volume, "name")), name) == 0)
            return volume;
    return NULL;
}

static int fail(const struct mounting *self, const char *part)
{
    return status_fail(self->status, STATUS_INTERNAL_ERROR,
                       "failed to create subPath directory for volumeMount \"%s\" of container "
                       "\"%s\": %s",
                       part, self->container, strerror(errno));
}

/* Mounts what fd stands for at a place of ours, unless it is there already. */
static int bind_part(const struct mounting *self, int fd, const char *place)
{
    char source[64];
    struct stat wanted, there;
    if (fstat(fd, &wanted) < 0)
        return fail(self, place);
    if (stat(place, &there) == 0 && there.st_ino == wanted.st_ino && there.st_dev == wanted.st_dev)
        return 0;
    if (S_ISDIR(wanted.st_mode)) {
        if (folder_make(place, 0755, self->status))
            return -1;
    } else {
        int file = open(place, O_RDONLY | O_CREAT | O_CLOEXEC, 0644);
        if (file < 0)
            return fail(self, place);
        close(file);
    }
    snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
    return mount(source, place, NULL, MS_BIND | MS_REC, NULL) < 0 ? fail(self, place) : 0;
}

static const char *part_of(const struct mounting *self, const char *root, const char *name,
                           const char *part, size_t index)
{
    const char *above =
        arena_format(self->arena, "%s/subpaths/%s/%s", self->folder, name, self->container);
    const char *place = arena_format(self->arena, "%s/%zu", above, index);
    int fd = host_path_open(root, part, O_PATH, 0);
    if (fd < 0 && errno == ENOENT)
        fd = host_path_open_folder(root, part, 0750);
    if (fd < 0) {
        fail(self, name);
        return NULL;
    }
    int failed = folder_make(above, 0755, self->status) || bind_part(self, fd, place);
    close(fd);
    return failed ? NULL : place;
}

/* subPath, or subPathExpr with the container's own variables in it. */
static const char *sub_path(const struct mounting *self, const struct json *mount)
{
    const char *expression = json_text(json_get(mount, "subPathExpr"));
    if (!*expression)
        return json_text(json_get(mount, "subPath"));
    struct slice expanded =
        environment_expand_text(self->arena, slice_of(expression), self->environment);
    const char *part = arena_copy_slice(self->arena, expanded);
    if (strstr(part, "$(")) {
        status_fail(self->status, STATUS_BAD_REQUEST, "missing value for \"%s\"", expression);
        return NULL;
    }
    return part;
}

static const char *source_of(const struct mounting *self, const struct json *mount, size_t index)
{
    const char *name = json_text(json_get(mount, "name"));
    const struct json *volume = volume_named(self->pod, name);
    const char *root = json_text(json_at(volume, "hostPath.path"));
    if (!volume) {
        status_fail(self->status, STATUS_NOT_FOUND, "volume \"%s\" is not of this pod", name);
        return NULL;
    }
    if (!*root)
        root = arena_format(self->arena, "%s/volumes/%s", self->folder, name);
    const char *part = sub_path(self, mount);
    if (!part)
        return NULL;
    struct slice rest = slice_of(part), piece;
    while (*part && slice_split(&rest, '/', &piece))
        if (slice_is(piece, "..")) {
            status_fail(self->status, STATUS_BAD_REQUEST, "subPath must not contain '..'");
            return NULL;
        }
    return *part ? part_of(self, root, name, part, index) : root;
}

static const char *propagation_of(const struct json *mount)
{
    const char *text = json_text(json_get(mount, "mountPropagation"));
    return strcmp(text, "HostToContainer") == 0 ? "rslave"
           : strcmp(text, "Bidirectional") == 0 ? "rshared"
                                                : "private";
}

int volumes_mounts(const struct volumes *volumes, const struct json *pod,
                   const struct json *container, const struct environment *environment,
                   struct arena *arena, const struct mount **mounts, size_t *count,
                   struct status *status)
{
    const struct json *wanted = json_get(container, "volumeMounts");
    const struct mounting self = {
        .volumes = volumes,
        .pod = pod,
        .container = json_text(json_get(container, "name")),
        .folder = volumes_pod_folder(volumes, arena, json_text(json_at(pod, "metadata.uid"))),
        .environment = environment,
        .arena = arena,
        .status = status,
    };
    struct mount *list = ARENA_ARRAY(arena, struct mount, json_count(wanted) + 1);
    *count = 0;
    JSON_EACH(mount, wanted) {
        struct mount *added = &list[*count];
        const char *target = json_text(json_get(mount, "mountPath"));
        *added = (struct mount){
            .source = source_of(&self, mount, *count),
            .target = target[0] == '/' ? target : arena_format(arena, "/%s", target),
            .is_read_only = json_bool(json_get(mount, "readOnly")),
            .propagation = propagation_of(mount),
        };
        if (!added->source)
            return -1;
        ++*count;
    }
    *mounts = list;
    return 0;
}
