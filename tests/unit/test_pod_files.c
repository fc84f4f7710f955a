#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "kubelet-lite/atomic_writer.h"
#include "kubelet-lite/container_security.h"
#include "kubelet-lite/host_path.h"
#include "kubelet-lite/last_words.h"
#include "kubelet-lite/network_rules.h"
#include "kubelet-lite/pod_files.h"
#include "kubelet-lite/registries.h"
#include "tests/harness/test.h"

struct pod {
    struct arena arena;
    struct status status;
    struct json *json;
};

static void read_pod(struct pod *pod, const char *text)
{
    arena_init(&pod->arena);
    status_init(&pod->status);
    pod->json = json_parse(&pod->arena, slice_of(text), NULL, &pod->status);
    EXPECT_TEXT(pod->status.message, NULL);
}

static void end(struct pod *pod)
{
    arena_release(&pod->arena);
    status_release(&pod->status);
}

TEST("hosts names the pod, its subdomain and its aliases")
{
    struct pod pod;
    struct buffer text = {0};
    read_pod(&pod,
             "{\"metadata\":{\"name\":\"web-0\",\"namespace\":\"lab\"},\"spec\":{\"hostname\":"
             "\"web\",\"subdomain\":\"sub\",\"hostAliases\":[{\"ip\":\"1.2.3.4\",\"hostnames\":"
             "[\"a\",\"b\"]}]}}");
    pod_files_hosts(pod.json, "10.0.0.5", "cluster.local", NULL, &text);
    EXPECT(strstr(text.data, "\n10.0.0.5\tweb.sub.lab.svc.cluster.local\tweb\n"));
    EXPECT(strstr(text.data, "\n# Entries added by HostAliases.\n1.2.3.4\ta\tb\n"));
    buffer_clear(&text);
    pod_files_hosts(pod.json, "", "cluster.local", "127.0.0.1 here\n", &text);
    EXPECT(strstr(text.data, "(host network).\n127.0.0.1 here\n"));
    buffer_release(&text);
    end(&pod);
}

TEST("a name that is too long for a host is cut where it may be")
{
    struct pod pod;
    const char *full;
    read_pod(&pod, "{\"metadata\":{\"name\":\"a23456789-123456789-123456789-123456789-123456789-"
                   "123456789-12-.x\"}}");
    EXPECT_TEXT(pod_files_hostname(&pod.arena, pod.json, "c", &full),
                "a23456789-123456789-123456789-123456789-123456789-123456789-12");
    end(&pod);
}

static void expect_resolv(const char *spec, const char *dns, const char *wanted)
{
    static const char node[] = "# mine\nnameserver 9.9.9.9\nnameserver\t8.8.8.8 # two\n"
                               "search old\nsearch corp.example lan\noptions timeout:1 rotate\n";
    struct pod pod;
    struct buffer text = {0}, json = {0};
    buffer_format(&json, "{\"metadata\":{\"namespace\":\"lab\"},\"spec\":{%s}}", spec);
    read_pod(&pod, json.data);
    pod_files_resolv_conf(pod.json, node, dns, "cluster.local", &text);
    EXPECT_TEXT(text.data, wanted);
    buffer_release(&text);
    buffer_release(&json);
    end(&pod);
}

TEST("resolv.conf follows the pod's policy and its own wishes")
{
    expect_resolv("\"dnsPolicy\":\"ClusterFirst\"", "10.96.0.10",
                  "nameserver 10.96.0.10\n"
                  "search lab.svc.cluster.local svc.cluster.local cluster.local corp.example lan\n"
                  "options ndots:5\n");
    expect_resolv("\"dnsPolicy\":\"Default\"", "10.96.0.10",
                  "nameserver 9.9.9.9\nnameserver 8.8.8.8\nsearch corp.example lan\n"
                  "options timeout:1 rotate\n");
    expect_resolv("\"dnsPolicy\":\"ClusterFirst\",\"hostNetwork\":true", "10.96.0.10",
                  "nameserver 9.9.9.9\nnameserver 8.8.8.8\nsearch corp.example lan\n"
                  "options timeout:1 rotate\n");
    expect_resolv(
        "\"dnsPolicy\":\"None\",\"dnsConfig\":{\"nameservers\":[\"1.1.1.1\"],\"searches\":"
        "[\"x\"],\"options\":[{\"name\":\"ndots\",\"value\":\"2\"},{\"name\":\"edns0\"}]}",
        "10.96.0.10", "nameserver 1.1.1.1\nsearch x\noptions ndots:2 edns0\n");
    expect_resolv("\"dnsPolicy\":\"ClusterFirst\",\"dnsConfig\":{\"options\":[{\"name\":\"ndots\","
                  "\"value\":\"1\"}]}",
                  "10.96.0.10",
                  "nameserver 10.96.0.10\n"
                  "search lab.svc.cluster.local svc.cluster.local cluster.local corp.example lan\n"
                  "options ndots:1\n");
}

