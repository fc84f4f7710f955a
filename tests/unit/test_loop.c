/* The loop's promises, on both kinds: order, time, threads. */
#include <signal.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "core/buffer.h"
#include "core/net/loop.h"
#include "tests/harness/test.h"

#define MS INT64_C(1000)

/* What happened, as text: each event appends a letter. */
struct diary {
    struct loop *loop;
    struct buffer text;
    size_t stop_after; /* Stops the loop at this many letters. */
};

static void note(struct diary *diary, char letter)
{
    buffer_append_byte(&diary->text, letter);
    if (diary->text.size == diary->stop_after)
        loop_stop(diary->loop);
}

struct noted_timer {
    struct timer timer;
    struct diary *diary;
    char letter;
    int64_t fired_us;
};

static void timer_fired(struct timer *timer)
{
    struct noted_timer *noted = CONTAINER_OF(timer, struct noted_timer, timer);
    noted->fired_us = clock_steady_us(loop_clock(timer->loop));
    note(noted->diary, noted->letter);
}

static void start(struct noted_timer *noted, struct diary *diary, char letter, int64_t delay_us)
{
    *noted = (struct noted_timer){.diary = diary, .letter = letter};
    timer_init(&noted->timer, diary->loop, timer_fired);
    timer_start_us(&noted->timer, delay_us);
}

static struct loop *make_loop(bool simulated)
{
    return simulated ? loop_create_simulated(7) : loop_create(2);
}

TEST("timers fire in order of time, and not when stopped")
{
    for (int simulated = 0; simulated <= 1; simulated++) {
        struct diary diary = {.loop = make_loop(simulated), .stop_after = 3};
        struct noted_timer a, b, c, d;
        int64_t begin_us = clock_steady_us(loop_clock(diary.loop));
        start(&a, &diary, 'a', 30 * MS);
        start(&b, &diary, 'b', 10 * MS);
        start(&c, &diary, 'c', 20 * MS);
        start(&d, &diary, 'd', 15 * MS);
        timer_stop(&d.timer);
        EXPECT(!timer_is_running(&d.timer));
        loop_run(diary.loop);
        EXPECT_SLICE(buffer_slice(&diary.text), "bca");
        EXPECT(b.fired_us - begin_us >= 10 * MS);
        EXPECT(a.fired_us - begin_us >= 30 * MS);
        buffer_release(&diary.text);
        loop_destroy(diary.loop);
    }
}

TEST("a timer that is started again counts from then")
{
    struct diary diary = {.loop = loop_create_simulated(1)};
    struct noted_timer a, b;
    int64_t begin_us = clock_steady_us(loop_clock(diary.loop));
    start(&a, &diary, 'a', 10);
    start(&b, &diary, 'b', 20);
    timer_start_us(&a.timer, 1000000);
    loop_run(diary.loop);
    EXPECT_SLICE(buffer_slice(&diary.text), "ba");
    EXPECT(a.fired_us - begin_us == 1000000);
    buffer_release(&diary.text);
    loop_destroy(diary.loop);
}

struct noted_message {
    struct message message;
    struct diary *diary;
    char letter;
};

static void message_came(struct message *message)
{
    struct noted_message *noted = CONTAINER_OF(message, struct noted_message, message);
    note(noted->diary, noted->letter);
}

TEST("messages come later, in the order posted")
{
    for (int simulated = 0; simulated <= 1; simulated++) {
        struct diary diary = {.loop = make_loop(simulated), .stop_after = 26};
        struct noted_message messages[26];
        for (int i = 0; i < 26; i++) {
            messages[i] =
                (struct noted_message){{.deliver = message_came}, &diary, (char)('a' + i)};
            loop_post(diary.loop, &messages[i].message);
        }
        EXPECT(diary.text.size == 0);
        loop_run(diary.loop);
        EXPECT_SLICE(buffer_slice(&diary.text), "abcdefghijklmnopqrstuvwxyz");
        buffer_release(&diary.text);
        loop_destroy(diary.loop);
    }
}

struct noted_task {
    struct task task;
    struct diary *diary;
    char letter;
    uv_thread_t worked_on;
    int order; /* Of its work among all. */
};

static _Atomic int work_count;

static void work(struct task *task)
{
    struct noted_task *noted = CONTAINER_OF(task, struct noted_task, task);
    noted->worked_on = uv_thread_self();
    noted->order = ++work_count;
}

