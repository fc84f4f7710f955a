/* A header is one block: name 100, mode 8, uid 8, gid 8, size 12, mtime 12, checksum 8, type 1,
 * target 100, magic 6, version 2, user 32, group 32, major 8, minor 8, prefix 155. Numbers are octal,
 * or binary when the first byte has its upper bit (GNU). Bodies fill whole blocks. */
#include "kubelet-lite/tar_reader.h"

#include <string.h>

#define KEPT_MAX (1 << 20) /* A header about a header is no longer than that. */
#define SIZE_MAX_BYTES (INT64_C(1) << 42)

static int fail(struct status *status, const char *what)
{
    return status_fail(status, STATUS_BAD_REQUEST, "archive: %s", what);
}

static void forget_extras(struct tar_reader *reader)
{
    arena_reset(&reader->arena);
    reader->long_path = reader->long_target = NULL;
    reader->attributes = NULL;
    reader->pax_size = reader->pax_uid = reader->pax_gid = reader->pax_mtime = -1;
}

void tar_reader_init(struct tar_reader *reader, const struct tar_handler *handler, void *context)
{
    *reader = (struct tar_reader){.handler = handler, .context = context};
    arena_init(&reader->arena);
    forget_extras(reader);
}

void tar_reader_release(struct tar_reader *reader)
{
    buffer_release(&reader->kept);
    arena_release(&reader->arena);
}

/* --- Numbers and texts of a block --- */

static bool read_number(const char *field, size_t size, int64_t *number)
{
    uint64_t value = 0;
    if ((unsigned char)field[0] & 0x80) {
        value = (unsigned char)field[0] & 0x7f;
        for (size_t i = 1; i < size; i++) {
            if (value >> 54)
                return false;
            value = value << 8 | (unsigned char)field[i];
        }
        *number = (int64_t)value;
        return true;
    }
    size_t i = 0;
    while (i < size && field[i] == ' ')
        i++;
    for (; i < size && field[i] >= '0' && field[i] <= '7'; i++) {
        if (value >> 60)
            return false;
        value = value << 3 | (uint64_t)(field[i] - '0');
    }
    *number = (int64_t)value;
    return i == size || field[i] == '\0' || field[i] == ' ';
}

static struct slice field_text(const char *field, size_t size)
{
    return (struct slice){field, strnlen(field, size)};
}

static bool sums_up(const char block[TAR_BLOCK])
{
    int64_t said, sum = 0;
    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += i >= 148 && i < 156 ? ' ' : (unsigned char)block[i];
    return read_number(block + 148, 8, &said) && said == sum;
}

static bool is_zero(const char block[TAR_BLOCK])
{
    for (size_t i = 0; i < TAR_BLOCK; i++)
        if (block[i])
            return false;
    return true;
}

/* --- Headers about the next entry --- */

static void take_pax_number(struct slice value, int64_t *number)
{
    struct slice whole;
    if (slice_split(&value, '.', &whole) && (!slice_to_int64(whole, number) || *number < 0))
        *number = -1;
}

static void take_pax(struct tar_reader *reader, struct slice key, struct slice value)
{
    static const struct slice attribute = SLICE("SCHILY.xattr.");
    if (slice_is(key, "path"))
        reader->long_path = arena_copy_slice(&reader->arena, value);
    else if (slice_is(key, "linkpath"))
        reader->long_target = arena_copy_slice(&reader->arena, value);
    else if (slice_is(key, "size"))
        take_pax_number(value, &reader->pax_size);
    else if (slice_is(key, "uid"))
        take_pax_number(value, &reader->pax_uid);
    else if (slice_is(key, "gid"))
        take_pax_number(value, &reader->pax_gid);
    else if (slice_is(key, "mtime"))
        take_pax_number(value, &reader->pax_mtime);
    else if (slice_starts_with(key, attribute)) {
        struct tar_attribute *added = ARENA_NEW(&reader->arena, struct tar_attribute);
        added->name = arena_copy_slice(&reader->arena, slice_sub(key, attribute.size, key.size));
        added->value = (struct slice){arena_copy_slice(&reader->arena, value), value.size};
        added->next = reader->attributes;
        reader->attributes = added;
    }
}

