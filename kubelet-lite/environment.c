#include "kubelet-lite/environment.h"

#include <ctype.h>

#include "core/crypto.h"
#include "core/kinds/meta.h"
#include "core/map.h"

/* --- A list of names and values, in the order of their first setting --- */

struct variable {
    struct slice name, value;
    struct variable *next;
};

struct variables {
    struct arena *arena;
    struct variable *first, **last;
    size_t count;
};

static void variables_init(struct variables *variables, struct arena *arena)
{
    *variables = (struct variables){.arena = arena};
    variables->last = &variables->first;
}

static struct variable *find(const struct variables *variables, struct slice name)
{
    struct variable *variable = variables->first;
    while (variable && !slice_equal(variable->name, name))
        variable = variable->next;
    return variable;
}

/* The texts are borrowed. */
static void set(struct variables *variables, struct slice name, struct slice value)
{
    struct variable *variable = find(variables, name);
    if (!variable) {
        variable = ARENA_NEW(variables->arena, struct variable);
        variable->name = name;
        *variables->last = variable;
        variables->last = &variable->next;
        variables->count++;
    }
    variable->value = value;
}

static const char *const *print(const struct variables *variables)
{
    const char **texts = ARENA_ARRAY(variables->arena, const char *, variables->count + 1);
    size_t count = 0;
    for (const struct variable *v = variables->first; v; v = v->next)
        texts[count++] = arena_format(variables->arena, SLICE_FORMAT "=" SLICE_FORMAT,
                                      SLICE_ARGS(v->name), SLICE_ARGS(v->value));
    return texts;
}

/* --- $(NAME) --- */

typedef bool lookup_fn(const void *context, struct slice name, struct slice *value);

/* One reference at text[0] == '$': what it becomes, and how long it was. */
static size_t expand_one(struct slice text, lookup_fn *lookup, const void *context,
                         struct buffer *out)
{
    struct slice value;
    if (text.size > 1 && text.data[1] == '$') {
        buffer_append_byte(out, '$');
        return 2;
    }
    struct slice rest = slice_sub(text, 2, text.size);
    ptrdiff_t end = text.size > 1 && text.data[1] == '(' ? slice_find(rest, ')') : -1;
    if (end < 0) { /* No reference, or one that never ends: as it is. */
        buffer_append_byte(out, '$');
        return 1;
    }
    size_t size = (size_t)end + 3;
    if (lookup(context, slice_sub(rest, 0, (size_t)end), &value))
        buffer_append_slice(out, value);
    else
        buffer_append_slice(out, slice_sub(text, 0, size));
    return size;
}

static struct slice expand(struct arena *arena, struct slice text, lookup_fn *lookup,
                           const void *context)
{
    struct buffer out = {0};
    if (slice_find(text, '$') < 0)
        return text;
    for (size_t at = 0; at < text.size;) {
        if (text.data[at] != '$') {
            buffer_append_byte(&out, text.data[at++]);
            continue;
        }
        at += expand_one(slice_sub(text, at, text.size), lookup, context, &out);
    }
    struct slice made = {arena_copy_slice(arena, buffer_slice(&out)), out.size};
    buffer_release(&out);
    return made;
}

static bool look_up_text(const void *context, struct slice name, struct slice *value)
{
    const struct environment *environment = context;
    for (size_t i = 0; environment->own[i]; i++) {
        struct slice rest = slice_of(environment->own[i]), own;
        slice_split(&rest, '=', &own);
        if (!slice_equal(own, name))
            continue;
        *value = rest;
        return true;
    }
    return false;
}

struct slice environment_expand_text(struct arena *arena, struct slice text,
                                     const struct environment *environment)
{
    return expand(arena, text, look_up_text, environment);
}

const char *const *environment_expand(struct arena *arena, const struct json *texts,
                                      const struct environment *environment)
{
    const char **made = ARENA_ARRAY(arena, const char *, json_count(texts) + 1);
    size_t count = 0;
    JSON_EACH(text, texts)
        made[count++] =
            arena_copy_slice(arena, environment_expand_text(arena, json_string(text), environment));
    return made;
}

/* --- Needs --- */

struct needs {
    struct arena *arena;
    struct environment_need *items;
    size_t count;
};

