/* A node's agent in this process: the only place that wires its parts together.
 *
 * `agent` runs one, and `up` beside its server, to which it speaks like any other. Thread: the
 * loop's. */
#ifndef CLI_AGENT_PROCESS_H
#define CLI_AGENT_PROCESS_H

#include "core/crypto.h"
#include "core/net/loop.h"
#include "core/status.h"

struct agent_process;

struct agent_process_options {      /* Texts are borrowed for good. */
    const char *data_dir;           /* DIR; the agent's is DIR/agent. */
    const char *node_name;          /* NULL: the machine's. */
    const char *node_ip;            /* NULL: the address that reaches the server. */
    const char *server;             /* "https://10.0.0.1:6443" */
    const char *token;              /* "id.secret"; NULL: none. */
    const uint8_t *ca_key_sha256;   /* NULL: none. */
    const char *pod_range;          /* NULL: by the node's name, of 10.244.0.0/16. */
    const char *registries;         /* A file; NULL: none. */
    bool allows_host_image;
    int64_t pods_max;               /* 0: 110. */
    /* Nothing is wanted of this node any more: all that an agent left ends, without a server;
     * all_ended() when it has. NULL: an ordinary agent. */
    void (*all_ended)(void *context);
    void *context;
};

MUST_USE int agent_process_start(struct loop *loop, const struct agent_process_options *options,
                                 struct agent_process **agent, struct status *status);
/* Leaves pods running; stopped() once, and the agent is gone then. */
void agent_process_stop(struct agent_process *agent, void (*stopped)(void *context), void *context);
const char *agent_process_node_name(const struct agent_process *agent);

#endif
