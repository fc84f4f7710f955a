#include "kubelet-lite/layer_unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/crypto.h"
#include "core/gzip.h"
#include "kubelet-lite/folder_copy.h"
#include "kubelet-lite/tar_reader.h"

enum { PATH_SIZE = 4096, MODE_MASK = 07777 };

static const struct slice whiteout = SLICE(".wh.");
static const char opaque[] = ".wh..wh..opq";

struct layer_unpack {
    int root;
    struct tar_reader reader;
    struct gunzip *gunzip;    /* NULL: the archive is plain, or nothing has come yet. */
    struct buffer first;      /* Its first bytes, until it is known. */
    bool is_known;
    struct sha256_stream hash;
    int64_t bytes, bytes_max;
    int file;                 /* Of the entry under way; -1: it has no bytes. */
    struct buffer folders;    /* Folders' times, set when all is there: seconds, path, NUL. */
};

static int fail(struct status *status, const char *path)
{
    return status_fail(status, STATUS_INTERNAL_ERROR, "unpack %s: %s", path, strerror(errno));
}

/* --- Places --- */

/* "./a//b/" to "a/b"; false for one with "..", or too long. */
static bool clean_path(const char *path, char cleaned[PATH_SIZE])
{
    struct slice rest = slice_of(path), part;
    size_t size = 0;
    while (slice_split(&rest, '/', &part)) {
        if (part.size == 0 || slice_is(part, "."))
            continue;
        if (slice_is(part, "..") || size + part.size + 2 > PATH_SIZE)
            return false;
        if (size > 0)
            cleaned[size++] = '/';
        memcpy(cleaned + size, part.data, part.size);
        size += part.size;
    }
    cleaned[size] = '\0';
    return true;
}

/* Folders on the way are never links: a layer has its own, and whoever puts a link there means
 * that what follows lies elsewhere, which is what an escape looks like; so it is followed as in
 * a root of its own. */
static int open_folder(const struct layer_unpack *unpack, const char *path)
{
    struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                           .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, unpack->root, *path ? path : ".", &how, sizeof how);
}

/* The folder of a path, made where the archive did not name it; gives the last part. */
static int open_parent(const struct layer_unpack *unpack, const char *path, const char **name)
{
    char folder[PATH_SIZE];
    const char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 0, path);
    int fd = open_folder(unpack, folder);
    if (fd >= 0 || errno != ENOENT || !*folder)
        return fd;
    const char *own;
    int above = open_parent(unpack, folder, &own);
    if (above < 0)
        return -1;
    bool is_made = mkdirat(above, own, 0755) == 0 || errno == EEXIST;
    close(above);
    return is_made ? open_folder(unpack, folder) : -1;
}

/* --- Entries --- */

static int set_meta(int parent, const char *name, const struct tar_entry *entry)
{
    const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = entry->mtime_seconds}};
    char path[64];
    if (fchownat(parent, name, (uid_t)entry->uid, (gid_t)entry->gid, AT_SYMLINK_NOFOLLOW) < 0)
        return -1;
    if (entry->type != TAR_SYMBOLIC_LINK &&
        fchmodat(parent, name, (mode_t)(entry->mode & MODE_MASK), 0) < 0)
        return -1;
    int fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    for (const struct tar_attribute *attribute = entry->attributes; fd >= 0 && attribute;
         attribute = attribute->next)
        if (strncmp(attribute->name, "trusted.", 8) != 0 && entry->type != TAR_SYMBOLIC_LINK &&
            setxattr(path, attribute->name, attribute->value.data, attribute->value.size, 0) < 0)
            continue; /* The file system has none, or it is not ours to set: as other tools do. */
    if (fd >= 0)
        close(fd);
    return utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW);
}

static int make_folder(struct layer_unpack *unpack, int parent, const char *name,
                       const struct tar_entry *entry, const char *path)
{
    struct stat seen;
    if (!*name) /* The root itself. */
        return fchmodat(unpack->root, ".", (mode_t)(entry->mode & MODE_MASK), 0);
    if (mkdirat(parent, name, 0700) < 0) {
        if (errno != EEXIST || fstatat(parent, name, &seen, AT_SYMLINK_NOFOLLOW) < 0)
            return -1;
        if (!S_ISDIR(seen.st_mode) &&
            (unlinkat(parent, name, 0) < 0 || mkdirat(parent, name, 0700) < 0))
            return -1;
    }
    buffer_append(&unpack->folders, &entry->mtime_seconds, sizeof entry->mtime_seconds);
    buffer_append(&unpack->folders, path, strlen(path) + 1);
    return set_meta(parent, name, entry);
}

