/* A list as a reply: rendered in pieces, the long ones on a worker.
 *
 * The objects come from a pin, or are what a collection's deletion wrote. The first piece is made
 * before the reply begins, so that what is wrong is still told as a Status; a list that fits into
 * it is an ordinary reply with a length. Of a longer one at most two pieces are in memory: one
 * that is sent, and one that a worker makes meanwhile. Thread: the loop's. */
#ifndef API_LIST_REPLY_H
#define API_LIST_REPLY_H

#include "api/list_options.h"

struct list_source {
    const struct list_options
        *options;    /* Selectors and limit; NULL: all. In the request's arena. */
    struct pin *pin;                      /* Taken. Or NULL, and: */
    const struct object *const *objects;  /* In the request's arena, which keeps them. */
    size_t object_count;
    struct slice prefix;                  /* Of the pin. */
    struct slice start;                   /* Where a page goes on; empty: at the start. */
    int64_t revision;                     /* Told as the list's. */
    int64_t total;                        /* Objects that are looked at, about. */
};

/* Ends the request with the list, or with what is wrong. */
void list_reply_start(struct request *request, const struct list_source *source);

#endif
