#include "kubelet-lite/restart_policy.h"
#include "tests/harness/test.h"

static bool restarts(const char *policy, const char *container, int64_t exit_code)
{
    struct arena arena;
    struct status status;
    arena_init(&arena);
    status_init(&status);
    struct json *spec = json_new_object(&arena);
    json_set_text(&arena, spec, "restartPolicy", policy);
    struct json *tree = json_parse(&arena, slice_of(container), NULL, &status);
    bool answer = restart_policy_restarts(spec, tree, exit_code);
    arena_release(&arena);
    return answer;
}

TEST("the pod's policy decides where the container has none")
{
    EXPECT(restarts("Always", "{}", 0));
    EXPECT(restarts("Always", "{}", 1));
    EXPECT(!restarts("OnFailure", "{}", 0));
    EXPECT(restarts("OnFailure", "{}", 1));
    EXPECT(!restarts("Never", "{}", 0));
    EXPECT(!restarts("Never", "{}", 1));
}

TEST("the container's policy stands above the pod's, and its first matching rule above both")
{
    EXPECT(restarts("Never", "{\"restartPolicy\":\"Always\"}", 0));
    EXPECT(!restarts("Always", "{\"restartPolicy\":\"OnFailure\"}", 0));
    const char *in = "{\"restartPolicy\":\"Never\",\"restartPolicyRules\":[{\"action\":\"Restart\","
                     "\"exitCodes\":{\"operator\":\"In\",\"values\":[42,43]}}]}";
    EXPECT(restarts("Always", in, 43));
    EXPECT(!restarts("Always", in, 44));
    const char *not_in =
        "{\"restartPolicy\":\"Never\",\"restartPolicyRules\":[{\"action\":\"Restart\","
        "\"exitCodes\":{\"operator\":\"NotIn\",\"values\":[0,42]}}]}";
    EXPECT(!restarts("Always", not_in, 42));
    EXPECT(!restarts("Always", not_in, 0));
    EXPECT(restarts("Always", not_in, 1));
}

TEST("the first restart comes at once, then waits double from 10 s to 5 min")
{
    static const int64_t seconds[] = {0, 10, 20, 40, 80, 160, 300, 300};
    for (size_t i = 0; i < ARRAY_SIZE(seconds); i++)
        EXPECT_EQ(restart_backoff_us((int64_t)i), seconds[i] * 1000000);
    EXPECT_EQ(restart_backoff_us(1000000), BACKOFF_MAX_US);
    EXPECT_EQ(restart_backoff_us(-1), 0);
}
