#include "kubelet-lite/folder_copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/file.h"

enum { PATH_SIZE = 4096, ATTRIBUTES_SIZE = 65536 };

static int fail(struct status *status, const char *path)
{
    return status_fail(status, STATUS_INTERNAL_ERROR, "copy %s: %s", path, strerror(errno));
}

static int copy_bytes(const char *from, const char *to, mode_t mode)
{
    int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    ssize_t sent = -1;
    if (in >= 0 && out >= 0)
        while ((sent = sendfile(out, in, NULL, 1 << 30)) > 0)
            ;
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return sent < 0 ? -1 : 0;
}

static void copy_attributes(const char *from, const char *to)
{
    char names[4096], value[ATTRIBUTES_SIZE];
    ssize_t size = llistxattr(from, names, sizeof names);
    for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names + at) + 1) {
        ssize_t value_size = lgetxattr(from, names + at, value, sizeof value);
        if (value_size >= 0 && strncmp(names + at, "trusted.overlay.", 16) != 0 &&
            lsetxattr(to, names + at, value, (size_t)value_size, 0) < 0)
            continue; /* A file system without it: the file is there all the same. */
    }
}

static int copy_meta(const char *from, const char *to, const struct stat *seen)
{
    const struct timespec times[2] = {seen->st_atim, seen->st_mtim};
    if (lchown(to, seen->st_uid, seen->st_gid) < 0)
        return -1;
    if (!S_ISLNK(seen->st_mode) && chmod(to, seen->st_mode & 07777) < 0)
        return -1;
    copy_attributes(from, to);
    return utimensat(AT_FDCWD, to, times, AT_SYMLINK_NOFOLLOW);
}

static int copy_link(const char *from, const char *to)
{
    char target[PATH_SIZE];
    ssize_t size = readlink(from, target, sizeof target - 1);
    if (size < 0)
        return -1;
    target[size] = '\0';
    return symlink(target, to);
}

static bool is_opaque(const char *path)
{
    char value[8];
    return lgetxattr(path, TREE_OPAQUE, value, sizeof value) == 1 && value[0] == 'y';
}

static int copy_entry(const char *from, const char *to, struct status *status)
{
    struct stat seen, there;
    if (lstat(from, &seen) < 0)
        return fail(status, from);
    bool takes_away = S_ISCHR(seen.st_mode) && seen.st_rdev == makedev(0, 0);
    bool is_folder = S_ISDIR(seen.st_mode);
    bool stays = is_folder && !is_opaque(from) && lstat(to, &there) == 0 && S_ISDIR(there.st_mode);
    if (!stays && folder_remove(to, status))
        return -1;
    if (takes_away)
        return 0;
    int failed = is_folder               ? (stays ? 0 : mkdir(to, 0700)) || folder_copy(from, to, status)
                 : S_ISREG(seen.st_mode) ? copy_bytes(from, to, 0600)
                 : S_ISLNK(seen.st_mode) ? copy_link(from, to)
                                         : mknod(to, seen.st_mode, seen.st_rdev);
    if (failed || copy_meta(from, to, &seen) < 0)
        return status_ok(status) ? fail(status, to) : -1;
    return 0;
}

int folder_copy(const char *from, const char *to, struct status *status)
{
    DIR *listing = opendir(from);
    int failed = listing ? 0 : fail(status, from);
    for (struct dirent *entry; !failed && (entry = readdir(listing));) {
        char source[PATH_SIZE], target[PATH_SIZE];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (snprintf(source, sizeof source, "%s/%s", from, entry->d_name) >= PATH_SIZE ||
            snprintf(target, sizeof target, "%s/%s", to, entry->d_name) >= PATH_SIZE)
            failed =
                status_fail(status, STATUS_INTERNAL_ERROR, "copy %s: the path is too long", from);
        else
            failed = copy_entry(source, target, status);
    }
    if (listing)
        closedir(listing);
    return failed ? -1 : 0;
}
