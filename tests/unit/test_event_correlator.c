/* Limits on Events, at their edges. */
#include "core/client/event_correlator.h"

#include <stdio.h>

#include "tests/harness/test.h"

#define SECOND_US INT64_C(1000000)

TEST("25 about one object at once, then one every five minutes")
{
    struct event_correlator c;
    event_correlator_init(&c);
    for (int i = 0; i < 25; i++)
        EXPECT(event_correlator_admits(&c, SLICE("pod/a"), SECOND_US));
    EXPECT(!event_correlator_admits(&c, SLICE("pod/a"), SECOND_US));
    EXPECT(event_correlator_admits(&c, SLICE("pod/b"), SECOND_US));
    EXPECT(!event_correlator_admits(&c, SLICE("pod/a"), 299 * SECOND_US));
    EXPECT(event_correlator_admits(&c, SLICE("pod/a"), 302 * SECOND_US));
    EXPECT(!event_correlator_admits(&c, SLICE("pod/a"), 303 * SECOND_US));
    event_correlator_release(&c);
}

TEST("nine different messages stand alone, the tenth and what follows are one")
{
    struct event_correlator c;
    char message[32];
    event_correlator_init(&c);
    for (int i = 0; i < 20; i++) {
        snprintf(message, sizeof(message), "m%d", i);
        bool combines =
            event_correlator_combines(&c, SLICE("pod/a/R"), slice_of(message), i * SECOND_US);
        EXPECT_EQ(combines, i >= 9);
    }
    EXPECT(!event_correlator_combines(&c, SLICE("pod/a/R"), SLICE("m3"), 20 * SECOND_US));
    EXPECT(!event_correlator_combines(&c, SLICE("pod/a/S"), SLICE("m19"), 20 * SECOND_US));
    /* After ten quiet minutes it starts anew. */
    EXPECT(event_correlator_combines(&c, SLICE("pod/a/R"), SLICE("n"), 620 * SECOND_US));
    EXPECT(!event_correlator_combines(&c, SLICE("pod/a/R"), SLICE("n"), 1221 * SECOND_US));
    event_correlator_release(&c);
}

TEST("no more is remembered than the limit, and the oldest is forgotten first")
{
    struct event_correlator c;
    char subject[32];
    event_correlator_init(&c);
    for (int i = 0; i < 25; i++)
        event_correlator_admits(&c, SLICE("first"), SECOND_US);
    for (int i = 0; i < CORRELATOR_MAX; i++) {
        snprintf(subject, sizeof(subject), "s%d", i);
        EXPECT(event_correlator_admits(&c, slice_of(subject), SECOND_US));
    }
    EXPECT_EQ(c.subjects.entries.count, CORRELATOR_MAX);
    EXPECT(event_correlator_admits(&c, SLICE("first"), SECOND_US));
    event_correlator_release(&c);
}
