/* Exchanges: requests and what must be answered to them, word for word.
 *
 * Each tests/http/NAME.http is a test against a server of its own, in this process.
 * Its first line is "# " and the sentence that must hold. Then, again and again:
 *
 *     POST /api/v1/namespaces/default/pods     method and path
 *     Content-Type: application/yaml           headers, if any: this one and Accept
 *     {"metadata":{}}                          the body, if any, of any number of lines
 *     => 422 Invalid                           code, and the reason of a Status
 *     Pod "" is invalid: ...                   its message; none: it does not matter
 *     ! unknown field "x"                      a warning; none may come that is not told
 *
 * Holes in a line ({{any}}) are those of tests/clients/pattern.h. Lines of "## " are prose.
 * Whatever is told, a Status of a failure is one in all its parts, and the message of an
 * Invalid is made of its causes: both are checked of every reply. */
#include <stdio.h>
#include <stdlib.h>

#include "core/file.h"
#include "tests/clients/pattern.h"
#include "tests/harness/cluster.h"

enum { PATH_SIZE = 1000 };

struct exchange {
    const char *file;
    size_t line; /* Where its first line stands. */
    struct slice method, path, content_type, accept;
    struct buffer body;
    struct slice code, reason, message; /* message without data: it does not matter. */
    struct buffer warnings;             /* A line each. */
};

static void fail(const struct exchange *exchange, const struct cluster *c, const char *what,
                 const char *wanted)
{
    test_fail(exchange->file, (int)exchange->line, "%s, wanted: %s\ngot %d %s\n%s", what, wanted,
              c->code, c->reply, c->warnings);
}

/* --- What must hold of every Status --- */

/* `field: message` of each cause, once each, with ", " between and brackets around many. */
static const char *join_causes(struct arena *arena, const struct json *causes)
{
    struct buffer text = {0};
    size_t count = 0;
    JSON_EACH(cause, causes) {
        const char *one = arena_format(arena, "%s: %s", json_text(json_get(cause, "field")),
                                       json_text(json_get(cause, "message")));
        bool is_new = true;
        for (const struct json *other = json_first(causes); other != cause;
             other = json_next(other))
            is_new &= !json_equal(other, cause);
        if (is_new)
            buffer_format(&text, "%s%s", count++ > 0 ? ", " : "", one);
    }
    const char *joined = arena_format(arena, count > 1 ? "[" SLICE_FORMAT "]" : SLICE_FORMAT,
                                      SLICE_ARGS(buffer_slice(&text)));
    buffer_release(&text);
    return joined;
}
static void check_status(const struct exchange *exchange, struct cluster *c)
{
    const struct json *status = c->object;
    const struct json *causes = json_at(status, "details.causes");
    int64_t code = 0;
    json_to_int64(json_get(status, "code"), &code);
    if (strcmp(json_text(json_get(status, "kind")), "Status") != 0 ||
        strcmp(json_text(json_get(status, "apiVersion")), "v1") != 0 ||
        strcmp(json_text(json_get(status, "status")), "Failure") != 0 ||
        !json_get(status, "metadata") || code != c->code)
        fail(exchange, c, "no Status", "one with the code of the reply");
    if (strcmp(json_text(json_get(status, "reason")), "Invalid") != 0 || !causes)
        return;
    struct slice message = json_string(json_get(status, "message"));
    const char *joined = join_causes(&c->arena, causes);
    if (!slice_ends_with(message, slice_of(arena_format(&c->arena, " is invalid: %s", joined))))
        fail(exchange, c, "the message is not that of the causes", joined);
}

/* --- One exchange --- */

static const char *text_of(struct cluster *c, struct slice text)
{
    return arena_copy_slice(&c->arena, text);
}
/* As they are shown to a person: without the code and the quotes. */
static const char *plain_warnings(struct cluster *c)
{
    struct buffer plain = {0};
    struct slice rest = slice_of(c->warnings), line;
    while (rest.size > 0 && slice_split(&rest, '\n', &line)) {
        struct slice text = slice_sub(line, sizeof "299 - \"" - 1, line.size - 1);
        for (size_t i = 0; i < text.size; i++) {
            if (text.data[i] == '\\' && i + 1 < text.size)
                i++;
            buffer_append_byte(&plain, text.data[i]);
        }
        buffer_append_byte(&plain, '\n');
    }
    const char *copy = text_of(c, buffer_slice(&plain));
    buffer_release(&plain);
    return copy;
}

