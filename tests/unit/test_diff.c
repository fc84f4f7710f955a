/* cli/diff: unified differences. */
#include "cli/diff.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/random.h"
#include "tests/harness/test.h"

static const char *diff(const char *a, const char *b)
{
    static struct buffer text;
    buffer_clear(&text);
    diff_print("a", "b", slice_of(a), slice_of(b), &text);
    return text.size > 0 ? text.data : "";
}

TEST("like texts have no differences")
{
    EXPECT_TEXT(diff("", ""), "");
    EXPECT_TEXT(diff("x\ny\n", "x\ny\n"), "");
}

TEST("a changed line stands between three lines of context")
{
    EXPECT_TEXT(diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
                "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST("changes far apart are hunks of their own, near ones are one")
{
    EXPECT_TEXT(diff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n"),
                "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n"
                "@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
    EXPECT_TEXT(diff("a\n1\n2\nb\n", "A\n1\n2\nB\n"),
                "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n-b\n+B\n");
}

TEST("empty texts and missing last newlines are shown as diff shows them")
{
    EXPECT_TEXT(diff("", "x\n"), "--- a\n+++ b\n@@ -0,0 +1,1 @@\n+x\n");
    EXPECT_TEXT(diff("x", "x\n"),
                "--- a\n+++ b\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+x\n");
}

static void write_file(const char *name, struct slice text)
{
    FILE *file = fopen(name, "wb");
    EXPECT(file != NULL);
    EXPECT(text.size == 0 || fwrite(text.data, 1, text.size, file) == text.size);
    EXPECT_EQ(fclose(file), 0);
}

static void random_lines(struct random *random, struct buffer *text, const struct buffer *like)
{
    struct slice rest = like ? buffer_slice(like) : (struct slice){NULL, 0};
    struct slice line;
    if (like == NULL)
        for (uint64_t i = random_below(random, 40); i > 0; i--)
            buffer_format(text, "%d\n", (int)random_below(random, 6));
    while (rest.size > 0 && slice_split(&rest, '\n', &line)) {
        uint64_t fate = random_below(random, 6);
        if (fate == 0)
            buffer_append_text(text, "new\n");
        if (fate != 1)
            buffer_format(text, SLICE_FORMAT "\n", SLICE_ARGS(line));
    }
}

TEST("patch makes the second text from the first and the differences")
{
    if (system("patch --version > /dev/null 2>&1") != 0)
        SKIP("there is no patch program");
    const char *folder = test_folder();
    char command[1024];
    char a_name[256];
    char d_name[256];
    char o_name[256];
    snprintf(a_name, sizeof(a_name), "%s/a", folder);
    snprintf(d_name, sizeof(d_name), "%s/d", folder);
    snprintf(o_name, sizeof(o_name), "%s/o", folder);
    snprintf(command, sizeof(command), "patch -s -o '%s' '%s' '%s'", o_name, a_name, d_name);
    for (int seed = 1; seed <= 60; seed++) {
        struct random_seeded random;
        random_seeded_init(&random, (uint64_t)seed);
        struct buffer a = {0};
        struct buffer b = {0};
        random_lines(&random.random, &a, NULL);
        random_lines(&random.random, &b, &a);
        struct buffer d = {0};
        struct buffer o = {0};
        diff_print("a", "b", buffer_slice(&a), buffer_slice(&b), &d);
        write_file(a_name, buffer_slice(&a));
        write_file(d_name, buffer_slice(&d));
        printf("seed %d\n%s\n", seed, d.data ? d.data : "");
        if (d.size > 0) {
            EXPECT_EQ(system(command), 0);
            FILE *made = fopen(o_name, "rb");
            EXPECT(made != NULL || b.size == 0);
            buffer_reserve(&o, 4096);
            o.size = made ? fread(o.data, 1, 4096, made) : 0;
            if (made)
                fclose(made);
            EXPECT_SLICE(buffer_slice(&o), buffer_slice(&b));
        }
        buffer_release(&a);
        buffer_release(&b);
        buffer_release(&d);
        buffer_release(&o);
    }
}

TEST("long texts without a common line are replaced whole")
{
    struct buffer a = {0};
    struct buffer b = {0};
    struct buffer text = {0};
    for (int i = 0; i < 5000; i++) {
        buffer_format(&a, "a%d\n", i);
        buffer_format(&b, "b%d\n", i);
    }
    diff_print("a", "b", buffer_slice(&a), buffer_slice(&b), &text);
    EXPECT(strstr(text.data, "@@ -1,5000 +1,5000 @@\n-a0\n"));
    buffer_release(&a);
    buffer_release(&b);
    buffer_release(&text);
}
