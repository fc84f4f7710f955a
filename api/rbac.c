#include "api/rbac.h"

#include <stdio.h>

#define GROUP "rbac.authorization.k8s.io"

struct rbac_role {
    struct arena arena;
    const struct json *rules;
};

struct rbac_binding {
    struct arena arena;
    struct slice namespace; /* Empty: ClusterRoleBinding. */
    struct slice name;
    const struct json *subjects;
    struct slice role_key;
    struct slice role_name;
    bool is_of_cluster_role;
};

/* All bindings that name one user or group in one namespace. */
struct rbac_subject {
    struct granted {
        struct rbac_binding *binding;
        const struct json *subject;
    } * items;
    size_t count;
    size_t capacity;
};

/* --- One rule --- */

static bool list_has(const struct json *list, const char *text)
{
    JSON_EACH(item, list)
        if (strcmp(json_text(item), "*") == 0 || strcmp(json_text(item), text) == 0)
            return true;
    return false;
}

/* "pods", "pods/log", "*" and the any-resource form of "/log" as upstream's ResourceMatches. */
static bool resource_matches(const struct json *list, const struct authz_attributes *attributes)
{
    const char *sub = attributes->subresource;
    size_t size = strlen(attributes->resource);
    JSON_EACH(item, list) {
        const char *text = json_text(item);
        if (strcmp(text, "*") == 0)
            return true;
        if (!sub && strcmp(text, attributes->resource) == 0)
            return true;
        if (sub && strncmp(text, attributes->resource, size) == 0 && text[size] == '/' &&
            strcmp(text + size + 1, sub) == 0)
            return true;
        if (sub && text[0] == '*' && text[1] == '/' && strcmp(text + 2, sub) == 0)
            return true;
    }
    return false;
}

static bool name_matches(const struct json *names, struct slice name)
{
    if (json_count(names) == 0)
        return true;
    JSON_EACH(item, names)
        if (slice_equal(json_string(item), name))
            return true;
    return false;
}

static bool url_matches(const struct json *urls, struct slice path)
{
    JSON_EACH(item, urls) {
        struct slice pattern = json_string(item);
        if (slice_equal(pattern, path))
            return true;
        if (!slice_ends_with(pattern, SLICE("*")))
            continue;
        while (pattern.size > 0 && pattern.data[pattern.size - 1] == '*')
            pattern.size--;
        if (slice_starts_with(path, pattern))
            return true;
    }
    return false;
}

bool rbac_rule_allows(const struct json *rule, const struct authz_attributes *attributes)
{
    if (!list_has(json_get(rule, "verbs"), attributes->verb))
        return false;
    if (!attributes->is_resource)
        return url_matches(json_get(rule, "nonResourceURLs"), slice_of(attributes->path));
    return list_has(json_get(rule, "apiGroups"), attributes->group) &&
           resource_matches(json_get(rule, "resources"), attributes) &&
           name_matches(json_get(rule, "resourceNames"), attributes->name);
}

static const struct json *find_rule(const struct json *rules,
                                    const struct authz_attributes *attributes)
{
    JSON_EACH(rule, rules)
        if (rbac_rule_allows(rule, attributes))
            return rule;
    return NULL;
}

/* --- Who is bound to what --- */

enum { USER = 'U', GROUP_OF_USERS = 'G' };

static void start_subject_key(struct rbac *rbac, struct slice namespace, char kind)
{
    buffer_clear(&rbac->scratch);
    buffer_append_slice(&rbac->scratch, namespace);
    buffer_append_byte(&rbac->scratch, '\0');
    buffer_append_byte(&rbac->scratch, kind);
}

/* The key in scratch; false: a subject that names nobody. A service account is the user of its
 * name, in the binding's namespace unless it says another. */
static bool subject_key(struct rbac *rbac, const struct rbac_binding *binding,
                        const struct json *subject)
{
    struct slice kind = json_string(json_get(subject, "kind"));
    struct slice name = json_string(json_get(subject, "name"));
    bool is_group = slice_is(kind, "Group");
    start_subject_key(rbac, binding->namespace, is_group ? GROUP_OF_USERS : USER);
    if (slice_is(kind, "ServiceAccount")) {
        struct slice namespace = json_string(json_get(subject, "namespace"));
        if (namespace.size == 0)
        namespace = binding->namespace;
        if (namespace.size == 0)
            return false;
        buffer_format(&rbac->scratch, "system:serviceaccount:" SLICE_FORMAT ":",
                      SLICE_ARGS(namespace));
    } else if (!is_group && !slice_is(kind, "User")) {
        return false;
    }
    buffer_append_slice(&rbac->scratch, name);
    return true;
}

static void add_granted(struct rbac *rbac, struct rbac_binding *binding, const struct json *subject)
{
    struct slice key = buffer_slice(&rbac->scratch);
    struct rbac_subject *entry = map_get(&rbac->by_subject, key);
    if (!entry) {
        entry = mem_alloc(sizeof(*entry));
        map_set(&rbac->by_subject, key, entry);
    }
    if (entry->count == entry->capacity) {
        entry->capacity = entry->capacity * 2 + 2;
        entry->items = mem_resize(entry->items, entry->capacity * sizeof(*entry->items));
    }
    entry->items[entry->count++] = (struct granted){binding, subject};
}

