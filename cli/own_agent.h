/* The agent of the machine that the server runs on: `coracle agent` as a program of its own beside
 * the server, started again when it ends.
 *
 * Two processes, because the agent waits for the machine (mounts, control groups, programs) where
 * the server may not, and because neither shall fall with the other. It gets its certificate from
 * the server's CA by a file, not by a token; from then on it is like any other agent. When the
 * server's process goes, however it goes, the agent is told to end; pods go on.
 *
 * Thread: the loop's. */
#ifndef CLI_OWN_AGENT_H
#define CLI_OWN_AGENT_H

#include "core/net/certificate_authority.h"
#include "core/net/loop.h"

struct own_agent;

struct own_agent_options {            /* Texts are borrowed for good. */
    const char *data_dir;
    const char *server;               /* "https://127.0.0.1:6443" */
    const struct certificate_authority *authority;
    const char *node_name;            /* NULL: the machine's. */
    const char *pod_range;            /* NULL: 10.244.0.0/24. */
    const char *registries;           /* NULL: none. */
};

/* Fails where this machine cannot run containers, and says how to mend it. */
MUST_USE int own_agent_start(struct loop *loop, const struct own_agent_options *options,
                             struct own_agent **agent, struct status *status);
/* stopped() once; the agent is gone then. Takes NULL: stopped() is called at once. */
void own_agent_stop(struct own_agent *agent, void (*stopped)(void *context), void *context);

#endif