static void run(const struct exchange *exchange, struct cluster *c)
{
    const char *content_type =
        exchange->content_type.data ? text_of(c, exchange->content_type) : "application/json";
    cluster_request_as(c, NULL, text_of(c, exchange->method), text_of(c, exchange->path),
                       content_type, exchange->accept.data ? text_of(c, exchange->accept) : NULL,
                       exchange->body.size > 0 ? text_of(c, buffer_slice(&exchange->body)) : NULL);
    struct slice reason = json_string(json_get(c->object, "reason"));
    struct slice message = json_string(json_get(c->object, "message"));
    if (c->code != atoi(text_of(c, exchange->code)))
        fail(exchange, c, "another code", text_of(c, exchange->code));
    if (c->code >= 400) {
        check_status(exchange, c);
        if (!slice_equal(reason, exchange->reason))
            fail(exchange, c, "another reason", text_of(c, exchange->reason));
    }
    if (exchange->message.data && !pattern_matches_line(exchange->message, message))
        fail(exchange, c, "another message", text_of(c, exchange->message));
    if (!slice_equal(slice_of(plain_warnings(c)), buffer_slice(&exchange->warnings)))
        fail(exchange, c, "other warnings", text_of(c, buffer_slice(&exchange->warnings)));
}

/* --- The files --- */

static bool take_header(struct exchange *exchange, struct slice line)
{
    struct slice content_type = SLICE("Content-Type: "), accept = SLICE("Accept: ");
    if (exchange->body.size > 0)
        return false;
    if (slice_starts_with(line, content_type))
        exchange->content_type = slice_sub(line, content_type.size, line.size);
    else if (slice_starts_with(line, accept))
        exchange->accept = slice_sub(line, accept.size, line.size);
    else
        return false;
    return true;
}

static void take_request_line(struct exchange *exchange, struct slice line)
{
    if (!exchange->method.data) {
        slice_split(&line, ' ', &exchange->method);
        exchange->path = line;
    } else if (!take_header(exchange, line)) {
        buffer_append_slice(&exchange->body, line);
        buffer_append_byte(&exchange->body, '\n');
    }
}
static void take_reply_line(struct exchange *exchange, struct slice line)
{
    if (slice_starts_with(line, SLICE("! "))) {
        buffer_append_slice(&exchange->warnings, slice_sub(line, 2, line.size));
        buffer_append_byte(&exchange->warnings, '\n');
    } else {
        exchange->message = line;
    }
}

static void finish(struct exchange *exchange, struct cluster *c)
{
    if (exchange->code.data)
        run(exchange, c);
    buffer_release(&exchange->body);
    buffer_release(&exchange->warnings);
    *exchange = (struct exchange){.file = exchange->file};
}

static void run_file(const char *path, struct slice text)
{
    struct cluster *c = cluster_start();
    struct exchange exchange = {.file = path};
    struct slice line;
    for (size_t number = 1; text.size > 0 && slice_split(&text, '\n', &line); number++) {
        bool is_prose = slice_starts_with(line, SLICE("#"));
        if (line.size == 0 || is_prose)
            finish(&exchange, c);
        if (line.size == 0 || is_prose)
            continue;
        if (!exchange.method.data)
            exchange.line = number;
        if (slice_starts_with(line, SLICE("=> "))) {
            exchange.reason = slice_sub(line, 3, line.size);
            slice_split(&exchange.reason, ' ', &exchange.code);
        } else if (exchange.code.data) {
            take_reply_line(&exchange, line);
        } else {
            take_request_line(&exchange, line);
        }
    }
    finish(&exchange, c);
    cluster_stop(c);
}

static void run_named(const char *name)
{
    const char *data = getenv("CORACLE_DATA");
    char path[PATH_SIZE];
    struct buffer text = {0};
    struct status status;
    status_init(&status);
    snprintf(path, sizeof path, "%s/http/%s.http", data ? data : "tests", name);
    if (file_read(path, &text, &status))
        test_fail(path, 1, "%s", status.message);
    run_file(path, buffer_slice(&text));
    status_release(&status);
    buffer_release(&text);
}

TEST("what is wrong with names, labels and owners is told in upstream's words")
{
    run_named("metadata");
}
TEST("bodies that cannot be read, or say more than is known, are told of")
{
    run_named("bodies");
}
TEST("what is wrong with a pod is told in upstream's words")
{
    run_named("pods");
}
TEST("what may not change of a pod is told in upstream's words")
{
    run_named("pod_updates");
}
TEST("what is wrong with other kinds is told in upstream's words")
{
    run_named("kinds");
}
TEST("patches that mean nothing are told of")
{
    run_named("patches");
}
TEST("lists, watches and deletions that ask for what cannot be are told so")
{
    run_named("queries");
}
