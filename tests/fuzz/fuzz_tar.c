/* Archives: no bytes break the reader, and where they are cut between calls changes nothing of
 * what it tells. */
#include <stdint.h>

#include "kubelet-lite/tar_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool entry(void *context, const struct tar_entry *told, struct status *status)
{
    (void)status;
    buffer_format(context, "%c %s>%s %lld %lld\n", (char)told->type, told->path, told->target,
                  (long long)told->size, (long long)told->uid);
    for (const struct tar_attribute *one = told->attributes; one; one = one->next)
        buffer_format(context, "%s %zu\n", one->name, one->value.size);
    POST(told->size >= 0 && (told->type == TAR_FILE || told->size == 0));
    return true;
}

static bool bytes(void *context, struct slice piece, struct status *status)
{
    (void)status;
    buffer_append_slice(context, piece);
    return true;
}

static bool end(void *context, struct status *status)
{
    (void)status;
    buffer_append_text(context, "]\n");
    return true;
}

static const struct tar_handler handler = {entry, bytes, end};

static bool read_all(struct slice archive, size_t step, struct buffer *told)
{
    struct tar_reader reader;
    struct status status;
    int failed = 0;
    status_init(&status);
    tar_reader_init(&reader, &handler, told);
    for (size_t at = 0; !failed && at < archive.size; at += step)
        failed = tar_reader_feed(&reader, slice_sub(archive, at, at + step), &status);
    if (!failed)
        failed = tar_reader_finish(&reader, &status);
    POST((failed != 0) == !status_ok(&status));
    tar_reader_release(&reader);
    status_release(&status);
    return failed == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice archive = {(const char *)data, size};
    struct buffer whole = {0}, pieces = {0};
    bool is_good = read_all(archive, size + 1, &whole);
    POST(read_all(archive, 77, &pieces) == is_good);
    POST(slice_equal(buffer_slice(&whole), buffer_slice(&pieces)));
    buffer_release(&whole);
    buffer_release(&pieces);
    return 0;
}
