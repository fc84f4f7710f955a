#include "tests/unit/kind_fixture.h"

#include "core/clock.h"
#include "core/kinds/column.h"
#include "core/kinds/meta.h"
#include "core/kinds/strategy.h"
#include "core/random.h"
#include "tests/harness/json_quotes.h"

#define NOW_US INT64_C(1767323045000000) /* 2026-01-02T03:04:05Z */

void kind_fixture_init(struct kind_fixture *fixture, const struct kind *kind)
{
    *fixture = (struct kind_fixture){.kind = kind};
    arena_init(&fixture->arena);
    status_init(&fixture->status);
    fixture->context =
        (struct kind_context){.arena = &fixture->arena, .now_us = NOW_US, .user = "tester"};
}
void kind_fixture_release(struct kind_fixture *fixture)
{
    status_release(&fixture->status);
    arena_release(&fixture->arena);
}

struct json *kind_read(struct kind_fixture *fixture, const char *quotes)
{
    return json_quotes_read(&fixture->arena, quotes);
}

/* The message behind `Pod "web" is invalid: `. */
static const char *errors_of(struct kind_fixture *fixture)
{
    static const char mark[] = " is invalid: ";
    const char *message = fixture->status.message;
    const char *at = strstr(message, mark);
    return arena_copy_text(&fixture->arena, at ? at + sizeof mark - 1 : message);
}
static int decode(struct kind_fixture *fixture, struct json *object)
{
    struct schema_warning *unknown;
    if (schema_decode(fixture->kind->schema, &fixture->arena, object, &unknown, &fixture->status))
        return -1;
    if (unknown)
        return status_fail(&fixture->status, STATUS_BAD_REQUEST, "%s", unknown->text);
    strategy_set_defaults(fixture->kind, &fixture->context, object);
    return 0;
}
static struct slice namespace_of(const struct kind_fixture *fixture)
{
    return fixture->kind->namespaced ? SLICE("default") : SLICE("");
}

static int create(struct kind_fixture *fixture, struct json *object)
{
    struct random_seeded seeded;
    random_seeded_init(&seeded, 1);
    fixture->context.subresource = NULL;
    status_clear(&fixture->status);
    if (fixture->kind->is_virtual)
        return decode(fixture, object) ||
               strategy_check_virtual(fixture->kind, &fixture->context, object, &fixture->status);
    return decode(fixture, object) ||
           strategy_begin_create(fixture->kind, &fixture->context, namespace_of(fixture), object,
                                 &fixture->status) ||
           strategy_create(fixture->kind, &fixture->context, &seeded.random, object,
                           &fixture->status);
}
struct json *kind_create(struct kind_fixture *fixture, const char *quotes)
{
    struct json *object = kind_read(fixture, quotes);
    EXPECT_TEXT(create(fixture, object) ? errors_of(fixture) : "", "");
    meta_set_revision(&fixture->arena, object, 1);
    return object;
}
const char *kind_create_error(struct kind_fixture *fixture, const char *quotes)
{
    return create(fixture, kind_read(fixture, quotes)) ? errors_of(fixture) : "";
}

static const struct kind_subresource *find_part(const struct kind *kind, const char *name)
{
    for (const struct kind_subresource *part = kind->subresources; name && part && part->name;
         part++)
        if (strcmp(part->name, name) == 0)
            return part;
    return NULL;
}
const char *kind_change_error(struct kind_fixture *fixture, const struct json *old,
                              struct json *changed, const char *subresource, struct json **object)
{
    fixture->context.subresource = find_part(fixture->kind, subresource);
    EXPECT(!subresource || fixture->context.subresource);
    status_clear(&fixture->status);
    int failed = decode(fixture, changed) ||
                 strategy_begin_update(fixture->kind, &fixture->context, namespace_of(fixture),
                                       meta_name(old), changed, &fixture->status) ||
                 strategy_update(fixture->kind, &fixture->context, &changed, old, &fixture->status);
    if (object)
        *object = changed;
    return failed ? errors_of(fixture) : "";
}
const char *kind_update_error(struct kind_fixture *fixture, const struct json *old,
                              const char *quotes, const char *subresource, struct json **object)
{
    return kind_change_error(fixture, old, kind_read(fixture, quotes), subresource, object);
}

const char *kind_show(struct kind_fixture *fixture, const struct json *object, const char *path)
{
    const struct json *value = json_at(object, path);
    return value ? json_quotes_show(&fixture->arena, value) : "";
}
const char *kind_cells(struct kind_fixture *fixture, const struct json *object)
{
    struct buffer text = {0};
    column_append_cells(fixture->kind, &fixture->context, object, &text);
    char *copy = arena_copy_slice(&fixture->arena, buffer_slice(&text));
    buffer_release(&text);
    return json_quotes_turn(copy, '"', '\'');
}
