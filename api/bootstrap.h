/* What every cluster has from its first moment: namespaces, priority classes, roles.
 *
 * Whatever is missing at a start is made, in one transaction, by the rules that
 * hold for everyone; what is there is left as it is, but for the built-in priority
 * classes, which upstream restores too. Rules: k8s.io/kubernetes
 * pkg/registry/rbac/rest, plugin/pkg/auth/authorizer/rbac/bootstrappolicy. */
#ifndef API_BOOTSTRAP_H
#define API_BOOTSTRAP_H

#include "api/api.h"
#include "core/client/client.h"

struct bootstrap {
    struct commit commit;
    struct client *client;
    struct api *api;
    struct arena arena;
    void (*done)(struct bootstrap *bootstrap); /* status in commit.status. */
};

/* Starts; sets api->is_ready before it calls done. Inside its owner. */
void bootstrap_start(struct bootstrap *bootstrap, struct api *api,
                     void (*done)(struct bootstrap *bootstrap));
void bootstrap_release(struct bootstrap *bootstrap);

/* The user as which the server itself acts. */
extern const struct user user_apiserver;

#endif