static void add_need(struct needs *needs, const char *resource, const struct json *reference)
{
    struct slice name = json_string(json_get(reference, "name"));
    bool is_optional = json_bool(json_get(reference, "optional"));
    if (!reference)
        return;
    for (size_t i = 0; i < needs->count; i++) {
        struct environment_need *need = &needs->items[i];
        if (strcmp(need->resource, resource) != 0 || !slice_equal(need->name, name))
            continue;
        need->is_optional = need->is_optional && is_optional;
        return;
    }
    needs->items[needs->count++] = (struct environment_need){resource, name, is_optional};
}

void environment_needs(struct arena *arena, const struct json *container,
                       const struct environment_need **needs_out, size_t *count)
{
    const struct json *all_from = json_get(container, "envFrom"), *env = json_get(container, "env");
    size_t most = 2 * (json_count(all_from) + json_count(env)) + 1;
    struct needs needs = {arena, ARENA_ARRAY(arena, struct environment_need, most), 0};
    JSON_EACH(from, all_from) {
        add_need(&needs, "configmaps", json_get(from, "configMapRef"));
        add_need(&needs, "secrets", json_get(from, "secretRef"));
    }
    JSON_EACH(variable, env) {
        const struct json *from = json_get(variable, "valueFrom");
        add_need(&needs, "configmaps", json_get(from, "configMapKeyRef"));
        add_need(&needs, "secrets", json_get(from, "secretKeyRef"));
    }
    *needs_out = needs.items;
    *count = needs.count;
}

/* --- Making --- */

struct maker {
    struct arena *arena;
    const struct environment_request *request;
    struct variables own;      /* envFrom and env. */
    struct variables services;
    const char **skipped;
    size_t skipped_count;
    struct status *status;
};

/* With gate RelaxedEnvironmentVariableValidation: printable ASCII but "=". */
static bool is_name(struct slice name)
{
    for (size_t i = 0; i < name.size; i++)
        if (!isprint((unsigned char)name.data[i]) || name.data[i] == '=')
            return false;
    return name.size > 0;
}

static int decode(struct maker *maker, const struct json *text, struct slice *value)
{
    struct buffer bytes = {0};
    if (base64_decode(json_string(text), &bytes))
        return status_fail(maker->status, STATUS_INTERNAL_ERROR, "a Secret's data is not base64");
    *value = (struct slice){arena_copy_slice(maker->arena, buffer_slice(&bytes)), bytes.size};
    buffer_release(&bytes);
    return 0;
}

static int read_value(struct maker *maker, const char *resource, const struct json *text,
                      struct slice *value)
{
    if (strcmp(resource, "secrets") == 0)
        return decode(maker, text, value);
    *value = json_string(text);
    return 0;
}

/* The object that a reference names; NULL without failure: optional, and not there. */
static int find_object(struct maker *maker, const char *resource, const struct json *reference,
                       const struct json **object)
{
    struct slice name = json_string(json_get(reference, "name"));
    *object = maker->request->find(maker->request->context, resource, name);
    if (*object || json_bool(json_get(reference, "optional")))
        return 0;
    return status_fail(maker->status, STATUS_NOT_FOUND, "%s \"" SLICE_FORMAT "\" not found",
                       strcmp(resource, "secrets") == 0 ? "secret" : "configmap", SLICE_ARGS(name));
}

static int take_all(struct maker *maker, const char *resource, const struct json *reference,
                    struct slice prefix)
{
    const struct json *object = NULL;
    if (!reference)
        return 0;
    if (find_object(maker, resource, reference, &object))
        return -1;
    JSON_EACH(entry, json_get(object, "data")) {
        struct slice value;
        const char *name = arena_format(maker->arena, SLICE_FORMAT SLICE_FORMAT, SLICE_ARGS(prefix),
                                        SLICE_ARGS(json_key(entry)));
        if (!is_name(slice_of(name))) {
            maker->skipped[maker->skipped_count++] = name;
            continue;
        }
        if (read_value(maker, resource, entry, &value))
            return -1;
        set(&maker->own, slice_of(name), value);
    }
    return 0;
}

