/* The store's metrics. */
#include "store/measure.h"

#include "store/store_private.h"

static const double commit_bounds[] = {0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064,
                                       0.128,  0.256, 0.512, 1,     2,     4,     8};

static struct metric counter(const char *name, const char *help)
{
    return (struct metric){.type = METRIC_COUNTER, .name = name, .help = help};
}

static struct metric gauge(const char *name, const char *help)
{
    return (struct metric){.type = METRIC_GAUGE, .name = name, .help = help};
}

static void for_all(struct measures *measures,
                    void (*call)(struct metrics *registry, struct metric *metric))
{
    struct metric *all[] = {
        &measures->commits,        &measures->rows,          &measures->failures,
        &measures->commit_seconds, &measures->removed,       &measures->objects,
        &measures->revision,       &measures->log_rows,      &measures->history_events,
        &measures->history_bytes,  &measures->watches,
    };
    for (size_t i = 0; i < ARRAY_SIZE(all); i++)
        call(measures->registry, all[i]);
}

void measures_init(struct store *store, struct metrics *registry)
{
    struct measures *measures = &store->measures;
    *measures = (struct measures){.registry = registry};
    if (registry == NULL)
        return;
    measures->commits = counter("coracle_store_commits_total", "Groups of transactions committed.");
    measures->rows = counter("coracle_store_committed_rows_total", "Changes of objects committed.");
    measures->failures = counter("coracle_store_commit_failures_total", "Commits that failed.");
    measures->removed = counter("coracle_store_compacted_rows_total", "Rows removed from the log.");
    measures->objects = gauge("coracle_store_objects", "Objects in the committed state.");
    measures->revision = gauge("coracle_store_revision", "The committed revision.");
    measures->log_rows = gauge("coracle_store_log_rows", "Rows in the log.");
    measures->history_events = gauge("coracle_store_history_events", "Events in history.");
    measures->history_bytes =
        gauge("coracle_store_history_bytes", "Bytes that history alone keeps.");
    measures->watches = gauge("coracle_store_watches", "Open watches.");
    measures->commit_seconds = (struct metric){
        .type = METRIC_HISTOGRAM,
        .name = "coracle_store_commit_seconds",
        .help = "How long commits took on their thread.",
        .bounds = commit_bounds,
        .bound_count = ARRAY_SIZE(commit_bounds),
    };
    for_all(measures, metrics_add);
}

void measures_release(struct store *store)
{
    if (store->measures.registry)
        for_all(&store->measures, metrics_remove);
}

void measure_sizes(struct store *store)
{
    struct measures *measures = &store->measures;
    const struct history *history = &store->history;
    if (measures->registry == NULL)
        return;
    metric_set(&measures->objects, state_count(&store->committed.state));
    metric_set(&measures->revision, store->committed.revision);
    metric_set(&measures->log_rows, store->compactor.log_rows);
    metric_set(&measures->history_events, (int64_t)(history->next - history->first));
    metric_set(&measures->history_bytes, (int64_t)history->bytes);
}

void measure_commit(struct store *store, size_t rows, int64_t took_us)
{
    struct measures *measures = &store->measures;
    if (measures->registry == NULL)
        return;
    metric_add(&measures->commits, 1);
    metric_add(&measures->rows, (int64_t)rows);
    metric_observe(&measures->commit_seconds, (double)took_us / 1e6);
}

void measure_failure(struct store *store)
{
    if (store->measures.registry)
        metric_add(&store->measures.failures, 1);
}

void measure_removal(struct store *store, int64_t rows)
{
    if (store->measures.registry == NULL)
        return;
    metric_add(&store->measures.removed, rows);
    measure_sizes(store);
}

void measure_watches(struct store *store, int by)
{
    if (store->measures.registry)
        metric_add(&store->measures.watches, by);
}
