#include "tests/harness/tar_writer.h"

#include <stdio.h>

static void pad(struct buffer *archive)
{
    static const char zeros[512];
    if (archive->size % 512 != 0)
        buffer_append(archive, zeros, 512 - archive->size % 512);
}

static void put_octal(char *field, int digits, uint64_t value)
{
    for (int i = digits - 1; i >= 0; i--, value >>= 3)
        field[i] = (char)('0' + (value & 7));
}

static void write_header(struct buffer *archive, const struct tar_item *item, size_t size)
{
    char block[512] = {0}, target[101];
    unsigned sum = 0, mode = item->mode ? item->mode : item->type == '5' ? 0755 : 0644;
    bool is_link = item->type == '1' || item->type == '2';
    snprintf(block, 101, "%s", item->path);
    put_octal(block + 100, 7, mode);
    put_octal(block + 108, 7, item->uid);
    put_octal(block + 116, 7, item->uid);
    put_octal(block + 124, 11, size);
    put_octal(block + 136, 11, 1700000000);
    memset(block + 148, ' ', 8);
    block[156] = item->type;
    snprintf(target, sizeof target, "%s", is_link ? item->text : "");
    memcpy(block + 157, target, strlen(target));
    memcpy(block + 257, "ustar\00000", 8);
    for (size_t i = 0; i < sizeof block; i++)
        sum += (unsigned char)block[i];
    put_octal(block + 148, 6, sum);
    block[154] = '\0';
    buffer_append(archive, block, sizeof block);
}

void tar_write(struct buffer *archive, const struct tar_item *item)
{
    struct slice text = slice_of(item->text ? item->text : "");
    bool has_bytes = item->type == '0' || item->type == 'L' || item->type == 'x';
    write_header(archive, item, has_bytes ? text.size : 0);
    if (has_bytes)
        buffer_append_slice(archive, text);
    pad(archive);
}

void tar_write_bytes(struct buffer *archive, const char *path, struct slice bytes)
{
    write_header(archive, &(struct tar_item){.type = '0', .path = path, .mode = 0755}, bytes.size);
    buffer_append_slice(archive, bytes);
    pad(archive);
}

void tar_end(struct buffer *archive)
{
    static const char zeros[1024];
    buffer_append(archive, zeros, sizeof zeros);
}
