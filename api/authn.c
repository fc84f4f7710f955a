#include "api/authn.h"

#include <strings.h>

#include "api/api.h"
#include "api/token_check.h"
#include "core/net/tls.h"

static const char *const anonymous_groups[] = {"system:unauthenticated", NULL};
const struct user user_anonymous = {
    .name = "system:anonymous", .uid = "", .groups = anonymous_groups};

static const char *const admin_groups[] = {"system:masters", "system:authenticated", NULL};
const struct user user_admin = {.name = "kubernetes-admin", .uid = "", .groups = admin_groups};

int authenticate(struct request *request)
{
    if (request->has_bad_certificate || request->has_bad_token)
        return status_fail(&request->status, STATUS_UNAUTHORIZED, "Unauthorized");
    if (!request->user)
        request->user = &user_anonymous;
    return 0;
}

/* --- Bearer tokens (RFC 6750 2.1) --- */

struct proof {
    struct token_check check;
    struct request *request;
    void (*then)(struct request *request);
};

/* The token of "Authorization: Bearer TOKEN"; empty: none. Other schemes are ignored, as upstream
 * does (k8s.io/apiserver pkg/authentication/request/bearertoken). */
static struct slice bearer_token(struct request *request)
{
    struct slice rest = slice_trim(request->authorization);
    struct slice scheme, token = {0};
    if (!slice_split(&rest, ' ', &scheme) || scheme.size != strlen("bearer") ||
        strncasecmp(scheme.data, "bearer", scheme.size) != 0 || !slice_split(&rest, ' ', &token))
        return (struct slice){0};
    if (token.size == 0 && rest.data)
        request_warn(request, "the provided Authorization header contains extra space before the "
                              "bearer token, and is ignored");
    return token;
}

static void take_answer(struct proof *proof)
{
    proof->request->user = proof->check.user;
    proof->request->has_bad_token = !proof->check.user;
}

static void token_checked(struct token_check *check)
{
    struct proof *proof = CONTAINER_OF(check, struct proof, check);
    take_answer(proof);
    proof->then(proof->request);
}

bool authn_prove_token(struct request *request, void (*then)(struct request *request))
{
    if (request->user || request->has_bad_certificate || request->authorization.size == 0)
        return false;
    struct slice token = bearer_token(request);
    if (token.size == 0)
        return false;
    struct proof *proof = ARENA_NEW(&request->arena, struct proof);
    proof->request = request;
    proof->then = then;
    proof->check = (struct token_check){
        .api = request->api, .arena = &request->arena, .token = token, .done = token_checked};
    if (!token_check_start(&proof->check))
        return true;
    take_answer(proof);
    return false;
}

/* --- Client certificates --- */

/* CN is the user, every O a group; all who proved who they are, are authenticated. What they
 * proved it with is told too: audit logs and TokenRequests go by it. */
static const struct user *user_of(struct arena *arena, const struct tls_peer *peer)
{
    const struct x509_names *names = &peer->certificate.names;
    struct user *user = ARENA_NEW(arena, struct user);
    const char **extra = ARENA_ARRAY(arena, const char *, 3);
    extra[0] = "authentication.kubernetes.io/credential-id";
    extra[1] = arena_format(arena, "X509SHA256=%s", peer->hash);
    const char **groups = ARENA_ARRAY(arena, const char *, names->organization_count + 2);
    for (size_t i = 0; i < names->organization_count; i++)
        groups[i] = arena_copy_slice(arena, names->organizations[i]);
    groups[names->organization_count] = "system:authenticated";
    *user = (struct user){.name = arena_copy_slice(arena, names->common_name),
                          .uid = "",
                          .groups = groups,
                          .extra = extra};
    return user;
}

void authn_from_peer(struct request *request, const struct stream_peer *peer)
{
    if (!peer->tls)
        return;
    request->has_bad_certificate = peer->tls->state == TLS_PEER_UNTRUSTED;
    /* A name is what makes an identity; a certificate without one proves nobody. */
    if (peer->tls->state == TLS_PEER_TRUSTED && peer->tls->certificate.names.common_name.size > 0)
        request->user = user_of(&request->arena, peer->tls);
}
