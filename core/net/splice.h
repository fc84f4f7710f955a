/* Two streams made one: what comes from one goes to the other, in both directions.
 *
 * Back-pressure passes through: a side is read only while the other takes what was read, so a
 * splice holds SPLICE_PENDING_MAX bytes a direction and what was read at once. When a side ends,
 * the other's end is written once all has left; when both have ended, or one breaks, both are
 * closed. A side that has ended leaves the other SPLICE_LINGER_US to end too.
 *
 * Thread: the loop's. The splice owns both streams. */
#ifndef CORE_NET_SPLICE_H
#define CORE_NET_SPLICE_H

#include "core/list.h"
#include "core/net/stream.h"

#define SPLICE_PENDING_MAX (256 * 1024)
#define SPLICE_LINGER_US INT64_C(30000000)

struct splice;

/* Takes both. early_a came from a before, early_b from b; borrowed until return. all: the
 * splices that are to be closed with their owner; it is in that list until it is over. */
void splice_open(struct stream *a, struct slice early_a, struct stream *b, struct slice early_b,
                 struct list *all);
void splice_close_all(struct list *all);

#endif
