/* Impersonation: one user acts as another, if the rules let them.
 *
 * Headers Impersonate-User, -Group, -Uid and -Extra-KEY. Each thing taken is asked of
 * authorization as the real user: verb impersonate on users, groups, uids and
 * userextras/KEY, service accounts by their own resource. Rules: k8s.io/apiserver
 * pkg/endpoints/filters/impersonation.go. */
#ifndef API_IMPERSONATE_H
#define API_IMPERSONATE_H

#include "api/request.h"

/* Replaces request->user where it is asked for; -1 and FORBIDDEN or BAD_REQUEST. */
MUST_USE int impersonate(struct request *request);

#endif
