/* Owners and dependents: what goes with whom, what holds whom, and what stays. */
#include "tests/harness/cluster.h"

static struct cluster *start(void)
{
    struct cluster *cluster = cluster_start();
    cluster_start_controllers(cluster);
    cluster_run_ms(cluster, 100);
    return cluster;
}

#define MAPS "/api/v1/namespaces/default/configmaps"

static const char *one(struct cluster *cluster, const char *name)
{
    return arena_format(&cluster->arena, MAPS "/%s", name);
}

/* A reference to a ConfigMap: `,"ownerReferences":[...]` of one or two of these. */
static const char *reference(struct cluster *cluster, const char *name, const char *uid,
                             const char *rest)
{
    return arena_format(&cluster->arena,
                        "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"name\":\"%s\","
                        "\"uid\":\"%s\"%s}",
                        name, uid, rest);
}

/* Makes a ConfigMap and gives its uid. metadata: more members, or "". */
static const char *make(struct cluster *cluster, const char *name, const char *references,
                        const char *metadata)
{
    const char *body =
        arena_format(&cluster->arena, "{\"metadata\":{\"name\":\"%s\",\"ownerReferences\":[%s]%s}}",
                     name, references, metadata);
    cluster_request(cluster, "POST", MAPS, body);
    EXPECT_CODE(cluster, 201);
    return cluster_text(cluster, "metadata.uid");
}

static const char *child(struct cluster *cluster, const char *name, const char *owner,
                         const char *uid)
{
    return make(cluster, name, reference(cluster, owner, uid, ""), "");
}

static void delete (struct cluster *cluster, const char *path, const char *policy)
{
    cluster_request(cluster, "DELETE", path,
                    arena_format(&cluster->arena,
                                 "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\","
                                 "\"propagationPolicy\":\"%s\"}",
                                 policy));
    EXPECT_CODE(cluster, 200);
    cluster_run_ms(cluster, 200);
}

static bool exists(struct cluster *cluster, const char *name)
{
    return cluster_request(cluster, "GET", one(cluster, name), NULL) == 200;
}

/* A member of the first item of a list of the last reply. */
static const char *first(struct cluster *cluster, const char *path, const char *member)
{
    return json_text(json_get(json_item(json_at(cluster->object, path), 0), member));
}

TEST("what an owner made goes with it, and what that made, in the background")
{
    struct cluster *c = start();
    const char *owner = make(c, "owner", "", "");
    const char *middle = child(c, "middle", "owner", owner);
    child(c, "leaf", "middle", middle);
    make(c, "other", "", "");
    delete (c, one(c, "owner"), "Background");
    EXPECT(!exists(c, "owner") && !exists(c, "middle") && !exists(c, "leaf"));
    EXPECT(exists(c, "other"));
    cluster_stop(c);
}

TEST("a dependent with another owner stays, and names only that one")
{
    struct cluster *c = start();
    const char *a = make(c, "a", "", "");
    const char *b = make(c, "b", "", "");
    make(c, "shared",
         arena_format(&c->arena, "%s,%s", reference(c, "a", a, ""), reference(c, "b", b, "")), "");
    delete (c, one(c, "a"), "Background");
    EXPECT(exists(c, "shared"));
    EXPECT_TEXT(first(c, "metadata.ownerReferences", "name"), "b");
    EXPECT(json_count(json_at(c->object, "metadata.ownerReferences")) == 1);
    delete (c, one(c, "b"), "Background");
    EXPECT(!exists(c, "shared"));
    cluster_stop(c);
}

TEST("many dependents take many commits, and all go")
{
    struct cluster *c = start();
    const char *owner = make(c, "owner", "", "");
    for (int i = 0; i < 150; i++)
        child(c, arena_format(&c->arena, "child-%d", i), "owner", owner);
    delete (c, one(c, "owner"), "Background");
    cluster_request(c, "GET", MAPS, NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 0);
    cluster_stop(c);
}

TEST("in the foreground an owner waits for dependents that block it, and for no others")
{
    struct cluster *c = start();
    const char *owner = make(c, "owner", "", "");
    make(c, "blocks", reference(c, "owner", owner, ",\"blockOwnerDeletion\":true"),
         ",\"finalizers\":[\"example.com/wait\"]");
    make(c, "waits", reference(c, "owner", owner, ""), ",\"finalizers\":[\"example.com/wait\"]");
    child(c, "goes", "owner", owner);
    delete (c, one(c, "owner"), "Foreground");
    EXPECT(exists(c, "owner"));
    EXPECT_TEXT(json_text(json_item(json_at(c->object, "metadata.finalizers"), 0)),
                "foregroundDeletion");
    EXPECT(!exists(c, "goes"));
    EXPECT(exists(c, "blocks"));
    EXPECT(*cluster_text(c, "metadata.deletionTimestamp"));
    cluster_request_as(c, NULL, "PATCH", one(c, "blocks"), "application/merge-patch+json", NULL,
                       "{\"metadata\":{\"finalizers\":null}}");
    cluster_run_ms(c, 200);
    EXPECT(!exists(c, "blocks") && !exists(c, "owner"));
    EXPECT(exists(c, "waits")); /* Deleting, held by its own finalizer alone. */
    EXPECT(*cluster_text(c, "metadata.deletionTimestamp"));
    cluster_stop(c);
}

