/* What every cluster has from its first moment: namespaces, priority classes, roles.
 *
 * Whatever is missing at a start is made, in one transaction, by the rules that
 * hold for everyone. What is there is left as it is, but for roles and bindings,
 * which get back what they lack (bootstrap_rbac.h). Rules: k8s.io/kubernetes
 * pkg/registry/rbac/rest, plugin/pkg/auth/authorizer/rbac/bootstrappolicy. */
#ifndef API_BOOTSTRAP_H
#define API_BOOTSTRAP_H

#include "api/api.h"
#include "core/client/client.h"

struct bootstrap {
    struct commit commit;
    size_t capacity;
    struct client *client;
    struct api *api;
    struct arena arena;
    void (*done)(struct bootstrap *bootstrap); /* status in commit.status. */
};

/* Starts; sets api->is_ready before it calls done. Inside its owner. */
void bootstrap_start(struct bootstrap *bootstrap, struct api *api,
                     void (*done)(struct bootstrap *bootstrap));
void bootstrap_release(struct bootstrap *bootstrap);

/* For the parts: the tree on head of an object that has object's kind and name, or NULL; */
struct json *bootstrap_read(struct bootstrap *bootstrap, const struct json *object);
/* and one more write: create, update, delete. */
void bootstrap_add(struct bootstrap *bootstrap, const char *verb, const struct json *object);

/* The user as which the server itself acts. */
extern const struct user user_apiserver;

#endif
