/* serviceaccounts/token: gives out a token that says who a service account is.
 *
 * Rules: k8s.io/kubernetes pkg/registry/core/serviceaccount/storage/token.go. It is bound to the
 * account and, if asked for, to a pod, a secret or a node, by UID. A pod's token is good for
 * longer than the hour that its projected volume asks for, so that a program which never reads it
 * again is not shut out (KEP-1205). Nothing is stored; a worker signs. */
#include "api/api.h"
#include "api/decode.h"
#include "api/node_restriction.h"
#include "api/render.h"
#include "api/subresource.h"
#include "api/token_claims.h"
#include "api/token_issuer.h"
#include "core/kinds/facts_pod.h"
#include "core/kinds/field_path.h"
#include "core/kinds/meta.h"
#include "core/kinds/strategy.h"
#include "core/kinds/view.h"

#define GROUP "authentication.k8s.io"
#define KIND "TokenRequest"
#define PROJECTED_SECONDS (INT64_C(3600) + 7) /* What a projected volume asks for: this is it. */
#define EXTENDED_SECONDS (INT64_C(24) * 365 * 3600)

struct issue {
    struct request *request;
    const struct kind *kind; /* TokenRequest */
    struct json *object;
    const struct object *account;
    struct token_claims claims;
    struct json *tree;       /* The claims. */
};

static const struct object *find(struct request *request, const char *resource,
                                 struct slice namespace, struct slice name)
{
    struct buffer key = {0};
    key_append(&key, "", resource, namespace, name);
    const struct object *object = store_get(request->api->store, COMMITTED, buffer_slice(&key));
    buffer_release(&key);
    if (!object)
        status_not_found(&request->status, "", resource, arena_copy_slice(&request->arena, name));
    return object;
}

static struct token_reference reference_to(struct arena *arena, const struct object *object)
{
    struct slice name = key_name(object_key(object)), uid = view_uid(object);
    return (struct token_reference){{arena_copy_slice(arena, name), name.size},
                                    {arena_copy_slice(arena, uid), uid.size}};
}

/* --- For whom --- */

static int check_name(struct issue *issue)
{
    struct request *request = issue->request;
    struct slice name = meta_name(issue->object);
    struct field_errors errors;
    field_errors_init(&errors, &request->arena);
    if (name.size > 0 && !slice_equal(name, request->info.name))
        path_invalid_text(&errors, AT(AT(NULL, "metadata"), "name"), name,
                          "must match the service account name if specified");
    return field_errors_status(&errors, GROUP, KIND,
                               arena_copy_slice(&request->arena, request->info.name),
                               &request->status);
}

static int find_account(struct issue *issue)
{
    struct request *request = issue->request;
    issue->account = find(request, "serviceaccounts", request->info.namespace, request->info.name);
    if (!issue->account)
        return -1;
    struct slice asked = meta_uid(issue->object), uid = view_uid(issue->account);
    if (asked.size == 0 || slice_equal(asked, uid))
        return 0;
    struct arena *arena = &request->arena;
    return status_conflict(&request->status, GROUP, KIND,
                           arena_copy_slice(arena, request->info.name),
                           arena_format(arena,
                                        "the UID in the token request (" SLICE_FORMAT ") does not "
                                        "match the UID of the service account (" SLICE_FORMAT ")",
                                        SLICE_ARGS(asked), SLICE_ARGS(uid)));
}

/* What is answered besides the token. */
static void complete(struct issue *issue)
{
    struct arena *arena = &issue->request->arena;
    struct json *spec = json_get(issue->object, "spec");
    if (json_count(json_get(spec, "audiences")) == 0) {
        struct json *audiences = json_set(arena, spec, "audiences", json_new_array(arena));
        json_append(audiences, json_new_text(arena, TOKEN_ISSUER));
    }
    meta_set_text(arena, issue->object, "name", issue->request->info.name);
    meta_set_text(arena, issue->object, "namespace", issue->request->info.namespace);
    meta_set_text(arena, issue->object, "uid", view_uid(issue->account));
    meta_set_time(arena, issue->object, "creationTimestamp", issue->request->context.now_us);
    json_remove(issue->object, "status");
}