/* "27 path=some/long/name\n", the number counting itself and the line's end. */
static int read_pax(struct tar_reader *reader, struct status *status)
{
    struct slice rest = buffer_slice(&reader->kept);
    while (rest.size > 0) {
        ptrdiff_t space = slice_find(rest, ' ');
        int64_t size;
        if (space <= 0 || !slice_to_int64(slice_sub(rest, 0, (size_t)space), &size) ||
            size <= space + 1 || (uint64_t)size > rest.size)
            return fail(status, "an extended header is malformed");
        struct slice record = slice_sub(rest, (size_t)space + 1, (size_t)size - 1);
        ptrdiff_t equals = slice_find(record, '=');
        if (equals <= 0)
            return fail(status, "an extended header is malformed");
        take_pax(reader, slice_sub(record, 0, (size_t)equals),
                 slice_sub(record, (size_t)equals + 1, record.size));
        rest = slice_sub(rest, (size_t)size, rest.size);
    }
    return 0;
}

static int take_kept(struct tar_reader *reader, struct status *status)
{
    struct slice text = field_text(reader->kept.data ? reader->kept.data : "", reader->kept.size);
    if (reader->body_type == 'L')
        reader->long_path = arena_copy_slice(&reader->arena, text);
    else if (reader->body_type == 'K')
        reader->long_target = arena_copy_slice(&reader->arena, text);
    else if (reader->body_type == 'x' && read_pax(reader, status))
        return -1;
    return 0;
}

/* --- Entries --- */

static const char *path_of(struct tar_reader *reader)
{
    const char *block = reader->block;
    struct slice name = field_text(block, 100), prefix = field_text(block + 345, 155);
    if (reader->long_path)
        return reader->long_path;
    if (memcmp(block + 257, "ustar\0", 6) != 0 || prefix.size == 0)
        return arena_copy_slice(&reader->arena, name);
    return arena_format(&reader->arena, SLICE_FORMAT "/" SLICE_FORMAT, SLICE_ARGS(prefix),
                        SLICE_ARGS(name));
}

static bool read_entry(struct tar_reader *reader, struct tar_entry *entry)
{
    const char *block = reader->block;
    bool is_good =
        read_number(block + 100, 8, &entry->mode) && read_number(block + 108, 8, &entry->uid) &&
        read_number(block + 116, 8, &entry->gid) &&
        read_number(block + 136, 12, &entry->mtime_seconds) &&
        read_number(block + 329, 8, &entry->major) && read_number(block + 337, 8, &entry->minor);
    entry->path = path_of(reader);
    entry->target = reader->long_target
                        ? reader->long_target
                        : arena_copy_slice(&reader->arena, field_text(block + 157, 100));
    entry->uid = reader->pax_uid >= 0 ? reader->pax_uid : entry->uid;
    entry->gid = reader->pax_gid >= 0 ? reader->pax_gid : entry->gid;
    entry->mtime_seconds = reader->pax_mtime >= 0 ? reader->pax_mtime : entry->mtime_seconds;
    entry->attributes = reader->attributes;
    return is_good;
}

/* Gives the entry to the handler; its body, if it has one, follows. */
static int begin_entry(struct tar_reader *reader, char type, struct status *status)
{
    struct tar_entry entry = {.type = TAR_FILE};
    bool is_folder_by_name;
    if (!read_entry(reader, &entry))
        return fail(status, "a header is malformed");
    is_folder_by_name = *entry.path && entry.path[strlen(entry.path) - 1] == '/';
    if (type >= '1' && type <= '6')
        entry.type = (enum tar_type)type;
    else if (type != '0' && type != '\0' && type != '7')
        return status_fail(status, STATUS_BAD_REQUEST, "archive: entries of type '%c' are unknown",
                           type);
    else if (is_folder_by_name)
        entry.type = TAR_FOLDER;
    if (entry.type != TAR_FILE)
        reader->left = reader->padding = 0; /* Some writers say a link's target's size. */
    entry.size = reader->left;
    reader->body_type = '0';
    return reader->handler->entry(reader->context, &entry, status) ? 0 : -1;
}

