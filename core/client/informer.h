/* What there is of one resource, kept current: listed, watched, resumed, listed again.
 *
 * The state comes first, as changes from nothing; synced() says when all of it is there. When
 * the watch breaks it is resumed at the last revision after a wait that doubles from 0.8 s to
 * 30 s, with jitter; when that revision has left history, or the watch is refused, the state is
 * asked for anew and what is no longer in it is told as gone, then synced() again. So between two
 * calls the cache is what the server had at some moment, and changes have no gap that matters.
 * Rules: k8s.io/client-go tools/cache/reflector.go.
 *
 * For far clients; near ones have snapshots. Thread: the loop's. */
#ifndef CORE_CLIENT_INFORMER_H
#define CORE_CLIENT_INFORMER_H

#include "core/client/client.h"

struct informer;

struct informer_options {
    struct client *client;        /* Borrowed; outlives the informer. */
    struct resource_path path;    /* A collection; its texts are borrowed for good. */
    const char *query;            /* Selectors, or NULL. Borrowed for good. */
    /* old NULL: it is new; new NULL: it has gone. Objects are borrowed until return. */
    void (*changed)(void *context, const struct object *old, const struct object *new);
    void (*synced)(void *context); /* May be NULL. */
    void *context;
};

struct informer *informer_start(const struct informer_options *options);
void informer_stop(struct informer *informer); /* Also from inside its callbacks. Takes NULL. */

bool informer_is_synced(const struct informer *informer); /* All of a state was there once. */
/* Not broken: the server would have told of a change. */
bool informer_is_connected(const struct informer *informer);
/* By key ("/pods/default/web"); NULL: there is none. Borrowed until the return to the loop. */
const struct object *informer_get(const struct informer *informer, struct slice key);
void informer_each(const struct informer *informer,
                   void (*each)(void *context, const struct object *object), void *context);

#endif
