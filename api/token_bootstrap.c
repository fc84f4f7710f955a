/* Bootstrap tokens, by the Secret that keeps them.
 *
 * It is read as it is committed, at each request: they are few, and shown seldom. Rules:
 * k8s.io/kubernetes plugin/pkg/auth/authenticator/token/bootstrap. */
#include "api/api.h"
#include "api/token_check.h"
#include "api/token_issuer.h"
#include "core/crypto.h"
#include "core/kinds/bootstrap_token.h"
#include "core/kinds/meta.h"

/* The tree of the token's Secret; NULL when there is none, or it is going away. */
static const struct json *secret_of(struct token_check *check, const struct bootstrap_token *token)
{
    struct buffer key = {0};
    const char *name = arena_format(check->arena, BOOTSTRAP_TOKEN_NAME_PREFIX "%s", token->id);
    key_append(&key, "", "secrets", SLICE(BOOTSTRAP_TOKEN_NAMESPACE), slice_of(name));
    const struct object *object = store_get(check->api->store, COMMITTED, buffer_slice(&key));
    buffer_release(&key);
    if (!object)
        return NULL;
    struct status status;
    status_init(&status);
    const struct json *tree = json_parse(check->arena, object_body(object), NULL, &status);
    status_release(&status);
    return meta_is_deleting(tree) ? NULL : tree;
}

static bool holds(struct token_check *check, const struct json *secret,
                  const struct bootstrap_token *token)
{
    struct arena *arena = check->arena;
    int64_t now_us = clock_wall_us(loop_clock(check->api->loop));
    struct slice expected = slice_of(bootstrap_token_data(arena, secret, "token-secret"));
    const char *use = bootstrap_token_data(arena, secret, "usage-bootstrap-authentication");
    return slice_is(json_string(json_get(secret, "type")), BOOTSTRAP_TOKEN_SECRET_TYPE) &&
           secret_equal(expected, slice_of(token->secret)) &&
           strcmp(bootstrap_token_data(arena, secret, "token-id"), token->id) == 0 &&
           !bootstrap_token_is_expired(arena, secret, now_us, NULL) && strcmp(use, "true") == 0;
}

static const char *const *with_authenticated(struct arena *arena, const char *const *groups)
{
    size_t count = 0;
    while (groups[count])
        count++;
    const char **all = ARENA_ARRAY(arena, const char *, count + 2);
    memcpy(all, groups, count * sizeof(*all));
    all[count] = "system:authenticated";
    return all;
}

bool token_judge_bootstrap(struct token_check *check)
{
    struct bootstrap_token token;
    if (!bootstrap_token_parse(check->token, &token) || *token.ca_hash)
        return false;
    const struct json *secret = secret_of(check, &token);
    const char *const *groups = NULL;
    if (secret && holds(check, secret, &token) &&
        token_accept_audiences(check, token_issuer_audiences, ARRAY_SIZE(token_issuer_audiences)))
        groups = bootstrap_token_groups(check->arena, secret);
    if (!groups) {
        token_refuse(check, NULL);
        return true;
    }
    struct user *user = ARENA_NEW(check->arena, struct user);
    *user = (struct user){
        .name = arena_format(check->arena, "system:bootstrap:%s", token.id),
        .uid = "",
        .groups = with_authenticated(check->arena, groups),
    };
    check->user = user;
    return true;
}
