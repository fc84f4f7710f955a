/* The documents of a file, cut as kubectl's reader cuts it
 * (k8s.io/apimachinery/pkg/util/yaml, YAMLOrJSONDecoder).
 *
 * A text that begins with "{" is first read as JSON values, one behind the
 * other. Where that fails before the second value is complete, the rest is read
 * as YAML, which is cut by its lines alone: a line that begins with "---" ends a
 * document even inside a block scalar, and may hold only a comment behind it. A
 * document without any line is none. */
#include "core/number.h"
#include "core/unicode.h"
#include "core/utf8.h"
#include "core/yaml_events.h"

void yaml_stream_init(struct yaml_stream *stream, struct slice text)
{
    *stream = (struct yaml_stream){.rest = text, .line = 1};
}

/* Takes size bytes off the rest. */
static struct slice take(struct yaml_stream *stream, size_t size)
{
    struct slice taken = slice_sub(stream->rest, 0, size);
    for (size_t i = 0; i < taken.size; i++)
        stream->line += taken.data[i] == '\n';
    stream->rest = slice_sub(stream->rest, size, stream->rest.size);
    return taken;
}

static int end_with_error(struct yaml_stream *stream)
{
    stream->rest = (struct slice){NULL, 0};
    stream->json_tried = true;
    return -1;
}

/* Blanks, by Unicode; with until_break only up to the first newline and this. */
static size_t blank_size(struct slice text, bool until_break)
{
    size_t size = 0;
    for (size_t taken; size < text.size; size += taken) {
        int32_t character = utf8_decode(text.data + size, text.size - size, &taken);
        if (character < 0 || !unicode_is_space(character))
            return size;
        if (until_break && character == '\n')
            return size + 1;
    }
    return size;
}

/* JSON. */

/* Just behind the string whose quote is at i. */
static size_t string_end(struct slice text, size_t i)
{
    for (i++; i < text.size && text.data[i] != '"'; i++)
        if (text.data[i] == '\\')
            i++;
    return i < text.size ? i + 1 : text.size;
}

/* Just behind the JSON value that begins at i, as far as its brackets tell. */
static size_t value_end(struct slice text, size_t i)
{
    if (text.data[i] != '{' && text.data[i] != '[') {
        while (i < text.size && strchr(" \t\r\n,:{}[]", text.data[i]) == NULL)
            i = text.data[i] == '"' ? string_end(text, i) : i + 1;
        return i;
    }
    size_t depth = 0;
    while (i < text.size) {
        char c = text.data[i];
        i = c == '"' ? string_end(text, i) : i + 1;
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        if (depth == 0)
            break;
    }
    return i;
}

/* kubectl turns numbers into int64 or float64, so what fits neither is an error
 * there. */
static int check_numbers(const struct json *node, struct status *status)
{
    char text[NUMBER_TEXT_SIZE];
    struct slice number = json_number(node);
    if (json_is(node, JSON_NUMBER) && number_reprint(number, text) != NUMBER_OK)
        return status_fail(status, STATUS_BAD_REQUEST,
                           "json: cannot unmarshal number " SLICE_FORMAT
                           " into Go value of type float64",
                           SLICE_ARGS(slice_sub(number, 0, 100)));
    JSON_EACH(child, node)
        if (check_numbers(child, status))
            return -1;
    return 0;
}

static void take_duplicates(struct arena *arena, const struct json_duplicate *from,
                            struct yaml_document *document)
{
    struct yaml_duplicate **last = &document->duplicates;
    for (; from; from = from->next) {
        struct yaml_duplicate *duplicate = ARENA_NEW(arena, struct yaml_duplicate);
        duplicate->path = from->path;
        *last = duplicate;
        last = &duplicate->next;
    }
}

static int parse_json(struct arena *arena, struct slice text, const struct yaml_options *options,
                      struct yaml_document *document, struct status *status)
{
    struct json_duplicate *duplicates = NULL;
    struct json_options json_options = {
        .depth_max = options && options->depth_max ? options->depth_max : YAML_DEPTH_MAX,
        .size_max = options && options->size_max ? options->size_max : YAML_SIZE_MAX,
        .duplicates = &duplicates,
    };
    document->is_json = true;
    document->root = json_parse(arena, text, &json_options, status);
    if (document->root == NULL)
        return status_wrap(status, "json");
    take_duplicates(arena, duplicates, document);
    return 0;
}

/* As yaml_stream_next(), for a stream of JSON; 2: this is none, or not from here. */
static int next_json(struct yaml_stream *stream, struct arena *arena,
                     const struct yaml_options *options, struct yaml_document *document,
                     struct status *status)
{
    size_t blank = blank_size(stream->rest, false);
    bool is_end = blank == stream->rest.size;
    if (stream->json_count == 0 && (is_end || stream->rest.data[blank] != '{'))
        return 2;
    if (is_end)
        return 0;
    size_t end = value_end(stream->rest, blank);
    *document = (struct yaml_document){.at = {stream->line, 1}};
    if (parse_json(arena, slice_sub(stream->rest, 0, end), options, document, status)) {
        /* With more than one value read it is JSON for sure; and of less than four
         * bytes kubectl does not try to make YAML. */
        bool too_short = stream->rest.size < blank_size(stream->rest, true) + 4;
        return stream->json_count > 1 || too_short ? -1 : 2;
    }
    if (check_numbers(document->root, status))
        return -1;
    take(stream, end);
    stream->json_count++;
    return 1;
}

/* YAML. */

/* The size of the first line, its break included. */
static size_t line_size(struct slice text)
{
    ptrdiff_t end = slice_find(text, '\n');
    return end < 0 ? text.size : (size_t)end + 1;
}

