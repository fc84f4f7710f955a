#include "kubelet-lite/container_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"

enum { PIECE = 64 * 1024, LINE_MAX_BYTES = 1024 * 1024 };

/* --- Lines --- */

bool log_entry_read(struct slice line, struct log_entry *entry)
{
    struct slice rest = line, stream, tags, tag;
    if (!slice_split(&rest, ' ', &entry->time) || !slice_split(&rest, ' ', &stream) ||
        !slice_split(&rest, ' ', &tags))
        return false;
    entry->is_stderr = slice_is(stream, "stderr");
    if (!entry->is_stderr && !slice_is(stream, "stdout"))
        return false;
    slice_split(&tags, ':', &tag); /* More tags may follow, for later versions. */
    entry->is_partial = slice_is(tag, "P");
    entry->text = rest.data ? rest : SLICE("");
    if (!time_parse(entry->time, &entry->time_us))
        return false;
    return entry->is_partial || slice_is(tag, "F");
}

/* Nine digits and "Z" where it is UTC, as upstream prints it. */
static void append_time(struct slice time, struct buffer *out)
{
    struct slice zone = slice_sub(time, time.size < 6 ? 0 : time.size - 6, time.size);
    if (slice_is(zone, "+00:00")) {
        buffer_append_slice(out, slice_sub(time, 0, time.size - 6));
        buffer_append_byte(out, 'Z');
    } else {
        buffer_append_slice(out, time);
    }
    buffer_append_byte(out, ' ');
}

/* --- Where to begin --- */

/* The offset of the last so many lines: counts line ends backwards. */
static int64_t find_tail(int fd, int64_t size, int64_t lines)
{
    char piece[4096];
    int64_t end = size;
    int64_t left = lines + 1; /* The one that ends the file is not the end of one before. */
    while (end > 0) {
        int64_t start = end > (int64_t)sizeof(piece) ? end - (int64_t)sizeof(piece) : 0;
        ssize_t count = pread(fd, piece, (size_t)(end - start), start);
        if (count <= 0)
            return 0;
        for (ssize_t i = count - 1; i >= 0; i--) {
            bool is_last = start + i == size - 1;
            if (end == size && i == count - 1 && piece[i] != '\n')
                left--; /* A last line without its end is a line. */
            if (piece[i] == '\n' && (--left == 0 || (is_last && lines == 0)))
                return start + i + 1;
        }
        end = start;
    }
    return 0;
}

static bool open_file(struct log_reader *reader)
{
    struct stat stat;
    reader->fd = open(reader->path, O_RDONLY | O_CLOEXEC);
    if (reader->fd < 0)
        return false;
    if (reader->options.tail_lines >= 0 && fstat(reader->fd, &stat) == 0)
        reader->offset = find_tail(reader->fd, stat.st_size, reader->options.tail_lines);
    reader->options.tail_lines = -1; /* Of the first file only. */
    return true;
}

void log_reader_init(struct log_reader *reader, const char *path, const struct log_options *options)
{
    *reader = (struct log_reader){.options = *options, .path = mem_copy_text(path), .fd = -1};
}

void log_reader_release(struct log_reader *reader)
{
    if (reader->fd >= 0)
        close(reader->fd);
    buffer_release(&reader->input);
    mem_free(reader->path);
}

/* --- Reading --- */

/* The log was rotated: its name leads to another file, which is read from its start. */
static bool follow_rotation(struct log_reader *reader)
{
    struct stat own, named;
    if (fstat(reader->fd, &own) < 0 || stat(reader->path, &named) < 0 ||
        (own.st_ino == named.st_ino && own.st_dev == named.st_dev))
        return false;
    close(reader->fd);
    reader->offset = 0;
    return open_file(reader);
}

static bool fill(struct log_reader *reader)
{
    if (reader->fd < 0 && !open_file(reader))
        return false;
    buffer_reserve(&reader->input, PIECE);
    ssize_t count =
        pread(reader->fd, reader->input.data + reader->input.size, PIECE - 1, reader->offset);
    if (count <= 0)
        return false;
    reader->input.size += (size_t)count;
    reader->offset += count;
    return true;
}

/* False: that was all that may be given. */
static bool give(struct log_reader *reader, struct slice text, struct buffer *out)
{
    int64_t left = reader->options.limit_bytes - reader->given;
    if (reader->options.limit_bytes >= 0 && (int64_t)text.size >= left) {
        text = slice_sub(text, 0, (size_t)left);
        buffer_append_slice(out, text);
        reader->given += (int64_t)text.size;
        return false;
    }
    buffer_append_slice(out, text);
    reader->given += (int64_t)text.size;
    return true;
}

static bool give_entry(struct log_reader *reader, struct slice line, struct buffer *out)
{
    struct log_entry entry;
    struct buffer text = {0};
    if (!log_entry_read(line, &entry) || entry.time_us < reader->options.since_us)
        return true;
    if (reader->options.has_timestamps)
        append_time(entry.time, &text);
    buffer_append_slice(&text, entry.text);
    if (!entry.is_partial)
        buffer_append_byte(&text, '\n');
    bool goes_on = give(reader, buffer_slice(&text), out);
    buffer_release(&text);
    return goes_on;
}

static bool give_lines(struct log_reader *reader, struct buffer *out)
{
    size_t done = 0;
    bool goes_on = true;
    while (goes_on) {
        struct slice rest = slice_sub(buffer_slice(&reader->input), done, reader->input.size);
        ptrdiff_t end = slice_find(rest, '\n');
        if (end < 0)
            break;
        goes_on = give_entry(reader, slice_sub(rest, 0, (size_t)end), out);
        done += (size_t)end + 1;
    }
    buffer_consume(&reader->input, done);
    if (reader->input.size > LINE_MAX_BYTES) /* Nobody writes such lines. */
        buffer_clear(&reader->input);
    return goes_on;
}

enum log_state log_reader_read(struct log_reader *reader, struct buffer *out)
{
    if (reader->options.limit_bytes >= 0 && reader->given >= reader->options.limit_bytes)
        return LOG_FULL;
    if (!fill(reader) && !(reader->fd >= 0 && follow_rotation(reader) && fill(reader)))
        return LOG_END;
    return give_lines(reader, out) ? LOG_MORE : LOG_FULL;
}

void log_reader_finish(struct log_reader *reader, struct buffer *out)
{
    if (reader->input.size > 0)
        give_entry(reader, buffer_slice(&reader->input), out);
    buffer_clear(&reader->input);
}