static void drop_granted(struct rbac *rbac, const struct rbac_binding *binding)
{
    struct slice key = buffer_slice(&rbac->scratch);
    struct rbac_subject *entry = map_get(&rbac->by_subject, key);
    size_t kept = 0;
    for (size_t i = 0; entry && i < entry->count; i++)
        if (entry->items[i].binding != binding)
            entry->items[kept++] = entry->items[i];
    if (!entry)
        return;
    entry->count = kept;
    if (kept > 0)
        return;
    map_remove(&rbac->by_subject, key);
    mem_free(entry->items);
    mem_free(entry);
}

/* --- Objects in and out --- */

static const struct json *parse(struct arena *arena, const struct object *object)
{
    struct status status;
    status_init(&status);
    const struct json *tree = json_parse(arena, object_body(object), NULL, &status);
    status_release(&status);
    return tree;
}

static void free_role(struct rbac_role *role)
{
    if (!role)
        return;
    arena_release(&role->arena);
    mem_free(role);
}

static void put_role(struct rbac *rbac, const struct object *object)
{
    struct rbac_role *role = mem_alloc(sizeof(*role));
    arena_init(&role->arena);
    role->rules = json_get(parse(&role->arena, object), "rules");
    free_role(map_set(&rbac->roles, object_key(object), role));
}

static void remove_binding(struct rbac *rbac, struct slice key)
{
    struct rbac_binding *binding = map_remove(&rbac->bindings, key);
    if (!binding)
        return;
    JSON_EACH(subject, binding->subjects)
        if (subject_key(rbac, binding, subject))
            drop_granted(rbac, binding);
    arena_release(&binding->arena);
    mem_free(binding);
}

static void role_key(struct slice namespace, struct slice name, struct buffer *key)
{
    key_append(key, GROUP, namespace.size > 0 ? "roles" : "clusterroles", namespace, name);
}

static void put_binding(struct rbac *rbac, const struct object *object)
{
    remove_binding(rbac, object_key(object));
    struct rbac_binding *binding = mem_alloc(sizeof(*binding));
    struct buffer key = {0};
    arena_init(&binding->arena);
    const struct json *tree = parse(&binding->arena, object);
    binding->namespace = json_string(json_at(tree, "metadata.namespace"));
    binding->name = json_string(json_at(tree, "metadata.name"));
    binding->subjects = json_get(tree, "subjects");
    binding->role_name = json_string(json_at(tree, "roleRef.name"));
    binding->is_of_cluster_role =
        slice_is(json_string(json_at(tree, "roleRef.kind")), "ClusterRole");
    role_key(binding->is_of_cluster_role ? SLICE("") : binding->namespace, binding->role_name,
             &key);
    binding->role_key =
        (struct slice){arena_copy_slice(&binding->arena, buffer_slice(&key)), key.size};
    buffer_release(&key);
    map_set(&rbac->bindings, object_key(object), binding);
    JSON_EACH(subject, binding->subjects)
        if (subject_key(rbac, binding, subject))
            add_granted(rbac, binding, subject);
}

static bool is_binding(struct slice resource)
{
    return slice_is(resource, GROUP "/clusterrolebindings") ||
           slice_is(resource, GROUP "/rolebindings");
}

void rbac_put(struct rbac *rbac, const struct object *object)
{
    struct slice resource = key_resource(object_key(object));
    if (is_binding(resource))
        put_binding(rbac, object);
    else if (slice_is(resource, GROUP "/clusterroles") || slice_is(resource, GROUP "/roles"))
        put_role(rbac, object);
}

void rbac_remove(struct rbac *rbac, struct slice key)
{
    if (is_binding(key_resource(key)))
        remove_binding(rbac, key);
    else
        free_role(map_remove(&rbac->roles, key));
}

void rbac_init(struct rbac *rbac)
{
    *rbac = (struct rbac){0};
    map_init(&rbac->roles);
    map_init(&rbac->bindings);
    map_init(&rbac->by_subject);
}

void rbac_release(struct rbac *rbac)
{
    struct map_entry entry;
    for (size_t cursor = 0; map_next(&rbac->bindings, &cursor, &entry); cursor = 0)
        remove_binding(rbac, entry.key);
    for (size_t cursor = 0; map_next(&rbac->roles, &cursor, &entry);)
        free_role(entry.value);
    map_release(&rbac->roles);
    map_release(&rbac->bindings);
    map_release(&rbac->by_subject);
    buffer_release(&rbac->scratch);
}

/* --- Questions --- */

/* Calls visit with each grant of the user until it returns true: cluster-wide first, then in the
 * namespace. */
