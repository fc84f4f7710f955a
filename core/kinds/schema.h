/* The shape of a kind as data; everything that knows fields reads it here.
 *
 * One table per message type, shared between kinds. It drives eight things:
 * unknown, duplicate and mistyped field checks; pruning; defaulting; strategic
 * merge patch; server-side apply; OpenAPI v3 (so `kubectl explain` works);
 * protobuf in both directions; and lookups for table columns.
 *
 * Tables are const data in kind_*.c and type_*.c; custom resources build the
 * same structs at run time, so nothing here may assume that a schema is built
 * in. Field names, types, protobuf numbers, list types and merge keys are
 * those of k8s.io/api v0.35 (or newer where the kind is newer), complete: an
 * object that upstream accepts is never silently stripped. docs are our words. */
#ifndef CORE_KINDS_SCHEMA_H
#define CORE_KINDS_SCHEMA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buffer.h"
#include "core/json.h"
#include "core/status.h"

enum field_type {
    TYPE_STRING,
    TYPE_BOOL,
    TYPE_INT32,
    TYPE_INT64,
    TYPE_DOUBLE,
    TYPE_BYTES,         /* base64 in JSON. */
    TYPE_QUANTITY,      /* "500m" or 1; protobuf message {1: string}. */
    TYPE_INT_OR_STRING, /* protobuf message {1: type, 2: int, 3: string}. */
    TYPE_TIME,          /* RFC 3339 seconds; protobuf message {1: seconds, 2: nanos}. */
    TYPE_MICRO_TIME,    /* RFC 3339 microseconds; the same message. */
    TYPE_DURATION,      /* Go duration text; protobuf message {1: int64 nanoseconds}. */
    TYPE_OBJECT,        /* .object says which. */
    TYPE_ANY,           /* Any JSON object: RawExtension; protobuf message {1: bytes}. */
    TYPE_FIELDS_V1,     /* managedFields' FieldsV1; protobuf message {1: bytes}. */
};

enum field_repeat {
    REPEAT_ONE,
    REPEAT_LIST,
    REPEAT_MAP, /* Keys are strings; protobuf repeated {1: key, 2: value}. */
};

enum list_type { /* x-kubernetes-list-type: how server-side apply merges. */
                 LIST_ATOMIC, /* The default. For objects: x-kubernetes-map-type atomic is FIELD_ATOMIC. */
                 LIST_SET,
                 LIST_MAP, /* Keyed by .keys. */
};

enum {
    FIELD_IS_REQUIRED = 1 << 0,  /* In OpenAPI's required, and validation says Required value
                                  * where it is absent, "", 0 or an empty list or map. */
    FIELD_IS_IMMUTABLE = 1 << 1, /* Once written it stays: "field is immutable". */
    FIELD_IS_INLINE = 1 << 2,    /* An embedded Go struct: in JSON its fields stand in the
                                  * parent, in protobuf they are this nested message. */
    FIELD_IS_ATOMIC = 1 << 3,    /* Object or map replaced as a whole by server-side apply;
                                  * of a list with keys, each of its items. */
    FIELD_IS_MERGED = 1 << 4,    /* patchStrategy=merge: lists merge, by .merge_key if any. */
    FIELD_RETAINS_KEYS = 1 << 5, /* patchStrategy=retainKeys. */
    FIELD_ALWAYS_WRITTEN = 1 << 6, /* Go writes it even when it is zero (no omitempty, or a plain
                                    * struct): `status: {}`, `restartCount: 0`. Clients that
                                    * insist on such fields would fail without them. */
    FIELD_IS_POINTER = 1 << 7,   /* Go pointer: protobuf tells zero from absent (optional). */
    FIELD_IS_OPEN = 1 << 8,      /* x-kubernetes-preserve-unknown-fields. */
    FIELD_IS_NULLABLE = 1 << 9,
    FIELD_IS_EXPECTED = 1 << 10, /* In OpenAPI's required, yet accepted when it is absent. */
    FIELD_IS_REPLACED = 1 << 11, /* patchStrategy=replace: an object that does not merge. */
};

struct schema_type;

struct schema_field {
    const char *name;                 /* In JSON. "" only for an inline field. */
    uint32_t name_hash;               /* SCHEMA_NAME_HASH(name), or schema_name_hash(). */
    uint16_t number;                  /* In protobuf; 0: not in the message. */
    uint8_t type;                     /* enum field_type */
    uint8_t repeat;                   /* enum field_repeat */
    uint16_t flags;                   /* FIELD_* */
    uint8_t list_type;                /* enum list_type */
    const struct schema_type *object; /* For TYPE_OBJECT. */
    const char *const *keys;          /* LIST_MAP: field names, NULL-terminated. */
    const char *merge_key;            /* patchMergeKey, or NULL. */
    const char *const *enums;         /* Allowed strings, NULL-terminated; NULL: any. */
    const char *default_json;         /* "\"Always\"", "30", "{}"; NULL: none. Set when absent. */
    const char *go_type;              /* "v1.PullPolicy", for error texts; NULL: as .type says. */
    const char *doc;                  /* One line, our words. */
};

