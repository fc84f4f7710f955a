/* The API server: one place where every rule about an object is enforced.
 *
 * An api serves requests from any transport over one store. Everything hangs
 * off it, so several can run in one process. Thread: the loop thread. */
#ifndef API_API_H
#define API_API_H

#include "api/request.h"
#include "api/request_metrics.h"
#include "core/kinds/registry.h"
#include "core/metrics.h"
#include "core/net/loop.h"
#include "core/trace.h"
#include "store/store.h"

struct api_options {
    struct loop *loop;
    struct store *store;             /* Borrowed; closed after the api. */
    const struct registry *registry; /* Borrowed. */
    struct trace *trace;             /* May be NULL. */
    struct metrics *metrics;         /* May be NULL. */
    const char *server_address;      /* "127.0.0.1:6443", for /api's client hints. */
    struct audit *audit;             /* Borrowed; NULL: nothing is written. */
    const struct service_ranges_config *service_ranges; /* NULL: the default. */
    const struct ec_key *token_key;  /* Signs tokens of service accounts; NULL: by chance. */
};

struct api {
    struct loop *loop;
    struct store *store;
    const struct registry *registry;
    struct trace *trace;
    struct metrics *metrics;
    const char *server_address;
    struct service_ranges *service_ranges;
    struct audit *audit;
    struct authz *authz;
    struct node_links *links;        /* To the agents of nodes. */
    struct token_issuer *token_issuer;
    struct token_cache *token_cache; /* Tokens that were proved. */
    bool is_ready;                   /* /readyz */
    struct list requests;            /* That are under way. */
    struct flow flow;                /* And how many may be. */
    struct request_metrics request_metrics;
    struct discovery *discovery;     /* Documents made once. */
    struct openapi_documents *openapi;
};

struct api *api_create(const struct api_options *options);
/* Before the store is closed, and with it the last requests are answered. */
void api_stop(struct api *api);
/* After it. No request may be under way. Takes NULL. */
void api_destroy(struct api *api);

/* Serves: request->done is called once the reply is there, perhaps before this returns. */
void api_serve(struct api *api, struct request *request);

struct client;
/* A client in this process that speaks as user (borrowed). */
struct client *api_client_create(struct api *api, const struct user *user);
void api_client_destroy(struct client *client);

#endif
