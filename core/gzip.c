#include "core/gzip.h"

#include <zlib.h>

enum { OUTPUT_SIZE = 64 * 1024, WINDOW_GZIP = 15 + 16 };

struct gunzip {
    z_stream stream;
    bool is_between; /* Members: at the start, and behind each one's end. */
    unsigned char output[OUTPUT_SIZE];
};

bool gzip_is(struct slice data)
{
    return data.size >= 2 && (unsigned char)data.data[0] == 0x1f &&
           (unsigned char)data.data[1] == 0x8b;
}

struct gunzip *gunzip_open(void)
{
    struct gunzip *gunzip = mem_alloc(sizeof(*gunzip));
    gunzip->is_between = true;
    PRE(inflateInit2(&gunzip->stream, WINDOW_GZIP) == Z_OK);
    return gunzip;
}

void gunzip_close(struct gunzip *gunzip)
{
    if (!gunzip)
        return;
    inflateEnd(&gunzip->stream);
    mem_free(gunzip);
}

static int step(struct gunzip *gunzip,
                bool (*each)(void *context, struct slice piece, struct status *status),
                void *context, struct status *status)
{
    z_stream *stream = &gunzip->stream;
    stream->next_out = gunzip->output;
    stream->avail_out = OUTPUT_SIZE;
    int code = inflate(stream, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return status_fail(status, STATUS_BAD_REQUEST, "gzip: %s",
                           stream->msg ? stream->msg : "the data is damaged");
    struct slice piece = {(const char *)gunzip->output, OUTPUT_SIZE - stream->avail_out};
    if (piece.size > 0 && !each(context, piece, status))
        return -1;
    gunzip->is_between = code == Z_STREAM_END;
    if (gunzip->is_between)
        PRE(inflateReset(stream) == Z_OK);
    return 0;
}

int gunzip_feed(struct gunzip *gunzip, struct slice data,
                bool (*each)(void *context, struct slice piece, struct status *status),
                void *context, struct status *status)
{
    z_stream *stream = &gunzip->stream;
    stream->next_in = (unsigned char *)(uintptr_t)data.data; /* It only reads. */
    stream->avail_in = (unsigned)data.size;
    bool was_full = true;
    while (stream->avail_in > 0 || (was_full && !gunzip->is_between)) {
        if (gunzip->is_between && stream->avail_in > 0 && *stream->next_in == 0) {
            stream->next_in++; /* Padding behind the last member. */
            stream->avail_in--;
            continue;
        }
        if (step(gunzip, each, context, status))
            return -1;
        was_full = stream->avail_out == 0;
    }
    return 0;
}

int gunzip_finish(const struct gunzip *gunzip, struct status *status)
{
    return gunzip->is_between ? 0 : status_fail(status, STATUS_BAD_REQUEST, "gzip: it is cut off");
}
