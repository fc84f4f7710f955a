/* core/metrics: Prometheus text. */
#include "core/metrics.h"

#include "tests/harness/test.h"

TEST("metrics of one name stand together under one HELP and TYPE")
{
    struct metrics metrics;
    metrics_init(&metrics);
    struct metric gets = {
        .name = "requests_total", .labels = "verb=\"GET\"", .help = "All.\nEver\\"};
    struct metric size = {.type = METRIC_GAUGE, .name = "size", .help = "Bytes."};
    struct metric puts = {.name = "requests_total", .labels = "verb=\"PUT\"", .help = "All."};
    metrics_add(&metrics, &gets);
    metrics_add(&metrics, &size);
    metrics_add(&metrics, &puts);
    metric_add(&gets, 2);
    metric_add(&gets, 3);
    metric_set(&size, -7);
    struct buffer text = {0};
    metrics_print(&metrics, &text);
    EXPECT_TEXT(text.data, "# HELP requests_total All.\\nEver\\\\\n"
                           "# TYPE requests_total counter\n"
                           "requests_total{verb=\"GET\"} 5\n"
                           "requests_total{verb=\"PUT\"} 0\n"
                           "# HELP size Bytes.\n"
                           "# TYPE size gauge\n"
                           "size -7\n");
    buffer_clear(&text);
    metrics_remove(&metrics, &gets);
    metrics_remove(&metrics, &puts);
    metrics_remove(&metrics, &size);
    metrics_print(&metrics, &text);
    EXPECT_EQ(text.size, 0);
    buffer_release(&text);
    metrics_release(&metrics);
}

TEST("a histogram counts into buckets that include the smaller ones")
{
    static const double bounds[] = {0.005, 1, 2.5};
    struct metrics metrics;
    metrics_init(&metrics);
    struct metric metric = {.type = METRIC_HISTOGRAM,
                            .name = "seconds",
                            .help = "Time.",
                            .labels = "verb=\"GET\"",
                            .bounds = bounds,
                            .bound_count = 3};
    metrics_add(&metrics, &metric);
    metric_observe(&metric, 0.005);
    metric_observe(&metric, 0.5);
    metric_observe(&metric, 0.5);
    metric_observe(&metric, 100);
    struct buffer text = {0};
    metrics_print(&metrics, &text);
    EXPECT_TEXT(text.data, "# HELP seconds Time.\n"
                           "# TYPE seconds histogram\n"
                           "seconds_bucket{verb=\"GET\",le=\"0.005\"} 1\n"
                           "seconds_bucket{verb=\"GET\",le=\"1\"} 3\n"
                           "seconds_bucket{verb=\"GET\",le=\"2.5\"} 3\n"
                           "seconds_bucket{verb=\"GET\",le=\"+Inf\"} 4\n"
                           "seconds_sum{verb=\"GET\"} 101.005\n"
                           "seconds_count{verb=\"GET\"} 4\n");
    EXPECT_EQ(metric.value, 4);
    buffer_release(&text);
    metrics_release(&metrics);
    metrics_release(&metrics);
    EXPECT_DIES(metric_observe(&metric, 1));
}
