/* Outside bytes as an audit policy, and questions to what was read. */
#include "api/audit_policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const groups[] = {"system:authenticated", NULL};
static const struct user user = {.name = "jane", .uid = "", .groups = groups};

static void ask(const struct audit_policy *policy, bool is_resource, const char *subresource)
{
    struct authz_attributes asked = {
        .user = &user,
        .verb = "create",
        .is_resource = is_resource,
        .path = "/healthz/x",
        .group = "",
        .resource = "pods",
        .subresource = subresource,
        .namespace = SLICE("default"),
        .name = SLICE("a"),
    };
    struct audit_decision decision = audit_policy_decide(policy, &asked);
    PRE(decision.level <= AUDIT_REQUEST_RESPONSE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct status status;
    status_init(&status);
    struct audit_policy *policy =
        audit_policy_read((struct slice){(const char *)data, size}, &status);
    if (policy) {
        ask(policy, true, NULL);
        ask(policy, true, "log");
        ask(policy, false, NULL);
    }
    audit_policy_destroy(policy);
    status_release(&status);
    return 0;
}
