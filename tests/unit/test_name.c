/* core/kinds/name: every limit, on both sides. */
#include "core/kinds/name.h"

#include <stdio.h>

#include "core/arena.h"
#include "tests/harness/test.h"

#define SUBDOMAIN                                                                         \
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, " \
    "'-' or '.', and must start and end with an alphanumeric character (e.g. "            \
    "'example.com', regex used for validation is "                                        \
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

static struct arena arena;

/* What a check says, one message a line. */
static const char *found_by(name_fn *of_object, bool is_prefix,
                            void (*check)(struct slice, struct name_errors *), struct slice text)
{
    struct name_errors found = {.count = 0};
    const char *all = "";
    if (of_object)
        of_object(text, is_prefix, &found);
    else
        check(text, &found);
    for (size_t i = 0; i < found.count; i++)
        all = arena_format(&arena, "%s%s%s", all, i > 0 ? "\n" : "", found.texts[i]);
    return all;
}
#define FOUND(check, text) found_by(NULL, false, check, slice_of(text))
#define FOUND_NAME(of_object, is_prefix, text) found_by(of_object, is_prefix, NULL, slice_of(text))
#define EXPECT_GOOD(check, text) EXPECT_TEXT(FOUND(check, text), "")
#define EXPECT_BAD(check, text) EXPECT(FOUND(check, text)[0] != '\0')

static const char *repeat(const char *text, size_t count)
{
    char *all = arena_alloc(&arena, count * strlen(text) + 1);
    for (size_t i = 0; i < count; i++)
        memcpy(all + i * strlen(text), text, strlen(text));
    return all;
}

TEST("a subdomain is labels and dots, 253 characters at most")
{
    EXPECT_GOOD(name_check_dns_subdomain, "a");
    EXPECT_GOOD(name_check_dns_subdomain, "0");
    EXPECT_GOOD(name_check_dns_subdomain, "example.com");
    EXPECT_GOOD(name_check_dns_subdomain, "a--b.c");
    EXPECT_GOOD(name_check_dns_subdomain, repeat("a", 253));
    EXPECT_TEXT(FOUND(name_check_dns_subdomain, repeat("a", 254)),
                "must be no more than 253 characters");
    EXPECT_TEXT(FOUND(name_check_dns_subdomain, "Web"), SUBDOMAIN);
    EXPECT_TEXT(FOUND(name_check_dns_subdomain, ""), SUBDOMAIN);
    EXPECT_BAD(name_check_dns_subdomain, "a.");
    EXPECT_BAD(name_check_dns_subdomain, ".a");
    EXPECT_BAD(name_check_dns_subdomain, "a..b");
    EXPECT_BAD(name_check_dns_subdomain, "a-.b");
    EXPECT_BAD(name_check_dns_subdomain, "a.-b");
    EXPECT_BAD(name_check_dns_subdomain, "a_b");
    arena_release(&arena);
}

TEST("a label has no dots and 63 characters at most")
{
    EXPECT_GOOD(name_check_dns_label, repeat("a", 63));
    EXPECT_TEXT(FOUND(name_check_dns_label, repeat("a", 64)), "must be no more than 63 characters");
    EXPECT_TEXT(FOUND(name_check_dns_label, "a.b"), "must not contain dots");
    EXPECT_TEXT(FOUND(name_check_dns_label, "A"),
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or "
                "'-', and must start and end with an alphanumeric character (e.g. 'my-name',  or "
                "'123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')");
    EXPECT_GOOD(name_check_dns_label, "1a");
    EXPECT_BAD(name_check_dns_1035_label, "1a");
    EXPECT_GOOD(name_check_dns_1035_label, "a1");
    arena_release(&arena);
}

TEST("a prefix of a name may end with a dash, since something follows")
{
    EXPECT_TEXT(FOUND_NAME(name_dns_subdomain, true, "web-"), "");
    EXPECT_TEXT(FOUND_NAME(name_dns_subdomain, false, "web-"), SUBDOMAIN);
    EXPECT_TEXT(FOUND_NAME(name_dns_subdomain, true, "-"), SUBDOMAIN);
    EXPECT_TEXT(FOUND_NAME(name_dns_subdomain, true, "-web-"), SUBDOMAIN);
    EXPECT_TEXT(FOUND_NAME(name_dns_label, true, arena_format(&arena, "%s-", repeat("a", 62))), "");
    EXPECT_TEXT(
        FOUND_NAME(name_dns_subdomain, true, arena_format(&arena, "%s-", repeat("a", 1000))),
        "must be no more than 253 characters");
    arena_release(&arena);
}

TEST("a path segment is anything but a dot, two dots, a slash or a percent sign")
{
    EXPECT_TEXT(FOUND_NAME(name_path_segment, false, "system:node:n1"), "");
    EXPECT_TEXT(FOUND_NAME(name_path_segment, false, "."), "may not be '.'");
    EXPECT_TEXT(FOUND_NAME(name_path_segment, true, "."), "");
    EXPECT_TEXT(FOUND_NAME(name_path_segment, false, ".."), "may not be '..'");
    EXPECT_TEXT(FOUND_NAME(name_path_segment, false, "a/b%c"),
                "may not contain '/'\nmay not contain '%'");
    arena_release(&arena);
}

TEST("a label key is a name with a domain before it, if any")
{
    EXPECT_GOOD(name_check_qualified, "MyName");
    EXPECT_GOOD(name_check_qualified, "example.com/my_name.x-1");
    EXPECT_GOOD(name_check_qualified,
                arena_format(&arena, "%s/%s", repeat("a", 253), repeat("b", 63)));
    EXPECT_TEXT(FOUND(name_check_qualified, "/a"), "prefix part must be non-empty");
    EXPECT_TEXT(FOUND(name_check_qualified, arena_format(&arena, "%s/a", repeat("a", 254))),
                "prefix part must be no more than 253 bytes");
    EXPECT_TEXT(FOUND(name_check_qualified, "A/a"), "prefix part " SUBDOMAIN);
    EXPECT_TEXT(FOUND(name_check_qualified, repeat("a", 64)),
                "name part must be no more than 63 bytes");
    EXPECT(strncmp(FOUND(name_check_qualified, "a/"), "name part must be non-empty\n", 28) == 0);
    EXPECT(strncmp(FOUND(name_check_qualified, "a/b/c"), "a valid label key must", 22) == 0);
    EXPECT_BAD(name_check_qualified, "-a");
    EXPECT_BAD(name_check_qualified, "a b");
    arena_release(&arena);
}

TEST("a label value may be empty and has 63 characters at most")
{
    EXPECT_GOOD(name_check_label_value, "");
    EXPECT_GOOD(name_check_label_value, "A_b-c.1");
    EXPECT_GOOD(name_check_label_value, repeat("a", 63));
    EXPECT_TEXT(FOUND(name_check_label_value, repeat("a", 64)), "must be no more than 63 bytes");
    EXPECT_BAD(name_check_label_value, ".a");
    EXPECT_BAD(name_check_label_value, "a/b");
    arena_release(&arena);
}

TEST("a key of a ConfigMap cannot climb out of its folder")
{
    EXPECT_GOOD(name_check_config_map_key, "a..b");
    EXPECT_GOOD(name_check_config_map_key, ".a");
    EXPECT_TEXT(FOUND(name_check_config_map_key, "."), "must not be '.'");
    EXPECT_TEXT(FOUND(name_check_config_map_key, ".."), "must not be '..'");
    EXPECT_TEXT(FOUND(name_check_config_map_key, "..a"), "must not start with '..'");
    EXPECT_BAD(name_check_config_map_key, "a/b");
    EXPECT_BAD(name_check_config_map_key, "");
    EXPECT_BAD(name_check_config_map_key, repeat("a", 254));
    arena_release(&arena);
}

TEST("names of ports, variables, headers, identifiers and percentages have their own rules")
{
    EXPECT_GOOD(name_check_port_name, repeat("a", 15));
    EXPECT_TEXT(FOUND(name_check_port_name, repeat("a", 16)), "must be no more than 15 characters");
    EXPECT_TEXT(FOUND(name_check_port_name, "80"), "must contain at least one letter (a-z)");
    EXPECT_TEXT(FOUND(name_check_port_name, "a--b"), "must not contain consecutive hyphens");
    EXPECT_TEXT(FOUND(name_check_port_name, "a-"), "must not begin or end with a hyphen");
    EXPECT_TEXT(FOUND(name_check_env_var, ""), "environment variable name must be non-empty");
    EXPECT_GOOD(name_check_env_var, "1 x;");
    EXPECT_BAD(name_check_env_var, "a=b");
    EXPECT_BAD(name_check_env_var, "\xC3\xA9");
    EXPECT_GOOD(name_check_c_identifier, "_a1");
    EXPECT_BAD(name_check_c_identifier, "1a");
    EXPECT_GOOD(name_check_percent, "100%");
    EXPECT_BAD(name_check_percent, "%");
    EXPECT_BAD(name_check_percent, "1.5%");
    EXPECT_GOOD(name_check_http_header, "X-Header");
    EXPECT_BAD(name_check_http_header, "X_Header");
    EXPECT_GOOD(name_check_wildcard_subdomain, "*.a.b");
    EXPECT_BAD(name_check_wildcard_subdomain, "*.");
    EXPECT_BAD(name_check_wildcard_subdomain, "a.b");
    EXPECT_GOOD(name_check_condition_reason, "A:b,c_");
    EXPECT_BAD(name_check_condition_reason, "A:");
    arena_release(&arena);
}

TEST("bytes that are no text are refused, a NUL among them")
{
    struct name_errors found = {.count = 0};
    name_check_dns_label(SLICE("a\0b"), &found);
    EXPECT_EQ(found.count, 1);
    arena_release(&arena);
}
