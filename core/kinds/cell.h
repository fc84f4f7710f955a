/* What the columns of kinds have in common: words for their tables, and cells
 * that several print. Texts are upstream's (pkg/printers/internalversion). */
#ifndef CORE_KINDS_CELL_H
#define CORE_KINDS_CELL_H

#include "core/kinds/column.h"

#define CELL(name_, type_, doc_, cell_) CELL_ROW(name_, type_, doc_, 0, .cell = (cell_))
#define CELL_WIDE(name_, type_, doc_, cell_) CELL_ROW(name_, type_, doc_, 1, .cell = (cell_))
/* Shows the value at a path. */
#define CELL_AT(name_, type_, doc_, path_) CELL_ROW(name_, type_, doc_, 0, .path = (path_))
#define CELL_WIDE_AT(name_, type_, doc_, path_) CELL_ROW(name_, type_, doc_, 1, .path = (path_))
#define CELL_ROW(name_, type_, doc_, priority_, ...)                          \
    {                                                                         \
        .name = (name_), .type = (type_), .format = "", .doc = (doc_),        \
        .priority = (priority_), __VA_ARGS__                                  \
    }

/* When it was created, as a time: the second column of kinds that print nothing of their own. */
#define CELL_CREATED_AT \
    CELL("Created At", "date", "When it was created.", cell_created_at)
void cell_created_at(const struct kind_context *context, const struct json *object,
                     struct buffer *text);

/* All append a cell as JSON. */
void cell_append_or(struct slice value, const char *otherwise, struct buffer *text);
void cell_append_or_none(struct slice value, struct buffer *text); /* "<none>" */
/* "a=b,c=d", or "<none>". */
void cell_append_labels(const struct json *labels, struct buffer *text);
/* A metav1.LabelSelector as text; "<none>" when it has no requirement. */
void cell_append_selector(const struct json *selector, struct buffer *text);
/* Names or images of containers, with commas: member is "name" or "image". */
void cell_append_containers(const struct json *containers, const char *member, struct buffer *text);
/* "a,b,c" of the texts in order, each once; sorts them. */
void cell_join_sorted(struct slice *texts, size_t count, struct buffer *text);
/* "a,b,c + 2 more..." of at most three. */
struct cell_list {
    struct buffer text;
    size_t count;
};
void cell_list_add(struct cell_list *list, const char *format, ...) PRINTF_LIKE(2, 3);
/* otherwise stands for an empty list. Releases it. */
void cell_list_append(struct cell_list *list, const char *otherwise, struct buffer *text);

#endif