/* --- Atomic writes --- */

static const char *text_at(struct arena *arena, const char *folder, const char *path)
{
    struct buffer text = {0};
    struct status status;
    status_init(&status);
    const char *full = arena_format(arena, "%s/%s", folder, path);
    const char *copy =
        file_read(full, &text, &status) == 0 ? arena_copy_slice(arena, buffer_slice(&text)) : NULL;
    buffer_release(&text);
    status_release(&status);
    return copy;
}

static const char *link_at(struct arena *arena, const char *folder)
{
    char target[200];
    ssize_t size = readlink(arena_format(arena, "%s/..data", folder), target, sizeof target - 1);
    return arena_format(arena, "%.*s", size > 0 ? (int)size : 0, target);
}

TEST("files change all at once, and not at all when they are the same")
{
    struct arena arena;
    struct status status;
    const char *folder = test_folder();
    struct atomic_file deep = {"d/e/f", SLICE("deep"), 0640, -1, -1, NULL};
    struct atomic_file first = {"a", SLICE("1"), 0644, -1, -1, &deep};
    arena_init(&arena);
    status_init(&status);
    EXPECT_EQ(atomic_write(folder, &first, 1000000, &status), 0);
    EXPECT_TEXT(text_at(&arena, folder, "a"), "1");
    EXPECT_TEXT(text_at(&arena, folder, "d/e/f"), "deep");
    const char *before = link_at(&arena, folder);
    EXPECT_TEXT(before, "..1970_01_01_00_00_01.000000");
    EXPECT_EQ(atomic_write(folder, &first, 2000000, &status), 0);
    EXPECT_TEXT(link_at(&arena, folder), before);
    first.bytes = SLICE("2");
    first.next = NULL;
    EXPECT_EQ(atomic_write(folder, &first, 3000000, &status), 0);
    EXPECT_TEXT(text_at(&arena, folder, "a"), "2");
    EXPECT_TEXT(text_at(&arena, folder, "d/e/f"), NULL);
    EXPECT(access(arena_format(&arena, "%s/d", folder), F_OK) != 0);
    EXPECT(access(arena_format(&arena, "%s/%s", folder, before), F_OK) != 0);
    first.mode = 0400;
    EXPECT_EQ(atomic_write(folder, &first, 3000000, &status), 0); /* The same clock again. */
    struct stat seen;
    EXPECT_EQ(stat(arena_format(&arena, "%s/a", folder), &seen), 0);
    EXPECT_EQ(seen.st_mode & 0777, 0400);
    EXPECT_EQ(atomic_write(folder, NULL, 4000000, &status), 0);
    EXPECT(access(arena_format(&arena, "%s/a", folder), F_OK) != 0);
    status_release(&status);
    arena_release(&arena);
}

