#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "core/crypto.h"
#include "core/file.h"
#include "kubelet-lite/folder_copy.h"
#include "kubelet-lite/layer_unpack.h"
#include "tests/harness/tar_writer.h"
#include "tests/harness/test.h"

#define LIMIT 1000000

struct layer {
    struct buffer archive;
    char folder[200];
    struct status status;
    char diff_id[IMAGE_DIGEST_SIZE];
    int64_t bytes;
};

static void begin(struct layer *layer)
{
    *layer = (struct layer){0};
    status_init(&layer->status);
    snprintf(layer->folder, sizeof layer->folder, "%s/layer", test_folder());
    EXPECT_EQ(mkdir(layer->folder, 0755), 0);
    if (geteuid() != 0)
        SKIP("needs root: owners and devices");
}

static void put(struct layer *layer, char type, const char *path, const char *text)
{
    tar_write(&layer->archive, &(struct tar_item){type, path, text, 0, 0});
}

static int unpack(struct layer *layer, size_t step)
{
    struct slice archive = buffer_slice(&layer->archive);
    struct layer_unpack *unpack = layer_unpack_open(layer->folder, LIMIT, &layer->status);
    int failed = 0;
    for (size_t at = 0; !failed && at < archive.size; at += step)
        failed = layer_unpack_feed(unpack, slice_sub(archive, at, at + step), &layer->status);
    if (!failed)
        failed = layer_unpack_finish(unpack, layer->diff_id, &layer->bytes, &layer->status);
    layer_unpack_close(unpack);
    return failed;
}

static void end(struct layer *layer)
{
    buffer_release(&layer->archive);
    status_release(&layer->status);
}

static struct stat stat_of(const struct layer *layer, const char *path)
{
    char full[400];
    struct stat seen;
    snprintf(full, sizeof full, "%s/%s", layer->folder, path);
    EXPECT_EQ(lstat(full, &seen), 0);
    return seen;
}

static void expect_text(const struct layer *layer, const char *path, const char *wanted)
{
    char full[400];
    struct buffer text = {0};
    struct status status;
    status_init(&status);
    snprintf(full, sizeof full, "%s/%s", layer->folder, path);
    EXPECT_EQ(file_read(full, &text, &status), 0);
    EXPECT_SLICE(buffer_slice(&text), wanted);
    buffer_release(&text);
    status_release(&status);
}

TEST("a layer becomes a folder: files, links, owners, modes, times, and its diff id")
{
    struct layer layer;
    char digest[IMAGE_DIGEST_SIZE];
    begin(&layer);
    tar_write(&layer.archive, &(struct tar_item){'5', "./etc/", NULL, 0750, 7});
    tar_write(&layer.archive, &(struct tar_item){'0', "etc/passwd", "root", 04711, 9});
    put(&layer, '0', "/deep/in/there", "x");
    put(&layer, '2', "etc/link", "/etc/passwd");
    put(&layer, '1', "hard", "./etc/passwd");
    put(&layer, '6', "pipe", "");
    tar_end(&layer.archive);
    EXPECT_EQ(unpack(&layer, 100), 0);
    image_digest_of(buffer_slice(&layer.archive), digest);
    EXPECT_TEXT(layer.diff_id, digest);
    EXPECT_EQ(layer.bytes, layer.archive.size);
    EXPECT_EQ(stat_of(&layer, "etc").st_mode, S_IFDIR | 0750);
    EXPECT_EQ(stat_of(&layer, "etc").st_mtime, 1700000000);
    EXPECT_EQ(stat_of(&layer, "etc/passwd").st_mode, S_IFREG | 04711);
    EXPECT_EQ(stat_of(&layer, "etc/passwd").st_uid, 9);
    EXPECT_EQ(stat_of(&layer, "hard").st_ino, stat_of(&layer, "etc/passwd").st_ino);
    EXPECT(S_ISLNK(stat_of(&layer, "etc/link").st_mode));
    EXPECT(S_ISFIFO(stat_of(&layer, "pipe").st_mode));
    expect_text(&layer, "deep/in/there", "x");
    end(&layer);
}

