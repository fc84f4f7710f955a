#include "api/bootstrap.h"

#include "api/bootstrap_objects.h"
#include "api/bootstrap_rbac.h"
#include "core/json.h"
#include "core/kinds/meta.h"
#include "core/kinds/object.h"
#include "core/kinds/registry.h"

static const char *const groups[] = {"system:masters", "system:authenticated", NULL};
const struct user user_apiserver = {.name = "system:apiserver", .uid = "", .groups = groups};

static const struct kind *kind_of(struct bootstrap *bootstrap, const struct json *object)
{
    struct slice version = json_string(json_get(object, "apiVersion"));
    struct slice group = SLICE("");
    if (slice_find(version, '/') >= 0)
        slice_split(&version, '/', &group);
    return registry_by_kind(bootstrap->api->registry, group, version,
                            json_string(json_get(object, "kind")));
}

struct json *bootstrap_read(struct bootstrap *bootstrap, const struct json *object)
{
    const struct kind *kind = kind_of(bootstrap, object);
    struct buffer key = {0};
    key_append(&key, kind->group, kind->resource, meta_namespace(object), meta_name(object));
    const struct object *there = store_get(bootstrap->api->store, HEAD, buffer_slice(&key));
    buffer_release(&key);
    if (!there)
        return NULL;
    struct status status;
    status_init(&status);
    struct json *tree = json_parse(&bootstrap->arena, object_body(there), NULL, &status);
    status_release(&status);
    return tree;
}

static struct commit_write *new_write(struct bootstrap *bootstrap)
{
    struct commit *commit = &bootstrap->commit;
    if (commit->count == bootstrap->capacity) {
        size_t capacity = bootstrap->capacity * 2 + 64;
        struct commit_write *writes = ARENA_ARRAY(&bootstrap->arena, struct commit_write, capacity);
        if (commit->count > 0)
            memcpy(writes, commit->writes, commit->count * sizeof(*writes));
        commit->writes = writes;
        bootstrap->capacity = capacity;
    }
    return &commit->writes[commit->count++];
}

void bootstrap_add(struct bootstrap *bootstrap, const char *verb, const struct json *object)
{
    const struct kind *kind = kind_of(bootstrap, object);
    struct buffer body = {0};
    bool is_create = strcmp(verb, "create") == 0;
    if (strcmp(verb, "delete") != 0)
        json_print(object, &body);
    *new_write(bootstrap) = (struct commit_write){
        .verb = verb,
        .path = {.group = kind->group,
                 .version = kind->version,
                 .resource = kind->resource,
                 .namespace = meta_namespace(object),
                 .name = is_create ? SLICE("") : meta_name(object)},
        .body = {arena_copy_slice(&bootstrap->arena, buffer_slice(&body)), body.size},
        .expected = -1,
    };
    buffer_release(&body);
}

static void add_missing(struct bootstrap *bootstrap, const struct bootstrap_object *object)
{
    struct arena *arena = &bootstrap->arena;
    struct status status;
    const char *text = arena_format(
        arena, "{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\"}%s%s}",
        object->api_version, object->kind, object->name, *object->rest ? "," : "", object->rest);
    status_init(&status);
    struct json *tree = json_parse(arena, slice_of(text), NULL, &status);
    PRE(tree != NULL);
    status_release(&status);
    if (!bootstrap_read(bootstrap, tree))
        bootstrap_add(bootstrap, "create", tree);
}

static void committed(struct commit *commit)
{
    struct bootstrap *bootstrap = CONTAINER_OF(commit, struct bootstrap, commit);
    bootstrap->api->is_ready = status_ok(&commit->status);
    bootstrap->done(bootstrap);
}

void bootstrap_start(struct bootstrap *bootstrap, struct api *api,
                     void (*done)(struct bootstrap *bootstrap))
{
    memset(bootstrap, 0, sizeof(*bootstrap));
    bootstrap->api = api;
    bootstrap->done = done;
    arena_init(&bootstrap->arena);
    status_init(&bootstrap->commit.status);
    bootstrap->client = api_client_create(api, &user_apiserver);
    bootstrap->commit.done = committed;
    for (size_t i = 0; i < bootstrap_object_count; i++)
        add_missing(bootstrap, &bootstrap_objects[i]);
    bootstrap_add_rbac(bootstrap);
    bootstrap->client->operations->commit(bootstrap->client, &bootstrap->commit);
}

void bootstrap_release(struct bootstrap *bootstrap)
{
    api_client_destroy(bootstrap->client);
    status_release(&bootstrap->commit.status);
    arena_release(&bootstrap->arena);
    *bootstrap = (struct bootstrap){0};
}
