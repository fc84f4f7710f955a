#include "kubelet-lite/host_path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_below(int root, const char *path, int flags, mode_t mode)
{
    struct open_how how = {
        .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
        .mode = flags & O_CREAT ? mode : 0,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    long fd;
    do { /* EAGAIN: a name was moved meanwhile. */
        fd = syscall(SYS_openat2, root, path, &how, sizeof how);
    } while (fd < 0 && errno == EAGAIN);
    return (int)fd;
}

static int open_root(const char *root)
{
    return open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int host_path_open(const char *root, const char *path, int flags, mode_t mode)
{
    int base = open_root(root);
    int fd = base < 0 ? -1 : open_below(base, path, flags, mode);
    int error = errno;
    if (base >= 0)
        close(base);
    errno = error;
    return fd;
}

/* The folder of all but the last part, made where it is missing; then the last. */
static int make_below(int root, struct slice path, mode_t mode)
{
    struct buffer text = {0};
    int fd = -1;
    size_t end = path.size;
    while (end > 0 && path.data[end - 1] == '/')
        end--;
    path = slice_sub(path, 0, end);
    buffer_append_slice(&text, path);
    if (path.size == 0) {
        fd = open_below(root, ".", O_PATH | O_DIRECTORY, 0);
    } else {
        fd = open_below(root, text.data, O_PATH | O_DIRECTORY, 0);
        size_t cut = path.size;
        while (cut > 0 && path.data[cut - 1] != '/')
            cut--;
        if (fd < 0 && errno == ENOENT) {
            int above = make_below(root, slice_sub(path, 0, cut), mode);
            bool is_made =
                above >= 0 && (mkdirat(above, text.data + cut, mode) == 0 || errno == EEXIST);
            if (above >= 0)
                close(above);
            fd = is_made ? open_below(root, text.data, O_PATH | O_DIRECTORY, 0) : -1;
        }
    }
    int error = errno;
    buffer_release(&text);
    errno = error;
    return fd;
}

int host_path_open_folder(const char *root, const char *path, mode_t mode)
{
    int base = open_root(root);
    int fd = base < 0 ? -1 : make_below(base, slice_of(path), mode);
    int error = errno;
    if (base >= 0)
        close(base);
    errno = error;
    return fd;
}

bool host_path_read(const char *root, const char *path, size_t size_max, struct buffer *bytes)
{
    int fd = host_path_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    struct stat seen;
    bool is_good = fd >= 0 && fstat(fd, &seen) == 0 && S_ISREG(seen.st_mode);
    ssize_t got = 1;
    while (is_good && got > 0 && size_max > 0) {
        size_t step = size_max < 16384 ? size_max : 16384;
        buffer_reserve(bytes, step);
        got = read(fd, bytes->data + bytes->size, step);
        if (got > 0) {
            bytes->size += (size_t)got;
            size_max -= (size_t)got;
        }
    }
    if (fd >= 0)
        close(fd);
    buffer_append(bytes, "", 0);
    return is_good && got >= 0;
}
