/* What stands around an object's message: the envelope, lists, watch frames. */
#include "core/kinds/protobuf_private.h"
#include "core/kinds/types.h"

enum { UNKNOWN_TYPE_META = 1, UNKNOWN_RAW = 2, UNKNOWN_ENCODING = 3, UNKNOWN_TYPE = 4 };
enum { TYPE_META_API_VERSION = 1, TYPE_META_KIND = 2 };
enum { LIST_METADATA = 1, LIST_ITEMS = 2 };
enum { WATCH_TYPE = 1, WATCH_OBJECT = 2, RAW_EXTENSION_RAW = 1 };

static const struct slice prefix = {"k8s\0", 4};

/* Takes the texts of a message's fields 1 to 4. */
static int read_texts(const char *name, struct slice message, struct slice texts[5],
                      struct status *status)
{
    struct wire_field wire;
    int more;
    while ((more = wire_next(&message, name, &wire, status)) > 0) {
        if (wire.number > 4)
            continue;
        if (wire.type != WIRE_BYTES)
            return status_fail(status, STATUS_BAD_REQUEST,
                               "proto: wrong wireType = %d for field %u of %s", (int)wire.type,
                               wire.number, name);
        texts[wire.number] = wire.bytes;
    }
    return more;
}

int protobuf_read_envelope(struct slice body, struct protobuf_envelope *envelope,
                           struct status *status)
{
    if (body.size == 0)
        return status_fail(status, STATUS_BAD_REQUEST, "empty data");
    if (!slice_starts_with(body, prefix))
        return status_fail(status, STATUS_BAD_REQUEST,
                           "provided data does not appear to be a protobuf message, "
                           "expected prefix [107 56 115 0]");
    if (body.size == prefix.size)
        return status_fail(status, STATUS_BAD_REQUEST, "empty body");
    struct slice unknown[5] = {{0}};
    struct slice type_meta[5] = {{0}};
    struct slice message = slice_sub(body, prefix.size, body.size);
    if (read_texts("Unknown", message, unknown, status) ||
        read_texts("TypeMeta", unknown[UNKNOWN_TYPE_META], type_meta, status))
        return -1;
    *envelope = (struct protobuf_envelope){
        .api_version = type_meta[TYPE_META_API_VERSION],
        .kind = type_meta[TYPE_META_KIND],
        .raw = unknown[UNKNOWN_RAW],
    };
    return 0;
}

void protobuf_append_envelope(struct slice api_version, struct slice kind, struct slice message,
                              struct buffer *body)
{
    buffer_append_slice(body, prefix);
    size_t begin = wire_begin(body, UNKNOWN_TYPE_META);
    wire_append_bytes(body, TYPE_META_API_VERSION, api_version);
    wire_append_bytes(body, TYPE_META_KIND, kind);
    wire_end(body, begin);
    wire_append_bytes(body, UNKNOWN_RAW, message);
    wire_append_bytes(body, UNKNOWN_ENCODING, SLICE(""));
    wire_append_bytes(body, UNKNOWN_TYPE, SLICE(""));
}

void protobuf_encode(const struct schema_type *type, const struct json *object, struct buffer *body)
{
    struct buffer message = {0};
    protobuf_append_message(type, object, &message);
    protobuf_append_envelope(json_string(json_get(object, "apiVersion")),
                             json_string(json_get(object, "kind")), buffer_slice(&message), body);
    buffer_release(&message);
}

void protobuf_append_list_meta(const struct json *metadata, struct buffer *message)
{
    size_t begin = wire_begin(message, LIST_METADATA);
    protobuf_append_message(&type_list_meta, metadata, message);
    wire_end(message, begin);
}

void protobuf_append_list_item(const struct schema_type *item, const struct json *object,
                               struct buffer *message)
{
    size_t begin = wire_begin(message, LIST_ITEMS);
    protobuf_append_message(item, object, message);
    wire_end(message, begin);
}

void protobuf_append_watch_event(struct slice event, struct slice body, struct buffer *stream)
{
    size_t start = stream->size;
    buffer_append(stream, "\0\0\0\0", 4);
    wire_append_bytes(stream, WATCH_TYPE, event);
    size_t begin = wire_begin(stream, WATCH_OBJECT);
    wire_append_bytes(stream, RAW_EXTENSION_RAW, body);
    wire_end(stream, begin);
    size_t size = stream->size - start - 4;
    PRE(size <= UINT32_MAX);
    for (size_t i = 0; i < 4; i++)
        stream->data[start + i] = (char)(size >> (24 - 8 * i));
}
