/* The comments of a text, which libyaml's parser drops.
 *
 * Between two tokens there is nothing but blanks, line breaks and comments, so
 * that a "#" there begins one. Marks count lines and characters, not bytes, so a
 * cursor walks along with them. Only the header of a block scalar, "| # like
 * this", has a comment inside its token. */
#include "core/yaml_private.h"

struct finder {
    struct arena *arena;
    struct yaml_cursor cursor;
    struct yaml_found_comments found;
    size_t capacity;
    size_t flow; /* Brackets that are open. */
    uint64_t work;
    yaml_token_type_t before; /* The token before the cursor. */
    struct yaml_position token_end;
};

/* The rest of the line, without its break. */
static struct slice take_line(struct yaml_cursor *cursor)
{
    const char *start = cursor->next;
    while (cursor->next < cursor->end && yaml_break_size(cursor->next, cursor->end) == 0)
        yaml_step_over(cursor);
    return (struct slice){start, (size_t)(cursor->next - start)};
}

static struct yaml_found_comment *add_comment(struct finder *finder)
{
    struct yaml_found_comments *found = &finder->found;
    if (found->count == finder->capacity) {
        finder->capacity = finder->capacity ? finder->capacity * 2 : 16;
        struct yaml_found_comment *all =
            ARENA_ARRAY(finder->arena, struct yaml_found_comment, finder->capacity);
        if (found->count > 0)
            memcpy(all, found->all, found->count * sizeof(*all));
        found->all = all;
    }
    struct yaml_found_comment *comment = &found->all[found->count++];
    comment->comment.at = finder->cursor.at;
    comment->token_end = finder->token_end;
    struct slice line = take_line(&finder->cursor);
    while (line.size > 0 && (line.data[line.size - 1] == ' ' || line.data[line.size - 1] == '\t'))
        line.size--;
    comment->comment.text = line;
    return comment;
}

/* Gathers the comments up to the next token. */
static void scan_gap(struct finder *finder, struct yaml_position until, bool before_entry)
{
    struct yaml_cursor *cursor = &finder->cursor;
    bool own_line = cursor->at.column == 1; /* A block scalar ends with its last break. */
    size_t first = finder->found.count;
    while (cursor->next < cursor->end && yaml_position_before(cursor->at, until)) {
        if (*cursor->next != '#') {
            own_line |= yaml_step_over(cursor);
            continue;
        }
        struct yaml_found_comment *found = add_comment(finder);
        found->own_line = own_line;
        found->after_opening = finder->before == YAML_FLOW_SEQUENCE_START_TOKEN ||
                               finder->before == YAML_FLOW_MAPPING_START_TOKEN;
        found->after_comma = finder->before == YAML_FLOW_ENTRY_TOKEN;
    }
    for (size_t i = first; i < finder->found.count; i++)
        finder->found.all[i].before_entry = before_entry;
}

/* "| # comment": the header belongs to the scalar's token. */
static void scan_scalar_header(struct finder *finder)
{
    struct yaml_cursor *cursor = &finder->cursor;
    char before = '|';
    while (cursor->next < cursor->end && yaml_break_size(cursor->next, cursor->end) == 0) {
        if (*cursor->next == '#' && (before == ' ' || before == '\t')) {
            struct yaml_found_comment *found = add_comment(finder);
            found->in_scalar = true;
            return;
        }
        before = *cursor->next;
        yaml_step_over(cursor);
    }
}

static void pass_token(struct finder *finder, const yaml_token_t *token, uint32_t line)
{
    struct yaml_position start = yaml_position_of(token->start_mark, line);
    struct yaml_position end = yaml_position_of(token->end_mark, line);
    bool is_last = token->type == YAML_STREAM_END_TOKEN;
    if (!is_last && !yaml_position_before(start, end))
        return; /* A token that libyaml put in: a block's begin or end, a simple key. */
    if (is_last)
        start.line = UINT32_MAX;
    scan_gap(finder, start, token->type == YAML_BLOCK_ENTRY_TOKEN);
    if (token->type == YAML_SCALAR_TOKEN &&
        (token->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
         token->data.scalar.style == YAML_FOLDED_SCALAR_STYLE))
        scan_scalar_header(finder);
    struct yaml_cursor *cursor = &finder->cursor;
    while (cursor->next < cursor->end && yaml_position_before(cursor->at, end))
        yaml_step_over(cursor);
    if (token->type == YAML_FLOW_SEQUENCE_START_TOKEN ||
        token->type == YAML_FLOW_MAPPING_START_TOKEN)
        finder->flow++;
    if (token->type == YAML_FLOW_SEQUENCE_END_TOKEN || token->type == YAML_FLOW_MAPPING_END_TOKEN)
        finder->flow -= finder->flow > 0;
    finder->work += finder->flow;
    finder->before = token->type;
    finder->token_end = end;
}

int yaml_find_comments(struct arena *arena, struct slice text, uint32_t line,
                       struct yaml_found_comments *found, struct status *status)
{
    *found = (struct yaml_found_comments){NULL, 0};
    if (slice_find(text, '#') < 0)
        return 0;
    text = yaml_skip_mark(text);
    struct finder finder = {.arena = arena};
    finder.cursor = (struct yaml_cursor){text.data, text.data + text.size, {line, 1}};
    yaml_parser_t parser;
    yaml_start_parser(&parser, text);
    bool more = true;
    while (more && finder.work <= YAML_BRACKET_WORK_MAX) {
        yaml_token_t token;
        if (!yaml_parser_scan(&parser, &token))
            break;
        more = token.type != YAML_STREAM_END_TOKEN;
        if (token.type != YAML_STREAM_START_TOKEN)
            pass_token(&finder, &token, line);
        yaml_token_delete(&token);
    }
    yaml_parser_delete(&parser);
    *found = finder.found;
    return finder.work > YAML_BRACKET_WORK_MAX ? yaml_fail_work(status, finder.cursor.at) : 0;
}
