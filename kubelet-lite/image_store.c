/* Verbs of the store. What touches files runs on LANE_HOST; pulls run one after the other, as
 * the kubelet's do unless told otherwise (serializeImagePulls), so that what two of them want
 * both is fetched once. */
#include "kubelet-lite/image_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/file.h"
#include "core/map.h"
#include "kubelet-lite/image_files.h"
#include "kubelet-lite/image_load.h"
#include "kubelet-lite/image_pull.h"

struct image_store {
    struct loop *loop;
    struct image_files files;
    struct registries registries;
    struct list waiting;      /* Pulls that wait for their turn. */
    bool is_pulling;
};

struct operation {
    struct image_store *store;
    struct image_call *call;
    struct task task;
    struct message message;
    struct list link;
    struct image_request request;
    struct image_reference reference;
    const char *text;         /* A path, a name. */
    bool is_pull_due;
    int64_t bytes, not_after_us;
    int64_t began_us;
};

void image_call_init(struct image_call *call, void (*done)(struct image_call *call))
{
    *call = (struct image_call){.done = done};
    arena_init(&call->arena);
    status_init(&call->status);
}

void image_call_release(struct image_call *call)
{
    arena_release(&call->arena);
    status_release(&call->status);
}

/* --- Life --- */

struct image_store *image_store_open(struct loop *loop, const struct image_store_options *options,
                                     struct status *status)
{
    struct image_store *store = mem_alloc(sizeof(*store));
    store->loop = loop;
    store->files = (struct image_files){.folder = mem_copy_text(options->directory),
                                        .allows_host_image = options->allows_host_image};
    list_init(&store->waiting);
    if (registries_init(&store->registries, options->registries, status) ||
        image_files_prepare(&store->files, status) ||
        (options->allows_host_image && image_host_prepare(&store->files, status))) {
        image_store_close(store);
        return NULL;
    }
    return store;
}

void image_store_close(struct image_store *store)
{
    if (!store)
        return;
    PRE(!store->is_pulling && list_is_empty(&store->waiting));
    registries_release(&store->registries);
    mem_free(store->files.folder);
    mem_free(store);
}

static struct operation *begin(struct image_store *store, struct image_call *call)
{
    struct operation *operation = mem_alloc(sizeof(*operation));
    operation->store = store;
    operation->call = call;
    list_init(&operation->link);
    return operation;
}

static void finish(struct operation *operation)
{
    struct image_call *call = operation->call;
    mem_free(operation);
    call->done(call);
}

static void finish_task(struct task *task)
{
    finish(CONTAINER_OF(task, struct operation, task));
}

static void submit(struct operation *operation, void (*work)(struct task *),
                   void (*done)(struct task *))
{
    operation->task = (struct task){.work = work, .done = done};
    loop_submit(operation->store->loop, LANE_HOST, &operation->task);
}

static void finish_message(struct message *message)
{
    finish(CONTAINER_OF(message, struct operation, message));
}

static void finish_soon(struct operation *operation)
{
    operation->message.deliver = finish_message;
    loop_post(operation->store->loop, &operation->message);
}

/* --- Ensure --- */

static void describe(struct operation *operation, const char *id)
{
    struct image_call *call = operation->call;
    image_files_touch(&operation->store->files, id);
    if (image_files_describe(&operation->store->files, &call->arena, id, false, &call->image,
                             &call->status))
        call->reason = "ErrImagePull";
}

static const char *find(const struct image_store *store, struct arena *arena,
                        const struct image_reference *reference)
{
    const char *id = image_files_resolve(&store->files, arena, reference->name);
    struct image_name *names = *reference->digest ? image_files_names(&store->files, arena) : NULL;
    const char *wanted =
        arena_format(arena, "%s/%s@%s", reference->domain, reference->path, reference->digest);
    for (; !id && names; names = names->next)
        if (strcmp(names->digest, wanted) == 0)
            id = names->id;
    return id;
}

static void look_up(struct task *task)
{
    struct operation *operation = CONTAINER_OF(task, struct operation, task);
    struct image_call *call = operation->call;
    const struct image_request *request = &operation->request;
    const char *id = find(operation->store, &call->arena, &operation->reference);
    if (id && request->policy != IMAGE_ALWAYS) {
        describe(operation, id);
    } else if (request->policy == IMAGE_NEVER) {
        call->reason = "ErrImageNeverPull";
        status_fail(&call->status, STATUS_NOT_FOUND,
                    "Container image \"%s\" is not present with pull policy of Never",
                    request->reference);
    } else {
        operation->is_pull_due = true;
    }
}

static void pull_next(struct image_store *store);

static void describe_pulled(struct task *task)
{
    struct operation *operation = CONTAINER_OF(task, struct operation, task);
    describe(operation, operation->text);
}

