#include "kubelet-lite/pod_files.h"

enum { HOSTNAME_MAX = 63, NAMESERVERS_MAX = 3, SEARCHES_MAX = 32, OPTIONS_MAX = 32 };

const char *pod_files_hostname(struct arena *arena, const struct json *pod,
                               const char *cluster_domain, const char **full_name)
{
    const struct json *spec = json_get(pod, "spec");
    struct slice name = json_string(json_get(spec, "hostname"));
    const char *override = json_text(json_get(spec, "hostnameOverride"));
    const char *subdomain = json_text(json_get(spec, "subdomain"));
    *full_name = "";
    if (*override)
        return override;
    if (name.size == 0)
        name = json_string(json_at(pod, "metadata.name"));
    if (name.size > HOSTNAME_MAX) {
        name = slice_sub(name, 0, HOSTNAME_MAX);
        while (name.size > 0 && strchr("-.", name.data[name.size - 1]))
            name.size--;
    }
    const char *host = arena_copy_slice(arena, name);
    if (*subdomain)
        *full_name = arena_format(arena, "%s.%s.%s.svc.%s", host, subdomain,
                                  json_text(json_at(pod, "metadata.namespace")), cluster_domain);
    return json_bool(json_get(spec, "setHostnameAsFQDN")) && **full_name ? *full_name : host;
}

static void add_aliases(const struct json *pod, struct buffer *text)
{
    const struct json *aliases = json_at(pod, "spec.hostAliases");
    if (json_count(aliases) == 0)
        return;
    buffer_append_text(text, "\n# Entries added by HostAliases.\n");
    JSON_EACH(alias, aliases) {
        buffer_append_slice(text, json_string(json_get(alias, "ip")));
        JSON_EACH(name, json_get(alias, "hostnames"))
            buffer_format(text, "\t%s", json_text(name));
        buffer_append_byte(text, '\n');
    }
}

void pod_files_hosts(const struct json *pod, const char *address, const char *cluster_domain,
                     const char *own, struct buffer *text)
{
    struct arena arena;
    const char *full_name;
    if (own) {
        buffer_append_text(text, "# Kubernetes-managed hosts file (host network).\n");
        buffer_append_text(text, own);
        add_aliases(pod, text);
        return;
    }
    arena_init(&arena);
    const char *name = pod_files_hostname(&arena, pod, cluster_domain, &full_name);
    buffer_append_text(text, "# Kubernetes-managed hosts file.\n"
                             "127.0.0.1\tlocalhost\n"
                             "::1\tlocalhost ip6-localhost ip6-loopback\n"
                             "fe00::0\tip6-localnet\n"
                             "fe00::0\tip6-mcastprefix\n"
                             "fe00::1\tip6-allnodes\n"
                             "fe00::2\tip6-allrouters\n");
    if (*full_name && strcmp(full_name, name) != 0)
        buffer_format(text, "%s\t%s\t%s\n", address, full_name, name);
    else
        buffer_format(text, "%s\t%s\n", address, name);
    add_aliases(pod, text);
    arena_release(&arena);
}

/* --- resolv.conf --- */

struct resolver {
    struct arena *arena;
    struct slice servers[NAMESERVERS_MAX], searches[SEARCHES_MAX], options[OPTIONS_MAX];
    size_t server_count, search_count, option_count;
};

static void add_unique(struct slice *list, size_t *count, size_t max, struct slice text)
{
    for (size_t i = 0; i < *count; i++)
        if (slice_equal(list[i], text))
            return;
    if (*count < max && text.size > 0)
        list[(*count)++] = text;
}

static void add_server(struct resolver *resolver, struct slice text)
{
    add_unique(resolver->servers, &resolver->server_count, NAMESERVERS_MAX, text);
}

static void add_search(struct resolver *resolver, struct slice text)
{
    add_unique(resolver->searches, &resolver->search_count, SEARCHES_MAX, text);
}

/* An option takes the place of one of the same name: "ndots:5". */
static void add_option(struct resolver *resolver, struct slice text)
{
    ptrdiff_t colon = slice_find(text, ':');
    struct slice name = colon < 0 ? text : slice_sub(text, 0, (size_t)colon);
    for (size_t i = 0; i < resolver->option_count; i++) {
        struct slice other = resolver->options[i];
        if (slice_starts_with(other, name) &&
            (other.size == name.size || other.data[name.size] == ':')) {
            resolver->options[i] = text;
            return;
        }
    }
    add_unique(resolver->options, &resolver->option_count, OPTIONS_MAX, text);
}

