/* Deletion: rest.BeforeDelete, and what generic/registry/store.go decides about
 * finalizers. It takes up to three steps that different parties take:
 *
 *   marked     deletionTimestamp is set; who has a finalizer, or the kubelet while
 *              the grace lasts, does its part;
 *   pending    asked for again meanwhile: nothing changes, unless the grace shrinks;
 *   removed    no finalizer and no grace is left. */
#include "core/kinds/meta.h"
#include "core/kinds/strategy.h"

#define SECOND_US INT64_C(1000000)
#define LAST_US (INT64_C(253402300799) * SECOND_US) /* The last second of year 9999. */

struct deletion {
    const struct kind *kind;
    const struct kind_context *context;
    struct json *object;
    int64_t grace_seconds;                /* Asked for; -1: not. */
    struct slice policy;                  /* "Foreground", "Orphan", "Background" or empty. */
    const struct json *orphan_dependents; /* The old form of Orphan and Background. */
};

/* --- Options --- */

static void check_policy(const struct json *options, struct field_errors *errors)
{
    const struct json *policy = json_get(options, "propagationPolicy");
    struct slice text = json_string(policy);
    if (!policy)
        return;
    if (json_get(options, "orphanDependents"))
        field_error_add(errors, FIELD_INVALID, "propagationPolicy",
                        schema_value_text(errors->arena, policy),
                        "orphanDependents and deletionPropagation cannot be both set");
    if (!slice_is(text, "Foreground") && !slice_is(text, "Background") && !slice_is(text, "Orphan"))
        field_error_add(errors, FIELD_NOT_SUPPORTED, "propagationPolicy",
                        schema_value_text(errors->arena, policy),
                        "supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"");
}

static void check_ignore_read_error(const struct json *options, struct field_errors *errors)
{
    static const char name[] = "ignoreStoreReadErrorWithClusterBreakingPotential";
    static const char *const others[] = {"dryRun", "propagationPolicy", "orphanDependents",
                                         "gracePeriodSeconds", "preconditions"};
    if (!json_bool(json_get(options, name)))
        return;
    for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
        if (json_get(options, others[i]))
            field_error_add(errors, FIELD_INVALID, name, "true", "cannot be set together with .%s",
                            others[i]);
    }
}

static int check_options(const struct json *options, struct arena *arena, struct status *status)
{
    struct field_errors errors;
    field_errors_init(&errors, arena);
    check_policy(options, &errors);
    strategy_check_dry_run(json_get(options, "dryRun"), &errors);
    check_ignore_read_error(options, &errors);
    return field_errors_status(&errors, "meta.k8s.io", "DeleteOptions", "", status);
}

static int check_precondition(const struct deletion *deletion, const struct json *wanted,
                              struct slice actual, const char *what, const char *might,
                              struct status *status)
{
    if (!wanted || slice_equal(json_string(wanted), actual))
        return 0;
    /* The kind stands where other conflicts name the resource. */
    return status_conflict(
        status, deletion->kind->group, deletion->kind->kind,
        json_text(json_at(deletion->object, "metadata.name")),
        arena_format(&status->arena,
                     "the %s in the precondition (%s) does not match the %s in record "
                     "(" SLICE_FORMAT "). The object might have been %s",
                     what, json_text(wanted), what, SLICE_ARGS(actual), might));
}

static int check_preconditions(const struct deletion *deletion, const struct json *options,
                               struct status *status)
{
    const struct json *wanted = json_get(options, "preconditions");
    return check_precondition(deletion, json_get(wanted, "uid"), meta_uid(deletion->object), "UID",
                              "deleted and then recreated", status) ||
                   check_precondition(deletion, json_get(wanted, "resourceVersion"),
                                      meta_resource_version(deletion->object), "ResourceVersion",
                                      "modified", status)
               ? -1
               : 0;
}

/* --- Finalizers of garbage collection --- */

static bool orphans_dependents(const struct deletion *deletion)
{
    if (deletion->orphan_dependents)
        return json_bool(deletion->orphan_dependents);
    if (deletion->policy.size > 0)
        return slice_is(deletion->policy, "Orphan");
    if (meta_has_finalizer(deletion->object, FINALIZER_FOREGROUND))
        return false;
    return deletion->kind->orphans_dependents ||
           meta_has_finalizer(deletion->object, FINALIZER_ORPHAN);
}
static bool waits_for_dependents(const struct deletion *deletion)
{
    if (deletion->orphan_dependents)
        return false;
    if (deletion->policy.size > 0)
        return slice_is(deletion->policy, "Foreground");
    return meta_has_finalizer(deletion->object, FINALIZER_FOREGROUND);
}