static int validate(struct issue *issue)
{
    struct field_errors errors;
    field_errors_init(&errors, &issue->request->arena);
    issue->kind->validate(&issue->request->context, issue->object, &errors);
    return field_errors_status(&errors, GROUP, KIND, "", &issue->request->status);
}

/* --- With what it ends --- */

static int check_uid(struct issue *issue, const struct json *reference, const struct object *object)
{
    struct request *request = issue->request;
    struct slice uid = json_string(json_get(reference, "uid"));
    if (uid.size == 0 || slice_equal(uid, view_uid(object)))
        return 0;
    return status_conflict(&request->status, "", json_text(json_get(reference, "kind")),
                           json_text(json_get(reference, "name")),
                           arena_format(&request->arena,
                                        "the UID in the bound object reference (" SLICE_FORMAT
                                        ") does not match the UID in record. The object might have "
                                        "been deleted and then recreated",
                                        SLICE_ARGS(uid)));
}

/* Where the pod runs is told beside it; a node that is not there by its name alone. */
static void tell_node(struct issue *issue, const struct object *pod)
{
    struct request *request = issue->request;
    struct facts_pod facts;
    if (!facts_pod_of(pod, &facts) || facts.node_name.size == 0)
        return;
    const struct object *node = find(request, "nodes", (struct slice){0}, facts.node_name);
    if (node) {
        issue->claims.node = reference_to(&request->arena, node);
        return;
    }
    status_clear(&request->status);
    struct slice name = facts.node_name;
    issue->claims.node.name = (struct slice){arena_copy_slice(&request->arena, name), name.size};
}

static int bind_pod(struct issue *issue, const struct object *pod)
{
    struct request *request = issue->request;
    struct arena *arena = &request->arena;
    const struct json *tree = json_parse(arena, object_body(pod), NULL, &request->status);
    struct slice account = json_string(json_at(tree, "spec.serviceAccountName"));
    if (!slice_equal(account, request->info.name))
        return status_fail(&request->status, STATUS_BAD_REQUEST,
                           "cannot bind token for serviceaccount \"" SLICE_FORMAT
                           "\" to pod running with different serviceaccount name.",
                           SLICE_ARGS(request->info.name));
    issue->claims.pod = reference_to(arena, pod);
    tell_node(issue, pod);
    return 0;
}

static int refuse_kind(struct issue *issue, struct slice version, const char *kind)
{
    struct request *request = issue->request;
    bool has_group = slice_find(version, '/') >= 0;
    return status_fail(&request->status, STATUS_BAD_REQUEST,
                       "cannot bind token to object of type %s" SLICE_FORMAT ", Kind=%s",
                       has_group ? "" : "/", SLICE_ARGS(version), kind);
}

static int bind(struct issue *issue)
{
    struct request *request = issue->request;
    const struct json *reference = json_at(issue->object, "spec.boundObjectRef");
    struct slice version = json_string(json_get(reference, "apiVersion"));
    struct slice name = json_string(json_get(reference, "name"));
    const char *kind = json_text(json_get(reference, "kind"));
    bool is_pod = strcmp(kind, "Pod") == 0, is_secret = strcmp(kind, "Secret") == 0;
    if (!reference)
        return 0;
    if (slice_find(version, '/') >= 0 || !(is_pod || is_secret || strcmp(kind, "Node") == 0))
        return refuse_kind(issue, version, kind);
    const struct object *object =
        find(request,
             is_pod      ? "pods"
             : is_secret ? "secrets"
                         : "nodes",
             is_pod || is_secret ? request->info.namespace : (struct slice){0}, name);
    if (!object || (is_pod && bind_pod(issue, object)) || check_uid(issue, reference, object))
        return -1;
    if (is_secret)
        issue->claims.secret = reference_to(&request->arena, object);
    else if (!is_pod)
        issue->claims.node = reference_to(&request->arena, object);
    return 0;
}

/* --- The token --- */

