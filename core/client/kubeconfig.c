#include "core/check.h"
#include "core/client/kubeconfig.h"

#include <stdlib.h>

#include "core/crypto.h"
#include "core/file.h"
#include "core/json.h"
#include "core/yaml.h"

enum { FILES_MAX = 16 };

struct source { /* One file. */
    const struct json *tree;
    const char *folder;
};

struct reader {
    struct arena *arena;
    struct source sources[FILES_MAX];
    size_t count;
    struct kubeconfig *config;
    struct status *status;
};

/* --- Files --- */

static const char *folder_of(struct arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    return arena_copy_slice(arena, (struct slice){path, (size_t)(slash - path)});
}

static int read_text(struct reader *reader, const char *path, struct slice *text)
{
    struct buffer bytes = {0};
    int failed = file_read(path, &bytes, reader->status);
    if (!failed)
        *text = (struct slice){arena_copy_slice(reader->arena, buffer_slice(&bytes)), bytes.size};
    buffer_release(&bytes);
    return failed;
}

static int add_source(struct reader *reader, const char *path)
{
    struct slice text;
    struct yaml_document document;
    if (reader->count == FILES_MAX)
        return status_fail(reader->status, STATUS_BAD_REQUEST, "too many kubeconfig files");
    if (read_text(reader, path, &text))
        return -1;
    if (yaml_parse(reader->arena, text, NULL, &document, reader->status))
        return status_wrap(reader->status, "%s", path);
    reader->sources[reader->count++] =
        (struct source){document.root, folder_of(reader->arena, path)};
    return 0;
}

/* Of a list, files that are not there are passed over, as kubectl does. */
static int add_listed(struct reader *reader, const char *list)
{
    struct slice rest = slice_of(list), path;
    while (slice_split(&rest, ':', &path)) {
        if (path.size == 0)
            continue;
        if (add_source(reader, arena_copy_slice(reader->arena, path)) == 0)
            continue;
        if (reader->status->reason != STATUS_NOT_FOUND)
            return -1;
        status_clear(reader->status);
    }
    return 0;
}

static int add_sources(struct reader *reader, const char *path)
{
    const char *listed = getenv("KUBECONFIG");
    const char *home = getenv("HOME");
    if (path)
        return add_source(reader, path);
    if (!listed || !*listed)
        listed = arena_format(reader->arena, "%s/.kube/config", home ? home : "");
    if (add_listed(reader, listed))
        return -1;
    if (reader->count == 0)
        return status_fail(reader->status, STATUS_NOT_FOUND, "there is no kubeconfig at %s",
                           listed);
    return 0;
}

/* --- Entries --- */

/* The entry of that name in a list of {name, MEMBER}, and the file that it stands in. */
static const struct json *find_entry(const struct reader *reader, const char *list,
                                     const char *member, const char *name,
                                     const struct source **source)
{
    for (size_t i = 0; i < reader->count; i++) {
        JSON_EACH(entry, json_get(reader->sources[i].tree, list)) {
            if (!slice_is(json_string(json_get(entry, "name")), name))
                continue;
            *source = &reader->sources[i];
            return json_get(entry, member);
        }
    }
    return NULL;
}

static const char *text_at(const struct json *object, const char *key)
{
    const char *text = json_text(json_get(object, key));
    return *text ? text : NULL;
}

/* "KEY-data" in base64, or the file that KEY names. */
static int read_data(struct reader *reader, const struct source *source, const struct json *entry,
                     const char *key, struct slice *value)
{
    struct buffer bytes = {0};
    const char *data = text_at(entry, arena_format(reader->arena, "%s-data", key));
    const char *path = text_at(entry, key);
    if (data && base64_decode(slice_of(data), &bytes))
        return status_fail(reader->status, STATUS_BAD_REQUEST, "%s-data is not base64", key);
    if (data)
        *value = (struct slice){arena_copy_slice(reader->arena, buffer_slice(&bytes)), bytes.size};
    buffer_release(&bytes);
    if (data || !path)
        return 0;
    PRE(source != NULL); /* An entry with a path was found somewhere. */
    if (*path != '/')
        path = arena_format(reader->arena, "%s/%s", source->folder, path);
    return read_text(reader, path, value);
}

