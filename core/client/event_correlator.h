/* Keeps a component that has much to say from saying it all: upstream's limits on Events.
 *
 * About one object a component writes 25 Events at once, then one every 5 minutes; the rest is
 * dropped. Where it has told ten different messages for one object, type and reason within
 * ten minutes, what follows is told as one Event, "(combined from similar events): ", that is
 * counted up. Rules: k8s.io/client-go tools/record (EventSourceObjectSpamFilter,
 * EventAggregator). At most CORRELATOR_MAX objects and reasons are remembered, the latest. */
#ifndef CORE_CLIENT_EVENT_CORRELATOR_H
#define CORE_CLIENT_EVENT_CORRELATOR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/list.h"
#include "core/map.h"

#define CORRELATOR_MAX 4096
#define CORRELATOR_BURST 25
#define CORRELATOR_REFILL_US INT64_C(300000000)
#define CORRELATOR_MESSAGES 10
#define CORRELATOR_INTERVAL_US INT64_C(600000000)
#define CORRELATOR_COMBINED "(combined from similar events): "

struct correlator_cache { /* Entries by key; the one used longest ago goes first. */
    struct map entries;
    struct list order;
};
struct event_correlator { /* Inside its owner. */
    struct correlator_cache subjects;
    struct correlator_cache reasons;
};

void event_correlator_init(struct event_correlator *correlator);
void event_correlator_release(struct event_correlator *correlator);
/* Whether one more Event about the subject may be written. */
bool event_correlator_admits(struct event_correlator *correlator, struct slice subject,
                             int64_t steady_us);
/* Whether this message is one too many for reason (which says subject, type and reason). */
bool event_correlator_combines(struct event_correlator *correlator, struct slice reason,
                               struct slice message, int64_t steady_us);

#endif
