#include "core/client/kubeconfig.h"

#include <stdlib.h>

#include "core/file.h"
#include "tests/harness/test.h"

struct fixture {
    const char *folder;
    struct arena arena;
    struct status status;
    struct kubeconfig config;
};

static const char *write_file(struct fixture *fixture, const char *name, const char *text)
{
    const char *path = arena_format(&fixture->arena, "%s/%s", fixture->folder, name);
    EXPECT_EQ(file_write(path, 0600, slice_of(text), &fixture->status), 0);
    return path;
}

static void start(struct fixture *fixture)
{
    *fixture = (struct fixture){.folder = test_folder()};
    arena_init(&fixture->arena);
    status_init(&fixture->status);
    unsetenv("KUBECONFIG");
}

static void stop(struct fixture *fixture)
{
    status_release(&fixture->status);
    arena_release(&fixture->arena);
}

static void read_good(struct fixture *fixture, const char *path)
{
    if (kubeconfig_read(&fixture->arena, path, NULL, &fixture->config, &fixture->status))
        test_fail(__FILE__, __LINE__, "%s", fixture->status.message);
}

#define HEAD "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts:\n" \
             "- {name: c, context: {cluster: k, user: u, namespace: lab}}\n"

TEST("a kubeconfig says where and who, by data and by files beside it")
{
    struct fixture fixture;
    start(&fixture);
    write_file(&fixture, "key.pem", "the key");
    const char *path = write_file(
        &fixture, "config",
        HEAD
        "clusters:\n- name: k\n  cluster: {server: 'https://box:7443', "
        "certificate-authority-data: Y2E=, tls-server-name: kubernetes}\n"
        "users:\n- name: u\n  user: {client-certificate-data: Y2VydA==, client-key: key.pem}\n");
    read_good(&fixture, path);
    EXPECT_TEXT(fixture.config.address, "box:7443");
    EXPECT_TEXT(fixture.config.host, "kubernetes");
    EXPECT_TEXT(fixture.config.namespace, "lab");
    EXPECT_SLICE(fixture.config.ca_pem, "ca");
    EXPECT_SLICE(fixture.config.certificate_pem, "cert");
    EXPECT_SLICE(fixture.config.key_pem, "the key");
    EXPECT(fixture.config.token == NULL);
    stop(&fixture);
}

TEST("several files of KUBECONFIG are one: the first that says something wins")
{
    struct fixture fixture;
    start(&fixture);
    const char *first =
        write_file(&fixture, "first", HEAD "users:\n- {name: u, user: {token: one}}\n");
    const char *second = write_file(&fixture, "second",
                                    "current-context: other\n"
                                    "clusters:\n- {name: k, cluster: {server: 'http://box'}}\n"
                                    "users:\n- {name: u, user: {token: two}}\n");
    setenv("KUBECONFIG", arena_format(&fixture.arena, "%s:/nowhere:%s", first, second), 1);
    read_good(&fixture, NULL);
    EXPECT_TEXT(fixture.config.address, "box:80");
    EXPECT(fixture.config.is_plain);
    EXPECT_TEXT(fixture.config.token, "one");
    stop(&fixture);
}

static void expect_refused(const char *text, const char *why)
{
    struct fixture fixture;
    start(&fixture);
    const char *path = write_file(&fixture, "config", text);
    EXPECT_EQ(kubeconfig_read(&fixture.arena, path, NULL, &fixture.config, &fixture.status), -1);
    EXPECT_TEXT(fixture.status.message, why);
    stop(&fixture);
}

TEST("what a kubeconfig lacks is said, and so is what is not supported")
{
    expect_refused("{}", "the kubeconfig has no context");
    expect_refused(HEAD, "the kubeconfig has no server for the cluster \"k\"");
    expect_refused(HEAD "clusters:\n- {name: k, cluster: {server: 'box:80'}}\n",
                   "a server is https://HOST:PORT or http://HOST:PORT, not \"box:80\"");
    expect_refused(HEAD "clusters:\n- {name: k, cluster: {server: 'https://b'}}\n"
                        "users:\n- {name: u, user: {exec: {command: x}}}\n",
                   "the kubeconfig's user \"u\" proves itself by \"exec\", which is not supported: "
                   "a certificate or a token is");
}

TEST("a server has a host, perhaps a port, and no path")
{
    struct fixture fixture;
    start(&fixture);
    static const char *const good[][2] = {
        {"https://box", "box:443"},
        {"https://[::1]", "[::1]:443"},
        {"https://[::1]:6443/", "[::1]:6443"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        EXPECT_EQ(
            kubeconfig_read_server(&fixture.arena, good[i][0], &fixture.config, &fixture.status),
            0);
        EXPECT_TEXT(fixture.config.address, good[i][1]);
    }
    EXPECT_EQ(kubeconfig_read_server(&fixture.arena, "https://box/path", &fixture.config,
                                     &fixture.status),
              -1);
    stop(&fixture);
}
