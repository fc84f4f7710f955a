#include "tests/clients/pattern.h"

#include <ctype.h>

static bool is_age(int c)
{
    return isdigit(c) || strchr("smhdy", c) != NULL;
}

static bool is_any(int c)
{
    (void)c;
    return true;
}

static bool is_id(int c)
{
    return isdigit(c) || islower(c);
}

static bool is_number(int c)
{
    return isdigit(c) != 0;
}

static bool is_time(int c)
{
    return isdigit(c) || strchr("-:.TZ", c) != NULL;
}

static bool is_uid(int c)
{
    return isxdigit(c) || c == '-';
}

static bool is_word(int c)
{
    return c != ' ' && c != '\t';
}

struct hole {
    struct slice text;
    bool (*has)(int c);
    size_t min;
};

static const struct hole holes[] = {
    {SLICE("{{age}}"), is_age, 1},       {SLICE("{{any}}"), is_any, 0},
    {SLICE("{{id}}"), is_id, 1},         {SLICE("{{number}}"), is_number, 1},
    {SLICE("{{time}}"), is_time, 1},     {SLICE("{{uid}}"), is_uid, 36},
    {SLICE("{{word}}"), is_word, 1},
};

static const struct hole *hole_at(struct slice pattern)
{
    for (size_t i = 0; i < ARRAY_SIZE(holes); i++)
        if (slice_starts_with(pattern, holes[i].text))
            return &holes[i];
    return NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static size_t count_blanks(struct slice text)
{
    size_t count = 0;
    while (count < text.size && is_blank(text.data[count]))
        count++;
    return count;
}

static struct slice after(struct slice text, size_t count)
{
    return slice_sub(text, count, text.size);
}

static bool matches(struct slice pattern, struct slice text);

static bool matches_hole(const struct hole *hole, struct slice rest, struct slice text)
{
    for (size_t size = 0; size <= text.size; size++) {
        if (size >= hole->min && matches(rest, after(text, size)))
            return true;
        if (size < text.size && !hole->has((unsigned char)text.data[size]))
            return false;
    }
    return false;
}

static bool matches(struct slice pattern, struct slice text)
{
    while (pattern.size > 0) {
        const struct hole *hole = hole_at(pattern);
        if (hole)
            return matches_hole(hole, after(pattern, hole->text.size), text);
        size_t blanks = count_blanks(pattern);
        if (blanks > 0 ? count_blanks(text) == 0
                       : text.size == 0 || pattern.data[0] != text.data[0])
            return false;
        pattern = after(pattern, blanks > 0 ? blanks : 1);
        text = after(text, blanks > 0 ? count_blanks(text) : 1);
    }
    return text.size == 0;
}

static struct slice without_blanks_behind(struct slice text)
{
    while (text.size > 0 && is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

bool pattern_matches_line(struct slice pattern, struct slice line)
{
    pattern = without_blanks_behind(pattern);
    line = without_blanks_behind(line);
    return count_blanks(pattern) == count_blanks(line) && matches(pattern, line);
}

static bool matches_from(const struct slice *patterns, size_t pattern_count, size_t at,
                         const struct slice *lines, size_t line_count, size_t *reached)
{
    for (; at < pattern_count; at++, lines++, line_count--) {
        *reached = at > *reached ? at : *reached;
        if (slice_is(patterns[at], "...")) {
            for (size_t skip = 0; skip <= line_count; skip++)
                if (matches_from(patterns, pattern_count, at + 1, lines + skip, line_count - skip,
                                 reached))
                    return true;
            return false;
        }
        if (line_count == 0 || !pattern_matches_line(patterns[at], *lines))
            return false;
    }
    *reached = pattern_count;
    return line_count == 0;
}

bool pattern_matches(const struct slice *patterns, size_t pattern_count, const struct slice *lines,
                     size_t line_count, size_t *reached)
{
    *reached = 0;
    return matches_from(patterns, pattern_count, 0, lines, line_count, reached);
}