static int make_file(struct layer_unpack *unpack, int parent, const char *name,
                     const struct tar_entry *entry)
{
    unpack->file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return unpack->file < 0 ? -1 : set_meta(parent, name, entry);
}

static int make_hard_link(const struct layer_unpack *unpack, int parent, const char *name,
                          const char *target)
{
    char cleaned[PATH_SIZE];
    const char *own;
    if (!clean_path(target, cleaned) || !*cleaned) {
        errno = EINVAL;
        return -1;
    }
    int from = open_parent(unpack, cleaned, &own);
    int failed = from < 0 || linkat(from, own, parent, name, 0) < 0;
    int error = errno;
    if (from >= 0)
        close(from);
    errno = error;
    return failed ? -1 : 0;
}

static int make_node(int parent, const char *name, const struct tar_entry *entry)
{
    mode_t kind = entry->type == TAR_PIPE             ? S_IFIFO
                  : entry->type == TAR_BLOCK_DEVICE   ? S_IFBLK
                                                    : S_IFCHR;
    if (entry->type == TAR_CHARACTER_DEVICE && entry->major == 0 && entry->minor == 0) {
        errno = EINVAL; /* To the kernel's overlay it would take a file away. */
        return -1;
    }
    dev_t device = makedev((unsigned)entry->major, (unsigned)entry->minor);
    return mknodat(parent, name, kind | 0600, device) < 0 ? -1 : set_meta(parent, name, entry);
}

static int take_away(int parent, const char *name)
{
    if (strcmp(name, opaque) == 0) {
        char path[64];
        snprintf(path, sizeof path, "/proc/self/fd/%d", parent);
        return setxattr(path, TREE_OPAQUE, "y", 1, 0);
    }
    name += whiteout.size;
    if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        errno = EINVAL;
        return -1;
    }
    /* What the same layer has put there under that name stays: it is above. */
    return mknodat(parent, name, S_IFCHR, makedev(0, 0)) < 0 && errno != EEXIST ? -1 : 0;
}

/* What is of that name already is the archive's own, of an earlier entry. */
static int make_entry(struct layer_unpack *unpack, int parent, const char *name,
                      const struct tar_entry *entry, const char *path)
{
    if (slice_starts_with(slice_of(name), whiteout))
        return take_away(parent, name);
    if (entry->type == TAR_FOLDER)
        return make_folder(unpack, parent, name, entry, path);
    if (!*name) {
        errno = EINVAL;
        return -1;
    }
    if (unlinkat(parent, name, 0) < 0 && errno != ENOENT)
        return -1;
    switch (entry->type) {
    case TAR_FILE: return make_file(unpack, parent, name, entry);
    case TAR_HARD_LINK: return make_hard_link(unpack, parent, name, entry->target);
    case TAR_SYMBOLIC_LINK:
        return symlinkat(entry->target, parent, name) < 0 ? -1 : set_meta(parent, name, entry);
    default: return make_node(parent, name, entry);
    }
}

static bool begin_entry(void *context, const struct tar_entry *entry, struct status *status)
{
    struct layer_unpack *unpack = context;
    char path[PATH_SIZE];
    const char *name;
    if (!clean_path(entry->path, path))
        return status_fail(status, STATUS_BAD_REQUEST, "unpack: \"%s\" leads out of the image",
                           entry->path) == 0;
    int parent = open_parent(unpack, path, &name);
    bool is_good = parent >= 0 && make_entry(unpack, parent, name, entry, path) == 0;
    if (!is_good)
        fail(status, path);
    if (parent >= 0)
        close(parent);
    return is_good;
}