static void pulled(void *context, const char *id, int64_t bytes, const struct status *status)
{
    struct operation *operation = context;
    struct image_store *store = operation->store;
    struct image_call *call = operation->call;
    store->is_pulling = false;
    call->was_pulled = id != NULL;
    call->pull_bytes = bytes;
    call->pull_us = clock_steady_us(loop_clock(store->loop)) - operation->began_us;
    if (id) {
        operation->text = arena_copy_text(&call->arena, id);
        submit(operation, describe_pulled, finish_task);
    } else {
        call->reason = "ErrImagePull";
        status_copy(&call->status, status);
        status_wrap(&call->status, "failed to pull and unpack image \"%s\"",
                    operation->reference.name);
        finish(operation);
    }
    pull_next(store);
}

static void pull_next(struct image_store *store)
{
    struct list *link = store->is_pulling ? NULL : list_pop_front(&store->waiting);
    if (!link)
        return;
    struct operation *operation = CONTAINER_OF(link, struct operation, link);
    const struct image_pull_options options = {
        .files = &store->files,
        .registries = &store->registries,
        .reference = &operation->reference,
        .secrets = operation->request.secrets,
        .done = pulled,
        .context = operation,
    };
    store->is_pulling = true;
    image_pull_open(store->loop, &options);
}

static void looked_up(struct task *task)
{
    struct operation *operation = CONTAINER_OF(task, struct operation, task);
    if (!operation->is_pull_due) {
        finish(operation);
        return;
    }
    if (operation->call->pulling)
        operation->call->pulling(operation->call);
    operation->began_us = clock_steady_us(loop_clock(operation->store->loop));
    list_push_back(&operation->store->waiting, &operation->link);
    pull_next(operation->store);
}

static void ensure_host(struct operation *operation)
{
    struct image_call *call = operation->call;
    image_host_describe(&call->arena, &call->image);
    if (!operation->store->files.allows_host_image) {
        call->reason = "ErrImagePull";
        status_fail(&call->status, STATUS_FORBIDDEN,
                    "image " IMAGE_HOST " is not allowed on this node: it was not started with "
                    "--allow-host-image");
    }
    finish_soon(operation);
}

void image_store_ensure(struct image_store *store, const struct image_request *request,
                        struct image_call *call)
{
    struct operation *operation = begin(store, call);
    operation->request = *request;
    if (image_is_host(request->reference)) {
        ensure_host(operation);
    } else if (image_reference_parse(&call->arena, request->reference, &operation->reference,
                                     &call->status)) {
        call->reason = "InvalidImageName";
        status_wrap(&call->status, "Failed to apply default image tag \"%s\"", request->reference);
        finish_soon(operation);
    } else {
        submit(operation, look_up, looked_up);
    }
}

/* --- Load --- */

static void load(struct task *task)
{
    struct operation *operation = CONTAINER_OF(task, struct operation, task);
    struct image_call *call = operation->call;
    const char *id = NULL;
    if (image_load(&operation->store->files, operation->text, &call->arena, &id, &call->status) ==
        0)
        describe(operation, id);
}

void image_store_load(struct image_store *store, const char *path, struct image_call *call)
{
    struct operation *operation = begin(store, call);
    operation->text = path;
    submit(operation, load, finish_task);
}

/* --- List --- */

static bool is_listed(const struct image *images, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(images[i].id, id) == 0)
            return true;
    return false;
}

static void list_all(struct task *task)
{
    struct operation *operation = CONTAINER_OF(task, struct operation, task);
    struct image_call *call = operation->call;
    const struct image_files *files = &operation->store->files;
    struct image_name *names = image_files_names(files, &call->arena);
    size_t count = 1;
    for (const struct image_name *name = names; name; name = name->next)
        count++;
    call->images = ARENA_ARRAY(&call->arena, struct image, count);
    for (const struct image_name *name = names; name; name = name->next) {
        struct status ignored;
        status_init(&ignored);
        if (!is_listed(call->images, call->image_count, name->id) &&
            image_files_describe(files, &call->arena, name->id, true,
                                 &call->images[call->image_count], &ignored) == 0)
            call->image_count++;
        status_release(&ignored);
    }
}

void image_store_list(struct image_store *store, struct image_call *call)
{
    submit(begin(store, call), list_all, finish_task);
}

/* --- Removal --- */

/* Layers of which no other image stands. */
static int remove_layers(const struct image_files *files, struct arena *arena,
                         const struct json *config, const char *id, struct status *status)
{
    struct map kept;
    struct image_name *names = image_files_names(files, arena);
    int failed = 0;
    map_init(&kept);
    for (const struct image_name *name = names; name; name = name->next) {
        struct status ignored;
        status_init(&ignored);
        const struct json *other = image_files_read_config(files, arena, name->id, &ignored);
        for (const char *const *layer = image_files_layers(other, arena); *layer; layer++)
            if (strcmp(name->id, id) != 0)
                map_set(&kept, slice_of(*layer), &kept);
        status_release(&ignored);
    }
    for (const char *const *layer = image_files_layers(config, arena); !failed && *layer; layer++) {
        const char *path = image_files_layer(files, arena, *layer);
        if (map_get(&kept, slice_of(*layer)))
            continue;
        /* First out of the way, so that it is there whole or not at all. */
        const char *aside = image_files_temporary(files, arena, "removed");
        if (rename(path, aside) == 0)
            failed = folder_remove(aside, status);
        if (unlink(arena_format(arena, "%s.size", path)) < 0)
            errno = 0;
    }
    map_release(&kept);
    return failed;
}