static bool each_granted(struct rbac *rbac, const struct user *user, struct slice namespace,
                         bool (*visit)(void *context, const struct granted *granted), void *context)
{
    const char *const *groups = user->groups;
    for (int round = 0; round < (namespace.size > 0 ? 2 : 1); round++) {
        struct slice where = round == 0 ? SLICE("") : namespace;
        for (size_t i = 0; i == 0 || (groups && groups[i - 1]); i++) {
            start_subject_key(rbac, where, i == 0 ? USER : GROUP_OF_USERS);
            buffer_append_text(&rbac->scratch, i == 0 ? user->name : groups[i - 1]);
            const struct rbac_subject *entry =
                map_get(&rbac->by_subject, buffer_slice(&rbac->scratch));
            for (size_t j = 0; entry && j < entry->count; j++)
                if (visit(context, &entry->items[j]))
                    return true;
        }
    }
    return false;
}

struct asked {
    struct rbac *rbac;
    const struct authz_attributes *attributes;
    struct arena *arena;
    const struct granted *by; /* What allowed it. */
    struct buffer missing;    /* "a, b": roles that bindings name and that are not there. */
    size_t missing_count;
};

static void tell_missing(struct asked *asked, const struct rbac_binding *binding)
{
    if (!asked->arena)
        return;
    const char *kind = binding->is_of_cluster_role ? "clusterrole" : "role";
    buffer_format(&asked->missing, "%s%s." GROUP " \"" SLICE_FORMAT "\" not found",
                  asked->missing_count++ > 0 ? ", " : "", kind, SLICE_ARGS(binding->role_name));
}

static bool allows(void *context, const struct granted *granted)
{
    struct asked *asked = context;
    const struct rbac_role *role = map_get(&asked->rbac->roles, granted->binding->role_key);
    if (!role)
        tell_missing(asked, granted->binding);
    if (!role || !find_rule(role->rules, asked->attributes))
        return false;
    asked->by = granted;
    return true;
}

/* `Group "g"`, `ServiceAccount "name/namespace"` */
static const char *describe_subject(struct arena *arena, const struct granted *granted)
{
    const char *kind = json_text(json_get(granted->subject, "kind"));
    const char *name = json_text(json_get(granted->subject, "name"));
    struct slice namespace = json_string(json_get(granted->subject, "namespace"));
    if (strcmp(kind, "ServiceAccount") != 0)
        return arena_format(arena, "%s \"%s\"", kind, name);
    if (namespace.size == 0)
    namespace = granted->binding->namespace;
    return arena_format(arena, "%s \"%s/" SLICE_FORMAT "\"", kind, name, SLICE_ARGS(namespace));
}

static const char *describe_grant(struct arena *arena, const struct granted *granted)
{
    const struct rbac_binding *binding = granted->binding;
    bool is_cluster = binding->namespace.size == 0;
    return arena_format(arena,
                        "RBAC: allowed by %s \"" SLICE_FORMAT "%s" SLICE_FORMAT
                        "\" of %s \"" SLICE_FORMAT "\" to %s",
                        is_cluster ? "ClusterRoleBinding" : "RoleBinding",
                        SLICE_ARGS(binding->name), is_cluster ? "" : "/",
                        SLICE_ARGS(binding->namespace),
                        binding->is_of_cluster_role ? "ClusterRole" : "Role",
                        SLICE_ARGS(binding->role_name), describe_subject(arena, granted));
}

static const char *describe_refusal(struct asked *asked)
{
    if (asked->missing_count == 0)
        return "";
    bool many = asked->missing_count > 1;
    return arena_format(asked->arena, "RBAC: %s%s%s", many ? "[" : "", asked->missing.data,
                        many ? "]" : "");
}

bool rbac_allows(struct rbac *rbac, const struct authz_attributes *attributes, struct arena *arena,
                 const char **reason)
{
    struct asked asked = {.rbac = rbac, .attributes = attributes, .arena = reason ? arena : NULL};
    bool allowed =
        each_granted(rbac, attributes->user,
                     attributes->is_resource ? attributes->namespace : SLICE(""), allows, &asked);
    if (reason)
        *reason = allowed ? describe_grant(arena, asked.by) : describe_refusal(&asked);
    buffer_release(&asked.missing);
    return allowed;
}

struct gathering {
    struct rbac *rbac;
    struct rbac_rule_list *rules;
};

static bool gather(void *context, const struct granted *granted)
{
    struct gathering *gathering = context;
    const struct rbac_role *role = map_get(&gathering->rbac->roles, granted->binding->role_key);
    JSON_EACH(rule, role ? role->rules : NULL)
        rbac_rule_list_add(gathering->rules, rule);
    return false;
}

void rbac_rules_for(struct rbac *rbac, const struct user *user, struct slice namespace,
                    struct rbac_rule_list *rules)
{
    struct gathering gathering = {rbac, rules};
    each_granted(rbac, user, namespace, gather, &gathering);
}

bool rbac_role_rules(struct rbac *rbac, struct slice namespace, struct slice name,
                     const struct json **rules)
{
    buffer_clear(&rbac->scratch);
    role_key(namespace, name, &rbac->scratch);
    const struct rbac_role *role = map_get(&rbac->roles, buffer_slice(&rbac->scratch));
    *rules = role ? role->rules : NULL;
    return role != NULL;
}
