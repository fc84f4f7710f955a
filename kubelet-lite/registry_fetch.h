/* One GET of a registry: with the token that it asks for, by way of where it redirects to.
 *
 * A 401 names who gives tokens (RFC 6750, distribution's token authentication) or asks for a
 * password; it is answered once. Up to five redirects are followed; to another host goes no
 * credential. An answer that stands still for a minute fails. Thread: the loop's. */
#ifndef KUBELET_REGISTRY_FETCH_H
#define KUBELET_REGISTRY_FETCH_H

#include "core/net/http_client.h"
#include "kubelet-lite/registries.h"

struct registry { /* Of one pull; inside its owner. */
    struct loop *loop;
    struct registry_endpoint endpoint;
    const char *credentials;   /* "user:password"; NULL: none. */
    char *authorization;       /* "Bearer ...", once it is known; owned. */
};
void registry_release(struct registry *registry);

struct registry_fetch;
struct registry_fetch_options {
    struct registry *registry; /* Borrowed until done. */
    const char *target;        /* "/v2/library/busybox/manifests/latest" */
    const char *accept;        /* NULL: anything. */
    void (*data)(void *context, struct slice data);
    /* The last call; OK after a 200 whose body is complete. */
    void (*done)(void *context, const struct status *status);
    void *context;
};
struct registry_fetch *registry_fetch_open(const struct registry_fetch_options *options);
void registry_fetch_pause(struct registry_fetch *fetch);
void registry_fetch_resume(struct registry_fetch *fetch);
void registry_fetch_close(struct registry_fetch *fetch); /* Gives up: done() is not called. */

/* `Bearer realm="...",service="...",scope="..."`; pure. false: it is no such challenge. */
struct challenge {
    const char *realm, *service, *scope; /* "" when absent. */
    bool is_basic;
};
bool challenge_parse(struct arena *arena, struct slice header, struct challenge *challenge);

#endif