static bool is_for_api_alone(const struct token_claims *claims)
{
    for (size_t i = 0; i < claims->audience_count; i++)
        if (!slice_is(claims->audiences[i], TOKEN_ISSUER))
            return false;
    return true;
}

static void set_times(struct issue *issue)
{
    struct token_claims *claims = &issue->claims;
    struct arena *arena = &issue->request->arena;
    int64_t now_us = issue->request->context.now_us, seconds = 0;
    bool good = json_to_int64(json_at(issue->object, "spec.expirationSeconds"), &seconds);
    PRE(good);
    claims->issued_s = claims->not_before_s = now_us / 1000000;
    claims->expires_s = claims->issued_s + seconds;
    if (claims->pod.name.size > 0 && seconds == PROJECTED_SECONDS && is_for_api_alone(claims)) {
        claims->warn_after_s = claims->expires_s;
        claims->expires_s = claims->issued_s + EXTENDED_SECONDS;
    }
    char end[TIME_TEXT_SIZE];
    time_format(now_us + seconds * 1000000, end);
    struct json *status = json_ensure_object(arena, issue->object, "status");
    json_set_text(arena, status, "expirationTimestamp", end);
}

static void set_claims(struct issue *issue)
{
    struct request *request = issue->request;
    struct token_claims *claims = &issue->claims;
    const struct json *list = json_at(issue->object, "spec.audiences");
    struct slice *audiences = ARENA_ARRAY(&request->arena, struct slice, json_count(list));
    JSON_EACH(audience, list)
        audiences[claims->audience_count++] = json_string(audience);
    claims->audiences = audiences;
    claims->namespace = request->info.namespace;
    claims->account = reference_to(&request->arena, issue->account);
    char id[UUID_TEXT_SIZE];
    random_uuid(loop_random(request->api->loop), id);
    claims->id = slice_of(arena_copy_text(&request->arena, id));
    request_annotate(request, "authentication.kubernetes.io/issued-credential-id",
                     arena_format(&request->arena, "JTI=%s", id));
    set_times(issue);
    issue->tree = token_claims_print(&request->arena, claims, TOKEN_ISSUER);
}

/* On a worker: the signature takes longer than all the rest. */
static void sign(struct task *task)
{
    struct request *request = CONTAINER_OF(task, struct request, task);
    struct issue *issue = request->work;
    const struct token_issuer *issuer = request->api->token_issuer;
    struct buffer token = {0};
    struct render render;
    jwt_sign(&issuer->key, issuer->key_id, issue->tree, &token);
    json_set(&request->arena, json_get(issue->object, "status"), "token",
             json_new_string(&request->arena, buffer_slice(&token)));
    buffer_release(&token);
    if (render_init(&render, request))
        return;
    render.kind = issue->kind;
    render.negotiated.as = AS_IS;
    json_print(issue->object, &request->reply.body);
    request->reply.code = 201;
    if (render_finish(&render, &request->reply.body, &request->reply.content_type,
                      &request->status))
        buffer_clear(&request->reply.body);
}

static int prepare(struct issue *issue)
{
    struct request *request = issue->request;
    struct decode_target target;
    decode_target_of(request, &target);
    issue->kind = registry_by_kind(request->api->registry, SLICE(GROUP), SLICE("v1"), SLICE(KIND));
    if (decode_body(request, &target, &issue->object) ||
        meta_match_namespace(&request->arena, issue->object, request->info.namespace,
                             &request->status) ||
        node_restriction_check(request, issue->object) || check_name(issue) || find_account(issue))
        return -1;
    json_ensure_object(&request->arena, issue->object, "spec");
    strategy_set_defaults(issue->kind, &request->context, issue->object);
    complete(issue);
    if (validate(issue) || bind(issue))
        return -1;
    set_claims(issue);
    return 0;
}

static void serve(struct request *request)
{
    struct issue *issue = ARENA_NEW(&request->arena, struct issue);
    issue->request = request;
    request->work = issue;
    if (prepare(issue))
        request_fail(request);
    else
        request_work(request, sign);
}

const struct subresource sub_token = {
    .resource = "serviceaccounts", .name = "token", .serve = serve};
