/* core/kinds/view */
#include "core/kinds/view.h"

#include <stdlib.h>

#include "tests/harness/test.h"

static void append_label(struct buffer *view, const char *key, const char *value)
{
    struct buffer entry = {0};
    buffer_append_text(&entry, key);
    buffer_append_byte(&entry, '\0');
    buffer_append_text(&entry, value);
    view_append(view, VIEW_LABEL, buffer_slice(&entry));
    buffer_release(&entry);
}

TEST("entries come back in order, with their tags")
{
    struct buffer view = {0};
    struct view_cursor cursor = {0};
    struct view_entry entry;
    view_append(&view, VIEW_UID, SLICE("u"));
    view_append_int(&view, VIEW_CREATED, -5);
    view_append(&view, VIEW_FINALIZER, SLICE("a"));
    view_append(&view, VIEW_FINALIZER, SLICE(""));
    EXPECT(view_next(buffer_slice(&view), &cursor, &entry));
    EXPECT_EQ(entry.tag, VIEW_UID);
    EXPECT_SLICE(entry.value, "u");
    EXPECT(view_next(buffer_slice(&view), &cursor, &entry));
    EXPECT_EQ(entry.tag, VIEW_CREATED);
    EXPECT(view_next(buffer_slice(&view), &cursor, &entry));
    EXPECT_SLICE(entry.value, "a");
    EXPECT(view_next(buffer_slice(&view), &cursor, &entry));
    EXPECT_SLICE(entry.value, "");
    EXPECT(!view_next(buffer_slice(&view), &cursor, &entry));
    EXPECT_EQ(view_int(buffer_slice(&view), VIEW_CREATED, 0), -5);
    EXPECT_EQ(view_int(buffer_slice(&view), VIEW_DELETED, 7), 7);
    buffer_release(&view);
}

TEST("whole numbers keep all 64 bits")
{
    const int64_t values[] = {0, 1, -1, INT64_MAX, INT64_MIN, 0x0123456789abcdef};
    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        struct buffer view = {0};
        view_append_int(&view, VIEW_GENERATION, values[i]);
        EXPECT_EQ(view_int(buffer_slice(&view), VIEW_GENERATION, 42), values[i]);
        buffer_release(&view);
    }
}

TEST("sizes of one, two and three bytes of length are read back")
{
    const size_t sizes[] = {0, 1, 127, 128, 16383, 16384, 300000};
    char *bytes = malloc(300000);
    memset(bytes, 'x', 300000);
    struct buffer view = {0};
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
        view_append(&view, VIEW_FACTS, (struct slice){bytes, sizes[i]});
    struct view_cursor cursor = {0};
    struct view_entry entry;
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        EXPECT(view_next(buffer_slice(&view), &cursor, &entry));
        EXPECT_EQ(entry.value.size, sizes[i]);
    }
    EXPECT(!view_next(buffer_slice(&view), &cursor, &entry));
    buffer_release(&view);
    free(bytes);
}

TEST("a label is found by its whole key only")
{
    struct buffer view = {0};
    struct slice value;
    append_label(&view, "a", "1");
    append_label(&view, "app", "");
    append_label(&view, "b", "3");
    struct slice all = buffer_slice(&view);
    EXPECT(view_label(all, SLICE("a"), &value));
    EXPECT_SLICE(value, "1");
    EXPECT(view_label(all, SLICE("app"), &value));
    EXPECT_SLICE(value, "");
    EXPECT(!view_label(all, SLICE("ap"), &value));
    EXPECT(!view_label(all, SLICE("appx"), &value));
    EXPECT(!view_label(all, SLICE("c"), &value));
    EXPECT(!view_label(SLICE(""), SLICE("a"), &value));
    buffer_release(&view);
}

TEST("a view that ends in the middle of an entry is a broken promise")
{
    struct view_cursor cursor = {0};
    struct view_entry entry;
    EXPECT_DIES(view_next(SLICE("\x01\x05xx"), &cursor, &entry));
    EXPECT_DIES(view_next(SLICE("\x01"), &cursor, &entry));
    EXPECT_DIES(view_next(SLICE("\x01\xff\xff\xff\xff\xff\xff"), &cursor, &entry));
}
