/* An archive is first unpacked, as safely as a layer, and then it is a folder:
 *   index.json, blobs/sha256/HEX   an OCI layout
 *   manifest.json                  what `docker save` writes: names, and paths of all parts
 * Newer ones of the latter have both; manifest.json knows the names. */
#include "kubelet-lite/image_load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/trace.h"
#include "kubelet-lite/host_path.h"
#include "kubelet-lite/image_layer.h"
#include "kubelet-lite/layer_unpack.h"

enum { READ_SIZE = 256 * 1024, DOCUMENT_MAX = 8 << 20 };
#define ARCHIVE_MAX (INT64_C(256) << 30)

struct loading {
    const struct image_files *files;
    const char *folder;      /* The layout's. */
    struct arena *arena;
    const char *id;          /* Of the last image. */
    struct status *status;
};

static int fail(struct loading *self, const char *what, const char *path)
{
    return status_fail(self->status, STATUS_BAD_REQUEST, "%s %s", path, what);
}

static struct json *read_document(struct loading *self, const char *path, const char *digest,
                                  struct buffer *text)
{
    char own[IMAGE_DIGEST_SIZE];
    if (!host_path_read(self->folder, path, DOCUMENT_MAX, text)) {
        fail(self, "cannot be read", path);
        return NULL;
    }
    image_digest_of(buffer_slice(text), own);
    if (digest && strcmp(own, digest) != 0) {
        fail(self, "has another digest", path);
        return NULL;
    }
    return json_parse(self->arena, buffer_slice(text), NULL, self->status);
}

/* --- Layers --- */

static int feed_all(struct loading *self, int fd, struct image_layer *layer)
{
    char *bytes = mem_alloc(READ_SIZE);
    ssize_t got;
    int failed = 0;
    while (!failed && (got = read(fd, bytes, READ_SIZE)) != 0) {
        if (got > 0)
            failed = image_layer_feed(layer, (struct slice){bytes, (size_t)got}, self->status);
        else if (errno != EINTR)
            failed = fail(self, strerror(errno), "layer");
    }
    mem_free(bytes);
    return failed;
}

/* By its diff id it is known to be the right one, compressed or not. */
static int load_layer(struct loading *self, const char *path, const char *diff_id)
{
    if (image_files_has_layer(self->files, diff_id))
        return 0;
    int fd = host_path_open(self->folder, path, O_RDONLY, 0);
    if (fd < 0)
        return fail(self, strerror(errno), path);
    struct image_layer *layer = image_layer_open(self->files, self->status);
    int failed =
        !layer || feed_all(self, fd, layer) || image_layer_finish(layer, diff_id, self->status);
    image_layer_close(layer);
    close(fd);
    return failed ? status_wrap(self->status, "%s", path) : 0;
}

/* --- Images --- */

static int add_name(struct loading *self, const char *text, const char *digest)
{
    struct image_reference reference;
    const char *manifest = "";
    if (image_reference_parse(self->arena, text, &reference, self->status))
        return -1;
    if (digest)
        manifest = arena_format(self->arena, "%s/%s@%s", reference.domain, reference.path, digest);
    return image_files_write_name(self->files, reference.name, self->id, manifest, self->status);
}

/* Paths of layers are those of the manifest's descriptors, or an array of texts. */
static const char *layer_path(struct loading *self, const struct json *layer)
{
    const char *digest = json_text(json_get(layer, "digest"));
    return *digest ? arena_format(self->arena, "blobs/sha256/%s", digest + 7) : json_text(layer);
}

static int load_image(struct loading *self, const char *config_path, const char *config_digest,
                      const struct json *layers)
{
    char id[IMAGE_DIGEST_SIZE];
    struct buffer text = {0};
    const struct json *config = read_document(self, config_path, config_digest, &text);
    const struct json *ids = json_at(config, "rootfs.diff_ids");
    const struct json *layer = json_first(layers);
    struct json *counted = json_new_object(self->arena);
    int failed = config ? 0 : -1;
    json_set(self->arena, counted, "layers", json_copy(self->arena, layers));
    if (!failed)
        failed = image_config_check(config, counted, self->status);
    for (const struct json *diff = json_first(ids); !failed && diff;
         diff = json_next(diff), layer = json_next(layer))
        failed = load_layer(self, layer_path(self, layer), json_text(diff));
    if (!failed) {
        image_digest_of(buffer_slice(&text), id);
        self->id = arena_copy_text(self->arena, id);
        failed = image_files_write_config(self->files, id, buffer_slice(&text), self->status);
    }
    buffer_release(&text);
    return failed;
}