static void read_line(struct resolver *resolver, struct slice line)
{
    struct slice word, key = {0};
    bool is_first = true;
    for (size_t i = 0; i < line.size; i++) /* Tabs part words too. */
        if (line.data[i] == '#' || line.data[i] == ';')
            line = slice_sub(line, 0, i);
    const char *copy = arena_copy_slice(resolver->arena, line);
    for (const char *at = copy + strspn(copy, " \t\r"); *at; at += strspn(at, " \t\r")) {
        word = (struct slice){at, strcspn(at, " \t\r")};
        at += word.size;
        if (is_first) {
            key = word;
            if (slice_is(key, "search"))
                resolver->search_count = 0; /* The last one counts. */
        } else if (slice_is(key, "nameserver")) {
            add_server(resolver, word);
        } else if (slice_is(key, "search")) {
            add_search(resolver, word);
        } else if (slice_is(key, "options")) {
            add_option(resolver, word);
        }
        is_first = false;
    }
}

static void read_node(struct resolver *resolver, const char *node)
{
    struct slice rest = slice_of(node), line;
    while (slice_split(&rest, '\n', &line))
        read_line(resolver, line);
}

/* ClusterFirst: the cluster's own, with its search domains before the node's. */
static void be_cluster_first(struct resolver *resolver, const struct json *pod, const char *node,
                             const char *cluster_dns, const char *domain)
{
    struct resolver of_node = {.arena = resolver->arena};
    const char *namespace = json_text(json_at(pod, "metadata.namespace"));
    add_server(resolver, slice_of(cluster_dns));
    add_search(resolver, slice_of(arena_format(resolver->arena, "%s.svc.%s", namespace, domain)));
    add_search(resolver, slice_of(arena_format(resolver->arena, "svc.%s", domain)));
    add_search(resolver, slice_of(arena_copy_text(resolver->arena, domain)));
    read_node(&of_node, node);
    for (size_t i = 0; i < of_node.search_count; i++)
        add_search(resolver, of_node.searches[i]);
    add_option(resolver, SLICE("ndots:5"));
}

static void add_config(struct resolver *resolver, const struct json *config)
{
    JSON_EACH(server, json_get(config, "nameservers"))
        add_server(resolver, json_string(server));
    JSON_EACH(search, json_get(config, "searches"))
        add_search(resolver, json_string(search));
    JSON_EACH(option, json_get(config, "options")) {
        const char *name = json_text(json_get(option, "name"));
        const char *value = json_text(json_get(option, "value"));
        add_option(resolver,
                   slice_of(*value ? arena_format(resolver->arena, "%s:%s", name, value) : name));
    }
}

static void print_list(const char *key, const struct slice *list, size_t count, struct buffer *text)
{
    if (count == 0)
        return;
    buffer_append_text(text, key);
    for (size_t i = 0; i < count; i++)
        buffer_format(text, " " SLICE_FORMAT, SLICE_ARGS(list[i]));
    buffer_append_byte(text, '\n');
}

void pod_files_resolv_conf(const struct json *pod, const char *node, const char *cluster_dns,
                           const char *cluster_domain, struct buffer *text)
{
    const struct json *spec = json_get(pod, "spec");
    const char *policy = json_text(json_get(spec, "dnsPolicy"));
    bool is_on_host = json_bool(json_get(spec, "hostNetwork"));
    bool is_cluster_first = strcmp(policy, "ClusterFirstWithHostNet") == 0 ||
                            (!is_on_host && (!*policy || strcmp(policy, "ClusterFirst") == 0));
    struct arena arena;
    arena_init(&arena);
    struct resolver resolver = {.arena = &arena};
    if (is_cluster_first && cluster_dns)
        be_cluster_first(&resolver, pod, node, cluster_dns, cluster_domain);
    else if (strcmp(policy, "None") != 0)
        read_node(&resolver, node);
    add_config(&resolver, json_get(spec, "dnsConfig"));
    for (size_t i = 0; i < resolver.server_count; i++)
        buffer_format(text, "nameserver " SLICE_FORMAT "\n", SLICE_ARGS(resolver.servers[i]));
    print_list("search", resolver.searches, resolver.search_count, text);
    print_list("options", resolver.options, resolver.option_count, text);
    arena_release(&arena);
}
