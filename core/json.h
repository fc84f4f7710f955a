/* JSON trees: our own reader and printer over cJSON's nodes.
 *
 * The reader checks what cJSON does not: positions, duplicate keys, depth,
 * UTF-8, trailing bytes. Numbers are kept as their text, so no digit is lost
 * (cJSON would print 10^15 as 1e+15), and strings may hold NUL. struct json
 * is a cJSON node; only json*.c know. Rules: RFC 8259; of duplicate keys the
 * last wins, as in Go, and each is reported.
 *
 * Memory: every node and text lives in the arena that made it and is freed
 * with it. A node is in at most one tree. Accessors take NULL and treat it as
 * "absent", so that a chain of gets needs one test at its end. Thread: one at
 * a time for one tree; a tree that nobody changes may be read by many. */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buffer.h"
#include "core/status.h"

struct json;

enum json_type {
    JSON_ABSENT, /* Of NULL only. */
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json_duplicate { /* Each path once, and at most 100, as upstream. */
    const char *path; /* "metadata.name", "spec.containers[0].image" */
    struct json_duplicate *next;
};

struct json_options {
    size_t depth_max;                  /* 0: JSON_DEPTH_MAX. */
    size_t size_max;                   /* 0: no limit of its own. */
    struct json_duplicate **duplicates; /* Where to list duplicates, in order; NULL: not wanted. */
};

#define JSON_DEPTH_MAX 1000

/* Reads one value and nothing after it but white space. text is copied, so it
 * may go. options may be NULL. As Go does, a bad byte of UTF-8 or half a
 * surrogate pair is read as U+FFFD. Gives NULL and BAD_REQUEST with Go's words
 * ("invalid character 'x' looking for beginning of value"), " (line L, column C)"
 * added, or REQUEST_ENTITY_TOO_LARGE. */
MUST_USE struct json *json_parse(struct arena *arena, struct slice text,
                                 const struct json_options *options, struct status *status);

enum json_type json_type(const struct json *node);
static inline bool json_is(const struct json *node, enum json_type type)
{
    return json_type(node) == type;
}
bool json_bool(const struct json *node);            /* false when it is not true. */
struct slice json_string(const struct json *node);  /* Of a string; else empty. NUL follows it. */
const char *json_text(const struct json *node);     /* As C string; "" when it is no string. */
struct slice json_number(const struct json *node);  /* The number's text; else empty. */
bool json_to_int64(const struct json *node, int64_t *value); /* 5, 5.0, 5e0; false if not whole. */
bool json_to_double(const struct json *node, double *value);

struct json *json_get(const struct json *object, const char *key);       /* Member, or NULL. */
struct json *json_get_slice(const struct json *object, struct slice key);
struct json *json_at(const struct json *node,
                     const char *path); /* "metadata.name"; no keys with dots. */
struct json *json_item(const struct json *array, size_t index);
size_t json_count(const struct json *node);          /* Members or items. */
struct json *json_first(const struct json *node);    /* First member or item, or NULL. */
struct json *json_next(const struct json *node);     /* Its next sibling, or NULL. */
struct slice json_key(const struct json *node);      /* Of a member; NUL follows it. */

/* The body may detach or replace the current child. */
#define JSON_EACH(child, parent)                                                     \
    for (struct json *child = json_first(parent), *child##_next = json_next(child);  \
         child; child = child##_next, child##_next = json_next(child))

struct json *json_new_object(struct arena *arena);
struct json *json_new_array(struct arena *arena);
struct json *json_new_null(struct arena *arena);
struct json *json_new_bool(struct arena *arena, bool value);
struct json *json_new_int(struct arena *arena, int64_t value);
struct json *json_new_number(struct arena *arena, struct slice text); /* text is JSON's. */
struct json *json_new_string(struct arena *arena,
                             struct slice text); /* Copies; bad UTF-8 becomes U+FFFD. */
struct json *json_new_text(struct arena *arena, const char *text);
struct json *json_copy(struct arena *arena, const struct json *node); /* Deep, without its key. */

/* Sets a member in place of one with that key, else at the end. Returns value. */
struct json *json_set(struct arena *arena, struct json *object, const char *key,
                      struct json *value);
struct json *json_set_slice(struct arena *arena, struct json *object, struct slice key,
                            struct json *value);
/* As json_set, but puts a new member first. */
struct json *json_set_first(struct arena *arena, struct json *object, const char *key,
                            struct json *value);
/* The object at key, made when absent. */
struct json *json_ensure_object(struct arena *arena, struct json *object, const char *key);
void json_set_text(struct arena *arena, struct json *object, const char *key, const char *text);
void json_set_int(struct arena *arena, struct json *object, const char *key, int64_t value);
void json_set_bool(struct arena *arena, struct json *object, const char *key, bool value);
bool json_remove(struct json *object, const char *key); /* True when it was there. */
bool json_remove_slice(struct json *object, struct slice key);
void json_detach(struct json *parent, struct json *child);
void json_append(struct json *array, struct json *value);
void json_insert(struct json *array, size_t index, struct json *value); /* index <= count. */
/* Puts value in the place of child. */
void json_replace(struct json *parent, struct json *child, struct json *value);

/* Same value: objects in any order, numbers by value, arrays in order. */
bool json_equal(const struct json *a, const struct json *b);
/* Sorts members by key bytes, all the way down. */
void json_sort(struct json *node);

/* All append to text, and escape only what JSON requires. */
void json_print(const struct json *node, struct buffer *text);        /* Compact. */
void json_print_pretty(const struct json *node, int indent, struct buffer *text);
/* As part of a larger text: node stands at this level of it. */
void json_print_pretty_at(const struct json *node, int indent, size_t level, struct buffer *text);
void json_print_string(struct slice value, struct buffer *text);      /* Quoted and escaped. */

#endif
