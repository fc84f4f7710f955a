#include "kubelet-lite/virtual_lifecycle.h"

#include "core/kinds/duration.h"
#include "core/kinds/facts.h"
#include "core/kinds/meta.h"
#include "core/number.h"

static const char *wrong(struct arena *arena, const char *name, const char *why)
{
    return arena_format(arena, "annotation %s%s: %s", VIRTUAL_ANNOTATION, name, why);
}

static struct slice text_of(struct arena *arena, const struct json *pod, const char *name)
{
    return slice_trim(meta_annotation(pod, arena_format(arena, "%s%s", VIRTUAL_ANNOTATION, name)));
}

static const char *read_duration(struct arena *arena, const struct json *pod, const char *name,
                                 int64_t *us)
{
    struct slice text = text_of(arena, pod, name);
    int64_t nanos;
    if (text.size == 0)
        return NULL;
    const char *error = duration_parse(arena, text, &nanos);
    if (error)
        return wrong(arena, name, error);
    if (nanos < 0)
        return wrong(arena, name, "must not be negative");
    *us = nanos / 1000;
    return NULL;
}

static const char *read_exit_code(struct arena *arena, const struct json *pod, int64_t *code)
{
    struct slice text = text_of(arena, pod, "exit-code");
    if (text.size > 0 && (!slice_to_int64(text, code) || *code < 0 || *code > 255))
        return wrong(arena, "exit-code", "must be a number from 0 to 255");
    return NULL;
}

static const char *read_odds(struct arena *arena, const struct json *pod, double *odds)
{
    struct slice text = text_of(arena, pod, "failure-odds");
    if (text.size == 0)
        return NULL;
    /* Written so that a NaN fails. */
    if (number_parse_float(text, odds) != NUMBER_OK || !(*odds >= 0 && *odds <= 1))
        return wrong(arena, "failure-odds", "must be a number from 0 to 1");
    return NULL;
}

const char *virtual_lifecycle_read(struct arena *arena, const struct json *pod,
                                   struct virtual_lifecycle *lifecycle)
{
    *lifecycle = (struct virtual_lifecycle){.run_time_us = LIFECYCLE_FOR_EVER, .failure_odds = -1};
    if (json_count(json_at(pod, "metadata.annotations")) == 0)
        return NULL;
    const char *error = read_duration(arena, pod, "start-delay", &lifecycle->start_delay_us);
    if (!error)
        error = read_duration(arena, pod, "run-time", &lifecycle->run_time_us);
    if (!error)
        error = read_duration(arena, pod, "stop-delay", &lifecycle->stop_delay_us);
    if (!error)
        error = read_exit_code(arena, pod, &lifecycle->exit_code);
    return error ? error : read_odds(arena, pod, &lifecycle->failure_odds);
}

int64_t virtual_lifecycle_exit_code(const struct virtual_lifecycle *lifecycle, struct slice uid,
                                    int64_t run)
{
    if (lifecycle->failure_odds < 0)
        return lifecycle->exit_code;
    uint64_t hash = facts_hash(facts_hash(0, uid), (struct slice){(const char *)&run, sizeof run});
    double draw = (double)(hash >> 11) / (double)(UINT64_C(1) << 53); /* 0 to below 1. */
    if (draw >= lifecycle->failure_odds)
        return 0;
    return lifecycle->exit_code != 0 ? lifecycle->exit_code : 1;
}
