#include "api/certificate_signer.h"

#include "api/authz.h"

#define GROUP "certificates.k8s.io"

bool certificate_is_asked(const struct admission *admission, const char *subresource)
{
    const char *asked = admission->subresource ? admission->subresource->name : NULL;
    return strcmp(admission->kind->group, GROUP) == 0 &&
           strcmp(admission->kind->resource, "certificatesigningrequests") == 0 &&
           (asked && subresource ? strcmp(asked, subresource) == 0 : asked == subresource);
}

static bool may(const struct admission *admission, const char *verb, struct slice signer)
{
    struct authz_attributes attributes = {
        .user = admission->request->user,
        .verb = verb,
        .is_resource = true,
        .path = "",
        .group = GROUP,
        .resource = "signers",
        .name = signer,
    };
    return authz_allows(admission->request->api, &attributes);
}

static struct slice signer_of(const struct admission *admission)
{
    return json_string(json_at(admission->old, "spec.signerName"));
}

bool certificate_signer_allows(const struct admission *admission, const char *verb)
{
    struct slice signer = signer_of(admission);
    struct slice rest = signer, domain;
    if (may(admission, verb, signer))
        return true;
    slice_split(&rest, '/', &domain);
    const char *any =
        arena_format(&admission->request->arena, SLICE_FORMAT "/*", SLICE_ARGS(domain));
    return may(admission, verb, slice_of(any));
}

int certificate_signer_forbid(const struct admission *admission, const char *verb,
                              struct status *status)
{
    struct arena *arena = &admission->request->arena;
    return admission_forbid(admission, status,
                            arena_format(arena,
                                         "user not permitted to %s requests with signerName %s",
                                         verb, field_value_text(arena, signer_of(admission))));
}
