/* Metrics and their Prometheus text. */
#include "core/metrics.h"

#include <stdbool.h>

#include "core/check.h"

void metrics_init(struct metrics *metrics)
{
    list_init(&metrics->all);
}

static struct metric *metric_of(struct list *link)
{
    return CONTAINER_OF(link, struct metric, link);
}

void metrics_release(struct metrics *metrics)
{
    if (metrics == NULL || metrics->all.next == NULL)
        return;
    while (!list_is_empty(&metrics->all))
        metrics_remove(metrics, metric_of(metrics->all.next));
}

void metrics_add(struct metrics *metrics, struct metric *metric)
{
    PRE(metric->name && metric->help);
    if (metric->type == METRIC_HISTOGRAM)
        metric->buckets = mem_alloc((metric->bound_count + 1) * sizeof(*metric->buckets));
    struct list *place = metrics->all.previous;
    LIST_EACH(link, &metrics->all)
        if (strcmp(metric_of(link)->name, metric->name) == 0)
            place = link; /* The last of its name, so that names stand together. */
    list_insert_after(place, &metric->link);
}

void metrics_remove(struct metrics *metrics, struct metric *metric)
{
    (void)metrics;
    list_remove(&metric->link);
    mem_free(metric->buckets);
    metric->buckets = NULL;
}

void metric_add(struct metric *metric, int64_t n)
{
    atomic_fetch_add_explicit(&metric->value, n, memory_order_relaxed);
}

void metric_set(struct metric *metric, int64_t value)
{
    atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

void metric_observe(struct metric *metric, double value)
{
    PRE(metric->type == METRIC_HISTOGRAM && metric->buckets);
    size_t i = 0;
    while (i < metric->bound_count && value > metric->bounds[i])
        i++;
    atomic_fetch_add_explicit(&metric->buckets[i], 1, memory_order_relaxed);
    metric_add(metric, 1);
    double sum = atomic_load_explicit(&metric->sum, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&metric->sum, &sum, sum + value,
                                                  memory_order_relaxed, memory_order_relaxed))
        ; /* Another thread added; sum now holds what it made. */
}

static void print_head(const struct metric *metric, struct buffer *text)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    buffer_format(text, "# HELP %s ", metric->name);
    for (const char *c = metric->help; *c; c++) {
        if (*c == '\\')
            buffer_append_text(text, "\\\\");
        else if (*c == '\n')
            buffer_append_text(text, "\\n");
        else
            buffer_append_byte(text, *c);
    }
    buffer_format(text, "\n# TYPE %s %s\n", metric->name, types[metric->type]);
}

/* name + suffix + {labels}, with a space for the value behind it. */
static void print_name(const struct metric *metric, const char *suffix, struct buffer *text)
{
    buffer_format(text, "%s%s", metric->name, suffix);
    if (metric->labels && metric->labels[0])
        buffer_format(text, "{%s}", metric->labels);
    buffer_append_byte(text, ' ');
}

static void print_bucket(const struct metric *metric, const char *bound, int64_t count,
                         struct buffer *text)
{
    const char *labels = metric->labels ? metric->labels : "";
    buffer_format(text, "%s_bucket{%s%sle=\"%s\"} %lld\n", metric->name, labels,
                  labels[0] ? "," : "", bound, (long long)count);
}

static void print_histogram(const struct metric *metric, struct buffer *text)
{
    int64_t count = 0;
    struct buffer bound = {0};
    for (size_t i = 0; i <= metric->bound_count; i++) {
        buffer_clear(&bound);
        if (i < metric->bound_count)
            buffer_format(&bound, "%g", metric->bounds[i]);
        else
            buffer_append_text(&bound, "+Inf");
        count += metric->buckets[i];
        print_bucket(metric, bound.data, count, text);
    }
    buffer_release(&bound);
    print_name(metric, "_sum", text);
    buffer_format(text, "%.15g\n", metric->sum);
    print_name(metric, "_count", text); /* From the buckets: the same as +Inf at any moment. */
    buffer_format(text, "%lld\n", (long long)count);
}

void metrics_print(const struct metrics *metrics, struct buffer *text)
{
    const char *last_name = "";
    LIST_EACH(link, &metrics->all) {
        const struct metric *metric = metric_of(link);
        if (strcmp(metric->name, last_name) != 0)
            print_head(metric, text);
        last_name = metric->name;
        if (metric->type == METRIC_HISTOGRAM) {
            print_histogram(metric, text);
        } else {
            print_name(metric, "", text);
            buffer_format(text, "%lld\n", (long long)metric->value);
        }
    }
}
