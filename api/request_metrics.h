/* What /metrics tells of requests, under upstream's names.
 *
 *   apiserver_request_total, apiserver_request_duration_seconds, apiserver_response_sizes,
 *   apiserver_longrunning_requests, apiserver_watch_events_total
 *
 * A request finds its row (verb, kind, subresource, scope) by one look into a table when it
 * ends; rows are made when they are first met, and there are no more of them than routes: what
 * is not served counts under no resource. Thread: the loop's. */
#ifndef API_REQUEST_METRICS_H
#define API_REQUEST_METRICS_H

#include "core/kinds/kind.h"
#include "core/map.h"
#include "core/metrics.h"

struct request;

struct request_metrics {
    struct metrics *metrics; /* NULL: nothing is counted. */
    struct map rows;         /* struct row_key as bytes -> struct request_row. */
    struct map watched;      /* Kind's address as bytes -> struct watch_row. */
};

void request_metrics_init(struct request_metrics *all, struct metrics *metrics);
void request_metrics_release(struct request_metrics *all);
/* A long-running request begins (1) or ends (-1). */
void request_metrics_long(struct request_metrics *all, const struct request *request, int by);
/* A request has ended. */
void request_metrics_count(struct request_metrics *all, const struct request *request,
                           int64_t took_us);
/* Events of watches of a kind; NULL: nothing is counted. */
struct metric *request_metrics_events(struct request_metrics *all, const struct kind *kind);

/* At a scrape: objects by resource, and the process by /proc/self. */
struct store;
struct registry;
void request_metrics_print_objects(const struct registry *registry, struct store *store,
                                   struct buffer *text);

#endif
