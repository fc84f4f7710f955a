/* The faulty disk. Files keep what is durable, what is current, and a list of what came between. */
#include "tests/unit/faulty_disk.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"
#include "core/list.h"

#define SECTOR 512
#define FILES_MAX 16

struct bytes {
    char *data;
    int64_t size;
    int64_t capacity;
};

struct pending { /* A write or a change of size since the last sync. */
    struct list link;
    bool is_resize;
    int64_t offset; /* Of a resize: the new size. */
    int64_t size;
    char data[];
};

struct disk_file {
    char *name; /* NULL: this place is free. */
    struct bytes current;
    struct bytes durable;
    struct list pending;
    bool is_durable; /* Its name is. */
};

struct faulty_disk {
    struct disk_file files[FILES_MAX];
    struct disk_settings settings;
    int64_t calls[DISK_CALLS];
};

struct handle {
    sqlite3_file base;
    struct disk_file *file;
    struct faulty_disk *disk;
};

static struct faulty_disk *mounted; /* A VFS has no context of its own. */

/* --- Bytes --- */

static void bytes_resize(struct bytes *bytes, int64_t size)
{
    if (size > bytes->capacity) {
        bytes->capacity = size * 2;
        bytes->data = mem_resize(bytes->data, (size_t)bytes->capacity);
    }
    if (size > bytes->size)
        memset(bytes->data + bytes->size, 0, (size_t)(size - bytes->size));
    bytes->size = size;
}

static void bytes_write(struct bytes *bytes, int64_t offset, const char *data, int64_t size)
{
    if (offset + size > bytes->size)
        bytes_resize(bytes, offset + size);
    if (size > 0)
        memcpy(bytes->data + offset, data, (size_t)size);
}

static void bytes_set(struct bytes *bytes, const struct bytes *from)
{
    bytes_resize(bytes, 0);
    bytes_write(bytes, 0, from->data, from->size);
}

/* --- Files --- */

static struct disk_file *find_file(struct faulty_disk *disk, const char *name)
{
    for (int i = 0; i < FILES_MAX; i++) {
        if (disk->files[i].name && strcmp(disk->files[i].name, name) == 0)
            return &disk->files[i];
    }
    return NULL;
}

static struct disk_file *make_file(struct faulty_disk *disk, const char *name)
{
    for (int i = 0; i < FILES_MAX; i++) {
        struct disk_file *file = &disk->files[i];
        if (file->name)
            continue;
        file->name = mem_copy_text(name);
        list_init(&file->pending);
        return file;
    }
    UNREACHABLE("too many files");
}

static void forget_pending(struct disk_file *file)
{
    for (struct list *link; (link = list_pop_front(&file->pending)) != NULL;)
        mem_free(CONTAINER_OF(link, struct pending, link));
}

static void remove_file(struct disk_file *file)
{
    forget_pending(file);
    mem_free(file->name);
    mem_free(file->current.data);
    mem_free(file->durable.data);
    *file = (struct disk_file){0};
}

static void add_pending(struct disk_file *file, bool is_resize, int64_t offset, const char *data,
                        int64_t size)
{
    struct pending *pending = mem_alloc(sizeof(*pending) + (size_t)size);
    pending->is_resize = is_resize;
    pending->offset = offset;
    pending->size = size;
    if (size > 0)
        memcpy(pending->data, data, (size_t)size);
    list_push_back(&file->pending, &pending->link);
}

/* --- Power --- */

/* What one sector may hold after the cut: one of its versions since the last sync. */
static void cut_sector(const struct disk_file *file, int64_t offset, struct bytes *image,
                       struct random *random)
{
    uint64_t versions = 1;
    LIST_EACH(link, &file->pending) {
        const struct pending *pending = CONTAINER_OF(link, struct pending, link);
        versions += !pending->is_resize && pending->offset < offset + SECTOR &&
                    pending->offset + pending->size > offset;
    }
    uint64_t version = random_below(random, versions);
    LIST_EACH(link, &file->pending) {
        const struct pending *pending = CONTAINER_OF(link, struct pending, link);
        int64_t from = pending->offset > offset ? pending->offset : offset;
        int64_t end = pending->offset + pending->size;
        int64_t to = end < offset + SECTOR ? end : offset + SECTOR;
        if (pending->is_resize || from >= to)
            continue;
        if (version-- == 0)
            return;
        bytes_write(image, from, pending->data + (from - pending->offset), to - from);
    }
}

