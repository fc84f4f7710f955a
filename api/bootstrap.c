#include "api/bootstrap.h"

#include "api/bootstrap_objects.h"
#include "core/kinds/registry.h"
#include "core/kinds/object.h"

static const char *const groups[] = {"system:masters", "system:authenticated", NULL};
const struct user user_apiserver = {.name = "system:apiserver", .uid = "", .groups = groups};

static bool exists(struct api *api, const struct kind *kind, const char *name)
{
    struct buffer key = {0};
    key_append(&key, kind->group, kind->resource, (struct slice){0}, slice_of(name));
    bool found = store_get(api->store, HEAD, buffer_slice(&key)) != NULL;
    buffer_release(&key);
    return found;
}

static void add_write(struct bootstrap *bootstrap, const struct kind *kind, struct slice body)
{
    bootstrap->commit.writes[bootstrap->commit.count++] = (struct commit_write){
        .verb = "create",
        .path = {.group = kind->group, .version = kind->version, .resource = kind->resource},
        .body = body,
        .expected = -1,
    };
}

static void add_missing(struct bootstrap *bootstrap, const struct bootstrap_object *object)
{
    const struct kind *kind = registry_by_kind(bootstrap->api->registry, slice_of(object->group),
                                               slice_of(object->version), slice_of(object->kind));
    if (!kind || exists(bootstrap->api, kind, object->name))
        return;
    const char *api_version =
        *object->group ? arena_format(&bootstrap->arena, "%s/%s", object->group, object->version)
                       : object->version;
    const char *body = arena_format(
        &bootstrap->arena,
        "{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\"%s}%s%s}", api_version,
        object->kind, object->name, object->metadata, *object->rest ? "," : "", object->rest);
    add_write(bootstrap, kind, slice_of(body));
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
    bootstrap->commit.writes =
        ARENA_ARRAY(&bootstrap->arena, struct commit_write,
                    bootstrap_object_count + bootstrap_controller_count);
    for (size_t i = 0; i < bootstrap_object_count; i++)
        add_missing(bootstrap, &bootstrap_objects[i]);
    for (size_t i = 0; i < bootstrap_controller_count; i++)
        add_missing(bootstrap, &bootstrap_controllers[i]);
    bootstrap->client->operations->commit(bootstrap->client, &bootstrap->commit);
}

void bootstrap_release(struct bootstrap *bootstrap)
{
    api_client_destroy(bootstrap->client);
    status_release(&bootstrap->commit.status);
    arena_release(&bootstrap->arena);
    *bootstrap = (struct bootstrap){0};
}
