#include "kubelet-lite/status_teller.h"

#include "core/trace.h"
#include "kubelet-lite/pod_status.h"

#define WAIT_FIRST_US INT64_C(1000000)
#define WAIT_MAX_US INT64_C(60000000)

static void timer_fired(struct timer *timer);

void status_teller_init(struct status_teller *teller, struct client *client,
                        struct pod_worker *worker)
{
    *teller = (struct status_teller){.client = client, .worker = worker};
    timer_init(&teller->timer, client->loop, timer_fired);
}

void status_teller_release(struct status_teller *teller)
{
    PRE(!teller->is_under_way);
    timer_stop(&teller->timer);
    buffer_release(&teller->body);
}

bool status_teller_is_busy(const struct status_teller *teller)
{
    return teller->is_under_way;
}

/* --- How writes end --- */

static void wait(struct status_teller *teller)
{
    teller->wait_us = teller->wait_us == 0 ? WAIT_FIRST_US : teller->wait_us * 2;
    if (teller->wait_us > WAIT_MAX_US)
        teller->wait_us = WAIT_MAX_US;
    teller->is_dirty = true;
    timer_start_us(&teller->timer, teller->wait_us);
}

/* The UID in the patch is not that of the pod that has its name now: 409. */
static bool is_gone(const struct call *call)
{
    return call->status.code == 404 ||
           ((call->status.code == 409 || call->status.code == 422) && call->status.message &&
            (strstr(call->status.message, "UID") || strstr(call->status.message, "uid")));
}

static void take_end(struct status_teller *teller)
{
    const struct call *call = &teller->call;
    if (status_ok(&call->status)) {
        teller->wait_us = 0;
    } else if (teller->client) {
        log_line(LOG_WARN, "a pod's status was not written", "pod=%s/%s why=\"%s\"",
                 teller->worker->namespace, teller->worker->name, call->status.message);
        wait(teller);
    }
    teller->written(teller, call->reply);
}

static void done(struct call *call)
{
    struct status_teller *teller = CONTAINER_OF(call, struct status_teller, call);
    bool has_gone = is_gone(call) || (status_ok(&call->status) && teller->is_deleting);
    bool goes_on = status_ok(&call->status) && teller->is_dirty;
    teller->is_under_way = false;
    if (!has_gone)
        take_end(teller);
    call_release(call);
    teller->has_ended = has_gone;
    if (has_gone)
        teller->gone(teller); /* The last: it may free the teller. */
    else if (goes_on)
        status_teller_look(teller);
}

/* --- Writes --- */

static void begin(struct status_teller *teller, const char *verb)
{
    const struct pod_worker *worker = teller->worker;
    teller->is_under_way = true;
    teller->is_dirty = false;
    call_init(&teller->call);
    teller->call.verb = verb;
    teller->call.path = (struct resource_path){
        .group = "",
        .version = "v1",
        .resource = "pods",
        .namespace = slice_of(worker->namespace),
        .name = slice_of(worker->name),
        .subresource = teller->is_deleting ? NULL : "status",
    };
    teller->call.patch_type = teller->is_deleting ? PATCH_NONE : PATCH_STRATEGIC;
    teller->call.body = buffer_slice(&teller->body);
    teller->call.done = done;
    client_call(teller->client, &teller->call);
}

/* The status, where it differs. */
static bool fill_patch(struct status_teller *teller)
{
    struct arena arena;
    arena_init(&arena);
    const struct json *pod = teller->worker->pod;
    const struct json *patch =
        pod_status_patch(&arena, pod, pod_worker_status(teller->worker, &arena));
    buffer_clear(&teller->body);
    if (patch)
        json_print(patch, &teller->body);
    arena_release(&arena);
    return patch != NULL;
}

static void fill_deletion(struct status_teller *teller)
{
    buffer_clear(&teller->body);
    buffer_format(&teller->body,
                  "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\",\"gracePeriodSeconds\":0,"
                  "\"preconditions\":{\"uid\":\"%s\"}}",
                  teller->worker->uid);
}

static void look(struct status_teller *teller)
{
    if (teller->is_under_way || teller->worker->is_forgotten || teller->has_ended ||
        !teller->client)
        return;
    teller->is_dirty = false;
    teller->is_deleting = false;
    if (fill_patch(teller)) {
        begin(teller, "patch");
    } else if (teller->worker->phase == POD_GONE) {
        teller->is_deleting = true;
        fill_deletion(teller);
        begin(teller, "delete");
    }
}

void status_teller_look(struct status_teller *teller)
{
    teller->is_dirty = true;
    if (!timer_is_running(&teller->timer))
        look(teller);
}

static void timer_fired(struct timer *timer)
{
    look(CONTAINER_OF(timer, struct status_teller, timer));
}

void status_teller_stop(struct status_teller *teller)
{
    timer_stop(&teller->timer);
    teller->client = NULL;
}

void status_teller_hurry(struct status_teller *teller)
{
    if (!timer_is_running(&teller->timer))
        return;
    timer_stop(&teller->timer);
    teller->wait_us = 0;
    look(teller);
}
