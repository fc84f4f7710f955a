/* What the loops share, for loop.c, loop_uv.c and loop_simulated.c alone. */
#ifndef CORE_NET_LOOP_PRIVATE_H
#define CORE_NET_LOOP_PRIVATE_H

#include "core/net/loop.h"

struct network;

/* What a kind of loop does in its own way. */
struct loop_ops {
    void (*destroy)(struct loop *loop); /* Frees the loop itself too. */
    void (*run)(struct loop *loop);
    void (*stop)(struct loop *loop);
    void (*timers_changed)(struct loop *loop); /* The first timer may be another one now. */
    void (*submit)(struct loop *loop, enum loop_lane lane, struct task *task);
    void (*post)(struct loop *loop, struct message *message);
};

struct loop_steps {
    int64_t limit_us;   /* 0: not yet. */
    bool counts;        /* The step that runs began under the limit. */
    int64_t longest_us; /* Since it was last asked for. */
    int64_t began_us;   /* Of the step that runs, */
    int64_t cpu_us;     /* the thread's own time when it was last read, */
    int64_t read_us;    /* and when that was. */
    const char *kind;
    uintptr_t code;
    size_t note_size;
    char note[80];
};

struct loop {
    const struct loop_ops *ops;
    struct clock *clock;
    struct random *random;
    struct heap timers;      /* By due time, then by order of starting. */
    uint64_t timer_order;    /* The last number given to a timer. */
    struct network *network; /* Of a simulated loop, made on first use (network.h). */
    void (*network_destroy)(struct network *network);
    int64_t longest_turn_us;
    struct loop_steps steps;
    char *read_memory;       /* Where all sockets read into, one at a time; made on first use. */
};

#define LOOP_READ_SIZE (64 * 1024)
char *loop_read_memory(struct loop *loop); /* LOOP_READ_SIZE bytes, good until the next read. */

/* Around each callback of a real loop: "timer", "message". */
void loop_step_begin(struct loop *loop, const char *kind, uintptr_t code); /* The callback. */
void loop_step_end(struct loop *loop);

void loop_init(struct loop *loop, const struct loop_ops *ops, struct clock *clock,
               struct random *random);
void loop_release(struct loop *loop);
/* The first timer's due time; false when no timer runs. */
bool loop_next_due_us(const struct loop *loop, int64_t *due_us);
/* Fires the first timer if it is due at now_us; false when there was none. */
bool loop_fire_due(struct loop *loop, int64_t now_us);

#endif
