/* The words in which kind_*.c and type_*.c write their tables.
 *
 *     FIELDS(container) = {
 *         FIELD(1, "name", STRING, REQUIRED, "Name of the container, unique in its pod."),
 *         LIST(6, "ports", OBJECT(container_port), MERGED, "Ports that it listens on.",
 *              MERGE_KEY("containerPort"), MAP_KEYS("containerPort", "protocol")),
 *         FIELD(8, "resources", OBJECT(resource_requirements), ALWAYS, "What it needs."),
 *         FIELD(14, "imagePullPolicy", STRING, 0, "When to pull the image.",
 *               ENUM("Always", "IfNotPresent", "Never"), GO_TYPE("v1.PullPolicy")),
 *     };
 *     TYPE(container, "Container", CORE_V1, "One container of a pod.");
 *
 * A row is: protobuf number, JSON name, type, flags, doc, then any of the
 * properties. Flags join with `|`; 0 is none. Only table files include this
 * header: its names are short because they are everywhere in a table. */
#ifndef CORE_KINDS_SCHEMA_TABLE_H
#define CORE_KINDS_SCHEMA_TABLE_H

#include "core/kinds/schema.h"
#include "core/kinds/types.h"

/* --- Rows --- */
#define FIELD(number_, name_, type_, flags_, ...) \
    {FIELD_HEAD(number_, name_, REPEAT_ONE, flags_), type_, .doc = __VA_ARGS__}
#define LIST(number_, name_, type_, flags_, ...) \
    {FIELD_HEAD(number_, name_, REPEAT_LIST, flags_), type_, .doc = __VA_ARGS__}
/* Its keys are strings; type_ is that of its values. */
#define MAP(number_, name_, type_, flags_, ...) \
    {FIELD_HEAD(number_, name_, REPEAT_MAP, flags_), type_, .doc = __VA_ARGS__}
/* An embedded Go struct: its fields stand in the parent in JSON, and in the
 * nested message number_ in protobuf. */
#define INLINE(number_, object_) \
    {FIELD_HEAD(number_, "", REPEAT_ONE, FIELD_IS_INLINE), OBJECT(object_), .doc = ""}

#define FIELD_HEAD(number_, name_, repeat_, flags_)                                     \
    .name = (name_), .number = (number_), .name_hash = SCHEMA_NAME_HASH(name_),         \
    .repeat = (repeat_), .flags = (flags_)

/* apiVersion and kind: in JSON members like any other, in protobuf not in the
 * message but in the envelope around it, hence number 0. */
#define TYPE_META_FIELDS                                                              \
    FIELD(0, "apiVersion", STRING, 0, "Group and version of this object's shape."),   \
    FIELD(0, "kind", STRING, 0, "Name of this object's shape.")
/* The head of a kind that is stored, and that of a list of them. */
#define OBJECT_FIELDS                 \
    TYPE_META_FIELDS,                 \
    FIELD(1, "metadata", OBJECT(object_meta), ALWAYS, "What all objects have: name, labels.")
#define LIST_FIELDS                   \
    TYPE_META_FIELDS,                 \
    FIELD(1, "metadata", OBJECT(list_meta), ALWAYS, "Revision and paging of the list.")

/* --- Types of a row --- */
#define STRING .type = TYPE_STRING
#define BOOL .type = TYPE_BOOL
#define INT32 .type = TYPE_INT32
#define INT64 .type = TYPE_INT64
#define DOUBLE .type = TYPE_DOUBLE
#define BYTES .type = TYPE_BYTES
#define QUANTITY .type = TYPE_QUANTITY
#define INT_OR_STRING .type = TYPE_INT_OR_STRING
#define TIME .type = TYPE_TIME
#define MICRO_TIME .type = TYPE_MICRO_TIME
#define DURATION .type = TYPE_DURATION
#define ANY .type = TYPE_ANY
#define FIELDS_V1 .type = TYPE_FIELDS_V1
#define OBJECT(object_) .type = TYPE_OBJECT, .object = &type_##object_

/* --- Flags of a row: see schema.h --- */
#define REQUIRED FIELD_IS_REQUIRED
#define IMMUTABLE FIELD_IS_IMMUTABLE
#define ATOMIC FIELD_IS_ATOMIC
#define MERGED FIELD_IS_MERGED
#define RETAIN_KEYS FIELD_RETAINS_KEYS
#define REPLACED FIELD_IS_REPLACED
#define ALWAYS FIELD_ALWAYS_WRITTEN
#define POINTER FIELD_IS_POINTER /* Of a scalar; messages tell absence by themselves. */
#define OPEN FIELD_IS_OPEN
#define NULLABLE FIELD_IS_NULLABLE
#define EXPECTED FIELD_IS_EXPECTED

/* --- Properties of a row, behind its doc --- */
#define ENUM(...) .enums = ENUMS(__VA_ARGS__) /* Only where upstream refuses all others. */
#define DEFAULT(json_) .default_json = (json_) /* DEFAULT("30"), DEFAULT("{}") */
#define DEFAULT_TEXT(text_) .default_json = "\"" text_ "\""
#define MERGE_KEY(key_) .merge_key = (key_) /* patchMergeKey; goes with MERGED. */
#define MAP_KEYS(...) .list_type = LIST_MAP, .keys = KEYS(__VA_ARGS__)
#define SET .list_type = LIST_SET
/* How Go names the type (of a list its items, of a map the whole map) where that is neither
 * plain nor the name of the struct:
 * a wrong value is told as "... of type v1.PullPolicy". */
#define GO_TYPE(name_) .go_type = (name_)

/* --- Types --- */
#define FIELDS(name_) static const struct schema_field name_##_fields[]
#define TYPE(c_name_, name_, package_, doc_)                                              \
    static schema_memo c_name_##_memo[SCHEMA_MEMO_SIZE];                                  \
    const struct schema_type type_##c_name_ = {.name = (name_),                          \
                                               .package = (package_),                    \
                                               .doc = (doc_),                            \
                                               .fields = c_name_##_fields,               \
                                               .field_count = ARRAY_SIZE(c_name_##_fields), \
                                               .memo = c_name_##_memo}
/* A type that has no fields (its presence is the message). */
#define EMPTY_TYPE(c_name_, name_, package_, doc_) \
    const struct schema_type type_##c_name_ = {    \
        .name = (name_), .package = (package_), .doc = (doc_)}

#define CORE_V1 "io.k8s.api.core.v1"
#define META_V1 "io.k8s.apimachinery.pkg.apis.meta.v1"

#endif