TEST("a reference that stops to block lets its owner go")
{
    struct cluster *c = start();
    const char *owner = make(c, "owner", "", "");
    make(c, "blocks", reference(c, "owner", owner, ",\"blockOwnerDeletion\":true"),
         ",\"finalizers\":[\"example.com/wait\"]");
    delete (c, one(c, "owner"), "Foreground");
    EXPECT(exists(c, "owner"));
    cluster_request_as(c, NULL, "PATCH", one(c, "blocks"), "application/merge-patch+json", NULL,
                       "{\"metadata\":{\"ownerReferences\":[]}}");
    EXPECT_CODE(c, 200);
    cluster_run_ms(c, 200);
    EXPECT(!exists(c, "owner") && exists(c, "blocks"));
    cluster_stop(c);
}

TEST("the foreground goes down: each level waits for the one below it")
{
    struct cluster *c = start();
    const char *owner = make(c, "owner", "", "");
    const char *middle =
        make(c, "middle", reference(c, "owner", owner, ",\"blockOwnerDeletion\":true"), "");
    make(c, "leaf", reference(c, "middle", middle, ",\"blockOwnerDeletion\":true"),
         ",\"finalizers\":[\"example.com/wait\"]");
    delete (c, one(c, "owner"), "Foreground");
    EXPECT(exists(c, "owner") && exists(c, "middle"));
    EXPECT_TEXT(json_text(json_item(json_at(c->object, "metadata.finalizers"), 0)),
                "foregroundDeletion");
    cluster_request_as(c, NULL, "PATCH", one(c, "leaf"), "application/merge-patch+json", NULL,
                       "{\"metadata\":{\"finalizers\":null}}");
    cluster_run_ms(c, 200);
    EXPECT(!exists(c, "owner") && !exists(c, "middle") && !exists(c, "leaf"));
    cluster_stop(c);
}

TEST("two that own each other both go in the foreground")
{
    struct cluster *c = start();
    const char *a = make(c, "a", "", "");
    const char *b = make(c, "b", reference(c, "a", a, ",\"blockOwnerDeletion\":true"), "");
    cluster_request_as(c, NULL, "PATCH", one(c, "a"), "application/merge-patch+json", NULL,
                       arena_format(&c->arena, "{\"metadata\":{\"ownerReferences\":[%s]}}",
                                    reference(c, "b", b, ",\"blockOwnerDeletion\":true")));
    EXPECT_CODE(c, 200);
    delete (c, one(c, "a"), "Foreground");
    EXPECT(!exists(c, "a") && !exists(c, "b"));
    cluster_stop(c);
}

TEST("orphans stay and name nobody, and then their owner goes")
{
    struct cluster *c = start();
    const char *owner = make(c, "owner", "", "");
    for (int i = 0; i < 100; i++)
        child(c, arena_format(&c->arena, "child-%d", i), "owner", owner);
    delete (c, one(c, "owner"), "Orphan");
    EXPECT(!exists(c, "owner"));
    EXPECT(exists(c, "child-99"));
    EXPECT(json_at(c->object, "metadata.ownerReferences") == NULL);
    cluster_request(c, "GET", MAPS, NULL);
    EXPECT_EQ(json_count(json_get(c->object, "items")), 100);
    cluster_stop(c);
}

TEST("one that is made with an owner that is not there, or was another, is collected")
{
    struct cluster *c = start();
    make(c, "owner", "", "");
    child(c, "of-nobody", "nobody", "11111111-1111-1111-1111-111111111111");
    child(c, "of-another", "owner", "22222222-2222-2222-2222-222222222222");
    cluster_run_ms(c, 200);
    EXPECT(!exists(c, "of-nobody") && !exists(c, "of-another"));
    cluster_stop(c);
}

TEST("what was left by a server that stopped is collected by the next one")
{
    struct cluster *c = cluster_start();
    child(c, "of-nobody", "nobody", "11111111-1111-1111-1111-111111111111");
    cluster_run_ms(c, 200);
    EXPECT(exists(c, "of-nobody"));
    cluster_start_controllers(c);
    cluster_run_ms(c, 200);
    EXPECT(!exists(c, "of-nobody"));
    cluster_stop(c);
}

