/* What a scalar means to a Kubernetes client.
 *
 * kubectl and the API server read YAML by go-yaml v2, whose rules lie between
 * YAML 1.1 and 1.2: yes, no, on, off, y and n are booleans, 014 and 0o14 are
 * both 12, 1_000 is 1000, 11:00 is text, and a date is text. These are those
 * rules, kept apart from the parser because KYAML asks them too. */
#ifndef CORE_YAML_SCALAR_H
#define CORE_YAML_SCALAR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/status.h"

enum yaml_type {
    YAML_TYPE_NULL,
    YAML_TYPE_BOOL,
    YAML_TYPE_INT,  /* Fits int64. */
    YAML_TYPE_UINT, /* Above int64. */
    YAML_TYPE_FLOAT,
    YAML_TYPE_TIMESTAMP, /* Its value is its text. */
    YAML_TYPE_MERGE,     /* "<<"; its value is its text. */
    YAML_TYPE_BINARY,    /* Base64, not yet decoded. */
    YAML_TYPE_STRING,
};

struct yaml_scalar {
    enum yaml_type type;
    bool truth;
    int64_t integer;
    uint64_t natural;
    double real;
};

/* Resolves the text of a scalar that may be something else than text: a plain
 * one, or one with a tag. tag is long ("tag:yaml.org,2002:int") or NULL. Fails
 * when the text does not fit the tag. */
MUST_USE int yaml_scalar_resolve(const char *tag, struct slice text, struct yaml_scalar *scalar,
                                 struct status *status);
/* As above for a plain scalar without a tag, which cannot fail. */
struct yaml_scalar yaml_scalar_plain(struct slice text);
/* "2001-1-2", "2001-01-02 3:04:05.6" or RFC 3339, and a date that exists. */
bool yaml_scalar_is_timestamp(struct slice text);

#define YAML_TAG_PREFIX "tag:yaml.org,2002:"

#endif