static void work_done(struct task *task)
{
    struct noted_task *noted = CONTAINER_OF(task, struct noted_task, task);
    note(noted->diary, noted->letter);
}

static void submit(struct noted_task *noted, struct diary *diary, char letter, enum loop_lane lane)
{
    *noted = (struct noted_task){.diary = diary, .letter = letter};
    noted->task = (struct task){.work = work, .done = work_done};
    loop_submit(diary->loop, lane, &noted->task);
}

TEST("the commit lane works and answers strictly in order")
{
    for (int simulated = 0; simulated <= 1; simulated++) {
        struct diary diary = {.loop = make_loop(simulated), .stop_after = 26};
        struct noted_task tasks[26];
        work_count = 0;
        for (int i = 0; i < 26; i++)
            submit(&tasks[i], &diary, (char)('a' + i), LANE_COMMIT);
        loop_run(diary.loop);
        EXPECT_SLICE(buffer_slice(&diary.text), "abcdefghijklmnopqrstuvwxyz");
        for (int i = 0; i < 26; i++)
            EXPECT(tasks[i].order == i + 1);
        buffer_release(&diary.text);
        loop_destroy(diary.loop);
    }
}

TEST("work runs on other threads, its end on the loop's")
{
    struct diary diary = {.loop = loop_create(2), .stop_after = 200};
    static struct noted_task tasks[200];
    uv_thread_t self = uv_thread_self();
    for (int i = 0; i < 200; i++)
        submit(&tasks[i], &diary, 'x', i % 2 ? LANE_WORKERS : LANE_COMMIT);
    loop_run(diary.loop);
    for (int i = 0; i < 200; i++)
        EXPECT(!uv_thread_equal(&tasks[i].worked_on, &self));
    buffer_release(&diary.text);
    loop_destroy(diary.loop);
}

struct poster {
    struct noted_message messages[100];
    struct loop *loop;
};

static void post_all(void *context)
{
    struct poster *poster = context;
    for (int i = 0; i < 100; i++)
        loop_post(poster->loop, &poster->messages[i].message);
}

TEST("any thread may post")
{
    struct diary diary = {.loop = loop_create(1), .stop_after = 400};
    static struct poster posters[4];
    uv_thread_t threads[4];
    for (int i = 0; i < 4; i++) {
        posters[i].loop = diary.loop;
        for (int j = 0; j < 100; j++)
            posters[i].messages[j] =
                (struct noted_message){{.deliver = message_came}, &diary, (char)('0' + i)};
        EXPECT(uv_thread_create(&threads[i], post_all, &posters[i]) == 0);
    }
    loop_run(diary.loop);
    EXPECT(diary.text.size == 400);
    for (int i = 0; i < 4; i++)
        EXPECT(uv_thread_join(&threads[i]) == 0);
    buffer_release(&diary.text);
    loop_destroy(diary.loop);
}

/* A run with something of everything, as text. */
static char *simulate(uint64_t seed)
{
    struct diary diary = {.loop = loop_create_simulated(seed)};
    struct noted_timer timers[3];
    struct noted_message messages[3];
    struct noted_task tasks[8];
    for (int i = 0; i < 3; i++) {
        start(&timers[i], &diary, (char)('1' + i), i == 2 ? 5 : 0);
        messages[i] = (struct noted_message){{.deliver = message_came}, &diary, (char)('a' + i)};
        loop_post(diary.loop, &messages[i].message);
    }
    for (int i = 0; i < 8; i++)
        submit(&tasks[i], &diary, (char)('A' + i), i < 5 ? LANE_WORKERS : LANE_COMMIT);
    loop_run(diary.loop);
    buffer_append_int(&diary.text, (int64_t)random_below(loop_random(diary.loop), 1000000));
    loop_destroy(diary.loop);
    return buffer_take(&diary.text);
}

TEST("the same seed gives the same run, another seed another")
{
    char *first = simulate(5), *again = simulate(5);
    int others = 0;
    EXPECT(strcmp(first, again) == 0);
    for (uint64_t seed = 6; seed < 16; seed++) {
        char *other = simulate(seed);
        others += strcmp(first, other) != 0;
        mem_free(other);
    }
    EXPECT(others >= 9);
    mem_free(first);
    mem_free(again);
}

