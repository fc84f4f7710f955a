/* The manager: watches and a queue for each controller.
 *
 * Thread: the loop's. clients: one near client per controller, made by make_client
 * with the row's user; the caller ends them after manager_stop(). */
#ifndef CONTROLLERS_MANAGER_H
#define CONTROLLERS_MANAGER_H

#include "controllers/controller.h"
#include "core/trace.h"

struct manager;

struct manager_options {
    /* A near client that speaks as user; borrowed by the manager. */
    struct client *(*make_client)(void *context, const char *user);
    void *context;
    struct loop *loop;
    const struct registry *registry; /* Borrowed. */
    struct trace *trace; /* May be NULL. */
    const struct operator_word *operator_word; /* Borrowed; NULL: nothing ever waits. */
    const struct controller_options *controllers; /* Borrowed; NULL: defaults. */
    const char *host; /* Source of Events; may be NULL. */
};

struct manager *manager_start(const struct manager_options *options);
/* Ends watches. What is under way is waited for: stopped() is called when nothing is, perhaps at
 * once; the manager is gone then. stopped may be NULL; manager too, then stopped() is called. */
void manager_stop(struct manager *manager, void (*stopped)(void *context), void *context);

#endif
