#include "kubelet-lite/registries.h"

#include "core/crypto.h"
#include "core/file.h"

#define DOCKER_HUB "registry-1.docker.io"

int registries_init(struct registries *registries, const char *path, struct status *status)
{
    struct buffer text = {0};
    *registries = (struct registries){0};
    arena_init(&registries->arena);
    if (!path)
        return 0;
    const struct json *file =
        file_read(path, &text, status) == 0
            ? json_parse(&registries->arena, buffer_slice(&text), NULL, status)
            : NULL;
    buffer_release(&text);
    if (!file)
        return status_wrap(status, "registries");
    registries->entries = json_get(file, "registries");
    if (!json_is(registries->entries, JSON_OBJECT))
        return status_fail(status, STATUS_BAD_REQUEST, "%s: \"registries\" is no object", path);
    return 0;
}

void registries_release(struct registries *registries)
{
    arena_release(&registries->arena);
}

/* --- Endpoints --- */

static bool is_local(struct slice host)
{
    struct slice name = host;
    ptrdiff_t colon = slice_find(host, ':');
    if (colon > 0)
        name = slice_sub(host, 0, (size_t)colon);
    return slice_is(name, "localhost") || slice_is(name, "127.0.0.1");
}

/* "https://host:port/prefix", or "host:port". */
static bool read_url(struct arena *arena, const char *text, struct registry_endpoint *endpoint)
{
    struct slice rest = slice_of(text);
    bool has_scheme = slice_starts_with(rest, SLICE("https://"));
    if (slice_starts_with(rest, SLICE("http://"))) {
        endpoint->is_plain = has_scheme = true;
        rest = slice_sub(rest, 7, rest.size);
    } else if (has_scheme) {
        rest = slice_sub(rest, 8, rest.size);
    }
    ptrdiff_t slash = slice_find(rest, '/');
    struct slice host = slash < 0 ? rest : slice_sub(rest, 0, (size_t)slash);
    struct slice prefix = slash < 0 ? (struct slice){0} : slice_sub(rest, (size_t)slash, rest.size);
    while (prefix.size > 0 && prefix.data[prefix.size - 1] == '/')
        prefix.size--;
    bool is_v6 = host.size > 0 && host.data[0] == '[';
    bool has_port = is_v6 ? slice_ends_with(host, SLICE("]")) == false : slice_find(host, ':') > 0;
    if (host.size == 0)
        return false;
    endpoint->is_plain |= !has_scheme && is_local(host);
    endpoint->host = arena_copy_slice(arena, host);
    endpoint->prefix = arena_copy_slice(arena, prefix);
    endpoint->address =
        has_port ? endpoint->host
                 : arena_format(arena, "%s:%d", endpoint->host, endpoint->is_plain ? 80 : 443);
    return true;
}

static void add_endpoint(struct arena *arena, const char *url, const struct json *entry,
                         struct registry_endpoint endpoints[ENDPOINTS_MAX], size_t *count)
{
    struct registry_endpoint *endpoint = &endpoints[*count];
    const char *ca_file = json_text(json_get(entry, "caFile"));
    if (*count == ENDPOINTS_MAX)
        return;
    *endpoint = (struct registry_endpoint){
        .is_insecure = json_bool(json_get(entry, "insecure")),
        .ca_file = *ca_file ? ca_file : NULL,
        .is_plain = json_bool(json_get(entry, "plainHTTP")),
    };
    *count += read_url(arena, url, endpoint);
}

size_t registries_endpoints(const struct registries *registries, struct arena *arena,
                            const char *domain, struct registry_endpoint endpoints[ENDPOINTS_MAX])
{
    const struct json *entry = json_get(registries->entries, domain);
    const char *own = json_text(json_get(entry, "endpoint"));
    size_t count = 0;
    JSON_EACH(mirror, json_get(entry, "mirrors"))
        add_endpoint(arena, json_text(mirror), json_get(registries->entries, json_text(mirror)),
                     endpoints, &count);
    if (count == ENDPOINTS_MAX)
        count--;
    if (!*own)
        own = strcmp(domain, "docker.io") == 0 ? DOCKER_HUB : domain;
    size_t mirrors = count;
    add_endpoint(arena, own, entry, endpoints, &count);
    if (count == mirrors) /* The file says nonsense: then as if it said nothing. */
        add_endpoint(arena, domain, entry, endpoints, &count);
    return count;
}

/* --- Credentials --- */

static const char *pair_of(struct arena *arena, const struct json *auth)
{
    const char *user = json_text(json_get(auth, "username"));
    struct buffer decoded = {0};
    const char *pair = NULL;
    if (*user)
        return arena_format(arena, "%s:%s", user, json_text(json_get(auth, "password")));
    if (json_get(auth, "auth") &&
        base64_decode(json_string(json_get(auth, "auth")), &decoded) == 0 && decoded.size > 0)
        pair = arena_copy_slice(arena, buffer_slice(&decoded));
    buffer_release(&decoded);
    return pair;
}

/* A key is a domain, a domain with the beginning of a path, or an URL of either. */
static size_t match_of(struct slice key, const char *domain, const char *path)
{
    static const struct slice schemes[] = {SLICE("https://"), SLICE("http://")};
    struct slice whole = slice_of(domain);
    for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
        if (slice_starts_with(key, schemes[i]))
            key = slice_sub(key, schemes[i].size, key.size);
    while (slice_ends_with(key, SLICE("/")) || slice_ends_with(key, SLICE("/v1")) ||
           slice_ends_with(key, SLICE("/v2")))
        key.size -= slice_ends_with(key, SLICE("/")) ? 1 : 3;
    if (slice_is(key, "index.docker.io"))
        key = SLICE("docker.io");
    if (slice_equal(key, whole))
        return key.size;
    if (!slice_starts_with(key, whole) || key.data[whole.size] != '/')
        return 0;
    struct slice below = slice_sub(key, whole.size + 1, key.size);
    bool is_below = slice_starts_with(slice_of(path), below) &&
                    (path[below.size] == '\0' || path[below.size] == '/');
    return is_below ? key.size : 0;
}

/* {"auths": {...}}, or the older form without the outer key. */
static const char *find_pair(struct arena *arena, const char *secret, const char *domain,
                             const char *path, size_t *best)
{
    struct status ignored;
    const char *found = NULL;
    status_init(&ignored);
    const struct json *file = json_parse(arena, slice_of(secret), NULL, &ignored);
    const struct json *auths = json_get(file, "auths") ? json_get(file, "auths") : file;
    JSON_EACH(auth, auths) {
        size_t match = match_of(json_key(auth), domain, path);
        const char *pair = match > *best ? pair_of(arena, auth) : NULL;
        if (pair) {
            found = pair;
            *best = match;
        }
    }
    status_release(&ignored);
    return found;
}

const char *registries_credentials(const struct registries *registries, struct arena *arena,
                                   const char *domain, const char *path, const char *const *secrets)
{
    const struct json *entry = json_get(registries->entries, domain);
    const char *found = NULL;
    size_t best = 0;
    for (; secrets && *secrets; secrets++) {
        const char *pair = find_pair(arena, *secrets, domain, path, &best);
        found = pair ? pair : found;
    }
    return found ? found : pair_of(arena, json_get(entry, "auth"));
}
