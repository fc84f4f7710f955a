#include "kubelet-lite/image_layer.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "core/file.h"
#include "core/trace.h"
#include "kubelet-lite/layer_unpack.h"

#define LAYER_BYTES_MAX (INT64_C(64) << 30)

struct image_layer {
    const struct image_files *files;
    struct arena arena;
    const char *folder;       /* Where it is unpacked. */
    struct layer_unpack *unpack;
};

struct image_layer *image_layer_open(const struct image_files *files, struct status *status)
{
    struct image_layer *layer = mem_alloc(sizeof(*layer));
    layer->files = files;
    arena_init(&layer->arena);
    layer->folder = image_files_temporary(files, &layer->arena, "layer");
    if (folder_make(layer->folder, 0755, status) == 0)
        layer->unpack = layer_unpack_open(layer->folder, LAYER_BYTES_MAX, status);
    if (layer->unpack)
        return layer;
    image_layer_close(layer);
    return NULL;
}

int image_layer_feed(struct image_layer *layer, struct slice data, struct status *status)
{
    return layer_unpack_feed(layer->unpack, data, status);
}

/* Another pull may have been faster: then its layer is as good. */
static int move_in(struct image_layer *layer, const char *diff_id, int64_t bytes,
                   struct status *status)
{
    char size[32];
    const char *path = image_files_layer(layer->files, &layer->arena, diff_id);
    snprintf(size, sizeof size, "%lld", (long long)bytes);
    if (file_write(arena_format(&layer->arena, "%s.size", path), 0644, slice_of(size), status))
        return -1;
    if (rename(layer->folder, path) == 0 || errno == EEXIST || errno == ENOTEMPTY)
        return 0;
    return status_fail(status, STATUS_INTERNAL_ERROR, "%s: %s", path, strerror(errno));
}

int image_layer_finish(struct image_layer *layer, const char *diff_id, struct status *status)
{
    char digest[IMAGE_DIGEST_SIZE];
    int64_t bytes;
    if (layer_unpack_finish(layer->unpack, digest, &bytes, status))
        return -1;
    if (strcmp(digest, diff_id) != 0)
        return status_fail(status, STATUS_BAD_REQUEST, "the layer's diff id is %s, not %s", digest,
                           diff_id);
    return move_in(layer, diff_id, bytes, status);
}

void image_layer_close(struct image_layer *layer)
{
    struct status ignored;
    if (!layer)
        return;
    status_init(&ignored);
    layer_unpack_close(layer->unpack);
    if (folder_remove(layer->folder, &ignored))
        log_line(LOG_WARN, "a half layer stays behind", "why=\"%s\"", ignored.message);
    status_release(&ignored);
    arena_release(&layer->arena);
    mem_free(layer);
}

/* --- Manifests --- */

#if defined(__x86_64__)
static const char machine[] = "amd64";
#elif defined(__aarch64__)
static const char machine[] = "arm64";
#else
#error "images have no name for this machine"
#endif

bool image_is_index(const struct json *document)
{
    return json_is(json_get(document, "manifests"), JSON_ARRAY);
}

const struct json *image_index_pick(const struct json *index)
{
    const struct json *only = NULL;
    size_t without_platform = 0;
    JSON_EACH(entry, json_get(index, "manifests")) {
        const struct json *platform = json_get(entry, "platform");
        if (platform && slice_is(json_string(json_get(platform, "os")), "linux") &&
            slice_is(json_string(json_get(platform, "architecture")), machine))
            return entry;
        if (!platform) {
            without_platform++;
            only = entry;
        }
    }
    return without_platform == 1 ? only : NULL;
}

static bool is_descriptor(const struct json *descriptor)
{
    int64_t size = -1;
    return image_digest_is_valid(json_string(json_get(descriptor, "digest"))) &&
           json_to_int64(json_get(descriptor, "size"), &size) && size >= 0;
}

int image_manifest_check(const struct json *manifest, struct status *status)
{
    const struct json *layers = json_get(manifest, "layers");
    if (!is_descriptor(json_get(manifest, "config")) || !json_is(layers, JSON_ARRAY) ||
        json_count(layers) > LAYERS_MAX)
        return status_fail(status, STATUS_BAD_REQUEST,
                           "the manifest is none of an image with at most %d layers", LAYERS_MAX);
    JSON_EACH(layer, layers)
        if (!is_descriptor(layer))
            return status_fail(status, STATUS_BAD_REQUEST, "the manifest names a layer badly");
    return 0;
}

int image_config_check(const struct json *config, const struct json *manifest,
                       struct status *status)
{
    const struct json *ids = json_at(config, "rootfs.diff_ids");
    struct slice os = json_string(json_get(config, "os"));
    struct slice architecture = json_string(json_get(config, "architecture"));
    JSON_EACH(id, ids)
        if (!image_digest_is_valid(json_string(id)))
            return status_fail(status, STATUS_BAD_REQUEST, "the image has a bad diff id");
    if (json_count(ids) == 0 || json_count(ids) != json_count(json_get(manifest, "layers")))
        return status_fail(status, STATUS_BAD_REQUEST, "the image has %zu diff ids and %zu layers",
                           json_count(ids), json_count(json_get(manifest, "layers")));
    if ((os.size > 0 && !slice_is(os, "linux")) ||
        (architecture.size > 0 && !slice_is(architecture, machine)))
        return status_fail(status, STATUS_BAD_REQUEST,
                           "no match for platform in manifest: the image is for " SLICE_FORMAT
                           "/" SLICE_FORMAT,
                           SLICE_ARGS(os), SLICE_ARGS(architecture));
    return 0;
}
