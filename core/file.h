/* Whole files: read into a buffer, written so that they are there whole or not at all. */
#ifndef CORE_FILE_H
#define CORE_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/buffer.h"
#include "core/status.h"

/* Appends; fails with NOT_FOUND when there is no such file. */
MUST_USE int file_read(const char *path, struct buffer *bytes, struct status *status);
/* Writes a new file beside it, syncs, and renames it into place. */
MUST_USE int file_write(const char *path, mode_t mode, struct slice bytes, struct status *status);
/* Makes a folder and those above it; good when it is there. */
MUST_USE int folder_make(const char *path, mode_t mode, struct status *status);
/* Removes a file, or a folder with all it holds; good when it is not there. Links are not
 * followed, and what is mounted below stays: then it fails. */
MUST_USE int folder_remove(const char *path, struct status *status);

#endif
