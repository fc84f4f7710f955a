/* Requests of nodes for a client certificate are approved for who may have one.
 *
 * Who may is asked of the API (SubjectAccessReview): a node that asks for its own name needs
 * certificatesigningrequests/selfnodeclient, who asks for another's (a machine that joins by a
 * bootstrap token) certificatesigningrequests/nodeclient. Rules: k8s.io/kubernetes
 * pkg/controller/certificates/approver. */
#include "controllers/certificate_request.h"
#include "controllers/controller.h"
#include "core/kinds/meta.h"

static void request_key(const struct object *object, struct buffer *key)
{
    buffer_append_slice(key, object_key(object));
}

struct recognizer {
    const char *subresource;
    const char *message;
    bool needs_own_name;
};

static const struct recognizer recognizers[] = {
    {"selfnodeclient", "Auto approving self kubelet client certificate after SubjectAccessReview.",
     true},
    {"nodeclient", "Auto approving kubelet client certificate after SubjectAccessReview.", false},
};

/* One request while its questions are asked. */
struct asking {
    struct reconcile *reconcile;
    struct json *csr;
    bool is_own_name; /* The subject is who asks. */
    size_t next;      /* Recognizer to ask for. */
    struct call call;
    struct buffer body;
};

static void end(struct asking *asking, bool failed)
{
    call_release(&asking->call);
    buffer_release(&asking->body);
    reconcile_end(asking->reconcile, failed);
}

static void approve(struct asking *asking, const struct recognizer *by)
{
    struct reconcile *reconcile = asking->reconcile;
    struct arena *arena = reconcile->arena;
    struct json *status = json_ensure_object(arena, asking->csr, "status");
    if (!json_get(status, "conditions"))
        json_set(arena, status, "conditions", json_new_array(arena));
    struct json *condition = json_new_object(arena);
    json_set_text(arena, condition, "type", "Approved");
    json_set_text(arena, condition, "status", "True");
    json_set_text(arena, condition, "reason", "AutoApproved");
    json_set_text(arena, condition, "message", by->message);
    json_append(json_get(status, "conditions"), condition);
    struct resource_path path = {.group = CERTIFICATES_GROUP,
                                 .version = "v1",
                                 .resource = "certificatesigningrequests",
                                 .name = meta_name(asking->csr),
                                 .subresource = "approval"};
    reconcile_write(reconcile, "update", path, asking->csr);
}

static void ask_next(struct asking *asking);

static void answered(struct call *call)
{
    struct asking *asking = CONTAINER_OF(call, struct asking, call);
    const struct json *review = NULL;
    if (status_ok(&call->status))
        review = json_parse(asking->reconcile->arena, call->reply, NULL, &call->status);
    if (!review) {
        end(asking, true);
        return;
    }
    if (json_bool(json_at(review, "status.allowed"))) {
        approve(asking, &recognizers[asking->next]);
        end(asking, false);
        return;
    }
    asking->next++;
    call_release(call);
    ask_next(asking);
}

static struct json *review_of(struct asking *asking, const struct recognizer *recognizer)
{
    static const char *const fields[][2] = {
        {"username", "user"}, {"uid", "uid"}, {"groups", "groups"}, {"extra", "extra"}};
    struct arena *arena = asking->reconcile->arena;
    const struct json *from = json_get(asking->csr, "spec");
    struct json *review = json_new_object(arena);
    struct json *spec = json_ensure_object(arena, review, "spec");
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
        if (json_get(from, fields[i][0]))
            json_set(arena, spec, fields[i][1], json_copy(arena, json_get(from, fields[i][0])));
    struct json *attributes = json_ensure_object(arena, spec, "resourceAttributes");
    json_set_text(arena, attributes, "group", CERTIFICATES_GROUP);
    json_set_text(arena, attributes, "resource", "certificatesigningrequests");
    json_set_text(arena, attributes, "subresource", recognizer->subresource);
    json_set_text(arena, attributes, "verb", "create");
    return review;
}

static void ask_next(struct asking *asking)
{
    while (asking->next < ARRAY_SIZE(recognizers) && recognizers[asking->next].needs_own_name &&
           !asking->is_own_name)
        asking->next++;
    call_init(&asking->call);
    if (asking->next == ARRAY_SIZE(recognizers)) {
        end(asking, false); /* For somebody else to decide. */
        return;
    }
    buffer_clear(&asking->body);
    json_print(review_of(asking, &recognizers[asking->next]), &asking->body);
    asking->call.verb = "create";
    asking->call.path = (struct resource_path){
        .group = "authorization.k8s.io", .version = "v1", .resource = "subjectaccessreviews"};
    asking->call.body = buffer_slice(&asking->body);
    asking->call.done = answered;
    client_call(asking->reconcile->client, &asking->call);
}

static bool is_decided(const struct json *csr)
{
    return json_string(json_at(csr, "status.certificate")).size > 0 ||
           certificate_condition(csr, "Approved") || certificate_condition(csr, "Denied");
}

static void reconcile(struct reconcile *reconcile)
{
    struct arena *arena = reconcile->arena;
    struct json *csr = reconcile_read(reconcile, reconcile->key);
    struct x509_request request;
    struct status status;
    if (!csr || is_decided(csr) ||
        !slice_is(json_string(json_at(csr, "spec.signerName")), SIGNER_KUBELET_CLIENT))
        return;
    status_init(&status);
    bool is_nodes = certificate_parse(arena, csr, &request, &status) == 0 &&
                    !certificate_refusal(arena, csr, &request);
    status_release(&status);
    if (!is_nodes)
        return;
    struct asking *asking = ARENA_NEW(arena, struct asking);
    asking->reconcile = reconcile;
    asking->csr = csr;
    asking->is_own_name =
        slice_equal(request.names.common_name, json_string(json_at(csr, "spec.username")));
    reconcile->is_waiting = true;
    ask_next(asking);
}

static const struct controller_watch watches[] = {
    {CERTIFICATES_GROUP, "v1", "certificatesigningrequests", request_key},
    {NULL, NULL, NULL, NULL},
};

const struct controller controller_certificate_approving = {
    .name = "csrapproving",
    .user = "system:serviceaccount:kube-system:certificate-controller",
    .watches = watches,
    .reconcile = reconcile,
};