static bool is_separator(struct slice line)
{
    return slice_starts_with(line, SLICE("---"));
}

/* What stands behind "---", without blanks around it. */
static struct slice behind_separator(struct slice line)
{
    struct slice rest = slice_sub(line, 3, line.size);
    rest = slice_sub(rest, blank_size(rest, false), rest.size);
    while (rest.size > 0 && strchr(" \t\r\n\v\f", rest.data[rest.size - 1]))
        rest.size--;
    return rest;
}

/* libyaml never sees this comment: what it would refuse, or would end the line at,
 * must not get into a text that is printed. */
static bool is_one_line(struct slice text)
{
    size_t taken;
    for (size_t i = 0; i < text.size; i += taken) {
        int32_t c = utf8_decode(text.data + i, text.size - i, &taken);
        if (c == '\t' || (c >= ' ' && c < 0x7f))
            continue;
        if (c < 0xa0 || c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xfffe || c == 0xffff)
            return false;
    }
    return true;
}

/* A separator line holds nothing more than a comment. */
static int check_separator(struct slice line, struct yaml_position *at, struct status *status)
{
    struct slice behind = behind_separator(line);
    at->column += (uint32_t)(behind.data - line.data);
    if (behind.size == 0 || behind.data[0] == '#')
        return 0;
    return status_fail(status, STATUS_BAD_REQUEST,
                       "invalid Yaml document separator: " SLICE_FORMAT " (line %u)",
                       SLICE_ARGS(behind), at->line);
}

/* Takes the lines of one document. A separator that has lines before it ends them,
 * and is dropped but for its comment; one without is the document's own "---". */
static int take_part(struct yaml_stream *stream, struct slice *part, struct yaml_position *at,
                     struct status *status)
{
    *part = slice_sub(stream->rest, 0, 0);
    stream->comment = (struct slice){NULL, 0};
    while (stream->rest.size > 0) {
        struct slice line = slice_sub(stream->rest, 0, line_size(stream->rest));
        *at = (struct yaml_position){stream->line, 1};
        bool separates = is_separator(line);
        if (separates && check_separator(line, at, status))
            return -1;
        take(stream, line.size);
        if (separates && part->size > 0) {
            stream->comment = behind_separator(line);
            stream->comment_at = *at;
            break;
        }
        part->size += line.size;
    }
    return 0;
}

/* The last line gets its newline, without which a block scalar would end differently. */
static struct slice with_last_break(struct arena *arena, struct slice part)
{
    if (part.size == 0 || part.data[part.size - 1] == '\n')
        return part;
    char *text = arena_alloc_raw(arena, part.size + 1, 1);
    memcpy(text, part.data, part.size);
    text[part.size] = '\n';
    return (struct slice){text, part.size + 1};
}

/* The comment of the separator above a document is its first. */
static int put_comment(struct arena *arena, struct yaml_document *document, struct slice text,
                       struct yaml_position at, struct status *status)
{
    if (text.size == 0)
        return 0;
    if (!is_one_line(text)) {
        document->at = at;
        return yaml_fail(status, at, "control characters are not allowed");
    }
    struct slice key = {(const char *)&document->root, sizeof(document->root)};
    struct yaml_note *note = map_get(document->notes, key);
    struct yaml_comment_list *list = note ? &note->head : &document->foot;
    struct yaml_comment *comment = ARENA_NEW(arena, struct yaml_comment);
    *comment = (struct yaml_comment){.text = text, .at = at, .next = list->first};
    list->first = comment;
    if (list->last == NULL)
        list->last = comment;
    return 0;
}

static int next_yaml(struct yaml_stream *stream, struct arena *arena,
                     const struct yaml_options *options, struct yaml_document *document,
                     struct status *status)
{
    bool notes = options && options->notes;
    struct slice comment = notes ? stream->comment : (struct slice){NULL, 0};
    struct yaml_position comment_at = stream->comment_at;
    uint32_t line = stream->line;
    struct slice part;
    *document = (struct yaml_document){.at = {line, 1}};
    if (stream->rest.size == 0 && comment.size == 0)
        return 0;
    if (take_part(stream, &part, &document->at, status))
        return -1;
    if (yaml_read_document(arena, with_last_break(arena, part), line, options, document, status))
        return status_wrap(status, "error converting YAML to JSON");
    return put_comment(arena, document, comment, comment_at, status) ? -1 : 1;
}

/* True when a text that is no JSON was surely meant to be: it begins with a quoted
 * key, which KYAML would not have. */
static bool looks_like_json(struct slice text)
{
    text = slice_sub(text, blank_size(text, false), text.size);
    text = slice_sub(text, 1, text.size);
    size_t blank = blank_size(text, false);
    return blank < text.size && text.data[blank] == '"';
}

int yaml_stream_next(struct yaml_stream *stream, struct arena *arena,
                     const struct yaml_options *options, struct yaml_document *document,
                     struct status *status)
{
    struct status json_status;
    status_init(&json_status);
    int result = 2;
    bool json_looks = false;
    if (!stream->json_tried) {
        result = next_json(stream, arena, options, document, &json_status);
        if (result == 2) {
            stream->json_tried = true;
            json_looks = json_status.message && looks_like_json(stream->rest);
            if (json_status.message)
                take(stream, blank_size(stream->rest, true));
        }
        if (result == -1)
            status_copy(status, &json_status);
    }
    if (result == 2) {
        result = next_yaml(stream, arena, options, document, status);
        if (result == -1 && json_looks)
            status_copy(status, &json_status);
    }
    status_release(&json_status);
    return result == -1 ? end_with_error(stream) : result;
}