static int load_docker(struct loading *self, const struct json *images)
{
    JSON_EACH(image, images) {
        const struct json *names = json_get(image, "RepoTags");
        if (load_image(self, json_text(json_get(image, "Config")), NULL, json_get(image, "Layers")))
            return -1;
        if (json_count(names) == 0 &&
            image_files_write_name(self->files, self->id, self->id, "", self->status))
            return -1;
        JSON_EACH(name, names)
            if (add_name(self, json_text(name), NULL))
                return -1;
    }
    return 0;
}

static int load_manifest(struct loading *self, const struct json *descriptor, int depth);

static int load_document(struct loading *self, const struct json *document, const char *digest,
                         const struct json *descriptor, int depth)
{
    const struct json *notes = json_get(descriptor, "annotations");
    if (image_is_index(document)) {
        const struct json *picked = image_index_pick(document);
        if (!picked || depth == 0)
            return fail(self, "has no image for this machine", digest);
        return load_manifest(self, picked, depth - 1);
    }
    if (image_manifest_check(document, self->status))
        return -1;
    const char *config = json_text(json_at(document, "config.digest"));
    if (load_image(self, arena_format(self->arena, "blobs/sha256/%s", config + 7), config,
                   json_get(document, "layers")))
        return -1;
    const char *full = json_text(json_get(notes, "io.containerd.image.name"));
    if (!*full)
        full = json_text(json_get(notes, "org.opencontainers.image.ref.name"));
    return *full ? add_name(self, full, digest)
                 : image_files_write_name(self->files, self->id, self->id, "", self->status);
}

static int load_manifest(struct loading *self, const struct json *descriptor, int depth)
{
    const char *digest = json_text(json_get(descriptor, "digest"));
    struct buffer text = {0};
    if (!image_digest_is_valid(slice_of(digest)))
        return fail(self, "names a manifest badly", "index.json");
    const struct json *document = read_document(
        self, arena_format(self->arena, "blobs/sha256/%s", digest + 7), digest, &text);
    buffer_release(&text);
    return document ? load_document(self, document, digest, descriptor, depth) : -1;
}

static int load_folder(struct loading *self)
{
    struct buffer text = {0};
    int failed = 0;
    if (host_path_read(self->folder, "manifest.json", DOCUMENT_MAX, &text)) {
        const struct json *images =
            json_parse(self->arena, buffer_slice(&text), NULL, self->status);
        failed = images ? load_docker(self, images) : -1;
    } else {
        buffer_clear(&text);
        const struct json *index = read_document(self, "index.json", NULL, &text);
        failed = index ? 0 : -1;
        JSON_EACH(descriptor, json_get(index, "manifests"))
            failed = failed || load_manifest(self, descriptor, 2);
    }
    buffer_release(&text);
    if (!failed && !self->id)
        failed = fail(self, "holds no image", self->folder);
    return failed ? -1 : 0;
}

/* --- Archives --- */

static int unpack_archive(struct loading *self, int fd, const char *folder)
{
    char digest[IMAGE_DIGEST_SIZE];
    int64_t bytes;
    ssize_t got;
    struct layer_unpack *unpack = layer_unpack_open(folder, ARCHIVE_MAX, self->status);
    char *memory = mem_alloc(READ_SIZE);
    int failed = unpack ? 0 : -1;
    while (!failed && (got = read(fd, memory, READ_SIZE)) != 0) {
        if (got > 0)
            failed = layer_unpack_feed(unpack, (struct slice){memory, (size_t)got}, self->status);
        else if (errno != EINTR)
            failed = fail(self, strerror(errno), "archive");
    }
    if (!failed)
        failed = layer_unpack_finish(unpack, digest, &bytes, self->status);
    layer_unpack_close(unpack);
    mem_free(memory);
    return failed;
}

static int load_archive(struct loading *self, int fd)
{
    const char *folder = image_files_temporary(self->files, self->arena, "archive");
    struct status ignored;
    int failed = folder_make(folder, 0700, self->status);
    self->folder = folder;
    if (!failed)
        failed = unpack_archive(self, fd, folder) || load_folder(self);
    status_init(&ignored);
    if (folder_remove(folder, &ignored))
        log_line(LOG_WARN, "an archive stays behind", "why=\"%s\"", ignored.message);
    status_release(&ignored);
    return failed ? -1 : 0;
}

int image_load(const struct image_files *files, const char *path, struct arena *arena,
               const char **id, struct status *status)
{
    struct loading self = {.files = files, .folder = path, .arena = arena, .status = status};
    struct stat seen;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &seen) < 0) {
        if (fd >= 0)
            close(fd);
        return status_fail(status, STATUS_NOT_FOUND, "%s: %s", path, strerror(errno));
    }
    int failed = S_ISDIR(seen.st_mode) ? load_folder(&self) : load_archive(&self, fd);
    close(fd);
    *id = self.id;
    return failed;
}
