/* Long lists and large collections: in pieces, and yet as if they were made at once. */
#include "core/kyaml.h"
#include "tests/harness/cluster.h"

#define MAPS "/api/v1/namespaces/default/configmaps"
#define TABLE "application/json;as=Table;v=v1;g=meta.k8s.io"

/* Objects that fill several pieces of a list. */
static struct cluster *start_with(int count)
{
    struct cluster *c = cluster_start();
    struct buffer body = {0};
    for (int i = 0; i < count; i++) {
        buffer_clear(&body);
        buffer_format(&body,
                      "{\"metadata\":{\"name\":\"map-%04d\",\"labels\":{\"third\":\"%s\"}},"
                      "\"data\":{\"text\":\"",
                      i, i % 3 == 0 ? "yes" : "no");
        for (int n = 0; n < 2000; n++)
            buffer_append_byte(&body, (char)('a' + n % 26));
        buffer_append_text(&body, "\"}}");
        cluster_request(c, "POST", MAPS, body.data);
        EXPECT_CODE(c, 201);
    }
    buffer_release(&body);
    return c;
}

static void expect_same(const char *a, const char *b)
{
    size_t at = 0;
    while (a[at] && a[at] == b[at])
        at++;
    if (a[at] != b[at])
        test_fail(__FILE__, __LINE__, "differ at byte %zu: %.60s, not %.60s", at, a + at, b + at);
}

TEST("a list in pieces has the bytes of the list printed at once, in each form")
{
    struct cluster *c = start_with(300);
    struct buffer text = {0};
    cluster_request(c, "GET", MAPS, NULL);
    EXPECT_CODE(c, 200);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 300);
    struct json *tree = c->object;
    json_print(tree, &text);
    expect_same(c->reply, text.data);

    cluster_request(c, "GET", MAPS "?pretty=true", NULL);
    buffer_clear(&text);
    json_print_pretty(tree, 2, &text);
    expect_same(c->reply, text.data);

    cluster_request_as(c, NULL, "GET", MAPS, NULL, "application/yaml", NULL);
    EXPECT_TEXT(c->content_type, "application/yaml");
    struct kyaml_options options = {.sort_keys = true};
    buffer_clear(&text);
    EXPECT(kyaml_print_document(tree, &options, &text) == 0);
    expect_same(c->reply, text.data);

    cluster_request_as(c, NULL, "GET", MAPS, NULL, TABLE, NULL);
    EXPECT_EQ(json_count(json_get(c->object, "rows")), 300);
    tree = c->object;
    cluster_request_as(c, NULL, "GET", MAPS "?pretty=true", NULL, TABLE, NULL);
    buffer_clear(&text);
    json_print_pretty(tree, 2, &text);
    expect_same(c->reply, text.data);
    buffer_release(&text);
    cluster_stop(c);
}

TEST("an empty list is whole in each form")
{
    static const char *const accepts[] = {"application/json", "application/yaml", TABLE};
    struct cluster *c = cluster_start();
    for (size_t i = 0; i < ARRAY_SIZE(accepts); i++) {
        cluster_request_as(c, NULL, "GET", MAPS "?labelSelector=none", NULL, accepts[i], NULL);
        EXPECT_CODE(c, 200);
    }
    EXPECT_EQ(json_count(json_get(c->object, "rows")), 0);
    cluster_request_as(c, NULL, "GET", MAPS "?labelSelector=none&pretty=1", NULL, NULL, NULL);
    EXPECT(strstr(c->reply, "\"items\": []\n}") != NULL);
    cluster_request_as(c, NULL, "GET", MAPS "?labelSelector=none", NULL, "application/yaml", NULL);
    EXPECT(strstr(c->reply, "  items: [],\n  kind: \"ConfigMapList\",\n") != NULL);
    cluster_stop(c);
}

TEST("a page of a long list ends at its limit, by selector too, and says what is left")
{
    struct cluster *c = start_with(300);
    cluster_request(c, "GET", MAPS "?limit=250", NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 250);
    EXPECT_TEXT(cluster_text(c, "metadata.remainingItemCount"), "50");
    const char *next = cluster_text(c, "metadata.continue");
    cluster_request(c, "GET", arena_format(&c->arena, MAPS "?limit=250&continue=%s", next), NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 50);
    EXPECT_TEXT(cluster_text(c, "metadata.continue"), "");
    cluster_request(c, "GET", MAPS "?limit=99&labelSelector=third%3Dyes", NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 99);
    next = cluster_text(c, "metadata.continue");
    EXPECT(*next != '\0');
    EXPECT_TEXT(cluster_text(c, "metadata.remainingItemCount"), "");
    cluster_request(
        c, "GET",
        arena_format(&c->arena, MAPS "?limit=99&labelSelector=third%%3Dyes&continue=%s", next),
        NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 1);
    cluster_request(c, "GET", MAPS "?limit=300", NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 300);
    EXPECT_TEXT(cluster_text(c, "metadata.continue"), "");
    cluster_stop(c);
}

TEST("a large collection goes a few at a time, by selector, and a dry run leaves it")
{
    struct cluster *c = start_with(100);
    cluster_request(c, "DELETE", MAPS "?dryRun=All&labelSelector=third%3Dyes", NULL);
    EXPECT_CODE(c, 200);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 34);
    cluster_request(c, "GET", MAPS, NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 100);
    cluster_request(c, "DELETE", MAPS "?labelSelector=third%3Dno", NULL);
    EXPECT_CODE(c, 200);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 66);
    EXPECT_TEXT(cluster_text(c, "kind"), "ConfigMapList");
    cluster_request(c, "GET", MAPS, NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 34);
    cluster_request_as(c, NULL, "DELETE", MAPS, "application/json", NULL,
                       "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\",\"dryRun\":[\"All\"]}");
    EXPECT_CODE(c, 200);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 34);
    cluster_request(c, "DELETE", MAPS, NULL);
    cluster_request(c, "GET", MAPS, NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 0);
    cluster_stop(c);
}
