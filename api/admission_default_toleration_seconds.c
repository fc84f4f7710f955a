/* A pod stays 300 s on a node that is not ready or out of reach, unless it says otherwise.
 *
 * Rules: k8s.io/kubernetes plugin/pkg/admission/defaulttolerationseconds. */
#include "api/admission.h"

static const char *const taints[] = {"node.kubernetes.io/not-ready",
                                     "node.kubernetes.io/unreachable"};

/* Is there one that bears this taint's NoExecute, whatever its seconds? */
static bool is_borne(const struct json *tolerations, const char *taint)
{
    JSON_EACH(toleration, tolerations) {
        const char *key = json_text(json_get(toleration, "key"));
        const char *effect = json_text(json_get(toleration, "effect"));
        if ((!*key || strcmp(key, taint) == 0) && (!*effect || strcmp(effect, "NoExecute") == 0))
            return true;
    }
    return false;
}

static int mutate(struct admission *admission, struct status *status)
{
    (void)status;
    if (admission->operation == ADMIT_DELETE || admission->subresource || *admission->kind->group ||
        strcmp(admission->kind->resource, "pods") != 0)
        return 0;
    struct arena *arena = &admission->request->arena;
    struct json *spec = json_get(admission->object, "spec");
    for (size_t i = 0; i < ARRAY_SIZE(taints); i++) {
        struct json *tolerations = json_get(spec, "tolerations");
        if (is_borne(tolerations, taints[i]))
            continue;
        if (!tolerations)
            tolerations = json_set(arena, spec, "tolerations", json_new_array(arena));
        struct json *toleration = json_new_object(arena);
        json_set_text(arena, toleration, "key", taints[i]);
        json_set_text(arena, toleration, "operator", "Exists");
        json_set_text(arena, toleration, "effect", "NoExecute");
        json_set_int(arena, toleration, "tolerationSeconds", 300);
        json_append(tolerations, toleration);
    }
    return 0;
}

const struct admission_plugin admission_default_toleration_seconds = {
    .name = "DefaultTolerationSeconds", .mutate = mutate};
