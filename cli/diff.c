/* The longest common subsequence of lines, by the table that textbooks show, over
 * what lies between the first and the last line that differ. */
#include "cli/diff.h"

#define CONTEXT 3
#define CELLS_MAX ((size_t)4 << 20) /* Of the table: 16 MB. */

struct lines {
    struct slice *all;
    size_t count;
};

struct edit {
    char sign; /* ' ', '-', '+' */
    struct slice line;
};

struct edits {
    struct edit *all;
    size_t count;
};

static struct lines split(struct slice text)
{
    size_t breaks = 0;
    for (size_t i = 0; i < text.size; i++)
        breaks += text.data[i] == '\n';
    struct lines lines = {mem_alloc((breaks + 1) * sizeof(struct slice)), 0};
    while (text.size > 0) {
        ptrdiff_t end = slice_find(text, '\n');
        size_t size = end < 0 ? text.size : (size_t)end + 1;
        lines.all[lines.count++] = slice_sub(text, 0, size);
        text = slice_sub(text, size, text.size);
    }
    return lines;
}

static void add(struct edits *edits, char sign, struct slice line)
{
    edits->all[edits->count++] = (struct edit){sign, line};
}

/* cells[i * (b.count + 1) + j]: how many lines are common behind a[i] and b[j]. */
static uint32_t *count_common(struct lines a, struct lines b)
{
    size_t width = b.count + 1;
    uint32_t *cells = mem_alloc((a.count + 1) * width * sizeof(*cells));
    for (size_t i = a.count; i-- > 0;) {
        for (size_t j = b.count; j-- > 0;) {
            uint32_t down = cells[(i + 1) * width + j];
            uint32_t right = cells[i * width + j + 1];
            cells[i * width + j] = slice_equal(a.all[i], b.all[j])
                                       ? cells[(i + 1) * width + j + 1] + 1
                                       : (down > right ? down : right);
        }
    }
    return cells;
}

static void replace_all(struct lines a, struct lines b, struct edits *edits)
{
    for (size_t i = 0; i < a.count; i++)
        add(edits, '-', a.all[i]);
    for (size_t j = 0; j < b.count; j++)
        add(edits, '+', b.all[j]);
}

static void edit_middle(struct lines a, struct lines b, struct edits *edits)
{
    if (a.count > 0 && b.count + 1 > CELLS_MAX / (a.count + 1)) {
        replace_all(a, b, edits);
        return;
    }
    uint32_t *cells = count_common(a, b);
    size_t width = b.count + 1;
    size_t i = 0;
    size_t j = 0;
    while (i < a.count && j < b.count) {
        if (slice_equal(a.all[i], b.all[j])) {
            add(edits, ' ', a.all[i++]);
            j++;
        } else if (cells[(i + 1) * width + j] >= cells[i * width + j + 1]) {
            add(edits, '-', a.all[i++]);
        } else {
            add(edits, '+', b.all[j++]);
        }
    }
    replace_all((struct lines){a.all + i, a.count - i}, (struct lines){b.all + j, b.count - j},
                edits);
    mem_free(cells);
}

static struct edits edit_lines(struct lines a, struct lines b)
{
    struct edits edits = {mem_alloc((a.count + b.count + 1) * sizeof(struct edit)), 0};
    size_t least = a.count < b.count ? a.count : b.count;
    size_t before = 0;
    while (before < least && slice_equal(a.all[before], b.all[before]))
        add(&edits, ' ', a.all[before++]);
    size_t behind = 0;
    while (behind < least - before &&
           slice_equal(a.all[a.count - behind - 1], b.all[b.count - behind - 1]))
        behind++;
    edit_middle((struct lines){a.all + before, a.count - before - behind},
                (struct lines){b.all + before, b.count - before - behind}, &edits);
    for (size_t i = a.count - behind; i < a.count; i++)
        add(&edits, ' ', a.all[i]);
    return edits;
}

/* Hunks. */

static void print_edit(const struct edit *edit, struct buffer *text)
{
    buffer_append_byte(text, edit->sign);
    buffer_append_slice(text, edit->line);
    if (!slice_ends_with(edit->line, SLICE("\n")))
        buffer_append_text(text, "\n\\ No newline at end of file\n");
}

/* The end of the hunk that begins at start: changes with no more than twice the
 * context between them, and the context behind. */
static size_t hunk_end(const struct edits *edits, size_t start)
{
    size_t end = start;
    size_t same = 0;
    for (size_t i = start; i < edits->count && same <= 2 * CONTEXT; i++) {
        same = edits->all[i].sign == ' ' ? same + 1 : 0;
        if (same == 0)
            end = i + 1;
    }
    return end + CONTEXT < edits->count ? end + CONTEXT : edits->count;
}

/* a_line and b_line count the lines before the hunk, and then those behind it. */
static void print_hunk(const struct edits *edits, size_t start, size_t end, size_t *a_line,
                       size_t *b_line, struct buffer *text)
{
    size_t a_count = 0;
    size_t b_count = 0;
    for (size_t i = start; i < end; i++) {
        a_count += edits->all[i].sign != '+';
        b_count += edits->all[i].sign != '-';
    }
    buffer_format(text, "@@ -%zu,%zu +%zu,%zu @@\n", *a_line + (a_count > 0), a_count,
                  *b_line + (b_count > 0), b_count);
    for (size_t i = start; i < end; i++)
        print_edit(&edits->all[i], text);
    *a_line += a_count;
    *b_line += b_count;
}

static void print_hunks(const struct edits *edits, struct buffer *text)
{
    size_t a_line = 0;
    size_t b_line = 0;
    size_t done = 0;
    for (size_t i = 0; i < edits->count; i++) {
        if (edits->all[i].sign == ' ')
            continue;
        size_t start = i >= done + CONTEXT ? i - CONTEXT : done;
        a_line += start - done;
        b_line += start - done;
        done = hunk_end(edits, start);
        print_hunk(edits, start, done, &a_line, &b_line, text);
        i = done - 1;
    }
}

void diff_print(const char *a_name, const char *b_name, struct slice a, struct slice b,
                struct buffer *text)
{
    if (slice_equal(a, b))
        return;
    struct lines a_lines = split(a);
    struct lines b_lines = split(b);
    struct edits edits = edit_lines(a_lines, b_lines);
    buffer_format(text, "--- %s\n+++ %s\n", a_name, b_name);
    print_hunks(&edits, text);
    mem_free(edits.all);
    mem_free(a_lines.all);
    mem_free(b_lines.all);
}
