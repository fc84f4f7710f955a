/* Files that appear whole or not at all.
 *
 * A new log is written under another name beside its own, synced, and then
 * gets its name. Thread: any. */
#ifndef STORE_NEW_FILE_H
#define STORE_NEW_FILE_H

#include "core/status.h"

char *new_file_name(const char *path, const char *ending); /* PATH + ending. Given. */
/* Syncs the file or folder at path. -1 and errno. */
MUST_USE int new_file_sync(const char *path, bool is_folder);
MUST_USE int new_file_sync_folder_of(const char *path);
/* Gives the whole file `new` the name path, durably; never over another file. */
MUST_USE int new_file_publish(const char *new, const char *path, struct status *status);
void new_file_remove(const char *new); /* And its -wal. */
/* Copies a file if it is there, mode 0600. */
MUST_USE int new_file_copy(const char *from, const char *to, struct status *status);

#endif