/* 1: there is no such value, and none is needed. */
static int take_key(struct maker *maker, const char *resource, const struct json *reference,
                    struct slice *value)
{
    const struct json *object = NULL;
    struct slice key = json_string(json_get(reference, "key"));
    if (find_object(maker, resource, reference, &object))
        return -1;
    const struct json *entry = json_get_slice(json_get(object, "data"), key);
    if (entry)
        return read_value(maker, resource, entry, value);
    if (json_bool(json_get(reference, "optional")))
        return 1;
    return status_fail(maker->status, STATUS_NOT_FOUND,
                       "couldn't find key " SLICE_FORMAT " in %s " SLICE_FORMAT "/" SLICE_FORMAT,
                       SLICE_ARGS(key), strcmp(resource, "secrets") == 0 ? "Secret" : "ConfigMap",
                       SLICE_ARGS(meta_namespace(maker->request->downward->pod)),
                       SLICE_ARGS(json_string(json_get(reference, "name"))));
}

static int take_source(struct maker *maker, const struct json *from, struct slice *value)
{
    const struct environment_request *request = maker->request;
    const struct json *source = json_first(from);
    struct slice kind = json_key(source);
    if (slice_is(kind, "fieldRef"))
        return downward_field(maker->arena, request->downward,
                              json_string(json_get(source, "fieldPath")), value, maker->status);
    if (slice_is(kind, "resourceFieldRef"))
        return downward_resource(maker->arena, request->downward, source, request->container, value,
                                 maker->status);
    if (slice_is(kind, "configMapKeyRef"))
        return take_key(maker, "configmaps", source, value);
    if (slice_is(kind, "secretKeyRef"))
        return take_key(maker, "secrets", source, value);
    return status_fail(maker->status, STATUS_BAD_REQUEST,
                       "a value from " SLICE_FORMAT " is not supported", SLICE_ARGS(kind));
}

static bool look_up(const void *context, struct slice name, struct slice *value)
{
    const struct maker *maker = context;
    const struct variable *variable = find(&maker->own, name);
    if (!variable)
        variable = find(&maker->services, name);
    if (variable)
        *value = variable->value;
    return variable != NULL;
}

static int take_env(struct maker *maker)
{
    JSON_EACH(variable, json_get(maker->request->container, "env")) {
        struct slice value = json_string(json_get(variable, "value"));
        const struct json *from = json_get(variable, "valueFrom");
        int missing = 0;
        if (value.size > 0)
            value = expand(maker->arena, value, look_up, maker);
        else if (json_first(from))
            missing = take_source(maker, from, &value);
        if (missing < 0)
            return -1;
        if (!missing)
            set(&maker->own, json_string(json_get(variable, "name")), value);
    }
    return 0;
}

static int take_env_from(struct maker *maker)
{
    JSON_EACH(from, json_get(maker->request->container, "envFrom")) {
        struct slice prefix = json_string(json_get(from, "prefix"));
        if (take_all(maker, "configmaps", json_get(from, "configMapRef"), prefix) ||
            take_all(maker, "secrets", json_get(from, "secretRef"), prefix))
            return -1;
    }
    return 0;
}

/* --- Services --- */

static void set_service(struct maker *maker, const char *name, struct slice value)
{
    set(&maker->services, slice_of(name), value);
}

/* The Docker-link form: WEB_PORT_80_TCP and its parts. */
static void set_link(struct maker *maker, const char *prefix, const char *address, int64_t port,
                     const char *protocol, bool is_first)
{
    struct arena *arena = maker->arena;
    char lower[8] = "";
    for (size_t i = 0; protocol[i] && i + 1 < sizeof(lower); i++)
        lower[i] = (char)tolower((unsigned char)protocol[i]);
    struct slice url =
        slice_of(arena_format(arena, "%s://%s:%lld", lower, address, (long long)port));
    const char *base = arena_format(arena, "%s_PORT_%lld_%s", prefix, (long long)port, protocol);
    if (is_first)
        set_service(maker, arena_format(arena, "%s_PORT", prefix), url);
    set_service(maker, base, url);
    set_service(maker, arena_format(arena, "%s_PROTO", base),
                slice_of(arena_copy_text(arena, lower)));
    set_service(maker, arena_format(arena, "%s_PORT", base),
                slice_of(arena_format(arena, "%lld", (long long)port)));
    set_service(maker, arena_format(arena, "%s_ADDR", base), slice_of(address));
}

