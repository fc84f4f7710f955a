/* This process as Prometheus' clients tell of theirs: process_cpu_seconds_total and its like,
 * from /proc/self. */
#ifndef API_PROCESS_METRICS_H
#define API_PROCESS_METRICS_H

#include "core/buffer.h"

void process_metrics_print(struct buffer *text);

#endif
