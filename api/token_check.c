/* See token_check.h. */
#include "api/token_check.h"

#include "api/api.h"
#include "api/token_issuer.h"

/* The chain of authenticators that upstream's text speaks of: the one before ours knows only the
 * server's own token. */
void token_refuse(struct token_check *check, const char *why)
{
    check->user = NULL;
    check->error = why ? arena_format(check->arena, "[invalid bearer token, %s]", why)
                       : "invalid bearer token";
}

static bool is_meant(struct slice audience, const struct slice *meant, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(audience, meant[i]))
            return true;
    return false;
}

bool token_accept_audiences(struct token_check *check, const struct slice *meant, size_t count)
{
    struct slice *accepted = ARENA_ARRAY(check->arena, struct slice, check->audience_count);
    check->accepted = accepted;
    check->accepted_count = 0;
    for (size_t i = 0; i < check->audience_count; i++)
        if (is_meant(check->audiences[i], meant, count))
            accepted[check->accepted_count++] = check->audiences[i];
    return check->accepted_count > 0;
}

/* --- The signature, on a worker --- */

static void prove(struct task *task)
{
    struct token_check *check = CONTAINER_OF(task, struct token_check, task);
    const struct token_issuer *issuer = check->api->token_issuer;
    struct token_claims *claims = ARENA_NEW(check->arena, struct token_claims);
    struct jwt jwt;
    if (!jwt_read(check->arena, check->token, &jwt) || !slice_is(jwt.issuer, TOKEN_ISSUER) ||
        !token_claims_read(check->arena, &jwt, claims))
        token_refuse(check, NULL);
    else if (!jwt_is_signed_by(&jwt, &issuer->key))
        token_refuse(check, "go-jose/go-jose: error in cryptographic primitive");
    else
        check->proved = claims;
}

static void proved(struct task *task)
{
    struct token_check *check = CONTAINER_OF(task, struct token_check, task);
    if (check->proved) {
        token_cache_put(check->api->token_cache, check->token, check->proved);
        token_judge_account(check, check->proved);
    }
    check->done(check);
}

bool token_check_start(struct token_check *check)
{
    if (!check->audiences) {
        check->audiences = token_issuer_audiences;
        check->audience_count = ARRAY_SIZE(token_issuer_audiences);
    }
    if (token_judge_bootstrap(check))
        return true;
    /* A flood of what cannot be ours never gets to the workers. */
    if (check->token.size > JWT_SIZE_MAX ||
        !slice_starts_with(check->token, buffer_slice(&check->api->token_issuer->header))) {
        token_refuse(check, NULL);
        return true;
    }
    const struct token_claims *known = token_cache_get(check->api->token_cache, check->token);
    if (known) {
        token_judge_account(check, known);
        return true;
    }
    check->task.work = prove;
    check->task.done = proved;
    loop_submit(check->api->loop, LANE_WORKERS, &check->task);
    return false;
}
