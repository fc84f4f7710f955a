/* Events: how long they stay, how many, and in which order they go. */
#include "api/authn.h"
#include "core/client/recorder.h"
#include "tests/harness/cluster.h"

#define EVENTS "/api/v1/namespaces/default/events"
enum { HOUR_MS = 3600000 };

static void event(struct cluster *cluster, const char *name, const char *message)
{
    cluster_request(cluster, "POST", EVENTS,
                    arena_format(&cluster->arena,
                                 "{\"metadata\":{\"name\":\"%s\"},\"involvedObject\":"
                                 "{\"namespace\":\"default\",\"kind\":\"Pod\",\"name\":\"p\"},"
                                 "\"reason\":\"R\",\"message\":\"%s\",\"type\":\"Normal\"}",
                                 name, message));
    EXPECT_CODE(cluster, 201);
}

static bool exists(struct cluster *cluster, const char *name)
{
    return cluster_request(cluster, "GET", arena_format(&cluster->arena, EVENTS "/%s", name),
                           NULL) == 200;
}

static int64_t count(struct cluster *cluster)
{
    cluster_request(cluster, "GET", EVENTS, NULL);
    return (int64_t)json_count(json_get(cluster->object, "items"));
}

TEST("an Event goes an hour after it was last told, and not before")
{
    struct cluster *c = cluster_start();
    cluster_start_controllers(c);
    event(c, "once", "m");
    event(c, "again", "m");
    cluster_run_ms(c, HOUR_MS / 2);
    cluster_request_as(c, NULL, "PATCH", EVENTS "/again", "application/merge-patch+json", NULL,
                       "{\"count\":2}");
    EXPECT_CODE(c, 200);
    cluster_run_ms(c, HOUR_MS / 2 - 2000);
    EXPECT(exists(c, "once") && exists(c, "again"));
    cluster_run_ms(c, 4000);
    EXPECT(!exists(c, "once"));
    EXPECT(exists(c, "again"));
    cluster_run_ms(c, HOUR_MS / 2 - 8000);
    EXPECT(exists(c, "again"));
    cluster_run_ms(c, 10000);
    EXPECT(!exists(c, "again"));
    cluster_stop(c);
}

TEST("the time is what --event-ttl says")
{
    struct cluster *c = cluster_start();
    c->controllers.event_ttl_us = 60000000;
    cluster_start_controllers(c);
    event(c, "e", "m");
    cluster_run_ms(c, 58000);
    EXPECT(exists(c, "e"));
    cluster_run_ms(c, 4000);
    EXPECT(!exists(c, "e"));
    cluster_stop(c);
}

TEST("after a start old Events go by their own times")
{
    struct cluster *c = cluster_start();
    event(c, "old", "m");
    event(c, "told-later", "m");
    cluster_run_ms(c, HOUR_MS / 2);
    cluster_request(c, "GET", "/api/v1/namespaces/default", NULL);
    cluster_request_as(c, NULL, "PATCH", EVENTS "/told-later", "application/merge-patch+json", NULL,
                       "{\"lastTimestamp\":\"2100-01-01T00:00:00Z\"}"); /* Never later than now. */
    EXPECT_CODE(c, 200);
    cluster_run_ms(c, HOUR_MS / 2 + 5000);
    cluster_start_controllers(c);
    cluster_run_ms(c, 1000);
    EXPECT(!exists(c, "old"));
    EXPECT(exists(c, "told-later"));
    cluster_run_ms(c, HOUR_MS + 5000);
    EXPECT(!exists(c, "told-later"));
    cluster_stop(c);
}

TEST("above their bytes the oldest Events go first, and no more than must")
{
    struct cluster *c = cluster_start();
    c->controllers.event_bytes = 64 << 10;
    cluster_start_controllers(c);
    const char *kilobyte = arena_alloc(&c->arena, 1001);
    memset((char *)(uintptr_t)kilobyte, 'x', 1000);
    for (int i = 0; i < 200; i++)
        event(c, arena_format(&c->arena, "e-%03d", i), kilobyte);
    cluster_run_ms(c, 2000);
    int64_t left = count(c);
    EXPECT(left > 20 && left < 45); /* 64 KiB of about 1.9 KiB. */
    EXPECT(!exists(c, arena_format(&c->arena, "e-%03d", 199 - (int)left)));
    EXPECT(exists(c, arena_format(&c->arena, "e-%03d", 200 - (int)left)));
    EXPECT(exists(c, "e-199"));
    cluster_stop(c);
}

TEST("many that are due together go in small steps, and all go")
{
    struct cluster *c = cluster_start();
    cluster_start_controllers(c);
    for (int i = 0; i < 150; i++)
        event(c, arena_format(&c->arena, "e-%03d", i), "m");
    cluster_run_ms(c, HOUR_MS + 10000);
    EXPECT_EQ(count(c), 0);
    cluster_stop(c);
}

TEST("a component that says ever new things of one object is cut short, and says how often")
{
    struct cluster *c = cluster_start();
    struct client *client = api_client_create(c->api, &user_admin);
    struct recorder *recorder = recorder_create(client, "tester", NULL);
    struct event_subject subject = {.kind = "Pod",
                                    .api_version = "v1",
                                    .namespace = SLICE("default"),
                                    .name = SLICE("p"),
                                    .uid = SLICE("u")};
    for (int i = 0; i < 40; i++) {
        recorder_event(recorder, &subject, "Normal", "R", NULL, "message %d", i);
        cluster_run_ms(c, 20);
    }
    EXPECT_EQ(count(c), 10); /* Nine alone, and one for the others. */
    EXPECT_EQ(recorder_dropped(recorder), 15);
    const struct json *combined = NULL;
    JSON_EACH(one, json_get(c->object, "items"))
        if (strstr(json_text(json_get(one, "message")), "(combined from similar events): "))
            combined = one;
    EXPECT_TEXT(json_text(json_get(combined, "message")),
                "(combined from similar events): message 24");
    int64_t told = 0;
    EXPECT(json_to_int64(json_get(combined, "count"), &told));
    EXPECT_EQ(told, 16);
    recorder_destroy(recorder);
    cluster_run_ms(c, 100);
    api_client_destroy(client);
    cluster_stop(c);
}
