/* Time as a value that is passed in: the machine's clock, or one that tests wind.
 *
 * Two times: the wall clock, which can jump and is for stamps that people
 * read, and the steady clock, which only moves forward and is for waiting. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buffer.h"

struct clock {
    int64_t (*wall_us)(struct clock *clock);   /* Microseconds since 1970, UTC. */
    int64_t (*steady_us)(struct clock *clock); /* Microseconds since some start. */
};

struct clock *clock_real(void); /* The process's one; never freed. */

struct clock_manual { /* For tests: moves only when told. */
    struct clock clock;
    int64_t wall_us;
    int64_t steady_us;
};
void clock_manual_init(struct clock_manual *manual, int64_t wall_us);
void clock_manual_advance_us(struct clock_manual *manual, int64_t us);

static inline int64_t clock_wall_us(struct clock *clock)
{
    return clock->wall_us(clock);
}
static inline int64_t clock_steady_us(struct clock *clock)
{
    return clock->steady_us(clock);
}

/* Kubernetes' two forms: Time "2026-01-02T03:04:05Z" and MicroTime
 * "2026-01-02T03:04:05.000006Z". text holds at least 32 bytes. */
#define TIME_TEXT_SIZE 32
void time_format(int64_t wall_us, char text[TIME_TEXT_SIZE]);
void time_format_micro(int64_t wall_us, char text[TIME_TEXT_SIZE]);
/* Reads RFC 3339 with any offset and fraction; false when it is not one. */
bool time_parse(struct slice text, int64_t *wall_us);
/* kubectl's short ages (k8s.io/apimachinery duration.HumanDuration): 5s, 3m20s, 4h, 2d. */
void duration_human(int64_t us, char text[TIME_TEXT_SIZE]);

#endif
