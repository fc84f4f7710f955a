/* What client_remote.c (calls) and remote_watch.c (watches) share. */
#ifndef CORE_CLIENT_REMOTE_PRIVATE_H
#define CORE_CLIENT_REMOTE_PRIVATE_H

#include "core/client/client_remote.h"
#include "core/list.h"
#include "core/net/http_client.h"

enum { REMOTE_HEADERS_MAX = 4 };

struct remote_way { /* Connections that prove the same identity. */
    struct client_remote *remote;
    struct http_client *http;
    struct list link;
    size_t uses;   /* Calls and watches on it. */
};

struct client_remote {
    struct client client;
    char *user, *address, *host, *user_agent;
    char *authorization; /* "Bearer ..."; NULL: none. */
    const struct registry *registry;
    struct list ways;
    struct remote_way *way; /* The newest: what begins now takes it. */
    struct list calls, watches;
    bool is_closed;
};

/* The newest way; each taking ends by a leaving. */
struct remote_way *remote_take_way(struct client_remote *remote);
void remote_leave_way(struct remote_way *way);
size_t remote_headers(const struct client_remote *remote, const char *content_type,
                      struct http_header headers[REMOTE_HEADERS_MAX]);

void remote_watch_start(struct client *client, struct client_watch *watch);
void remote_watch_stop(struct client *client, struct client_watch *watch);
void remote_watch_drop(struct list *link);

#endif
