/* pods/binding: gives a pod its node, once.
 *
 * Rules: k8s.io/kubernetes pkg/registry/core/pod/storage (BindingREST): a pod
 * that is being deleted, has a node, or has scheduling gates is refused; labels
 * and annotations of the Binding are merged; PodScheduled becomes True; a
 * nomination ends. */
#include "api/api.h"
#include "api/decode.h"
#include "api/subresource.h"
#include "core/kinds/meta.h"
#include "core/kinds/pod_condition.h"

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

/* Upstream makes no Status of these errors, so it answers 500, without a reason. */
static int fail_untyped(const struct field_errors *errors, struct status *status)
{
    struct buffer text = {0};
    if (errors->count == 0)
        return 0;
    for (const struct field_error *error = errors->first; error; error = error->next)
        buffer_format(&text, "%s%s: %s", text.size > 0 ? ", " : "", error->path,
                      field_error_body(errors->arena, error));
    status_fail(status, STATUS_INTERNAL_ERROR, errors->count > 1 ? "[%s]" : "%s", text.data);
    status->reason_hidden = true;
    buffer_release(&text);
    return -1;
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
    return fail_untyped(&errors, &write->request->status);
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

static int check_name(struct request *request, const struct json *binding)
{
    if (slice_equal(meta_name(binding), request->info.name))
        return 0;
    return status_fail(&request->status, STATUS_BAD_REQUEST,
                       "name in URL does not match name in Binding object");
}

static void assign(struct write *write, const struct json *binding)
{
    struct arena *arena = &write->request->arena;
    struct json *pod = json_copy(arena, write->old_tree);
    const struct pod_condition scheduled = {.type = "PodScheduled", .status = "True"};
    json_set_text(arena, json_get(pod, "spec"), "nodeName",
                  json_text(json_at(binding, "target.name")));
    merge(arena, pod, binding, "labels");
    merge(arena, pod, binding, "annotations");
    pod_condition_set(arena, pod, &scheduled, write->request->context.now_us);
    json_remove(json_get(pod, "status"), "nominatedNodeName");
    write->object = pod;
}

static int plan_binding(struct request *request, struct plan *plan)
{
    struct write write;
    struct json *binding;
    struct decode_target target;
    decode_target_of(request, &target);
    request->reply_result = subresource_reply_created;
    if (write_init(&write, request, plan, "CreateOptions") ||
        decode_body(request, &target, &binding) || write_admit(&write, binding) ||
        check_name(request, binding) || check_target(&write, binding) || write_find_old(&write) ||
        check_uid(&write, binding) || check_pod(&write))
        return -1;
    assign(&write, binding);
    int failed = write_plan_object(&write);
    write_release(&write);
    return failed;
}

const struct subresource sub_binding = {
    .resource = "pods", .name = "binding", .plan = plan_binding};