static void set_finalizer(const struct deletion *deletion, const char *finalizer, bool wanted)
{
    if (wanted)
        meta_add_finalizer(deletion->context->arena, deletion->object, finalizer);
    else
        meta_remove_finalizer(deletion->object, finalizer);
}

/* What the options say wins, else a finalizer that is there already, else the kind's default:
 * Background, or Orphan where upstream keeps that for old clients (ReplicationController). */
static void set_finalizers(const struct deletion *deletion)
{
    bool orphans = orphans_dependents(deletion), waits = waits_for_dependents(deletion);
    set_finalizer(deletion, FINALIZER_ORPHAN, orphans);
    set_finalizer(deletion, FINALIZER_FOREGROUND, waits);
}

/* --- Grace --- */

/* Times have four digits of year; a grace that goes further ends there. */
static int64_t moved(int64_t when_us, int64_t seconds)
{
    int64_t room = (LAST_US - when_us) / SECOND_US;
    return when_us + (seconds < room ? seconds : room) * SECOND_US;
}

static void mark(const struct deletion *deletion, int64_t when_us, int64_t grace_seconds)
{
    struct arena *arena = deletion->context->arena;
    int64_t generation = meta_generation(deletion->object);
    if (!meta_is_deleting(deletion->object) && generation > 0)
        meta_set_int(arena, deletion->object, "generation", generation + 1);
    meta_set_time(arena, deletion->object, "deletionTimestamp", when_us);
    meta_set_int(arena, deletion->object, "deletionGracePeriodSeconds", grace_seconds);
}

/* A grace that runs already can only shrink: its end moves back, but not before now, and
 * what has none left gets one second, so that the kubelet still sees it end. */
static bool shrink_grace(const struct deletion *deletion, int64_t running)
{
    int64_t grace = deletion->grace_seconds, now = deletion->context->now_us, due = now;
    if (grace < 0 || grace >= running)
        return false;
    meta_deleted(deletion->object, &due);
    due = running < LAST_US / SECOND_US ? moved(due, grace - running) : moved(now, grace);
    if (due < now) {
        due = now;
        grace = grace > 0 ? 1 : 0;
    }
    mark(deletion, due, grace);
    return true;
}

/* Gives the grace that the object now has, or -1 where an earlier one goes on unchanged. */
static int64_t begin_grace(const struct deletion *deletion)
{
    int64_t running = 0;
    if (!deletion->kind->grace_seconds)
        return 0;
    if (!meta_is_deleting(deletion->object)) {
        int64_t grace = deletion->kind->grace_seconds(deletion->object, deletion->grace_seconds);
        mark(deletion, moved(deletion->context->now_us, grace), grace);
        return grace;
    }
    if (!meta_grace_seconds(deletion->object, &running) || running == 0)
        return 0;
    if (!shrink_grace(deletion, running))
        return -1;
    meta_grace_seconds(deletion->object, &running);
    return running;
}

/* What waits only for finalizers is due now. */
static void mark_without_grace(const struct deletion *deletion)
{
    int64_t due = deletion->context->now_us;
    int64_t earlier = due;
    meta_deleted(deletion->object, &earlier);
    mark(deletion, earlier < due ? earlier : due, 0);
}

int strategy_delete(const struct kind *kind, const struct kind_context *context,
                    struct json *object, const struct json *options,
                    enum strategy_deletion *outcome, struct status *status)
{
    struct deletion deletion = {.kind = kind,
                                .context = context,
                                .object = object,
                                .grace_seconds = -1,
                                .policy = json_string(json_get(options, "propagationPolicy")),
                                .orphan_dependents = json_get(options, "orphanDependents")};
    if (check_options(options, context->arena, status) ||
        check_preconditions(&deletion, options, status))
        return -1;
    /* A negative grace means the least one that is still graceful. */
    if (json_to_int64(json_get(options, "gracePeriodSeconds"), &deletion.grace_seconds) &&
        deletion.grace_seconds < 0)
        deletion.grace_seconds = 1;
    int64_t grace = begin_grace(&deletion);
    *outcome = DELETION_PENDS;
    if (grace < 0)
        return 0;
    set_finalizers(&deletion);
    bool waits = strategy_has_finalizers(object);
    if (grace == 0 && waits)
        mark_without_grace(&deletion);
    if (kind->prepare_for_delete && (grace > 0 || waits))
        kind->prepare_for_delete(context, object);
    *outcome = grace > 0 || waits ? DELETION_MARKS : DELETION_REMOVES;
    return 0;
}