TEST("what a layer takes away is said in the kernel's way")
{
    struct layer layer;
    char path[300], value[4];
    begin(&layer);
    put(&layer, '0', "a/.wh.gone", "");
    put(&layer, '0', "b/.wh..wh..opq", "");
    put(&layer, '0', "b/new", "n");
    tar_end(&layer.archive);
    EXPECT_EQ(unpack(&layer, 1000), 0);
    EXPECT(S_ISCHR(stat_of(&layer, "a/gone").st_mode));
    EXPECT_EQ(stat_of(&layer, "a/gone").st_rdev, makedev(0, 0));
    snprintf(path, sizeof path, "%s/b", layer.folder);
    EXPECT_EQ(getxattr(path, TREE_OPAQUE, value, sizeof value), 1);
    expect_text(&layer, "b/new", "n");
    end(&layer);
}

/* Whatever is tried, what lies beside the folder stays as it is. */
static void expect_no_escape(const struct tar_item *items, size_t count)
{
    struct layer layer;
    char outside[300];
    struct status status;
    begin(&layer);
    status_init(&status);
    snprintf(outside, sizeof outside, "%s/../outside", layer.folder);
    EXPECT_EQ(mkdir(outside, 0755), 0);
    snprintf(outside, sizeof outside, "%s/../outside/file", layer.folder);
    EXPECT_EQ(file_write(outside, 0644, SLICE("safe"), &status), 0);
    for (size_t i = 0; i < count; i++)
        tar_write(&layer.archive, &items[i]);
    tar_end(&layer.archive);
    if (unpack(&layer, 333) == 0)
        EXPECT(status_ok(&layer.status));
    expect_text(&layer, "../outside/file", "safe");
    struct stat seen = stat_of(&layer, "../outside");
    EXPECT_EQ(seen.st_nlink, 2);
    snprintf(outside, sizeof outside, "%s/../outside/new", layer.folder);
    EXPECT(access(outside, F_OK) != 0);
    EXPECT_EQ(stat_of(&layer, "../outside/file").st_nlink, 1);
    status_release(&status);
    end(&layer);
}

TEST("no name leads out of a layer's folder")
{
    const struct tar_item items[] = {{'0', "../outside/new", "bad", 0, 0}};
    expect_no_escape(items, 1);
}

TEST("no link leads out of a layer's folder")
{
    const struct tar_item items[] = {
        {'2', "way", "../outside", 0, 0},
        {'0', "way/new", "bad", 0, 0},
        {'2', "root", "/", 0, 0},
        {'0', "root/outside/new", "bad", 0, 0},
        {'2', "file", "../outside/file", 0, 0},
        {'0', "file", "bad", 0, 0},
        {'5', "way", NULL, 0777, 0},
        {'0', "way/new", "mine", 0, 0},
    };
    expect_no_escape(items, ARRAY_SIZE(items));
}

TEST("no hard link reaches out of a layer's folder")
{
    const struct tar_item items[] = {{'2', "way", "..", 0, 0},
                                     {'1', "stolen", "way/outside/file", 0, 0},
                                     {'0', "stolen", "bad", 0, 0}};
    expect_no_escape(items, ARRAY_SIZE(items));
}

TEST("no hard link's target leads out of a layer's folder")
{
    const struct tar_item items[] = {{'1', "stolen", "../outside/file", 0, 0}};
    expect_no_escape(items, ARRAY_SIZE(items));
}

TEST("a layer that is too large, damaged or compressed by zstd is refused")
{
    struct layer layer;
    begin(&layer);
    char *large = mem_alloc(LIMIT + 1);
    memset(large, 'x', LIMIT);
    put(&layer, '0', "large", large);
    mem_free(large);
    EXPECT_EQ(unpack(&layer, 100000), -1);
    EXPECT_EQ(layer.status.reason, STATUS_REQUEST_ENTITY_TOO_LARGE);
    status_clear(&layer.status);
    buffer_clear(&layer.archive);
    buffer_append(&layer.archive, "\x28\xb5\x2f\xfd....", 8);
    EXPECT_EQ(unpack(&layer, 3), -1);
    EXPECT_TEXT(layer.status.message, "unpack: layers compressed by zstd are not supported");
    status_clear(&layer.status);
    buffer_clear(&layer.archive);
    buffer_append(&layer.archive, "\x1f\x8b\x08\x00 no gzip at all", 20);
    EXPECT_EQ(unpack(&layer, 5), -1);
    EXPECT(slice_starts_with(slice_of(layer.status.message), SLICE("gzip: ")));
    end(&layer);
}
