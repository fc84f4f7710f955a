#include "api/pod_security.h"

#include <stdlib.h>

#include "api/pod_security_private.h"
#include "core/kinds/field_path.h"
#include "core/kinds/meta.h"
#include "core/kinds/view.h"

#define LABEL "pod-security.kubernetes.io/"
#define NEWEST 35 /* The last version that changed a check. */

/* --- Levels and versions in labels --- */

static const char *const level_names[] = {
    [SECURITY_PRIVILEGED] = "privileged",
    [SECURITY_BASELINE] = "baseline",
    [SECURITY_RESTRICTED] = "restricted",
};

bool security_standard_equal(struct security_standard a, struct security_standard b)
{
    return a.level == b.level && a.minor == b.minor;
}
const char *security_standard_text(struct arena *arena, struct security_standard standard)
{
    const char *level = level_names[standard.level];
    return standard.minor == SECURITY_LATEST
               ? arena_format(arena, "%s:latest", level)
               : arena_format(arena, "%s:v1.%d", level, (int)standard.minor);
}

/* The labels of one namespace, from its view or from its tree. */
struct labels {
    struct slice view;
    const struct json *tree; /* NULL: the view's. */
    struct field_errors *errors;
};
static bool find_label(const struct labels *labels, const char *name, struct slice *value)
{
    if (!labels->tree)
        return view_label(labels->view, slice_of(name), value);
    const struct json *member = json_get(json_at(labels->tree, "metadata.labels"), name);
    *value = json_string(member);
    return member != NULL;
}
static void refuse(const struct labels *labels, const char *name, struct slice value,
                   const char *why)
{
    path_invalid_text(labels->errors, AT_KEY(AT(AT(NULL, "metadata"), "labels"), slice_of(name)),
                      value, "%s", why);
}

enum found { ABSENT, WRONG, GOOD };

/* What is no level is read as otherwise. */
static enum found read_level(const struct labels *labels, const char *name,
                             enum security_level otherwise, enum security_level *level)
{
    struct slice value;
    if (!find_label(labels, name, &value))
        return ABSENT;
    for (size_t i = 0; i < ARRAY_SIZE(level_names); i++) {
        if (slice_is(value, level_names[i])) {
            *level = (enum security_level)i;
            return GOOD;
        }
    }
    *level = otherwise;
    refuse(labels, name, value, "must be one of privileged, baseline, restricted");
    return WRONG;
}
static bool parse_version(struct slice text, int32_t *minor)
{
    int64_t number;
    if (slice_is(text, "latest")) {
        *minor = SECURITY_LATEST;
        return true;
    }
    struct slice digits = slice_sub(text, 3, text.size);
    if (!slice_starts_with(text, SLICE("v1.")) || digits.size == 0 ||
        (digits.data[0] == '0' && digits.size > 1) || digits.data[0] < '0' ||
        digits.data[0] > '9' || !slice_to_int64(digits, &number) || number >= SECURITY_LATEST)
        return false;
    *minor = (int32_t)number;
    return true;
}
static enum found read_version(const struct labels *labels, const char *name, int32_t *minor)
{
    struct slice value;
    if (!find_label(labels, name, &value))
        return ABSENT;
    if (parse_version(value, minor))
        return GOOD;
    *minor = SECURITY_LATEST;
    refuse(labels, name, value, "must be \"latest\" or \"v1.x\"");
    return WRONG;
}

