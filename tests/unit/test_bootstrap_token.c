#include "core/clock.h"
#include "core/crypto.h"
#include "core/kinds/bootstrap_token.h"
#include "tests/harness/test.h"

#define SHOWN "abc123.0123456789abcdef"
#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* A Secret with one value in data. */
static const struct json *secret_with(struct arena *arena, const char *key, const char *value)
{
    struct buffer encoded = {0};
    struct json *secret = json_new_object(arena);
    base64_encode(slice_of(value), &encoded);
    json_set_text(arena, json_ensure_object(arena, secret, "data"), key,
                  encoded.data ? encoded.data : "");
    buffer_release(&encoded);
    return secret;
}

TEST("a token is an id and a secret, with or without the hash of a CA's key")
{
    struct bootstrap_token token;
    struct buffer text = {0};
    EXPECT(bootstrap_token_parse(SLICE(SHOWN), &token));
    EXPECT_TEXT(token.id, "abc123");
    EXPECT_TEXT(token.secret, "0123456789abcdef");
    EXPECT_TEXT(token.ca_hash, "");
    bootstrap_token_print(&token, &text);
    EXPECT_TEXT(text.data, SHOWN);
    buffer_clear(&text);
    EXPECT(bootstrap_token_parse(SLICE(SHOWN "@sha256:" HASH), &token));
    EXPECT_TEXT(token.ca_hash, HASH);
    bootstrap_token_print(&token, &text);
    EXPECT_TEXT(text.data, SHOWN "@sha256:" HASH);
    buffer_release(&text);
}

TEST("what is nearly a token is none")
{
    static const char *const bad[] = {
        "",
        ".",
        "abc123",
        "abc12.0123456789abcdef",
        "abc1234.0123456789abcdef",
        "abc123.0123456789abcde",
        "abc123.0123456789abcdef0",
        "ABC123.0123456789abcdef",
        "abc-23.0123456789abcdef",
        "abc123.0123456789abcdef.",
        SHOWN "@",
        SHOWN "@sha256:",
        SHOWN "@sha256:" HASH "0",
        SHOWN "@sha1:" HASH,
        SHOWN "@sha256:g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        SHOWN " ",
    };
    struct bootstrap_token token;
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT(!bootstrap_token_parse(slice_of(bad[i]), &token));
}

TEST("made tokens differ and are read again")
{
    struct random_seeded random;
    struct bootstrap_token one = {0}, two = {0}, read;
    struct buffer text = {0};
    random_seeded_init(&random, 3);
    bootstrap_token_generate(&random.random, &one);
    bootstrap_token_generate(&random.random, &two);
    EXPECT(strcmp(one.id, two.id) != 0);
    EXPECT(strcmp(one.secret, two.secret) != 0);
    bootstrap_token_print(&one, &text);
    EXPECT(bootstrap_token_parse(buffer_slice(&text), &read));
    EXPECT_TEXT(read.secret, one.secret);
    buffer_release(&text);
}

TEST("a token expires at its time, and at once when the time cannot be read")
{
    struct arena arena;
    int64_t at, left;
    arena_init(&arena);
    EXPECT(time_parse(SLICE("2030-01-02T03:04:05Z"), &at));
    const struct json *secret = secret_with(&arena, "expiration", "2030-01-02T03:04:05Z");
    EXPECT(!bootstrap_token_is_expired(&arena, secret, at - 1, &left));
    EXPECT_EQ(left, 1);
    EXPECT(bootstrap_token_is_expired(&arena, secret, at, &left));
    EXPECT(bootstrap_token_is_expired(&arena, secret_with(&arena, "expiration", "soon"), 0, NULL));
    EXPECT(!bootstrap_token_is_expired(&arena, secret_with(&arena, "x", "y"), at, &left));
    EXPECT_EQ(left, -1);
    arena_release(&arena);
}

static const char *groups_of(struct arena *arena, const char *extra)
{
    struct buffer text = {0};
    const char *const *groups =
        bootstrap_token_groups(arena, secret_with(arena, "auth-extra-groups", extra));
    for (; groups && *groups; groups++)
        buffer_format(&text, "%s ", *groups);
    const char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}

TEST("groups are its own and those below it, each once")
{
    struct arena arena;
    struct buffer longest = {0};
    arena_init(&arena);
    EXPECT_TEXT(groups_of(&arena, ""), "system:bootstrappers ");
    EXPECT_TEXT(groups_of(&arena, "system:bootstrappers:b,system:bootstrappers:a,"
                                  "system:bootstrappers:b"),
                "system:bootstrappers system:bootstrappers:a system:bootstrappers:b ");
    static const char *const bad[] = {
        "system:masters",          "system:bootstrappers",
        "system:bootstrappers:",   "system:bootstrappers:a-",
        "system:bootstrappers:A",  "system:bootstrappers:a,",
        ",system:bootstrappers:a", "system:bootstrappers:a system:bootstrappers:b",
    };
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT_TEXT(groups_of(&arena, bad[i]), "");
    buffer_append_text(&longest, "system:bootstrappers:");
    for (int i = 0; i < 256; i++)
        buffer_append_byte(&longest, 'a');
    EXPECT(*groups_of(&arena, longest.data));
    buffer_append_byte(&longest, 'a');
    EXPECT_TEXT(groups_of(&arena, longest.data), "");
    buffer_release(&longest);
    arena_release(&arena);
}
