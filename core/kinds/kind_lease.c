/* Lease: says that somebody is alive or in charge.
 *
 * Those in kube-node-lease are heartbeats of nodes: many, small and worth
 * nothing after a minute, so they need not be durable before they are seen. */
#include "core/kinds/cell.h"
#include "core/kinds/field_path.h"
#include "core/kinds/kind.h"
#include "core/kinds/types.h"

static void validate(const struct kind_context *context, const struct json *lease,
                     struct field_errors *errors)
{
    (void)context;
    const struct json *spec = json_get(lease, "spec");
    const struct field_path *path = AT(NULL, "spec");
    int64_t number;
    if (json_to_int64(json_get(spec, "leaseDurationSeconds"), &number) && number <= 0)
        path_invalid_int(errors, AT(path, "leaseDurationSeconds"), number,
                         "must be greater than 0");
    if (json_to_int64(json_get(spec, "leaseTransitions"), &number) && number < 0)
        path_invalid_int(errors, AT(path, "leaseTransitions"), number,
                         "must be greater than or equal to 0");
    if (json_string(json_get(spec, "preferredHolder")).size > 0 &&
        json_string(json_get(spec, "strategy")).size == 0)
        path_forbidden(errors, AT(path, "preferredHolder"),
                       "may only be specified when `strategy` is defined");
}

static bool is_relaxed(struct slice namespace)
{
    return slice_is(namespace, "kube-node-lease");
}

static const struct kind_column columns[] = {
    COLUMN_NAME,
    CELL_AT("Holder", "string", "Who holds it.", "spec.holderIdentity"),
    COLUMN_AGE,
    {.name = NULL},
};

const struct kind kind_lease = {
    .group = "coordination.k8s.io",
    .version = "v1",
    .kind = "Lease",
    .resource = "leases",
    .singular = "lease",
    .namespaced = true,
    .schema = &type_lease,
    .columns = columns,
    .validate = validate,
    .is_relaxed = is_relaxed,
};
