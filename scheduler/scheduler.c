#include "scheduler/scheduler.h"

#include <stdio.h>

#include "core/client/recorder.h"
#include "core/kinds/view.h"
#include "scheduler/cluster_state.h"
#include "scheduler/groups.h"
#include "scheduler/outcome.h"
#include "scheduler/schedule_group.h"

enum {
    STEP_US = 1000, /* A step of the loop decides no longer than this, about. */
    BACKOFF_MIN_US = 100000,
    BACKOFF_MAX_US = 10000000,
};

struct scheduler {
    struct client *client;
    struct trace *trace;
    struct recorder *recorder;
    struct cluster_state state;
    struct groups groups;
    struct head_follower followers[4];
    struct message message;
    struct timer backoff;
    int64_t backoff_us;
    bool is_posted;
    bool is_stopped;
    size_t commits_under_way;
    struct scheduler_counts counts;
};

static void post(struct scheduler *scheduler)
{
    if (scheduler->is_posted || scheduler->is_stopped || timer_is_running(&scheduler->backoff) ||
        !heap_first(&scheduler->groups.queue))
        return;
    scheduler->is_posted = true;
    loop_post(scheduler->client->loop, &scheduler->message);
}

static void destroy_if_idle(struct scheduler *scheduler)
{
    if (!scheduler->is_stopped || scheduler->is_posted || scheduler->commits_under_way > 0)
        return;
    recorder_destroy(scheduler->recorder);
    groups_release(&scheduler->groups);
    cluster_state_release(&scheduler->state);
    mem_free(scheduler);
}

/* --- Commits --- */

struct commit_job {
    struct commit commit;
    struct scheduler *scheduler;
    struct outcome outcome;
};

static void back_off(struct scheduler *scheduler)
{
    scheduler->backoff_us = scheduler->backoff_us == 0 ? BACKOFF_MIN_US : scheduler->backoff_us * 2;
    if (scheduler->backoff_us > BACKOFF_MAX_US)
        scheduler->backoff_us = BACKOFF_MAX_US;
    timer_start_us(&scheduler->backoff, scheduler->backoff_us);
}

static void commit_failed(struct scheduler *scheduler, const struct commit *commit)
{
    scheduler->counts.failed_commits++;
    log_line(LOG_WARN, "a scheduling commit was refused", "write=%zu why=\"%s\"",
             commit->failed_write, commit->status.message);
    /* Refused before it reached head: nothing changed there, so the groups come back by hand. */
    groups_wake(&scheduler->groups);
    back_off(scheduler);
}

static void tell_events(struct scheduler *scheduler, const struct outcome *outcome)
{
    for (size_t i = 0; i < outcome->count; i++) {
        const struct outcome_pod *pod = &outcome->pods[i];
        struct event_subject subject = {
            .kind = "Pod",
            .api_version = "v1",
            .namespace = key_namespace(object_key(pod->object)),
            .name = key_name(object_key(pod->object)),
            .uid = view_uid(pod->object),
        };
        if (pod->node.size > 0)
            recorder_event(
                scheduler->recorder, &subject, "Normal", "Scheduled", "Binding",
                "Successfully assigned " SLICE_FORMAT "/" SLICE_FORMAT " to " SLICE_FORMAT,
                SLICE_ARGS(subject.namespace), SLICE_ARGS(subject.name), SLICE_ARGS(pod->node));
        else
            recorder_event(scheduler->recorder, &subject, "Warning", "FailedScheduling",
                           "Scheduling", "%s", outcome->message);
    }
}

static void commit_done(struct commit *commit)
{
    struct commit_job *job = CONTAINER_OF(commit, struct commit_job, commit);
    struct scheduler *scheduler = job->scheduler;
    scheduler->commits_under_way--;
    if (!scheduler->is_stopped && status_ok(&commit->status)) {
        scheduler->backoff_us = 0;
        tell_events(scheduler, &job->outcome);
    } else if (!scheduler->is_stopped) {
        commit_failed(scheduler, commit);
    }
    outcome_release(&job->outcome);
    status_release(&commit->status);
    mem_free(job);
    post(scheduler);
    destroy_if_idle(scheduler);
}

