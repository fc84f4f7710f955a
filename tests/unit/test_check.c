/* core/check, core/phase: promises fire, and only when they are broken. */
#include "core/check.h"

#include "core/phase.h"
#include "tests/harness/test.h"

TEST("a broken promise ends the process, a kept one does nothing")
{
    int one = 1;
    PRE(one == 1);
    POST(one == 1 || one == 2);
    EXPECT_DIES(PRE(one == 2));
    EXPECT_DIES(POST(!one));
    EXPECT_DIES(UNREACHABLE("no way here"));
}

struct outer {
    int before;
    int member;
};

TEST("the container of a member is found")
{
    struct outer outer = {1, 2};
    int *member = &outer.member;
    EXPECT(CONTAINER_OF(member, struct outer, member) == &outer);
}

enum { IDLE, RUNNING, DONE };
static const struct phase phases[] = {
    [IDLE] = {"idle", TO(RUNNING) | TO(DONE)},
    [RUNNING] = {"running", TO(DONE)},
    [DONE] = {"done", 0},
};

TEST("a phase moves only where its table allows")
{
    int phase = IDLE;
    phase_move(phases, &phase, RUNNING);
    EXPECT_DIES(phase_move(phases, &phase, IDLE));
    phase_move(phases, &phase, DONE);
    EXPECT_EQ(phase, DONE);
    EXPECT_DIES(phase_move(phases, &phase, DONE));
}
