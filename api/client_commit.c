/* commit(): many writes of one component as one transaction.
 *
 * Each write becomes a request of the component's user and passes routing,
 * authorization, admission and validation like any other; only then all are
 * one transaction. So a gang is bound whole or not at all. */
#include "api/audit.h"
#include "api/client_local.h"
#include "api/verbs.h"
#include "api/write.h"
#include "core/client/request_text.h"

struct commit_job {
    struct client_local *client;
    struct commit *commit;
    struct request *requests;
    struct buffer *paths;
    struct txn txn;
    struct message message;
};

/* What became of one write is what became of all. */
static void tell_audit(const struct commit *commit, struct request *request)
{
    if (!request->audit.is_open)
        return;
    if (!status_ok(&commit->status) && status_ok(&request->status))
        status_copy(&request->status, &commit->status);
    if (request->reply.code == 0)
        request->reply.code = 200;
    audit_end(request);
}

static void free_job(struct commit_job *job)
{
    for (size_t i = 0; i < job->commit->count; i++) {
        tell_audit(job->commit, &job->requests[i]);
        request_release(&job->requests[i]);
        buffer_release(&job->paths[i]);
    }
    status_release(&job->txn.status);
    mem_free(job->requests);
    mem_free(job->paths);
    mem_free(job);
}

static void deliver(struct message *message)
{
    struct commit_job *job = CONTAINER_OF(message, struct commit_job, message);
    struct commit *commit = job->commit;
    commit->revision = job->txn.last_revision;
    free_job(job);
    commit->done(commit);
}

static void finish(struct commit_job *job)
{
    job->message.deliver = deliver;
    loop_post(job->client->api->loop, &job->message);
}

static void committed(struct txn *txn)
{
    struct commit_job *job = CONTAINER_OF(txn, struct commit_job, txn);
    status_copy(&job->commit->status, &txn->status);
    finish(job);
}

static int check_expected(struct request *request, const struct plan *plan, int64_t expected)
{
    if (expected < 0)
        return 0;
    const struct object *object = plan_get(plan, request_key(request));
    if (object && object->revision == expected)
        return 0;
    return status_conflict(&request->status, request->info.group, request->info.resource,
                           arena_copy_slice(&request->arena, request->info.name),
                           status_modified_text);
}

static int plan_write(struct commit_job *job, size_t index, struct plan *plan)
{
    const struct commit_write *write = &job->commit->writes[index];
    struct request *request = &job->requests[index];
    resource_path_append(&write->path, &job->paths[index]);
    request->method = slice_of(request_method_of(write->verb));
    request->path = buffer_slice(&job->paths[index]);
    request->content_type = strcmp(write->verb, "patch") == 0
                                ? SLICE("application/strategic-merge-patch+json")
                                : SLICE("application/json");
    request->body = write->body;
    request->user = job->client->user;
    request->user_agent = slice_of(job->client->user->name);
    request->is_local = true;
    if (request_decide(job->client->api, request))
        return -1;
    write_plan_fn *planner = write_planner(request);
    PRE(planner != NULL);
    return check_expected(request, plan, write->expected) || planner(request, plan) ? -1 : 0;
}

static int plan_all(struct commit_job *job, struct plan *plan)
{
    struct commit *commit = job->commit;
    for (size_t i = 0; i < commit->count; i++) {
        if (plan_write(job, i, plan) == 0)
            continue;
        commit->failed_write = i;
        status_copy(&commit->status, &job->requests[i].status);
        return -1;
    }
    return 0;
}

void client_local_commit(struct client *client, struct commit *commit)
{
    struct client_local *own = CONTAINER_OF(client, struct client_local, client);
    struct commit_job *job = mem_alloc(sizeof(*job));
    job->client = own;
    job->commit = commit;
    job->requests = mem_alloc(sizeof(*job->requests) * (commit->count + 1));
    job->paths = mem_alloc(sizeof(*job->paths) * (commit->count + 1));
    for (size_t i = 0; i < commit->count; i++)
        request_init(&job->requests[i]);
    struct plan plan;
    plan_init(&plan, own->api->store);
    int failed = plan_all(job, &plan);
    if (!failed) {
        struct txn_write *writes;
        job->txn.done = committed;
        job->txn.is_relaxed = plan.count > 0 && plan.is_relaxed;
        size_t count = plan_take(&plan, &writes);
        failed = store_transact(own->api->store, &job->txn, writes, count, &commit->failed_write,
                                &commit->status);
    }
    plan_release(&plan);
    if (failed)
        finish(job);
}