static bool write_data(void *context, struct slice data, struct status *status)
{
    const struct layer_unpack *unpack = context;
    while (unpack->file >= 0 && data.size > 0) {
        ssize_t wrote = write(unpack->file, data.data, data.size);
        if (wrote < 0 && errno != EINTR)
            return fail(status, "a file") == 0;
        data = slice_sub(data, wrote > 0 ? (size_t)wrote : 0, data.size);
    }
    return true;
}

static bool end_entry(void *context, struct status *status)
{
    struct layer_unpack *unpack = context;
    (void)status;
    if (unpack->file >= 0)
        close(unpack->file);
    unpack->file = -1;
    return true;
}

static const struct tar_handler handler = {begin_entry, write_data, end_entry};

/* --- The stream --- */

struct layer_unpack *layer_unpack_open(const char *folder, int64_t bytes_max, struct status *status)
{
    int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        fail(status, folder);
        return NULL;
    }
    struct layer_unpack *unpack = mem_alloc(sizeof(*unpack));
    unpack->root = root;
    unpack->bytes_max = bytes_max;
    unpack->file = -1;
    tar_reader_init(&unpack->reader, &handler, unpack);
    sha256_begin(&unpack->hash);
    return unpack;
}

static bool take(void *context, struct slice piece, struct status *status)
{
    struct layer_unpack *unpack = context;
    unpack->bytes += (int64_t)piece.size;
    if (unpack->bytes > unpack->bytes_max)
        return status_fail(status, STATUS_REQUEST_ENTITY_TOO_LARGE,
                           "unpack: the layer is larger than %lld bytes",
                           (long long)unpack->bytes_max) == 0;
    sha256_add(&unpack->hash, piece);
    return tar_reader_feed(&unpack->reader, piece, status) == 0;
}

static int feed(struct layer_unpack *unpack, struct slice data, struct status *status)
{
    if (unpack->gunzip)
        return gunzip_feed(unpack->gunzip, data, take, unpack, status);
    return take(unpack, data, status) ? 0 : -1;
}

int layer_unpack_feed(struct layer_unpack *unpack, struct slice data, struct status *status)
{
    static const unsigned char zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
    if (unpack->is_known)
        return feed(unpack, data, status);
    buffer_append_slice(&unpack->first, data);
    if (unpack->first.size < sizeof zstd)
        return 0;
    unpack->is_known = true;
    if (memcmp(unpack->first.data, zstd, sizeof zstd) == 0)
        return status_fail(status, STATUS_UNSUPPORTED_MEDIA_TYPE,
                           "unpack: layers compressed by zstd are not supported");
    if (gzip_is(buffer_slice(&unpack->first)))
        unpack->gunzip = gunzip_open();
    return feed(unpack, buffer_slice(&unpack->first), status);
}

static void set_folder_times(struct layer_unpack *unpack)
{
    size_t at = 0;
    while (at < unpack->folders.size) {
        struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {0}};
        int64_t seconds;
        memcpy(&seconds, unpack->folders.data + at, sizeof seconds);
        const char *path = unpack->folders.data + at + sizeof seconds;
        at += sizeof seconds + strlen(path) + 1;
        times[1].tv_sec = seconds;
        int fd = open_folder(unpack, path);
        if (fd >= 0 && utimensat(fd, ".", times, 0) < 0)
            errno = 0; /* A time of a folder is not worth an image. */
        if (fd >= 0)
            close(fd);
    }
}

int layer_unpack_finish(struct layer_unpack *unpack, char diff_id[IMAGE_DIGEST_SIZE],
                        int64_t *bytes, struct status *status)
{
    if ((unpack->gunzip && gunzip_finish(unpack->gunzip, status)) ||
        tar_reader_finish(&unpack->reader, status))
        return -1;
    set_folder_times(unpack);
    memcpy(diff_id, "sha256:", 7);
    sha256_end_hex(&unpack->hash, diff_id + 7);
    *bytes = unpack->bytes;
    return 0;
}

void layer_unpack_close(struct layer_unpack *unpack)
{
    if (!unpack)
        return;
    close(unpack->root);
    if (unpack->file >= 0)
        close(unpack->file);
    gunzip_close(unpack->gunzip);
    tar_reader_release(&unpack->reader);
    buffer_release(&unpack->first);
    buffer_release(&unpack->folders);
    mem_free(unpack);
}
