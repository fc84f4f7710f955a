/* pods/eviction: removes a pod, if the budgets that protect it allow that.
 *
 * Rules: k8s.io/kubernetes pkg/registry/core/pod/storage/eviction.go. The pod is told why by its
 * condition DisruptionTarget, then it is deleted as by DELETE; budget, condition and deletion are
 * one transaction. Evictions of policy/v1. */
#include "api/node_restriction.h"
#include "api/api.h"
#include "api/decode.h"
#include "api/disruption_budget.h"
#include "api/subresource.h"
#include "core/kinds/meta.h"
#include "core/kinds/pod_condition.h"

static int check_name(struct request *request, const struct json *eviction)
{
    if (slice_equal(meta_name(eviction), request->info.name))
        return 0;
    return status_fail(&request->status, STATUS_BAD_REQUEST,
                       "name in URL does not match name in Eviction object");
}

/* As Go prints a list of texts. */
static const char *print_list(struct arena *arena, const struct json *list)
{
    struct buffer text = {0};
    buffer_append_byte(&text, '[');
    JSON_EACH(item, list)
        buffer_format(&text, "%s%s", item == json_first(list) ? "" : " ", json_text(item));
    buffer_append_byte(&text, ']');
    const char *copy = arena_copy_slice(arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}
/* A dry run may be asked for by the query, by the options in the body, or by both alike. */
static int settle_dry_run(struct write *write, const struct json *options)
{
    struct request *request = write->request;
    const struct json *own = json_get(options, "dryRun");
    bool is_alike = json_count(own) == 1 && slice_is(json_string(json_first(own)), "All");
    if (json_count(own) == 0)
        return 0;
    if (!write->is_dry_run || is_alike) {
        write->is_dry_run = request->is_dry_run = true;
        return 0;
    }
    status_fail(&request->status, STATUS_INTERNAL_ERROR,
                "Non-matching dry-run options in request and content: [All] and %s",
                print_list(&request->arena, own));
    request->status.reason_hidden = true; /* Upstream makes no Status of it. */
    return -1;
}

/* What has ended, has not begun or is going already disrupts nobody. */
static bool is_free(const struct json *pod)
{
    struct slice phase = json_string(json_at(pod, "status.phase"));
    return slice_is(phase, "Succeeded") || slice_is(phase, "Failed") ||
           slice_is(phase, "Pending") || meta_is_deleting(pod);
}

static int tell_pod(struct write *write)
{
    const struct pod_condition target = {.type = "DisruptionTarget",
                                         .status = "True",
                                         .reason = "EvictionByEvictionAPI",
                                         .message = "Eviction API: evicting"};
    struct request *request = write->request;
    if (write->is_dry_run)
        return 0;
    write->object = json_copy(&request->arena, write->old_tree);
    pod_condition_set(&request->arena, write->object, &target, request->context.now_us);
    return write_plan_object(write) || write_find_old(write) ? -1 : 0;
}
/* The condition was an own write: a precondition is about the pod before it. */
static int check_preconditions(struct write *write, struct json *options)
{
    struct json *preconditions = json_get(options, "preconditions");
    struct slice wanted = json_string(json_get(preconditions, "resourceVersion"));
    struct slice actual = meta_resource_version(write->old_tree);
    if (wanted.size > 0 && !slice_equal(wanted, actual))
        return status_conflict(&write->request->status, "", "Pod",
                               arena_copy_slice(&write->request->arena, write->request->info.name),
                               arena_format(&write->request->arena,
                                            "the ResourceVersion in the precondition "
                                            "(" SLICE_FORMAT ") does not match the "
                                            "ResourceVersion in record (" SLICE_FORMAT
                                            "). The object might have been modified",
                                            SLICE_ARGS(wanted), SLICE_ARGS(actual)));
    json_remove(preconditions, "resourceVersion");
    return 0;
}

static int evict(struct write *write, struct json *options)
{
    if (check_preconditions(write, options))
        return -1;
    if (!is_free(write->old_tree) &&
        disruption_budget_take(write->request, write->plan, write->old_tree))
        return -1;
    return tell_pod(write) || write_plan_delete(write, options) ? -1 : 0;
}

static int plan_eviction(struct request *request, struct plan *plan)
{
    struct write write;
    struct json *eviction;
    struct decode_target target;
    decode_target_of(request, &target);
    request->reply_result = subresource_reply_created;
    if (write_init(&write, request, plan, "CreateOptions") ||
        decode_body(request, &target, &eviction) || write_admit(&write, eviction) ||
        node_restriction_check(request, eviction) || check_name(request, eviction))
        return -1;
    struct json *options = json_get(eviction, "deleteOptions");
    int failed =
        settle_dry_run(&write, options) || write_find_old(&write) || evict(&write, options);
    write_release(&write);
    return failed ? -1 : 0;
}

const struct subresource sub_eviction = {
    .resource = "pods", .name = "eviction", .plan = plan_eviction};
