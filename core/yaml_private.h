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
/* A place in a text; marks count lines and characters, not bytes, so it walks. */
struct yaml_cursor {
    const char *next;
    const char *end;
    struct yaml_position at;
};
/* Bytes of the line break at s, by YAML 1.1; 0 when there is none. */
size_t yaml_break_size(const char *s, const char *end);
/* One character, or one line break: true. */
bool yaml_step_over(struct yaml_cursor *cursor);
/* For each token libyaml looks at every open bracket, so that its time is their
 * product. This bounds it to about two seconds, and to twice what the largest document
 * of the shortest values needs with brackets fifteen deep. */
#define YAML_BRACKET_WORK_MAX (UINT64_C(1) << 28)
static inline int yaml_fail_work(struct status *status, struct yaml_position at)
{
    return yaml_fail(status, at, "document nests too deeply for its size");
}
/* Borrows text. */
void yaml_start_parser(struct yaml_parser_s *parser, struct slice text);

#endif
