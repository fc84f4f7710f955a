#include "kubelet-lite/write_batch.h"

struct write_batch {
    struct client *client;
    struct commit commit;
    struct arena arena;
    void **owners;
    size_t capacity;
    write_ended_fn *ended;
    void (*finished)(void *context);
    void *context;
};

struct write_batch *write_batch_create(struct client *client, size_t capacity)
{
    struct write_batch *batch = mem_alloc(sizeof(*batch));
    batch->client = client;
    batch->capacity = capacity;
    arena_init(&batch->arena);
    status_init(&batch->commit.status);
    batch->commit.writes = ARENA_ARRAY(&batch->arena, struct commit_write, capacity);
    batch->owners = ARENA_ARRAY(&batch->arena, void *, capacity);
    return batch;
}

static void destroy(struct write_batch *batch)
{
    status_release(&batch->commit.status);
    arena_release(&batch->arena);
    mem_free(batch);
}

struct arena *write_batch_arena(struct write_batch *batch)
{
    return &batch->arena;
}

size_t write_batch_count(const struct write_batch *batch)
{
    return batch->commit.count;
}

bool write_batch_has_room(const struct write_batch *batch, size_t more)
{
    return batch->commit.count + more <= batch->capacity;
}

static struct slice print(struct arena *arena, const struct json *body)
{
    struct buffer text = {0};
    if (!body)
        return (struct slice){0};
    json_print(body, &text);
    struct slice printed = {arena_copy_slice(arena, buffer_slice(&text)), text.size};
    buffer_release(&text);
    return printed;
}

void write_batch_add(struct write_batch *batch, const char *verb, const struct resource_path *path,
                     const struct json *body, void *owner)
{
    PRE(write_batch_has_room(batch, 1));
    size_t index = batch->commit.count++;
    batch->owners[index] = owner;
    batch->commit.writes[index] = (struct commit_write){
        .verb = verb,
        .path = *path,
        .body = print(&batch->arena, body),
        .expected = -1,
    };
}

/* Whether the commit failed because of one write, which then is commit.failed_write. */
static bool is_one_refused(const struct status *status)
{
    switch (status->reason) {
    case STATUS_BAD_REQUEST:
    case STATUS_FORBIDDEN:
    case STATUS_NOT_FOUND:
    case STATUS_ALREADY_EXISTS:
    case STATUS_CONFLICT:
    case STATUS_INVALID:
    case STATUS_METHOD_NOT_ALLOWED:
    case STATUS_REQUEST_ENTITY_TOO_LARGE: return true;
    default: return false;
    }
}

static enum write_outcome outcome_of(const struct write_batch *batch, const void *owner)
{
    const struct commit *commit = &batch->commit;
    if (status_ok(&commit->status))
        return WRITE_DONE;
    if (!is_one_refused(&commit->status) || commit->failed_write >= commit->count)
        return WRITE_FAILED;
    return batch->owners[commit->failed_write] == owner ? WRITE_REFUSED : WRITE_AGAIN;
}

static void committed(struct commit *commit)
{
    struct write_batch *batch = CONTAINER_OF(commit, struct write_batch, commit);
    for (size_t i = 0; i < commit->count; i++) {
        void *owner = batch->owners[i];
        if (i == 0 || owner != batch->owners[i - 1])
            batch->ended(batch->context, owner, outcome_of(batch, owner), &commit->status);
    }
    batch->finished(batch->context);
    destroy(batch);
}

void write_batch_commit(struct write_batch *batch, write_ended_fn *ended,
                        void (*finished)(void *context), void *context)
{
    if (batch->commit.count == 0) {
        destroy(batch);
        return;
    }
    batch->ended = ended;
    batch->finished = finished;
    batch->context = context;
    batch->commit.done = committed;
    batch->client->operations->commit(batch->client, &batch->commit);
}
