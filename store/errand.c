/* Errands and reminders. */
#include "store/errand.h"

#include <pthread.h>

#include "core/buffer.h"

enum { WAITING, RUNNING, FINISHED };

struct errand_ticket {
    struct task task;
    struct errand *errand; /* NULL: taken back; the loop just frees this. */
    void (*work)(void *context);
    void (*done)(void *context);
    void *context;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int state;
};

void errand_init(struct errand *errand, struct loop *loop)
{
    *errand = (struct errand){.loop = loop};
}

/* Claims the work: true for the one thread that is to do it. */
static bool begin(struct errand_ticket *ticket)
{
    pthread_mutex_lock(&ticket->mutex);
    bool is_ours = ticket->state == WAITING;
    if (is_ours)
        ticket->state = RUNNING;
    pthread_mutex_unlock(&ticket->mutex);
    return is_ours;
}

static void work_on_lane(struct task *task)
{
    struct errand_ticket *ticket = CONTAINER_OF(task, struct errand_ticket, task);
    if (!begin(ticket))
        return;
    ticket->work(ticket->context);
    pthread_mutex_lock(&ticket->mutex);
    ticket->state = FINISHED;
    pthread_cond_signal(&ticket->changed);
    pthread_mutex_unlock(&ticket->mutex);
}

static void conclude(struct errand_ticket *ticket)
{
    struct errand *errand = ticket->errand;
    ticket->errand = NULL;
    errand->ticket = NULL;
    ticket->done(ticket->context);
}

static void done_on_loop(struct task *task)
{
    struct errand_ticket *ticket = CONTAINER_OF(task, struct errand_ticket, task);
    if (ticket->errand)
        conclude(ticket);
    pthread_mutex_destroy(&ticket->mutex);
    pthread_cond_destroy(&ticket->changed);
    mem_free(ticket);
}

void errand_start(struct errand *errand, void (*work)(void *context), void (*done)(void *context),
                  void *context)
{
    PRE(errand->ticket == NULL);
    struct errand_ticket *ticket = mem_alloc(sizeof(*ticket));
    ticket->task.work = work_on_lane;
    ticket->task.done = done_on_loop;
    ticket->errand = errand;
    ticket->work = work;
    ticket->done = done;
    ticket->context = context;
    pthread_mutex_init(&ticket->mutex, NULL);
    pthread_cond_init(&ticket->changed, NULL);
    errand->ticket = ticket;
    loop_submit(errand->loop, LANE_COMMIT, &ticket->task);
}

void errand_finish(struct errand *errand)
{
    struct errand_ticket *ticket = errand->ticket;
    if (ticket == NULL)
        return;
    if (begin(ticket)) {
        ticket->work(ticket->context);
    } else {
        pthread_mutex_lock(&ticket->mutex);
        while (ticket->state != FINISHED)
            pthread_cond_wait(&ticket->changed, &ticket->mutex);
        pthread_mutex_unlock(&ticket->mutex);
    }
    conclude(ticket);
}

struct reminder {
    struct message message;
    struct loop *loop;
    void (*deliver)(void *context); /* NULL: nobody cares any more. */
    void *context;
    bool is_posted;
};

static void deliver(struct message *message)
{
    struct reminder *reminder = CONTAINER_OF(message, struct reminder, message);
    reminder->is_posted = false;
    if (reminder->deliver)
        reminder->deliver(reminder->context);
    else
        mem_free(reminder);
}

struct reminder *reminder_create(struct loop *loop, void (*deliver_fn)(void *context),
                                 void *context)
{
    struct reminder *reminder = mem_alloc(sizeof(*reminder));
    reminder->message.deliver = deliver;
    reminder->loop = loop;
    reminder->deliver = deliver_fn;
    reminder->context = context;
    return reminder;
}

void reminder_post(struct reminder *reminder)
{
    if (reminder->is_posted)
        return;
    reminder->is_posted = true;
    loop_post(reminder->loop, &reminder->message);
}

void reminder_destroy(struct reminder *reminder)
{
    if (reminder == NULL)
        return;
    reminder->deliver = NULL;
    if (!reminder->is_posted)
        mem_free(reminder);
}
