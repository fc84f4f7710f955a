/* coracle kyaml, as a person runs it: $CORACLE_BIN. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/harness/test.h"

static struct buffer output; /* Of the last run, both streams. */

static const char *folder(void)
{
    static const char *path;
    path = path ? path : test_folder();
    return path;
}

static const char *path_of(const char *name)
{
    static char path[4][512];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof(path[next]), "%s/%s", folder(), name);
    return path[next];
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "wb");
    EXPECT(file != NULL);
    EXPECT(fputs(text, file) >= 0);
    EXPECT_EQ(fclose(file), 0);
}

static const char *read_file(const char *name)
{
    static char text[4096];
    FILE *file = fopen(path_of(name), "rb");
    EXPECT(file != NULL);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* Runs coracle kyaml in the test's folder; gives the exit code. */
static int kyaml(const char *arguments)
{
    const char *program = getenv("CORACLE_BIN");
    if (program == NULL || access(program, X_OK) != 0)
        SKIP("no program: the variable CORACLE_BIN does not name one");
    char command[2048];
    snprintf(command, sizeof(command), "cd '%s' && '%s' kyaml %s 2>&1", folder(), program,
             arguments);
    FILE *pipe = popen(command, "r");
    EXPECT(pipe != NULL);
    buffer_clear(&output);
    char block[4096];
    for (size_t size; (size = fread(block, 1, sizeof(block), pipe)) > 0;)
        buffer_append(&output, block, size);
    buffer_append(&output, "", 0);
    int status = pclose(pipe);
    EXPECT(WIFEXITED(status));
    return WEXITSTATUS(status);
}

TEST("files and stdin go to stdout as KYAML, with their comments")
{
    write_file("a.yaml", "# top\na: yes # why\n---\n- 1\n");
    write_file("b.json", "{\"b\": [1.0]}{\"c\": null}");
    EXPECT_EQ(kyaml("a.yaml b.json"), 0);
    EXPECT_TEXT(output.data, "---\n# top\n{\n  a: true, # why\n}\n---\n[\n  1,\n]\n"
                             "---\n{\n  b: [\n    1,\n  ],\n}\n---\n{\n  c: null,\n}\n");
    EXPECT_EQ(kyaml("< b.json"), 0);
    EXPECT_TEXT(output.data, "---\n{\n  b: [\n    1,\n  ],\n}\n---\n{\n  c: null,\n}\n");
    EXPECT_EQ(kyaml("- < a.yaml"), 0);
    EXPECT(strstr(output.data, "# why"));
}

TEST("documents without anything are left out, those with comments are kept")
{
    write_file("a.yaml", "---\n\n---\na: 1\n---\n# only\n---\nnull\n");
    EXPECT_EQ(kyaml("a.yaml"), 0);
    EXPECT_TEXT(output.data, "---\n{\n  a: 1,\n}\n---\n# only\n---\nnull\n");
}

TEST("--write changes a file in place, through links, and keeps its rights")
{
    write_file("a.yaml", "a: 1\n");
    EXPECT_EQ(chmod(path_of("a.yaml"), 0640), 0);
    EXPECT_EQ(symlink("a.yaml", path_of("link.yaml")), 0);
    EXPECT_EQ(kyaml("--write link.yaml"), 0);
    EXPECT_TEXT(output.data, "");
    EXPECT_TEXT(read_file("a.yaml"), "---\n{\n  a: 1,\n}\n");
    struct stat info;
    EXPECT_EQ(lstat(path_of("link.yaml"), &info), 0);
    EXPECT(S_ISLNK(info.st_mode));
    EXPECT_EQ(stat(path_of("a.yaml"), &info), 0);
    EXPECT_EQ(info.st_mode & 07777, 0640);
    ino_t before = info.st_ino;
    EXPECT_EQ(kyaml("--write a.yaml"), 0);
    EXPECT_EQ(stat(path_of("a.yaml"), &info), 0);
    EXPECT_EQ(info.st_ino, before); /* Nothing to change: not written. */
}

TEST("a file with an error is left as it is, and others are still done")
{
    write_file("bad.yaml", "a: 1\nb: c: d\n");
    write_file("good.yaml", "a: 1\n");
    EXPECT_EQ(kyaml("--write bad.yaml none.yaml good.yaml"), 1);
    EXPECT(strstr(output.data, "coracle kyaml: bad.yaml:2:5: error converting YAML to JSON: yaml: "
                               "line 2: mapping values are not allowed in this context"));
    EXPECT(strstr(output.data, "none.yaml: "));
    EXPECT_TEXT(read_file("bad.yaml"), "a: 1\nb: c: d\n");
    EXPECT_TEXT(read_file("good.yaml"), "---\n{\n  a: 1,\n}\n");
}

TEST("what clients would drop is not dropped in silence")
{
    write_file("a.yaml", "a: 1\n...\nb: 2\n");
    EXPECT_EQ(kyaml("--write a.yaml"), 1);
    EXPECT(strstr(output.data, "a.yaml:3:1: what follows \"...\" is dropped by clients"));
    EXPECT_TEXT(read_file("a.yaml"), "a: 1\n...\nb: 2\n");
    write_file("b.yaml", "a: 1\na: 2\n");
    EXPECT_EQ(kyaml("b.yaml"), 0);
    EXPECT(strstr(output.data, "b.yaml:2:1: warning: a is given again"));
}

TEST("--diff shows what would change, and says so by its exit code")
{
    write_file("a.yaml", "a: 1\n");
    EXPECT_EQ(kyaml("--diff a.yaml"), 1);
    EXPECT_TEXT(output.data, "--- a.yaml\n+++ a.yaml.kyaml\n@@ -1,1 +1,4 @@\n-a: 1\n+---\n+{\n"
                             "+  a: 1,\n+}\n");
    EXPECT_EQ(kyaml("--write a.yaml"), 0);
    EXPECT_EQ(kyaml("--diff a.yaml"), 0);
    EXPECT_TEXT(output.data, "");
}

TEST("--check names each trap with its place, and is silent on KYAML")
{
    write_file("a.yaml", "country: NO\nversion: 1.10\n");
    EXPECT_EQ(kyaml("--check a.yaml"), 1);
    EXPECT_TEXT(output.data, "a.yaml:1:10: NO is read as the boolean false\n"
                             "a.yaml:2:10: 1.10 is read as the number 1.1\n");
    EXPECT_EQ(kyaml("--check --explain < a.yaml"), 1);
    EXPECT(strstr(output.data, "stdin:1:10: "));
    EXPECT(strstr(output.data, "\nversion\n    A version without quotes"));
    EXPECT(strstr(output.data, "\nanchor\n") == NULL);
    EXPECT_EQ(kyaml("--write a.yaml"), 0);
    EXPECT_EQ(kyaml("--check a.yaml"), 0);
    EXPECT_TEXT(output.data, "");
}

TEST("bad usage ends with 2 and a hint")
{
    EXPECT_EQ(kyaml("--write"), 2);
    EXPECT_EQ(kyaml("--write --check a.yaml"), 2);
    EXPECT(strstr(output.data, "See 'coracle kyaml --help'"));
    EXPECT_EQ(kyaml("--explain"), 0);
    EXPECT(strstr(output.data, "boolean\n    yes, no, on"));
}
