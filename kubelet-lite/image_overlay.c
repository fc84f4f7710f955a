/* The kernel reads a mount's options from one page, and an image may have a hundred layers: so
 * they are named relative to their folder, from a thread with a working directory of its own. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/trace.h"
#include "kubelet-lite/folder_copy.h"
#include "kubelet-lite/image_files.h"

enum { OPTIONS_MAX = 4095 };

static int fail(struct status *status, const char *what)
{
    return status_fail(status, STATUS_INTERNAL_ERROR, "%s: %s", what, strerror(errno));
}

static void fill_options(const char *const *layers, const char *bundle, struct buffer *options)
{
    size_t count = 0;
    while (layers[count])
        count++;
    buffer_append_text(options, "lowerdir=");
    for (size_t i = count; i > 0; i--) /* The uppermost comes first. */
        buffer_format(options, "%s%s", layers[i - 1], i > 1 ? ":" : "");
    buffer_format(options, ",upperdir=%s/upper,workdir=%s/work", bundle, bundle);
}

/* false: errno says why. */
static bool mount_at(const char *base, const char *options, const char *root)
{
    int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool is_good = here >= 0 && unshare(CLONE_FS) == 0 && chdir(base) == 0 &&
                   mount("overlay", root, "overlay", 0, options) == 0;
    int error = errno;
    if (here >= 0 && fchdir(here) == 0)
        close(here);
    errno = error;
    return is_good;
}

static int copy_all(const char *base, const char *const *layers, const char *root,
                    struct status *status)
{
    char path[1024];
    for (; *layers; layers++) {
        snprintf(path, sizeof path, "%s/%s", base, *layers);
        if (folder_copy(path, root, status))
            return -1;
    }
    return 0;
}

int image_overlay_mount(const char *base, const char *const *layers, const char *bundle,
                        struct status *status)
{
    static const char *const folders[] = {"rootfs", "upper", "work"};
    struct buffer options = {0}, root = {0};
    char path[1024];
    for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
        snprintf(path, sizeof path, "%s/%s", bundle, folders[i]);
        if (folder_make(path, 0755, status))
            return -1;
    }
    buffer_format(&root, "%s/rootfs", bundle);
    fill_options(layers, bundle, &options);
    bool is_long = options.size > OPTIONS_MAX;
    int failed = 0;
    if (is_long || !mount_at(base, options.data, root.data)) {
        if (!is_long && errno != ENODEV && errno != EINVAL && errno != EPERM)
            failed = fail(status, "mount overlay");
        else
            failed = copy_all(base, layers, root.data, status);
    }
    buffer_release(&options);
    buffer_release(&root);
    return failed;
}

int image_unmount(const char *bundle, struct status *status)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/rootfs", bundle);
    while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
        ;
    return errno == EINVAL || errno == ENOENT ? 0 : fail(status, path);
}