/* One of the sizes that the file had since its last sync. */
static int64_t cut_size(const struct disk_file *file, struct random *random)
{
    int64_t size = file->durable.size;
    int64_t chosen = size;
    uint64_t seen = 1;
    LIST_EACH(link, &file->pending) {
        const struct pending *pending = CONTAINER_OF(link, struct pending, link);
        int64_t end = pending->is_resize ? pending->offset : pending->offset + pending->size;
        if (pending->is_resize || end > size)
            size = end;
        if (random_below(random, ++seen) == 0)
            chosen = size;
    }
    return chosen;
}

static void cut_file(const struct disk_file *file, struct disk_file *left, struct random *random)
{
    struct bytes image = {0};
    bytes_set(&image, &file->durable);
    int64_t size = cut_size(file, random);
    int64_t sectors = (file->current.size > image.size ? file->current.size : image.size) / SECTOR;
    for (int64_t i = 0; i <= sectors; i++)
        cut_sector(file, i * SECTOR, &image, random);
    bytes_resize(&image, size);
    bytes_set(&left->current, &image);
    bytes_set(&left->durable, &image);
    left->is_durable = true;
    mem_free(image.data);
}

struct faulty_disk *faulty_disk_cut_power(const struct faulty_disk *disk, struct random *random)
{
    struct faulty_disk *left = faulty_disk_create();
    left->settings.is_powersafe = disk->settings.is_powersafe;
    for (int i = 0; i < FILES_MAX; i++) {
        const struct disk_file *file = &disk->files[i];
        if (file->name && (file->is_durable || random_below(random, 2) == 0))
            cut_file(file, make_file(left, file->name), random);
    }
    return left;
}

struct faulty_disk *faulty_disk_copy(const struct faulty_disk *disk)
{
    struct faulty_disk *copy = faulty_disk_create();
    copy->settings.is_powersafe = disk->settings.is_powersafe;
    for (int i = 0; i < FILES_MAX; i++) {
        const struct disk_file *file = &disk->files[i];
        if (file->name == NULL)
            continue;
        struct disk_file *to = make_file(copy, file->name);
        bytes_set(&to->current, &file->current);
        bytes_set(&to->durable, &file->current);
        to->is_durable = true;
    }
    return copy;
}

/* --- Faults --- */

static bool fails(struct faulty_disk *disk, enum disk_call call)
{
    int64_t n = ++disk->calls[call];
    int64_t at = disk->settings.fail_at[call];
    return at > 0 && (n == at || (n > at && disk->settings.keeps_failing));
}

static bool is_full(const struct faulty_disk *disk, const struct disk_file *file, int64_t end)
{
    int64_t more = end > file->current.size ? end - file->current.size : 0;
    return disk->settings.space > 0 && more > 0 &&
           faulty_disk_size(disk) + more > disk->settings.space;
}

/* --- SQLite's file methods --- */

static struct handle *handle_of(sqlite3_file *base)
{
    return CONTAINER_OF(base, struct handle, base);
}

static int close_file(sqlite3_file *base)
{
    (void)base;
    return SQLITE_OK;
}

