/* Label selectors: `app=web,tier in (a,b),!old`, and their metav1.LabelSelector form.
 *
 * Parsing gives upstream's texts (k8s.io/apimachinery pkg/labels). A selector
 * lives in the arena that made it. A zeroed selector selects everything.
 * Pure; any thread may match. */
#ifndef CORE_KINDS_LABEL_SELECTOR_H
#define CORE_KINDS_LABEL_SELECTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "core/arena.h"
#include "core/json.h"
#include "core/status.h"

enum label_operator {
    LABEL_EXISTS,
    LABEL_DOES_NOT_EXIST,
    LABEL_EQUALS,        /* Prints as "=". */
    LABEL_DOUBLE_EQUALS, /* "==" */
    LABEL_NOT_EQUALS,    /* Holds without the label too. */
    LABEL_IN,
    LABEL_NOT_IN,  /* Holds without the label too. */
    LABEL_GREATER, /* Whole numbers; does not hold without one. */
    LABEL_LESS,
};

struct label_requirement {
    struct slice key;
    enum label_operator relation;
    struct slice *values; /* Sorted, without duplicates. */
    size_t value_count;
    int64_t bound; /* Of greater and less. */
};

struct label_selector {
    struct label_requirement *requirements; /* All must hold; in order of key. */
    size_t count;
    bool selects_nothing; /* Of an absent metav1.LabelSelector. */
};

/* Reads the text form. Fails with BAD_REQUEST: "unable to parse requirement: ..." */
MUST_USE int label_selector_parse(struct arena *arena, struct slice text,
                                  struct label_selector *selector, struct status *status);
/* Reads a metav1.LabelSelector object. NULL selects nothing, {} everything. */
MUST_USE int label_selector_from_json(struct arena *arena, const struct json *json,
                                      struct label_selector *selector, struct status *status);
/* Reads a map of labels that must all be equal (Service spec.selector). */
void label_selector_from_labels(struct arena *arena, const struct json *labels,
                                struct label_selector *selector);

bool label_selector_is_empty(const struct label_selector *selector); /* Selects everything. */
bool label_selector_matches_view(const struct label_selector *selector, struct slice view);
/* labels is the JSON object, or NULL. */
bool label_selector_matches_labels(const struct label_selector *selector,
                                   const struct json *labels);
/* The text form, as Go prints it. */
void label_selector_append(const struct label_selector *selector, struct buffer *text);

/* Checks a metav1.LabelSelector of an object: upstream's ValidateLabelSelector. */
void label_selector_validate(const struct json *selector, const char *path,
                             struct field_errors *errors);

#endif