/* "my-web" -> "MY_WEB" */
static const char *variable_name(struct arena *arena, struct slice name)
{
    char *made = arena_copy_slice(arena, name);
    for (char *c = made; *c; c++)
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
    return made;
}

static void add_service(struct maker *maker, struct slice name, const char *address,
                        const struct json *ports)
{
    struct arena *arena = maker->arena;
    const char *prefix = variable_name(arena, name);
    bool is_first = true;
    set_service(maker, arena_format(arena, "%s_SERVICE_HOST", prefix), slice_of(address));
    JSON_EACH(port, ports) {
        int64_t number = 0;
        struct slice port_name = json_string(json_get(port, "name"));
        json_to_int64(json_get(port, "port"), &number);
        struct slice text = slice_of(arena_format(arena, "%lld", (long long)number));
        if (is_first)
            set_service(maker, arena_format(arena, "%s_SERVICE_PORT", prefix), text);
        if (port_name.size > 0)
            set_service(
                maker,
                arena_format(arena, "%s_SERVICE_PORT_%s", prefix, variable_name(arena, port_name)),
                text);
        const char *protocol = json_text(json_get(port, "protocol"));
        set_link(maker, prefix, address, number, *protocol ? protocol : "TCP", is_first);
        is_first = false;
    }
}

static void add_services(struct maker *maker)
{
    const struct environment_request *request = maker->request;
    const struct json *links = json_at(request->downward->pod, "spec.enableServiceLinks");
    if (!links || json_bool(links)) {
        JSON_EACH(service, request->services) {
            const char *address = json_text(json_at(service, "spec.clusterIP"));
            if (*address && strcmp(address, "None") != 0)
                add_service(maker, meta_name(service), address, json_at(service, "spec.ports"));
        }
    }
    if (!request->api_host)
        return;
    struct json *ports = json_new_array(maker->arena), *port = json_new_object(maker->arena);
    json_set_text(maker->arena, port, "name", "https");
    json_set(maker->arena, port, "port",
             json_new_number(maker->arena, slice_of(request->api_port)));
    json_append(ports, port);
    add_service(maker, SLICE("kubernetes"), request->api_host, ports);
}

/* --- The whole --- */

static void merge(struct variables *into, const struct variables *from, bool overrides)
{
    for (const struct variable *v = from->first; v; v = v->next)
        if (overrides || !find(into, v->name))
            set(into, v->name, v->value);
}

static void set_image(struct variables *all, const char *const *image)
{
    for (size_t i = 0; image && image[i]; i++) {
        struct slice rest = slice_of(image[i]), name;
        slice_split(&rest, '=', &name);
        set(all, name, rest.data ? rest : SLICE(""));
    }
}

static size_t most_skipped(const struct environment_request *request)
{
    size_t count = 1;
    JSON_EACH(from, json_get(request->container, "envFrom")) {
        static const char *const kinds[][2] = {{"configMapRef", "configmaps"},
                                               {"secretRef", "secrets"}};
        for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
            const struct json *reference = json_get(from, kinds[i][0]);
            if (reference)
                count +=
                    json_count(json_get(request->find(request->context, kinds[i][1],
                                                      json_string(json_get(reference, "name"))),
                                        "data"));
        }
    }
    return count;
}

int environment_make(struct arena *arena, const struct environment_request *request,
                     struct environment *environment, struct status *status)
{
    struct maker maker = {.arena = arena, .request = request, .status = status};
    struct variables all;
    variables_init(&maker.own, arena);
    variables_init(&maker.services, arena);
    variables_init(&all, arena);
    maker.skipped = ARENA_ARRAY(arena, const char *, most_skipped(request));
    add_services(&maker);
    if (take_env_from(&maker) || take_env(&maker))
        return -1;
    merge(&maker.own, &maker.services, false);
    set_image(&all, request->image);
    merge(&all, &maker.own, true);
    *environment = (struct environment){print(&all), print(&maker.own), maker.skipped};
    return 0;
}
