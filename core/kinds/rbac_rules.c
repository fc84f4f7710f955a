#include "core/kinds/rbac_rules.h"

#include "core/kinds/cell.h"
#include "core/kinds/field_path.h"
#include "core/kinds/label_selector.h"
#include "core/kinds/meta.h"

/* --- Rules of roles --- */

static void validate_rule(const struct json *rule, bool is_namespaced,
                          const struct field_path *path, struct field_errors *errors)
{
    if (json_count(json_get(rule, "verbs")) == 0)
        path_required(errors, AT(path, "verbs"), "verbs must contain at least one value");
    const struct json *urls = json_get(rule, "nonResourceURLs");
    bool has_resources = json_count(json_get(rule, "apiGroups")) > 0 ||
                         json_count(json_get(rule, "resources")) > 0 ||
                         json_count(json_get(rule, "resourceNames")) > 0;
    if (json_count(urls) > 0) {
        if (is_namespaced)
            path_invalid(errors, AT(path, "nonResourceURLs"), urls,
                         "namespaced rules cannot apply to non-resource URLs");
        if (has_resources)
            path_invalid(errors, AT(path, "nonResourceURLs"), urls,
                         "rules cannot apply to both regular resources and non-resource URLs");
        return;
    }
    if (json_count(json_get(rule, "apiGroups")) == 0)
        path_required(errors, AT(path, "apiGroups"),
                      "resource rules must supply at least one api group");
    if (json_count(json_get(rule, "resources")) == 0)
        path_required(errors, AT(path, "resources"),
                      "resource rules must supply at least one resource");
}

static void validate_rules(const struct json *role, bool is_namespaced, struct field_errors *errors)
{
    size_t i = 0;
    JSON_EACH(rule, json_get(role, "rules"))
        validate_rule(rule, is_namespaced, AT_ITEM(AT(NULL, "rules"), i++), errors);
}

void rbac_validate_role(const struct kind_context *context, const struct json *role,
                        struct field_errors *errors)
{
    (void)context;
    validate_rules(role, true, errors);
}

void rbac_validate_cluster_role(const struct kind_context *context, const struct json *role,
                                struct field_errors *errors)
{
    validate_rules(role, false, errors);
    const struct json *aggregation = json_get(role, "aggregationRule");
    const struct json *selectors = json_get(aggregation, "clusterRoleSelectors");
    if (aggregation && json_count(selectors) == 0)
        path_required(errors, AT(AT(NULL, "aggregationRule"), "clusterRoleSelectors"),
                      "at least one clusterRoleSelector required if aggregationRule is non-nil");
    size_t i = 0;
    JSON_EACH(selector, selectors)
        label_selector_validate(
            selector,
            arena_format(context->arena, "aggregationRule.clusterRoleSelectors[%zu]", i++), errors);
}

/* --- Bindings --- */

void rbac_default_binding(const struct kind_context *context, struct json *binding)
{
    struct json *reference = json_get(binding, "roleRef");
    if (reference && !*json_text(json_get(reference, "apiGroup")))
        json_set_text(context->arena, reference, "apiGroup", RBAC_GROUP);
    JSON_EACH(subject, json_get(binding, "subjects")) {
        const char *kind = json_text(json_get(subject, "kind"));
        bool is_person = strcmp(kind, "User") == 0 || strcmp(kind, "Group") == 0;
        if (is_person && !*json_text(json_get(subject, "apiGroup")))
            json_set_text(context->arena, subject, "apiGroup", RBAC_GROUP);
    }
}

static void validate_person(const struct json *subject, const struct field_path *path,
                            struct field_errors *errors)
{
    static const char *const groups[] = {RBAC_GROUP, NULL};
    struct slice group = json_string(json_get(subject, "apiGroup"));
    if (!slice_is(group, RBAC_GROUP))
        path_not_supported(errors, AT(path, "apiGroup"), group, groups);
}

static void validate_service_account(const struct json *subject, bool is_namespaced,
                                     const struct field_path *path, struct field_errors *errors)
{
    static const char *const groups[] = {"", NULL};
    struct slice name = json_string(json_get(subject, "name"));
    struct slice group = json_string(json_get(subject, "apiGroup"));
    if (name.size > 0)
        path_check_name(errors, AT(path, "name"), name, name_check_dns_subdomain);
    if (group.size > 0)
        path_not_supported(errors, AT(path, "apiGroup"), group, groups);
    if (!is_namespaced && !*json_text(json_get(subject, "namespace")))
        path_required(errors, AT(path, "namespace"), NULL);
}

static void validate_subject(const struct json *subject, bool is_namespaced,
                             const struct field_path *path, struct field_errors *errors)
{
    static const char *const kinds[] = {"Group", "ServiceAccount", "User", NULL};
    struct slice kind = json_string(json_get(subject, "kind"));
    if (!*json_text(json_get(subject, "name")))
        path_required(errors, AT(path, "name"), NULL);
    if (slice_is(kind, "ServiceAccount"))
        validate_service_account(subject, is_namespaced, path, errors);
    else if (slice_is(kind, "User") || slice_is(kind, "Group"))
        validate_person(subject, path, errors);
    else
        path_not_supported(errors, AT(path, "kind"), kind, kinds);
}

