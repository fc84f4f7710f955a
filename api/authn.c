#include "api/authn.h"

#include "core/net/tls.h"

static const char *const anonymous_groups[] = {"system:unauthenticated", NULL};
const struct user user_anonymous = {
    .name = "system:anonymous", .uid = "", .groups = anonymous_groups};

static const char *const admin_groups[] = {"system:masters", "system:authenticated", NULL};
const struct user user_admin = {.name = "kubernetes-admin", .uid = "", .groups = admin_groups};

int authenticate(struct request *request)
{
    if (request->has_bad_certificate)
        return status_fail(&request->status, STATUS_UNAUTHORIZED, "Unauthorized");
    if (request->user)
        return 0;
    if (request->authorization.size > 0)
        return status_fail(&request->status, STATUS_UNAUTHORIZED, "Unauthorized");
    request->user = &user_anonymous;
    return 0;
}

/* CN is the user, every O a group; all who proved who they are, are authenticated. */
static const struct user *user_of(struct arena *arena, const struct x509_names *names)
{
    struct user *user = ARENA_NEW(arena, struct user);
    const char **groups = ARENA_ARRAY(arena, const char *, names->organization_count + 2);
    for (size_t i = 0; i < names->organization_count; i++)
        groups[i] = arena_copy_slice(arena, names->organizations[i]);
    groups[names->organization_count] = "system:authenticated";
    *user = (struct user){
        .name = arena_copy_slice(arena, names->common_name), .uid = "", .groups = groups};
    return user;
}

void authn_from_peer(struct request *request, const struct stream_peer *peer)
{
    if (!peer->tls)
        return;
    request->has_bad_certificate = peer->tls->state == TLS_PEER_UNTRUSTED;
    /* A name is what makes an identity; a certificate without one proves nobody. */
    if (peer->tls->state == TLS_PEER_TRUSTED && peer->tls->certificate.names.common_name.size > 0)
        request->user = user_of(&request->arena, &peer->tls->certificate.names);
}
