/* The loop: timers, work on other threads, and messages back.
 *
 * One thread runs a loop and owns the state that hangs off it. Everything
 * that waits is behind this interface, so that tests can put one seeded queue
 * with a clock they wind in its place (loop_create_simulated) and replay a run
 * bit for bit. uv.h is included in core/net only.
 *
 * Thread: all calls are for the loop's thread, except loop_post(), which any
 * thread may call. Callbacks run on the loop's thread, never from inside the
 * call that asked for them. */
#ifndef CORE_NET_LOOP_H
#define CORE_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buffer.h"
#include "core/clock.h"
#include "core/heap.h"
#include "core/list.h"
#include "core/random.h"

struct loop;

/* --- Life --- */
/* A real loop over libuv with this many worker threads (0: as many as cores). */
struct loop *loop_create(unsigned workers);
/* A simulated loop: time stands still until nothing is ready, then jumps to the
 * next timer; which of several ready things runs first is drawn from the seed. */
struct loop *loop_create_simulated(uint64_t seed);
/* After loop_run() returned; takes NULL. Waits for work that a thread has
 * begun; tasks and messages that still wait are dropped, not called. */
void loop_destroy(struct loop *loop);

void loop_run(struct loop *loop);  /* Until loop_stop(). */
void loop_stop(struct loop *loop);
/* Simulated only: runs until time_us has passed, or nothing is left to do
 * before it; returns the number of steps taken. */
uint64_t loop_run_for_us(struct loop *loop, int64_t time_us);
/* Simulated only: at most so many steps; returns the number taken. */
uint64_t loop_run_steps(struct loop *loop, uint64_t count);

/* How long the longest turn since the last call held the loop: all callbacks
 * between two waits. 0 when simulated, where time stands still. */
int64_t loop_take_longest_turn_us(struct loop *loop);

/* No step (one callback) should compute for longer than this, from now on. In a debug build one
 * that does ends the process, far above the limit, since such a build is slow; in others it is
 * logged. Real loops only: simulated time stands still. */
void loop_limit_steps(struct loop *loop, int64_t limit_us);
/* The longest since the last call, in time that the thread computed; since the limit was set. */
int64_t loop_take_longest_step_us(struct loop *loop);
/* What the step that runs is about, for that log line. */
void loop_note_step(struct loop *loop, struct slice what);

struct clock *loop_clock(struct loop *loop);   /* Real or simulated. Never NULL. */
struct random *loop_random(struct loop *loop); /* The system's, or seeded. */
bool loop_is_simulated(const struct loop *loop);
/* The libuv loop, for core/net's own sockets; NULL when simulated. */
struct uv_loop_s *loop_uv(struct loop *loop);

/* --- Timers: one shot; start again from the callback to repeat. --- */
struct timer {
    struct loop *loop;
    void (*fire)(struct timer *timer);
    struct heap_node node; /* The loop's own. */
    int64_t due_us;
    uint64_t order;
};
void timer_init(struct timer *timer, struct loop *loop, void (*fire)(struct timer *timer));
void timer_start_us(struct timer *timer, int64_t delay_us); /* Starts anew if it runs. */
void timer_stop(struct timer *timer);                       /* Harmless if it does not run. */
bool timer_is_running(const struct timer *timer);

/* --- Work on other threads --- */
enum loop_lane {
    LANE_WORKERS, /* Any idle worker: handshakes, long lists. In no order. */
    LANE_COMMIT,  /* One thread, strictly in order: the only one that waits for the store's disk. */
    LANE_HOST,    /* A few threads for what may wait long: mounts, namespaces, trees of files. */
};
struct task {
    void (*work)(struct task *task); /* On a thread of the lane. */
    void (*done)(struct task *task); /* On the loop; the owner may free the task here. */
    struct loop *loop;               /* The loop's own from here on. */
    struct list link;
};
void loop_submit(struct loop *loop, enum loop_lane lane, struct task *task);

/* --- Messages --- */
struct message {
    void (*deliver)(struct message *message); /* On the loop; may free the message. */
    struct list link;                         /* The loop's own. */
};
/* Delivers soon, in the order posted. Any thread. The message is the loop's
 * until it is delivered. Also the way to continue later from the loop itself. */
void loop_post(struct loop *loop, struct message *message);

/* --- Signals (real loops only) --- */
void loop_on_signal(struct loop *loop, int number, void (*deliver)(void *context, int number),
                    void *context);

#endif
