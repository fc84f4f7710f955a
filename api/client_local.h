/* What the near client's files share. */
#ifndef API_CLIENT_LOCAL_H
#define API_CLIENT_LOCAL_H

#include "api/api.h"
#include "api/authz.h"
#include "core/client/client.h"

struct client_local {
    struct client client;
    struct api *api;
    const struct user *user;
};

/* client_commit.c: every write passes the rules, then all are one transaction. */
void client_local_commit(struct client *client, struct commit *commit);

#endif
