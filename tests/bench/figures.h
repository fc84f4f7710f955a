/* Figures of a bench: several rounds, their median and how far they lie apart, beside a limit.
 *
 * One line of a table each, or one JSON line. A ratio is of two medians that were measured in
 * the same run, round by round, so that a machine that is slow for a while is slow for both. */
#ifndef TESTS_BENCH_FIGURES_H
#define TESTS_BENCH_FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROUNDS_MAX 32

struct figure {
    const char *unit;
    double rounds[ROUNDS_MAX];
    size_t count;
};
void figure_add(struct figure *figure, double value);
double figure_median(const struct figure *figure);
/* Of the middle of it, in percent: (highest - lowest) / median. */
double figure_spread(const struct figure *figure);

enum goal { NO_GOAL, AT_LEAST, AT_MOST };

struct report {
    const char *bench;
    bool as_json;
};
/* One figure, and what it must reach. */
void report_figure(const struct report *report, const char *what, const struct figure *figure,
                   enum goal goal, double limit);
/* One value. */
void report_value(const struct report *report, const char *what, double value, const char *unit,
                  enum goal goal, double limit);
/* The ratio of two figures' medians, in percent. */
void report_ratio(const struct report *report, const char *what, const struct figure *figure,
                  const struct figure *of, enum goal goal, double limit_percent);
void report_note(const struct report *report, const char *text);

/* Times of single things, for percentiles. */
struct samples {
    double *values;
    size_t count;
    size_t capacity;
};
void samples_add(struct samples *samples, double value);
double samples_percentile(struct samples *samples, double part); /* Sorts. 0 when empty. */
void samples_clear(struct samples *samples);
void samples_release(struct samples *samples);

#endif
