/* core/kinds/field_selector */
#include "core/kinds/field_selector.h"

#include "core/kinds/view.h"
#include "tests/harness/test.h"

static struct arena arena;
static struct status status;

static const struct kind_field fields[] = {{.path = "status.phase"}, {.path = NULL}};
static const struct kind thing = {.group = "",
                                  .version = "v1",
                                  .kind = "Thing",
                                  .resource = "things",
                                  .namespaced = true,
                                  .fields = fields,
                                  .field_error = "field label not supported: %s"};
static const struct kind plain = {
    .group = "", .version = "v1", .kind = "Plain", .resource = "plains"};

static bool matches(const char *text)
{
    struct buffer view = {0};
    struct field_selector selector;
    view_append(&view, VIEW_FIELD, SLICE("Active"));
    struct object *object =
        object_create(SLICE("/things/default/web"), 1, buffer_slice(&view),
                      SLICE("{\"metadata\":{\"name\":\"web\"}}"), 13, SLICE(""));
    EXPECT_EQ(field_selector_parse(&arena, &thing, slice_of(text), &selector, &status), 0);
    bool result = field_selector_matches(&selector, object);
    object_unref(object);
    buffer_release(&view);
    return result;
}
static const char *error_of(const struct kind *kind, const char *text)
{
    struct field_selector selector;
    status_clear(&status);
    EXPECT_EQ(field_selector_parse(&arena, kind, slice_of(text), &selector, &status), -1);
    EXPECT_EQ(status.reason, STATUS_BAD_REQUEST);
    return status.message;
}
static void end(void)
{
    status_release(&status);
    arena_release(&arena);
}

TEST("terms must all hold")
{
    EXPECT(matches(""));
    EXPECT(matches(",,"));
    EXPECT(matches("metadata.name=web"));
    EXPECT(matches("metadata.name==web,metadata.namespace=default,status.phase=Active"));
    EXPECT(!matches("metadata.name=web,status.phase=Gone"));
    EXPECT(matches("status.phase!=Gone"));
    EXPECT(!matches("status.phase!=Active"));
    EXPECT(!matches("status.phase="));
    EXPECT(matches("="));
    end();
}

TEST("a backslash keeps its successor from meaning something")
{
    struct field_selector selector;
    EXPECT_EQ(field_selector_parse(&arena, &thing, SLICE("metadata.name=a\\,b\\=c\\\\"), &selector,
                                   &status),
              0);
    EXPECT_SLICE(selector.requirements[0].value, "a,b=c\\");
    EXPECT_TEXT(error_of(&thing, "metadata.name=a=b"),
                "invalid field selector: unescaped character in value: 61");
    EXPECT_TEXT(error_of(&thing, "metadata.name=\\x"),
                "invalid field selector: invalid escape sequence: \\x");
    EXPECT_TEXT(error_of(&thing, "metadata.name=\\\xC3\xA9"),
                "invalid field selector: invalid escape sequence: \\\xC3\xA9");
    EXPECT_TEXT(error_of(&thing, "metadata.name=\\"),
                "invalid field selector: invalid escape sequence: \\");
    end();
}

TEST("what is no term, or no field of the kind, is refused in the kind's words")
{
    EXPECT_TEXT(error_of(&thing, "x,a"), "invalid selector: 'x,a'; can't understand 'a'");
    EXPECT_TEXT(error_of(&thing, "spec.foo=1"), "field label not supported: spec.foo");
    EXPECT_TEXT(error_of(&plain, "spec.foo=1"),
                "\"spec.foo\" is not a known field selector: only \"metadata.name\", "
                "\"metadata.namespace\"");
    EXPECT_TEXT(error_of(&thing, "=x"), "field label not supported: ");
    end();
}

TEST("the value that a name must have is known, so that one object is looked at")
{
    struct field_selector selector;
    struct slice value;
    EXPECT_EQ(field_selector_parse(&arena, &thing, SLICE("status.phase!=x,metadata.name=web"),
                                   &selector, &status),
              0);
    EXPECT(field_selector_exact(&selector, FIELD_OF_NAME, &value));
    EXPECT_SLICE(value, "web");
    EXPECT(!field_selector_exact(&selector, 0, &value));
    EXPECT(!field_selector_exact(&selector, FIELD_OF_NAMESPACE, &value));
    end();
}