/* Where lookups remember which row a name led to: a row's index and 1, or 0; and one place
 * more for what walks of it are good for. It says nothing that the rows don't, so threads may
 * race for it, and it is no state of anybody. */
typedef _Atomic(uint8_t) schema_memo;
#define SCHEMA_MEMO_NAMES 64
#define SCHEMA_MEMO_SIZE (SCHEMA_MEMO_NAMES + 1)

struct schema_type {
    const char *name;    /* Go's type name: "Container". */
    const char *package; /* OpenAPI prefix: "io.k8s.api.core.v1". */
    const char *doc;
    const struct schema_field *fields;
    uint16_t field_count;
    schema_memo *memo; /* SCHEMA_MEMO_SIZE of them, zeroed; NULL: nothing is remembered. */
};

#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define ENUMS(...) ((const char *const[]){__VA_ARGS__, NULL})
/* The words in which tables are written are in schema_table.h. */

/* Size, first, middle and last byte: what a lookup compares before it compares names. */
#define SCHEMA_NAME_HASH(literal)                                                        \
    ((uint32_t)(sizeof(literal) - 1) << 24 | SCHEMA_BYTE(literal, 0) << 16               \
     | SCHEMA_BYTE(literal, sizeof(literal) / 2) << 8                                    \
     | SCHEMA_BYTE(literal, sizeof(literal) > 1 ? sizeof(literal) - 2 : 0))
#define SCHEMA_BYTE(literal, index) (uint32_t)(unsigned char)(literal)[index]
static inline uint32_t schema_name_hash(struct slice name)
{
    size_t size = name.size;
    if (size == 0)
        return 0;
    /* sizeof counts the NUL: half of size + 1 may be the NUL itself, for one letter. */
    uint32_t middle = (size + 1) / 2 < size ? (unsigned char)name.data[(size + 1) / 2] : 0;
    return (uint32_t)size << 24 | (uint32_t)(unsigned char)name.data[0] << 16 | middle << 8 |
           (unsigned char)name.data[size - 1];
}

/* A list type that Go names so that it can be a map's value (ExtraValue) is a list in JSON and
 * a message in protobuf. Its type has one field, a list named "": this gives it, or NULL. */
static inline const struct schema_field *schema_wrapped_list(const struct schema_field *field)
{
    const struct schema_type *type = field->type == TYPE_OBJECT ? field->object : NULL;
    bool wraps = type && type->field_count == 1 && type->fields[0].name[0] == '\0' &&
                 !(type->fields[0].flags & FIELD_IS_INLINE);
    return wraps ? &type->fields[0] : NULL;
}

/* The field with this JSON name, inline ones included; NULL when there is none. */
const struct schema_field *schema_field(const struct schema_type *type, struct slice name);

enum field_validation { FIELD_VALIDATION_IGNORE, FIELD_VALIDATION_WARN, FIELD_VALIDATION_STRICT };

struct schema_warning { /* `unknown field "spec.foo"`, `duplicate field "spec.foo"` */
    const char *text;
    struct schema_warning *next;
};

/* Checks types and drops unknown fields. A wrong type fails with Go's words
 * ("json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas
 * of type int32"). Unknown fields are removed and listed in *unknown, in the
 * order found. null means absent and is removed. */
MUST_USE int schema_decode(const struct schema_type *type, struct arena *arena, struct json *object,
                           struct schema_warning **unknown, struct status *status);
/* Sets the defaults that the tables know. */
void schema_set_defaults(const struct schema_type *type, struct arena *arena, struct json *object);
/* Required fields, enums, quantities, times: gathers all errors. */
void schema_validate(const struct schema_type *type, const struct json *object,
                     struct field_errors *errors);
/* A value as field errors show it: quoted, bare, null, or compact JSON (Go's %q and the like). */
const char *schema_value_text(struct arena *arena, const struct json *value);
/* Fields marked immutable that differ. */
void schema_validate_update(const struct schema_type *type, const struct json *object,
                            const struct json *old, struct field_errors *errors);
/* OpenAPI v3: appends `"io.k8s.api.core.v1.Container":{...},` of the type and, once each
 * (seen: names of schemas that are there already), of those that it refers to. Every one
 * ends with a comma. The type of a kind says which kind it is. */
struct map;
struct kind;
void schema_append_openapi(const struct schema_type *type, struct map *seen, struct buffer *text);
void schema_append_openapi_kind(const struct kind *kind, struct map *seen, struct buffer *text);

#endif
