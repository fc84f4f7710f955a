#include "kubelet-lite/atomic_writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/file.h"

enum { PATH_SIZE = 2048, JOINED_SIZE = 4 * PATH_SIZE };

static int fail(struct status *status, const char *path)
{
    return status_fail(status, STATUS_INTERNAL_ERROR, "%s: %s", path, strerror(errno));
}

bool atomic_path_is_valid(struct slice path)
{
    struct slice part;
    if (path.size == 0 || path.size > 1000 || path.data[0] == '/' ||
        slice_starts_with(path, SLICE("..")))
        return false;
    while (slice_split(&path, '/', &part))
        if (slice_is(part, "..") || part.size == 0 || part.size > 255)
            return false;
    return true;
}

/* --- Is it as it should be? --- */

static bool is_same(const char *base, const struct atomic_file *file)
{
    char path[JOINED_SIZE];
    struct stat seen;
    struct buffer bytes = {0};
    struct status ignored;
    status_init(&ignored);
    snprintf(path, sizeof path, "%s/%s", base, file->path);
    bool same =
        lstat(path, &seen) == 0 && S_ISREG(seen.st_mode) && (seen.st_mode & 07777) == file->mode &&
        (file->gid < 0 || seen.st_gid == (gid_t)file->gid) &&
        (file->uid < 0 || seen.st_uid == (uid_t)file->uid) &&
        file_read(path, &bytes, &ignored) == 0 && slice_equal(buffer_slice(&bytes), file->bytes);
    buffer_release(&bytes);
    status_release(&ignored);
    return same;
}

static size_t count_files(const char *folder)
{
    size_t count = 0;
    DIR *listing = opendir(folder);
    for (struct dirent *entry; listing && (entry = readdir(listing));) {
        char path[PATH_SIZE];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        count += entry->d_type == DT_DIR ? count_files(path) : 1;
    }
    if (listing)
        closedir(listing);
    return count;
}

static bool is_current(const char *folder, const struct atomic_file *files)
{
    char base[PATH_SIZE];
    size_t count = 0;
    snprintf(base, sizeof base, "%s/..data", folder);
    if (access(base, F_OK) != 0)
        return false;
    for (; files; files = files->next, count++)
        if (!is_same(base, files))
            return false;
    snprintf(base, sizeof base, "%s/..data/.", folder);
    return count_files(base) == count;
}

/* --- The new folder --- */

static void name_folder(int64_t now_us, char name[64])
{
    time_t seconds = (time_t)(now_us / 1000000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    size_t size = strftime(name, 48, "..%Y_%m_%d_%H_%M_%S", &parts);
    snprintf(name + size, 64 - size, ".%06d", (int)(now_us % 1000000));
}

static int write_file(const char *base, const struct atomic_file *file, struct status *status)
{
    char path[JOINED_SIZE], folder[JOINED_SIZE];
    if (!atomic_path_is_valid(slice_of(file->path)))
        return status_fail(status, STATUS_BAD_REQUEST, "invalid path \"%s\"", file->path);
    snprintf(path, sizeof path, "%s/%s", base, file->path);
    snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(path, '/') - path), path);
    if (folder_make(folder, 0755, status))
        return -1;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t wrote = 0;
    struct slice left = file->bytes;
    for (; fd >= 0 && wrote >= 0 && left.size > 0; left = slice_sub(left, (size_t)wrote, left.size))
        wrote = write(fd, left.data, left.size);
    bool has_owner = file->uid >= 0 || file->gid >= 0;
    bool is_good = fd >= 0 && wrote >= 0 &&
                   (!has_owner || fchown(fd, (uid_t)file->uid, (gid_t)file->gid) == 0) &&
                   fchmod(fd, file->mode) == 0;
    int failed = is_good ? 0 : fail(status, path);
    if (fd >= 0)
        close(fd);
    return failed;
}

static int write_all(const char *base, const struct atomic_file *files, struct status *status)
{
    if (folder_make(base, 0755, status))
        return -1;
    for (; files; files = files->next)
        if (write_file(base, files, status))
            return -1;
    return 0;
}

/* --- What is seen --- */

static int show(const char *folder, const struct atomic_file *files, struct status *status)
{
    for (; files; files = files->next) {
        char link[PATH_SIZE], target[PATH_SIZE];
        int size = (int)strcspn(files->path, "/");
        snprintf(link, sizeof link, "%s/%.*s", folder, size, files->path);
        snprintf(target, sizeof target, "..data/%.*s", size, files->path);
        if (symlink(target, link) < 0 && errno != EEXIST)
            return fail(status, link);
    }
    return 0;
}

static bool is_shown(const struct atomic_file *files, const char *name)
{
    size_t size = strlen(name);
    for (; files; files = files->next)
        if (strcspn(files->path, "/") == size && memcmp(files->path, name, size) == 0)
            return true;
    return false;
}

/* Links to what is no more, and folders of before. */
static int tidy(const char *folder, const struct atomic_file *files, const char *current,
                struct status *status)
{
    DIR *listing = opendir(folder);
    int failed = 0;
    for (struct dirent *entry; listing && !failed && (entry = readdir(listing));) {
        const char *name = entry->d_name;
        char path[PATH_SIZE];
        bool is_ours = strncmp(name, "..", 2) == 0;
        bool stays = strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
                     strcmp(name, "..data") == 0 || strcmp(name, current) == 0 ||
                     (!is_ours && is_shown(files, name));
        snprintf(path, sizeof path, "%s/%s", folder, name);
        if (!stays)
            failed = folder_remove(path, status);
    }
    if (listing)
        closedir(listing);
    return failed;
}

int atomic_write(const char *folder, const struct atomic_file *files, int64_t now_us,
                 struct status *status)
{
    char name[64], base[PATH_SIZE], aside[PATH_SIZE], data[PATH_SIZE];
    if (folder_make(folder, 0755, status))
        return -1;
    if (is_current(folder, files))
        return 0;
    do {
        name_folder(now_us++, name);
        snprintf(base, sizeof base, "%s/%s", folder, name);
    } while (access(base, F_OK) == 0);
    snprintf(aside, sizeof aside, "%s/..data_tmp", folder);
    snprintf(data, sizeof data, "%s/..data", folder);
    if (write_all(base, files, status) || folder_remove(aside, status))
        return -1;
    if (symlink(name, aside) < 0 || rename(aside, data) < 0)
        return fail(status, data);
    return show(folder, files, status) || tidy(folder, files, name, status) ? -1 : 0;
}
