/* Names, syncs and copies of whole files. */
#include "store/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

char *new_file_name(const char *path, const char *ending)
{
    struct buffer name = {0};
    buffer_format(&name, "%s%s", path, ending);
    return buffer_take(&name);
}

int new_file_sync(const char *path, bool is_folder)
{
    int file = open(path, (is_folder ? O_RDONLY | O_DIRECTORY : O_RDWR) | O_CLOEXEC);
    int failed = file < 0 || fsync(file) != 0;
    int error = errno;
    if (file >= 0)
        close(file);
    errno = error;
    return failed ? -1 : 0;
}

int new_file_sync_folder_of(const char *path)
{
    char *folder = mem_copy_text(path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder ? 1 : 0] = '\0';
    int failed = new_file_sync(slash ? folder : ".", true);
    mem_free(folder);
    return failed;
}

/* link(), unlike rename(), does not replace what is there. */
int new_file_publish(const char *new, const char *path, struct status *status)
{
    if (new_file_sync(new, false) == 0 && link(new, path) == 0 &&
        new_file_sync_folder_of(path) == 0)
        return 0;
    enum status_reason reason = errno == EEXIST ? STATUS_ALREADY_EXISTS : STATUS_INTERNAL_ERROR;
    return status_fail(status, reason, "cannot make %s: %s", path, strerror(errno));
}

void new_file_remove(const char *new)
{
    char *wal = new_file_name(new, "-wal");
    unlink(new);
    unlink(wal);
    mem_free(wal);
}

static int copy_bytes(int from, int to)
{
    char bytes[65536];
    ssize_t size;
    while ((size = read(from, bytes, sizeof(bytes))) > 0) {
        for (ssize_t done = 0; done < size;) {
            ssize_t n = write(to, bytes + done, (size_t)(size - done));
            if (n < 0)
                return -1;
            done += n;
        }
    }
    return size < 0 ? -1 : 0;
}

int new_file_copy(const char *from, const char *to, struct status *status)
{
    int source = open(from, O_RDONLY | O_CLOEXEC);
    if (source < 0 && errno == ENOENT)
        return 0;
    int target = open(to, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    int failed = source < 0 || target < 0 || copy_bytes(source, target) != 0;
    if (failed)
        status_fail(status, STATUS_INTERNAL_ERROR, "cannot copy %s to %s: %s", from, to,
                    strerror(errno));
    if (source >= 0)
        close(source);
    if (target >= 0)
        close(target);
    return failed ? -1 : 0;
}
