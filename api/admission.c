#include "api/admission.h"

#define ADMISSION(name) extern const struct admission_plugin admission_##name;
#include "generated/admission.h"
#undef ADMISSION

static const struct admission_plugin *const plugins[] = {
#define ADMISSION(name) &admission_##name,
#include "generated/admission.h"
#undef ADMISSION
    NULL,
};

int admission_mutate(struct admission *admission, struct status *status)
{
    for (size_t i = 0; plugins[i]; i++)
        if (plugins[i]->mutate && plugins[i]->mutate(admission, status))
            return -1;
    return 0;
}

int admission_validate(struct admission *admission, struct status *status)
{
    for (size_t i = 0; plugins[i]; i++)
        if (plugins[i]->validate && plugins[i]->validate(admission, status))
            return -1;
    return 0;
}

int admission_forbid(const struct admission *admission, struct status *status, const char *why)
{
    struct slice name = admission->name;
    if (name.size == 0)
        name = json_string(json_at(admission->object, "metadata.generateName"));
    if (name.size == 0)
        name = SLICE("Unknown");
    return status_forbidden(status, admission->kind->group, admission->kind->resource,
                            arena_copy_slice(&admission->request->arena, name), why);
}
