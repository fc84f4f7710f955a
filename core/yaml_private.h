/* What the files that include libyaml share: yaml_events.c and yaml_comments.c. */
#ifndef CORE_YAML_PRIVATE_H
#define CORE_YAML_PRIVATE_H

#include <yaml.h>

#include "core/yaml_events.h"

/* Without the byte order mark that a text may begin with. */
static inline struct slice yaml_skip_mark(struct slice text)
{
    struct slice mark = SLICE("\xef\xbb\xbf");
    return slice_starts_with(text, mark) ? slice_sub(text, mark.size, text.size) : text;
}
/* line is that of the text's start. */
static inline struct yaml_position yaml_position_of(yaml_mark_t mark, uint32_t line)
{
    return (struct yaml_position){line + (uint32_t)mark.line, (uint32_t)mark.column + 1};
}
/* Borrows text. */
void yaml_start_parser(struct yaml_parser_s *parser, struct slice text);

#endif
