#include "api/authn.h"

static const char *const anonymous_groups[] = {"system:unauthenticated", NULL};
const struct user user_anonymous = {.name = "system:anonymous",
                                    .uid = "",
                                    .groups = anonymous_groups};

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
