/* The far client: the API over HTTP/1.1, by TLS with a certificate or a token.
 *
 * A call that gets no answer ends with SERVICE_UNAVAILABLE or TIMEOUT; whether to try again
 * is its owner's to say. A watch is one request: when it ends, for whatever reason, its last
 * event is EVENT_ERROR (informer.h resumes). Objects of watches are of kinds whose version is
 * the stored one. There are no snapshots and no commits from afar.
 *
 * Thread: the loop's. */
#ifndef CORE_CLIENT_CLIENT_REMOTE_H
#define CORE_CLIENT_CLIENT_REMOTE_H

#include "core/client/client.h"
#include "core/kinds/registry.h"
#include "core/net/tls.h"

struct client_remote_options {
    const char *address;             /* "HOST:PORT", or the path of a unix socket. */
    const char *host;                /* Whom the server's certificate must name; NULL: address's. */
    struct tls_config *tls;          /* Counted; NULL: plain. */
    const char *token;               /* A bearer token, or NULL. */
    const char *user;                /* For logs and User-Agent: "coracle-agent". */
    const struct registry *registry; /* Borrowed; NULL: no watches. */
};

/* Texts are copied. */
struct client *client_remote_open(struct loop *loop, const struct client_remote_options *options);
/* From now on all calls, those under way too, are answered with SERVICE_UNAVAILABLE; watches
 * end without a word. */
void client_remote_stop(struct client *client);
/* Stops, answers, and is no more. Takes NULL. */
void client_remote_close(struct client *client);
/* New connections prove who we are by these from now on; those that are open live on. */
void client_remote_set_tls(struct client *client, struct tls_config *tls);

/* For what is no call: connections that are taken over by their owner. Borrowed until the next
 * client_remote_set_tls(). */
struct http_client;
struct http_client *client_remote_http(struct client *client);

#endif
