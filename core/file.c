#include "core/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct status *status, const char *what, const char *path)
{
    return status_fail(status, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_INTERNAL_ERROR,
                       "%s %s: %s", what, path, strerror(errno));
}

int file_read(const char *path, struct buffer *bytes, struct status *status)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(status, "open", path);
    ssize_t got;
    do {
        buffer_reserve(bytes, 16384);
        got = read(fd, bytes->data + bytes->size, 16384);
        if (got > 0)
            bytes->size += (size_t)got;
    } while (got > 0 || (got < 0 && errno == EINTR));
    int failed = got < 0 ? fail(status, "read", path) : 0;
    close(fd);
    buffer_append(bytes, "", 0); /* The NUL behind the last byte. */
    return failed;
}

static int write_all(int fd, struct slice bytes)
{
    while (bytes.size > 0) {
        ssize_t wrote = write(fd, bytes.data, bytes.size);
        if (wrote < 0 && errno != EINTR)
            return -1;
        if (wrote > 0)
            bytes = slice_sub(bytes, (size_t)wrote, bytes.size);
    }
    return fsync(fd);
}

int file_write(const char *path, mode_t mode, struct slice bytes, struct status *status)
{
    struct buffer beside = {0};
    buffer_format(&beside, "%s.new", path);
    int fd = open(beside.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    int failed = fd < 0 || write_all(fd, bytes) || fchmod(fd, mode) || rename(beside.data, path)
                     ? fail(status, "write", path)
                     : 0;
    if (fd >= 0)
        close(fd);
    buffer_release(&beside);
    return failed;
}

int folder_make(const char *path, mode_t mode, struct status *status)
{
    struct buffer part = {0};
    int failed = 0;
    for (const char *end = path; !failed && *end;) {
        end++;
        end += strcspn(end, "/");
        buffer_clear(&part);
        buffer_append(&part, path, (size_t)(end - path));
        if (mkdir(part.data, mode) < 0 && errno != EEXIST)
            failed = fail(status, "mkdir", part.data);
    }
    buffer_release(&part);
    return failed;
}

/* Empties the folder that fd, which it takes, stands for. */
static int empty_folder(int fd, dev_t device)
{
    DIR *folder = fdopendir(fd);
    int failed = 0;
    for (struct dirent *entry; !failed && (entry = readdir(folder));) {
        struct stat seen;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(fd, entry->d_name, 0) == 0)
            continue;
        int below = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below >= 0 && fstat(below, &seen) == 0 && seen.st_dev != device) {
            close(below);
            errno = EBUSY;
            failed = -1;
        } else {
            failed = below < 0 || empty_folder(below, device) ||
                     unlinkat(fd, entry->d_name, AT_REMOVEDIR);
        }
    }
    int error = errno;
    closedir(folder);
    errno = error;
    return failed;
}

int folder_remove(const char *path, struct status *status)
{
    struct stat seen;
    if (unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR)
        return 0;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &seen) < 0 || empty_folder(fd, seen.st_dev) || rmdir(path))
        return fail(status, "remove", path);
    return 0;
}
