/* Paths that others have chosen, walked without leaving a folder: of an image's root, of a volume.
 *
 * A link inside is followed as if the folder were "/" (openat2(2), RESOLVE_IN_ROOT), so that no
 * "..", no link and nobody who swaps names meanwhile leads out of it. Thread: any; blocks. */
#ifndef KUBELET_HOST_PATH_H
#define KUBELET_HOST_PATH_H

#include <sys/types.h>

#include "core/buffer.h"
#include "core/status.h"

/* As open(2), O_CLOEXEC added; -1 and errno. */
int host_path_open(const char *root, const char *path, int flags, mode_t mode);
/* Opens a folder, making what is missing on the way; -1 and errno. */
int host_path_open_folder(const char *root, const char *path, mode_t mode);
/* Appends a file's bytes, at most so many; false when it cannot be read. */
bool host_path_read(const char *root, const char *path, size_t size_max, struct buffer *bytes);

#endif