static void commit_outcome(struct scheduler *scheduler, struct commit_job *job)
{
    job->scheduler = scheduler;
    job->commit.writes = job->outcome.writes;
    job->commit.count = job->outcome.write_count;
    job->commit.done = commit_done;
    status_init(&job->commit.status);
    scheduler->commits_under_way++;
    scheduler->client->operations->commit(scheduler->client, &job->commit);
}

/* --- Decisions --- */

static void trace_decision(struct scheduler *scheduler, const struct group *group,
                           const struct decision *decision, const char *message)
{
    if (!trace_is_on(scheduler->trace, TRACE_SCHEDULER))
        return;
    if (decision->placed > 0)
        trace_line(scheduler->trace, TRACE_SCHEDULER, SLICE_FORMAT " bound (%zu of %zu)",
                   SLICE_ARGS(group->key), decision->placed, group->pod_count);
    else
        trace_line(scheduler->trace, TRACE_SCHEDULER, SLICE_FORMAT " refused: %s%s",
                   SLICE_ARGS(group->key), message, decision->is_proven ? "" : " (not proven)");
}

static void fill_request(const struct group *group, struct arena *arena,
                         struct group_request *request)
{
    const struct shape **shapes = ARENA_ARRAY(arena, const struct shape *, group->pod_count);
    size_t count = 0;
    LIST_EACH(link, &group->pods)
        shapes[count++] = CONTAINER_OF(link, struct waiting_pod, link)->shape;
    int64_t missing = group->min_count - (int64_t)group->bound_count;
    *request = (struct group_request){
        .shapes = shapes,
        .count = count,
        .needed = group->is_gang && missing > 1 ? (size_t)missing : 1,
        .packs = group->is_gang,
    };
}

static void decide(struct scheduler *scheduler, struct group *group)
{
    struct arena arena;
    arena_init(&arena);
    struct group_request request;
    struct decision decision;
    fill_request(group, &arena, &request);
    schedule_group(&request, &scheduler->state, &arena, &decision);
    scheduler->counts.decisions++;
    struct commit_job *job = mem_alloc(sizeof(*job));
    int64_t now_us = clock_wall_us(loop_clock(scheduler->client->loop));
    outcome_make(&job->outcome, group, &decision, now_us);
    trace_decision(scheduler, group, &decision, job->outcome.message);
    if (decision.placed > 0) {
        scheduler->counts.bound_pods += (int64_t)decision.placed;
    } else {
        scheduler->counts.refused++;
        group_refuse(&scheduler->groups, group);
    }
    arena_release(&arena);
    if (job->outcome.write_count > 0) {
        commit_outcome(scheduler, job); /* The group may be gone from here on. */
        return;
    }
    outcome_release(&job->outcome);
    mem_free(job);
}

static void step(struct message *message)
{
    struct scheduler *scheduler = CONTAINER_OF(message, struct scheduler, message);
    struct clock *clock = loop_clock(scheduler->client->loop);
    int64_t until = clock_steady_us(clock) + STEP_US;
    scheduler->is_posted = false;
    struct group *group;
    while (!scheduler->is_stopped && !timer_is_running(&scheduler->backoff) &&
           clock_steady_us(clock) <= until && (group = groups_take(&scheduler->groups)) != NULL)
        decide(scheduler, group);
    post(scheduler);
    destroy_if_idle(scheduler);
}

static void backoff_fired(struct timer *timer)
{
    post(CONTAINER_OF(timer, struct scheduler, backoff));
}

/* --- Head's changes --- */

static bool frees_room(const struct object *old, const struct object *new)
{
    struct facts_pod before;
    struct facts_pod after;
    if (!facts_pod_of(old, &before) || before.node_name.size == 0)
        return false;
    if (!new)
        return true;
    return facts_pod_of(new, &after) &&
           (after.shape != before.shape || after.phase != before.phase);
}

static void pod_changed(struct head_follower *follower, const struct object *old,
                        const struct object *new)
{
    struct scheduler *scheduler = CONTAINER_OF(follower, struct scheduler, followers[0]);
    cluster_state_pod_changed(&scheduler->state, old, new);
    groups_pod_changed(&scheduler->groups, old, new);
    if (frees_room(old, new))
        groups_wake(&scheduler->groups);
    post(scheduler);
}

static bool node_matters(const struct object *old, const struct object *new)
{
    struct slice a = {0};
    struct slice b = {0};
    struct facts_node before;
    struct facts_node after;
    if (!old || !new)
        return new != NULL;
    view_find(object_view(old), VIEW_FACTS, &a);
    view_find(object_view(new), VIEW_FACTS, &b);
    if (!facts_node_read(a, &before) || !facts_node_read(b, &after))
        return true;
    return before.shape != after.shape;
}

