/* What a container finds in its environment, and what its command line becomes by it.
 *
 * In upstream's order, later names win: Services of the namespace (with
 * enableServiceLinks) and the API's address, the image's own, envFrom, env. $(NAME) in
 * values, commands and arguments is replaced where NAME is known; $$ is a dollar sign.
 * Rules: pkg/kubelet/kubelet_pods.go (makeEnvironmentVariables), pkg/kubelet/envvars,
 * k8s.io/kubernetes third_party/forked/golang/expansion, pkg/fieldpath.
 *
 * Pure: objects that values come from are got beforehand, by environment_needs(). */
#ifndef KUBELET_ENVIRONMENT_H
#define KUBELET_ENVIRONMENT_H

#include "core/json.h"

struct environment_need { /* An object of the pod's namespace. */
    const char *resource;   /* "configmaps" or "secrets" */
    struct slice name;
    bool is_optional;       /* For all who name it. */
};
/* Each once. In arena; names are the container's. */
void environment_needs(struct arena *arena, const struct json *container,
                       const struct environment_need **needs, size_t *count);

struct downward { /* What fields of a pod and its resources become, for environments and volumes. */
    const struct json *pod;       /* With status, as far as it is known. */
    const char *node_name;
    const char *const *pod_addresses;  /* End with NULL. */
    const char *const *host_addresses;
    int64_t node_cpu_millis, node_memory_bytes, node_storage_bytes; /* Where no limit is set. */
};
/* metadata.name, metadata.labels['a'], status.podIP, ... BAD_REQUEST: no such field. */
MUST_USE int downward_field(struct arena *arena, const struct downward *from, struct slice path,
                            struct slice *value, struct status *status);
/* A resourceFieldSelector; container NULL: the one that it names. */
MUST_USE int downward_resource(struct arena *arena, const struct downward *from,
                               const struct json *selector, const struct json *container,
                               struct slice *value, struct status *status);

struct environment_request {
    const struct downward *downward;
    const struct json *container;
    const char *const *image;    /* Of the image; ends with NULL; may be NULL. */
    const char *api_host, *api_port; /* KUBERNETES_SERVICE_HOST and _PORT; NULL: not told. */
    const struct json *services; /* An array of Services to tell of, or NULL. */
    /* One of the needs as it is now; NULL: there is none. */
    const struct json *(*find)(void *context, const char *resource, struct slice name);
    void *context;
};

struct environment {
    const char *const *texts;    /* "NAME=value", ends with NULL: the image's and the pod's. */
    const char *const *own;      /* Without the image's: what $(NAME) finds. */
    const char *const *skipped;  /* Keys that are no names (InvalidEnvironmentVariableNames). */
};
/* Fails with upstream's text of a CreateContainerConfigError: `configmap "c" not found`. */
MUST_USE int environment_make(struct arena *arena, const struct environment_request *request,
                              struct environment *environment, struct status *status);
/* The texts (an array of strings) with $(NAME) replaced; ends with NULL. */
const char *const *environment_expand(struct arena *arena, const struct json *texts,
                                      const struct environment *environment);
struct slice environment_expand_text(struct arena *arena, struct slice text,
                                     const struct environment *environment);

#endif
