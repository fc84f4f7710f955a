/* core/kinds/strategy: what a write goes through, for ConfigMaps, Namespaces and a
 * kind made for the test. */
#include "core/kinds/strategy.h"

#include <stdio.h>

#include "core/clock.h"
#include "core/kinds/meta.h"
#include "core/kinds/types.h"
#include "tests/harness/test.h"

extern const struct kind kind_config_map, kind_namespace, kind_replication_controller;

#define NOW_US INT64_C(1767323045000000) /* 2026-01-02T03:04:05Z */

static struct arena arena;
static struct status status;
static struct random_seeded seeded;
static struct kind_context context = {.arena = &arena, .now_us = NOW_US, .user = "tester"};

static int64_t grace_of(const struct json *object, int64_t wanted)
{
    int64_t grace = 30;
    json_to_int64(json_at(object, "spec.grace"), &grace);
    return wanted < 0 ? grace : wanted;
}
static void keep_low(const struct kind_context *in, struct json *object, const struct json *old)
{
    (void)in;
    (void)old;
    json_remove(object, "dropped");
}
static const struct kind_subresource parts[] = {
    {.name = "status", .verbs = VERB_UPDATE, .reset = strategy_reset_status}, {.name = NULL}};
static const struct kind thing = {.group = "test.io",
                                  .version = "v1",
                                  .kind = "Thing",
                                  .resource = "things",
                                  .namespaced = true,
                                  .has_generation = true,
                                  .schema = &type_partial_object_metadata,
                                  .subresources = parts,
                                  .grace_seconds = grace_of,
                                  .prepare_for_update = keep_low};
static const struct kind strict_thing = {.group = "test.io",
                                         .version = "v1",
                                         .kind = "Thing",
                                         .resource = "things",
                                         .namespaced = true,
                                         .update_needs_revision = true,
                                         .schema = &type_partial_object_metadata};

