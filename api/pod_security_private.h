/* Shared by the checks of the Pod Security Standards; see pod_security.h. */
#ifndef API_POD_SECURITY_PRIVATE_H
#define API_POD_SECURITY_PRIVATE_H

#include "api/pod_security.h"

/* One pod before one check. */
struct security_case {
    struct arena *arena;
    const struct json *metadata;
    const struct json *spec;
    const struct json *context; /* spec.securityContext */
    int32_t minor;              /* Of the standard's version, at most the newest that there is. */
    const char *reason;         /* What the check found; NULL: nothing. */
    const char *detail;         /* "": no more to say. */
};
typedef void security_check_fn(struct security_case *pod);

/* --- Texts that are gathered --- */
struct security_texts {
    struct slice *items;
    size_t count;
    size_t capacity;
};
void security_add(struct security_case *pod, struct security_texts *texts, struct slice text);
/* Once each, in order of bytes. */
void security_sort(struct security_texts *texts);
/* "a", "b" */
const char *security_quote(const struct security_case *pod, const struct security_texts *texts);
const char *security_join(const struct security_case *pod, const struct security_texts *texts,
                          const char *between);
/* containers "a", "b" */
const char *security_name_containers(const struct security_case *pod,
                                     const struct security_texts *names);
/* The pod, containers, or both: `pod and container "a"`. */
const char *security_setters(const struct security_case *pod, bool is_pod,
                             const struct security_texts *containers);
static inline const char *security_plural(const char *one, const char *many, size_t count)
{
    return count == 1 ? one : many;
}

/* --- Walking --- */
/* All containers: those of the start, the main ones, those for debugging. Start with a zeroed
 * walk. */
struct security_walk {
    size_t list;
    const struct json *container;
};
const struct json *security_next_container(const struct security_case *pod,
                                           struct security_walk *walk);
struct slice security_name(const struct json *container);
static inline const struct json *security_context_of(const struct json *container)
{
    return json_get(container, "securityContext");
}
/* Root inside is nobody outside (KEP-127). */
bool security_is_in_user_namespace(const struct security_case *pod);
bool security_is_windows(const struct security_case *pod);
/* What the check found. */
static inline void security_find(struct security_case *pod, const char *reason, const char *detail)
{
    pod->reason = reason;
    pod->detail = detail;
}

/* --- The checks, by upstream's names --- */
security_check_fn security_check_app_armor_profile, security_check_capabilities_baseline,
    security_check_host_namespaces, security_check_host_path_volumes, security_check_host_ports,
    security_check_host_probes, security_check_privileged, security_check_proc_mount,
    security_check_se_linux_options, security_check_seccomp_baseline, security_check_sysctls,
    security_check_windows_host_process, security_check_privilege_escalation,
    security_check_capabilities_restricted, security_check_proc_mount_restricted,
    security_check_restricted_volumes, security_check_run_as_non_root, security_check_run_as_user,
    security_check_seccomp_restricted;

#endif
