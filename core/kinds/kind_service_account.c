/* ServiceAccount: who pods are when they speak to the API. */
#include "core/kinds/cell.h"
#include "core/kinds/kind.h"
#include "core/kinds/types.h"

static void cell_secrets(const struct kind_context *context, const struct json *account,
                         struct buffer *text)
{
    (void)context;
    buffer_append_int(text, (int64_t)json_count(json_get(account, "secrets")));
}

static const struct kind_column columns[] = {
    COLUMN_NAME,
    CELL("Secrets", "string", "How many secrets it lists.", cell_secrets),
    COLUMN_AGE,
    {.name = NULL},
};
static const struct kind_subresource subresources[] = {
    {.name = "token",
     .verbs = VERB_CREATE,
     .group = "authentication.k8s.io",
     .version = "v1",
     .kind = "TokenRequest"},
    {.name = NULL},
};

const struct kind kind_service_account = {
    .group = "",
    .version = "v1",
    .kind = "ServiceAccount",
    .resource = "serviceaccounts",
    .singular = "serviceaccount",
    .short_names = NAMES("sa"),
    .namespaced = true,
    .schema = &type_service_account,
    .subresources = subresources,
    .columns = columns,
};
