#include "scheduler/framework.h"

#define PLUGIN(name) extern const struct plugin plugin_##name;
#include "generated/plugins.h"
#undef PLUGIN

const struct plugin *const plugins[] = {
#define PLUGIN(name) &plugin_##name,
#include "generated/plugins.h"
#undef PLUGIN
    NULL,
};

int framework_filter(const struct filter_input *input, struct refusal *refusal)
{
    *refusal = (struct refusal){0};
    for (int i = 0; plugins[i]; i++) {
        if (plugins[i]->applies && !plugins[i]->applies(input->shape))
            continue;
        if (!plugins[i]->filter(input, refusal))
            return i;
    }
    return -1;
}