/* Where nothing is said of warnings, what is refused is warned of, in its templates too. */
static void read_policy(const struct labels *labels, struct security_policy *policy)
{
    const struct security_standard none = {SECURITY_PRIVILEGED, SECURITY_LATEST};
    *policy = (struct security_policy){none, none, none};
    enum found enforce =
        read_level(labels, LABEL "enforce", SECURITY_RESTRICTED, &policy->enforce.level);
    read_version(labels, LABEL "enforce-version", &policy->enforce.minor);
    read_level(labels, LABEL "audit", SECURITY_PRIVILEGED, &policy->audit.level);
    read_version(labels, LABEL "audit-version", &policy->audit.minor);
    enum found warn = read_level(labels, LABEL "warn", SECURITY_PRIVILEGED, &policy->warn.level);
    enum found version = read_version(labels, LABEL "warn-version", &policy->warn.minor);
    if (warn != ABSENT || enforce != GOOD || policy->enforce.level <= policy->warn.level)
        return;
    policy->warn.level = policy->enforce.level;
    if (version == ABSENT)
        policy->warn.minor = policy->enforce.minor;
}
void security_policy_read(struct slice view, struct security_policy *policy,
                          struct field_errors *errors)
{
    read_policy(&(const struct labels){.view = view, .errors = errors}, policy);
}
void security_policy_read_tree(const struct json *namespace, struct security_policy *policy,
                               struct field_errors *errors)
{
    read_policy(&(const struct labels){.tree = namespace, .errors = errors}, policy);
}

/* --- What the checks share --- */

void security_add(struct security_case *pod, struct security_texts *texts, struct slice text)
{
    if (texts->count == texts->capacity) {
        size_t capacity = texts->capacity * 2 + 4;
        struct slice *items = ARENA_ARRAY(pod->arena, struct slice, capacity);
        for (size_t i = 0; i < texts->count; i++)
            items[i] = texts->items[i];
        texts->items = items;
        texts->capacity = capacity;
    }
    texts->items[texts->count++] = text;
}
static int compare(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}
void security_sort(struct security_texts *texts)
{
    size_t kept = 0;
    if (texts->count == 0)
        return;
    qsort(texts->items, texts->count, sizeof(*texts->items), compare);
    for (size_t i = 1; i < texts->count; i++)
        if (!slice_equal(texts->items[kept], texts->items[i]))
            texts->items[++kept] = texts->items[i];
    texts->count = kept + 1;
}

static const char *join(const struct security_case *pod, const struct security_texts *texts,
                        const char *quote, const char *between)
{
    struct buffer text = {0};
    for (size_t i = 0; i < texts->count; i++)
        buffer_format(&text, "%s%s" SLICE_FORMAT "%s", i > 0 ? between : "", quote,
                      SLICE_ARGS(texts->items[i]), quote);
    const char *copy = arena_copy_slice(pod->arena, buffer_slice(&text));
    buffer_release(&text);
    return copy;
}
const char *security_quote(const struct security_case *pod, const struct security_texts *texts)
{
    return join(pod, texts, "\"", ", ");
}
const char *security_join(const struct security_case *pod, const struct security_texts *texts,
                          const char *between)
{
    return join(pod, texts, "", between);
}
const char *security_name_containers(const struct security_case *pod,
                                     const struct security_texts *names)
{
    return arena_format(pod->arena, "%s %s",
                        security_plural("container", "containers", names->count),
                        security_quote(pod, names));
}
const char *security_setters(const struct security_case *pod, bool is_pod,
                             const struct security_texts *containers)
{
    if (containers->count == 0)
        return is_pod ? "pod" : "";
    return arena_format(pod->arena, "%s%s", is_pod ? "pod and " : "",
                        security_name_containers(pod, containers));
}

struct slice security_name(const struct json *container)
{
    return json_string(json_get(container, "name"));
}
const struct json *security_next_container(const struct security_case *pod,
                                           struct security_walk *walk)
{
    static const char *const lists[] = {"initContainers", "containers", "ephemeralContainers"};
    if (walk->container)
        walk->container = json_next(walk->container);
    else if (walk->list == 0)
        walk->container = json_first(json_get(pod->spec, lists[0]));
    while (!walk->container && ++walk->list < ARRAY_SIZE(lists))
        walk->container = json_first(json_get(pod->spec, lists[walk->list]));
    return walk->container;
}

bool security_is_in_user_namespace(const struct security_case *pod)
{
    const struct json *host_users = json_get(pod->spec, "hostUsers");
    return host_users && !json_bool(host_users);
}
bool security_is_windows(const struct security_case *pod)
{
    return slice_is(json_string(json_at(pod->spec, "os.name")), "windows");
}