static int remove_image(const struct image_files *files, struct arena *arena, const char *id,
                        int64_t *freed, struct status *status)
{
    struct image image;
    const struct json *config = image_files_read_config(files, arena, id, status);
    if (!config || image_files_describe(files, arena, id, true, &image, status))
        return -1;
    if (image.is_used)
        return status_fail(status, STATUS_CONFLICT, "image %s is used by a container", id);
    for (struct image_name *name = image_files_names(files, arena); name; name = name->next)
        if (strcmp(name->id, id) == 0 && unlink(name->path) < 0)
            return status_fail(status, STATUS_INTERNAL_ERROR, "%s: %s", name->path,
                               strerror(errno));
    *freed += image.size_bytes;
    return remove_layers(files, arena, config, id, status) ||
           folder_remove(image_files_path(files, arena, "configs", strchr(id, ':') + 1), status);
}

static bool has_other_names(const struct image_files *files, struct arena *arena, const char *id,
                            const char *name)
{
    for (struct image_name *other = image_files_names(files, arena); other; other = other->next)
        if (strcmp(other->id, id) == 0 && strcmp(other->name, name) != 0)
            return true;
    return false;
}

static void remove_one(struct task *task)
{
    struct operation *operation = CONTAINER_OF(task, struct operation, task);
    const struct image_files *files = &operation->store->files;
    struct image_call *call = operation->call;
    struct arena *arena = &call->arena;
    struct image_reference reference;
    const char *id = NULL, *text = operation->text;
    if (image_digest_is_valid(slice_of(text)))
        id = text;
    else if (image_reference_parse(arena, text, &reference, &call->status))
        return;
    else
        id = find(operation->store, arena, &reference);
    if (!id) {
        status_fail(&call->status, STATUS_NOT_FOUND, "there is no image \"%s\"", text);
    } else if (id != text && has_other_names(files, arena, id, reference.name)) {
        for (struct image_name *name = image_files_names(files, arena); name; name = name->next)
            if (strcmp(name->name, reference.name) == 0 && unlink(name->path) < 0)
                status_fail(&call->status, STATUS_INTERNAL_ERROR, "%s: %s", name->path,
                            strerror(errno));
    } else if (remove_image(files, arena, id, &call->freed_bytes, &call->status)) {
        status_wrap(&call->status, "remove");
    }
}

void image_store_remove(struct image_store *store, const char *reference, struct image_call *call)
{
    struct operation *operation = begin(store, call);
    operation->text = reference;
    submit(operation, remove_one, finish_task);
}

static int older_first(const void *a, const void *b)
{
    const struct image *left = a, *right = b;
    return (left->used_us > right->used_us) - (left->used_us < right->used_us);
}

static void collect(struct task *task)
{
    struct operation *operation = CONTAINER_OF(task, struct operation, task);
    struct image_call *call = operation->call;
    list_all(task);
    if (call->image_count > 0)
        qsort(call->images, call->image_count, sizeof(*call->images), older_first);
    for (size_t i = 0; i < call->image_count && call->freed_bytes < operation->bytes; i++) {
        const struct image *image = &call->images[i];
        if (!image->is_used && image->used_us <= operation->not_after_us &&
            remove_image(&operation->store->files, &call->arena, image->id, &call->freed_bytes,
                         &call->status))
            return;
    }
}

void image_store_collect(struct image_store *store, int64_t bytes, int64_t not_after_us,
                         struct image_call *call)
{
    struct operation *operation = begin(store, call);
    operation->bytes = bytes;
    operation->not_after_us = not_after_us;
    submit(operation, collect, finish_task);
}

/* --- Mounts --- */

int image_mount(const struct image_store *store, const char *id, const char *bundle,
                struct status *status)
{
    struct arena arena;
    if (strcmp(id, IMAGE_HOST_ID) == 0)
        return image_host_mount(&store->files, bundle, status);
    arena_init(&arena);
    const struct json *config = image_files_read_config(&store->files, &arena, id, status);
    const char *const *ids = image_files_layers(config, &arena);
    const char **names =
        ARENA_ARRAY(&arena, const char *, json_count(json_at(config, "rootfs.diff_ids")) + 2);
    size_t count = 0;
    int failed = config ? 0 : -1;
    for (; !failed && *ids; ids++) {
        names[count++] = strrchr(image_files_layer(&store->files, &arena, *ids), '/') + 1;
        if (!image_files_has_layer(&store->files, *ids))
            failed =
                status_fail(status, STATUS_NOT_FOUND, "layer %s of image %s is missing", *ids, id);
    }
    if (!failed && count == 0)
        failed = status_fail(status, STATUS_BAD_REQUEST, "image %s has no layers", id);
    if (!failed)
        failed = image_overlay_mount(image_files_path(&store->files, &arena, "layers", "."), names,
                                     bundle, status);
    arena_release(&arena);
    return failed ? -1 : 0;
}
