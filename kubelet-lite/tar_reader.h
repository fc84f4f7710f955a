/* Archives as tar writes them, read as their bytes come: ustar, with GNU's and PAX' long names.
 *
 * Pushed, not pulled: tar_reader_feed() takes any piece of the archive and calls entry() at each
 * file's head, data() with pieces of its bytes, and end() behind the last of them. Slices and
 * texts are borrowed for the call. A callback that returns false stops all; it has said why.
 *
 * Pure: no file is touched. Everything in a header is checked; sizes are bounded. */
#ifndef KUBELET_TAR_READER_H
#define KUBELET_TAR_READER_H

#include "core/map.h"
#include "core/status.h"

enum tar_type {
    TAR_FILE = '0',
    TAR_HARD_LINK = '1',
    TAR_SYMBOLIC_LINK = '2',
    TAR_CHARACTER_DEVICE = '3',
    TAR_BLOCK_DEVICE = '4',
    TAR_FOLDER = '5',
    TAR_PIPE = '6',
};

struct tar_attribute { /* An extended attribute. */
    const char *name;
    struct slice value;
    struct tar_attribute *next;
};

struct tar_entry {
    enum tar_type type;
    const char *path;      /* As it stands there: it may be absolute, or have "..". */
    const char *target;    /* Of a link; "" else. */
    int64_t size;          /* Of a file. */
    int64_t mode, uid, gid;
    int64_t mtime_seconds;
    int64_t major, minor;
    const struct tar_attribute *attributes;
};

struct tar_handler {
    bool (*entry)(void *context, const struct tar_entry *entry, struct status *status);
    bool (*data)(void *context, struct slice data, struct status *status);
    bool (*end)(void *context, struct status *status);
};

enum { TAR_BLOCK = 512 };

struct tar_reader { /* Zeroed but for handler, context and status_* it is ready. */
    const struct tar_handler *handler;
    void *context;
    char block[TAR_BLOCK];
    size_t block_size;       /* What of it has come. */
    int64_t left, padding;   /* Of the body under way. */
    char body_type;          /* '\0': none; 'x', 'g', 'L', 'K': ours to keep; else the handler's. */
    struct buffer kept;      /* The body of a header about the next entry. */
    struct arena arena;      /* Of what such headers say. */
    const char *long_path, *long_target;
    struct tar_attribute *attributes;
    int64_t pax_size, pax_uid, pax_gid, pax_mtime; /* -1: not said. */
    bool has_ended;          /* Two blocks of zeros, or one. */
};

void tar_reader_init(struct tar_reader *reader, const struct tar_handler *handler, void *context);
void tar_reader_release(struct tar_reader *reader);
MUST_USE int tar_reader_feed(struct tar_reader *reader, struct slice data, struct status *status);
/* No more bytes come: fails when the archive is cut off. */
MUST_USE int tar_reader_finish(const struct tar_reader *reader, struct status *status);

#endif
