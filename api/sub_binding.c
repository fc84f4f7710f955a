/* pods/binding: gives a pod its node, once.
 *
 * Rules: k8s.io/kubernetes pkg/registry/core/pod/storage (BindingREST): a pod
 * that is being deleted, has a node, or has scheduling gates is refused; labels
 * and annotations of the Binding are merged; PodScheduled becomes True; a
 * nomination ends. */
#include "api/api.h"
#include "api/decode.h"
#include "api/status_print.h"
#include "api/subresource.h"
#include "core/kinds/meta.h"

static int conflict(struct write *write, const char *format, const char *detail)
{
    struct request *request = write->request;
    const char *name = arena_copy_slice(&request->arena, request->info.name);
    const char *why = arena_format(&request->arena, "pod %s %s%s", name, format, detail);
    return status_conflict(&request->status, "", "pods/binding", name, why);
}

static int check_pod(struct write *write)
{
    const struct json *pod = write->old_tree;
    struct request *request = write->request;
    if (meta_is_deleting(pod))
        return conflict(write, "is being deleted, cannot be assigned to a host", "");
    const char *node = json_text(json_at(pod, "spec.nodeName"));
    if (*node)
        return conflict(write, "is already assigned to node ",
                        arena_format(&request->arena, "\"%s\"", node));
    if (json_count(json_at(pod, "spec.schedulingGates")) > 0)
        return conflict(write, "has non-empty .spec.schedulingGates", "");
    return 0;
}

static int check_uid(struct write *write, const struct json *binding)
{
    struct slice uid = meta_uid(binding);
    if (uid.size == 0 || slice_equal(uid, meta_uid(write->old_tree)))
        return 0;
    struct request *request = write->request;
    return status_conflict(&request->status, "", "pods",
                           arena_copy_slice(&request->arena, request->info.name),
                           arena_format(&request->arena,
                                        "Precondition failed: UID in precondition: " SLICE_FORMAT
                                        ", UID in object meta: " SLICE_FORMAT,
                                        SLICE_ARGS(uid), SLICE_ARGS(meta_uid(write->old_tree))));
}

static int check_target(struct write *write, const struct json *binding)
{
    const struct json *target = json_get(binding, "target");
    const char *kind = json_text(json_get(target, "kind"));
    struct field_errors errors;
    field_errors_init(&errors, &write->request->arena);
    if (*kind && strcmp(kind, "Node") != 0)
        field_error_add(&errors, FIELD_NOT_SUPPORTED, "target.kind",
                        field_value_text(errors.arena, slice_of(kind)),
                        "supported values: \"Node\", \"<empty>\"");
    if (!*json_text(json_get(target, "name")))
        field_error_add(&errors, FIELD_REQUIRED, "target.name", NULL, NULL);
    return field_errors_status(&errors, "", "Binding",
                               arena_copy_slice(&write->request->arena, meta_name(binding)),
                               &write->request->status);
}

static void merge(struct arena *arena, struct json *pod, const struct json *binding,
                  const char *field)
{
    const struct json *from = json_get(json_get(binding, "metadata"), field);
    if (json_count(from) == 0)
        return;
    struct json *to = json_ensure_object(arena, json_get(pod, "metadata"), field);
    JSON_EACH(member, from)
        json_set_slice(arena, to, json_key(member), json_copy(arena, member));
}

static void set_scheduled(struct arena *arena, struct json *pod, int64_t now_us)
{
    struct json *status = json_ensure_object(arena, pod, "status");
    struct json *conditions = json_get(status, "conditions");
    if (!conditions)
        conditions = json_set(arena, status, "conditions", json_new_array(arena));
    struct json *condition = json_new_object(arena);
    char now[TIME_TEXT_SIZE];
    time_format(now_us, now);
    json_set_text(arena, condition, "type", "PodScheduled");
    json_set_text(arena, condition, "status", "True");
    json_set(arena, condition, "lastProbeTime", json_new_null(arena));
    json_set_text(arena, condition, "lastTransitionTime", now);
    int64_t generation = meta_generation(pod);
    if (generation > 0)
        json_set_int(arena, condition, "observedGeneration", generation);
    json_remove(status, "nominatedNodeName");
    JSON_EACH(old, conditions)
        if (strcmp(json_text(json_get(old, "type")), "PodScheduled") == 0) {
            json_replace(conditions, old, condition);
            return;
        }
    json_append(conditions, condition);
}

static void reply_created(struct request *request)
{
    status_print(&request->status, &request->reply.body);
    request->reply.code = 201;
    request->reply.content_type = "application/json";
    request_reply(request);
}

static int plan_binding(struct request *request, struct plan *plan)
{
    struct write write;
    struct json *binding;
    struct decode_target target;
    decode_target_of(request, &target);
    request->reply_result = reply_created;
    if (write_init(&write, request, plan, "CreateOptions") ||
        decode_body(request, &target, &binding) || check_target(&write, binding) ||
        write_find_old(&write) || check_uid(&write, binding) || check_pod(&write))
        return -1;
    struct arena *arena = &request->arena;
    write.object = json_copy(arena, write.old_tree);
    const char *node = json_text(json_at(binding, "target.name"));
    json_set_text(arena, json_get(write.object, "spec"), "nodeName", node);
    merge(arena, write.object, binding, "labels");
    merge(arena, write.object, binding, "annotations");
    set_scheduled(arena, write.object, request->context.now_us);
    int failed = write_plan_object(&write);
    write_release(&write);
    return failed;
}

const struct subresource sub_binding = {
    .resource = "pods", .name = "binding", .plan = plan_binding};
