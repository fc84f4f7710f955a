/* Rows: how one change of one object stands in the log.
 *
 * All numbers are little-endian. A row is self-contained and is used as it
 * stands: opening copies its slices and parses nothing.
 *
 *   offset size
 *        0    1  format of the row: 1
 *        1    1  flags: 1 deletion, 2 last of its transaction, 4 relaxed
 *        2    1  format of the view (VIEW_FORMAT of who wrote it)
 *        3    1  0
 *        4    4  crc32c of the revision (8 bytes) and all of the row but this field
 *        8    8  previous: revision of the row before this one in the log; 0: the first
 *       16    8  replaced: revision of the row that this one replaces; 0: created
 *       24    4  size of key
 *       28    4  size of view
 *       32    4  size of body
 *       36    4  splice
 *       40    -  key, view, body; what is left is the text of managedFields
 *
 * `previous` makes a chain: behind the compacted part of the log no row can be
 * missing unseen. The checksum covers the revision, so a row cannot pass for
 * another one. */
#ifndef STORE_ROW_H
#define STORE_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/kinds/object.h"
#include "core/status.h"

#define ROW_FORMAT 1
#define ROW_HEAD_SIZE 40

struct row {
    int64_t revision;
    int64_t previous;
    int64_t replaced;
    bool is_delete;
    bool ends_txn;
    bool is_relaxed;
    uint8_t view_format;
    uint32_t splice;
    struct slice key;
    struct slice view;
    struct slice body;
    struct slice managed;
};

/* What is said of object when it is put (or, deleted, was the last state). */
struct row row_of(const struct object *object);
/* Appends the row's bytes. */
void row_encode(const struct row *row, struct buffer *data);
size_t row_size(const struct object *object);
/* Reads and checks a row; its slices point into data. -1 with INTERNAL_ERROR and what is wrong:
 * damaged, or of a newer format. */
MUST_USE int row_decode(int64_t revision, struct slice data, struct row *row,
                        struct status *status);
struct object *row_to_object(const struct row *row);

#endif
