/* Layers: whatever an archive says, nothing outside of its folder changes. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "kubelet-lite/layer_unpack.h"

#define LIMIT (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count_entries(const char *folder)
{
    size_t count = 0;
    DIR *listing = opendir(folder);
    for (struct dirent *entry; listing && (entry = readdir(listing));)
        count++;
    if (listing)
        closedir(listing);
    return count;
}

static void unpack(const char *folder, struct slice archive, struct status *status)
{
    char diff_id[IMAGE_DIGEST_SIZE];
    int64_t bytes;
    struct layer_unpack *layer = layer_unpack_open(folder, LIMIT, status);
    PRE(layer);
    if (layer_unpack_feed(layer, archive, status) == 0 &&
        layer_unpack_finish(layer, diff_id, &bytes, status) == 0)
        POST(bytes <= LIMIT);
    layer_unpack_close(layer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char base[] = "/tmp/fuzz-layer-XXXXXX", folder[64], outside[64];
    struct status status;
    struct stat seen;
    status_init(&status);
    PRE(mkdtemp(base));
    snprintf(folder, sizeof folder, "%s/layer", base);
    snprintf(outside, sizeof outside, "%s/outside", base);
    PRE(mkdir(folder, 0755) == 0 && mkdir(outside, 0700) == 0);
    unpack(folder, (struct slice){(const char *)data, size}, &status);
    POST(count_entries(base) == 4 && count_entries(outside) == 2);
    POST(stat(outside, &seen) == 0 && (seen.st_mode & 07777) == 0700 && seen.st_uid == geteuid());
    status_clear(&status);
    POST(folder_remove(base, &status) == 0);
    status_release(&status);
    return 0;
}