TEST("no file is written outside of its folder")
{
    static const char *const bad[] = {"", "/a", "../a", "a/../b", "..a", "a//b", "a/"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        EXPECT(!atomic_path_is_valid(slice_of(bad[i])));
    EXPECT(atomic_path_is_valid(SLICE("a/b..c/d")));
}

TEST("a path is walked inside its root, whatever its links say")
{
    struct arena arena;
    struct status status;
    struct buffer text = {0};
    arena_init(&arena);
    status_init(&status);
    const char *folder = test_folder(), *root = arena_format(&arena, "%s/root", folder);
    EXPECT_EQ(folder_make(arena_format(&arena, "%s/etc", root), 0755, &status), 0);
    EXPECT_EQ(file_write(arena_format(&arena, "%s/secret", folder), 0644, SLICE("no"), &status), 0);
    EXPECT_EQ(file_write(arena_format(&arena, "%s/etc/own", root), 0644, SLICE("yes"), &status), 0);
    EXPECT_EQ(symlink("../../secret", arena_format(&arena, "%s/etc/out", root)), 0);
    EXPECT_EQ(symlink("/etc/own", arena_format(&arena, "%s/abs", root)), 0);
    EXPECT(!host_path_read(root, "etc/out", 100, &text));
    EXPECT(!host_path_read(root, "../secret", 100, &text));
    EXPECT(host_path_read(root, "abs", 2, &text));
    EXPECT_SLICE(buffer_slice(&text), "ye");
    int fd = host_path_open_folder(root, "../../x/y/", 0750);
    EXPECT(fd >= 0);
    close(fd);
    EXPECT_EQ(access(arena_format(&arena, "%s/x/y", root), F_OK), 0);
    buffer_release(&text);
    status_release(&status);
    arena_release(&arena);
}

/* --- Last words --- */

TEST("the end of a log is its text, the last lines only")
{
    struct buffer log = {0}, text = {0};
    last_words_of_log(SLICE("2026-01-01T00:00:00Z stdout F one\n2026-01-01T00:00:00Z stderr P tw\n"
                            "2026-01-01T00:00:00Z stderr F o\nbroken\n"
                            "2026-01-01T00:00:00Z stdout P three"),
                      &text);
    EXPECT_SLICE(buffer_slice(&text), "one\ntwo\nthree");
    buffer_clear(&text);
    for (int i = 0; i < 200; i++)
        buffer_format(&log, "2026-01-01T00:00:00Z stdout F %d\n", i);
    last_words_of_log(buffer_slice(&log), &text);
    EXPECT(slice_starts_with(buffer_slice(&text), SLICE("120\n")));
    EXPECT(slice_ends_with(buffer_slice(&text), SLICE("199\n")));
    buffer_release(&log);
    buffer_release(&text);
}

/* --- Rules --- */

TEST("host ports are one table, whose every state is the whole")
{
    struct network_rules rules;
    struct buffer text = {0};
    const struct port_mapping ports[] = {{80, 8080, 'T', "192.168.0.1"}, {53, 5353, 'U', ""}};
    network_rules_init(&rules, "10.244.1.0/24", "10.244.0.0/16");
    EXPECT(!network_rules_has_ports(&rules));
    network_rules_set_ports(&rules, 0x0af40105, ports, 2);
    network_rules_set_ports(&rules, 0x0af40106, ports + 1, 1);
    network_rules_print(&rules, &text);
    EXPECT(slice_starts_with(buffer_slice(&text),
                             SLICE("table ip coracle-pods\ndelete table ip coracle-pods\n")));
    EXPECT(strstr(text.data, "ip daddr 192.168.0.1 tcp dport 80 dnat to 10.244.1.5:8080;\n"));
    EXPECT(strstr(text.data, "    udp dport 53 dnat to 10.244.1.6:5353;\n"));
    EXPECT(strstr(text.data, "ip saddr 10.244.1.0/24 ip daddr != 10.244.0.0/16 masquerade;\n"));
    buffer_clear(&text);
    network_rules_set_ports(&rules, 0x0af40105, NULL, 0);
    network_rules_print(&rules, &text);
    EXPECT(!strstr(text.data, "10.244.1.5"));
    EXPECT(strstr(text.data, "10.244.1.6"));
    buffer_release(&text);
    network_rules_release(&rules);
}

/* --- Security --- */

static const char *security(const char *pod_context, const char *own, const char *image_user,
                            struct container_config *config, struct pod *pod)
{
    struct buffer text = {0};
    *config = (struct container_config){0};
    buffer_format(
        &text,
        "{\"metadata\":{\"name\":\"p\",\"namespace\":\"d\",\"uid\":\"u\"},\"spec\":"
        "{\"securityContext\":%s,\"containers\":[{\"name\":\"c\",\"securityContext\":%s}]}}",
        pod_context, own);
    read_pod(pod, text.data);
    buffer_release(&text);
    return container_security_fill(pod->json, json_item(json_at(pod->json, "spec.containers"), 0),
                                   image_user, "/profiles", &pod->arena, config, &pod->status)
               ? pod->status.message
               : NULL;
}

TEST("a container's security context stands above its pod's, and non-root must be seen")
{
    struct container_config config;
    struct pod pod;
    EXPECT_TEXT(
        security("{\"runAsUser\":1,\"runAsGroup\":2,\"fsGroup\":3,\"supplementalGroups\":[4]}",
                 "{\"runAsUser\":9,\"privileged\":true}", "", &config, &pod),
        NULL);
    EXPECT_EQ(config.uid, 9);
    EXPECT_EQ(config.gid, 2);
    EXPECT_EQ(config.group_count, 2);
    EXPECT(config.is_privileged && config.may_gain_privileges && config.seccomp == NULL);
    end(&pod);
    EXPECT_TEXT(
        security("{\"seccompProfile\":{\"type\":\"RuntimeDefault\"}}",
                 "{\"seccompProfile\":{\"type\":\"Localhost\",\"localhostProfile\":\"x.json\"},"
                 "\"allowPrivilegeEscalation\":false}",
                 "", &config, &pod),
        NULL);
    EXPECT_TEXT(config.seccomp, "/profiles/x.json");
    EXPECT(!config.may_gain_privileges);
    end(&pod);
    EXPECT_TEXT(security("{\"runAsNonRoot\":true}", "{}", "", &config, &pod),
                "container has runAsNonRoot and image will run as root (pod: \"p_d(u)\", "
                "container: c)");
    end(&pod);
    EXPECT_TEXT(
        security("{\"runAsNonRoot\":true}", "{}", "me:you", &config, &pod),
        "container has runAsNonRoot and image has non-numeric user (me), cannot verify user "
        "is non-root (pod: \"p_d(u)\", container: c)");
    end(&pod);
    EXPECT_TEXT(security("{\"runAsNonRoot\":true}", "{}", "77:you", &config, &pod), NULL);
    end(&pod);
    EXPECT_TEXT(security("{\"runAsNonRoot\":true}", "{\"runAsNonRoot\":false}", "", &config, &pod),
                NULL);
    end(&pod);
}

/* --- Registries --- */

TEST("where registries are, and whose credentials are theirs")
{
    static const char *const secrets[] = {
        "{\"auths\":{\"https://index.docker.io/v1/\":{\"username\":\"a\",\"password\":\"b\"},"
        "\"reg.example\":{\"auth\":\"eDp5\"},\"reg.example/team\":{\"username\":\"t\",\"password\":"
        "\"s\"}}}",
        "{\"old.example\":{\"auth\":\"bzpw\"}}", NULL};
    struct arena arena;
    struct status status;
    struct registries registries;
    struct registry_endpoint endpoints[ENDPOINTS_MAX];
    arena_init(&arena);
    status_init(&status);
    EXPECT_EQ(registries_init(&registries, NULL, &status), 0);
    EXPECT_EQ(registries_endpoints(&registries, &arena, "docker.io", endpoints), 1);
    EXPECT_TEXT(endpoints[0].address, "registry-1.docker.io:443");
    EXPECT(!endpoints[0].is_plain);
    EXPECT_EQ(registries_endpoints(&registries, &arena, "localhost:5000", endpoints), 1);
    EXPECT_TEXT(endpoints[0].address, "localhost:5000");
    EXPECT(endpoints[0].is_plain);
    EXPECT_TEXT(registries_credentials(&registries, &arena, "docker.io", "x/y", secrets), "a:b");
    EXPECT_TEXT(registries_credentials(&registries, &arena, "reg.example", "x", secrets), "x:y");
    EXPECT_TEXT(registries_credentials(&registries, &arena, "reg.example", "team/x", secrets),
                "t:s");
    EXPECT_TEXT(registries_credentials(&registries, &arena, "reg.example", "teams/x", secrets),
                "x:y");
    EXPECT_TEXT(registries_credentials(&registries, &arena, "old.example", "x", secrets), "o:p");
    EXPECT_TEXT(registries_credentials(&registries, &arena, "other", "x", secrets), NULL);
    registries_release(&registries);
    status_release(&status);
    arena_release(&arena);
}