static struct json *tree(const char *text)
{
    struct json *json = json_parse(&arena, slice_of(text), NULL, &status);
    if (!json)
        printf("%s: %s\n", text, status.message);
    EXPECT(json);
    return json;
}
static const char *print(const struct json *json)
{
    struct buffer text = {0};
    if (!json)
        return "absent";
    json_print(json, &text);
    const char *copy = arena_copy_slice(&arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}
static const char *at(const struct json *object, const char *path)
{
    return print(json_at(object, path));
}
static void start(void)
{
    random_seeded_init(&seeded, 1);
    context.subresource = NULL;
}
static void end(void)
{
    status_release(&status);
    arena_release(&arena);
}

/* --- Create --- */

static struct json *create(const struct kind *kind, const char *namespace, const char *text)
{
    struct json *object = tree(text);
    status_clear(&status);
    strategy_set_defaults(kind, &context, object);
    int failed = strategy_begin_create(kind, &context, slice_of(namespace), object, &status) ||
                 strategy_create(kind, &context, &seeded.random, object, &status);
    return failed ? NULL : object;
}

TEST("create fills what only the server knows, and drops what a client said about it")
{
    start();
    struct json *object = create(
        &thing, "default",
        "{\"apiVersion\":\"x\",\"metadata\":{\"name\":\"a\",\"uid\":\"mine\",\"creationTimestamp\":"
        "\"2000-01-01T00:00:00Z\",\"deletionTimestamp\":\"2000-01-01T00:00:00Z\",\"generation\":9,"
        "\"deletionGracePeriodSeconds\":5,\"selfLink\":\"/x\"},\"spec\":{\"x\":1},"
        "\"status\":{\"y\":2}}");
    EXPECT(object);
    EXPECT_TEXT(at(object, "kind"), "\"Thing\"");
    EXPECT_TEXT(at(object, "apiVersion"), "\"test.io/v1\"");
    EXPECT_SLICE(json_key(json_first(object)), "kind");
    EXPECT_EQ(meta_uid(object).size, 36);
    EXPECT_TEXT(at(object, "metadata.creationTimestamp"), "\"2026-01-02T03:04:05Z\"");
    EXPECT_TEXT(at(object, "metadata.generation"), "1");
    EXPECT_TEXT(at(object, "metadata.namespace"), "\"default\"");
    EXPECT_TEXT(at(object, "metadata.deletionTimestamp"), "absent");
    EXPECT_TEXT(at(object, "metadata.deletionGracePeriodSeconds"), "absent");
    EXPECT_TEXT(at(object, "metadata.selfLink"), "absent");
    EXPECT_TEXT(at(object, "status"), "{}");
    end();
}

TEST("a resourceVersion on create is an error without a reason, as upstream's")
{
    start();
    EXPECT(!create(&thing, "default", "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"5\"}}"));
    EXPECT_EQ(status.code, 500);
    EXPECT(status.reason_hidden);
    EXPECT_TEXT(status.message, "resourceVersion should not be set on objects to be created");
    EXPECT(create(&thing, "default", "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"0\"}}"));
    end();
}

TEST("a name is generated, and again after a collision; a given one is kept")
{
    start();
    struct json *object = create(&thing, "default", "{\"metadata\":{\"generateName\":\"web-\"}}");
    EXPECT(object);
    const char *first = at(object, "metadata.name");
    EXPECT_EQ(meta_name(object).size, 9);
    EXPECT(strategy_generate_name_again(&context, &seeded.random, object));
    EXPECT_EQ(meta_name(object).size, 9);
    EXPECT(strcmp(at(object, "metadata.name"), first) != 0);
    object = create(&thing, "default",
                    "{\"metadata\":{\"generateName\":\"web-\",\"name\":\"web-aeiou\"}}");
    EXPECT(!strategy_generate_name_again(&context, &seeded.random, object));
    object = create(&thing, "default", "{\"metadata\":{\"name\":\"a\"}}");
    EXPECT(!strategy_generate_name_again(&context, &seeded.random, object));
    end();
}

TEST("a create in another namespace is refused, one without a name is invalid")
{
    start();
    EXPECT(!create(&thing, "default", "{\"metadata\":{\"name\":\"a\",\"namespace\":\"other\"}}"));
    EXPECT_EQ(status.code, 400);
    EXPECT(!create(&thing, "default", "{}"));
    EXPECT_EQ(status.code, 422);
    EXPECT_TEXT(status.message, "Thing.test.io \"\" is invalid: metadata.name: Required value: "
                                "name or generateName is required");
    EXPECT_TEXT(status.kind, "Thing");
    end();
}

/* --- Update --- */

static const char *const old_text =
    "{\"kind\":\"Thing\",\"apiVersion\":\"test.io/v1\",\"metadata\":{\"name\":\"a\",\"namespace\":"
    "\"default\",\"uid\":\"u\",\"resourceVersion\":\"5\",\"generation\":3,\"creationTimestamp\":"
    "\"2026-01-01T00:00:00Z\"},\"spec\":{\"x\":1},\"status\":{\"y\":2}}";

static struct json *update(const char *text, const char *before)
{
    struct json *object = tree(text), *old = tree(before);
    status_clear(&status);
    int failed =
        strategy_begin_update(&thing, &context, SLICE("default"), SLICE("a"), object, &status) ||
        strategy_check_update(&thing, object, old, &status) ||
        strategy_update(&thing, &context, &object, old, &status);
    return failed ? NULL : object;
}

TEST("an update keeps what it cannot change, and counts a generation where spec differs")
{
    start();
    struct json *object =
        update("{\"metadata\":{\"creationTimestamp\":\"2030-01-01T00:00:00Z\",\"generation\":77,"
               "\"labels\":"
               "{\"a\":\"b\"}},\"spec\":{\"x\":2},\"status\":{\"y\":3},\"dropped\":1}",
               old_text);
    EXPECT(object);
    EXPECT_TEXT(at(object, "metadata.name"), "\"a\"");
    EXPECT_TEXT(at(object, "metadata.uid"), "\"u\"");
    EXPECT_TEXT(at(object, "metadata.resourceVersion"), "\"5\"");
    EXPECT_TEXT(at(object, "metadata.creationTimestamp"), "\"2026-01-01T00:00:00Z\"");
    EXPECT_TEXT(at(object, "metadata.generation"), "4");
    EXPECT_TEXT(at(object, "metadata.labels"), "{\"a\":\"b\"}");
    EXPECT_TEXT(at(object, "status"), "{\"y\":2}");
    EXPECT_TEXT(at(object, "dropped"), "absent");
    object = update("{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"x\":1}}", old_text);
    EXPECT_TEXT(at(object, "metadata.generation"), "3");
    object = update("{\"metadata\":{}}", old_text);
    EXPECT_TEXT(at(object, "metadata.generation"), "4");
    end();
}

TEST("a write of status changes status and metadata alone")
{
    start();
    context.subresource = &parts[0];
    struct json *object = update("{\"metadata\":{\"labels\":{\"a\":\"b\"}},\"spec\":{\"x\":9},"
                                 "\"status\":{\"y\":3}}",
                                 old_text);
    EXPECT(object);
    EXPECT_TEXT(at(object, "spec"), "{\"x\":1}");
    EXPECT_TEXT(at(object, "status"), "{\"y\":3}");
    EXPECT_TEXT(at(object, "metadata.labels"), "{\"a\":\"b\"}");
    EXPECT_TEXT(at(object, "metadata.generation"), "3");
    EXPECT_TEXT(at(object, "metadata.name"), "\"a\"");
    end();
}

TEST("preconditions of an update: uid, revision, name")
{
    start();
    EXPECT(update("{\"metadata\":{\"resourceVersion\":\"5\",\"uid\":\"u\"}}", old_text));
    EXPECT(!update("{\"metadata\":{\"resourceVersion\":\"4\"}}", old_text));
    EXPECT_EQ(status.code, 409);
    EXPECT_TEXT(status.message, "Operation cannot be fulfilled on things.test.io \"a\": the object "
                                "has been modified; please apply your changes to the latest "
                                "version and try again");
    EXPECT(!update("{\"metadata\":{\"uid\":\"v\"}}", old_text));
    EXPECT_TEXT(status.message,
                "Operation cannot be fulfilled on things.test.io \"a\": StorageError: invalid "
                "object, Code: 4, Key: /registry/things/default/a, ResourceVersion: 0, "
                "AdditionalErrorMsg: Precondition failed: UID in precondition: v, UID in object "
                "meta: u");
    EXPECT(!update("{\"metadata\":{\"name\":\"b\"}}", old_text));
    EXPECT_TEXT(status.message,
                "the name of the object (b) does not match the name on the URL (a)");
    status_clear(&status);
    EXPECT_EQ(
        strategy_check_update(&strict_thing, tree("{\"metadata\":{}}"), tree(old_text), &status),
        -1);
    EXPECT_TEXT(status.message,
                "things.test.io \"a\" is invalid: metadata.resourceVersion: Invalid "
                "value: 0: must be specified for an update");
    end();
}

TEST("an update that empties the finalizers of what only waited for them deletes it")
{
    start();
    const struct json *done = tree("{\"metadata\":{\"finalizers\":[]}}");
    EXPECT(strategy_update_deletes(done, tree("{\"metadata\":{\"deletionTimestamp\":\"t\"}}")));
    EXPECT(strategy_update_deletes(
        done,
        tree("{\"metadata\":{\"deletionTimestamp\":\"t\",\"deletionGracePeriodSeconds\":0}}")));
    EXPECT(!strategy_update_deletes(
        done,
        tree("{\"metadata\":{\"deletionTimestamp\":\"t\",\"deletionGracePeriodSeconds\":9}}")));
    EXPECT(!strategy_update_deletes(done, tree("{\"metadata\":{}}")));
    EXPECT(!strategy_update_deletes(tree("{\"metadata\":{\"finalizers\":[\"x\"]}}"),
                                    tree("{\"metadata\":{\"deletionTimestamp\":\"t\"}}")));
    EXPECT(!strategy_update_deletes(tree("{\"spec\":{\"finalizers\":[\"kubernetes\"]}}"),
                                    tree("{\"metadata\":{\"deletionTimestamp\":\"t\"}}")));
    end();
}

/* --- Delete --- */

static enum strategy_deletion outcome;

static int delete_with(const struct kind *kind, struct json *object, const char *options)
{
    status_clear(&status);
    return strategy_delete(kind, &context, object, options ? tree(options) : NULL, &outcome,
                           &status);
}

TEST("without grace and finalizers a delete removes, with a finalizer it marks")
{
    start();
    struct json *object = tree("{\"metadata\":{\"name\":\"a\",\"generation\":1}}");
    EXPECT_EQ(delete_with(&kind_config_map, object, NULL), 0);
    EXPECT_EQ(outcome, DELETION_REMOVES);
    object = tree("{\"metadata\":{\"name\":\"a\",\"generation\":1,\"finalizers\":[\"x/y\"]}}");
    EXPECT_EQ(delete_with(&kind_config_map, object, NULL), 0);
    EXPECT_EQ(outcome, DELETION_MARKS);
    EXPECT_TEXT(
        print(object),
        "{\"metadata\":{\"name\":\"a\",\"generation\":2,\"finalizers\":[\"x/y\"],"
        "\"deletionTimestamp\":\"2026-01-02T03:04:05Z\",\"deletionGracePeriodSeconds\":0}}");
    const char *marked = print(object);
    context.now_us += 60000000;
    EXPECT_EQ(delete_with(&kind_config_map, object, NULL), 0);
    EXPECT_EQ(outcome, DELETION_MARKS);
    EXPECT_TEXT(print(object), marked);
    context.now_us = NOW_US;
    end();
}

TEST("grace counts from the first delete, and a second one can only shrink it")
{
    start();
    struct json *object = tree("{\"metadata\":{\"name\":\"a\"}}");
    EXPECT_EQ(delete_with(&thing, object, NULL), 0);
    EXPECT_EQ(outcome, DELETION_MARKS);
    EXPECT_TEXT(at(object, "metadata.deletionTimestamp"), "\"2026-01-02T03:04:35Z\"");
    EXPECT_TEXT(at(object, "metadata.deletionGracePeriodSeconds"), "30");
    EXPECT_EQ(delete_with(&thing, object, NULL), 0);
    EXPECT_EQ(outcome, DELETION_PENDS);
    EXPECT_EQ(delete_with(&thing, object, "{\"gracePeriodSeconds\":30}"), 0);
    EXPECT_EQ(outcome, DELETION_PENDS);
    context.now_us += 3000000;
    EXPECT_EQ(delete_with(&thing, object, "{\"gracePeriodSeconds\":10}"), 0);
    EXPECT_EQ(outcome, DELETION_MARKS);
    EXPECT_TEXT(at(object, "metadata.deletionTimestamp"), "\"2026-01-02T03:04:15Z\"");
    EXPECT_TEXT(at(object, "metadata.deletionGracePeriodSeconds"), "10");
    EXPECT_EQ(delete_with(&thing, object, "{\"gracePeriodSeconds\":2}"), 0);
    EXPECT_TEXT(at(object, "metadata.deletionTimestamp"), "\"2026-01-02T03:04:08Z\"");
    EXPECT_TEXT(at(object, "metadata.deletionGracePeriodSeconds"), "1");
    EXPECT_EQ(delete_with(&thing, object, "{\"gracePeriodSeconds\":0}"), 0);
    EXPECT_EQ(outcome, DELETION_REMOVES);
    context.now_us = NOW_US;
    end();
}

TEST("a grace beyond any calendar ends in year 9999, a negative one is a second")
{
    start();
    struct json *object = tree("{\"metadata\":{\"name\":\"a\"}}");
    EXPECT_EQ(delete_with(&thing, object, "{\"gracePeriodSeconds\":9223372036854775807}"), 0);
    EXPECT_TEXT(at(object, "metadata.deletionTimestamp"), "\"9999-12-31T23:59:59Z\"");
    EXPECT_EQ(delete_with(&thing, object, "{\"gracePeriodSeconds\":5}"), 0);
    EXPECT_TEXT(at(object, "metadata.deletionTimestamp"), "\"2026-01-02T03:04:10Z\"");
    object = tree("{\"metadata\":{\"name\":\"a\"}}");
    EXPECT_EQ(delete_with(&thing, object, "{\"gracePeriodSeconds\":-7}"), 0);
    EXPECT_TEXT(at(object, "metadata.deletionGracePeriodSeconds"), "1");
    end();
}

TEST("the policy sets one finalizer of garbage collection and removes the other")
{
    start();
    struct json *object = tree("{\"metadata\":{\"name\":\"a\",\"finalizers\":[\"orphan\"]}}");
    EXPECT_EQ(delete_with(&kind_config_map, object, "{\"propagationPolicy\":\"Foreground\"}"), 0);
    EXPECT_EQ(outcome, DELETION_MARKS);
    EXPECT_TEXT(at(object, "metadata.finalizers"), "[\"foregroundDeletion\"]");
    EXPECT_EQ(delete_with(&kind_config_map, object, "{\"orphanDependents\":true}"), 0);
    EXPECT_TEXT(at(object, "metadata.finalizers"), "[\"orphan\"]");
    EXPECT_EQ(delete_with(&kind_config_map, object, NULL), 0);
    EXPECT_TEXT(at(object, "metadata.finalizers"), "[\"orphan\"]");
    EXPECT_EQ(delete_with(&kind_config_map, object, "{\"propagationPolicy\":\"Background\"}"), 0);
    EXPECT_EQ(outcome, DELETION_REMOVES);
    end();
}

TEST("a ReplicationController orphans its pods unless the options or a finalizer say otherwise")
{
    start();
    struct json *object = tree("{\"metadata\":{\"name\":\"a\"}}");
    EXPECT_EQ(delete_with(&kind_replication_controller, object, NULL), 0);
    EXPECT_TEXT(at(object, "metadata.finalizers"), "[\"orphan\"]");
    EXPECT_EQ(
        delete_with(&kind_replication_controller, object, "{\"propagationPolicy\":\"Foreground\"}"),
        0);
    EXPECT_TEXT(at(object, "metadata.finalizers"), "[\"foregroundDeletion\"]");
    EXPECT_EQ(delete_with(&kind_replication_controller, object, NULL), 0);
    EXPECT_TEXT(at(object, "metadata.finalizers"), "[\"foregroundDeletion\"]");
    EXPECT_EQ(delete_with(&kind_replication_controller, object, "{\"orphanDependents\":false}"), 0);
    EXPECT_EQ(outcome, DELETION_REMOVES);
    end();
}

TEST("preconditions of a delete name the kind, and options are checked")
{
    start();
    struct json *object =
        tree("{\"metadata\":{\"name\":\"a\",\"uid\":\"u\",\"resourceVersion\":\"5\"}}");
    EXPECT_EQ(delete_with(&kind_config_map, object, "{\"preconditions\":{\"uid\":\"v\"}}"), -1);
    EXPECT_TEXT(status.message,
                "Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition (v) "
                "does not match the UID in record (u). The object might have been deleted and then "
                "recreated");
    EXPECT_EQ(
        delete_with(&kind_config_map, object, "{\"preconditions\":{\"resourceVersion\":\"6\"}}"),
        -1);
    EXPECT_TEXT(status.message,
                "Operation cannot be fulfilled on ConfigMap \"a\": the ResourceVersion in the "
                "precondition (6) does not match the ResourceVersion in record (5). The object "
                "might have been modified");
    EXPECT_EQ(delete_with(&kind_config_map, object, "{\"propagationPolicy\":\"Sideways\"}"), -1);
    EXPECT_TEXT(
        status.message,
        "DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: "
        "\"Sideways\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"");
    EXPECT_EQ(
        delete_with(
            &kind_config_map, object,
            "{\"propagationPolicy\":\"Orphan\",\"orphanDependents\":true,\"dryRun\":[\"No\"]}"),
        -1);
    EXPECT_TEXT(status.message,
                "DeleteOptions.meta.k8s.io \"\" is invalid: [propagationPolicy: Invalid value: "
                "\"Orphan\": orphanDependents and deletionPropagation cannot be both set, dryRun: "
                "Unsupported value: [\"No\"]: supported values: \"All\"]");
    end();
}

/* --- Options --- */

static const char *options_error(const char *type, const char *options, bool is_apply)
{
    status_clear(&status);
    return strategy_check_options(type, tree(options), is_apply, &arena, &status) ? status.message
                                                                                  : "";
}

TEST("options of writes are checked")
{
    start();
    EXPECT_TEXT(
        options_error("CreateOptions", "{\"dryRun\":[\"All\"],\"fieldManager\":\"me\"}", false),
        "");
    EXPECT_TEXT(options_error("CreateOptions", "{\"fieldValidation\":\"Loose\"}", false),
                "CreateOptions.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: "
                "\"Loose\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"");
    EXPECT_TEXT(
        options_error("PatchOptions", "{}", true),
        "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required "
        "for apply patch");
    EXPECT_TEXT(options_error("PatchOptions", "{\"force\":true}", false),
                "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified "
                "for non-apply patch");
    char manager[130];
    memset(manager, 'm', sizeof manager);
    manager[129] = '\0';
    EXPECT_TEXT(
        options_error("UpdateOptions", arena_format(&arena, "{\"fieldManager\":\"%s\"}", manager),
                      false),
        "UpdateOptions.meta.k8s.io \"\" is invalid: fieldManager: Too long: may not be more "
        "than 128 bytes");
    manager[128] = '\0';
    EXPECT_TEXT(options_error("UpdateOptions",
                              arena_format(&arena, "{\"fieldManager\":\"%s\"}", manager), false),
                "");
    end();
}

/* --- The first kinds --- */

TEST("a ConfigMap's keys, size and immutability")
{
    start();
    EXPECT(create(
        &kind_config_map, "default",
        "{\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\"v\"},\"binaryData\":{\"b\":\"AQ==\"}}"));
    EXPECT(!create(&kind_config_map, "default",
                   "{\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\"v\",\"..x\":\"\"},"
                   "\"binaryData\":{\"k\":\"\"}}"));
    EXPECT_TEXT(
        status.message,
        "ConfigMap \"a\" is invalid: [data[..x]: Invalid value: \"..x\": must not start with "
        "'..', data[k]: Invalid value: \"k\": duplicate of key present in binaryData]");
    char *big = arena_alloc(&arena, 1024 * 1024 + 2);
    memset(big, 'x', 1024 * 1024);
    EXPECT(create(
        &kind_config_map, "default",
        arena_format(&arena, "{\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\"%s\"}}", big)));
    big[1024 * 1024] = 'x';
    EXPECT(!create(
        &kind_config_map, "default",
        arena_format(&arena, "{\"metadata\":{\"name\":\"a\"},\"data\":{\"k\":\"%s\"}}", big)));
    EXPECT_TEXT(status.message,
                "ConfigMap \"a\" is invalid: : Too long: may not be more than 1048576 bytes");
    struct field_errors errors;
    field_errors_init(&errors, &arena);
    kind_config_map.validate_update(&context, tree("{\"data\":{\"k\":\"w\"}}"),
                                    tree("{\"immutable\":true,\"data\":{\"k\":\"v\"}}"), &errors);
    EXPECT_EQ(errors.count, 2);
    EXPECT_TEXT(errors.first->detail, "field is immutable when `immutable` is set");
    end();
}

TEST("a Namespace is born Active, waits for its finalizer and is Terminating meanwhile")
{
    start();
    struct json *object = create(&kind_namespace, "", "{\"metadata\":{\"name\":\"team\"}}");
    EXPECT(object);
    EXPECT_TEXT(at(object, "spec"), "{\"finalizers\":[\"kubernetes\"]}");
    EXPECT_TEXT(at(object, "status"), "{\"phase\":\"Active\"}");
    EXPECT_TEXT(at(object, "metadata.labels"), "{\"kubernetes.io/metadata.name\":\"team\"}");
    EXPECT_EQ(delete_with(&kind_namespace, object, NULL), 0);
    EXPECT_EQ(outcome, DELETION_MARKS);
    EXPECT_TEXT(at(object, "status"), "{\"phase\":\"Terminating\"}");
    EXPECT_TEXT(at(object, "metadata.deletionGracePeriodSeconds"), "absent");
    json_remove(json_get(object, "spec"), "finalizers");
    EXPECT_EQ(delete_with(&kind_namespace, object, NULL), 0);
    EXPECT_EQ(outcome, DELETION_REMOVES);
    end();
}

TEST("a generated name of a Namespace is its label too, also the second one")
{
    start();
    struct json *object =
        create(&kind_namespace, "", "{\"metadata\":{\"generateName\":\"team-\"}}");
    EXPECT(object);
    EXPECT(slice_equal(meta_label(object, "kubernetes.io/metadata.name"), meta_name(object)));
    EXPECT(strategy_generate_name_again(&context, &seeded.random, object));
    EXPECT(slice_equal(meta_label(object, "kubernetes.io/metadata.name"), meta_name(object)));
    end();
}
