/* Kubernetes' protobuf, both ways, driven by the schema.
 *
 * A body is 4 bytes 6b 38 73 00 ("k8s" NUL) and a message runtime.Unknown:
 *
 *     1 typeMeta {1 apiVersion string, 2 kind string}
 *     2 raw bytes: the object's own message, by the schema's numbers
 *     3 contentEncoding string, 4 contentType string: empty
 *
 * A frame of a watch stream is 4 bytes of size, big-endian, and a message
 * WatchEvent {1 type string, 2 object {1 raw bytes}}, in which raw is a body as
 * above. Numbers that the schema does not have are skipped, as in Go.
 *
 * Reading gives the JSON that Go would print of the same message: a plain
 * field with omitempty that is zero is absent, a pointer that is present is
 * written whatever its value, and a FIELD_ALWAYS_WRITTEN one always. null is
 * absent. Writing is deterministic and in the order of the generated Go code: by
 * number, maps by key. What is absent from the tree is not written; Go writes
 * its plain zero fields too, which no reader can tell apart.
 *
 * Pure; one thread at a time. */
#ifndef CORE_KINDS_PROTOBUF_H
#define CORE_KINDS_PROTOBUF_H

#include "core/arena.h"
#include "core/buffer.h"
#include "core/json.h"
#include "core/kinds/schema.h"
#include "core/status.h"

#define PROTOBUF_MEDIA_TYPE "application/vnd.kubernetes.protobuf"
#define PROTOBUF_STREAM_MEDIA_TYPE "application/vnd.kubernetes.protobuf;stream=watch"

/* --- Reading --- */

struct protobuf_envelope { /* Slices of the body. */
    struct slice api_version;
    struct slice kind;
    struct slice raw;
};

/* Reads the envelope alone, to learn which kind it holds. BAD_REQUEST when the
 * body is none. */
MUST_USE int protobuf_read_envelope(struct slice body, struct protobuf_envelope *envelope,
                                    struct status *status);
/* An object's message, without apiVersion and kind. Texts are copied. */
MUST_USE int protobuf_read_message(const struct schema_type *type, struct arena *arena,
                                   struct slice message, struct json **object,
                                   struct status *status);
/* A whole body; apiVersion and kind come from the envelope, unless empty. */
MUST_USE int protobuf_decode(const struct schema_type *type, struct arena *arena, struct slice body,
                             struct json **object, struct status *status);

/* --- Writing: each appends to its buffer --- */

/* The object's message. What the schema does not know, or has another type, is
 * left out: objects that are served passed the schema. */
void protobuf_append_message(const struct schema_type *type, const struct json *object,
                             struct buffer *message);
/* The envelope around a message. */
void protobuf_append_envelope(struct slice api_version, struct slice kind, struct slice message,
                              struct buffer *body);
/* A whole body; apiVersion and kind come from the object. */
void protobuf_encode(const struct schema_type *type, const struct json *object,
                     struct buffer *body);
/* A list's message, piece by piece: its metadata first, then its items. The
 * envelope of the kind FOOList goes around the whole. */
void protobuf_append_list_meta(const struct json *metadata, struct buffer *message);
void protobuf_append_list_item(const struct schema_type *item, const struct json *object,
                               struct buffer *message);
/* One frame of a watch stream. event is "ADDED" and so on, body a whole body. */
void protobuf_append_watch_event(struct slice event, struct slice body, struct buffer *stream);

#endif