static bool was_told(struct cluster *cluster, const char *namespace, const char *message)
{
    cluster_request(cluster, "GET",
                    arena_format(&cluster->arena, "/api/v1/namespaces/%s/events", namespace), NULL);
    JSON_EACH(event, json_get(cluster->object, "items"))
        if (strcmp(json_text(json_get(event, "reason")), "OwnerRefInvalidNamespace") == 0 &&
            strcmp(json_text(json_get(event, "message")), message) == 0)
            return true;
    return false;
}

TEST("an owner in another namespace is no owner, and that is told")
{
    struct cluster *c = start();
    cluster_request(c, "POST", "/api/v1/namespaces/kube-system/configmaps",
                    "{\"metadata\":{\"name\":\"owner\"}}");
    const char *uid = cluster_text(c, "metadata.uid");
    child(c, "away", "owner", uid);
    cluster_run_ms(c, 200);
    EXPECT(!exists(c, "away"));
    EXPECT(was_told(c, "default",
                    arena_format(&c->arena,
                                 "ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: "
                                 "%s] does not exist in namespace \"default\"",
                                 uid)));
    cluster_stop(c);
}

TEST("an owner without a namespace owns things in every namespace")
{
    struct cluster *c = start();
    cluster_node(c, "n1", "cpu=1");
    const char *uid = cluster_text(c, "metadata.uid");
    make(c, "of-node",
         arena_format(&c->arena,
                      "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"name\":\"n1\",\"uid\":\"%s\"}",
                      uid),
         "");
    cluster_run_ms(c, 200);
    EXPECT(exists(c, "of-node"));
    delete (c, "/api/v1/nodes/n1", "Background");
    EXPECT(!exists(c, "of-node"));
    cluster_stop(c);
}

TEST("one without a namespace whose owner has one is left alone, and that is told")
{
    struct cluster *c = start();
    const char *uid = make(c, "owner", "", "");
    cluster_request(c, "POST", "/api/v1/nodes",
                    arena_format(&c->arena,
                                 "{\"metadata\":{\"name\":\"n1\",\"ownerReferences\":[%s]}}",
                                 reference(c, "owner", uid, "")));
    EXPECT_CODE(c, 201);
    cluster_run_ms(c, 200);
    EXPECT_EQ(cluster_request(c, "GET", "/api/v1/nodes/n1", NULL), 200);
    EXPECT(was_told(c, "default",
                    arena_format(&c->arena,
                                 "ownerRef [v1/ConfigMap, namespace: , name: owner, uid: %s] does "
                                 "not exist in namespace \"\"",
                                 uid)));
    cluster_stop(c);
}

TEST("owners of kinds that are not served are left to those who know them")
{
    struct cluster *c = start();
    make(c, "foreign",
         "{\"apiVersion\":\"example.com/v1\",\"kind\":\"Gizmo\",\"name\":\"g\",\"uid\":\"x\"}", "");
    cluster_run_ms(c, 2000);
    EXPECT(exists(c, "foreign"));
    cluster_stop(c);
}

TEST("one dependent that may not be deleted does not keep the others")
{
    struct cluster *c = start();
    cluster_node(c, "n1", "cpu=1");
    const char *owner = arena_format(&c->arena,
                                     "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"name\":\"n1\","
                                     "\"uid\":\"%s\"}",
                                     cluster_text(c, "metadata.uid"));
    cluster_request_as(c, NULL, "PATCH", "/api/v1/namespaces/kube-public",
                       "application/merge-patch+json", NULL,
                       arena_format(&c->arena, "{\"metadata\":{\"ownerReferences\":[%s]}}", owner));
    EXPECT_CODE(c, 200);
    make(c, "of-node", owner, "");
    delete (c, "/api/v1/nodes/n1", "Background");
    EXPECT(!exists(c, "of-node"));
    EXPECT_EQ(cluster_request(c, "GET", "/api/v1/namespaces/kube-public", NULL), 200);
    cluster_stop(c);
}

static bool must_wait(void *context)
{
    return *(const bool *)context;
}

static void go_on(void *context)
{
    *(bool *)context = false;
}

TEST("after a restore nothing is collected before an operator's word, and all that waits after it")
{
    static const char word[] = "/api/v1/namespaces/kube-system/configmaps/coracle-recovery";
    bool waits = true;
    struct cluster *c = cluster_start();
    child(c, "of-nobody", "nobody", "11111111-1111-1111-1111-111111111111");
    cluster_start_controllers(c);
    c->operator_word = (struct operator_word){must_wait, go_on, &waits};
    cluster_run_ms(c, 60000);
    EXPECT(exists(c, "of-nobody"));
    cluster_request(c, "GET", word, NULL);
    EXPECT_CODE(c, 200);
    EXPECT(strstr(cluster_text(c, "data.message"), "delete configmap coracle-recovery"));
    cluster_request(c, "DELETE", word, NULL);
    cluster_run_ms(c, 6000);
    EXPECT(!waits);
    EXPECT(!exists(c, "of-nobody"));
    cluster_stop(c);
}
