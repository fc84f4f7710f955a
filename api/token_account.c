/* Whether a service account's token still holds: its times, its account, what it is bound to.
 *
 * All are looked up by key in what is committed, and compared by the UID in the view: nothing is
 * parsed. Texts are those of k8s.io/kubernetes pkg/serviceaccount (claims.go, jwt.go). */
#include "api/api.h"
#include "api/token_check.h"
#include "core/kinds/view.h"

enum { EXTRA_MAX = 11 }; /* Five pairs, and the end. */
#define DELETED_LEEWAY_US (INT64_C(60) * 1000000)

#define INVALIDATED "service account token has been invalidated"

static const char *text_of(struct token_check *check, struct slice text)
{
    return arena_copy_slice(check->arena, text);
}

/* --- What must be there --- */

static const struct object *find(struct token_check *check, const char *resource,
                                 struct slice namespace, struct slice name)
{
    struct buffer key = {0};
    key_append(&key, "", resource, namespace, name);
    const struct object *object = store_get(check->api->store, COMMITTED, buffer_slice(&key));
    buffer_release(&key);
    return object;
}

/* Deleted for longer than clocks may differ: its finalizers keep it, but not its tokens. */
static bool is_gone(struct token_check *check, const struct object *object)
{
    struct slice value;
    if (!view_find(object_view(object), VIEW_DELETED, &value))
        return false;
    int64_t now_us = clock_wall_us(loop_clock(check->api->loop));
    return view_int(object_view(object), VIEW_DELETED, 0) < now_us - DELETED_LEEWAY_US;
}

static const char *judge_account(struct token_check *check, const struct token_claims *claims)
{
    struct arena *arena = check->arena;
    const struct object *account =
        find(check, "serviceaccounts", claims->namespace, claims->account.name);
    if (!account)
        return arena_format(arena, "serviceaccounts \"" SLICE_FORMAT "\" not found",
                            SLICE_ARGS(claims->account.name));
    if (!slice_equal(view_uid(account), claims->account.uid))
        return arena_format(arena,
                            "service account UID (" SLICE_FORMAT ") does not match claim "
                            "(" SLICE_FORMAT ")",
                            SLICE_ARGS(view_uid(account)), SLICE_ARGS(claims->account.uid));
    if (is_gone(check, account))
        return arena_format(arena,
                            "service account " SLICE_FORMAT "/" SLICE_FORMAT " has been deleted",
                            SLICE_ARGS(claims->namespace), SLICE_ARGS(claims->account.name));
    return NULL;
}

/* what: "pod", as the text calls it: "pod UID (a) does not match service account pod ref claim". */
static const char *judge_bound(struct token_check *check, const char *what, const char *resource,
                               struct slice namespace, const struct token_reference *bound)
{
    const struct object *object = find(check, resource, namespace, bound->name);
    if (!object)
        return INVALIDATED;
    if (!slice_equal(view_uid(object), bound->uid))
        return arena_format(check->arena,
                            "%s UID (" SLICE_FORMAT ") does not match service account %s ref claim "
                            "(" SLICE_FORMAT ")",
                            what, SLICE_ARGS(view_uid(object)), what, SLICE_ARGS(bound->uid));
    return is_gone(check, object) ? INVALIDATED : NULL;
}

static const char *judge_binding(struct token_check *check, const struct token_claims *claims)
{
    const char *why = NULL;
    if (claims->secret.name.size > 0)
        why = judge_bound(check, "secret", "secrets", claims->namespace, &claims->secret);
    if (!why && claims->pod.name.size > 0)
        why = judge_bound(check, "pod", "pods", claims->namespace, &claims->pod);
    else if (!why && claims->node.name.size > 0)
        why = judge_bound(check, "node", "nodes", (struct slice){0}, &claims->node);
    return why;
}

/* --- When and for whom --- */

static void append_list(const struct slice *list, size_t count, struct buffer *text)
{
    buffer_append_byte(text, '[');
    for (size_t i = 0; i < count; i++)
        buffer_format(text, "%s\"" SLICE_FORMAT "\"", i ? " " : "", SLICE_ARGS(list[i]));
    buffer_append_byte(text, ']');
}

static const char *judge_audiences(struct token_check *check, const struct token_claims *claims)
{
    if (token_accept_audiences(check, claims->audiences, claims->audience_count))
        return NULL;
    struct buffer text = {0};
    buffer_append_text(&text, "token audiences ");
    append_list(claims->audiences, claims->audience_count, &text);
    buffer_append_text(&text, " is invalid for the target audiences ");
    append_list(check->audiences, check->audience_count, &text);
    const char *why = arena_copy_slice(check->arena, buffer_slice(&text));
    buffer_release(&text);
    return why;
}

static const char *judge_time(struct token_check *check, const struct token_claims *claims)
{
    int64_t now_us = clock_wall_us(loop_clock(check->api->loop));
    switch (jwt_judge_time(claims->expires_s, claims->not_before_s, claims->issued_s, now_us)) {
    case JWT_IN_TIME: break;
    case JWT_EXPIRED: return "service account token has expired";
    case JWT_NOT_YET_VALID: return "service account token is not valid yet";
    case JWT_ISSUED_IN_FUTURE: return "service account token is issued in the future";
    }
    return NULL;
}

/* --- Who it is --- */

static void add_extra(struct token_check *check, const char **extra, size_t *count, const char *key,
                      struct slice value)
{
    if (value.size == 0)
        return;
    PRE(*count + 2 < EXTRA_MAX);
    extra[(*count)++] = key;
    extra[(*count)++] = text_of(check, value);
}

static const char *const *extra_of(struct token_check *check, const struct token_claims *claims)
{
    const char **extra = ARENA_ARRAY(check->arena, const char *, EXTRA_MAX);
    size_t count = 0;
    if (claims->id.size > 0) {
        const char *id = arena_format(check->arena, "JTI=" SLICE_FORMAT, SLICE_ARGS(claims->id));
        add_extra(check, extra, &count, "authentication.kubernetes.io/credential-id", slice_of(id));
    }
    add_extra(check, extra, &count, "authentication.kubernetes.io/node-name", claims->node.name);
    add_extra(check, extra, &count, "authentication.kubernetes.io/node-uid", claims->node.uid);
    add_extra(check, extra, &count, "authentication.kubernetes.io/pod-name", claims->pod.name);
    add_extra(check, extra, &count, "authentication.kubernetes.io/pod-uid", claims->pod.uid);
    return extra;
}

static const struct user *user_of(struct token_check *check, const struct token_claims *claims)
{
    struct user *user = ARENA_NEW(check->arena, struct user);
    const char **groups = ARENA_ARRAY(check->arena, const char *, 4);
    groups[0] = "system:serviceaccounts";
    groups[1] = arena_format(check->arena, "system:serviceaccounts:" SLICE_FORMAT,
                             SLICE_ARGS(claims->namespace));
    groups[2] = "system:authenticated";
    *user = (struct user){
        .name = token_claims_user(check->arena, claims),
        .uid = text_of(check, claims->account.uid),
        .groups = groups,
        .extra = extra_of(check, claims),
    };
    return user;
}

void token_judge_account(struct token_check *check, const struct token_claims *claims)
{
    const char *why = judge_audiences(check, claims);
    if (!why)
        why = judge_time(check, claims);
    if (!why)
        why = judge_account(check, claims);
    if (!why)
        why = judge_binding(check, claims);
    if (why)
        token_refuse(check, why);
    else
        check->user = user_of(check, claims);
}
