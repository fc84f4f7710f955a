/* Files of a folder that change all at once, as pkg/volume/util/atomic_writer.go has them:
 *
 *   FOLDER/..2026_01_02_03_04_05.000006789/a/b   the files
 *   FOLDER/..data -> ..2026_...                  which of them count: one rename changes all
 *   FOLDER/a -> ..data/a                         what is seen
 *
 * Thread: any, one at a time for a folder; blocks. */
#ifndef KUBELET_ATOMIC_WRITER_H
#define KUBELET_ATOMIC_WRITER_H

#include "core/arena.h"
#include "core/status.h"

struct atomic_file {
    const char *path;    /* Relative, without "..". */
    struct slice bytes;
    unsigned mode;
    int64_t uid, gid;    /* -1: as it comes. */
    struct atomic_file *next;
};

/* Writes nothing when all is as it should be. now_us names the new folder. */
MUST_USE int atomic_write(const char *folder, const struct atomic_file *files, int64_t now_us,
                          struct status *status);
bool atomic_path_is_valid(struct slice path);

#endif
