#include "core/net/pem.h"

#include "core/crypto.h"

#define LINE_SIZE 64
#define BEGIN "-----BEGIN "
#define END "-----END "
#define DASHES "-----"

/* Takes a line off text, without its end; false at the end of text. */
static bool next_line(struct slice *text, struct slice *line)
{
    if (text->size == 0 || !slice_split(text, '\n', line))
        return false;
    while (line->size > 0 && strchr(" \t\r", line->data[line->size - 1]))
        line->size--;
    return true;
}

/* "-----BEGIN X-----" gives X. */
static bool read_frame(struct slice line, const char *frame, struct slice *label)
{
    size_t size = strlen(frame);
    if (!slice_starts_with(line, slice_of(frame)) || line.size < size + sizeof(DASHES) - 1 ||
        !slice_ends_with(line, SLICE(DASHES)))
        return false;
    *label = slice_sub(line, size, line.size - (sizeof(DASHES) - 1));
    return true;
}

static int broken(struct slice label, struct status *status)
{
    return status_fail(status, STATUS_BAD_REQUEST, "broken PEM block " SLICE_FORMAT,
                       SLICE_ARGS(label));
}

int pem_next(struct slice *text, struct slice *label, struct buffer *der, struct status *status)
{
    struct buffer base64 = {0};
    struct slice line, end;
    bool closed = false;
    do {
        if (!next_line(text, &line))
            return 0;
    } while (!read_frame(line, BEGIN, label));
    while (!closed && next_line(text, &line)) {
        closed = read_frame(line, END, &end);
        if (!closed)
            buffer_append_slice(&base64, slice_trim(line));
    }
    buffer_clear(der);
    int failed =
        !closed || !slice_equal(*label, end) || base64_decode(buffer_slice(&base64), der) != 0;
    buffer_release(&base64);
    return failed ? broken(*label, status) : 1;
}

int pem_find(struct slice text, const char *label, struct buffer *der, struct status *status)
{
    struct slice found;
    int result;
    while ((result = pem_next(&text, &found, der, status)) == 1) {
        if (slice_is(found, label))
            return 0;
    }
    if (result < 0)
        return -1;
    return status_fail(status, STATUS_BAD_REQUEST, "no PEM block %s", label);
}

void pem_write(const char *label, struct slice der, struct buffer *text)
{
    struct buffer base64 = {0};
    base64_encode(der, &base64);
    buffer_format(text, BEGIN "%s" DASHES "\n", label);
    for (size_t at = 0; at < base64.size; at += LINE_SIZE) {
        buffer_append_slice(text, slice_sub(buffer_slice(&base64), at, at + LINE_SIZE));
        buffer_append_byte(text, '\n');
    }
    buffer_format(text, END "%s" DASHES "\n", label);
    buffer_release(&base64);
}
