/* See token_claims.h. */
#include "api/token_claims.h"

const char *token_claims_user(struct arena *arena, const struct token_claims *claims)
{
    return arena_format(arena, "system:serviceaccount:" SLICE_FORMAT ":" SLICE_FORMAT,
                        SLICE_ARGS(claims->namespace), SLICE_ARGS(claims->account.name));
}

/* --- Writing --- */

static void set_slice(struct arena *arena, struct json *object, const char *name,
                      struct slice value)
{
    json_set(arena, object, name, json_new_string(arena, value));
}

static void set_reference(struct arena *arena, struct json *object, const char *name,
                          const struct token_reference *reference)
{
    if (reference->name.size == 0)
        return;
    struct json *one = json_set(arena, object, name, json_new_object(arena));
    set_slice(arena, one, "name", reference->name);
    if (reference->uid.size > 0)
        set_slice(arena, one, "uid", reference->uid);
}

static struct json *private_claims(struct arena *arena, const struct token_claims *claims)
{
    struct json *own = json_new_object(arena);
    set_slice(arena, own, "namespace", claims->namespace);
    set_reference(arena, own, "node", &claims->node);
    set_reference(arena, own, "pod", &claims->pod);
    set_reference(arena, own, "secret", &claims->secret);
    set_reference(arena, own, "serviceaccount", &claims->account);
    if (claims->warn_after_s > 0)
        json_set_int(arena, own, "warnafter", claims->warn_after_s);
    return own;
}

struct json *token_claims_print(struct arena *arena, const struct token_claims *claims,
                                const char *issuer)
{
    struct json *tree = json_new_object(arena);
    struct json *audiences = json_set(arena, tree, "aud", json_new_array(arena));
    for (size_t i = 0; i < claims->audience_count; i++)
        json_append(audiences, json_new_string(arena, claims->audiences[i]));
    json_set_int(arena, tree, "exp", claims->expires_s);
    json_set_int(arena, tree, "iat", claims->issued_s);
    json_set_text(arena, tree, "iss", issuer);
    set_slice(arena, tree, "jti", claims->id);
    json_set(arena, tree, "kubernetes.io", private_claims(arena, claims));
    json_set_int(arena, tree, "nbf", claims->not_before_s);
    json_set_text(arena, tree, "sub", token_claims_user(arena, claims));
    return tree;
}

/* --- Reading --- */

/* Absent, or an object that names something. */
static bool read_reference(const struct json *object, const char *name,
                           struct token_reference *reference)
{
    const struct json *one = json_get(object, name);
    reference->name = json_string(json_get(one, "name"));
    reference->uid = json_string(json_get(one, "uid"));
    return !one || reference->name.size > 0;
}

bool token_claims_read(struct arena *arena, const struct jwt *jwt, struct token_claims *claims)
{
    const struct json *own = json_get(jwt->claims, "kubernetes.io");
    *claims = (struct token_claims){
        .namespace = json_string(json_get(own, "namespace")),
        .id = jwt->id,
        .audiences = jwt->audiences,
        .audience_count = jwt->audience_count,
        .expires_s = jwt->expires_s,
        .not_before_s = jwt->not_before_s,
        .issued_s = jwt->issued_s,
    };
    if (!json_to_int64(json_get(own, "warnafter"), &claims->warn_after_s))
        claims->warn_after_s = 0;
    return read_reference(own, "serviceaccount", &claims->account) &&
           read_reference(own, "pod", &claims->pod) &&
           read_reference(own, "secret", &claims->secret) &&
           read_reference(own, "node", &claims->node) && claims->namespace.size > 0 &&
           claims->account.name.size > 0 && claims->account.uid.size > 0 &&
           slice_is(jwt->subject, token_claims_user(arena, claims));
}
