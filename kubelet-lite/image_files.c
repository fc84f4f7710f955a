#include "kubelet-lite/image_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/crypto.h"
#include "core/file.h"
#include "core/random.h"

enum { LAYER_NAME_SIZE = 32 };

const char *image_files_path(const struct image_files *files, struct arena *arena,
                             const char *folder, const char *name)
{
    return arena_format(arena, "%s/%s/%s", files->folder, folder, name);
}

static const char *hex_of(const char *digest)
{
    const char *colon = strchr(digest, ':');
    return colon ? colon + 1 : digest;
}

const char *image_files_layer(const struct image_files *files, struct arena *arena,
                              const char *diff_id)
{
    return arena_format(arena, "%s/layers/%.*s", files->folder, LAYER_NAME_SIZE, hex_of(diff_id));
}

const char *image_files_temporary(const struct image_files *files, struct arena *arena,
                                  const char *what)
{
    return arena_format(arena, "%s/temporary/%s-%d-%016llx", files->folder, what, (int)getpid(),
                        (unsigned long long)random_u64(random_system()));
}

int image_files_prepare(const struct image_files *files, struct status *status)
{
    static const char *const folders[] = {"configs", "layers", "names", "temporary", "host"};
    struct arena arena;
    int failed = 0;
    arena_init(&arena);
    for (size_t i = 0; !failed && i < ARRAY_SIZE(folders); i++)
        failed = folder_make(image_files_path(files, &arena, folders[i], "."), 0711, status);
    arena_release(&arena);
    return failed;
}

/* --- Configurations --- */

struct json *image_files_read_config(const struct image_files *files, struct arena *arena,
                                     const char *id, struct status *status)
{
    struct buffer text = {0};
    struct json *config = NULL;
    if (!image_digest_is_valid(slice_of(id))) {
        status_fail(status, STATUS_NOT_FOUND, "\"%s\" is no image id", id);
        return NULL;
    }
    if (file_read(image_files_path(files, arena, "configs", hex_of(id)), &text, status) == 0)
        config = json_parse(arena, buffer_slice(&text), NULL, status);
    buffer_release(&text);
    return config;
}

int image_files_write_config(const struct image_files *files, const char *id, struct slice bytes,
                             struct status *status)
{
    struct arena arena;
    arena_init(&arena);
    int failed =
        file_write(image_files_path(files, &arena, "configs", hex_of(id)), 0644, bytes, status);
    arena_release(&arena);
    return failed;
}

const char *const *image_files_layers(const struct json *config, struct arena *arena)
{
    const struct json *ids = json_at(config, "rootfs.diff_ids");
    const char **layers = ARENA_ARRAY(arena, const char *, json_count(ids) + 1);
    size_t count = 0;
    JSON_EACH(id, ids)
        layers[count++] = arena_copy_text(arena, json_text(id));
    return layers;
}

bool image_files_has_layer(const struct image_files *files, const char *diff_id)
{
    struct arena arena;
    arena_init(&arena);
    bool has = access(image_files_layer(files, &arena, diff_id), F_OK) == 0;
    arena_release(&arena);
    return has;
}

bool image_files_layer_is_used(const char *diff_id, struct slice mounts)
{
    char name[LAYER_NAME_SIZE + 1];
    snprintf(name, sizeof name, "%s", hex_of(diff_id));
    return mounts.size > 0 && memmem(mounts.data, mounts.size, name, strlen(name)) != NULL;
}

/* --- Names --- */

static const char *name_path(const struct image_files *files, struct arena *arena, const char *name)
{
    char hex[SHA256_SIZE * 2 + 1];
    sha256_hex(slice_of(name), hex);
    return image_files_path(files, arena, "names", hex);
}

static struct json *read_name(struct arena *arena, const char *path)
{
    struct buffer text = {0};
    struct status ignored;
    struct json *record = NULL;
    status_init(&ignored);
    if (file_read(path, &text, &ignored) == 0)
        record = json_parse(arena, buffer_slice(&text), NULL, &ignored);
    buffer_release(&text);
    status_release(&ignored);
    return record;
}

const char *image_files_resolve(const struct image_files *files, struct arena *arena,
                                const char *name)
{
    const struct json *record = read_name(arena, name_path(files, arena, name));
    return record ? json_text(json_get(record, "id")) : NULL;
}

