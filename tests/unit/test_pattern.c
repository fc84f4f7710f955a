/* The matcher of transcripts: a test that could not fail would say that all is well. */
#include "tests/clients/pattern.h"
#include "tests/harness/test.h"

static bool line(const char *pattern, const char *text)
{
    return pattern_matches_line(slice_of(pattern), slice_of(text));
}

TEST("a line matches itself, and a hole only what it names")
{
    EXPECT(line("web 1/1", "web 1/1"));
    EXPECT(!line("web 1/1", "web 1/2"));
    EXPECT(!line("web", "web 1/1"));
    EXPECT(!line("web 1/1", "web"));
    EXPECT(line("a {{age}}", "a 3d2h"));
    EXPECT(!line("a {{age}}", "a <unknown>"));
    EXPECT(line("{{number}}s", "12s"));
    EXPECT(!line("{{number}}", ""));
    EXPECT(line("x{{any}}", "x"));
    EXPECT(line("a{{any}}c{{any}}e", "abcde"));
    EXPECT(!line("a{{any}}c{{any}}e", "abcd"));
    EXPECT(line("p-{{id}}", "p-x7k2p"));
    EXPECT(!line("p-{{id}}", "p-X"));
    EXPECT(line("{{word}} b", "a/b,c b"));
    EXPECT(!line("{{word}}", "a b"));
    EXPECT(line("uid: {{uid}}", "uid: 3128b75e-5b4c-4ea7-87ef-115c1d9649a4"));
    EXPECT(!line("uid: {{uid}}", "uid: 3128b75e"));
    EXPECT(line("{{time}}", "2026-01-02T03:04:05.000000Z"));
    EXPECT(!line("{{what}}", "x"));
}

TEST("columns may be of any width, but not missing; indentation counts, blanks behind do not")
{
    EXPECT(line("NAME   AGE", "NAME            AGE   "));
    EXPECT(line("NAME AGE  ", "NAME   AGE"));
    EXPECT(line("NAME AGE", "NAME\tAGE\t"));
    EXPECT(!line("NAME AGE", "NAMEAGE"));
    EXPECT(!line("  name: a", "name: a"));
    EXPECT(!line("  name: a", "    name: a"));
    EXPECT(line("", "  "));
}

static bool all(const char *pattern, const char *text, size_t *reached)
{
    struct slice patterns[8], lines[8];
    struct slice rest = slice_of(pattern), other = slice_of(text);
    size_t pattern_count = 0, line_count = 0;
    while (slice_split(&rest, '\n', &patterns[pattern_count]))
        pattern_count++;
    while (slice_split(&other, '\n', &lines[line_count]))
        line_count++;
    return pattern_matches(patterns, pattern_count, lines, line_count, reached);
}

TEST("three dots stand for any lines, and what was not reached is named")
{
    size_t reached;
    EXPECT(all("a\nb", "a\nb", &reached));
    EXPECT(!all("a\nb", "a", &reached));
    EXPECT_EQ(reached, 1);
    EXPECT(!all("a", "a\nb", &reached));
    EXPECT_EQ(reached, 1);
    EXPECT(all("a\n...\nd", "a\nb\nc\nd", &reached));
    EXPECT(all("a\n...\nb", "a\nb", &reached));
    EXPECT(all("...", "a\nb", &reached));
    EXPECT(!all("a\n...\nx\n...", "a\nb\nc", &reached));
    EXPECT_EQ(reached, 2);
    EXPECT(!all("...\nb", "a\nb\nc", &reached));
}
