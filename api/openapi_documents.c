#include "api/openapi_documents.h"

#include "api/document.h"
#include "api/negotiate.h"
#include "api/openapi.h"
#include "api/openapi_v2.h"
#include "api/subresource.h"
#include "core/map.h"

struct waiter {
    struct list link;
    struct request *request;
    void (*reply)(struct openapi_documents *documents, struct request *request);
};

struct openapi_documents {
    const struct registry *registry;
    struct document index; /* /openapi/v3 */
    struct map v3;         /* "api/v1" -> struct document * */
    struct document v2[2]; /* As JSON, and as protobuf. */
    enum { UNMADE, MAKING, MADE } state;
    struct task task;
    struct list waiters;   /* While MAKING; in their requests' arenas. */
};

struct openapi_documents *openapi_documents_create(const struct registry *registry)
{
    struct openapi_documents *documents = mem_alloc(sizeof(*documents));
    documents->registry = registry;
    map_init(&documents->v3);
    list_init(&documents->waiters);
    return documents;
}

void openapi_documents_destroy(struct openapi_documents *documents)
{
    if (!documents)
        return;
    PRE(documents->state != MAKING);
    size_t cursor = 0;
    struct map_entry entry;
    while (map_next(&documents->v3, &cursor, &entry)) {
        document_release(entry.value);
        mem_free(entry.value);
    }
    map_release(&documents->v3);
    document_release(&documents->index);
    document_release(&documents->v2[0]);
    document_release(&documents->v2[1]);
    mem_free(documents);
}

/* --- Making, on a worker --- */

static const char *path_of(struct arena *arena, const struct kind *kind)
{
    return *kind->group ? arena_format(arena, "apis/%s/%s", kind->group, kind->version)
                        : arena_format(arena, "api/%s", kind->version);
}

static const struct document *make_v3(struct openapi_documents *documents, struct slice path)
{
    struct document *document = mem_alloc(sizeof(*document));
    bool found = openapi_append_group_version(documents->registry, path, &document->text);
    PRE(found);
    document_finish(document);
    map_set(&documents->v3, path, document);
    return document;
}

static void make_index(struct openapi_documents *documents)
{
    struct arena arena;
    arena_init(&arena);
    struct json *index = json_new_object(&arena);
    struct json *paths = json_ensure_object(&arena, index, "paths");
    for (size_t i = 0; i < registry_count(documents->registry); i++) {
        const struct kind *kind = registry_at(documents->registry, i);
        const char *path = path_of(&arena, kind);
        if (!kind_is_served(kind) || json_get_slice(paths, slice_of(path)))
            continue;
        const struct document *document = make_v3(documents, slice_of(path));
        struct json *entry = json_new_object(&arena);
        json_set_text(&arena, entry, "serverRelativeURL",
                      arena_format(&arena, "/openapi/v3/%s?hash=%s", path, document->hash));
        json_set_slice(&arena, paths, slice_of(path), entry);
    }
    json_print(index, &documents->index.text);
    document_finish(&documents->index);
    arena_release(&arena);
}

static void make_all(struct task *task)
{
    struct openapi_documents *documents = CONTAINER_OF(task, struct openapi_documents, task);
    make_index(documents);
    for (int as_protobuf = 0; as_protobuf < 2; as_protobuf++) {
        struct document *document = &documents->v2[as_protobuf];
        openapi_v2_append(documents->registry, as_protobuf, &document->text);
        document_finish(document);
    }
}

static void all_made(struct task *task)
{
    struct openapi_documents *documents = CONTAINER_OF(task, struct openapi_documents, task);
    documents->state = MADE;
    while (!list_is_empty(&documents->waiters)) {
        struct waiter *waiter =
            CONTAINER_OF(list_pop_front(&documents->waiters), struct waiter, link);
        waiter->reply(documents, waiter->request); /* Frees the waiter. */
    }
}

static void when_made(struct openapi_documents *documents, struct request *request,
                      void (*reply)(struct openapi_documents *, struct request *))
{
    if (documents->state == MADE) {
        reply(documents, request);
        return;
    }
    struct waiter *waiter = ARENA_NEW(&request->arena, struct waiter);
    waiter->request = request;
    waiter->reply = reply;
    list_push_back(&documents->waiters, &waiter->link);
    request_wait(request);
    if (documents->state == MAKING)
        return;
    documents->state = MAKING;
    documents->task = (struct task){.work = make_all, .done = all_made};
    loop_submit(request->api->loop, LANE_WORKERS, &documents->task);
}

/* --- Serving --- */

static void reply_v3(struct openapi_documents *documents, struct request *request)
{
    const char *path = request->info.path + strlen("/openapi/v3");
    if (*path == '\0') {
        document_reply(&documents->index, request, "application/json");
        return;
    }
    const struct document *document = map_get(&documents->v3, slice_of(path + 1));
    if (!document) {
        (void)status_fail(&request->status, STATUS_NOT_FOUND,
                          "the server could not find the requested resource");
        request_fail(request);
        return;
    }
    if (query_get(request->query, "hash").size > 0)
        request_add_header(request, "Cache-Control", "public, immutable");
    document_reply(document, request, "application/json");
}

static void reply_v2(struct openapi_documents *documents, struct request *request)
{
    /* Older clients write "@" for the last dot but one. */
    static const char wire_type[] = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
    static const char old_type[] = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    struct slice wanted = media_type(request->accept);
    bool as_protobuf = slice_is(wanted, wire_type) || slice_is(wanted, old_type);
    document_reply(&documents->v2[as_protobuf], request,
                   as_protobuf ? wire_type : "application/json");
}

void openapi_serve_v3(struct api *api, struct request *request)
{
    when_made(api->openapi, request, reply_v3);
}

void openapi_serve_v2(struct api *api, struct request *request)
{
    when_made(api->openapi, request, reply_v2);
}
