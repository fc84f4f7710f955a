/* What json.c, json_parse.c and json_print.c share: how a node uses cJSON's
 * fields. Only they include cJSON.h.
 *
 *   type           cJSON_NULL, True, False, Raw (a number), String, Array, Object
 *   valuestring    text of a string, which is good UTF-8 with a NUL behind it,
 *                  or of a number, which has no NUL; of an object its index,
 *                  once it has many members (json_index.c)
 *   valueint       size of that text, so that a NUL in it does not end it;
 *                  of an object or array the number of children
 *   string         key of a member, good UTF-8 with a NUL behind it
 *   valuedouble    size of that key: numbers are text, so the field is free
 *   child          first member or item; its prev is the last one (cJSON's own
 *                  custom, which makes appending O(1))
 *   next, prev     siblings; both NULL in a node that is in no tree */
#ifndef CORE_JSON_PRIVATE_H
#define CORE_JSON_PRIVATE_H

#include <limits.h>

#include <cJSON.h>

#include "core/json.h"

struct json {
    cJSON node;
};

#define JSON_SIZE_MAX ((size_t)INT_MAX) /* What valueint can say. */

#define JSON_MEMBERS_SCANNED 32         /* An object with more has an index. */

static inline struct json *json_of(cJSON *node)
{
    return (struct json *)(void *)node;
}
static inline struct slice node_key(const cJSON *node)
{
    return (struct slice){node->string, (size_t)node->valuedouble};
}
static inline struct slice node_value(const cJSON *node)
{
    return (struct slice){node->valuestring, (size_t)node->valueint};
}

/* Eight bytes at once: the highest bit of each byte that a JSON string cannot
 * hold as it is: quote, backslash, control character. Exact for the lowest
 * byte set; borrows may mark others above it. Both machines that we build for
 * are little-endian, so the lowest byte is the first. */
static inline uint64_t json_special(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = (word ^ ones * '"') - ones;
    uint64_t backslash = (word ^ ones * '\\') - ones;
    uint64_t control = word - ones * ' ';
    return (quote | backslash | control) & ~word & ones * 0x80;
}
static inline uint64_t json_load(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof(word));
    return word;
}
static inline size_t json_first_special(uint64_t specials)
{
    return (size_t)__builtin_ctzll(specials) / 8;
}

/* The text itself, or when it is bad UTF-8 a copy in which U+FFFD stands for
 * each bad byte, as in Go. All text that enters a tree goes through here, so
 * that a tree holds only good UTF-8. */
struct slice json_mend(struct arena *arena, struct slice text);

/* The index of an object (object->valuestring), kept in step with its members.
 * All but add are for objects that have one; add comes after the linking. */
void json_index_add(struct arena *arena, cJSON *object, cJSON *member);
cJSON *json_index_find(const cJSON *object, struct slice key); /* NULL when absent. */
void json_index_replace(cJSON *object, struct slice key, cJSON *member);
void json_index_remove(cJSON *object, struct slice key);

/* The member with key, or NULL. */
static inline cJSON *json_find(const cJSON *object, struct slice key)
{
    if (object->valuestring)
        return json_index_find(object, key);
    for (cJSON *child = object->child; child; child = child->next)
        if (slice_equal(node_key(child), key))
            return child;
    return NULL;
}
/* Same value, of the texts of two numbers. */
bool json_same_number(struct slice a, struct slice b);
/* Takes a child out; it keeps its key. */
void json_unlink(cJSON *parent, cJSON *child);

#endif
