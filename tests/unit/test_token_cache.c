#include <stdio.h>

#include "api/token_cache.h"
#include "tests/harness/test.h"

static void put(struct token_cache *cache, unsigned number, const char *name)
{
    struct slice audiences[2] = {SLICE("one"), SLICE("two")};
    struct token_claims claims = {
        .namespace = SLICE("default"),
        .account = {slice_of(name), SLICE("uid")},
        .audiences = audiences,
        .audience_count = 2,
        .expires_s = number,
    };
    char token[16];
    snprintf(token, sizeof(token), "token-%u", number);
    token_cache_put(cache, slice_of(token), &claims);
}

static const struct token_claims *get(struct token_cache *cache, unsigned number)
{
    char token[16];
    snprintf(token, sizeof(token), "token-%u", number);
    return token_cache_get(cache, slice_of(token));
}

TEST("what was kept is the cache's own, whatever becomes of where it came from")
{
    struct token_cache *cache = token_cache_create(4);
    char name[] = "robot";
    put(cache, 7, name);
    memset(name, 'x', sizeof(name) - 1);
    const struct token_claims *claims = get(cache, 7);
    EXPECT(claims != NULL);
    EXPECT_SLICE(claims->account.name, "robot");
    EXPECT_SLICE(claims->account.uid, "uid");
    EXPECT_SLICE(claims->namespace, "default");
    EXPECT_EQ(claims->pod.name.size, 0);
    EXPECT_EQ(claims->audience_count, 2);
    EXPECT_SLICE(claims->audiences[1], "two");
    EXPECT_EQ(claims->expires_s, 7);
    EXPECT(get(cache, 8) == NULL);
    token_cache_destroy(cache);
}

TEST("of too many the one goes that was longest not asked for")
{
    struct token_cache *cache = token_cache_create(3);
    put(cache, 1, "a");
    put(cache, 2, "b");
    put(cache, 3, "c");
    EXPECT(get(cache, 1) != NULL);
    put(cache, 4, "d");
    EXPECT_EQ(token_cache_count(cache), 3);
    EXPECT(get(cache, 2) == NULL);
    EXPECT(get(cache, 1) != NULL && get(cache, 3) != NULL && get(cache, 4) != NULL);
    put(cache, 4, "again");
    EXPECT_EQ(token_cache_count(cache), 3);
    EXPECT_SLICE(get(cache, 4)->account.name, "d");
    token_cache_destroy(cache);
    token_cache_destroy(NULL);
}

TEST("a token over the limit of size is not kept, one at it is")
{
    struct token_cache *cache = token_cache_create(3);
    struct token_claims claims = {.namespace = SLICE("n")};
    static char text[TOKEN_CACHE_TEXT_MAX + 1];
    memset(text, 'x', sizeof(text));
    token_cache_put(cache, (struct slice){text, sizeof(text)}, &claims);
    EXPECT_EQ(token_cache_count(cache), 0);
    token_cache_put(cache, (struct slice){text, sizeof(text) - 1}, &claims);
    EXPECT_EQ(token_cache_count(cache), 1);
    EXPECT(token_cache_get(cache, (struct slice){text, sizeof(text) - 2}) == NULL);
    token_cache_destroy(cache);
}