int image_files_write_name(const struct image_files *files, const char *name, const char *id,
                           const char *digest, struct status *status)
{
    struct arena arena;
    struct buffer text = {0};
    arena_init(&arena);
    struct json *record = json_new_object(&arena);
    json_set_text(&arena, record, "name", name);
    json_set_text(&arena, record, "id", id);
    json_set_text(&arena, record, "digest", digest);
    json_print(record, &text);
    int failed = file_write(name_path(files, &arena, name), 0644, buffer_slice(&text), status);
    buffer_release(&text);
    arena_release(&arena);
    return failed;
}

struct image_name *image_files_names(const struct image_files *files, struct arena *arena)
{
    struct image_name *names = NULL;
    DIR *listing = opendir(image_files_path(files, arena, "names", "."));
    for (struct dirent *entry; listing && (entry = readdir(listing));) {
        if (strlen(entry->d_name) != SHA256_SIZE * 2)
            continue;
        const char *path = image_files_path(files, arena, "names", entry->d_name);
        const struct json *record = read_name(arena, path);
        struct image_name *name = ARENA_NEW(arena, struct image_name);
        *name = (struct image_name){
            .name = json_text(json_get(record, "name")),
            .id = json_text(json_get(record, "id")),
            .digest = json_text(json_get(record, "digest")),
            .path = path,
            .next = names,
        };
        if (record)
            names = name;
    }
    if (listing)
        closedir(listing);
    return names;
}

void image_files_touch(const struct image_files *files, const char *id)
{
    struct arena arena;
    arena_init(&arena);
    if (utimensat(AT_FDCWD, image_files_path(files, &arena, "configs", hex_of(id)), NULL, 0) < 0)
        errno = 0; /* It was removed: whoever mounts it will say so. */
    arena_release(&arena);
}

/* --- Descriptions --- */

static const char *const *texts(const struct json *array, struct arena *arena)
{
    const char **list = ARENA_ARRAY(arena, const char *, json_count(array) + 1);
    size_t count = 0;
    JSON_EACH(text, array)
        list[count++] = arena_copy_text(arena, json_text(text));
    return list;
}

static void fill_names(const struct image_files *files, struct arena *arena, struct image *image)
{
    struct image_name *names = image_files_names(files, arena);
    size_t count = 0;
    for (const struct image_name *name = names; name; name = name->next)
        count += strcmp(name->id, image->id) == 0;
    const char **list = ARENA_ARRAY(arena, const char *, count + 1);
    image->digest = image->id;
    count = 0;
    for (const struct image_name *name = names; name; name = name->next) {
        if (strcmp(name->id, image->id) != 0)
            continue;
        list[count++] = name->name;
        if (*name->digest)
            image->digest = name->digest;
    }
    image->names = list;
}

static void fill_use(const struct image_files *files, struct arena *arena,
                     const struct json *config, struct image *image)
{
    struct stat seen;
    struct buffer mounts = {0};
    struct status ignored;
    const char *path = image_files_path(files, arena, "configs", hex_of(image->id));
    status_init(&ignored);
    if (stat(path, &seen) == 0)
        image->used_us = (int64_t)seen.st_mtim.tv_sec * 1000000 + seen.st_mtim.tv_nsec / 1000;
    const char *const *layers = image_files_layers(config, arena);
    bool is_readable = file_read("/proc/self/mountinfo", &mounts, &ignored) == 0;
    image->is_used = !is_readable;
    for (; *layers; layers++) {
        struct buffer size = {0};
        int64_t bytes = 0;
        path = arena_format(arena, "%s.size", image_files_layer(files, arena, *layers));
        if (file_read(path, &size, &ignored) == 0 && slice_to_int64(buffer_slice(&size), &bytes))
            image->size_bytes += bytes;
        /* The uppermost tells: the ones below it may be another image's too. */
        if (is_readable)
            image->is_used = image_files_layer_is_used(*layers, buffer_slice(&mounts));
        buffer_release(&size);
    }
    buffer_release(&mounts);
    status_release(&ignored);
}

int image_files_describe(const struct image_files *files, struct arena *arena, const char *id,
                         bool all, struct image *image, struct status *status)
{
    const struct json *config = image_files_read_config(files, arena, id, status);
    const struct json *wanted = json_get(config, "config");
    if (!config)
        return -1;
    *image = (struct image){
        .id = arena_copy_text(arena, id),
        .entrypoint = texts(json_get(wanted, "Entrypoint"), arena),
        .command = texts(json_get(wanted, "Cmd"), arena),
        .environment = texts(json_get(wanted, "Env"), arena),
        .directory = json_text(json_get(wanted, "WorkingDir")),
        .user = json_text(json_get(wanted, "User")),
        .stop_signal = json_text(json_get(wanted, "StopSignal")),
    };
    fill_names(files, arena, image);
    if (all)
        fill_use(files, arena, config, image);
    return 0;
}
