/* A node's agent in the same process, far from the server: the real kubelet and keeper over the
 * fake runtime, speaking HTTP on the simulated network as system:node:NAME.
 *
 * The cable can be cut (network_cut at FAR_SERVER), the agent ended and started again over the
 * same folder and runtime. */
#ifndef TESTS_HARNESS_FAR_NODE_H
#define TESTS_HARNESS_FAR_NODE_H

#include "api/front.h"
#include "core/client/client_remote.h"
#include "kubelet-lite/kubelet.h"
#include "kubelet-lite/node_keeper.h"
#include "kubelet-lite/node_server.h"
#include "kubelet-lite/server_link.h"
#include "tests/harness/cluster.h"
#include "tests/harness/runtime_fake.h"

#define FAR_SERVER "server:6443"
#define FAR_NODE "box"

struct far_node {
    struct cluster *cluster;
    struct listener *listener;
    struct front *front;
    struct runtime_fake fake;     /* Outlives the agent. */
    const char *folder;
    /* The agent: */
    struct client *client;
    struct kubelet *kubelet;
    struct node_keeper *keeper;
    struct node_server *server;
    struct server_link *link;
    bool may_let_go;              /* What the server said of pods that it does not know. */
    int stopping;
    int prepared, cleaned;        /* Containers and pods, ever. */
    struct arena arena;
};

void far_node_open(struct far_node *node);  /* A cluster and its front; no agent yet. */
void far_node_start(struct far_node *node); /* The agent. */
void far_node_stop(struct far_node *node);  /* The agent; what runs goes on. */
void far_node_close(struct far_node *node); /* All. */
/* The file of a run's log: FOLDER/logs-POD-CONTAINER-ATTEMPT, in the node's arena. */
const char *far_node_log(struct far_node *node, const char *pod, const char *container,
                         int64_t attempt);

#endif
