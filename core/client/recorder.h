/* Events: what a component tells people about an object.
 *
 * The same news about the same object raises the count of the Event that told
 * it first; else a new Event is made, NAME.<16 hex digits>. Events are written in
 * the background: a failure is logged and forgotten, and at most RECORDER_QUEUE_MAX
 * wait to be written, beyond which the newest are dropped and counted; so is what
 * is too much about one object (event_correlator.h). Rules: k8s.io/client-go
 * tools/record (events.go, events_cache.go).
 *
 * Thread: the loop's. */
#ifndef CORE_CLIENT_RECORDER_H
#define CORE_CLIENT_RECORDER_H

#include "core/client/client.h"

#define RECORDER_QUEUE_MAX 4096
#define RECORDER_MESSAGE_MAX 1024 /* Longer ones are cut and end with " ...". */

struct recorder;

struct event_subject { /* Borrowed until return. */
    const char *kind;
    const char *api_version;
    struct slice namespace; /* Empty: the Event goes to default. */
    struct slice name;
    struct slice uid;
};

/* component: "default-scheduler". client is borrowed. host may be NULL. */
struct recorder *recorder_create(struct client *client, const char *component, const char *host);
void recorder_destroy(struct recorder *recorder); /* What waits is dropped. Takes NULL. */

/* type: "Normal" or "Warning"; action may be NULL. */
void recorder_event(struct recorder *recorder, const struct event_subject *subject,
                    const char *type, const char *reason, const char *action,
                    const char *message_format, ...) PRINTF_LIKE(6, 7);
int64_t recorder_dropped(const struct recorder *recorder);

#endif
