/* A disk in memory with power cuts, failures and an end of space: an SQLite VFS.
 *
 * Writes and changes of size are at once seen by readers and durable with the
 * file's next sync. A power cut makes an image of what may be left: each
 * 512-byte sector has what it had at the last sync, or what any of the writes
 * since made of it, independently of all others; the size is one that the file
 * had since. So unsynced writes are dropped, reordered and torn. A new file is
 * there for sure from its first sync on.
 *
 * Thread: one at a time. One disk is mounted at a time in a process. */
#ifndef TESTS_UNIT_FAULTY_DISK_H
#define TESTS_UNIT_FAULTY_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/random.h"

#define FAULTY_DISK_VFS "faulty"

struct faulty_disk;

enum disk_call { DISK_READ, DISK_WRITE, DISK_SYNC, DISK_CALLS };

struct disk_settings {
    bool is_lying;           /* Syncs make nothing durable. */
    bool is_powersafe;       /* Says SQLITE_IOCAP_POWERSAFE_OVERWRITE, as real file systems do. */
    int64_t fail_at[DISK_CALLS]; /* The n-th call of a kind fails (from 1; 0: none)... */
    bool keeps_failing;      /* ...and all after it. */
    int64_t space;           /* Bytes that files may have together; 0: no end. */
    /* Called before and after each sync of the file of this name. */
    void (*at_sync)(void *context, const char *name);
    void *context;
};

struct faulty_disk *faulty_disk_create(void);
void faulty_disk_destroy(struct faulty_disk *disk);
struct disk_settings *faulty_disk_settings(struct faulty_disk *disk);
int64_t faulty_disk_calls(const struct faulty_disk *disk, enum disk_call call);
int64_t faulty_disk_size(const struct faulty_disk *disk); /* Of all files. */

/* SQLite's files are on this disk from now on, where FAULTY_DISK_VFS is asked for. NULL: none. */
void faulty_disk_mount(struct faulty_disk *disk);
/* A new disk with what a power cut now may leave. */
struct faulty_disk *faulty_disk_cut_power(const struct faulty_disk *disk, struct random *random);
/* A new disk with what is there now, synced or not: what a killed process leaves. */
struct faulty_disk *faulty_disk_copy(const struct faulty_disk *disk);
/* For damage: the bytes of a file, or NULL; the size may be lowered. */
char *faulty_disk_bytes(struct faulty_disk *disk, const char *name, int64_t **size);

#endif
