/* One look from outside into a container: a command, an HTTP request, a connection.
 *
 * Probes and lifecycle hooks are made of these. Upstream: pkg/probe, and
 * pkg/kubelet/lifecycle for hooks; texts of failures are theirs.
 *
 * Thread: the loop's. Inside its owner, alive until done. */
#ifndef KUBELET_CHECK_H
#define KUBELET_CHECK_H

#include "core/json.h"
#include "kubelet-lite/runtime.h"

enum check_result {
    CHECK_PASSED,
    CHECK_FAILED,
    CHECK_UNKNOWN, /* It could not be made: counts neither way. */
};

struct check {
    void (*done)(struct check *check);
    enum check_result result;
    const char *message;          /* What was seen; "" when there is nothing to say. */
    /* The rest is its own. */
    struct loop *loop;
    struct arena arena;
    struct timer timer;           /* The time limit; of a sleep, its end. */
    struct message finish;        /* done() comes from the loop. */
    struct runtime_call call;     /* exec */
    struct http_client *client;   /* httpGet */
    struct http_call *http;
    struct dial *dial;            /* tcpSocket */
    struct buffer seen;           /* Of the body. */
    int64_t http_code;
    const char *what;             /* For texts: an URL, an address. */
    bool is_under_way;
    bool is_finished;             /* done() is on its way. */
};

struct check_target {
    struct runtime *runtime;
    const char *container_id;
    const char *host;              /* The pod's address. */
    const struct json *container;  /* Its spec: ports are looked up by name. */
};

/* handler is a Probe or a LifecycleHandler: exec, httpGet, tcpSocket or sleep; of grpc it says
 * that it cannot. Borrows all until done. */
void check_start(struct check *check, const struct check_target *target, const struct json *handler,
                 int64_t timeout_us, void (*done)(struct check *));
void check_release(struct check *check); /* Not while it is under way. Safe on zeroed memory. */

#endif