TEST("simulated time stands still until nothing is ready, then jumps")
{
    struct loop *loop = loop_create_simulated(3);
    struct diary diary = {.loop = loop};
    struct noted_timer day, week;
    int64_t begin_us = clock_steady_us(loop_clock(loop));
    start(&day, &diary, 'd', INT64_C(86400000000));
    start(&week, &diary, 'w', 7 * INT64_C(86400000000));
    EXPECT(loop_run_for_us(loop, 3 * INT64_C(86400000000)) > 0);
    EXPECT_SLICE(buffer_slice(&diary.text), "d");
    EXPECT(clock_steady_us(loop_clock(loop)) - begin_us == 3 * INT64_C(86400000000));
    loop_run(loop);
    EXPECT_SLICE(buffer_slice(&diary.text), "dw");
    EXPECT(clock_steady_us(loop_clock(loop)) - begin_us == 7 * INT64_C(86400000000));
    buffer_release(&diary.text);
    loop_destroy(loop);
}

static void signal_came(void *context, int number)
{
    struct diary *diary = context;
    EXPECT(number == SIGUSR1);
    note(diary, 's');
}

TEST("a signal is delivered on the loop")
{
    struct diary diary = {.loop = loop_create(1), .stop_after = 1};
    loop_on_signal(diary.loop, SIGUSR1, signal_came, &diary);
    kill(getpid(), SIGUSR1);
    loop_run(diary.loop);
    EXPECT(diary.text.size == 1);
    buffer_release(&diary.text);
    loop_destroy(diary.loop);
}

TEST("a loop that is destroyed with work waiting ends cleanly")
{
    struct diary diary = {.loop = loop_create(1)};
    static struct noted_task tasks[50];
    for (int i = 0; i < 50; i++)
        submit(&tasks[i], &diary, 'x', LANE_WORKERS);
    loop_destroy(diary.loop);
    EXPECT(diary.text.size == 0);
}

static void be_slow(struct timer *timer)
{
    int64_t until_us = clock_steady_us(clock_real()) + 30000;
    while (clock_steady_us(clock_real()) < until_us)
        (void)timer; /* Busy: that is what is measured. */
}

TEST("the longest turn is measured, without the time that the loop waits")
{
    struct diary diary = {.loop = loop_create(1), .stop_after = 1};
    struct timer slow;
    struct noted_timer end;
    timer_init(&slow, diary.loop, be_slow);
    timer_start_us(&slow, 5 * MS);
    start(&end, &diary, 'e', 300 * MS);
    loop_run(diary.loop);
    int64_t longest_us = loop_take_longest_turn_us(diary.loop);
    EXPECT(longest_us >= 30 * MS && longest_us < 200 * MS);
    EXPECT_EQ(loop_take_longest_turn_us(diary.loop), 0);
    buffer_release(&diary.text);
    loop_destroy(diary.loop);
}

/* --- Steps --- */

struct heavy {
    struct message message;
    struct loop *loop;
    int64_t us;
};

static int64_t thread_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void compute(struct message *message)
{
    struct heavy *heavy = CONTAINER_OF(message, struct heavy, message);
    int64_t begun_us = thread_us();
    loop_note_step(heavy->loop, SLICE("computing"));
    while (thread_us() - begun_us < heavy->us)
        ;
    loop_stop(heavy->loop);
}

static void run_heavy(struct loop *loop, int64_t us)
{
    struct heavy heavy = {.message = {.deliver = compute}, .loop = loop, .us = us};
    loop_post(loop, &heavy.message);
    loop_run(loop);
}

TEST("the longest step is measured from when there is a limit, and asked for once")
{
    struct loop *loop = loop_create(1);
    run_heavy(loop, 3000);
    EXPECT_EQ(loop_take_longest_step_us(loop), 0);
    loop_limit_steps(loop, 1000000);
    run_heavy(loop, 3000);
    EXPECT(loop_take_longest_step_us(loop) >= 3000);
    EXPECT_EQ(loop_take_longest_step_us(loop), 0);
    loop_destroy(loop);
}

#ifndef NDEBUG
TEST("a step far above the limit ends a debug build")
{
    struct loop *loop = loop_create(1);
    loop_limit_steps(loop, 1000);
    EXPECT_DIES(run_heavy(loop, 100000));
    loop_destroy(loop);
}
#endif
