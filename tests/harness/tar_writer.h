/* Archives for tests, in memory. */
#ifndef TESTS_HARNESS_TAR_WRITER_H
#define TESTS_HARNESS_TAR_WRITER_H

#include "core/buffer.h"

struct tar_item {
    char type;           /* '0' file, '1' hard link, '2' symbolic link, '5' folder, ... */
    const char *path;
    const char *text;    /* Of a file: its bytes; of a link: its target. */
    unsigned mode;       /* 0: 0644, of a folder 0755. */
    unsigned uid;
};
void tar_write(struct buffer *archive, const struct tar_item *item);
void tar_write_bytes(struct buffer *archive, const char *path, struct slice bytes);
void tar_end(struct buffer *archive);

#endif
