/* A whole control plane in one process under a simulated clock, for stories.
 *
 * Store on a log in memory, API, and what is asked for beside it; every wait is
 * a step of one seeded queue. Requests go through the same api_serve() as
 * HTTP's, as the administrator unless said otherwise. */
#ifndef TESTS_HARNESS_CLUSTER_H
#define TESTS_HARNESS_CLUSTER_H

#include "api/api.h"
#include "controllers/manager.h"
#include "core/client/client.h"
#include "store/log.h"
#include "tests/harness/test.h"

struct cluster {
    struct loop *loop;
    struct log_memory_contents *contents;
    struct store *store;
    struct registry *registry;
    struct trace trace;
    struct metrics metrics;
    struct api *api;
    struct client *scheduler_client;
    struct scheduler *scheduler;
    struct manager *manager;
    struct operator_word operator_word;
    struct controller_options controllers; /* Set before they are started. */
    struct client *controller_clients[64];
    size_t controller_count;
    struct buffer traced;       /* Lines of TRACE_* parts that were asked for. */
    struct arena arena;         /* Of replies. */
    /* Of the last request: */
    int code;
    const char *reply;          /* The body as text. */
    struct json *object;        /* The body as a tree; NULL when it is none. */
    const char *content_type;
    const char *warnings;       /* Warning headers, a line each, as they were sent. */
};

struct cluster *cluster_start(void);
void cluster_stop(struct cluster *cluster);
/* What a server does at a start with objects that are there already: bootstrap.h, once more. */
void cluster_boot(struct cluster *cluster);

/* Until cluster_start_controllers() every namespace that is made by a request gets its service account
 * "default" at once.
 *
 * A request and its whole reply; runs the loop until it is there. body is JSON, or NULL.
 * Gives the code. path may have a query. */
int cluster_request(struct cluster *cluster, const char *method, const char *path,
                    const char *body);
/* The same with headers: content_type and accept may be NULL; user NULL: the administrator. */
int cluster_request_as(struct cluster *cluster, const struct user *user, const char *method,
                       const char *path, const char *content_type, const char *accept,
                       const char *body);
/* The same, from somebody who shows nothing but a bearer token. */
int cluster_request_with(struct cluster *cluster, const char *token, const char *method,
                         const char *path, const char *body);
/* Starts the scheduler, which traces its decisions into traced. */
void cluster_start_scheduler(struct cluster *cluster);
/* Starts all controllers, each with the rights of its own service account. */
void cluster_start_controllers(struct cluster *cluster);
/* Makes a Node with these allocatable: "cpu=4,nvidia.com/gpu=8" (110 pods unless said). */
void cluster_node(struct cluster *cluster, const char *name, const char *resources);
/* Makes a Pod in default that requests these; group: its PodGroup, or NULL. */
void cluster_pod(struct cluster *cluster, const char *name, const char *resources,
                 const char *group);
/* The node of a pod: "" while it has none. */
const char *cluster_node_of(struct cluster *cluster, const char *pod);
/* Lets time pass. */
void cluster_run_ms(struct cluster *cluster, int64_t ms);

/* Text at a path of the last reply: "metadata.name"; numbers as they are printed. */
const char *cluster_text(struct cluster *cluster, const char *path);

/* The last reply's code, with the reply in the failure. */
#define EXPECT_CODE(cluster, expected)                                                       \
    ((cluster)->code == (expected)                                                           \
         ? (void)0                                                                           \
         : test_fail(__FILE__, __LINE__, "code %d, not %d: %s", (cluster)->code, (expected), \
                     (cluster)->reply))

#endif