static void validate_reference(const struct json *reference, bool is_namespaced,
                               struct field_errors *errors)
{
    static const char *const groups[] = {RBAC_GROUP, NULL};
    static const char *const any_role[] = {"Role", "ClusterRole", NULL};
    static const char *const cluster_role[] = {"ClusterRole", NULL};
    const struct field_path *path = AT(NULL, "roleRef");
    struct slice group = json_string(json_get(reference, "apiGroup"));
    struct slice kind = json_string(json_get(reference, "kind"));
    struct slice name = json_string(json_get(reference, "name"));
    if (!slice_is(group, RBAC_GROUP))
        path_not_supported(errors, AT(path, "apiGroup"), group, groups);
    path_check_choice(errors, AT(path, "kind"), kind, is_namespaced ? any_role : cluster_role);
    if (name.size == 0)
        path_required(errors, AT(path, "name"), NULL);
    struct name_errors wrong = {0};
    name_path_segment(name, false, &wrong);
    for (size_t i = 0; name.size > 0 && i < wrong.count; i++)
        path_invalid_text(errors, AT(path, "name"), name, "%s", wrong.texts[i]);
}

static void validate_binding(const struct json *binding, bool is_namespaced,
                             struct field_errors *errors)
{
    validate_reference(json_get(binding, "roleRef"), is_namespaced, errors);
    size_t i = 0;
    JSON_EACH(subject, json_get(binding, "subjects"))
        validate_subject(subject, is_namespaced, AT_ITEM(AT(NULL, "subjects"), i++), errors);
}

void rbac_validate_role_binding(const struct kind_context *context, const struct json *binding,
                                struct field_errors *errors)
{
    (void)context;
    validate_binding(binding, true, errors);
}

void rbac_validate_cluster_role_binding(const struct kind_context *context,
                                        const struct json *binding, struct field_errors *errors)
{
    (void)context;
    validate_binding(binding, false, errors);
}

void rbac_validate_binding_update(const struct kind_context *context, const struct json *binding,
                                  const struct json *old, struct field_errors *errors)
{
    (void)context;
    const struct json *reference = json_get(binding, "roleRef");
    if (!json_equal(reference, json_get(old, "roleRef")))
        path_invalid(errors, AT(NULL, "roleRef"), reference, "cannot change roleRef");
}

/* --- Columns --- */

static void created_cell(const struct kind_context *context, const struct json *object,
                         struct buffer *text)
{
    (void)context;
    json_print_string(json_string(json_at(object, "metadata.creationTimestamp")), text);
}

static void role_cell(const struct kind_context *context, const struct json *object,
                      struct buffer *text)
{
    const struct json *reference = json_get(object, "roleRef");
    json_print_string(
        slice_of(arena_format(context->arena, "%s/%s", json_text(json_get(reference, "kind")),
                              json_text(json_get(reference, "name")))),
        text);
}

/* Names of the subjects of one kind, with commas. */
static void subjects_cell(const struct json *object, const char *kind, struct buffer *text)
{
    struct buffer names = {0};
    JSON_EACH(subject, json_get(object, "subjects")) {
        if (strcmp(json_text(json_get(subject, "kind")), kind) != 0)
            continue;
        const char *namespace = json_text(json_get(subject, "namespace"));
        buffer_format(&names, "%s%s%s%s", names.size ? ", " : "", namespace, *namespace ? "/" : "",
                      json_text(json_get(subject, "name")));
    }
    json_print_string(buffer_slice(&names), text);
    buffer_release(&names);
}
static void users_cell(const struct kind_context *context, const struct json *object,
                       struct buffer *text)
{
    (void)context;
    subjects_cell(object, "User", text);
}
static void groups_cell(const struct kind_context *context, const struct json *object,
                        struct buffer *text)
{
    (void)context;
    subjects_cell(object, "Group", text);
}
static void accounts_cell(const struct kind_context *context, const struct json *object,
                          struct buffer *text)
{
    (void)context;
    subjects_cell(object, "ServiceAccount", text);
}

const struct kind_column rbac_role_columns[] = {
    COLUMN_NAME,
    CELL("Created At", "date", "When it was created.", created_cell),
    {.name = NULL},
};

const struct kind_column rbac_binding_columns[] = {
    COLUMN_NAME,
    CELL("Role", "string", "The role that is given.", role_cell),
    COLUMN_AGE,
    CELL_WIDE("Users", "string", "Users who are given it.", users_cell),
    CELL_WIDE("Groups", "string", "Groups that are given it.", groups_cell),
    CELL_WIDE("ServiceAccounts", "string", "Service accounts that are given it.", accounts_cell),
    {.name = NULL},
};
