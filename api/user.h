/* Who asks: what authentication found out, and what impersonation made of it.
 *
 * Immutable once made; lives as long as its request or component. Rules:
 * k8s.io/apiserver pkg/authentication/user. */
#ifndef API_USER_H
#define API_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct user {
    const char *name;
    const char *uid;           /* "" when there is none. */
    const char *const *groups; /* Ends with NULL. */
    /* Extra fields as pairs key, value, ..., NULL. NULL: none. */
    const char *const *extra;
};

static inline bool user_in_group(const struct user *user, const char *group)
{
    for (const char *const *g = user->groups; g && *g; g++)
        if (strcmp(*g, group) == 0)
            return true;
    return false;
}

#endif
