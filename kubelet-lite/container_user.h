/* Who a container runs as, by the names in its own /etc/passwd and /etc/group. Pure. */
#ifndef KUBELET_CONTAINER_USER_H
#define KUBELET_CONTAINER_USER_H

#include "core/arena.h"
#include "core/status.h"

struct container_user {
    int64_t uid, gid;
    const int64_t *groups; /* Further ones that /etc/group gives the user. */
    size_t group_count;
    const char *home;      /* "/" when nobody says. */
};

/* user: "", "1000", "1000:1000", "nobody", "nobody:nogroup"; uid and gid, unless -1, stand above it.
 * Fails with NOT_FOUND: "no users found". */
MUST_USE int container_user_find(struct arena *arena, const char *user, int64_t uid, int64_t gid,
                                 struct slice passwd, struct slice group,
                                 struct container_user *found, struct status *status);

#endif
