#include "tests/bench/figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buffer.h"

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

void figure_add(struct figure *figure, double value)
{
    PRE(figure->count < ROUNDS_MAX);
    figure->rounds[figure->count++] = value;
}

double figure_median(const struct figure *figure)
{
    double sorted[ROUNDS_MAX];
    if (figure->count == 0)
        return 0;
    memcpy(sorted, figure->rounds, figure->count * sizeof(*sorted));
    qsort(sorted, figure->count, sizeof(*sorted), compare);
    return sorted[figure->count / 2];
}

double figure_spread(const struct figure *figure)
{
    double median = figure_median(figure);
    if (figure->count == 0 || median <= 0)
        return 0;
    double low = figure->rounds[0];
    double high = low;
    for (size_t i = 1; i < figure->count; i++) {
        low = figure->rounds[i] < low ? figure->rounds[i] : low;
        high = figure->rounds[i] > high ? figure->rounds[i] : high;
    }
    return (high - low) / median * 100;
}

static bool holds(double value, enum goal goal, double limit)
{
    return goal == NO_GOAL || (goal == AT_LEAST ? value >= limit : value <= limit);
}

static void print(const struct report *report, const char *what, double value, double spread,
                  const char *unit, enum goal goal, double limit)
{
    if (report->as_json) {
        printf("{\"bench\":\"%s\",\"what\":\"%s\",\"value\":%.4g,\"unit\":\"%s\"", report->bench,
               what, value, unit);
        if (spread >= 0)
            printf(",\"spreadPercent\":%.1f", spread);
        if (goal != NO_GOAL)
            printf(",\"limit\":%.4g,\"holds\":%s", limit,
                   holds(value, goal, limit) ? "true" : "false");
        printf("}\n");
    } else {
        printf("%-58s %10.4g %-10s", what, value, unit);
        if (spread >= 0)
            printf(" +-%3.0f %%", spread / 2);
        else
            printf("        ");
        if (goal != NO_GOAL)
            printf("  %s %.4g  %s", goal == AT_LEAST ? ">=" : "<=", limit,
                   holds(value, goal, limit) ? "holds" : "FALLS SHORT");
        printf("\n");
    }
    fflush(stdout);
}

void report_figure(const struct report *report, const char *what, const struct figure *figure,
                   enum goal goal, double limit)
{
    print(report, what, figure_median(figure), figure_spread(figure), figure->unit, goal, limit);
}

void report_value(const struct report *report, const char *what, double value, const char *unit,
                  enum goal goal, double limit)
{
    print(report, what, value, -1, unit, goal, limit);
}

void report_ratio(const struct report *report, const char *what, const struct figure *figure,
                  const struct figure *of, enum goal goal, double limit_percent)
{
    double base = figure_median(of);
    double ratio = base > 0 ? figure_median(figure) / base * 100 : 0;
    print(report, what, ratio, -1, "%", goal, limit_percent);
}

void report_note(const struct report *report, const char *text)
{
    if (!report->as_json)
        printf("%s\n", text);
    fflush(stdout);
}

void samples_add(struct samples *samples, double value)
{
    if (samples->count == samples->capacity) {
        samples->capacity = samples->capacity > 0 ? samples->capacity * 2 : 4096;
        samples->values = mem_resize(samples->values, samples->capacity * sizeof(double));
    }
    samples->values[samples->count++] = value;
}

double samples_percentile(struct samples *samples, double part)
{
    if (samples->count == 0)
        return 0;
    qsort(samples->values, samples->count, sizeof(double), compare);
    return samples->values[(size_t)((double)(samples->count - 1) * part)];
}

void samples_clear(struct samples *samples)
{
    samples->count = 0;
}

void samples_release(struct samples *samples)
{
    mem_free(samples->values);
    *samples = (struct samples){0};
}