static int read_cluster(struct reader *reader, const char *name)
{
    struct kubeconfig *config = reader->config;
    const struct source *source = NULL;
    const struct json *cluster = find_entry(reader, "clusters", "cluster", name, &source);
    const char *server = text_at(cluster, "server");
    if (!server)
        return status_fail(reader->status, STATUS_BAD_REQUEST,
                           "the kubeconfig has no server for the cluster \"%s\"", name);
    config->host = text_at(cluster, "tls-server-name");
    config->is_insecure = json_bool(json_get(cluster, "insecure-skip-tls-verify"));
    if (read_data(reader, source, cluster, "certificate-authority", &config->ca_pem))
        return -1;
    return kubeconfig_read_server(reader->arena, server, config, reader->status);
}

static int read_token(struct reader *reader, const struct source *source, const struct json *user)
{
    const char *path = text_at(user, "tokenFile");
    struct slice text;
    reader->config->token = text_at(user, "token");
    if (!path)
        return 0;
    if (*path != '/')
        path = arena_format(reader->arena, "%s/%s", source->folder, path);
    if (read_text(reader, path, &text))
        return -1;
    while (text.size > 0 && strchr(" \t\r\n", text.data[text.size - 1]))
        text.size--;
    reader->config->token = arena_copy_slice(reader->arena, text);
    return 0;
}

static int read_user(struct reader *reader, const char *name)
{
    const struct source *source = NULL;
    const struct json *user = find_entry(reader, "users", "user", name, &source);
    static const char *const refused[] = {"exec", "auth-provider", "username"};
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
        if (json_get(user, refused[i]))
            return status_fail(reader->status, STATUS_BAD_REQUEST,
                               "the kubeconfig's user \"%s\" proves itself by \"%s\", which is not "
                               "supported: a certificate or a token is",
                               name, refused[i]);
    reader->config->user = name;
    if (read_data(reader, source, user, "client-certificate", &reader->config->certificate_pem) ||
        read_data(reader, source, user, "client-key", &reader->config->key_pem))
        return -1;
    return read_token(reader, source, user);
}

static int read_context(struct reader *reader, const char *name)
{
    const struct source *source = NULL;
    for (size_t i = 0; !name && i < reader->count; i++)
        name = text_at(reader->sources[i].tree, "current-context");
    const struct json *context =
        name ? find_entry(reader, "contexts", "context", name, &source) : NULL;
    if (!context)
        return status_fail(reader->status, STATUS_BAD_REQUEST, "the kubeconfig has no context%s%s",
                           name ? " " : "", name ? name : "");
    reader->config->context = name;
    reader->config->namespace = text_at(context, "namespace");
    if (!reader->config->namespace)
        reader->config->namespace = "default";
    if (read_cluster(reader, json_text(json_get(context, "cluster"))))
        return -1;
    return text_at(context, "user") ? read_user(reader, text_at(context, "user")) : 0;
}

int kubeconfig_read(struct arena *arena, const char *path, const char *context,
                    struct kubeconfig *config, struct status *status)
{
    struct reader reader = {.arena = arena, .config = config, .status = status};
    *config = (struct kubeconfig){0};
    return add_sources(&reader, path) || read_context(&reader, context) ? -1 : 0;
}

/* --- Servers --- */

int kubeconfig_read_server(struct arena *arena, const char *server, struct kubeconfig *config,
                           struct status *status)
{
    struct slice rest = slice_of(server), host;
    config->server = server;
    config->is_plain = slice_starts_with(rest, SLICE("http://"));
    if (!config->is_plain && !slice_starts_with(rest, SLICE("https://")))
        return status_fail(status, STATUS_BAD_REQUEST,
                           "a server is https://HOST:PORT or http://HOST:PORT, not \"%s\"", server);
    rest = slice_sub(rest, config->is_plain ? 7 : 8, rest.size);
    slice_split(&rest, '/', &host);
    if (host.size == 0 || rest.size > 0)
        return status_fail(status, STATUS_BAD_REQUEST, "a server has a host and no path: \"%s\"",
                           server);
    ptrdiff_t port = -1;
    for (size_t i = 0; i < host.size; i++)
        port = host.data[i] == ':' ? (ptrdiff_t)i : host.data[i] == ']' ? -1 : port;
    config->address = port >= 0 ? arena_copy_slice(arena, host)
                                : arena_format(arena, SLICE_FORMAT ":%d", SLICE_ARGS(host),
                                               config->is_plain ? 80 : 443);
    return 0;
}

int kubeconfig_tls(const struct kubeconfig *config, struct tls_config **tls, struct status *status)
{
    struct tls_options options = {
        .certificate_pem = config->certificate_pem,
        .key_pem = config->key_pem,
        .ca_pem = config->ca_pem,
        .insecure = config->is_insecure,
    };
    *tls = config->is_plain ? NULL : tls_config_create(&options, status);
    return config->is_plain || *tls ? 0 : -1;
}
