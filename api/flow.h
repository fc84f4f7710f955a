/* How much may be under way at once, and who is told to come back later.
 *
 * As upstream's (k8s.io/apiserver pkg/server/filters/maxinflight.go): reads and writes are
 * counted apart; when all places are taken a request is refused with 429 and Retry-After: 1, but
 * for system:masters, who always gets an answer. Health is always answered, and what runs
 * long (watch, exec, attach, portforward, log) has no place among them; watches are counted by
 * their user instead. Components in this process are not limited. Thread: the loop's. */
#ifndef API_FLOW_H
#define API_FLOW_H

#include "core/map.h"
#include "core/metrics.h"
#include "core/status.h"

enum {
    FLOW_READS_MAX = 400,   /* Upstream's --max-requests-inflight, */
    FLOW_WRITES_MAX = 200,  /* and --max-mutating-requests-inflight. */
    FLOW_WATCHES_MAX = 5000, /* Long-running requests of one user. */
};

struct request;

enum flow_kind { FLOW_NONE, FLOW_READ, FLOW_WRITE, FLOW_LONG };

struct flow {
    int64_t reads_max; /* Tests lower them. */
    int64_t writes_max;
    int64_t watches_max;
    struct metric reads; /* Places taken. */
    struct metric writes;
    struct map long_running; /* User name -> struct flow_user. */
    struct metrics *metrics; /* May be NULL. */
};

void flow_init(struct flow *flow, struct metrics *metrics);
void flow_release(struct flow *flow);
/* Once it is known who asks what. -1 and TOO_MANY_REQUESTS. */
MUST_USE int flow_enter(struct flow *flow, struct request *request);
/* When the request has ended; harmless if it did not enter. */
void flow_leave(struct flow *flow, struct request *request);
/* Watch, or a subresource that streams. */
bool flow_is_long_running(const struct request *request);

#endif