/* --- Which checks make a standard --- */

/* In the order in which they are told. A check is of a level from a version on; a baseline one may
 * give way to a stricter one of the restricted level. */
static const struct check {
    enum security_level level;
    int32_t since;
    int32_t replaced_since; /* SECURITY_LATEST: never. */
    security_check_fn *run;
} checks[] = {
    {SECURITY_BASELINE, 0, SECURITY_LATEST, security_check_app_armor_profile},
    {SECURITY_BASELINE, 0, 22, security_check_capabilities_baseline},
    {SECURITY_BASELINE, 0, SECURITY_LATEST, security_check_host_namespaces},
    {SECURITY_BASELINE, 0, 0, security_check_host_path_volumes},
    {SECURITY_BASELINE, 0, SECURITY_LATEST, security_check_host_ports},
    {SECURITY_BASELINE, 34, SECURITY_LATEST, security_check_host_probes},
    {SECURITY_BASELINE, 0, SECURITY_LATEST, security_check_privileged},
    {SECURITY_BASELINE, 0, 35, security_check_proc_mount},
    {SECURITY_BASELINE, 0, SECURITY_LATEST, security_check_se_linux_options},
    {SECURITY_BASELINE, 0, 19, security_check_seccomp_baseline},
    {SECURITY_BASELINE, 0, SECURITY_LATEST, security_check_sysctls},
    {SECURITY_BASELINE, 0, SECURITY_LATEST, security_check_windows_host_process},
    {SECURITY_RESTRICTED, 8, SECURITY_LATEST, security_check_privilege_escalation},
    {SECURITY_RESTRICTED, 22, SECURITY_LATEST, security_check_capabilities_restricted},
    {SECURITY_RESTRICTED, 35, SECURITY_LATEST, security_check_proc_mount_restricted},
    {SECURITY_RESTRICTED, 0, SECURITY_LATEST, security_check_restricted_volumes},
    {SECURITY_RESTRICTED, 0, SECURITY_LATEST, security_check_run_as_non_root},
    {SECURITY_RESTRICTED, 23, SECURITY_LATEST, security_check_run_as_user},
    {SECURITY_RESTRICTED, 19, SECURITY_LATEST, security_check_seccomp_restricted},
};

static bool is_part_of(const struct check *check, enum security_level level, int32_t minor)
{
    if (level < check->level || minor < check->since)
        return false;
    return level == check->level || minor < check->replaced_since;
}

static void add_finding(const struct security_case *pod, struct buffer *reasons,
                        struct buffer *details)
{
    const char *comma = reasons->size > 0 ? ", " : "";
    buffer_format(reasons, "%s%s", comma, pod->reason);
    buffer_format(details, "%s%s", comma, pod->reason);
    if (pod->detail[0])
        buffer_format(details, " (%s)", pod->detail);
}

void security_evaluate(struct arena *arena, struct security_standard standard,
                       const struct json *pod, struct security_verdict *verdict)
{
    struct buffer reasons = {0}, details = {0};
    struct security_case one = {
        .arena = arena,
        .metadata = json_get(pod, "metadata"),
        .spec = json_get(pod, "spec"),
        .context = json_at(pod, "spec.securityContext"),
        .minor = standard.minor < NEWEST ? standard.minor : NEWEST,
    };
    *verdict = (struct security_verdict){0};
    for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
        if (!is_part_of(&checks[i], standard.level, one.minor))
            continue;
        one.reason = NULL;
        checks[i].run(&one);
        if (!one.reason)
            continue;
        add_finding(&one, &reasons, &details);
        verdict->count++;
    }
    verdict->reasons = arena_copy_slice(arena, buffer_slice(&reasons));
    verdict->details = arena_copy_slice(arena, buffer_slice(&details));
    buffer_release(&reasons);
    buffer_release(&details);
}
