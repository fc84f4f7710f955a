/* Counters, gauges and histograms, printed as Prometheus text.
 *
 * A metric is a struct inside its owner; metrics_add() puts it into a
 * registry that borrows it. Labels are part of a metric's name text
 * (`verb="GET",code="200"`). Thread: the loop thread, except that counters
 * may be raised from any thread. */
#ifndef CORE_METRICS_H
#define CORE_METRICS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/list.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric {
    enum metric_type type;
    const char *name;          /* "apiserver_request_total" */
    const char *labels;        /* `verb="GET"`, or NULL. Owned by the metric's owner. */
    const char *help;
    _Atomic int64_t value;     /* Counter and gauge; histogram: count. */
    const double *bounds;      /* Histogram: upper bounds, rising. */
    size_t bound_count;
    _Atomic int64_t *buckets;  /* bound_count + 1, owned by the registry. */
    _Atomic double sum;        /* Histogram: of all values, in any unit. */
    struct list link;
};

struct metrics {
    struct list all;
};

void metrics_init(struct metrics *metrics);
void metrics_release(struct metrics *metrics);
void metrics_add(struct metrics *metrics, struct metric *metric);
void metrics_remove(struct metrics *metrics, struct metric *metric);
void metric_add(struct metric *metric, int64_t n);
void metric_set(struct metric *metric, int64_t value);
void metric_observe(struct metric *metric, double value);
/* Same names stand together under one HELP and TYPE. */
void metrics_print(const struct metrics *metrics, struct buffer *text);

#endif
