/* TokenRequest: asks for a token of a ServiceAccount; the body of serviceaccounts/token. */
#include "core/kinds/field_path.h"
#include "core/kinds/kind.h"
#include "core/kinds/types.h"

#define SECONDS_MIN 600
#define SECONDS_MAX ((int64_t)1 << 32)

static void validate(const struct kind_context *context, const struct json *request,
                     struct field_errors *errors)
{
    const struct field_path *path = AT(AT(NULL, "spec"), "expirationSeconds");
    int64_t seconds;
    (void)context;
    if (!json_to_int64(json_at(request, "spec.expirationSeconds"), &seconds))
        return;
    if (seconds < SECONDS_MIN)
        path_invalid_int(errors, path, seconds, "may not specify a duration less than 10 minutes");
    if (seconds > SECONDS_MAX)
        path_invalid_int(errors, path, seconds,
                         "may not specify a duration larger than 2^32 seconds");
}

const struct kind kind_token_request = {
    .group = "authentication.k8s.io",
    .version = "v1",
    .kind = "TokenRequest",
    .resource = "tokenrequests",
    .singular = "tokenrequest",
    .namespaced = true,
    .is_unserved = true,
    .is_virtual = true,
    .verbs = VERB_CREATE,
    .schema = &type_token_request,
    .validate = validate,
};