static void node_changed(struct head_follower *follower, const struct object *old,
                         const struct object *new)
{
    struct scheduler *scheduler = CONTAINER_OF(follower, struct scheduler, followers[1]);
    cluster_state_node_changed(&scheduler->state, old, new);
    if (node_matters(old, new))
        groups_wake(&scheduler->groups);
    post(scheduler);
}

static void pod_group_changed(struct head_follower *follower, const struct object *old,
                              const struct object *new)
{
    struct scheduler *scheduler = CONTAINER_OF(follower, struct scheduler, followers[2]);
    groups_pod_group_changed(&scheduler->groups, old, new);
    post(scheduler);
}

static void workload_changed(struct head_follower *follower, const struct object *old,
                             const struct object *new)
{
    struct scheduler *scheduler = CONTAINER_OF(follower, struct scheduler, followers[3]);
    groups_workload_changed(&scheduler->groups, old, new);
    post(scheduler);
}

/* --- Life --- */

struct followed {
    const char *prefix;
    void (*change)(struct head_follower *follower, const struct object *old,
                   const struct object *new);
};

/* In the order of scheduler.followers. */
static const struct followed followed[] = {
    {"/pods/", pod_changed},
    {"/nodes/", node_changed},
    {"scheduling.k8s.io/podgroups/", pod_group_changed},
    {"scheduling.k8s.io/workloads/", workload_changed},
};

struct first_look {
    struct head_follower *follower;
};

static bool look_at(void *context, const struct object *object)
{
    struct first_look *look = context;
    look->follower->change(look->follower, NULL, object);
    return true;
}

/* An object on head, for groups: a snapshot is a pin and costs a count. */
static const struct object *find(void *context, struct slice key)
{
    struct scheduler *scheduler = context;
    struct snapshot *snapshot =
        scheduler->client->operations->snapshot(scheduler->client, SNAPSHOT_HEAD);
    const struct object *object = snapshot->operations->get(snapshot, key);
    snapshot->operations->release(snapshot); /* Head itself keeps the object. */
    return object;
}

static void read_head(struct scheduler *scheduler)
{
    struct client *client = scheduler->client;
    struct snapshot *snapshot = client->operations->snapshot(client, SNAPSHOT_HEAD);
    /* Nodes before pods before groups only for tidiness: any order gives the same sums. */
    for (size_t i = 0; i < ARRAY_SIZE(followed); i++) {
        struct first_look look = {&scheduler->followers[i]};
        snapshot->operations->each(snapshot, slice_of(followed[i].prefix), look_at, &look);
    }
    snapshot->operations->release(snapshot);
}

struct scheduler *scheduler_start(const struct scheduler_options *options)
{
    struct scheduler *scheduler = mem_alloc(sizeof(*scheduler));
    const char *name = options->name ? options->name : "default-scheduler";
    scheduler->client = options->client;
    scheduler->trace = options->trace;
    scheduler->recorder = recorder_create(options->client, name, NULL);
    scheduler->message.deliver = step;
    timer_init(&scheduler->backoff, options->client->loop, backoff_fired);
    cluster_state_init(&scheduler->state);
    groups_init(&scheduler->groups, name, &scheduler->state.resources);
    scheduler->groups.find = find;
    scheduler->groups.context = scheduler;
    for (size_t i = 0; i < ARRAY_SIZE(followed); i++) {
        scheduler->followers[i] =
            (struct head_follower){.prefix = followed[i].prefix, .change = followed[i].change};
        options->client->operations->follow_head(options->client, &scheduler->followers[i]);
    }
    read_head(scheduler);
    return scheduler;
}

void scheduler_stop(struct scheduler *scheduler)
{
    if (!scheduler)
        return;
    struct client *client = scheduler->client;
    for (size_t i = 0; i < ARRAY_SIZE(followed); i++)
        client->operations->unfollow_head(client, &scheduler->followers[i]);
    timer_stop(&scheduler->backoff);
    scheduler->is_stopped = true;
    destroy_if_idle(scheduler);
}

struct scheduler_counts scheduler_counts(const struct scheduler *scheduler)
{
    return scheduler->counts;
}
