/* The encoding of a view, written and read here alone: entries of
 *
 *     tag    1 byte
 *     size   varint: 7 bits a byte, low ones first, bit 7 says that more follow
 *     bytes
 *
 * Whole numbers are 8 bytes, the low one first. A view comes from our own log,
 * whose rows carry checksums, so a broken one is a broken promise; still no
 * read goes behind its end. */
#include "core/kinds/view.h"

static bool read_size(struct slice view, size_t *offset, size_t *size)
{
    *size = 0;
    for (unsigned shift = 0; shift < 32; shift += 7) {
        if (*offset >= view.size)
            return false;
        unsigned char byte = (unsigned char)view.data[(*offset)++];
        *size |= (size_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return *size <= view.size - *offset;
    }
    return false;
}

bool view_next(struct slice view, struct view_cursor *cursor, struct view_entry *entry)
{
    size_t offset = cursor->offset, size;
    if (offset >= view.size)
        return false;
    entry->tag = (uint8_t)view.data[offset++];
    bool is_whole = read_size(view, &offset, &size);
    PRE(is_whole);
    entry->value = (struct slice){view.data + offset, size};
    cursor->offset = offset + size;
    return true;
}

bool view_find(struct slice view, uint8_t tag, struct slice *value)
{
    struct view_cursor cursor = {0};
    struct view_entry entry;
    while (view_next(view, &cursor, &entry) && entry.tag <= tag) {
        if (entry.tag == tag) {
            *value = entry.value;
            return true;
        }
    }
    return false;
}

int64_t view_int(struct slice view, uint8_t tag, int64_t otherwise)
{
    struct slice value;
    if (!view_find(view, tag, &value) || value.size != 8)
        return otherwise;
    uint64_t bits = 0;
    for (size_t i = 0; i < 8; i++)
        bits |= (uint64_t)(unsigned char)value.data[i] << (8 * i);
    return (int64_t)bits;
}

/* Labels stand in order of key, so the walk ends at the first one behind it. */
bool view_label(struct slice view, struct slice key, struct slice *value)
{
    struct view_cursor cursor = {0};
    struct view_entry entry;
    while (view_next(view, &cursor, &entry) && entry.tag <= VIEW_LABEL) {
        if (entry.tag != VIEW_LABEL)
            continue;
        ptrdiff_t nul = slice_find(entry.value, '\0');
        PRE(nul >= 0);
        int order = slice_compare(slice_sub(entry.value, 0, (size_t)nul), key);
        if (order > 0)
            return false;
        if (order == 0) {
            *value = slice_sub(entry.value, (size_t)nul + 1, entry.value.size);
            return true;
        }
    }
    return false;
}

struct slice view_uid(const struct object *object)
{
    struct slice uid = {NULL, 0};
    view_find(object_view(object), VIEW_UID, &uid);
    return uid;
}

static bool read_owner(struct slice entry, struct view_owner *owner)
{
    struct slice flags;
    if (!slice_split(&entry, '\0', &owner->uid) || !slice_split(&entry, '\0', &flags) ||
        !slice_split(&entry, '\0', &owner->api_version) || !slice_split(&entry, '\0', &owner->kind))
        return false;
    owner->name = entry;
    owner->is_controller = slice_find(flags, 'c') >= 0;
    owner->blocks_deletion = slice_find(flags, 'b') >= 0;
    return true;
}

bool view_next_owner(struct slice view, struct view_cursor *cursor, struct view_owner *owner)
{
    struct view_entry entry;
    while (view_next(view, cursor, &entry) && entry.tag <= VIEW_OWNER)
        if (entry.tag == VIEW_OWNER && read_owner(entry.value, owner))
            return true;
    return false;
}

bool view_has_finalizer(struct slice view, struct slice finalizer)
{
    struct view_cursor cursor = {0};
    struct view_entry entry;
    while (view_next(view, &cursor, &entry) && entry.tag <= VIEW_FINALIZER)
        if (entry.tag == VIEW_FINALIZER && slice_equal(entry.value, finalizer))
            return true;
    return false;
}

void view_append(struct buffer *view, uint8_t tag, struct slice value)
{
    size_t size = value.size;
    PRE(size <= UINT32_MAX);
    buffer_append_byte(view, (char)tag);
    while (size >= 0x80) {
        buffer_append_byte(view, (char)(0x80 | (size & 0x7f)));
        size >>= 7;
    }
    buffer_append_byte(view, (char)size);
    buffer_append_slice(view, value);
}

void view_append_int(struct buffer *view, uint8_t tag, int64_t value)
{
    char bytes[8];
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (char)((uint64_t)value >> (8 * i));
    view_append(view, tag, (struct slice){bytes, sizeof bytes});
}
