#include "kubelet-lite/last_words.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MESSAGE_MAX = 4096, LOG_TEXT_MAX = 2048, LOG_LINES_MAX = 80, LOG_READ_MAX = 128 * 1024 };

static void read_part(const char *path, off_t last, size_t size_max, struct buffer *bytes)
{
    struct stat seen;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0 && fstat(fd, &seen) == 0 && S_ISREG(seen.st_mode)) {
        off_t from = last > 0 && seen.st_size > last ? seen.st_size - last : 0;
        buffer_reserve(bytes, size_max);
        ssize_t got = pread(fd, bytes->data + bytes->size, size_max, from);
        bytes->size += got > 0 ? (size_t)got : 0;
    }
    if (fd >= 0)
        close(fd);
    buffer_append(bytes, "", 0);
}

/* TIME STREAM F|P TEXT; what does not look so is passed over. */
static void add_line(struct slice line, struct buffer *text)
{
    struct slice time, stream, tag;
    bool is_whole = slice_split(&line, ' ', &time) && slice_split(&line, ' ', &stream) &&
                    slice_split(&line, ' ', &tag) && (slice_is(tag, "F") || slice_is(tag, "P"));
    if (!is_whole)
        return;
    buffer_append_slice(text, line);
    if (slice_is(tag, "F"))
        buffer_append_byte(text, '\n');
}

void last_words_of_log(struct slice log, struct buffer *text)
{
    struct buffer all = {0};
    struct slice line;
    while (slice_split(&log, '\n', &line))
        add_line(line, &all);
    size_t from = all.size > LOG_TEXT_MAX ? all.size - LOG_TEXT_MAX : 0;
    size_t lines = 0;
    for (size_t at = all.size; at > from; at--)
        if (all.data[at - 1] == '\n' && at < all.size && ++lines == LOG_LINES_MAX)
            from = at;
    buffer_append_slice(text, slice_sub(buffer_slice(&all), from, all.size));
    buffer_release(&all);
}

void last_words_read(const char *message_path, const char *log_path, struct buffer *text)
{
    size_t before = text->size;
    read_part(message_path, 0, MESSAGE_MAX, text);
    if (text->size > before || !log_path)
        return;
    struct buffer log = {0};
    read_part(log_path, LOG_READ_MAX, LOG_READ_MAX, &log);
    last_words_of_log(buffer_slice(&log), text);
    buffer_release(&log);
}