static int read_file(sqlite3_file *base, void *data, int size, sqlite3_int64 offset)
{
    struct handle *handle = handle_of(base);
    const struct bytes *bytes = &handle->file->current;
    if (fails(handle->disk, DISK_READ))
        return SQLITE_IOERR_READ;
    int64_t there = offset < bytes->size ? bytes->size - offset : 0;
    if (there > size)
        there = size;
    if (there > 0)
        memcpy(data, bytes->data + offset, (size_t)there);
    memset((char *)data + there, 0, (size_t)(size - there));
    return there == size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int write_file(sqlite3_file *base, const void *data, int size, sqlite3_int64 offset)
{
    struct handle *handle = handle_of(base);
    if (fails(handle->disk, DISK_WRITE))
        return SQLITE_IOERR_WRITE;
    if (is_full(handle->disk, handle->file, offset + size))
        return SQLITE_FULL;
    bytes_write(&handle->file->current, offset, data, size);
    add_pending(handle->file, false, offset, data, size);
    return SQLITE_OK;
}

static int truncate_file(sqlite3_file *base, sqlite3_int64 size)
{
    struct handle *handle = handle_of(base);
    bytes_resize(&handle->file->current, size);
    add_pending(handle->file, true, size, NULL, 0);
    return SQLITE_OK;
}

static void notice_sync(const struct handle *handle)
{
    const struct disk_settings *settings = &handle->disk->settings;
    if (settings->at_sync)
        settings->at_sync(settings->context, handle->file->name);
}

static int sync_file(sqlite3_file *base, int flags)
{
    struct handle *handle = handle_of(base);
    (void)flags;
    notice_sync(handle);
    if (fails(handle->disk, DISK_SYNC))
        return SQLITE_IOERR_FSYNC;
    handle->file->is_durable = true;
    if (!handle->disk->settings.is_lying) {
        bytes_set(&handle->file->durable, &handle->file->current);
        forget_pending(handle->file);
    }
    notice_sync(handle);
    return SQLITE_OK;
}

static int size_of_file(sqlite3_file *base, sqlite3_int64 *size)
{
    *size = handle_of(base)->file->current.size;
    return SQLITE_OK;
}

static int lock_file(sqlite3_file *base, int level)
{
    (void)base;
    (void)level;
    return SQLITE_OK;
}

static int check_lock(sqlite3_file *base, int *is_locked)
{
    (void)base;
    *is_locked = 0;
    return SQLITE_OK;
}

static int control_file(sqlite3_file *base, int what, void *argument)
{
    (void)base;
    (void)what;
    (void)argument;
    return SQLITE_NOTFOUND;
}

static int sector_size(sqlite3_file *base)
{
    (void)base;
    return SECTOR;
}

static int characteristics(sqlite3_file *base)
{
    return handle_of(base)->disk->settings.is_powersafe ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock_file,
    .xUnlock = lock_file,
    .xCheckReservedLock = check_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
};

/* --- SQLite's VFS methods --- */

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
                     int *out_flags)
{
    struct handle *handle = handle_of(base);
    (void)vfs;
    PRE(mounted != NULL && name != NULL);
    *handle = (struct handle){.disk = mounted, .file = find_file(mounted, name)};
    if (handle->file == NULL && (flags & SQLITE_OPEN_CREATE) != 0)
        handle->file = make_file(mounted, name);
    if (handle->file == NULL)
        return SQLITE_CANTOPEN;
    handle->base.pMethods = &methods;
    if (out_flags)
        *out_flags = flags;
    return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    (void)vfs;
    (void)sync_folder;
    struct disk_file *file = find_file(mounted, name);
    if (file == NULL)
        return SQLITE_IOERR_DELETE_NOENT;
    remove_file(file);
    return SQLITE_OK;
}

static int access_file(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
    (void)vfs;
    (void)flags;
    const struct disk_file *file = find_file(mounted, name);
    *result = file != NULL && (flags != SQLITE_ACCESS_EXISTS || file->current.size > 0);
    return SQLITE_OK;
}

static int full_path(sqlite3_vfs *vfs, const char *name, int size, char *path)
{
    (void)vfs;
    if (strlen(name) >= (size_t)size)
        return SQLITE_CANTOPEN;
    memcpy(path, name, strlen(name) + 1);
    return SQLITE_OK;
}

static void register_vfs(void)
{
    static sqlite3_vfs vfs;
    sqlite3_initialize();
    if (vfs.zName)
        return;
    vfs = *sqlite3_vfs_find(NULL); /* Time, randomness and sleep are its own. */
    vfs.zName = FAULTY_DISK_VFS;
    vfs.szOsFile = sizeof(struct handle);
    vfs.xOpen = open_file;
    vfs.xDelete = delete_file;
    vfs.xAccess = access_file;
    vfs.xFullPathname = full_path;
    sqlite3_vfs_register(&vfs, 0);
}

/* --- The disk --- */

struct faulty_disk *faulty_disk_create(void)
{
    return mem_alloc(sizeof(struct faulty_disk));
}

void faulty_disk_destroy(struct faulty_disk *disk)
{
    for (int i = 0; i < FILES_MAX; i++) {
        if (disk->files[i].name)
            remove_file(&disk->files[i]);
    }
    mem_free(disk);
}

struct disk_settings *faulty_disk_settings(struct faulty_disk *disk)
{
    return &disk->settings;
}

int64_t faulty_disk_calls(const struct faulty_disk *disk, enum disk_call call)
{
    return disk->calls[call];
}

int64_t faulty_disk_size(const struct faulty_disk *disk)
{
    int64_t size = 0;
    for (int i = 0; i < FILES_MAX; i++)
        size += disk->files[i].current.size;
    return size;
}

void faulty_disk_mount(struct faulty_disk *disk)
{
    register_vfs();
    mounted = disk;
}

char *faulty_disk_bytes(struct faulty_disk *disk, const char *name, int64_t **size)
{
    struct disk_file *file = find_file(disk, name);
    if (file == NULL)
        return NULL;
    *size = &file->current.size;
    return file->current.data;
}
