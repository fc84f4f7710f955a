/* Nothing is made in a namespace that is not there or is going away.
 *
 * Rules: k8s.io/apiserver pkg/admission/plugin/namespace/lifecycle. The
 * namespaces default, kube-system and kube-public may not be deleted. */
#include "api/admission.h"
#include "core/kinds/view.h"

static bool is_immortal(struct slice name)
{
    return slice_is(name, "default") || slice_is(name, "kube-system") ||
           slice_is(name, "kube-public");
}

static bool is_namespace(const struct kind *kind)
{
    return *kind->group == '\0' && strcmp(kind->resource, "namespaces") == 0;
}

static int refuse_deletion(struct admission *admission, struct status *status)
{
    const char *name = arena_copy_slice(&admission->request->arena, admission->name);
    return status_forbidden(status, "", "namespaces", name, "this namespace may not be deleted");
}

static int refuse_terminating(struct admission *admission, struct status *status)
{
    struct arena *arena = &admission->request->arena;
    const char *namespace = arena_copy_slice(arena, admission->namespace);
    const char *name = arena_copy_slice(arena, admission->name);
    status_forbidden(status, admission->kind->group, admission->kind->resource, name,
                     arena_format(arena,
                                  "unable to create new content in namespace %s because it is "
                                  "being terminated",
                                  namespace));
    status_add_cause(status, "NamespaceTerminating", "metadata.namespace",
                     "namespace %s is being terminated", namespace);
    return -1;
}

static int check_namespace(struct admission *admission, struct status *status)
{
    struct buffer key = {0};
    key_append(&key, "", "namespaces", SLICE(""), admission->namespace);
    const struct object *namespace = plan_get(admission->plan, buffer_slice(&key));
    buffer_release(&key);
    if (!namespace)
        return status_not_found(status, "", "namespaces",
                                arena_copy_slice(&admission->request->arena, admission->namespace));
    struct slice deleted;
    if (view_find(object_view(namespace), VIEW_DELETED, &deleted))
        return refuse_terminating(admission, status);
    return 0;
}

static int mutate(struct admission *admission, struct status *status)
{
    if (admission->operation == ADMIT_DELETE)
        return is_namespace(admission->kind) && is_immortal(admission->name)
                   ? refuse_deletion(admission, status)
                   : 0;
    if (admission->operation != ADMIT_CREATE || !admission->kind->namespaced)
        return 0;
    return check_namespace(admission, status);
}

const struct admission_plugin admission_namespace_lifecycle = {.name = "NamespaceLifecycle",
                                                               .mutate = mutate};
