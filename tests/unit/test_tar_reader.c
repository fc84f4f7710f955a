#include "kubelet-lite/tar_reader.h"
#include "tests/harness/tar_writer.h"
#include "tests/harness/test.h"

struct seen {
    struct buffer text;
    const char *stop_at; /* entry() says no at this path. */
};

static bool entry(void *context, const struct tar_entry *told, struct status *status)
{
    struct seen *seen = context;
    buffer_format(&seen->text, "%c %s %s %lld %o %lld[", (char)told->type, told->path, told->target,
                  (long long)told->size, (unsigned)told->mode, (long long)told->uid);
    for (const struct tar_attribute *one = told->attributes; one; one = one->next)
        buffer_format(&seen->text, "%s=" SLICE_FORMAT ";", one->name, SLICE_ARGS(one->value));
    return !seen->stop_at || strcmp(seen->stop_at, told->path) != 0 ||
           status_fail(status, STATUS_BAD_REQUEST, "stopped") == 0;
}

static bool data(void *context, struct slice piece, struct status *status)
{
    (void)status;
    buffer_append_slice(&((struct seen *)context)->text, piece);
    return true;
}

static bool end(void *context, struct status *status)
{
    (void)status;
    buffer_append_text(&((struct seen *)context)->text, "]\n");
    return true;
}

static const struct tar_handler handler = {entry, data, end};

/* In pieces of so many bytes; the status' message or NULL. */
static const char *read_all(struct seen *seen, struct slice archive, size_t step,
                            struct status *status)
{
    struct tar_reader reader;
    int failed = 0;
    buffer_clear(&seen->text);
    tar_reader_init(&reader, &handler, seen);
    for (size_t at = 0; !failed && at < archive.size; at += step)
        failed = tar_reader_feed(&reader, slice_sub(archive, at, at + step), status);
    if (!failed)
        failed = tar_reader_finish(&reader, status);
    tar_reader_release(&reader);
    return failed ? status->message : NULL;
}

static void expect_read(struct buffer *archive, const char *wanted)
{
    static const size_t steps[] = {1, 7, 512, 513, 100000};
    for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
        struct seen seen = {0};
        struct status status;
        status_init(&status);
        EXPECT_TEXT(read_all(&seen, buffer_slice(archive), steps[i], &status), NULL);
        EXPECT_TEXT(seen.text.data, wanted);
        buffer_release(&seen.text);
        status_release(&status);
    }
}

TEST("an archive is read alike in pieces of any size")
{
    struct buffer archive = {0};
    tar_write(&archive, &(struct tar_item){'5', "a/", NULL, 0700, 5});
    tar_write(&archive, &(struct tar_item){'0', "a/b", "hello", 0, 0});
    tar_write(&archive, &(struct tar_item){'0', "empty", "", 0, 0});
    tar_write(&archive, &(struct tar_item){'2', "link", "../x", 0, 0});
    tar_write(&archive, &(struct tar_item){'1', "hard", "a/b", 0, 0});
    tar_end(&archive);
    buffer_append_text(&archive, "what follows is padding");
    expect_read(&archive, "5 a/  0 700 5[]\n"
                          "0 a/b  5 644 0[hello]\n"
                          "0 empty  0 644 0[]\n"
                          "2 link ../x 0 644 0[]\n"
                          "1 hard a/b 0 644 0[]\n");
    buffer_release(&archive);
}

TEST("long names come before their entries, by GNU's way and by PAX'")
{
    struct buffer archive = {0}, name = {0}, pax = {0}, wanted = {0};
    for (int i = 0; i < 60; i++)
        buffer_append_text(&name, "abc/");
    buffer_append_text(&name, "f");
    tar_write(&archive, &(struct tar_item){'L', "././@LongLink", name.data, 0, 0});
    tar_write(&archive, &(struct tar_item){'0', "abc", "1", 0, 0});
    buffer_format(&pax, "%zu path=%s\n", name.size + 10, name.data);
    buffer_append_text(&pax, "15 uid=1234567\n28 SCHILY.xattr.user.k=a=b\n\n");
    tar_write(&archive, &(struct tar_item){'x', "PaxHeaders/abc", pax.data, 0, 0});
    tar_write(&archive, &(struct tar_item){'0', "abc", "2", 0, 0});
    tar_write(&archive, &(struct tar_item){'0', "after", "3", 0, 0});
    tar_end(&archive);
    buffer_format(&wanted,
                  "0 %s  1 644 0[1]\n0 %s  1 644 1234567[user.k=a=b\n;2]\n0 after  1 644 0[3]\n",
                  name.data, name.data);
    expect_read(&archive, wanted.data);
    buffer_release(&archive);
    buffer_release(&name);
    buffer_release(&pax);
    buffer_release(&wanted);
}

TEST("what is damaged, cut off or too large is refused")
{
    struct buffer archive = {0};
    struct seen seen = {0};
    struct status status;
    status_init(&status);
    tar_write(&archive, &(struct tar_item){'0', "file", "hello", 0, 0});
    EXPECT_TEXT(read_all(&seen, slice_sub(buffer_slice(&archive), 0, 514), 1, &status),
                "archive: it is cut off");
    EXPECT_TEXT(read_all(&seen, slice_sub(buffer_slice(&archive), 0, 100), 1, &status),
                "archive: it is cut off");
    archive.data[3] ^= 1;
    EXPECT_TEXT(read_all(&seen, buffer_slice(&archive), 600, &status),
                "archive: a header's checksum is wrong");
    buffer_clear(&archive);
    tar_write(&archive, &(struct tar_item){'x', "h", "99 path=short\n", 0, 0});
    EXPECT_TEXT(read_all(&seen, buffer_slice(&archive), 600, &status),
                "archive: an extended header is malformed");
    buffer_clear(&archive);
    tar_write(&archive, &(struct tar_item){'S', "sparse", "", 0, 0});
    EXPECT_TEXT(read_all(&seen, buffer_slice(&archive), 600, &status),
                "archive: entries of type 'S' are unknown");
    buffer_clear(&archive);
    tar_write(&archive, &(struct tar_item){'0', "stop", "", 0, 0});
    seen.stop_at = "stop";
    EXPECT_TEXT(read_all(&seen, buffer_slice(&archive), 600, &status), "stopped");
    buffer_release(&archive);
    buffer_release(&seen.text);
    status_release(&status);
}
