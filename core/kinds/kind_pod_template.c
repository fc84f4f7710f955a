/* PodTemplate: a stored template for pods. */
#include "core/kinds/cell.h"
#include "core/kinds/pod_defaults.h"
#include "core/kinds/types.h"
#include "core/kinds/validate_pod.h"

static void set_defaults(const struct kind_context *context, struct json *object)
{
    struct json *spec = json_at(object, "template.spec");
    if (spec)
        pod_spec_set_defaults(context->arena, spec);
}
static void validate(const struct kind_context *context, const struct json *object,
                     struct field_errors *errors)
{
    (void)context;
    pod_template_validate(json_get(object, "template"), AT(NULL, "template"), errors);
}

static void cell_containers(const struct kind_context *context, const struct json *object,
                            struct buffer *text)
{
    (void)context;
    cell_append_containers(json_at(object, "template.spec.containers"), "name", text);
}
static void cell_images(const struct kind_context *context, const struct json *object,
                        struct buffer *text)
{
    (void)context;
    cell_append_containers(json_at(object, "template.spec.containers"), "image", text);
}
static void cell_labels(const struct kind_context *context, const struct json *object,
                        struct buffer *text)
{
    (void)context;
    cell_append_labels(json_at(object, "template.metadata.labels"), text);
}
static const struct kind_column columns[] = {
    COLUMN_NAME,
    CELL("Containers", "string", "Names of its containers.", cell_containers),
    CELL("Images", "string", "Images of its containers.", cell_images),
    CELL("Pod Labels", "string", "Labels of pods made from it.", cell_labels),
    {.name = NULL},
};

const struct kind kind_pod_template = {
    .group = "",
    .version = "v1",
    .kind = "PodTemplate",
    .resource = "podtemplates",
    .singular = "podtemplate",
    .namespaced = true,
    .has_generation = true,
    .schema = &type_pod_template,
    .columns = columns,
    .set_defaults = set_defaults,
    .validate = validate,
};