static int end_body(struct tar_reader *reader, struct status *status)
{
    bool is_ours = strchr("xgLK", reader->body_type) != NULL;
    int failed = 0;
    if (is_ours) {
        failed = take_kept(reader, status);
        buffer_clear(&reader->kept);
    } else {
        failed = reader->handler->end(reader->context, status) ? 0 : -1;
        forget_extras(reader);
    }
    reader->body_type = '\0';
    return failed;
}

static int begin_body(struct tar_reader *reader, struct status *status)
{
    char type = reader->block[156];
    int64_t size;
    if (is_zero(reader->block)) {
        reader->has_ended = true;
        return 0;
    }
    if (!sums_up(reader->block) || !read_number(reader->block + 124, 12, &size))
        return fail(status, "a header's checksum is wrong");
    bool is_ours = type != '\0' && strchr("xgLK", type) != NULL;
    if (!is_ours && reader->pax_size >= 0)
        size = reader->pax_size;
    if (size < 0 || size > (is_ours ? KEPT_MAX : SIZE_MAX_BYTES))
        return fail(status, "an entry is too large");
    reader->left = size;
    reader->padding = (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
    reader->body_type = type;
    if (!is_ours && begin_entry(reader, type, status))
        return -1;
    return reader->left == 0 && reader->padding == 0 ? end_body(reader, status) : 0;
}

/* --- Bytes --- */

static int take_body(struct tar_reader *reader, struct slice *data, struct status *status)
{
    size_t size = (uint64_t)reader->left < data->size ? (size_t)reader->left : data->size;
    struct slice piece = slice_sub(*data, 0, size);
    bool is_ours = strchr("xgLK", reader->body_type) != NULL;
    if (size > 0 && is_ours)
        buffer_append_slice(&reader->kept, piece);
    else if (size > 0 && !reader->handler->data(reader->context, piece, status))
        return -1;
    *data = slice_sub(*data, size, data->size);
    reader->left -= (int64_t)size;
    if (reader->left > 0)
        return 0;
    size = (uint64_t)reader->padding < data->size ? (size_t)reader->padding : data->size;
    *data = slice_sub(*data, size, data->size);
    reader->padding -= (int64_t)size;
    return reader->padding == 0 ? end_body(reader, status) : 0;
}

static int take_block(struct tar_reader *reader, struct slice *data, struct status *status)
{
    size_t room = TAR_BLOCK - reader->block_size;
    size_t size = data->size < room ? data->size : room;
    memcpy(reader->block + reader->block_size, data->data, size);
    reader->block_size += size;
    *data = slice_sub(*data, size, data->size);
    if (reader->block_size < TAR_BLOCK)
        return 0;
    reader->block_size = 0;
    return begin_body(reader, status);
}

int tar_reader_feed(struct tar_reader *reader, struct slice data, struct status *status)
{
    while (data.size > 0 && !reader->has_ended) {
        bool is_in_body = reader->left > 0 || reader->padding > 0;
        if (is_in_body ? take_body(reader, &data, status) : take_block(reader, &data, status))
            return -1;
    }
    return 0; /* What follows the end is padding. */
}

int tar_reader_finish(const struct tar_reader *reader, struct status *status)
{
    bool is_cut = reader->left > 0 || reader->padding > 0 || reader->block_size > 0;
    return is_cut && !reader->has_ended ? fail(status, "it is cut off") : 0;
}
