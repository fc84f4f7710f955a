/* YAML in, JSON trees out: exactly what a Kubernetes client would have read.
 *
 * kubectl cuts a file at lines that begin with "---", tries JSON where the text
 * begins with "{", and else reads each part by sigs.k8s.io/yaml over go-yaml v2:
 * its scalars (core/yaml_scalar.h), its merge keys (in the order written, so a
 * later "<<" overrides), keys of other types turned into text, the last of
 * duplicate keys winning. Here libyaml parses, and the rules above it are ours.
 *
 * Where libyaml reads what go-yaml does not, or differently, this reader
 * refuses: inside brackets a plain scalar with "?", a tag without a value, "a:"
 * before a bracket or comma. Where go-yaml picks at random ({1: a, "1": b}) the last wins and is
 * reported as a duplicate.
 *
 * Beside the value: positions of all values, duplicates, and the comments, which
 * libyaml drops and which are recovered between its token marks.
 *
 * Memory: everything given lives in the arena. Bounds: size, depth, and for
 * aliases go-yaml's own ratio plus a limit on the bytes that they copy, so time
 * and memory are linear in the text. Thread: one at a time for one arena. */
#ifndef CORE_YAML_H
#define CORE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buffer.h"
#include "core/json.h"
#include "core/map.h"
#include "core/status.h"

#define YAML_SIZE_MAX ((size_t)16 << 20)      /* Bytes of one document. */
#define YAML_DEPTH_MAX JSON_DEPTH_MAX
#define YAML_ALIAS_BYTES_MAX ((size_t)32 << 20) /* Memory of all copies that aliases make. */

struct yaml_position { /* From 1; 0 when not known. Columns count characters. */
    uint32_t line;
    uint32_t column;
};

struct yaml_comment {
    struct slice text; /* From "#" to the end of the line; borrowed from the text read. */
    struct yaml_position at;
    struct yaml_comment *next;
};

struct yaml_comment_list { /* In order; both NULL when empty. */
    struct yaml_comment *first;
    struct yaml_comment *last;
};

/* What the text says about one value besides the value. */
struct yaml_note {
    const struct json *node;
    struct yaml_position key_at; /* Of a member's key. */
    struct yaml_position at;     /* Of the value. */
    struct yaml_comment_list head; /* On lines of their own above the entry. */
    struct yaml_comment *line;     /* Behind the value. */
    struct yaml_comment_list open; /* Behind "key:", "-" or the opening bracket of a collection. */
    struct yaml_comment_list tail; /* On lines of their own, after a collection's last entry. */
};

struct yaml_duplicate {
    const char *path;            /* "metadata.name", "spec.containers[0].image" */
    struct slice key;
    struct yaml_position at;     /* Of the later one, which wins. */
    bool merged;                 /* The later one came by a merge key. */
    struct yaml_duplicate *next;
};

struct yaml_document {
    struct json *root; /* JSON null for an empty document. */
    struct yaml_position at;
    bool is_json;      /* The JSON reader read it: there are no notes. */
    struct yaml_duplicate *duplicates;
    struct map *notes; /* Node to note, see yaml_note_of(); NULL when not wanted. */
    struct yaml_comment_list foot; /* Behind the value, or in a document without one. */
    /* Where content begins that clients silently drop: what follows a line "...". */
    struct yaml_position ignored_at;
};

struct yaml_options {
    size_t size_max;  /* 0: YAML_SIZE_MAX. */
    size_t depth_max; /* 0: YAML_DEPTH_MAX. */
    bool notes;       /* Positions and comments are wanted. */
};

/* Reads one document: what the API server makes of a YAML body, in which all
 * after the first document is ignored. options may be NULL. On failure the
 * status is BAD_REQUEST with go-yaml's words, the line counted from 1 and the
 * column added, and document->at says where:
 * "yaml: line 3: mapping values are not allowed in this context (column 7)" */
MUST_USE int yaml_parse(struct arena *arena, struct slice text, const struct yaml_options *options,
                        struct yaml_document *document, struct status *status);

/* The documents of a file, in order. Like kubectl it skips nothing but parts
 * without any line; empty documents are given as null. */
struct yaml_stream {
    struct slice rest;
    uint32_t line;       /* Of the start of rest, from 1. */
    bool json_tried;     /* It is not a stream of JSON values, or no longer. */
    size_t json_count;
    struct slice comment; /* Of the separator that ended the last document. */
    struct yaml_position comment_at;
};

void yaml_stream_init(struct yaml_stream *stream, struct slice text);
/* 1: a document; 0: the end; -1: failed, and the stream has ended. Where kubectl
 * says "error converting YAML to JSON: yaml: line 3: ...", so does this. */
MUST_USE int yaml_stream_next(struct yaml_stream *stream, struct arena *arena,
                              const struct yaml_options *options, struct yaml_document *document,
                              struct status *status);

/* NULL when the node has none: it came from JSON, or from an alias. */
const struct yaml_note *yaml_note_of(const struct yaml_document *document, const struct json *node);

#endif
