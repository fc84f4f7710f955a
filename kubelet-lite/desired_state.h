/* The pods of this node as they were last known, on disk: what runs without a server.
 *
 *   DIR/UID.json    one pod, its status as this node last knew it; mode 0600
 *
 * A save writes on LANE_HOST; of several for one pod while one is under way only the last is
 * written. After a reboot without a server the pods are read back and started again.
 *
 * Thread: the loop's. */
#ifndef KUBELET_DESIRED_STATE_H
#define KUBELET_DESIRED_STATE_H

#include "core/map.h"
#include "core/net/loop.h"
#include "core/status.h"

struct desired_state {
    struct loop *loop;
    char *folder;
    struct map saves;    /* By UID: struct pod_save, while one is under way. */
    void (*idle)(void *context); /* Told once, when it was asked for and nothing is under way. */
    void *context;
};

/* Makes the folder. */
MUST_USE int desired_state_open(struct desired_state *state, struct loop *loop, const char *folder,
                                struct status *status);
/* When nothing is under way. */
void desired_state_release(struct desired_state *state);
/* idle() is called, never from inside this, when all that was asked for is written. */
void desired_state_when_idle(struct desired_state *state, void (*idle)(void *context),
                             void *context);

/* Blocks; at the start. Calls each() with the text of each pod; files that are no pods are left
 * and named in the log. */
void desired_state_read(struct desired_state *state, void (*each)(void *context, struct slice pod),
                        void *context);
/* The texts are copied. */
void desired_state_save(struct desired_state *state, const char *uid, struct slice pod);
void desired_state_remove(struct desired_state *state, const char *uid);

#endif
