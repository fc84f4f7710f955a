#include "api/review.h"

#include "api/api.h"
#include "api/authz.h"
#include "api/authz_node.h"
#include "api/decode.h"
#include "api/rbac.h"
#include "api/render.h"
#include "core/kinds/strategy.h"

static struct json *texts(struct arena *arena, const char *const *list)
{
    struct json *array = json_new_array(arena);
    for (; list && *list; list++)
        json_append(array, json_new_text(arena, *list));
    return array;
}

/* --- Who am I --- */

static int answer_who(struct request *request, struct json *review)
{
    struct arena *arena = &request->arena;
    const struct user *user = request->user;
    struct json *status = json_set(arena, review, "status", json_new_object(arena));
    struct json *info = json_ensure_object(arena, status, "userInfo");
    json_set_text(arena, info, "username", user->name);
    if (*user->uid)
        json_set_text(arena, info, "uid", user->uid);
    if (user->groups && *user->groups)
        json_set(arena, info, "groups", texts(arena, user->groups));
    for (const char *const *pair = user->extra; pair && pair[0]; pair += 2) {
        struct json *extra = json_ensure_object(arena, info, "extra");
        struct json *values = json_get(extra, pair[0]);
        if (!values)
            values = json_set(arena, extra, pair[0], json_new_array(arena));
        json_append(values, json_new_text(arena, pair[1]));
    }
    return 0;
}

/* --- May they --- */

static int answer_access(struct request *request, struct json *review, const struct user *user)
{
    struct arena *arena = &request->arena;
    const struct json *spec = json_get(review, "spec");
    const struct json *resource = json_get(spec, "resourceAttributes");
    const struct json *path = json_get(spec, "nonResourceAttributes");
    const struct json *asked = resource ? resource : path;
    const char *sub = json_text(json_get(resource, "subresource"));
    struct authz_attributes attributes = {
        .user = user,
        .verb = json_text(json_get(asked, "verb")),
        .is_resource = resource != NULL,
        .path = json_text(json_get(path, "path")),
        .group = json_text(json_get(resource, "group")),
        .resource = json_text(json_get(resource, "resource")),
        .subresource = *sub ? sub : NULL,
        .namespace = json_string(json_get(resource, "namespace")),
        .name = json_string(json_get(resource, "name")),
    };
    struct json *status = json_set(arena, review, "status", json_new_object(arena));
    const char *reason;
    json_set_bool(arena, status, "allowed",
                  authz_decide(request->api, &attributes, arena, &reason));
    if (*reason)
        json_set_text(arena, status, "reason", reason);
    return 0;
}

static int answer_self_access(struct request *request, struct json *review)
{
    return answer_access(request, review, request->user);
}

static const char **texts_of(struct arena *arena, const struct json *list)
{
    const char **all = ARENA_ARRAY(arena, const char *, json_count(list) + 1);
    size_t count = 0;
    JSON_EACH(item, list)
        all[count++] = json_text(item);
    return all;
}

static int answer_subject_access(struct request *request, struct json *review)
{
    const struct json *spec = json_get(review, "spec");
    struct user user = {
        .name = json_text(json_get(spec, "user")),
        .uid = json_text(json_get(spec, "uid")),
        .groups = texts_of(&request->arena, json_get(spec, "groups")),
    };
    return answer_access(request, review, &user);
}

/* --- What may I --- */

struct rules {
    struct arena *arena;
    struct json *resource;
    struct json *other;
};

static void add_rules(struct rules *rules, const struct rbac_rule_list *held)
{
    for (size_t i = 0; i < held->count; i++) {
        bool is_other = json_count(json_get(held->items[i], "nonResourceURLs")) > 0;
        json_append(is_other ? rules->other : rules->resource,
                    json_copy(rules->arena, held->items[i]));
    }
}

/* Everything, for system:masters, whom no rule names. */
static void add_all(struct rules *rules)
{
    static const char *const all[] = {"*", NULL};
    static const char *const fields[] = {"verbs", "apiGroups", "resources"};
    struct arena *arena = rules->arena;
    struct json *rule = json_new_object(arena);
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
        json_set(arena, rule, fields[i], texts(arena, all));
    json_append(rules->resource, rule);
    rule = json_new_object(arena);
    json_set(arena, rule, "verbs", texts(arena, all));
    json_set(arena, rule, "nonResourceURLs", texts(arena, all));
    json_append(rules->other, rule);
}

static int answer_rules(struct request *request, struct json *review)
{
    struct arena *arena = &request->arena;
    struct json *status = json_set(arena, review, "status", json_new_object(arena));
    struct rules rules = {
        .arena = arena,
        .resource = json_set(arena, status, "resourceRules", json_new_array(arena)),
        .other = json_set(arena, status, "nonResourceRules", json_new_array(arena)),
    };
    struct rbac_rule_list held = {.arena = arena};
    struct slice node;
    if (user_in_group(request->user, "system:masters"))
        add_all(&rules);
    rbac_rules_for(authz_rbac(request->api), request->user,
                   json_string(json_at(review, "spec.namespace")), &held);
    add_rules(&rules, &held);
    /* What a node may do depends on its pods: no list of rules says it. */
    bool is_node = user_is_node(request->user, &node);
    json_set_bool(arena, status, "incomplete", is_node);
    if (is_node)
        json_set_text(arena, status, "evaluationError",
                      "node authorizer does not support user rule resolution");
    return 0;
}

static const struct review reviews[] = {
    {"authentication.k8s.io", "selfsubjectreviews", answer_who, false},
    {"authentication.k8s.io", "tokenreviews", review_answer_token, true},
    {"authorization.k8s.io", "selfsubjectaccessreviews", answer_self_access, false},
    {"authorization.k8s.io", "subjectaccessreviews", answer_subject_access, false},
    {"authorization.k8s.io", "localsubjectaccessreviews", answer_subject_access, false},
    {"authorization.k8s.io", "selfsubjectrulesreviews", answer_rules, false},
    {NULL, NULL, NULL, false},
};

const struct review *review_find(const struct kind *kind)
{
    for (const struct review *review = reviews; review->resource; review++)
        if (strcmp(review->group, kind->group) == 0 &&
            strcmp(review->resource, kind->resource) == 0)
            return review;
    return NULL;
}

static int read_review(struct request *request, struct json **object)
{
    struct decode_target target;
    decode_target_of(request, &target);
    if (decode_body(request, &target, object))
        return -1;
    strategy_set_defaults(request->kind, &request->context, *object);
    return strategy_check_virtual(request->kind, &request->context, *object, &request->status);
}

static int print(struct request *request, const struct json *object)
{
    struct render render;
    if (render_init(&render, request))
        return -1;
    json_print(object, &request->reply.body);
    render.negotiated.as = AS_IS;
    return render_finish(&render, &request->reply.body, &request->reply.content_type,
                         &request->status);
}

void review_end(struct request *request, const struct json *object)
{
    request->reply.code = 201;
    if (print(request, object))
        request_fail(request);
    else
        request_reply(request);
}

void review_serve(struct request *request, const struct review *review)
{
    struct json *object;
    if (read_review(request, &object) || review->answer(request, object))
        request_fail(request);
    else if (!review->ends_itself)
        review_end(request, object);
}
